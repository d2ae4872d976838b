"""The purchase orders of the past year with their receipts; the newest are still to come in."""

from __future__ import annotations

from exact_sandbox.documents import goods as goods_rules
from exact_sandbox.documents import purchase_orders, stock
from exact_sandbox.documents.context import active
from exact_sandbox.world.history import SPAN_DAYS, History
from exact_sandbox.world.kit import Row

OPEN, PARTIAL, COMPLETE, CANCELLED = 10, 20, 30, 40


def generate_purchasing(history: History, orders: int) -> None:
    """Make purchase orders and receipts, oldest first."""
    suppliers = [row for row in history.relations.suppliers if not row["Blocked"] and active(row, history.kit.today)]
    if not suppliers:
        return
    for number in range(orders):
        age = SPAN_DAYS - number * SPAN_DAYS // orders
        _purchase_order(history, suppliers[number % len(suppliers)], number, age, status_of(number, orders))


def status_of(number: int, orders: int) -> int:
    """Return the status of one of so many orders: the newest are open, those before them partly received."""
    newest = max(2, orders * 15 // 100)
    partial = newest + max(1, orders * 10 // 100)
    if number % 31 == 3 and number < orders - partial:
        return CANCELLED
    return OPEN if number >= orders - newest else PARTIAL if number >= orders - partial else COMPLETE


def _lines(history: History, supplier: Row, number: int) -> list[Row]:
    links = history.division.table("SupplierItem").lookup("Supplier", supplier["ID"]) or []
    items = history.division.table("Items")
    chosen: list[Row] = []
    for step in range(min(12, len(links))):
        link = links[(number * 5 + step * 7) % len(links)]
        item = items.get(link["Item"]) or {}
        usable = item.get("IsPurchaseItem") and active(item, history.kit.today) and link["PurchasePrice"]
        if usable and len(chosen) < 1 + number % 5:
            chosen.append({"Item": item["ID"], "QuantityInPurchaseUnits": float((5, 10, 2, 40)[(number + step) % 4])})
    return chosen


def _purchase_order(history: History, supplier: Row, number: int, age: int, status: int) -> None:
    kit = history.kit
    lines = _lines(history, supplier, number)
    if not lines:
        return
    values: Row = {"Supplier": supplier["ID"], "OrderDate": kit.day(-age), "PurchaseOrderLines": lines}
    if number % 2:
        values["YourRef"] = f"OFF {number}/b"
    if status in (OPEN, PARTIAL):
        values["ReceiptDate"] = kit.day((3, 10, 25, -2)[number % 4])
    header, rows = purchase_orders.build(history.context, values, 70001 + number, generated=True)
    for place, row in enumerate(rows):
        received = row["Quantity"] if status == COMPLETE or (status == PARTIAL and place == 0) else 0.0
        if status == PARTIAL and place == 0 and len(rows) == 1:
            received = float(int(row["Quantity"] / 2))
        row |= {"ReceivedQuantity": received, "InvoicedQuantity": received if status == COMPLETE else 0.0}
    header |= {"OrderStatus": status, "ReceiptStatus": status, "Source": 1,
               "InvoiceStatus": COMPLETE if status == COMPLETE else OPEN}  # fmt: skip
    moment = history.moment(age)
    header |= history.approval(number, moment, open_=status == OPEN)
    header = history.store("PurchaseOrders", header, moment)
    stored = [history.store("PurchaseOrderLines", row, moment) for row in rows]
    if status in (OPEN, PARTIAL):
        for row in stored:
            history.plan(stock.RECEIPT, row, header, header.get("Warehouse"))
    if any(row["ReceivedQuantity"] for row in stored):
        _receipt(history, header, [row for row in stored if row["ReceivedQuantity"]], number, max(age - 7, 0))
    if status == COMPLETE:
        history.books.buy(header, stored, kit.day(-max(age - 9, 0)), paid=age > 60 and number % 4 != 1)


def _receipt(history: History, order: Row, lines: list[Row], number: int, age: int) -> None:
    values: Row = {"ReceiptDate": history.kit.day(-age), "GoodsReceiptLines": lines, "YourRef": f"PAKBON {number}"}
    moment = history.moment(age)
    row = goods_rules.receipt_header(history.context, values, order, 50001 + number)
    header = history.store("GoodsReceipts", row, moment)
    for place, line in enumerate(lines, 1):
        given = {"QuantityReceived": line["ReceivedQuantity"]}
        line_row = goods_rules.receipt_line(history.context, given, header, line, order, place)
        history.store("GoodsReceiptLines", line_row, moment)
