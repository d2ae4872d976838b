"""Settings of stock and expected receipts."""

from __future__ import annotations

from exact_connector.settings import constraints as form
from exact_connector.settings.entry import ITEMS, ORDERS, Area, Entry, Reference

_PLANNING = ("inventory/ItemWarehousePlanningDetails",)

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "WarehouseForStock",
        Area.STOCK,
        "Warehouses that count for stock",
        "Adds up stock and receipts over these warehouses only; empty means all of them. A code that Exact does not "
        "know stops the stock run, the items go on. Does not decide where an order is booked.",
        ITEMS | ORDERS,
        form.CODES,
        Reference.WAREHOUSES,
        ("inventory/Warehouses",),
    ),
    Entry(
        "UseCurrentQuantityAsLastAvailableStock",
        Area.STOCK,
        "Physical stock as available stock",
        "Shows what lies on the shelf as available stock. Otherwise what is still to be delivered is taken off first.",
        ITEMS,
    ),
    Entry(
        "SyncNextDeliveryDate",
        Area.STOCK,
        "Next delivery date",
        "Delivers the first day from today on which stock of the item is expected.",
        ITEMS,
        calls=_PLANNING,
    ),
    Entry(
        "GetDeliveryDatesOffline",
        Area.STOCK,
        "All delivery dates",
        "Delivers every expected receipt, added up per day, as a list and as text in the free field DeliveryDates.",
        ITEMS,
        calls=_PLANNING,
    ),
    Entry(
        "CheckStockAndSetDeliveryDateOnOrderLine",
        Area.STOCK,
        "Line delivery date from stock",
        "Asks Exact for stock and receipts before a sales order is posted, and gives each line the first day on which "
        "it can be delivered. A date chosen for the line stays.",
        ORDERS,
        calls=(*_PLANNING, "inventory/ItemWarehouses"),
    ),
)
