"""Sales invoices: a sales journal, the types and their warehouse rule, revenue accounts, processing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exact_sandbox.documents.amounts import cents, header_amounts
from exact_sandbox.documents.context import Context, described, exchange_rate
from exact_sandbox.documents.parties import (
    NOT_IN_BASIC,
    code_fields,
    contact_fields,
    currency_code,
    document_fields,
    incoterm_fields,
    main_address,
    payment_fields,
    sales_parties,
    salesperson_fields,
    warehouse,
)
from exact_sandbox.documents.sales_lines import sales_line

Row = dict[str, Any]

INVOICE, CREDIT, DIRECT, DIRECT_CREDIT = 8020, 8021, 8023, 8024
TYPE_TEXT = {
    INVOICE: ("Factuur", "Invoice"),
    CREDIT: ("Creditnota", "Credit note"),
    DIRECT: ("Directe verkoopfactuur", "Direct sales invoice"),
    DIRECT_CREDIT: ("Directe creditnota", "Direct credit note"),
}
STARTER_TEXT = {0: ("Concept", "Draft"), 1: ("Open", "Open"), 3: ("Betaald", "Paid")}
LATER = ("VATAmountDC", "VATAmountFC", "StarterSalesInvoiceStatus", "StarterSalesInvoiceStatusDescription")
"""What the answer to a POST does not know yet, though the invoice has it when it is read."""
DRAFT, OPEN, PROCESSED = 10, 20, 50
SALES_JOURNAL = 20
BALANCE_TYPES = (10, 12, 14, 16, 20, 22, 24, 25, 26, 27)
"""Types of ledger accounts that cannot take revenue: cash, bank, debtors, creditors, VAT, payroll, deferred items."""


def build(context: Context, values: Row, number: int) -> tuple[Row, list[Row]]:
    """Return header and lines of a new invoice, or refuse it."""
    parties = sales_parties(context, values)
    context.need(values, *(() if parties is None else ("Journal",)), "SalesInvoiceLines")
    context.lengths("SalesInvoices", values)
    journal = _journal(context, values.get("Journal"))
    house = _warehouse(context, values)
    for each in values.get("SalesInvoiceLines") or []:
        context.need(each, "Item")
    if parties is None or journal is None:
        context.check()
        raise AssertionError("an invoice without account or journal is refused above")
    account = parties.ordered_by
    header = _header(context, values, account, parties.deliver_to, parties.invoice_to, number)
    context.open_period(header["InvoiceDate"])
    header |= {"Journal": journal["Code"], "JournalDescription": journal["Description"]}
    header |= described(house, {"Warehouse": "ID"})
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    lines = [
        _line(context, each, header, account, rate, place)
        for place, each in enumerate(values.get("SalesInvoiceLines") or [], 1)
    ]
    context.check()
    kept = [line for line in lines if line is not None]
    return total(header, kept, rate), kept


def _journal(context: Context, code: str | None) -> Row | None:
    row = context.find_code("Journals", code, "Journal")
    if row is not None and row["Type"] != SALES_JOURNAL:
        context.problems.add("invalid", "Journal", "type")
    elif row is not None and row.get("IsBlocked"):
        context.problems.add("blocked", "Journal")
    return row


def _warehouse(context: Context, values: Row) -> Row | None:
    kind = values.get("Type") or INVOICE
    if kind not in TYPE_TEXT:
        context.problems.add("invalid", "Type")
    direct = kind in (DIRECT, DIRECT_CREDIT)
    if direct and context.division.edition == "basic":
        context.problems.add("invalid", "Type")
    if direct:
        return warehouse(context, values.get("Warehouse"), "Warehouse")
    if values.get("Warehouse") is not None:
        if context.division.edition == "basic":
            context.problems.say(NOT_IN_BASIC)
        else:
            context.problems.add("not_allowed", "Warehouse", "direct")
    return None


def _header(context: Context, values: Row, account: Row, deliver_to: Row, invoice_to: Row, number: int) -> Row:
    order_date = values.get("OrderDate") or context.today
    invoice_date = values.get("InvoiceDate") or order_date
    address = context.owned("Addresses", values.get("DeliverToAddress"), "DeliveryAddress", deliver_to["ID"])
    address = address or main_address(context, deliver_to, (4, 1))
    payment = payment_fields(context, values.get("PaymentCondition"), invoice_to)
    condition = context.find_code("PaymentConditions", payment.get("PaymentCondition"), "PaymentCondition") or {}
    kind = values.get("Type") or INVOICE
    currency = account.get("SalesCurrency") or context.division.currency
    header: Row = {
        "InvoiceID": values.get("InvoiceID") or context.guid(), "OrderNumber": number, "Type": kind,
        "TypeDescription": context.worded(TYPE_TEXT.get(kind, ("", ""))), "Status": OPEN, "StatusDescription": "Open",
        "OrderDate": order_date, "InvoiceDate": invoice_date,
        "DueDate": values.get("DueDate") or invoice_date + timedelta(days=condition.get("PaymentDays", 0)),
        "OrderedBy": account["ID"], "OrderedByName": account["Name"], "DeliverTo": deliver_to["ID"],
        "DeliverToName": deliver_to["Name"], "InvoiceTo": invoice_to["ID"], "InvoiceToName": invoice_to["Name"],
        "DeliverToAddress": address["ID"] if address else None, "Discount": values.get("Discount") or 0.0,
        "DiscountType": 1, **starter_fields(context, 0),
        "Currency": currency_code(context, values.get("Currency"), currency),
        **{name: values.get(name) for name in ("Description", "YourRef", "Remarks", "PaymentReference")}, **payment,
        **contact_fields(context, account, values.get("OrderedByContactPerson"), "OrderedByContactPerson",
                         default=True),
        **contact_fields(context, deliver_to, values.get("DeliverToContactPerson"), "DeliverToContactPerson",
                         default=True),
        **contact_fields(context, invoice_to, values.get("InvoiceToContactPerson"), "InvoiceToContactPerson",
                         default=True),
        **salesperson_fields(context, values.get("Salesperson") or account.get("AccountManager")
                             or context.user.user_id),
        **code_fields(context, values, "SalesChannels", "SalesChannel"),
        **code_fields(context, values, "SelectionCodes", "SelectionCode"),
        **document_fields(context, values.get("Document")), **incoterm_fields(values, account),
    }  # fmt: skip
    return header


def starter_fields(context: Context, status: int) -> Row:
    """Return how far an invoice is: 0 a draft, 1 sent, 3 paid."""
    return {"StarterSalesInvoiceStatus": status,
            "StarterSalesInvoiceStatusDescription": context.worded(STARTER_TEXT[status])}  # fmt: skip


def _line(context: Context, values: Row, header: Row, account: Row, rate: float, place: int) -> Row | None:
    line = sales_line(context, values, account, header["Currency"], rate, header["OrderDate"])
    if line is None:
        return None
    line["VATAmountFC"] = line.pop("VATAmount")
    line["VATAmountDC"] = cents(line["VATAmountFC"] * rate)
    item = context.division.table("Items").get(line["Item"]) or {}
    ledger = _ledger(context, values.get("GLAccount"), item)
    return {
        **line, **described(ledger, {"GLAccount": "ID", "GLAccountDescription": "Description"}),
        "InvoiceID": header["InvoiceID"], "LineNumber": place,
        "DeliveryDate": values.get("DeliveryDate"),
        **{name: values[name] for name in ("SalesOrder", "SalesOrderLine", "SalesOrderLineNumber", "SalesOrderNumber")
           if values.get(name) is not None},
    }  # fmt: skip


def _ledger(context: Context, given: str | None, item: Row) -> Row | None:
    group = context.division.table("ItemGroups").get(item.get("ItemGroup")) or {}
    key = given or item.get("GLRevenue") or group.get("GLRevenue")
    if key is None:
        context.problems.add("mandatory", "GLAccount")
        return None
    row = context.find("GLAccounts", key, "GLAccount")
    if row is not None and row.get("IsBlocked"):
        context.problems.add("blocked", "GLAccount")
    elif row is not None and row.get("Type") in BALANCE_TYPES:
        context.problems.add("ledger_type")
    return row


def total(header: Row, lines: list[Row], rate: float) -> Row:
    """Return the header with its amounts."""
    tax = cents(sum(line["VATAmountFC"] for line in lines) * (1 - header.get("Discount", 0.0)))
    amounts = header_amounts(lines, header.get("Discount", 0.0), rate, vat_field="VATAmountFC")
    return {**header, **amounts, "VATAmountFC": tax, "VATAmountDC": cents(tax * rate)}


def create(context: Context, values: Row) -> Row:
    """Store a new invoice with its lines; it has no number before it is printed, unless the company is set so."""
    division = context.division
    header, lines = build(context, values, 0)
    header["OrderNumber"] = division.next_number("InvoiceOrders", "SalesInvoices", "OrderNumber", 1)
    if division.invoice_numbers == "entry":
        header["InvoiceNumber"] = division.next_number("SalesInvoices", "SalesInvoices", "InvoiceNumber", 26700001)
    stored = division.table("SalesInvoices").insert(header, stamp=context.user)
    for line in lines:
        division.table("SalesInvoiceLines").insert(line, stamp=context.user)
    return {name: value for name, value in stored.items() if name not in LATER}


def _refuse_processed(context: Context, header: Row) -> None:
    if header["Status"] == PROCESSED:
        context.problems.refuse("not_allowed", "SalesInvoices", "processed")


def update(context: Context, header: Row, values: Row) -> None:
    """Change an invoice that is not processed."""
    _refuse_processed(context, header)
    context.lengths("SalesInvoices", values)
    plain = ("Description", "YourRef", "Remarks", "DueDate", "InvoiceDate", "OrderDate", "PaymentReference")
    changes: Row = {name: values[name] for name in plain if name in values}
    if values.get("PaymentCondition"):
        changes |= payment_fields(context, values["PaymentCondition"], {})
    context.check()
    context.division.table("SalesInvoices").update(header["InvoiceID"], changes, stamp=context.user)


def delete(context: Context, header: Row) -> None:
    """Remove an invoice that is not processed, with its lines."""
    _refuse_processed(context, header)
    table = context.division.table("SalesInvoiceLines")
    for line in list(table.lookup("InvoiceID", header["InvoiceID"]) or []):
        table.delete(line["ID"])
    context.division.table("SalesInvoices").delete(header["InvoiceID"])


def create_line(context: Context, values: Row) -> Row:
    """Add a line to an invoice that is not processed."""
    context.need(values, "InvoiceID", "Item")
    header = context.find("SalesInvoices", values.get("InvoiceID"), "InvoiceID")
    context.check()
    assert header is not None
    _refuse_processed(context, header)
    account = context.division.table("Accounts").get(header["OrderedBy"]) or {}
    table = context.division.table("SalesInvoiceLines")
    lines = table.lookup("InvoiceID", header["InvoiceID"]) or []
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    place = 1 + max((line["LineNumber"] for line in lines), default=0)
    line = _line(context, values, header, account, rate, place)
    context.check()
    assert line is not None
    stored = table.insert(line, stamp=context.user)
    _retotal(context, header)
    return stored


def update_line(context: Context, line: Row, values: Row) -> None:
    """Change a line of an invoice that is not processed."""
    header = context.division.table("SalesInvoices").get(line["InvoiceID"]) or {}
    _refuse_processed(context, header)
    account = context.division.table("Accounts").get(header["OrderedBy"]) or {}
    names = (
        "Item",
        "Quantity",
        "UnitCode",
        "VATCode",
        "Description",
        "Notes",
        "DeliveryDate",
        "CostCenter",
        "CostUnit",
    )
    merged = {**{name: line.get(name) for name in names}, **values, "ID": line["ID"]}
    if not {"NetPrice", "UnitPrice", "Discount", "Item", "Pricelist"} & values.keys():
        merged |= {"NetPrice": line.get("NetPrice"), "UnitPrice": line.get("UnitPrice")}
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    merged["GLAccount"] = line.get("GLAccount")
    new = _line(context, merged, header, account, rate, line["LineNumber"])
    context.check()
    assert new is not None
    context.division.table("SalesInvoiceLines").update(line["ID"], new, stamp=context.user)
    _retotal(context, header)


def delete_line(context: Context, line: Row) -> None:
    """Remove a line of an invoice that is not processed."""
    header = context.division.table("SalesInvoices").get(line["InvoiceID"])
    if header is not None:
        _refuse_processed(context, header)
    context.division.table("SalesInvoiceLines").delete(line["ID"])
    if header is not None:
        _retotal(context, header)


def _retotal(context: Context, header: Row) -> None:
    lines = context.division.table("SalesInvoiceLines").lookup("InvoiceID", header["InvoiceID"]) or []
    rate = exchange_rate(context.division, header["Currency"], header["OrderDate"])
    new = total(header, lines, rate)
    names = (*header_amounts([], 0.0, 1.0), "VATAmountFC", "VATAmountDC")
    changes = {name: new[name] for name in names}
    context.division.table("SalesInvoices").update(header["InvoiceID"], changes, stamp=context.user)
