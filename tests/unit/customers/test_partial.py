"""What readers of the change feed hear about a changed customer."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.customers.partial import CustomerChange, customer_change, partial_fields
from unit.customers.customer_rows import settings_of

OLD = {"customer_id": "c1", "customer_name": "Old", "email": "a@b.nl", "phone": "010"}
EMAIL, PHONE = {"UpdateEmailOnlyForCustomer": True}, {"UpdatePhoneOnlyForCustomer": True}


def partial(**values: str | None) -> CustomerChange:
    return CustomerChange("partial", {"customer_id": "c1", "partial": True, **values})


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], CustomerChange | None]] = {
    "complete by default": ({"customer_name": "New"}, {}, CustomerChange("upsert", OLD | {"customer_name": "New"})),
    "nothing changed": ({}, {}, None),
    "e-mail only: name and e-mail changed": (
        {"customer_name": "New", "email": "n@b.nl"},
        EMAIL,
        partial(email="n@b.nl"),
    ),
    "e-mail only: only the name changed": ({"customer_name": "New"}, EMAIL, None),
    "e-mail only: only the telephone changed": ({"phone": "020"}, EMAIL, None),
    "e-mail only: the address was emptied": ({"email": None}, EMAIL, partial(email=None)),
    "telephone only: telephone changed": ({"phone": "020"}, PHONE, partial(phone="020")),
    "telephone only: e-mail changed": ({"email": "n@b.nl"}, PHONE, None),
    "both: telephone changed": ({"phone": "020"}, EMAIL | PHONE, partial(email="a@b.nl", phone="020")),
    "both: e-mail changed": ({"email": "n@b.nl"}, EMAIL | PHONE, partial(email="n@b.nl", phone="010")),
    "both: only the name changed": ({"customer_name": "New"}, EMAIL | PHONE, None),
}


@pytest.mark.parametrize(("changes", "settings", "expected"), CASES.values(), ids=CASES)
def test_a_known_customer_changes_as_the_settings_say(
    changes: dict[str, Any], settings: dict[str, Any], expected: CustomerChange | None
) -> None:
    assert customer_change(OLD, OLD | changes, settings_of(**settings)) == expected


@pytest.mark.parametrize("settings", [{}, EMAIL, PHONE, EMAIL | PHONE], ids=["none", "email", "phone", "both"])
def test_new_customers_and_deletions_are_complete(settings: dict[str, Any]) -> None:
    wanted = settings_of(**settings)
    assert customer_change(None, OLD, wanted) == CustomerChange("upsert", OLD)
    assert customer_change(OLD, None, wanted) == CustomerChange("delete", None)
    assert customer_change(None, None, wanted) is None


def test_the_fields_of_partial_updates_follow_the_settings() -> None:
    assert partial_fields(settings_of()) == ()
    assert partial_fields(settings_of(**EMAIL, **PHONE)) == ("email", "phone")
