"""Which accounts are customers: status, dealers, end date; and on which day that changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from exact_connector.customers.selection import NotDelivered, why_no_customer
from unit.customers.customer_rows import TODAY, account, context_of, exact_date, projected, settings_of

YESTERDAY = exact_date(date(2025, 6, 9))
PROSPECTS, SUSPECTS, DEALERS = {"GetProspects": True}, {"GetSuspects": True}, {"OnlyLoadDealers": True}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], NotDelivered | None]] = {
    "a customer": ({"Status": "C"}, {}, None),
    "a customer in small letters": ({"Status": "c "}, {}, None),
    "a prospect by default": ({"Status": "P"}, {}, NotDelivered.STATUS),
    "a prospect when wanted": ({"Status": "P"}, PROSPECTS, None),
    "a prospect when only suspects are wanted": ({"Status": "P"}, SUSPECTS, NotDelivered.STATUS),
    "a suspect by default": ({"Status": "S"}, {}, NotDelivered.STATUS),
    "a suspect when wanted": ({"Status": "S"}, SUSPECTS, None),
    "a suspect when only prospects are wanted": ({"Status": "S"}, PROSPECTS, NotDelivered.STATUS),
    "status none": ({"Status": "A"}, PROSPECTS | SUSPECTS, NotDelivered.STATUS),
    "no status": ({"Status": None}, PROSPECTS | SUSPECTS, NotDelivered.STATUS),
    "a dealer when only dealers are wanted": ({"IsReseller": True}, DEALERS, None),
    "no dealer when only dealers are wanted": ({"IsReseller": False}, DEALERS, NotDelivered.NO_DEALER),
    "unknown whether a dealer": ({}, DEALERS, NotDelivered.NO_DEALER),
    "a dealer with the wrong status": ({"IsReseller": True, "Status": "P"}, DEALERS, NotDelivered.STATUS),
    "on its end date": ({"EndDate": exact_date(TODAY)}, {}, None),
    "after its end date": ({"EndDate": YESTERDAY}, {}, NotDelivered.ENDED),
    "blocked customers are delivered": ({"Blocked": True}, {}, None),
}


@pytest.mark.parametrize(("row", "settings", "expected"), CASES.values(), ids=CASES)
def test_an_account_is_delivered_when_all_tests_hold(
    row: dict[str, Any], settings: dict[str, Any], expected: NotDelivered | None
) -> None:
    wanted = settings_of(**settings)
    assert why_no_customer(account(**row), wanted, TODAY) == expected
    assert (projected(account(**row), context_of(wanted)).document is None) == (expected is not None)


@pytest.mark.parametrize("status", ["P", "S"])
def test_the_status_letter_is_delivered(status: str) -> None:
    document = projected(account(Status=status), context_of(settings_of(**PROSPECTS, **SUSPECTS))).document
    assert document is not None
    assert document["status"] == status


def test_an_account_leaves_the_day_after_its_end_date_by_itself() -> None:
    row = account(EndDate=exact_date(date(2025, 6, 30)))
    assert projected(row).changes_on == date(2025, 7, 1)
    assert projected(row, context_of(today=date(2025, 7, 1))).document is None


def test_an_account_without_an_end_date_has_no_such_day() -> None:
    assert projected(account()).changes_on is None
