"""Settings of the order history of a customer."""

from __future__ import annotations

from exact_connector.settings import constraints as form
from exact_connector.settings.entry import HISTORY, Area, Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "OrderHistoryBackoffice",
        Area.HISTORY,
        "History from Exact",
        "Shows the sales orders that Exact has, by whomever they were entered. Otherwise only orders posted here.",
        HISTORY,
        calls=("salesorder/SalesOrders", "salesorder/SalesOrderLines"),
    ),
    Entry(
        "OrderSelectTop",
        Area.HISTORY,
        "Number of orders",
        "How many of the newest orders of a customer are shown; 0 shows all. Counted before back orders are picked.",
        HISTORY,
        form.COUNT,
    ),
    Entry(
        "ShowOnlyBackOrderLines",
        Area.HISTORY,
        "Back orders only",
        "Shows only lines of which something is still to be delivered. The totals stay those of the whole order.",
        HISTORY,
    ),
    Entry(
        "ShowNextDeliveryDateOnBackOrderLines",
        Area.HISTORY,
        "Next delivery date on back orders",
        "Adds the item's next delivery date to lines still to be delivered.",
        HISTORY,
    ),
    Entry(
        "ExcludeVatFromHistoryTotals",
        Area.HISTORY,
        "Totals without VAT",
        "Shows totals of orders, lines and invoices without VAT. Open amounts stay as they are.",
        HISTORY,
    ),
)
