"""What the change feed tells of a customer that changed in Exact, with and without partial updates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functional.catalog.shop import DIVISION, Shop


@pytest.fixture(autouse=True)
def _defaults_stay(shop: Shop) -> Iterator[None]:
    yield
    shop.settings({})


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("UpdateEmailOnlyForCustomer", {"Email": "nieuw@example.com"}, {"email": "nieuw@example.com"}),
        ("UpdateEmailOnlyForCustomer", {"Phone": "1"}, None),
        ("UpdatePhoneOnlyForCustomer", {"Phone": "2"}, {"phone": "2"}),
        ("UpdatePhoneOnlyForCustomer", {"Email": "anders@example.com"}, None),
    ],
    ids=["email_told", "phone_kept_back", "phone_told", "email_kept_back"],
)
def test_with_partial_updates_the_feed_tells_only_the_chosen_field_of_a_changed_customer(
    shop: Shop, key: str, value: dict[str, str], told: dict[str, str] | None
) -> None:
    shop.settings({key: True})
    customer = shop.every("/v1/customers")[0]["customer_id"]
    head = shop.ok("GET", "/v1/status")["feed_head"]
    shop.sandbox.control("PATCH", f"/records/{DIVISION}/Accounts/{customer}", value)
    shop.ok("POST", f"/v1/tenants/{shop.tenant}/sync/customers", {"full": False})
    shop.work()
    entries = shop.ok("GET", "/v1/changes", query={"since": str(head), "kind": "customer"})["changes"]
    found = [(entry["op"], entry["fields"]) for entry in entries if entry["key"] == customer]
    assert found == ([("partial", {"customer_id": customer, "partial": True, **told})] if told else [])
