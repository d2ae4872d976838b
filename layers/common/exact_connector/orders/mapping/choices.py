"""Which code counts where several places may name one: warehouse, shipping method, cost centre, cost unit, G/L account.

The first place that names a code decides; a wrong code there is an error and never passes on to the next place.
"""

from __future__ import annotations

from dataclasses import dataclass

from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.settings.model import Settings

SALES = frozenset({OrderKind.ORDER, OrderKind.QUOTATION, OrderKind.INVOICE})
"""The kinds with a shipping method, a currency, prices and cost codes: all but returns."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A code, what named it (a field of the order or a setting), and the JSON pointer of the field."""

    code: str
    source: str
    pointer: str = ""


def warehouse(order: CanonicalOrder, settings: Settings) -> Choice | None:
    """Choose the warehouse: order type, rep, `WarehouseForOrder`, the order's own."""
    return _first(
        Choice(
            _if(order.order_type.value_to_backoffice, on=settings.WarehouseFromOrderType),
            "order_type.value_to_backoffice (WarehouseFromOrderType)",
            "/order_type/value_to_backoffice",
        ),
        Choice(
            _if(order.sales_rep.warehouse_code, on=settings.WarehousePerSalesRep),
            "sales_rep.warehouse_code (WarehousePerSalesRep)",
            "/sales_rep/warehouse_code",
        ),
        Choice(settings.WarehouseForOrder, "the setting WarehouseForOrder"),
        Choice(order.warehouse_code or "", "warehouse_code", "/warehouse_code"),
    )


def shipping_method(order: CanonicalOrder, settings: Settings) -> Choice | None:
    """Choose the shipping method: the order's own, else `ShippingMethodCode`; returns have none."""
    if order.kind not in SALES:
        return None
    return _first(
        Choice(order.delivery_method_code or "", "delivery_method_code", "/delivery_method_code"),
        Choice(settings.ShippingMethodCode, "the setting ShippingMethodCode"),
    )


def cost_center(order: CanonicalOrder, settings: Settings) -> Choice | None:
    """Choose the cost centre of the lines: the rep's, else the fixed one."""
    return _cost(
        order,
        Choice(
            _if(order.sales_rep.cost_center, on=settings.CostCenterCodeForOrdersBySalesRep),
            "sales_rep.cost_center (CostCenterCodeForOrdersBySalesRep)",
            "/sales_rep/cost_center",
        ),
        Choice(settings.CostCenterCodeForOrders, "the setting CostCenterCodeForOrders"),
    )


def cost_unit(order: CanonicalOrder, settings: Settings) -> Choice | None:
    """Choose the cost unit of the lines: the rep's, else the fixed one."""
    return _cost(
        order,
        Choice(
            _if(order.sales_rep.cost_unit, on=settings.CostUnitForOrdersBySalesRep),
            "sales_rep.cost_unit (CostUnitForOrdersBySalesRep)",
            "/sales_rep/cost_unit",
        ),
        Choice(settings.CostUnitForOrders, "the setting CostUnitForOrders"),
    )


def gl_account(order: CanonicalOrder, settings: Settings) -> Choice | None:
    """Choose the revenue account of invoice lines; other kinds have none."""
    if order.kind is not OrderKind.INVOICE:
        return None
    return _first(Choice(settings.GLAccountCodeForOrders, "the setting GLAccountCodeForOrders"))


def _cost(order: CanonicalOrder, *choices: Choice) -> Choice | None:
    return _first(*choices) if order.kind in SALES else None


def _first(*choices: Choice) -> Choice | None:
    return next((choice for choice in choices if choice.code), None)


def _if(code: str | None, *, on: bool) -> str:
    return (code or "") if on else ""
