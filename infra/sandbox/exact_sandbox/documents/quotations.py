"""Quotations: for customers, prospects and suspects alike; no header discount, no price list on the lines."""

from __future__ import annotations

from typing import Any

from exact_sandbox.documents.amounts import cents, header_amounts
from exact_sandbox.documents.context import Context, described, exchange_rate
from exact_sandbox.documents.parties import (
    code_fields,
    contact_fields,
    currency_code,
    document_fields,
    incoterm_fields,
    main_address,
    payment_fields,
    salesperson_fields,
    shipping_fields,
    warehouse,
)
from exact_sandbox.documents.sales_lines import sales_line

Row = dict[str, Any]

DRAFT, OPEN, ACCEPTED = 20, 25, 50
_ACCOUNT = {"Code": "Code", "Name": "Name"}


def build(context: Context, values: Row, number: int) -> tuple[Row, list[Row]]:
    """Return header and lines of a new quotation, or refuse it."""
    context.need(values, "OrderAccount", "QuotationLines")
    context.lengths("Quotations", values)
    account = context.account(values.get("OrderAccount"), "OrderAccount", statuses="CPS")
    deliver_to = context.account(values.get("DeliveryAccount"), "DeliverTo")
    invoice_to = context.account(values.get("InvoiceAccount"), "InvoiceTo")
    for each in values.get("QuotationLines") or []:
        context.need(each, "Item")
    if account is None:
        context.check()
        raise AssertionError("a quotation without a usable account is refused above")
    if invoice_to is None:
        invoice_to = context.division.table("Accounts").get(account.get("InvoiceAccount")) or account
    header = _header(context, values, account, deliver_to or account, invoice_to, number)
    rate = exchange_rate(context.division, header["Currency"], header["QuotationDate"])
    lines = [
        _line(context, each, header, account, rate, place)
        for place, each in enumerate(values.get("QuotationLines") or [], 1)
    ]
    context.check()
    kept = [line for line in lines if line is not None]
    return _total(header, kept, rate), kept


def _accounts(prefix: str, account: Row) -> Row:
    return {prefix: account["ID"], **described(account, {f"{prefix}{name}": name for name in _ACCOUNT})}


def _header(context: Context, values: Row, account: Row, deliver_to: Row, invoice_to: Row, number: int) -> Row:
    key = values.get("QuotationID") or context.guid()
    address = context.owned("Addresses", values.get("DeliveryAddress"), "DeliveryAddress", deliver_to["ID"])
    address = address or main_address(context, deliver_to, (4, 1))
    house = warehouse(context, values.get("WarehouseID"), "WarehouseID")
    currency = account.get("SalesCurrency") or context.division.currency
    default = {"OrderAccount": account, "DeliveryAccount": deliver_to, "InvoiceAccount": invoice_to}
    header: Row = {
        "QuotationID": key, "ID": key, "QuotationNumber": number, "VersionNumber": 1, "Status": OPEN,
        "StatusDescription": "Open", "QuotationDate": values.get("QuotationDate") or context.today,
        "DeliveryAddress": address["ID"] if address else None,
        "Currency": currency_code(context, values.get("Currency"), currency),
        **{name: values.get(name) for name in ("Description", "YourRef", "Remarks", "ClosingDate", "DueDate",
                                               "DeliveryDate")},
        **payment_fields(context, values.get("PaymentCondition"), invoice_to),
        **shipping_fields(context, values.get("ShippingMethod"), account),
        **salesperson_fields(context, values.get("SalesPerson") or account.get("AccountManager"), "SalesPerson"),
        **code_fields(context, values, "SalesChannels", "SalesChannel"),
        **code_fields(context, values, "SelectionCodes", "SelectionCode"),
        **document_fields(context, values.get("Document")), **incoterm_fields(values, account),
    }  # fmt: skip
    for prefix, owner in default.items():
        header |= _accounts(prefix, owner)
        name = f"{prefix}Contact"
        header |= contact_fields(context, owner, values.get(name), name, default=True)
    if house is not None:
        header |= described(
            house, {"WarehouseID": "ID", "WarehouseCode": "Code", "WarehouseDescription": "Description"}
        )
    return header


def _line(context: Context, values: Row, header: Row, account: Row, rate: float, place: int) -> Row | None:
    line = sales_line(context, values, account, header["Currency"], rate, header["QuotationDate"])
    if line is None:
        return None
    line["VATAmountFC"], line["VATDescription"] = line.pop("VATAmount"), line.pop("VATCodeDescription", None)
    for name in ("Pricelist", "PricelistDescription"):
        line.pop(name, None)
    return {**line, "QuotationID": header["QuotationID"], "QuotationNumber": header["QuotationNumber"],
            "LineNumber": place, "VersionNumber": 1, "Optional": False}  # fmt: skip


