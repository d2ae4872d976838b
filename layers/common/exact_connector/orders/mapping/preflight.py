"""What can be known to be wrong with an order before Exact is called: checked against the stored catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.projection import Warning
from exact_connector.customers.codes import readings
from exact_connector.errors import Fault
from exact_connector.orders.mapping.context import DEFAULT_CONSTANTS, Constants, PlacedLine, Work
from exact_connector.orders.mapping.document import draft, start
from exact_connector.orders.mapping.lines import document_total, placed_lines
from exact_connector.orders.mapping.validation import Findings
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.references import ResolvedReferences
from exact_connector.settings.model import Settings

CUSTOMER_BLOCKED = "CUSTOMER_BLOCKED"
ITEM_NOT_ACTIVE = "ITEM_NOT_ACTIVE"
ITEM_NOT_SOLD = "ITEM_NOT_SOLD"
QUANTITY_INVALID = "QUANTITY_INVALID"
UNIT_INVALID = "UNIT_INVALID"
TOTAL_MISMATCH = "ORDER_TOTAL_MISMATCH"
PACKAGE_SIZE = "PACKAGE_SIZE"

NEGATIVE_KINDS = frozenset({OrderKind.ORDER, OrderKind.INVOICE, OrderKind.RETURN})
"""A negative quantity is a trade-in on an order and a credit on an invoice; on a return the sign does not count."""
HALF_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Preflight:
    """The faults stop an order, the warnings go with its result."""

    faults: tuple[Fault, ...]
    warnings: tuple[Warning, ...]

    def raise_faults(self) -> None:
        """Raise InvalidInput when there are faults."""
        Findings(list(self.faults)).raise_faults()


def check_order(
    order: CanonicalOrder,
    settings: Settings,
    references: ResolvedReferences,
    today: date,
    constants: Constants = DEFAULT_CONSTANTS,
) -> Preflight:
    """Check an order against what is stored; what ``references`` do not hold (None) is not judged.

    Customer and items have to be looked up. Everything that would stop the mapping is found here too, as far as it is
    known. Total: never raises for an order that was read.
    """
    work = start(order, settings, references, today, constants, lenient=True)
    if isinstance(work, Findings):
        return Preflight(tuple(work.faults), tuple(work.warnings))
    _check_customer(work)
    lines = placed_lines(work)
    for placed in sorted(lines, key=lambda placed: placed.place):
        _check_item(work, placed)
        _check_quantity(work, placed)
    if len(lines) == len(order.lines):
        _check_total(work, lines)
    draft(work, lines)
    return Preflight(tuple(work.findings.faults), tuple(work.findings.warnings))


def _check_customer(work: Work) -> None:
    order, customer = work.order, work.customer
    by_id = order.customer_id is not None
    if customer.is_blocked and work.kind is not OrderKind.RETURN:
        message = "the customer is blocked in Exact; lift the block there, then send the order again"
        work.findings.fault("/customer_id" if by_id else "/customer_code", message, code=CUSTOMER_BLOCKED)
    if by_id and order.customer_code and not _same_customer(order.customer_code, customer.code, work.settings):
        message = "customer_id and customer_code name different customers; send one of them"
        work.findings.fault("/customer_code", message)


def _same_customer(given: str, known: str | None, settings: Settings) -> bool:
    one, other = ({reading.casefold() for reading in readings(code, settings)} for code in (given, known or ""))
    return bool(one & other)


def _check_item(work: Work, placed: PlacedLine) -> None:
    if work.kind is OrderKind.RETURN:
        # What was delivered may come back, whatever became of the item since.
        return
    item, pointer = placed.item, f"{placed.pointer}/item_code"
    if not item.is_active(work.today):
        message = f"item {item.code} is not active today ({_window(placed)}); change its dates in Exact or take another"
        work.findings.fault(pointer, message, code=ITEM_NOT_ACTIVE)
    if not item.is_sales_item and not work.settings.IncludeNonSalesItems:
        message = f"item {item.code} is not for sale; tick Sales at the item in Exact or take another"
        work.findings.fault(pointer, message, code=ITEM_NOT_SOLD)
    unit = placed.line.unit_code
    if unit and item.unit and unit.casefold() != item.unit.strip().casefold():
        message = f"quantities of item {item.code} are in {item.unit}, not in {unit}; convert quantity and prices"
        work.findings.fault(f"{placed.pointer}/unit_code", message, code=UNIT_INVALID)


def _window(placed: PlacedLine) -> str:
    start, end = placed.item.start_date, placed.item.end_date
    return f"{start.isoformat() if start else 'always'} to {end.isoformat() if end else 'open'}"


def _check_quantity(work: Work, placed: PlacedLine) -> None:
    quantity, item, pointer = placed.line.quantity, placed.item, f"{placed.pointer}/quantity"
    if quantity == 0:
        work.findings.fault(pointer, "is zero; give a quantity or leave the line out", code=QUANTITY_INVALID)
        return
    if quantity < 0 and work.kind not in NEGATIVE_KINDS:
        message = f"is negative, which a {work.kind} does not take; give a quantity above zero"
        work.findings.fault(pointer, message, code=QUANTITY_INVALID)
    if item.fractions_allowed is False and quantity != quantity.to_integral_value():
        message = f"item {item.code} is only sold in whole units; round the quantity or allow fractions in Exact"
        work.findings.fault(pointer, message, code=QUANTITY_INVALID)
    size = item.package_size
    if work.kind is not OrderKind.RETURN and size is not None and size > 0 and quantity % size != 0:
        message = (
            f"line {placed.place + 1}: {fields.plain(quantity)} x {item.code} is no multiple of its package size "
            f"{fields.plain(size)}"
        )
        work.findings.warn(PACKAGE_SIZE, message)


def _check_total(work: Work, lines: Sequence[PlacedLine]) -> None:
    """Compare with the client's own total: net prices may be in cents, and so may each line and the sum."""
    claimed = work.order.total
    if claimed is None or work.kind is OrderKind.RETURN:
        return
    exact, in_cents = document_total(work, lines), document_total(work, lines, net_in_cents=True)
    if exact is None or in_cents is None:
        return
    allowed = HALF_CENT * (len(lines) + 2)
    if min(abs(exact - claimed), abs(in_cents - claimed)) > allowed:
        message = (
            f"the lines come to {fields.plain(fields.round_half_up(exact, 2))} and the order says "
            f"{fields.plain(claimed)}; check prices, discounts and quantities"
        )
        work.findings.fault("/total", message, code=TOTAL_MISMATCH)
