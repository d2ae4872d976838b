"""Financial entries: what an invoice, a purchase or a payment does to the ledger. The lines of an entry add up to zero.

sales     debtors  +605   revenue  -500   VAT to pay    -105
purchase  creditors -605  stock    +500   VAT to claim  +105
bank      bank     +605   debtors  -605
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exact_sandbox.documents.amounts import cents
from exact_sandbox.documents.context import Context, described

Row = dict[str, Any]

SALES, SALES_CREDIT, PURCHASE, CASH = 20, 21, 30, 40
OPEN, PROCESSED = 20, 50
BANK, DEBTORS, CREDITORS, VAT_TO_PAY, VAT_TO_CLAIM = "1100", "1300", "1600", "1500", "1520"
VAT_LINE = 9999
TYPE_WORDS = {
    SALES: ("Verkoopboeking", "Sales entry"),
    SALES_CREDIT: ("Verkoopcreditnota", "Sales credit note"),
    PURCHASE: ("Inkoopboeking", "Purchase entry"),
    CASH: ("Kasstroom", "Cash flow"),
}
STATUS_WORDS = {OPEN: ("Open", "Open"), PROCESSED: ("Verwerkt", "Processed")}


@dataclass(frozen=True)
class Entry:
    """The header of a financial entry; `rate` is the company's currency per unit of the entry's."""

    key: str
    number: int
    journal: str
    kind: int
    status: int
    day: datetime
    account: Row
    currency: str
    rate: float
    description: str | None = None
    your_ref: str | None = None
    due: datetime | None = None
    payment: Row | None = None
    document: Row | None = None
    invoice_number: int | None = None


def transaction(context: Context, entry: Entry) -> Row:
    """Return the row of `financialtransaction/Transactions`."""
    return {
        "EntryID": entry.key, "EntryNumber": entry.number, "Date": entry.day, "FinancialYear": entry.day.year,
        "FinancialPeriod": entry.day.month, "Type": entry.kind, "TypeDescription": context.worded(
            TYPE_WORDS[entry.kind]), "Status": entry.status, "StatusDescription": context.worded(
            STATUS_WORDS[entry.status]), "Description": entry.description, **_journal(context, entry, "JournalCode"),
        **described(entry.payment, {"PaymentConditionCode": "Code", "PaymentConditionDescription": "Description"}),
        **document_of(entry),
    }  # fmt: skip


def _journal(context: Context, entry: Entry, name: str) -> Row:
    journal = context.division.table("Journals").first("Code", entry.journal) or {}
    return {name: entry.journal, "JournalDescription": journal.get("Description")}


def document_of(entry: Entry) -> Row:
    """Return the document that belongs to an entry."""
    return described(entry.document, {"Document": "ID", "DocumentNumber": "HID", "DocumentSubject": "Subject"})


def transaction_line(context: Context, entry: Entry, number: int, ledger: str, amount: float, **more: object) -> Row:
    """Return a row of `financialtransaction/TransactionLines`; `ledger` is a code, `amount` in the entry's currency."""
    account = context.division.table("GLAccounts").first("Code", ledger) or {}
    return {
        "ID": context.guid(), "EntryID": entry.key, "EntryNumber": entry.number, "LineNumber": number,
        "Date": entry.day, "FinancialYear": entry.day.year, "FinancialPeriod": entry.day.month, "Type": entry.kind,
        "Status": entry.status, "AmountFC": cents(amount), "AmountDC": cents(amount * entry.rate),
        "Currency": entry.currency, "ExchangeRate": entry.rate, "Description": entry.description,
        "YourRef": entry.your_ref, "DueDate": entry.due, "InvoiceNumber": entry.invoice_number, "OffsetID": None,
        "GLAccount": account.get("ID"), "GLAccountCode": ledger, "GLAccountDescription": account.get("Description"),
        **_journal(context, entry, "JournalCode"), **document_of(entry),
        **described(entry.account, {"Account": "ID", "AccountCode": "Code", "AccountName": "Name"}), **more,
    }  # fmt: skip


def balanced(lines: list[Row]) -> list[Row]:
    """Give the cents that rounding left over to the second line, so that the entry adds up to zero."""
    for name in ("AmountFC", "AmountDC"):
        rest = cents(sum(line[name] for line in lines))
        if rest and len(lines) > 1:
            lines[1][name] = cents(lines[1][name] - rest)
    return lines


def vat_lines(context: Context, entry: Entry, taxes: dict[str, float], side: str, ledger: str) -> list[Row]:
    """Return a line per VAT code with its amount; `side` is the ledger field of the code, GLToPay or GLToClaim."""
    codes = context.division.table("VATCodes")
    rows = []
    for place, (code, amount) in enumerate(taxes.items()):
        vat = codes.first("Code", code) or {}
        if cents(amount):
            rows.append(transaction_line(context, entry, VAT_LINE - place, vat.get(f"{side}Code") or ledger, amount,
                                         **vat_fields(vat)))  # fmt: skip
    return rows


