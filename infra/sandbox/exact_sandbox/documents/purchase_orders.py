"""Purchase orders: quantities in purchase units, the supplier's price and factor, planned receipts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from exact_sandbox.documents import stock
from exact_sandbox.documents.amounts import cents, header_amounts, line_amounts
from exact_sandbox.documents.context import Context, described, exchange_rate
from exact_sandbox.documents.parties import (
    approval_fields,
    code_fields,
    cost_fields,
    currency_code,
    document_fields,
    payment_fields,
    shipping_fields,
    warehouse,
)

Row = dict[str, Any]

OPEN, PARTIAL, COMPLETE, CANCELLED = 10, 20, 30, 40
REST_API = 11


def build(context: Context, values: Row, number: int, *, generated: bool = False) -> tuple[Row, list[Row]]:
    """Return header and lines of a new purchase order, or refuse it.

    The generator makes orders before the links of items to warehouses, which follow from its documents.
    """
    context.need(values, "Supplier", "PurchaseOrderLines")
    context.lengths("PurchaseOrders", values)
    supplier = context.supplier(values.get("Supplier"))
    for each in values.get("PurchaseOrderLines") or []:
        context.need(each, "Item", "QuantityInPurchaseUnits")
    if supplier is None:
        context.check()
        raise AssertionError("a purchase order without a usable supplier is refused above")
    header = _header(context, values, supplier, number)
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    lines = [
        _line(context, each, header, supplier, rate, place)
        for place, each in enumerate(values.get("PurchaseOrderLines") or [], 1)
    ]
    if not generated:
        for line in lines:
            _linked_to_warehouse(context, line, header.get("Warehouse"))
    context.check()
    kept = [line for line in lines if line is not None]
    return total({**header, "ReceiptDate": header.get("ReceiptDate") or _latest(kept)}, kept, rate), kept


def _latest(lines: list[Row]) -> datetime | None:
    return max((line["ReceiptDate"] for line in lines), default=None)


def _header(context: Context, values: Row, supplier: Row, number: int) -> Row:
    house = warehouse(context, values.get("Warehouse"), "Warehouse")
    contact = context.owned("Contacts", values.get("SupplierContact"), "Contact", supplier["ID"])
    currency = supplier.get("PurchaseCurrency") or context.division.currency
    agent = context.user
    header: Row = {
        "PurchaseOrderID": values.get("PurchaseOrderID") or context.guid(), "OrderNumber": number,
        "OrderDate": values.get("OrderDate") or context.today, "ReceiptDate": values.get("ReceiptDate"),
        "Supplier": supplier["ID"], "SupplierCode": supplier["Code"], "SupplierName": supplier["Name"],
        "OrderStatus": OPEN, "ReceiptStatus": OPEN, "InvoiceStatus": OPEN,
        **approval_fields(context), "Source": REST_API, "DropShipment": False,
        "Discount": 0.0, "PurchaseAgent": agent.user_id, "PurchaseAgentFullName": agent.full_name,
        "Currency": currency_code(context, values.get("Currency"), currency),
        **{name: values.get(name) for name in ("Description", "YourRef", "Remarks", "IncotermCode", "IncotermVersion",
                                               "IncotermAddress")},
        **described(contact, {"SupplierContact": "ID", "SupplierContactPersonFullName": "FullName"}),
        **payment_fields(context, values.get("PaymentCondition"), supplier, "Purchase"),
        **shipping_fields(context, values.get("ShippingMethod"), {}),
        **code_fields(context, values, "SelectionCodes", "SelectionCode"),
        **document_fields(context, values.get("Document")),
        **described(house, {"Warehouse": "ID", "WarehouseCode": "Code", "WarehouseDescription": "Description"}),
    }  # fmt: skip
    if values.get("DropShipment"):
        header["DropShipment"] = True
        customer = context.account(values.get("DeliveryAccount"), "DeliverTo")
        header |= described(
            customer, {"DeliveryAccount": "ID", "DeliveryAccountCode": "Code", "DeliveryAccountName": "Name"}
        )
    header["ExchangeRate"] = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    return header


def _supplier_item(context: Context, item: Row, supplier: Row) -> Row | None:
    links = context.division.table("SupplierItem").lookup("Item", item["ID"]) or []
    return next((link for link in links if link["Supplier"] == supplier["ID"]), None)


def _linked_to_warehouse(context: Context, line: Row | None, warehouse_id: str | None) -> None:
    """Note a stock item that the order's warehouse does not keep."""
    item = context.division.table("Items").get(line["Item"]) if line is not None else None
    if item is None or warehouse_id is None or not item.get("IsStockItem"):
        return
    links = context.division.table("ItemWarehouses").lookup("Item", item["ID"]) or []
    if all(link["Warehouse"] != warehouse_id for link in links):
        context.problems.add("item_warehouse")


