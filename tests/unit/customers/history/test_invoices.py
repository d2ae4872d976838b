"""Invoices on the relation card."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from exact_connector.customers.history.invoices import invoice_history
from exact_connector.documents.models.history import HistoryInvoice
from exact_connector.fields import Row
from unit.customers.customer_rows import exact_date, guid, settings_of


def invoice(number: int, day: date = date(2025, 6, 1), **values: Any) -> Row:
    return {
        "InvoiceID": guid(number),
        "InvoiceNumber": number,
        "InvoiceDate": exact_date(day),
        "DueDate": exact_date(date(2025, 7, 1)),
        "Currency": "EUR",
        "AmountFC": Decimal("121.00"),
        "AmountFCExclVat": Decimal(100),
        "VATAmountFC": Decimal(21),
        "Status": 50,
        **values,
    }


def receivable(number: int, amount: str, hid: int = 1) -> Row:
    return {"HID": hid, "InvoiceNumber": number, "Amount": Decimal(amount), "CurrencyCode": "EUR"}


def shown(*rows: Row, receivables: tuple[Row, ...] = (), **settings: Any) -> list[HistoryInvoice]:
    return invoice_history(rows, receivables, settings_of(**settings))["invoices"]


def test_an_invoice_carries_the_canonical_fields() -> None:
    assert invoice_history((invoice(700),), (receivable(700, "50.5"),), settings_of()) == {
        "hidden": False,
        "invoices": [
            {
                "invoice_id": guid(700),
                "invoice_number": 700,
                "invoice_date": "2025-06-01",
                "due_date": "2025-07-01",
                "currency": "EUR",
                "total": "121",
                "vat_included": True,
                "open_amount": "50.5",
            }
        ],
    }


def test_hidden_invoices_leave_an_empty_list_that_says_so() -> None:
    settings = settings_of(HideInvoicesOnRelationCard=True)
    assert invoice_history((invoice(700),), (), settings) == {"hidden": True, "invoices": []}


def test_the_newest_invoice_comes_first() -> None:
    rows = (invoice(700), invoice(702, date(2025, 6, 3)), invoice(701, date(2025, 6, 3)))
    assert [found["invoice_number"] for found in shown(*rows)] == [702, 701, 700]
    assert shown(*rows) == shown(*rows[::-1])


def test_an_invoice_that_is_read_twice_is_shown_once() -> None:
    assert len(shown(invoice(700), invoice(700))) == 1


def test_parts_of_one_invoice_are_added_up() -> None:
    assert (
        shown(invoice(700), receivables=(receivable(700, "60", 1), receivable(700, "40", 2)))[0]["open_amount"] == "100"
    )


def test_a_paid_invoice_has_nothing_open() -> None:
    assert shown(invoice(700), receivables=(receivable(701, "60"),))[0]["open_amount"] == "0"


def test_of_an_invoice_that_is_not_booked_nothing_is_known() -> None:
    assert shown(invoice(0, Status=10))[0]["open_amount"] is None
    assert shown(invoice(700, Status=20))[0]["open_amount"] is None


def test_totals_without_vat_leave_open_amounts_alone() -> None:
    found = shown(invoice(700), receivables=(receivable(700, "121"),), ExcludeVatFromHistoryTotals=True)[0]
    assert (found["total"], found["vat_included"], found["open_amount"]) == ("100", False, "121")


def test_the_total_of_exact_without_vat_is_taken_as_it_is() -> None:
    found = shown(invoice(700, AmountFCExclVat=Decimal("99.99")), ExcludeVatFromHistoryTotals=True)
    assert found[0]["total"] == "99.99"


def test_a_missing_total_without_vat_is_the_total_minus_vat() -> None:
    found = shown(invoice(700, AmountFCExclVat=None), ExcludeVatFromHistoryTotals=True)
    assert found[0]["total"] == "100"
