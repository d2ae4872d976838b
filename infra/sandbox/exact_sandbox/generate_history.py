"""The documents of the past year: sales orders, deliveries, invoices, quotations, purchase orders, receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from exact_sandbox.documents import sales_orders, stock
from exact_sandbox.documents.context import Context
from exact_sandbox.generate_accounts import Relations
from exact_sandbox.generate_base import Base
from exact_sandbox.generate_items import Goods
from exact_sandbox.generate_kit import Kit, Row
from exact_sandbox.generate_stock import Planned
from exact_sandbox.store import Division


@dataclass
class History:
    """One company whose goods and relations are stored, about to get its documents."""

    division: Division
    kit: Kit
    base: Base
    goods: Goods
    relations: Relations
    planned: Planned = field(default_factory=dict)
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        self.context = Context(self.division, self.division.world.first_user(), guids=self.kit.guid)

    def plan(self, kind: int, line: Row, header: Row, warehouse_id: str | None) -> None:
        """Keep what an open line will still move."""
        quantity = stock.outstanding(line, kind)
        house = next((row for row in self.base.warehouses if row["ID"] == warehouse_id), None)
        if house is None or not quantity:
            return
        figures = self.planned.setdefault((line["Item"], house["ID"]), [0.0, 0.0])
        figures[0 if kind == stock.RECEIPT else 1] += abs(quantity) if quantity * (kind - 125) > 0 else -abs(quantity)
        row = stock.planning_row(self.kit.guid(), self.division.code, kind, line, header, header["OrderNumber"], house)
        self.base.put("ItemWarehousePlanningDetails", [row])


def generate_history(history: History, orders: int) -> None:
    """Make the documents of a company, oldest first."""
    if not history.goods.sellable or not history.relations.orderable:
        return
    for number in range(orders):
        _sales_order(history, number, orders)


def _sales_order(history: History, number: int, orders: int) -> None:
    kit, draw = history.kit, history.kit.random
    age = 400 - number * 400 // orders
    moment = kit.day(-age) + timedelta(minutes=480 + draw.randrange(540))
    if moment > history.context.moment:
        moment = history.context.moment
    account = kit.pick(history.relations.orderable)
    values: Row = {
        "OrderedBy": account["ID"], "OrderDate": kit.day(-age),
        "SalesOrderLines": [_wanted(history) for _ in range(1 + draw.randrange(6))],
    }  # fmt: skip
    if number % 3:
        values["YourRef"] = f"PO-{number:05d}" if number % 4 else "Mondeling; J. de Vries"
    if number % 2:
        values["Description"] = ("Voorjaarsorder", "Beurs Utrecht – stand 12", "Nabestelling")[number % 3]
    if age < 30 and number % 2:
        values["DeliveryDate"] = kit.day(7 - age)
    header, lines = sales_orders.build(history.context, values, 10001 + number)
    stamps = kit.audit_at(moment)
    header |= stamps
    for line in lines:
        line |= stamps
    history.base.put("SalesOrders", [{k: v for k, v in header.items() if v is not None}])
    history.base.put("SalesOrderLines", [{k: v for k, v in line.items() if v is not None} for line in lines])


def _wanted(history: History) -> Row:
    goods, draw = history.goods, history.kit.random
    item = goods.rows[goods.sellable[draw.randrange(len(goods.sellable))]]
    return {"Item": item["ID"], "Quantity": float(draw.choice((1, 2, 5, 6, 10, 12, 24, 100)))}
