"""Sales orders: defaults from the account, line prices, amounts, stock planning, later changes."""

from __future__ import annotations

from typing import Any

from exact_sandbox.documents import stock
from exact_sandbox.documents.amounts import cents, header_amounts
from exact_sandbox.documents.context import Context, exchange_rate
from exact_sandbox.documents.parties import (
    approval_fields,
    code_fields,
    contact_fields,
    currency_code,
    document_fields,
    incoterm_fields,
    main_address,
    payment_fields,
    sales_parties,
    salesperson_fields,
    shipping_fields,
    warehouse,
)
from exact_sandbox.documents.sales_lines import sales_line

Row = dict[str, Any]

OPEN, PARTIAL, COMPLETE, CANCELLED = 12, 20, 21, 45
STATUS_TEXT = {OPEN: "Open", PARTIAL: "Gedeeltelijk", COMPLETE: "Volledig", CANCELLED: "Geannuleerd"}


def status_fields(delivery: int, invoice: int, status: int, *, line: bool) -> Row:
    """Return the three statuses of an order or line with their descriptions."""
    fields: Row = {
        "DeliveryStatus": delivery, "DeliveryStatusDescription": STATUS_TEXT[delivery],
        "InvoiceStatus": invoice, "InvoiceStatusDescription": STATUS_TEXT[invoice],
        "Status": status, "StatusDescription": STATUS_TEXT[status],
    }  # fmt: skip
    return {**fields, "OrderStatus": status} if line else fields


def build(context: Context, values: Row, number: int) -> tuple[Row, list[Row]]:
    """Return header and lines of a new order, or refuse it with everything that is wrong."""
    parties = sales_parties(context, values)
    context.need(values, "SalesOrderLines")
    context.lengths("SalesOrders", values)
    for each in values.get("SalesOrderLines") or []:
        context.need(each, "Item")
    if parties is None:
        context.check()
        raise AssertionError("an order without a usable account is refused above")
    account = parties.ordered_by
    header = _header(context, values, account, parties.deliver_to, parties.invoice_to, number)
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    lines = [_line(context, each, header, account, rate, place) for place, each in
             enumerate(values.get("SalesOrderLines") or [], 1)]  # fmt: skip
    context.check()
    return total(header, [line for line in lines if line is not None], rate), [line for line in lines if line]


def _header(context: Context, values: Row, account: Row, deliver_to: Row, invoice_to: Row, number: int) -> Row:
    key = values.get("OrderID") or context.guid()
    order_date = values.get("OrderDate") or context.today
    address = context.owned("Addresses", values.get("DeliveryAddress"), "DeliveryAddress", deliver_to["ID"])
    address = address or main_address(context, deliver_to, (4, 1))
    house = warehouse(context, values.get("WarehouseID"), "WarehouseID")
    header: Row = {
        "OrderID": key, "ID": key, "OrderNumber": number, "OrderDate": order_date,
        "OrderedBy": account["ID"], "OrderedByName": account["Name"],
        "DeliverTo": deliver_to["ID"], "DeliverToName": deliver_to["Name"],
        "InvoiceTo": invoice_to["ID"], "InvoiceToName": invoice_to["Name"],
        "DeliveryAddress": address["ID"] if address else None,
        "DeliveryDate": values.get("DeliveryDate") or order_date,
        "Description": values.get("Description"), "YourRef": values.get("YourRef"), "Remarks": values.get("Remarks"),
        "PaymentReference": values.get("PaymentReference"), "Discount": values.get("Discount") or 0.0,
        "Currency": currency_code(context, values.get("Currency"),
                                  account.get("SalesCurrency") or context.division.currency),
        **approval_fields(context), **status_fields(OPEN, OPEN, OPEN, line=False),
        **contact_fields(context, account, values.get("OrderedByContactPerson"), "OrderedByContactPerson",
                         default=True),
        **contact_fields(context, deliver_to, values.get("DeliverToContactPerson"), "DeliverToContactPerson",
                         default=True),
        **contact_fields(context, invoice_to, values.get("InvoiceToContactPerson"), "InvoiceToContactPerson",
                         default=True),
        **payment_fields(context, values.get("PaymentCondition"), invoice_to),
        **shipping_fields(context, values.get("ShippingMethod"), account),
        **salesperson_fields(context, values.get("Salesperson") or account.get("AccountManager")),
        **code_fields(context, values, "SalesChannels", "SalesChannel"),
        **code_fields(context, values, "SelectionCodes", "SelectionCode"),
        **document_fields(context, values.get("Document")), **incoterm_fields(values, account),
    }  # fmt: skip
    if house is not None:
        header |= {
            "WarehouseID": house["ID"],
            "WarehouseCode": house["Code"],
            "WarehouseDescription": house["Description"],
        }
    return header


