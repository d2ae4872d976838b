"""Goods deliveries and receipts, planned returns: what they do to order lines, statuses and stock."""

from __future__ import annotations

from typing import Any

from exact_sandbox.documents import purchase_orders, sales_orders, stock
from exact_sandbox.documents.context import Context, described
from exact_sandbox.documents.parties import contact_fields, document_fields, main_address

Row = dict[str, Any]


def delivery_header(context: Context, values: Row, order: Row, number: int) -> Row:
    """Return the header of a delivery for an order."""
    division = context.division
    account = division.table("Accounts").get(order["DeliverTo"]) or {}
    house = division.table("Warehouses").get(order.get("WarehouseID"))
    method = division.table("ShippingMethods").get(values.get("ShippingMethod") or order.get("ShippingMethod"))
    return {
        "EntryID": values.get("EntryID") or context.guid(), "DeliveryNumber": number, "EntryNumber": number,
        "DeliveryAccount": account.get("ID"), "DeliveryAccountCode": account.get("Code"),
        "DeliveryAccountName": account.get("Name"), "DeliveryAddress": order.get("DeliveryAddress"),
        "DeliveryContact": order.get("DeliverToContactPerson"), "DeliveryDate": values.get("DeliveryDate"),
        "DeliveryContactPersonFullName": order.get("DeliverToContactPersonFullName"),
        **{name: values.get(name) for name in ("Description", "Remarks", "TrackingNumber")},
        **document_fields(context, values.get("Document")),
        **described(house, {"Warehouse": "ID", "WarehouseCode": "Code", "WarehouseDescription": "Description"}),
        **described(method, {"ShippingMethod": "ID", "ShippingMethodCode": "Code",
                             "ShippingMethodDescription": "Description"}),
    }  # fmt: skip


def delivery_line(context: Context, values: Row, header: Row, line: Row, place: int) -> Row:
    """Return a line of a delivery for an order line."""
    return {
        "ID": values.get("ID") or context.guid(), "EntryID": header["EntryID"], "LineNumber": place,
        "DeliveryDate": header["DeliveryDate"], "Item": line["Item"], "ItemCode": line["ItemCode"],
        "ItemDescription": line["ItemDescription"], "Description": values.get("Description") or line.get("Description"),
        "Notes": values.get("Notes") or line.get("Notes"), "QuantityDelivered": values["QuantityDelivered"],
        "QuantityOrdered": line["Quantity"], "SalesOrderLineID": line["ID"], "Unitcode": line.get("UnitCode"),
        "SalesOrderLineNumber": line["LineNumber"], "SalesOrderNumber": line["OrderNumber"],
        "TrackingNumber": values.get("TrackingNumber"), "CustomerItemCode": line.get("CustomerItemCode"),
    }  # fmt: skip


def create_delivery(context: Context, values: Row) -> Row:
    """Deliver order lines of one customer: stock goes down, the lines and their order change status."""
    context.need(values, "DeliveryDate", "GoodsDeliveryLines")
    wanted = values.get("GoodsDeliveryLines") or []
    for each in wanted:
        context.need(each, "SalesOrderLineID", "QuantityDelivered")
    division = context.division
    lines = [context.find("SalesOrderLines", each.get("SalesOrderLineID"), "SalesOrderLineID") for each in wanted]
    context.check()
    sources = [line for line in lines if line is not None]
    orders = [division.table("SalesOrders").get(line["OrderID"]) or {} for line in sources]
    if len({order.get("DeliverTo") for order in orders}) != 1:
        context.problems.refuse("invalid", "SalesOrderLineID", "other_company")
    number = division.next_number("GoodsDeliveries", "GoodsDeliveries", "DeliveryNumber", 40001)
    header = delivery_header(context, values, orders[0], number)
    context.check()
    stored = division.table("GoodsDeliveries").insert(header, stamp=context.user)
    for place, (each, line, order) in enumerate(zip(wanted, sources, orders, strict=True), 1):
        row = delivery_line(context, each, header, line, place)
        division.table("GoodsDeliveryLines").insert(row, stamp=context.user)
        _deliver(context, division.table("SalesOrderLines").get(line["ID"]) or line, order, each["QuantityDelivered"])
    return stored


