"""Fields of an order that name something and have no effect under the settings or on the kind: each has a warning.

Nothing is looked up for such a field, so a code in it that does not exist is not noticed either; the warning says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from exact_connector.catalog.codes import code_key
from exact_connector.orders.mapping import choices
from exact_connector.orders.mapping.context import MappingContext
from exact_connector.orders.model.kinds import OrderKind

NOT_SENT = "FIELD_NOT_SENT"

_PRICE_LIST_SETTINGS = (
    "UseCurrencyFromPriceList",
    "DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged",
    "SkipDiscountForStafflItems",
)


def warn_unused(context: MappingContext) -> None:
    """Warn of each field of the order that was neither sent nor looked up."""
    for name, reason in _unused(context):
        context.validation.warn(NOT_SENT, f"{name} was neither sent nor checked: {reason}")


def _unused(context: MappingContext) -> Iterator[tuple[str, str]]:
    order, rep = context.order, context.order.sales_rep
    if order.contact_person_id and not context.settings.ContactPersonToBackoffice:
        yield "contact_person_id", "ContactPersonToBackoffice is off"
    if order.original_order_number and context.kind is not OrderKind.RETURN:
        yield "original_order_number", "only a return names the order that it belongs to"
    sales_only = (
        ("delivery_method_code", order.delivery_method_code, None),
        ("currency", order.currency, None),
        ("sales_rep.cost_center", rep.cost_center, "CostCenterCodeForOrdersBySalesRep"),
        ("sales_rep.cost_unit", rep.cost_unit, "CostUnitForOrdersBySalesRep"),
    )
    for name, value, switch in sales_only:
        if value and context.kind is OrderKind.RETURN:
            yield name, "a return has no such property"
        elif value and switch is not None and not getattr(context.settings, switch):
            yield name, f"{switch} is off"
    yield from _warehouse(context)
    yield from _price_lists(context)


def _warehouse(context: MappingContext) -> Iterator[tuple[str, str]]:
    order, chosen = context.order, choices.warehouse(context.order, context.settings)
    named = (
        ("warehouse_code", order.warehouse_code),
        ("sales_rep.warehouse_code", order.sales_rep.warehouse_code),
    )
    for name, code in named:
        if code and chosen is not None and code_key(code) != code_key(chosen.code):
            yield name, f"{chosen.source} goes first"
        elif code and chosen is None:
            yield name, "WarehousePerSalesRep is off"


def _price_lists(context: MappingContext) -> Iterator[tuple[str, str]]:
    if context.kind is not OrderKind.RETURN and any(getattr(context.settings, key) for key in _PRICE_LIST_SETTINGS):
        return
    reason = "no setting uses the price list of an order"
    if context.order.price_list_code:
        yield "price_list_code", reason
    if any(line.price_list_code for line in context.order.lines):
        yield "price_list_code of lines", reason