def _line(context: Context, values: Row, header: Row, account: Row, rate: float, place: int) -> Row | None:
    line = sales_line(context, values, account, header["Currency"], rate, header["OrderDate"])
    if line is None:
        return None
    item = context.division.table("Items").get(line["Item"]) or {}
    return {
        **line, "OrderID": header["OrderID"], "OrderNumber": header["OrderNumber"], "LineNumber": place,
        "DeliveryDate": values.get("DeliveryDate") or header["DeliveryDate"], "QuantityDelivered": 0.0,
        "QuantityInvoiced": 0.0, "UseDropShipment": values.get("UseDropShipment") or 0,
        **_margin(line, item.get("CostPriceStandard", 0.0) / rate), **status_fields(OPEN, OPEN, OPEN,
                                                                                            line=True),
    }  # fmt: skip


def _margin(line: Row, cost: float) -> Row:
    """Return cost price and margin of a line; an item without a cost price has neither."""
    if not cost:
        return {}
    return {"CostPriceFC": cents(cost, 4), "Margin": cents(line["AmountFC"] - cost * line["Quantity"])}


def total(header: Row, lines: list[Row], rate: float) -> Row:
    """Return the header with its amounts worked out from the lines."""
    tax = cents(sum(line.get("VATAmount", 0.0) for line in lines))
    return {**header, **header_amounts(lines, header.get("Discount", 0.0), rate), "VATAmount": tax}


def create(context: Context, values: Row) -> Row:
    """Store a new order with its lines, plan its stock, and return the header."""
    division = context.division
    orders = division.table("SalesOrders")
    header, lines = build(context, values, 0)
    header["OrderNumber"] = number = _number(context, values.get("OrderNumber"))
    stored = orders.insert(header, stamp=context.user)
    house = division.table("Warehouses").get(header.get("WarehouseID"))
    for line in lines:
        line["OrderNumber"] = number
        division.table("SalesOrderLines").insert(line, stamp=context.user)
        stock.plan(context, stock.DELIVERY, line, header, house)
    return stored


def _number(context: Context, wanted: int | None) -> int:
    orders = context.division.table("SalesOrders")
    if wanted and not orders.lookup("OrderNumber", wanted):
        return wanted
    return context.division.next_number("SalesOrders", "SalesOrders", "OrderNumber", 10001)


def _refuse_closed(context: Context, header: Row) -> None:
    if header["Status"] in (COMPLETE, CANCELLED):
        context.problems.refuse("not_allowed", "SalesOrders", "complete")


def update(context: Context, header: Row, values: Row) -> None:
    """Change a header; completed orders cannot be changed, accounts are fixed, lines are not looked at."""
    _refuse_closed(context, header)
    context.lengths("SalesOrders", values)
    account = context.division.table("Accounts").get(header["OrderedBy"]) or {"ID": header["OrderedBy"]}
    deliver_to = {"ID": header["DeliverTo"]}
    plain = ("Description", "YourRef", "Remarks", "PaymentReference", "OrderDate", "DeliveryDate", "Discount",
             "IncotermCode", "IncotermVersion", "IncotermAddress")  # fmt: skip
    changes: Row = {name: values[name] for name in plain if name in values}
    if "DeliveryAddress" in values:
        context.owned("Addresses", values["DeliveryAddress"], "DeliveryAddress", deliver_to["ID"])
        changes["DeliveryAddress"] = values["DeliveryAddress"]
    for name, owner in (("OrderedByContactPerson", account), ("DeliverToContactPerson", deliver_to)):
        if name in values:
            changes |= {name: None, f"{name}FullName": None}
            changes |= contact_fields(context, owner, values[name], name, default=False)
    if values.get("PaymentCondition"):
        changes |= payment_fields(context, values["PaymentCondition"], account)
    if values.get("ShippingMethod"):
        changes |= shipping_fields(context, values["ShippingMethod"], account)
    if values.get("Salesperson"):
        changes |= salesperson_fields(context, values["Salesperson"])
    if values.get("WarehouseID"):
        house = warehouse(context, values["WarehouseID"], "WarehouseID")
        if house is not None:
            changes |= {"WarehouseID": house["ID"], "WarehouseCode": house["Code"],
                        "WarehouseDescription": house["Description"]}  # fmt: skip
    for table, name in (("SalesChannels", "SalesChannel"), ("SelectionCodes", "SelectionCode")):
        if name in values:
            changes |= {name: None, f"{name}Code": None, f"{name}Description": None}
            changes |= code_fields(context, values, table, name)
    context.check()
    context.division.table("SalesOrders").update(header["OrderID"], changes, stamp=context.user)
    if "Discount" in changes:
        retotal(context, header["OrderID"])