def _total(header: Row, lines: list[Row], rate: float) -> Row:
    amounts = header_amounts(lines, 0.0, rate, vat_field="VATAmountFC")
    return {**header, **amounts, "Discount": 0.0, "VATAmountFC": cents(sum(line["VATAmountFC"] for line in lines))}


def create(context: Context, values: Row) -> Row:
    """Store a new quotation with its lines."""
    division = context.division
    header, lines = build(context, values, 0)
    number = division.next_number("Quotations", "Quotations", "QuotationNumber", 501)
    stored = division.table("Quotations").insert({**header, "QuotationNumber": number}, stamp=context.user)
    for line in lines:
        division.table("QuotationLines").insert({**line, "QuotationNumber": number}, stamp=context.user)
    return stored


def update(context: Context, header: Row, values: Row) -> None:
    """Change an open quotation's texts and dates."""
    if header["Status"] not in (DRAFT, OPEN):
        context.problems.refuse("not_allowed", "Quotations", "complete")
    context.lengths("Quotations", values)
    context.check()
    plain = ("Description", "YourRef", "Remarks", "ClosingDate", "DueDate", "QuotationDate", "DeliveryDate")
    changes = {name: values[name] for name in plain if name in values}
    context.division.table("Quotations").update(header["QuotationID"], changes, stamp=context.user)


def delete(context: Context, header: Row) -> None:
    """Remove a quotation that was not accepted, with its lines."""
    if header["Status"] == ACCEPTED:
        context.problems.refuse("not_allowed", "Quotations", "complete")
    table = context.division.table("QuotationLines")
    for line in list(table.lookup("QuotationID", header["QuotationID"]) or []):
        table.delete(line["ID"])
    context.division.table("Quotations").delete(header["QuotationID"])


def create_line(context: Context, values: Row) -> Row:
    """Add a line to a quotation."""
    context.need(values, "QuotationID", "Item")
    header = context.find("Quotations", values.get("QuotationID"), "QuotationID")
    context.check()
    assert header is not None
    account = context.division.table("Accounts").get(header["OrderAccount"]) or {"ID": header["OrderAccount"]}
    table = context.division.table("QuotationLines")
    lines = table.lookup("QuotationID", header["QuotationID"]) or []
    rate = exchange_rate(context.division, header["Currency"], header["QuotationDate"])
    place = 1 + max((line["LineNumber"] for line in lines), default=0)
    line = _line(context, values, header, account, rate, place)
    context.check()
    assert line is not None
    stored = table.insert(line, stamp=context.user)
    _retotal(context, header)
    return stored


def update_line(context: Context, line: Row, values: Row) -> None:
    """Change texts, quantity or price of a line."""
    header = context.division.table("Quotations").get(line["QuotationID"]) or {}
    account = context.division.table("Accounts").get(header.get("OrderAccount")) or {}
    names = ("Item", "Quantity", "UnitCode", "VATCode", "Description", "Notes")
    merged = {**{name: line.get(name) for name in names}, **values, "ID": line["ID"]}
    if not {"NetPrice", "UnitPrice", "Discount", "Item"} & values.keys():
        merged |= {"NetPrice": line.get("NetPrice"), "UnitPrice": line.get("UnitPrice")}
    rate = exchange_rate(context.division, header["Currency"], header["QuotationDate"])
    new = _line(context, merged, header, account, rate, line["LineNumber"])
    context.check()
    assert new is not None
    context.division.table("QuotationLines").update(line["ID"], new, stamp=context.user)
    _retotal(context, header)


def delete_line(context: Context, line: Row) -> None:
    """Remove a line."""
    context.division.table("QuotationLines").delete(line["ID"])
    header = context.division.table("Quotations").get(line["QuotationID"])
    if header is not None:
        _retotal(context, header)


def _retotal(context: Context, header: Row) -> None:
    lines = context.division.table("QuotationLines").lookup("QuotationID", header["QuotationID"]) or []
    rate = exchange_rate(context.division, header["Currency"], header["QuotationDate"])
    new = _total(header, lines, rate)
    names = (*header_amounts([], 0.0, 1.0), "VATAmountFC")
    changes = {name: new[name] for name in names}
    context.division.table("Quotations").update(header["QuotationID"], changes, stamp=context.user)