def vat_fields(vat: Row | None) -> Row:
    """Return the VAT code of a line with its description, percentage and type."""
    return described(vat, {"VATCode": "Code", "VATCodeDescription": "Description", "VATPercentage": "Percentage",
                           "VATType": "Type"})  # fmt: skip


def sales_lines(context: Context, entry: Entry, invoice: Row, lines: list[Row]) -> list[Row]:
    """Return the lines of a sales entry: debtors, revenue per invoice line, VAT per code."""
    factor = 1 - invoice.get("Discount", 0.0)
    ledgers = context.division.table("GLAccounts")
    codes = context.division.table("VATCodes")
    rows = [transaction_line(context, entry, 0, DEBTORS, invoice["AmountFC"])]
    taxes: dict[str, float] = {}
    for line in lines:
        vat = codes.first("Code", line.get("VATCode"))
        ledger = (ledgers.get(line.get("GLAccount")) or {}).get("Code", "8000")
        shown = ("Item", "ItemCode", "ItemDescription", "Quantity", "Notes", "Description")
        more = {**{name: line.get(name) for name in shown}, **vat_fields(vat)}
        rows.append(transaction_line(context, entry, line["LineNumber"], ledger, -line["AmountFC"] * factor, **more))
        if vat is not None:
            taxes[vat["Code"]] = taxes.get(vat["Code"], 0.0) - line["VATAmountFC"] * factor
    return balanced(rows + vat_lines(context, entry, taxes, "GLToPay", VAT_TO_PAY))


def purchase_lines(context: Context, entry: Entry, total: float, lines: list[Row]) -> list[Row]:
    """Return the lines of a purchase entry: creditors, a ledger per line, VAT per code."""
    ledgers, codes = context.division.table("GLAccounts"), context.division.table("VATCodes")
    rows = [transaction_line(context, entry, 0, CREDITORS, -total)]
    taxes: dict[str, float] = {}
    for line in lines:
        vat = codes.first("Code", line.get("VATCode"))
        ledger = (ledgers.get(line["GLAccount"]) or {}).get("Code", "4999")
        more = {"Description": line.get("Description"), **vat_fields(vat)}
        rows.append(transaction_line(context, entry, line["LineNumber"], ledger, line["AmountFC"], **more))
        if vat is not None:
            taxes[vat["Code"]] = taxes.get(vat["Code"], 0.0) + line["VATAmountFC"]
    return balanced(rows + vat_lines(context, entry, taxes, "GLToClaim", VAT_TO_CLAIM))


def bank_lines(context: Context, entry: Entry, amount: float, ledger: str) -> list[Row]:
    """Return the two lines of money that came in (or went out when negative) for debtors or creditors."""
    return [
        transaction_line(context, entry, 0, BANK, amount),
        transaction_line(context, entry, 1, ledger, -amount),
    ]


def term(context: Context, entry: Entry, line: Row, amount: float, total: float, *, paid: datetime | None) -> Row:
    """Return a row of `cashflow/Receivables` or `Payments`: an amount of an entry that is open or matched.

    `line` is the entry's line on debtors or creditors; `paid` is the day on which it was matched.
    """
    payment = entry.payment or {}
    row: Row = {
        "ID": context.guid(), "EntryID": context.guid(), "TransactionEntryID": entry.key, "TransactionID": line["ID"],
        "AmountFC": cents(amount), "AmountDC": cents(amount * entry.rate), "RateFC": entry.rate,
        "TransactionAmountFC": cents(total), "TransactionAmountDC": cents(total * entry.rate),
        "AmountDiscountDC": 0.0, "AmountDiscountFC": 0.0, "Currency": entry.currency, "Status": PROCESSED if paid else
        OPEN, "EntryDate": paid, "EndDate": paid, "DueDate": entry.due, "TransactionDueDate": entry.due,
        "InvoiceDate": entry.day, "InvoiceNumber": entry.invoice_number, "EntryNumber": entry.number,
        "Journal": entry.journal, "JournalDescription": line["JournalDescription"], "Source": 30,
        "Description": entry.description, "YourRef": entry.your_ref, "IsBatchBooking": 0,
        "TransactionIsReversal": False, "TransactionReportingYear": entry.day.year,
        "TransactionReportingPeriod": entry.day.month, "TransactionStatus": entry.status,
        "TransactionType": entry.kind, **document_of(entry),
        **described(entry.account, {"Account": "ID", "AccountCode": "Code", "AccountName": "Name"}),
        **described(line, {name: name for name in ("GLAccount", "GLAccountCode", "GLAccountDescription")}),
        **described(payment, {"PaymentCondition": "Code", "PaymentConditionDescription": "Description",
                              "PaymentDays": "PaymentDays", "PaymentMethod": "PaymentMethod",
                              "PaymentDaysDiscount": "DiscountPaymentDays",
                              "PaymentDiscountPercentage": "DiscountPercentage"}),
    }  # fmt: skip
    if paid:
        row |= {"EndYear": paid.year, "EndPeriod": paid.month}
    return row
