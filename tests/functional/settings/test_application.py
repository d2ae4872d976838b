"""The setting that names the application: tokens belong to the application that got them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.product import CLIENT_ID
from functional.catalog.shop import Shop, linked_shop

pytestmark = pytest.mark.slow

SETTINGS = "/v1/tenants/acme/settings"
OTHER = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A linked company of its own, because the tests end its connection."""
    with linked_shop("--items", "20", "--customers", "5", "--orders", "3") as found:
        yield found


def state(shop: Shop) -> str:
    return str(shop.ok("GET", "/v1/tenants/acme/status")["connection"]["state"])


def test_another_application_ends_the_connection_and_no_call_is_made_until_it_is_linked_anew(shop: Shop) -> None:
    shop.forget_calls()
    saved = shop.ok("PUT", SETTINGS, {"Applicationkey": OTHER})
    assert saved["settings"]["Applicationkey"] == "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
    assert state(shop) == "DISCONNECTED"
    shop.work()
    status, problem, _ = shop.call("POST", "/v1/tenants/acme/sync/items", {})
    assert (status, problem["code"]) == (409, "NOT_CONNECTED")
    status, problem, _ = shop.call("POST", "/v1/tenants/acme/authorize", {})
    assert (status, problem["code"]) == (409, "AUTH_NOT_CONFIGURED")
    assert shop.calls() == {}

    shop.ok("PUT", SETTINGS, {})
    assert shop.authorize()[0] == 302
    assert state(shop) == "CONNECTED"


def test_the_same_application_written_otherwise_keeps_the_connection(shop: Shop) -> None:
    for written in (f"{{{CLIENT_ID.upper()}}}", CLIENT_ID, ""):
        shop.ok("PUT", SETTINGS, {"Applicationkey": written})
        assert state(shop) == "CONNECTED"


def test_a_client_id_that_is_no_guid_is_refused_and_the_connection_stays(shop: Shop) -> None:
    status, problem, _ = shop.call("PUT", SETTINGS, {"Applicationkey": "abc"})
    assert (status, [(each["key"], each["code"]) for each in problem["errors"]]) == (
        422,
        [("Applicationkey", "CONFIG_INVALID_VALUE")],
    )
    assert state(shop) == "CONNECTED"
