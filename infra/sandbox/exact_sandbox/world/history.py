"""The documents of the past year: sales orders with what was delivered and invoiced, quotations, returns, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exact_sandbox.documents import goods as goods_rules
from exact_sandbox.documents import quotations, sales_invoices, sales_orders, stock
from exact_sandbox.documents.context import Context
from exact_sandbox.documents.files_written import attachment_address, view_address
from exact_sandbox.documents.parties import approval_fields
from exact_sandbox.world.accounts import Relations
from exact_sandbox.world.base import Base
from exact_sandbox.world.items import Goods
from exact_sandbox.world.kit import Kit, Row
from exact_sandbox.world.ledger import Books
from exact_sandbox.world.stock import Planned
from exact_sandbox.world.store import Division

SPAN_DAYS = 400
OPEN, PARTIAL, COMPLETE, CANCELLED = 12, 20, 21, 45


@dataclass
class History:
    """One company whose goods and relations are stored, about to get its documents."""

    division: Division
    kit: Kit
    base: Base
    goods: Goods
    relations: Relations
    books: Books
    planned: Planned = field(default_factory=dict)
    context: Context = field(init=False)
    number: int = 0
    invoices: int = 0

    def __post_init__(self) -> None:
        self.context = Context(self.division, self.division.world.first_user(), guids=self.kit.guid)
        self.context.moment = self.kit.today

    def moment(self, age: int) -> datetime:
        """Return a moment in office hours so many days ago, never later than the company's first second."""
        minutes = 480 + self.kit.random.randrange(540)
        return min(self.kit.day(-age) + timedelta(minutes=minutes), self.kit.today)

    def store(self, table: str, row: Row, moment: datetime) -> Row:
        """Keep a row as made at that moment."""
        row = {name: value for name, value in {**row, **self.kit.audit_at(moment)}.items() if value is not None}
        self.base.put(table, [row])
        return row

    def approval(self, number: int, moment: datetime, *, open_: bool) -> Row:
        """Return the approval of an order: mostly automatic, now and then by a person, of some open ones awaited."""
        context = Context(self.division, self.context.user)
        context.moment = moment
        return {"Approved": None, **approval_fields(context, 0 if open_ and number % 5 == 3 else 2 if number % 9 == 8
                                                    else 1)}  # fmt: skip

    def plan(self, kind: int, line: Row, header: Row, warehouse_id: str | None) -> None:
        """Keep what an open line will still move."""
        quantity = stock.outstanding(line, kind)
        house = next((row for row in self.base.warehouses if row["ID"] == warehouse_id), None)
        item = self.division.table("Items").get(line["Item"]) or {}
        if house is None or not quantity or not item.get("IsStockItem"):
            return
        figures = self.planned.setdefault((line["Item"], house["ID"]), [0.0, 0.0])
        figures[0 if kind == stock.RECEIPT else 1] += quantity if kind == stock.RECEIPT else -quantity
        row = stock.planning_row(self.kit.guid(), self.division.code, kind, line, header, header["OrderNumber"], house)
        self.base.put("ItemWarehousePlanningDetails", [row])


def generate_history(history: History, orders: int) -> None:
    """Make the documents of a company, oldest first."""
    if not history.goods.sellable or not history.relations.orderable:
        return
    for number in range(orders):
        age = SPAN_DAYS - number * SPAN_DAYS // orders
        _sales_order(history, number, age, newest=number >= orders * 0.92, recent=number >= orders * 0.85)
        if number % 10 == 4:
            _quotation(history, number, age)
    _returns(history)
    _documents(history)
    _extras(history)


def _wanted(history: History) -> Row:
    goods, draw = history.goods, history.kit.random
    item = goods.rows[goods.sellable[draw.randrange(len(goods.sellable))]]
    return {"Item": item["ID"], "Quantity": float(draw.choice((1, 2, 5, 6, 10, 12, 24, 100)))}


def _sales_order(history: History, number: int, age: int, *, newest: bool, recent: bool) -> None:
    kit = history.kit
    moment, account = history.moment(age), kit.pick(history.relations.orderable)
    values: Row = {"OrderedBy": account["ID"], "OrderDate": kit.day(-age),
                   "SalesOrderLines": [_wanted(history) for _ in range(1 + kit.random.randrange(6))]}  # fmt: skip
    _texts(history, values, number, age)
    header, lines = sales_orders.build(history.context, values, 10001 + number)
    status = CANCELLED if number % 29 == 7 else OPEN if newest else PARTIAL if recent else COMPLETE
    for place, line in enumerate(lines):
        delivered = {COMPLETE: line["Quantity"], OPEN: 0.0, CANCELLED: 0.0}.get(status)
        if delivered is None:
            delivered = float(int(line["Quantity"] * (0, 0.5, 1)[(number + place) % 3]))
        if line["Quantity"] < 0:
            delivered = line["Quantity"] if status == COMPLETE else 0.0
        of_line = status if status != PARTIAL else _line_status(delivered, line["Quantity"])
        invoiced = of_line if of_line in (CANCELLED, COMPLETE) else OPEN
        line |= {"QuantityDelivered": delivered, "QuantityInvoiced": delivered if invoiced == COMPLETE else 0.0,
                 **sales_orders.status_fields(of_line, invoiced, of_line, line=True)}  # fmt: skip
    header |= sales_orders.header_status(lines) | history.approval(number, moment, open_=status == OPEN)
    header = history.store("SalesOrders", header, moment)
    stored = [history.store("SalesOrderLines", line, moment) for line in lines]
    if status in (OPEN, PARTIAL):
        for line in stored:
            history.plan(stock.DELIVERY, line, header, header.get("WarehouseID"))
    shipped = [line for line in stored if line["QuantityDelivered"]]
    if shipped:
        _delivery(history, header, shipped, min(age, 2 + number % 3), age)
        _invoice(history, header, shipped, number, age)


