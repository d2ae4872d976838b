"""Purchase entries: a supplier's invoice in a purchase journal, with its document and its financial entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from exact_sandbox.documents import ledger
from exact_sandbox.documents.amounts import cents, line_amounts
from exact_sandbox.documents.context import Context, described, exchange_rate
from exact_sandbox.documents.files_written import view_address
from exact_sandbox.documents.parties import cost_fields, currency_code, payment_fields

Row = dict[str, Any]

PURCHASE_JOURNAL = 22
PURCHASE_DOCUMENT = 20
LATER = ("VATAmountDC", "VATAmountFC")
"""What the answer to a POST does not know yet."""


def build(context: Context, values: Row) -> tuple[Row, list[Row]]:
    """Return header and lines of a new purchase entry that has no number yet, or refuse it."""
    context.need(values, "Journal", "Supplier", "PurchaseEntryLines")
    context.lengths("PurchaseEntries", values)
    supplier = context.supplier(values.get("Supplier"))
    journal = context.find_code("Journals", values.get("Journal"), "Journal")
    if journal is not None and journal["Type"] != PURCHASE_JOURNAL:
        context.problems.add("invalid", "Journal", "type")
    for each in values.get("PurchaseEntryLines") or []:
        context.need(each, "GLAccount")
    day = values.get("EntryDate") or context.today
    context.open_period(day)
    if supplier is None or journal is None:
        context.check()
        raise AssertionError("a purchase entry without supplier or journal is refused above")
    key = values.get("EntryID") or context.guid()
    currency = currency_code(context, values.get("Currency"), supplier.get("PurchaseCurrency") or
                             context.division.currency)  # fmt: skip
    rate = exchange_rate(context.division, currency, day)
    lines = [_line(context, each, key, supplier, rate, place)
             for place, each in enumerate(values.get("PurchaseEntryLines") or [], 1)]  # fmt: skip
    context.check()
    header = {**_header(context, values, supplier, journal, day), "EntryID": key, "Currency": currency, "Rate": rate}
    return _total(header, lines, rate), lines


def _header(context: Context, values: Row, supplier: Row, journal: Row, day: datetime) -> Row:
    payment = payment_fields(context, values.get("PaymentCondition"), supplier, "Purchase")
    condition = context.division.table("PaymentConditions").first("Code", payment.get("PaymentCondition")) or {}
    return {
        "EntryDate": day, "Supplier": supplier["ID"],
        "DueDate": values.get("DueDate") or day + timedelta(days=condition.get("PaymentDays", 0)),
        "SupplierName": supplier["Name"], "Journal": journal["Code"], "JournalDescription": journal["Description"],
        "ProcessNumber": 0, "ReportingYear": day.year, "ReportingPeriod": day.month, "Reversal": False,
        "Status": ledger.OPEN, "StatusDescription": context.worded(ledger.STATUS_WORDS[ledger.OPEN]),
        "Type": ledger.PURCHASE, "TypeDescription": context.worded(ledger.TYPE_WORDS[ledger.PURCHASE]), **payment,
        "PaymentConditionPaymentMethod": condition.get("PaymentMethod"),
        **{name: values.get(name) for name in ("Description", "YourRef", "PaymentReference", "OrderNumber")},
    }  # fmt: skip


def _line(context: Context, values: Row, entry: str, supplier: Row, rate: float, place: int) -> Row:
    account = context.find("GLAccounts", values.get("GLAccount"), "GLAccount")
    vat = context.vat(values.get("VATCode") or supplier.get("PurchaseVATCode"), use="purchase")
    amounts = line_amounts(1.0, values.get("AmountFC") or 0.0, vat, rate)
    tax = values.get("VATAmountFC")
    tax = amounts.pop("VATAmount") if tax is None else tax
    return {
        "ID": values.get("ID") or context.guid(), "EntryID": entry, "LineNumber": place, "Type": ledger.PURCHASE,
        **{name: values.get(name) for name in ("Description", "Notes", "Quantity")}, **amounts, "VATAmountFC": tax,
        "VATAmountDC": cents(tax * rate), "VATBaseAmountFC": amounts["AmountFC"],
        "VATBaseAmountDC": amounts["AmountDC"], **cost_fields(context, values),
        **described(account, {"GLAccount": "ID", "GLAccountCode": "Code", "GLAccountDescription": "Description"}),
        **described(vat, {"VATCode": "Code", "VATCodeDescription": "Description"}),
    }  # fmt: skip


def _total(header: Row, lines: list[Row], rate: float) -> Row:
    tax = cents(sum(line["VATAmountFC"] for line in lines))
    total = cents(sum(line["AmountFC"] for line in lines) + tax)
    return {**header, "AmountFC": total, "AmountDC": cents(total * rate), "VATAmountFC": tax,
            "VATAmountDC": cents(tax * rate)}  # fmt: skip


def numbered(context: Context, header: Row, number: int, hid: int) -> tuple[Row, Row]:
    """Give an entry its number; return it with the document that Exact makes for it."""
    key, division = context.guid(), context.division
    supplier = division.table("Accounts").get(header["Supplier"])
    words = context.worded(("Factuur", "Invoice"))
    document: Row = {
        "ID": key, "HID": hid, "Subject": header.get("Description") or f"{words}: {number}", "Type": PURCHASE_DOCUMENT,
        "TypeDescription": "Inkoopfactuur", "DocumentDate": header["EntryDate"], "HasEmptyBody": True,
        "InheritShare": False, "SendMethod": 0, "Currency": division.currency,
        "DocumentViewUrl": view_address(division.code, key), "FinancialTransactionEntryID": header["EntryID"],
        **described(supplier, {"Account": "ID", "AccountCode": "Code", "AccountName": "Name"}),
    }  # fmt: skip
    linked = described(document, {"Document": "ID", "DocumentNumber": "HID", "DocumentSubject": "Subject"})
    return {**header, "EntryNumber": number, "InvoiceNumber": number, **linked}, document


def entry_of(context: Context, header: Row, document: Row) -> ledger.Entry:
    """Return the financial entry of a purchase entry, which has the same `EntryID`."""
    division = context.division
    return ledger.Entry(
        key=header["EntryID"],
        number=header["EntryNumber"],
        journal=header["Journal"],
        kind=ledger.PURCHASE,
        status=ledger.OPEN,
        day=header["EntryDate"],
        account=division.table("Accounts").get(header["Supplier"]) or {},
        currency=header["Currency"],
        rate=header["Rate"],
        description=header.get("Description"),
        your_ref=header.get("YourRef"),
        due=header["DueDate"],
        payment=division.table("PaymentConditions").first("Code", header.get("PaymentCondition")),
        document=document,
        invoice_number=header["InvoiceNumber"],
    )


def create(context: Context, values: Row) -> Row:
    """Store a new purchase entry with its lines, its document, its financial entry and the payment that it asks for."""
    division = context.division
    given = values.get("EntryNumber")
    if given and division.table("PurchaseEntries").lookup("EntryNumber", given):
        context.problems.refuse("in_use", "EntryNumber")
    header, lines = build(context, values)
    number = given or division.next_number("PurchaseEntries", "PurchaseEntries", "EntryNumber", 26800001)
    header, document = numbered(context, header, number, division.next_number("Documents", "Documents", "HID", 3001))
    entry = entry_of(context, header, document)
    booked = ledger.purchase_lines(context, entry, header["AmountFC"], lines)
    division.table("Documents").insert(document, stamp=context.user)
    stored = division.table("PurchaseEntries").insert(header, stamp=context.user)
    for table, rows in (("PurchaseEntryLines", lines), ("Transactions", [ledger.transaction(context, entry)]),
                        ("TransactionLines", booked)):  # fmt: skip
        for row in rows:
            division.table(table).insert(row, stamp=context.user)
    if header["AmountFC"]:
        open_term = ledger.term(context, entry, booked[0], header["AmountFC"], header["AmountFC"], paid=None)
        division.table("Payments").insert(open_term, stamp=context.user)
    return {name: value for name, value in stored.items() if name not in LATER}