def _price(context: Context, values: Row, link: Row | None) -> Row:
    """Return UnitPrice, Discount and NetPrice of a line: what was given, else the supplier's price of the item."""
    unit, net, discount = values.get("UnitPrice"), values.get("NetPrice"), values.get("Discount") or 0.0
    if link is None:
        context.problems.add("item_supplier")
    elif unit is None and net is None and not link.get("PurchasePrice"):
        context.problems.add("not_found", "PurchasePrice")
    unit = (link or {}).get("PurchasePrice", 0.0) if unit is None else unit
    if net is None:
        net = round(unit * (1 - discount), 6)
    else:
        discount = round(1 - net / unit, 6) if unit else 0.0
    return {"UnitPrice": unit, "NetPrice": net, "Discount": discount}


def _line(context: Context, values: Row, header: Row, supplier: Row, rate: float, place: int) -> Row | None:
    item = context.item(values.get("Item"), use="purchase")
    units = values.get("QuantityInPurchaseUnits")
    if item is None or units is None:
        return None
    link = _supplier_item(context, item, supplier)
    prices = _price(context, values, link)
    link = link or {}
    factor = link.get("PurchaseUnitFactor") or 1.0
    code = values.get("VATCode") or link.get("PurchaseVATCode") or supplier.get("PurchaseVATCode") or "4"
    vat = context.vat(code, use="purchase")
    lead = timedelta(days=link.get("PurchaseLeadTime") or supplier.get("PurchaseLeadDays") or 0)
    row: Row = {
        "ID": values.get("ID") or context.guid(), "PurchaseOrderID": header["PurchaseOrderID"], "LineNumber": place,
        "Item": item["ID"], "ItemCode": item["Code"], "ItemDescription": item["Description"],
        "ItemBarcode": item.get("Barcode"), "ItemDivisable": item.get("IsFractionAllowedItem", False),
        "Description": values.get("Description") or item["Description"], "Notes": values.get("Notes"),
        "QuantityInPurchaseUnits": units, "Quantity": round(units * factor, 6), "ReceivedQuantity": 0.0,
        "InvoicedQuantity": 0.0, "Unit": link.get("PurchaseUnit") or item.get("Unit"),
        "UnitDescription": link.get("PurchaseUnitDescription") or item.get("UnitDescription"),
        "SupplierItemCode": link.get("SupplierItemCode"), "SupplierItemCopyRemarks": link.get("CopyRemarks", 0),
        **prices, "Rebill": False,
        "IsBatchNumberItem": item.get("IsBatchNumberItem", 0),
        "IsSerialNumberItem": int(bool(item.get("IsSerialItem"))),
        "ReceiptDate": values.get("ReceiptDate") or header.get("ReceiptDate") or header["OrderDate"] + lead,
        **cost_fields(context, values), **line_amounts(units, prices["NetPrice"], vat, rate),
    }  # fmt: skip
    return {**row, **described(vat, {"VATCode": "Code", "VATDescription": "Description"})}


def total(header: Row, lines: list[Row], rate: float) -> Row:
    """Return the header with its amounts and line count."""
    tax = cents(sum(line["VATAmount"] for line in lines))
    return {**header, **header_amounts(lines, 0.0, rate), "VATAmount": tax, "PurchaseOrderLineCount": len(lines)}


def create(context: Context, values: Row) -> Row:
    """Store a new purchase order with its lines and plan their receipt."""
    division = context.division
    header, lines = build(context, values, 0)
    wanted = values.get("OrderNumber")
    if not wanted or division.table("PurchaseOrders").lookup("OrderNumber", wanted):
        wanted = division.next_number("PurchaseOrders", "PurchaseOrders", "OrderNumber", 70001)
    header["OrderNumber"] = wanted
    stored = division.table("PurchaseOrders").insert(header, stamp=context.user)
    house = division.table("Warehouses").get(header.get("Warehouse"))
    for line in lines:
        division.table("PurchaseOrderLines").insert(line, stamp=context.user)
        stock.plan(context, stock.RECEIPT, line, header, house)
    return stored


def _refuse_closed(context: Context, header: Row) -> None:
    if header["OrderStatus"] in (COMPLETE, CANCELLED):
        context.problems.refuse("not_allowed", "PurchaseOrders", "complete")