def _line_status(delivered: float, quantity: float) -> int:
    return OPEN if not delivered else COMPLETE if delivered >= quantity else PARTIAL


def _texts(history: History, values: Row, number: int, age: int) -> None:
    if number % 3:
        values["YourRef"] = f"PO-{number:05d}" if number % 4 else "Mondeling; J. de Vries"
    if number % 2:
        values["Description"] = ("Voorjaarsorder", "Beurs Utrecht – stand 12", "Nabestelling")[number % 3]
    if number % 5 == 2:
        values["Remarks"] = "Graag vóór 12:00 uur leveren.\r\nBellen: 06-12345678"
    if age < 30 and number % 2:
        values["DeliveryDate"] = history.kit.day(7 - age)
    if number % 12 == 5:
        values["SalesChannel"] = history.base.channels[number % 3]["ID"]
    if number % 17 == 3:
        values["Discount"] = 0.025
    if number % 23 == 6:
        values["Currency"] = "USD"
    lines: list[Row] = values["SalesOrderLines"]
    if number % 19 == 5:
        lines[0]["Quantity"] = -2.0
    if number % 7 == 2:
        lines[0] |= {"Notes": "Instructie: per 2 verpakken", "Discount": 0.1}
    if number % 9 == 4:
        lines[0] |= {"CostCenter": "NOORD", "CostUnit": "BEURS"}


def _delivery(history: History, order: Row, lines: list[Row], later: int, age: int) -> None:
    values = {"DeliveryDate": history.kit.day(later - age), "Description": f"Levering order {order['OrderNumber']}"}
    history.number += 1
    row = goods_rules.delivery_header(history.context, values, order, 40000 + history.number)
    if history.number % 4:
        row["TrackingNumber"] = f"3SABCD{history.number:09d}"
    moment = history.moment(max(age - later, 0))
    header = history.store("GoodsDeliveries", row, moment)
    for place, line in enumerate(lines, 1):
        given = {"QuantityDelivered": line["QuantityDelivered"]}
        history.store(
            "GoodsDeliveryLines", goods_rules.delivery_line(history.context, given, header, line, place), moment
        )


def _invoice(history: History, order: Row, lines: list[Row], number: int, age: int) -> None:
    billed = [line for line in lines if line["QuantityInvoiced"]]
    if not billed:
        return
    day = max(age - 4, 0)
    values: Row = {
        "OrderedBy": order["OrderedBy"], "DeliverTo": order["DeliverTo"], "InvoiceTo": order["InvoiceTo"],
        "Journal": "70", "Currency": order["Currency"], "OrderDate": history.kit.day(-day),
        "YourRef": order.get("YourRef"), "Description": order.get("Description"), "Discount": order["Discount"],
        "SalesInvoiceLines": [
            {"Item": line["Item"], "Quantity": line["QuantityInvoiced"], "UnitPrice": line["UnitPrice"],
             "NetPrice": line["NetPrice"], "VATCode": line.get("VATCode"), "SalesOrder": order["OrderID"],
             "SalesOrderLine": line["ID"], "SalesOrderLineNumber": line["LineNumber"],
             "SalesOrderNumber": order["OrderNumber"]} for line in billed],
    }  # fmt: skip
    if number % 16 == 9 and history.division.edition != "basic":
        values["Type"] = sales_invoices.DIRECT
    _bill(history, values, number, day)
    if number % 20 == 11:
        back = {**values["SalesInvoiceLines"][0], "Quantity": 1.0}
        _bill(history, {**values, "Type": sales_invoices.CREDIT, "SalesInvoiceLines": [back]}, number, day)


def _bill(history: History, values: Row, number: int, day: int) -> None:
    history.invoices += 1
    header, rows = sales_invoices.build(history.context, values, history.invoices)
    unpaid = day < 45 or number % 15 == 0
    if day > 5 and not (day < 70 and number % 3 == 0):
        header |= {"Status": sales_invoices.PROCESSED, "StatusDescription": "Verwerkt",
                   "InvoiceNumber": 26700000 + history.invoices,
                   **sales_invoices.starter_fields(history.context, 1 if unpaid else 3)}  # fmt: skip
    moment = history.moment(day)
    header = history.store("SalesInvoices", header, moment)
    stored = [history.store("SalesInvoiceLines", row, moment) for row in rows]
    if header["Status"] == sales_invoices.PROCESSED:
        share = 0.0 if not unpaid else 0.5 if number % 4 == 0 else 1.0
        history.books.sell(header, stored, moment, open_share=share)


