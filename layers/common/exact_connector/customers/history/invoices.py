"""Invoices on the relation card, with what is still open of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.fields import Row
from exact_connector.settings.model import Settings

if TYPE_CHECKING:
    from exact_connector.documents.models.history import CustomerInvoices, HistoryInvoice

PROCESSED = 50
"""Status of an invoice that is printed and booked; before that it is not among the receivables."""

INVOICE_FIELDS = (
    *("InvoiceID", "InvoiceNumber", "InvoiceDate", "DueDate", "Currency", "AmountFC", "AmountFCExclVat"),
    *("VATAmountFC", "InvoiceTo", "Status"),
)
"""The properties of `salesinvoice/SalesInvoices` that the history reads."""

RECEIVABLE_FIELDS = ("HID", "AccountId", "InvoiceNumber", "Amount", "CurrencyCode")
"""The properties of `read/financial/ReceivablesList` that the history reads."""


def invoice_history(invoices: Iterable[Row], receivables: Iterable[Row], settings: Settings) -> CustomerInvoices:
    """Return the invoices of one customer, newest first, as the relation card shows them.

    `invoices` are rows of `salesinvoice/SalesInvoices` of that customer (`InvoiceTo`), `receivables` his rows of
    `read/financial/ReceivablesList`. While `HideInvoicesOnRelationCard` is on the list is empty and says it is hidden;
    the caller need not read anything then. Open amounts always include VAT.
    """
    if settings.HideInvoicesOnRelationCard:
        return {"hidden": True, "invoices": []}
    amounts = _open_amounts(receivables)
    unique = {fields.guid(row, "InvoiceID") or "": row for row in invoices}
    by_id = sorted(unique.items())
    newest_first = sorted(by_id, key=lambda entry: _age(entry[1]), reverse=True)
    return {"hidden": False, "invoices": [_invoice(row, amounts, settings) for _, row in newest_first]}


def _age(row: Row) -> tuple[date, int]:
    return fields.day(row, "InvoiceDate") or date.min, fields.integer(row, "InvoiceNumber") or 0


def _open_amounts(receivables: Iterable[Row]) -> dict[int, Decimal]:
    """Sum what is open per invoice; an invoice that is paid in parts has a row per part."""
    found: dict[int, Decimal] = {}
    rows = {fields.text(row, "HID") or str(position): row for position, row in enumerate(receivables)}
    for row in rows.values():
        number = fields.integer(row, "InvoiceNumber")
        if number is not None:
            found[number] = found.get(number, Decimal(0)) + (fields.number(row, "Amount") or Decimal(0))
    return found


def _invoice(row: Row, open_amounts: dict[int, Decimal], settings: Settings) -> HistoryInvoice:
    excluding_vat = settings.ExcludeVatFromHistoryTotals
    total = _total_excluding(row) if excluding_vat else fields.number(row, "AmountFC")
    number = fields.integer(row, "InvoiceNumber")
    return {
        "invoice_id": fields.guid(row, "InvoiceID"),
        "invoice_number": number,
        "invoice_date": _day(row, "InvoiceDate"),
        "due_date": _day(row, "DueDate"),
        "currency": fields.text(row, "Currency"),
        "total": None if total is None else fields.plain(total),
        "vat_included": not excluding_vat,
        "open_amount": _open_amount(row, number, open_amounts),
    }


def _open_amount(row: Row, number: int | None, open_amounts: dict[int, Decimal]) -> str | None:
    if number in open_amounts:
        return fields.plain(open_amounts[number])
    return "0" if fields.integer(row, "Status") in (None, PROCESSED) and number else None


def _total_excluding(row: Row) -> Decimal | None:
    excluding, including = fields.number(row, "AmountFCExclVat"), fields.number(row, "AmountFC")
    if excluding is not None or including is None:
        return excluding
    return including - (fields.number(row, "VATAmountFC") or Decimal(0))


def _day(row: Row, name: str) -> str | None:
    day = fields.day(row, name)
    return day.isoformat() if day else None