def retotal(context: Context, order_id: str) -> None:
    """Work the amounts and the statuses of an order out again after its lines changed."""
    orders = context.division.table("SalesOrders")
    header = orders.get(order_id)
    if header is None:
        return
    lines = context.division.table("SalesOrderLines").lookup("OrderID", order_id) or []
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    amounts = total(header, lines, rate)
    changed = {name: amounts[name] for name in (*header_amounts([], 0.0, 1.0), "VATAmount")}
    orders.update(order_id, {**changed, **header_status(lines)}, stamp=context.user)


def header_status(lines: list[Row]) -> Row:
    """Return the statuses of an order as its lines make them."""

    def overall(values: list[int]) -> int:
        if not values or set(values) == {OPEN}:
            return OPEN
        return values[0] if len(set(values)) == 1 else PARTIAL

    delivery = overall([line.get("DeliveryStatus", OPEN) for line in lines])
    invoice = overall([line.get("InvoiceStatus", OPEN) for line in lines])
    status = delivery if delivery == invoice else PARTIAL
    return status_fields(delivery, invoice, status, line=False)


def delete(context: Context, header: Row) -> None:
    """Remove an order with its lines; nothing may have been delivered or invoiced."""
    table = context.division.table("SalesOrderLines")
    lines = table.lookup("OrderID", header["OrderID"]) or []
    if any(line.get("QuantityDelivered") or line.get("QuantityInvoiced") for line in lines):
        context.problems.refuse("in_use", "SalesOrders")
    for line in lines:
        stock.unplan(context, stock.DELIVERY, line)
        table.delete(line["ID"])
    context.division.table("SalesOrders").delete(header["OrderID"])


def create_line(context: Context, values: Row) -> Row:
    """Add one line to an open order."""
    context.need(values, "OrderID", "Item")
    header = context.find("SalesOrders", values.get("OrderID"), "OrderID")
    context.check()
    assert header is not None
    _refuse_closed(context, header)
    account = context.division.table("Accounts").get(header["OrderedBy"]) or {"ID": header["OrderedBy"]}
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    table = context.division.table("SalesOrderLines")
    lines = table.lookup("OrderID", header["OrderID"]) or []
    place = 1 + max((line["LineNumber"] for line in lines), default=0)
    line = _line(context, values, header, account, rate, place)
    context.check()
    assert line is not None
    stored = table.insert(line, stamp=context.user)
    stock.plan(
        context, stock.DELIVERY, line, header, context.division.table("Warehouses").get(header.get("WarehouseID"))
    )
    retotal(context, header["OrderID"])
    return stored


def update_line(context: Context, line: Row, values: Row) -> None:
    """Change a line: its price is worked out anew from what was given and what stood there."""
    header = context.division.table("SalesOrders").get(line["OrderID"])
    if header is None:
        return
    _refuse_closed(context, header)
    account = context.division.table("Accounts").get(header["OrderedBy"]) or {"ID": header["OrderedBy"]}
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    names = ("Item", "Quantity", "UnitCode", "VATCode", "Description", "Notes", "DeliveryDate", "CostCenter",
             "CostUnit",
             "UseDropShipment", "Pricelist")  # fmt: skip
    merged: Row = {name: line.get(name) for name in names}
    if not {"NetPrice", "UnitPrice", "Discount", "Pricelist", "Item"} & values.keys():
        merged |= {"NetPrice": line.get("NetPrice"), "UnitPrice": line.get("UnitPrice")}
    elif "NetPrice" not in values and "Pricelist" not in values and "Item" not in values:
        merged |= {"UnitPrice": line.get("UnitPrice"), "Discount": line.get("Discount")}
    merged |= {**values, "ID": line["ID"]}
    new = _line(context, merged, header, account, rate, line["LineNumber"])
    context.check()
    assert new is not None
    kept = ("QuantityDelivered", "QuantityInvoiced", "DeliveryStatus", "DeliveryStatusDescription", "InvoiceStatus",
            "InvoiceStatusDescription", "Status", "StatusDescription", "OrderStatus")  # fmt: skip
    new |= {name: line.get(name) for name in kept}
    stock.unplan(context, stock.DELIVERY, line)
    context.division.table("SalesOrderLines").update(line["ID"], new, stamp=context.user)
    stock.plan(
        context, stock.DELIVERY, new, header, context.division.table("Warehouses").get(header.get("WarehouseID"))
    )
    retotal(context, header["OrderID"])


def delete_line(context: Context, line: Row) -> None:
    """Remove a line that was not delivered or invoiced."""
    if line.get("QuantityDelivered") or line.get("QuantityInvoiced"):
        context.problems.refuse("in_use", "SalesOrderLineID")
    stock.unplan(context, stock.DELIVERY, line)
    context.division.table("SalesOrderLines").delete(line["ID"])
    retotal(context, line["OrderID"])
