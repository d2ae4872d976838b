"""Small builders for the tests of the order mapping: an order, settings, references, and the plan made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from exact_connector.catalog.codes import by_code
from exact_connector.errors import Fault, InvalidInput
from exact_connector.fields import Row
from exact_connector.orders.mapping.context import DEFAULT_CONSTANTS, Constants
from exact_connector.orders.mapping.document import plan_document
from exact_connector.orders.mapping.plan import Body, DocumentPlan
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.reading import read_order
from exact_connector.orders.model.references import (
    DeliveredLine,
    KnownAddress,
    KnownContact,
    KnownPriceList,
    OrderCustomer,
    OrderItem,
    ResolvedReferences,
)
from exact_connector.settings.model import Settings
from exact_connector.settings.validate import validate

TODAY = date(2025, 6, 10)
CUSTOMER = "00000000-0000-0000-0000-0000000000c1"
HEAD_OFFICE = "00000000-0000-0000-0000-0000000000c2"
LINES = {
    "order": "SalesOrderLines",
    "quotation": "QuotationLines",
    "invoice": "SalesInvoiceLines",
    "return": "PlannedSalesReturnLines",
}


def guid(number: int) -> str:
    """Return a GUID that shows its number."""
    return f"00000000-0000-0000-0000-{number:012d}"


def settings_of(**values: Any) -> Settings:
    """Return validated settings; fails when one of them is refused."""
    validated = validate(values)
    assert validated.settings is not None, validated.problems
    return validated.settings


def line(**values: Any) -> dict[str, Any]:
    """Return a posted line."""
    return {"item_code": "A", "quantity": "1", "unit_price": "10", **values}


def order(kind: str = "order", *, lines: Sequence[Mapping[str, Any]] | None = None, **values: Any) -> CanonicalOrder:
    """Return a posted order of one line, as read."""
    order_type = {"kind": kind, **values.pop("order_type", {})}
    body = {"customer_id": CUSTOMER, "order_type": order_type, "lines": [line()] if lines is None else list(lines)}
    return read_order({**body, **values})


def item(code: str = "A", number: int = 1, **values: Any) -> OrderItem:
    """Return an item: 21 % VAT on top of its prices, sold by the piece."""
    given: dict[str, Any] = {"description": f"Item {code}", "unit": "pc", "vat_percentage": Decimal(21), **values}
    return OrderItem(guid(number), code, **given)


ITEMS = {code: item(code, number) for number, code in enumerate(("A", "B", "C", "7", "9", "10", "100"), 1)}


def row(number: int, code: str, **values: Any) -> Row:
    """Return a row of a list of codes, padded as Exact may give it."""
    return {"ID": guid(number), "Code": f"{code}  ", **values}


WAREHOUSES = by_code([row(301, "1", Main=0), row(302, "2", Main=1), row(303, "3", Main=0), row(309, "9", Main=0)])
SHIPPING = by_code([row(401, "DHL", Active=True), row(402, "PICKUP", Active=1), row(403, "OLD", Active=False)])
YESTERDAY, TOMORROW = "2025-06-09T00:00:00", "2025-06-11T00:00:00"
CENTERS = by_code([row(501, "SALES"), row(502, "NORTH", EndDate=TOMORROW), row(503, "GONE", EndDate=YESTERDAY)])
UNITS = by_code([row(601, "FAIR25"), row(602, "U7"), row(603, "GONE", EndDate=YESTERDAY)])
LEDGER = by_code([row(701, "8010", IsBlocked=False), row(702, "8020", IsBlocked=True)])
JOURNALS = by_code(
    [
        row(801, "60", Type=22, IsBlocked=False),
        row(802, "70", Type=20, IsBlocked=False),
        row(803, "50", Type=20, IsBlocked=True),
        row(804, "71", Type=20, IsBlocked=False),
    ]
)
PRICE_LISTS = {
    "DEALER": KnownPriceList("DEALER", "EUR", guid(901)),
    "EXPORT": KnownPriceList("EXPORT", "USD", guid(902)),
    "DEALER-USD": KnownPriceList("DEALER-USD", "USD", None),
}
CUSTOMER_CARD = OrderCustomer(CUSTOMER, "25", vat_liable=True, country="NL", price_list_code=None)


def address(number: int, **values: Any) -> KnownAddress:
    """Return a delivery address: Dorpsstraat 12 A in Utrecht."""
    given: dict[str, Any] = {
        "kind": 4,
        "is_main": False,
        "lines": ("Dorpsstraat 12 A", None, None),
        "postcode": "3511 AB",
        "city": "Utrecht",
        "country": "NL",
        **values,
    }
    return KnownAddress(guid(number), **given)


def contact(number: int, name: str, email: str | None = None) -> KnownContact:
    """Return a contact of the customer."""
    return KnownContact(guid(number), name, email)


def delivered(number: int, quantity: int, day: int, *, item_number: int = 1, **values: Any) -> DeliveredLine:
    """Return a delivered line of a day in May 2025."""
    given: dict[str, Any] = {"line_number": 1, "order_number": "501", **values}
    return DeliveredLine(guid(number), guid(item_number), Decimal(quantity), date(2025, 5, day), **given)


REFERENCES = ResolvedReferences(
    customer=CUSTOMER_CARD,
    items=ITEMS,
    addresses=(),
    invoice_addresses=(),
    contacts=(),
    warehouses=WAREHOUSES,
    shipping_methods=SHIPPING,
    cost_centers=CENTERS,
    cost_units=UNITS,
    gl_accounts=LEDGER,
    journals=JOURNALS,
    price_lists=PRICE_LISTS,
    delivered_lines=(delivered(1001, 100, 1),),
    stock={},
)


def references(**values: Any) -> ResolvedReferences:
    """Return references that hold everything; ``customer`` takes changed fields of the customer."""
    card = replace(CUSTOMER_CARD, **values.pop("customer", {}))
    return replace(REFERENCES, customer=card, **values)


def plan(
    posted: CanonicalOrder,
    settings: Settings | None = None,
    known: ResolvedReferences = REFERENCES,
    today: date = TODAY,
    constants: Constants = DEFAULT_CONSTANTS,
) -> DocumentPlan:
    """Plan an order."""
    return plan_document(posted, settings or Settings(), known, today, constants)


def header_of(posted: CanonicalOrder, known: ResolvedReferences = REFERENCES, **settings: Any) -> Body:
    """Return the header that an order gets under some settings."""
    body = dict(plan(posted, settings_of(**settings), known).body)
    body.pop(LINES[posted.kind])
    return body


def lines_of(posted: CanonicalOrder, known: ResolvedReferences = REFERENCES, **settings: Any) -> list[Body]:
    """Return the lines that an order gets under some settings."""
    found: list[Body] = plan(posted, settings_of(**settings), known).body[LINES[posted.kind]]
    return found


def codes_of(posted: CanonicalOrder, known: ResolvedReferences = REFERENCES, **settings: Any) -> list[str]:
    """Return the codes of the warnings that an order gets."""
    return [warning.code for warning in plan(posted, settings_of(**settings), known).warnings]


def faults_of(posted: CanonicalOrder, known: ResolvedReferences = REFERENCES, **settings: Any) -> tuple[Fault, ...]:
    """Return the faults for which an order is refused; fails when it is not."""
    try:
        plan(posted, settings_of(**settings), known)
    except InvalidInput as refused:
        return refused.faults
    raise AssertionError("the order was not refused")


def places_of(posted: CanonicalOrder, known: ResolvedReferences = REFERENCES, **settings: Any) -> list[tuple[str, str]]:
    """Return pointer and code of each fault for which an order is refused."""
    return [(fault.pointer, fault.code) for fault in faults_of(posted, known, **settings)]