def _quotation(history: History, number: int, age: int) -> None:
    kit = history.kit
    values: Row = {"OrderAccount": kit.pick(history.relations.orderable)["ID"], "QuotationDate": kit.day(-age),
                   "Description": "Offerte najaar", "DueDate": kit.day(30 - age),
                   "QuotationLines": [_wanted(history) for _ in range(2)]}  # fmt: skip
    header, lines = quotations.build(history.context, values, 501 + number // 10)
    if age > 60:
        header |= {"Status": 50, "StatusDescription": "Geaccepteerd", "CloseDate": kit.day(40 - age)}
    moment = history.moment(age)
    history.store("Quotations", header, moment)
    for line in lines:
        history.store("QuotationLines", line, moment)


def _returns(history: History) -> None:
    tables = history.base.tables
    deliveries = {row["EntryID"]: row for row in tables.get("GoodsDeliveries", [])}
    for number, line in enumerate(tables.get("GoodsDeliveryLines", [])[5:200:60]):
        delivery = deliveries[line["EntryID"]]
        key = history.kit.guid()
        if line["QuantityDelivered"] <= 0 or "Warehouse" not in delivery:
            continue
        moment = history.moment(20)
        history.store("PlannedSalesReturns", {
            "PlannedSalesReturnID": key, "ReturnNumber": 60001 + number, "Status": 20, "Source": 1,
            "DeliveredTo": delivery["DeliveryAccount"], "DeliveredToName": delivery["DeliveryAccountName"],
            "DeliveryAddress": delivery.get("DeliveryAddress"), "Warehouse": delivery["Warehouse"],
            "WarehouseCode": delivery["WarehouseCode"], "WarehouseDescription": delivery["WarehouseDescription"],
            "ReturnDate": history.kit.day(-20), "Description": "Breuk"}, moment)  # fmt: skip
        history.store("PlannedSalesReturnLines", {
            "ID": history.kit.guid(), "PlannedSalesReturnID": key, "LineNumber": 1, "Item": line["Item"],
            "ItemCode": line["ItemCode"], "ItemDescription": line["ItemDescription"], "CreateCredit": number % 2,
            "GoodDeliveryLineID": line["ID"], "PlannedReturnQuantity": 1.0, "ReceivedQuantity": 0.0,
            "SalesOrderLineID": line["SalesOrderLineID"], "SalesOrderNumber": line["SalesOrderNumber"]},
            moment)  # fmt: skip


def _documents(history: History) -> None:
    division, kit = history.division.code, history.kit
    for number in range(min(60, len(history.relations.customers))):
        account, key = history.relations.customers[number], kit.guid()
        about_item = number % 3 == 0
        kind, text = (59, "Productinformatie") if about_item else (140, "Brief")
        row: Row = {"ID": key, "HID": 1001 + number, "Subject": f"{text} {number} – prijs € 2,50", "Type": kind,
                    "TypeDescription": text, "DocumentDate": kit.day(-number), "HasEmptyBody": number % 2 == 0,
                    "InheritShare": False, "DocumentViewUrl": view_address(division, key)}  # fmt: skip
        if about_item:
            item = history.goods.rows[number % len(history.goods.rows)]
            row |= {"Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"]}
        else:
            row |= {"Account": account["ID"], "AccountCode": account["Code"], "AccountName": account["Name"]}
        moment = history.moment(60 - number)
        history.store("Documents", row, moment)
        for place in range(number % 3):
            name = f"{'productblad' if about_item else 'brief'}_{number}.{('pdf', 'png')[place]}"
            attached = kit.guid()
            history.store("DocumentAttachments", {
                "ID": attached, "Document": key, "FileName": name, "FileSize": 1024.0,
                "Url": attachment_address(division, attached)}, moment)  # fmt: skip


def _extras(history: History) -> None:
    kit, sellable = history.kit, history.goods.sellable
    for number, account in enumerate(history.relations.orderable[:25]):
        item = history.goods.rows[sellable[number * 3 % len(sellable)]]
        history.store("CustomerItems", {
            "ID": kit.guid(), "Account": account["ID"], "AccountCode": account["Code"], "AccountName": account["Name"],
            "Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"],
            "CustomerItemCode": f"EIGEN-{number:03d}"}, history.moment(90))  # fmt: skip
    for item in history.goods.rows[:400]:
        number_fields: Row = {"ID": kit.guid(), "Item": item["ID"], "ItemCode": item["Code"],
                              "ItemDescription": item["Description"]}  # fmt: skip
        if item.get("IsSerialItem"):
            history.store("SerialNumbers", {**number_fields, "SerialNumber": f"SN{item['Code']}"}, history.moment(30))
        elif item.get("IsBatchItem"):
            history.store("BatchNumbers", {**number_fields, "BatchNumber": f"B{item['Code']}"}, history.moment(30))