def update(context: Context, header: Row, values: Row) -> None:
    """Change an open purchase order's texts, dates and conditions."""
    _refuse_closed(context, header)
    context.lengths("PurchaseOrders", values)
    plain = ("Description", "YourRef", "Remarks", "OrderDate", "ReceiptDate")
    changes: Row = {name: values[name] for name in plain if name in values}
    if values.get("PaymentCondition"):
        changes |= payment_fields(context, values["PaymentCondition"], {}, "Purchase")
    context.check()
    context.division.table("PurchaseOrders").update(header["PurchaseOrderID"], changes, stamp=context.user)


def delete(context: Context, header: Row) -> None:
    """Remove a purchase order of which nothing was received."""
    table = context.division.table("PurchaseOrderLines")
    lines = list(table.lookup("PurchaseOrderID", header["PurchaseOrderID"]) or [])
    if any(line.get("ReceivedQuantity") or line.get("InvoicedQuantity") for line in lines):
        context.problems.refuse("in_use", "PurchaseOrders")
    for line in lines:
        stock.unplan(context, stock.RECEIPT, line)
        table.delete(line["ID"])
    context.division.table("PurchaseOrders").delete(header["PurchaseOrderID"])


def create_line(context: Context, _: Row) -> Row:
    """Refuse a line that is posted alone: lines come with their order."""
    context.problems.refuse("not_allowed", "PurchaseOrderLine")


def update_line(context: Context, line: Row, values: Row) -> None:
    """Change a line of an open purchase order."""
    header = context.division.table("PurchaseOrders").get(line["PurchaseOrderID"]) or {}
    _refuse_closed(context, header)
    supplier = context.division.table("Accounts").get(header["Supplier"]) or {"ID": header["Supplier"]}
    names = ("Item", "QuantityInPurchaseUnits", "VATCode", "Description", "Notes", "ReceiptDate", "CostCenter",
             "CostUnit")  # fmt: skip
    merged = {
        **{name: line.get(name) for name in names},
        "UnitPrice": line.get("UnitPrice"),
        **values,
        "ID": line["ID"],
    }
    if "NetPrice" not in values and "Discount" not in values:
        merged["Discount"] = line.get("Discount")
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    new = _line(context, merged, header, supplier, rate, line["LineNumber"])
    _linked_to_warehouse(context, new, header.get("Warehouse"))
    context.check()
    assert new is not None
    new |= {name: line.get(name) for name in ("ReceivedQuantity", "InvoicedQuantity")}
    stock.unplan(context, stock.RECEIPT, line)
    context.division.table("PurchaseOrderLines").update(line["ID"], new, stamp=context.user)
    stock.plan(context, stock.RECEIPT, new, header, context.division.table("Warehouses").get(header.get("Warehouse")))
    retotal(context, header["PurchaseOrderID"])


def delete_line(context: Context, line: Row) -> None:
    """Remove a line of which nothing was received; the last line of an order stays."""
    table = context.division.table("PurchaseOrderLines")
    if line.get("ReceivedQuantity") or line.get("InvoicedQuantity"):
        context.problems.refuse("in_use", "PurchaseOrderLine")
    if len(table.lookup("PurchaseOrderID", line["PurchaseOrderID"]) or []) == 1:
        context.problems.refuse("not_allowed", "PurchaseOrderLine", "last_line")
    stock.unplan(context, stock.RECEIPT, line)
    table.delete(line["ID"])
    retotal(context, line["PurchaseOrderID"])


def retotal(context: Context, order_id: str) -> None:
    """Work amounts and statuses out again after lines changed."""
    orders = context.division.table("PurchaseOrders")
    header = orders.get(order_id)
    if header is None:
        return
    lines = context.division.table("PurchaseOrderLines").lookup("PurchaseOrderID", order_id) or []
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    new = total(header, lines, rate)
    names = (*header_amounts([], 0.0, 1.0), "VATAmount", "PurchaseOrderLineCount")
    changes = {**{name: new[name] for name in names}, **status_of(lines)}
    orders.update(order_id, changes, stamp=context.user)


def status_of(lines: list[Row]) -> Row:
    """Return order and receipt status as what was received makes them."""
    received = [line.get("ReceivedQuantity", 0.0) for line in lines]
    if lines and all(got >= line["Quantity"] for got, line in zip(received, lines, strict=True)):
        status = COMPLETE
    else:
        status = PARTIAL if any(received) else OPEN
    return {"ReceiptStatus": status, "OrderStatus": status}
