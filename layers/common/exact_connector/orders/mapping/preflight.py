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
from exact_connector.orders.mapping.context import DEFAULT_CONSTANTS, Constants, MappingContext, PlacedLine
from exact_connector.orders.mapping.document import draft, start
from exact_connector.orders.mapping.lines import document_total, placed_lines
from exact_connector.orders.mapping.validation import Validation, nearest_multiples
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
        Validation(list(self.faults)).raise_faults()


def check_order(
    order: CanonicalOrder,
    settings: Settings,
    references: ResolvedReferences,
    today: date,
    constants: Constants = DEFAULT_CONSTANTS,
) -> Preflight:
    """Check an order against what is stored; what is not in ``references`` (None) is not judged.

    Customer and items have to be looked up. Everything that would stop the mapping is found here too, as far as it is
    known. Total: never raises for an order that was read.
    """
    context = start(order, settings, references, today, constants, lenient=True)
    assert not isinstance(context, Validation), "a lenient mapping begins in any case"
    if references.customer is not None:
        _check_customer(context)
    lines = placed_lines(context)
    for placed in sorted(lines, key=lambda placed: placed.place):
        _check_item(context, placed)
        _check_quantity(context, placed)
    if len(lines) == len(order.lines):
        _check_total(context, lines)
    draft(context, lines)
    return Preflight(tuple(context.validation.faults), tuple(context.validation.warnings))


def _check_customer(context: MappingContext) -> None:
    order, customer = context.order, context.customer
    by_id = order.customer_id is not None
    if customer.is_blocked and context.kind is not OrderKind.RETURN:
        message = "the customer is blocked in Exact; lift the block there, then send the order again"
        context.validation.fault("/customer_id" if by_id else "/customer_code", message, code=CUSTOMER_BLOCKED)
    if by_id and order.customer_code and not _same_customer(order.customer_code, customer.code, context.settings):
        message = "customer_id and customer_code name different customers; send one of them"
        context.validation.fault("/customer_code", message)


def _same_customer(given: str, known: str | None, settings: Settings) -> bool:
    one, other = ({reading.casefold() for reading in readings(code, settings)} for code in (given, known or ""))
    return bool(one & other)


def _check_item(context: MappingContext, placed: PlacedLine) -> None:
    if context.kind is OrderKind.RETURN:
        # What was delivered may come back, whatever became of the item since.
        return
    item, pointer = placed.item, f"{placed.pointer}/item_code"
    if not item.is_active(context.today):
        message = f"item {item.code} is not active today ({_window(placed)}); change its dates in Exact or take another"
        if item.is_delivered:
            context.validation.fault(pointer, message, code=ITEM_NOT_ACTIVE)
        else:
            context.validation.warn(ITEM_NOT_ACTIVE, f"line {placed.place + 1}: {message}")
    if not item.is_sales_item:
        message = f"item {item.code} is not for sale, so Exact may refuse it; tick Sales at the item in Exact"
        context.validation.warn(ITEM_NOT_SOLD, f"line {placed.place + 1}: {message}")
    unit = placed.line.unit_code
    if unit and item.unit and unit.casefold() != item.unit.strip().casefold():
        message = f"quantities of item {item.code} are in {item.unit}, not in {unit}; convert quantity and prices"
        context.validation.fault(f"{placed.pointer}/unit_code", message, code=UNIT_INVALID)


def _window(placed: PlacedLine) -> str:
    start, end = placed.item.start_date, placed.item.end_date
    return f"{start.isoformat() if start else 'always'} to {end.isoformat() if end else 'open'}"


def _check_quantity(context: MappingContext, placed: PlacedLine) -> None:
    quantity, item, pointer = placed.line.quantity, placed.item, f"{placed.pointer}/quantity"
    if quantity == 0:
        context.validation.fault(pointer, "is zero; give a quantity or leave the line out", code=QUANTITY_INVALID)
        return
    if quantity < 0 and context.kind not in NEGATIVE_KINDS:
        message = f"is negative, which a {context.kind} does not take; give a quantity above zero"
        context.validation.fault(pointer, message, code=QUANTITY_INVALID)
    if item.fractions_allowed is False and quantity != quantity.to_integral_value():
        message = f"item {item.code} is only sold in whole units; round the quantity or allow fractions in Exact"
        context.validation.fault(pointer, message, code=QUANTITY_INVALID)
    size = item.package_size
    if context.kind is not OrderKind.RETURN and size is not None and size > 0 and quantity % size != 0:
        message = (
            f"line {placed.place + 1}: quantity {fields.plain(quantity)} of {item.code} is not a multiple of package "
            f"size {fields.plain(size)}; {nearest_multiples(quantity, size)} would be"
        )
        context.validation.warn(PACKAGE_SIZE, message)


def _check_total(context: MappingContext, lines: Sequence[PlacedLine]) -> None:
    """Compare with the client's own total: net prices may be in cents, and so may each line and the sum."""
    claimed = context.order.total
    if claimed is None or context.kind is OrderKind.RETURN:
        return
    exact, in_cents = document_total(context, lines), document_total(context, lines, net_in_cents=True)
    if exact is None or in_cents is None:
        return
    allowed = HALF_CENT * (len(lines) + 2)
    if min(abs(exact - claimed), abs(in_cents - claimed)) > allowed:
        message = (
            f"the lines come to {fields.plain(fields.round_half_up(exact, 2))} and the order says "
            f"{fields.plain(claimed)}; check prices, discounts and quantities"
        )
        context.validation.fault("/total", message, code=TOTAL_MISMATCH)
