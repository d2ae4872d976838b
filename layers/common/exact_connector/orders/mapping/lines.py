"""The lines of sales orders, quotations and invoices: items, quantities, texts, prices, dates and cost codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.fields import Row
from exact_connector.orders.mapping import choices
from exact_connector.orders.mapping.context import MappingContext, PlacedLine
from exact_connector.orders.mapping.dates import HeaderDates, explicit_line_date
from exact_connector.orders.mapping.invoice import is_open_account
from exact_connector.orders.mapping.plan import Body
from exact_connector.orders.mapping.prices import (
    CENTS,
    LineAmounts,
    PriceMode,
    contradicts_net,
    is_tier,
    line_amounts,
    price_fields,
    price_mode,
)
from exact_connector.orders.mapping.stock_dates import stock_dates
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND
from exact_connector.orders.mapping.vat_prices import converts_vat
from exact_connector.orders.model.canonical import OrderLine
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.references import OrderItem


def placed_lines(context: MappingContext) -> list[PlacedLine]:
    """Return the lines with their items in the order in which they are sent; an unknown item is a fault."""
    found: list[PlacedLine] = []
    for place, line in enumerate(context.order.lines):
        item = context.references.items.get(code_key(line.item_code))
        if item is None:
            message = f"item {line.item_code!r} is not delivered to clients or does not exist; check the code"
            context.validation.fault(f"/lines/{place}/item_code", message, code=REFERENCE_NOT_FOUND)
        else:
            found.append(PlacedLine(place, line, item))
    return _sorted(context, found) if context.settings.SortOrderLinesByItemCodeNumeric else found


def _sorted(context: MappingContext, lines: list[PlacedLine]) -> list[PlacedLine]:
    codes = [line.item_code for line in context.order.lines]
    if not all(code.isascii() and code.isdigit() for code in codes):
        context.validation.warn("SORT_SKIPPED", "the lines were not sorted: not every item code is a number")
        return lines
    return sorted(lines, key=lambda placed: int(placed.line.item_code))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all lines of a document have in common."""

    fields: Body
    by_stock: Mapping[int, date | None]


def sales_lines(context: MappingContext, lines: Sequence[PlacedLine], dates: HeaderDates) -> list[Body]:
    """Return the lines of an order, quotation or invoice, in the sequence given."""
    shared = _Shared(_shared_fields(context), _dates_from_stock(context, lines, dates))
    return [_line(context, placed, shared) for placed in lines]


def _line(context: MappingContext, placed: PlacedLine, shared: _Shared) -> Body:
    line, item = placed.line, placed.item
    body: Body = {"Item": item.item_id, "Quantity": line.quantity}
    description = line.description or item.description
    if context.settings.SetItemDescriptionWhenSendingOrder and description:
        body["Description"] = description
    body |= _prices(context, placed)
    body |= _date_and_notes(context, placed, shared)
    return body | shared.fields


def _shared_fields(context: MappingContext) -> Body:
    body: Body = {}
    references, settings = context.references, context.settings
    center = choices.cost_center(context.order, settings)
    unit = choices.cost_unit(context.order, settings)
    account = choices.gl_account(context.order, settings)
    found = {
        "CostCenter": center and _cost_code(context, center, references.cost_centers, "cost centre"),
        "CostUnit": unit and _cost_code(context, unit, references.cost_units, "cost unit"),
        "GLAccount": account and context.row_id(account, references.gl_accounts, "ledger account", is_open_account),
    }
    body |= {name: value for name, value in found.items() if value}
    return body


def _cost_code(
    context: MappingContext, choice: choices.Choice, rows: Mapping[str, Row] | None, what: str
) -> str | None:
    def runs(row: Row) -> bool:
        end = fields.day(row, "EndDate")
        return end is None or end >= context.today

    row = context.row(choice, rows, what, runs)
    return None if row is None else fields.text(row, "Code")


def _dates_from_stock(
    context: MappingContext, lines: Sequence[PlacedLine], dates: HeaderDates
) -> Mapping[int, date | None]:
    if not checks_stock(context, dates):
        return {}
    positions = context.known(context.references.stock, "stock levels")
    return {} if positions is None else stock_dates(lines, positions, dates.requested)


def checks_stock(context: MappingContext, dates: HeaderDates) -> bool:
    """Return whether lines get their delivery date from live stock."""
    wanted = context.settings.CheckStockAndSetDeliveryDateOnOrderLine
    return wanted and context.kind is OrderKind.ORDER and dates.automatic


def _date_and_notes(context: MappingContext, placed: PlacedLine, shared: _Shared) -> Body:
    body: Body = {}
    notes = placed.line.instruction or ""
    if context.kind is OrderKind.ORDER:
        own = explicit_line_date(placed.line, context.settings)
        notes = "" if own.from_instruction else notes
        day = own.delivery_date or _from_stock(context, placed, shared, has_own=own.delivery_date is not None)
        if day is not None:
            body["DeliveryDate"] = day.isoformat()
    elif placed.line.delivery_date is not None:
        message = f"the lines of a {context.kind} have no delivery date; those of the order were not sent"
        context.validation.warn("LINE_DATE_NOT_SENT", message)
    if context.settings.StorePackageSizeInInstructionLine:
        notes = "\n".join(part for part in (notes, package_text(placed.line, placed.item)) if part)
    if notes:
        body["Notes"] = notes
    return body


