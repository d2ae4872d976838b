"""Communication notes on a customer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from exact_connector.fields import Row
from unit.customers.customer_rows import account, context_of, customer, exact_date, guid, settings_of

WITH_NOTES = context_of(settings_of(SyncCustomerNotes=True))


def note(number: int, **values: Any) -> Row:
    return {"ID": guid(number), "Account": guid(1), "Status": 20, "Date": exact_date(date(2025, 6, 1)), **values}


def test_notes_are_absent_by_default() -> None:
    assert "notes" not in customer(account(), note=(note(1),))


def test_notes_come_with_the_customer_newest_first() -> None:
    rows = (
        note(1, Subject="Call", Notes=" Asked for\r\nprices ", UserFullName="A. Vos", Contact=guid(100)),
        note(2, Date=exact_date(date(2025, 6, 5))),
    )
    document = customer(account(), WITH_NOTES, note=rows)
    assert [found["note_id"] for found in document["notes"]] == [guid(2), guid(1)]
    assert document["notes"][1] == {
        "note_id": guid(1),
        "date": "2025-06-01",
        "subject": "Call",
        "text": "Asked for\r\nprices",
        "user": "A. Vos",
        "contact_person_id": guid(100),
    }


@pytest.mark.parametrize("status", [0, 5], ids=["void", "rejected"])
def test_void_and_rejected_notes_are_left_out(status: int) -> None:
    assert customer(account(), WITH_NOTES, note=(note(1, Status=status), note(2)))["notes"] == [
        customer(account(), WITH_NOTES, note=(note(2),))["notes"][0]
    ]


def test_a_customer_without_notes_has_an_empty_list() -> None:
    assert customer(account(), WITH_NOTES)["notes"] == []