def _deliver(context: Context, line: Row, order: Row, quantity: float) -> None:
    division = context.division
    delivered = round(line.get("QuantityDelivered", 0.0) + quantity, 6)
    status = sales_orders.COMPLETE if delivered >= line["Quantity"] else sales_orders.PARTIAL
    house = division.table("Warehouses").get(order.get("WarehouseID"))
    item = division.table("Items").get(line["Item"]) or {}
    statuses = sales_orders.status_fields(status, line.get("InvoiceStatus", 12), status, line=True)
    stock.unplan(context, stock.DELIVERY, line)
    row = division.table("SalesOrderLines").update(
        line["ID"], {"QuantityDelivered": delivered, **statuses}, stamp=context.user
    )
    stock.move(context, item, house, stock=-quantity)
    if status != sales_orders.COMPLETE:
        stock.plan(context, stock.DELIVERY, {**line, **row}, order, house)
    sales_orders.retotal(context, line["OrderID"])


def update_delivery(context: Context, header: Row, values: Row) -> None:
    """Change the texts and the tracking number of a delivery."""
    names = ("Remarks", "TrackingNumber", "Document")
    changes = {name: values[name] for name in names if name in values}
    context.division.table("GoodsDeliveries").update(header["EntryID"], changes, stamp=context.user)


def update_delivery_line(context: Context, line: Row, values: Row) -> None:
    """Change notes and tracking number of a delivery line."""
    changes: Row = {name: values[name] for name in ("Notes", "TrackingNumber") if name in values}
    context.division.table("GoodsDeliveryLines").update(line["ID"], changes, stamp=context.user)


def receipt_header(context: Context, values: Row, order: Row, number: int) -> Row:
    """Return the header of a receipt for a purchase order."""
    return {
        "ID": values.get("ID") or context.guid(), "ReceiptNumber": number, "EntryNumber": number,
        "ReceiptDate": values.get("ReceiptDate"), "SupplierContactFullName": order.get("SupplierContactPersonFullName"),
        **{name: order.get(name) for name in ("Supplier", "SupplierCode", "SupplierName", "SupplierContact",
                                              "Warehouse",
                                              "WarehouseCode", "WarehouseDescription")},
        **{name: values.get(name) for name in ("Description", "Remarks", "YourRef")},
        "GoodsReceiptLineCount": len(values.get("GoodsReceiptLines") or []),
    }  # fmt: skip


def receipt_line(context: Context, values: Row, header: Row, line: Row, order: Row, place: int) -> Row:
    """Return a line of a receipt for a purchase order line."""
    item = context.division.table("Items").get(line["Item"]) or {}
    return {
        "ID": values.get("ID") or context.guid(), "GoodsReceiptID": header["ID"], "LineNumber": place,
        "Item": line["Item"], "ItemCode": line["ItemCode"], "ItemDescription": line["ItemDescription"],
        "ItemUnitCode": item.get("Unit"), "Description": values.get("Description") or line.get("Description"),
        "Notes": values.get("Notes"), "PurchaseOrderID": line["PurchaseOrderID"], "PurchaseOrderLineID": line["ID"],
        "PurchaseOrderNumber": order["OrderNumber"], "QuantityOrdered": line["Quantity"],
        "QuantityReceived": values["QuantityReceived"], "Rebill": False,
        "SupplierItemCode": line.get("SupplierItemCode"),
    }  # fmt: skip