def _from_stock(context: MappingContext, placed: PlacedLine, shared: _Shared, *, has_own: bool) -> date | None:
    if has_own or placed.place not in shared.by_stock:
        return None
    day = shared.by_stock[placed.place]
    if day is None:
        message = f"no expected stock of {placed.item.code} covers line {placed.place + 1}; it has no delivery date"
        context.validation.warn("NO_EXPECTED_STOCK", message)
    return day


def package_text(line: OrderLine, item: OrderItem) -> str:
    """Return the note on the package size: the line's, else the item's; empty for one piece or none known."""
    size = line.package_size if line.package_size is not None else item.package_size
    return f"Package size: {fields.plain(size)}" if size is not None and size > 0 and size != 1 else ""


def price_list_code(context: MappingContext, line: OrderLine) -> tuple[str | None, str]:
    """Return the code of a line's price list (the line's, the order's, the customer's) and the pointer of the field."""
    if line.price_list_code:
        return line.price_list_code, "/price_list_code"
    if context.order.price_list_code:
        return context.order.price_list_code, ""
    return context.customer.price_list_code, ""


def _prices(context: MappingContext, placed: PlacedLine) -> Body:
    line, item, settings = placed.line, placed.item, context.settings
    code, _ = price_list_code(context, line)
    tier = is_tier(line, item, code)
    amounts = line_amounts(line, skip_discount=settings.SkipDiscountForStafflItems and tier)
    list_id = _price_list_id(context, placed) if wants_price_lists_on_lines(context) else None
    mode = price_mode(line, amounts, settings, context.kind, tier=tier, has_list=list_id is not None)
    _check(context, placed, amounts, mode)
    if converts_vat(settings) and item.vat_percentage is None and mode in _PRICED:
        message = f"the VAT code of item {item.code} is unknown, so its price was sent as it came; set one in Exact"
        context.validation.warn("VAT_CODE_UNKNOWN", message)
    return price_fields(mode, amounts, item, settings, liable=context.customer.vat_liable, price_list_id=list_id)


_PRICED = (PriceMode.ORIGINAL_AND_NET, PriceMode.UNIT_AND_DISCOUNT, PriceMode.NET)


def wants_price_lists_on_lines(context: MappingContext) -> bool:
    """Return whether unchanged lines name their price list."""
    wanted = context.settings.DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged
    return wanted and context.kind in (OrderKind.ORDER, OrderKind.INVOICE)


def _price_list_id(context: MappingContext, placed: PlacedLine) -> str | None:
    lists = context.known(context.references.price_lists, "price lists")
    code, field = price_list_code(context, placed.line)
    if lists is None or code is None:
        return None
    found = lists.get(code_key(code))
    if found is None and (field or context.order.price_list_code):
        pointer = placed.pointer + field if field else "/price_list_code"
        message = f"price list {code!r} is not delivered to clients or does not exist; correct the code or leave it out"
        context.validation.fault(pointer, message, code=REFERENCE_NOT_FOUND)
    return None if found is None else found.list_id


def _check(context: MappingContext, placed: PlacedLine, amounts: LineAmounts, mode: PriceMode) -> None:
    """Note what a price mode needs or leaves out."""
    line, settings = placed.line, context.settings
    if mode is PriceMode.PRICE_LIST:
        return
    changed = line.original_price is not None and line.unit_price != line.original_price
    if settings.UseDiscountWithoutPriceOnOrder:
        if changed or contradicts_net(line) or amounts.discount is None:
            message = (
                f"line {placed.place + 1} has a price of its own, which is not sent (UseDiscountWithoutPriceOnOrder)"
            )
            context.validation.warn("PRICE_OVERRIDE_NOT_SENT", message)
        return
    if settings.SetOriginalPriceOnUnitPrice or not settings.SetUnitPrice:
        return
    if line.unit_price is None:
        message = "SetUnitPrice sends the unit price of every line, and this one has none; give it"
        context.validation.fault(f"{placed.pointer}/unit_price", message)
    elif mode is PriceMode.UNIT_AND_DISCOUNT and _disagrees(line, amounts):
        message = "is not the unit price less the discount, which are what SetUnitPrice sends; correct one of the three"
        context.validation.fault(f"{placed.pointer}/net_price", message)


def _disagrees(line: OrderLine, amounts: LineAmounts) -> bool:
    """Return whether a discount of the client contradicts the net price; a discount that was skipped does not."""
    return line.discount_percentage is not None and amounts.net == line.net_price and contradicts_net(line)


def document_total(
    context: MappingContext, lines: Sequence[PlacedLine], *, net_in_cents: bool = False
) -> Decimal | None:
    """Return what the lines come to by the client's prices, after the header discount; None if a price is missing.

    In the VAT basis of the items, not rounded; ``net_in_cents`` counts with net prices that are.
    """
    total = Decimal(0)
    for placed in lines:
        code, _ = price_list_code(context, placed.line)
        skip = context.settings.SkipDiscountForStafflItems and is_tier(placed.line, placed.item, code)
        net = line_amounts(placed.line, skip_discount=skip).net
        if net is None:
            return None
        total += (fields.round_half_up(net, CENTS) if net_in_cents else net) * placed.line.quantity
    return total * (1 - (context.order.discount_percentage or Decimal(0)) / 100)