def create_receipt(context: Context, values: Row) -> Row:
    """Receive purchase order lines of one supplier: stock goes up, the lines and their order change status."""
    context.need(values, "ReceiptDate", "GoodsReceiptLines")
    wanted = values.get("GoodsReceiptLines") or []
    for each in wanted:
        context.need(each, "PurchaseOrderLineID", "QuantityReceived")
    division = context.division
    lines = [
        context.find("PurchaseOrderLines", each.get("PurchaseOrderLineID"), "PurchaseOrderLineID") for each in wanted
    ]
    context.check()
    sources = [line for line in lines if line is not None]
    orders = [division.table("PurchaseOrders").get(line["PurchaseOrderID"]) or {} for line in sources]
    if len({order.get("Supplier") for order in orders}) != 1:
        context.problems.refuse("invalid", "PurchaseOrderLineID", "other_company")
    number = division.next_number("GoodsReceipts", "GoodsReceipts", "ReceiptNumber", 50001)
    header = receipt_header(context, values, orders[0], number)
    stored = division.table("GoodsReceipts").insert(header, stamp=context.user)
    for place, (each, line, order) in enumerate(zip(wanted, sources, orders, strict=True), 1):
        row = receipt_line(context, each, header, line, order, place)
        division.table("GoodsReceiptLines").insert(row, stamp=context.user)
        _receive(context, division.table("PurchaseOrderLines").get(line["ID"]) or line, order, each["QuantityReceived"])
    return stored


def _receive(context: Context, line: Row, order: Row, quantity: float) -> None:
    division = context.division
    house = division.table("Warehouses").get(order.get("Warehouse"))
    item = division.table("Items").get(line["Item"]) or {}
    received = round(line.get("ReceivedQuantity", 0.0) + quantity, 6)
    stock.unplan(context, stock.RECEIPT, line)
    division.table("PurchaseOrderLines").update(line["ID"], {"ReceivedQuantity": received}, stamp=context.user)
    stock.move(context, item, house, stock=quantity)
    if received < line["Quantity"]:
        stock.plan(context, stock.RECEIPT, {**line, "ReceivedQuantity": received}, order, house)
    purchase_orders.retotal(context, line["PurchaseOrderID"])


def update_receipt(context: Context, header: Row, values: Row) -> None:
    """Change the remarks of a receipt."""
    changes: Row = {name: values[name] for name in ("Remarks", "Document") if name in values}
    context.division.table("GoodsReceipts").update(header["ID"], changes, stamp=context.user)


def delete_receipt(context: Context, header: Row) -> None:
    """Take a receipt back, as a person in Exact does: stock and order lines are as before it."""
    division = context.division
    table = division.table("GoodsReceiptLines")
    for line in list(table.lookup("GoodsReceiptID", header["ID"]) or []):
        source = division.table("PurchaseOrderLines").get(line.get("PurchaseOrderLineID"))
        order = division.table("PurchaseOrders").get(line.get("PurchaseOrderID"))
        table.delete(line["ID"])
        if source is not None and order is not None:
            _receive(context, source, order, -line["QuantityReceived"])
    division.table("GoodsReceipts").delete(header["ID"])


def create_return(context: Context, values: Row) -> Row:
    """Plan a return of delivered goods: warehouse and delivery line are needed, no more than was delivered."""
    context.need(values, "DeliveredTo", "Warehouse", "PlannedSalesReturnLines")
    account = context.account(values.get("DeliveredTo"), "DeliveredTo")
    house = context.find("Warehouses", values.get("Warehouse"), "Warehouse")
    lines = values.get("PlannedSalesReturnLines") or []
    for each in lines:
        context.need(each, "Item", "GoodDeliveryLineID", "CreateCredit", "PlannedReturnQuantity", "ReceivedQuantity")
    context.check()
    assert account is not None
    assert house is not None
    address = context.owned("Addresses", values.get("DeliveryAddress"), "DeliveryAddress", account["ID"])
    address = address or main_address(context, account, (4, 1))
    header: Row = {
        "PlannedSalesReturnID": values.get("PlannedSalesReturnID") or context.guid(), "Status": 20, "Source": 2,
        "DeliveredTo": account["ID"], "DeliveredToName": account["Name"],
        "ReturnDate": values.get("ReturnDate") or context.today,
        "Description": values.get("Description"), "Remarks": values.get("Remarks"),
        "DeliveryAddress": address["ID"] if address else None, "Warehouse": house["ID"], "WarehouseCode": house["Code"],
        "WarehouseDescription": house["Description"],
        **contact_fields(context, account, values.get("DeliveredToContactPerson"), "DeliveredToContactPerson",
                         default=True),
    }  # fmt: skip
    rows = [_return_line(context, each, header, place) for place, each in enumerate(lines, 1)]
    context.check()
    division = context.division
    header["ReturnNumber"] = division.next_number("Returns", "PlannedSalesReturns", "ReturnNumber", 60001)
    stored = division.table("PlannedSalesReturns").insert(header, stamp=context.user)
    for row in rows:
        division.table("PlannedSalesReturnLines").insert(row, stamp=context.user)
    return stored


def _return_line(context: Context, values: Row, header: Row, place: int) -> Row:
    division = context.division
    item = context.find("Items", values["Item"], "Item") or {}
    delivered = context.find("GoodsDeliveryLines", values["GoodDeliveryLineID"], "GoodDeliveryLineID") or {}
    delivery = division.table("GoodsDeliveries").get(delivered.get("EntryID")) or {}
    if delivered and (delivered["Item"] != item.get("ID") or delivery.get("DeliveryAccount") != header["DeliveredTo"]):
        context.problems.add("invalid", "GoodDeliveryLineID", "other_company")
    if values["CreateCredit"] not in (0, 1):
        context.problems.add("invalid", "CreateCredit")
    if not 0 < values["PlannedReturnQuantity"] <= delivered.get("QuantityDelivered", 0.0):
        context.problems.add("invalid", "PlannedReturnQuantity")
    links = division.table("ItemWarehouses").lookup("Item", values["Item"]) or []
    if item.get("IsStockItem") and not any(link["Warehouse"] == header["Warehouse"] for link in links):
        context.problems.add("invalid", "Warehouse")
    return {
        "ID": values.get("ID") or context.guid(), "PlannedSalesReturnID": header["PlannedSalesReturnID"],
        "LineNumber": place, "Item": values["Item"], "ItemCode": item.get("Code"),
        "ItemDescription": item.get("Description"), "GoodDeliveryLineID": values["GoodDeliveryLineID"],
        "CreateCredit": values["CreateCredit"], "PlannedReturnQuantity": values["PlannedReturnQuantity"],
        "ReceivedQuantity": values["ReceivedQuantity"], "Notes": values.get("Notes"), "UnitCode": item.get("Unit"),
        "UnitDescription": item.get("UnitDescription"), "SalesOrderLineID": delivered.get("SalesOrderLineID"),
        "SalesOrderNumber": delivered.get("SalesOrderNumber"),
    }  # fmt: skip


def delete_return(context: Context, header: Row) -> None:
    """Remove an open planned return with its lines."""
    table = context.division.table("PlannedSalesReturnLines")
    for line in list(table.lookup("PlannedSalesReturnID", header["PlannedSalesReturnID"]) or []):
        table.delete(line["ID"])
    context.division.table("PlannedSalesReturns").delete(header["PlannedSalesReturnID"])


def complete_order(context: Context, values: Row) -> Row:
    """Close a sales order: what is not delivered or invoiced will not be."""
    context.need(values, "OrderID")
    header = context.find("SalesOrders", values.get("OrderID"), "OrderID")
    context.check()
    assert header is not None
    division = context.division
    full = sales_orders.COMPLETE
    for line in list(division.table("SalesOrderLines").lookup("OrderID", header["OrderID"]) or []):
        stock.unplan(context, stock.DELIVERY, line)
        statuses = sales_orders.status_fields(full, full, full, line=True)
        division.table("SalesOrderLines").update(line["ID"], statuses, stamp=context.user)
    sales_orders.retotal(context, header["OrderID"])
    return {"OrderID": header["OrderID"], "CompleteDelivery": True, "CompleteInvoice": True, "SuccessMessage": "OK"}


def print_order(context: Context, values: Row) -> Row:
    """Answer the request to print an order: the order must exist, no document is made."""
    context.need(values, "OrderId")
    header = context.find("SalesOrders", values.get("OrderId"), "OrderID")
    context.check()
    assert header is not None
    return {"OrderId": header["OrderID"], "DocumentCreationSuccess": "OK", "Division": context.division.code}
