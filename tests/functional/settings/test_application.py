"""The setting that names the application: tokens belong to the application that got them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.product import ADMINISTRATION, CLIENT_ID, running_sandbox
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


REFUSED = (409, "AUTH_NOT_CONFIGURED")
ORDER = {"external_id": "A-1", "customer_code": "1", "lines": [{"item_code": "1", "quantity": 1}]}


def answers(shop: Shop) -> dict[str, tuple[int, str]]:
    """What a link, a synchronisation and an order are answered."""
    asked = {
        "link": shop.call("POST", "/v1/tenants/acme/authorize", {}),
        "sync": shop.call("POST", "/v1/tenants/acme/sync/items", {}),
        "order": shop.call("POST", "/v1/orders", ORDER),
    }
    return {name: (status, body.get("code", "")) for name, (status, body, _) in asked.items()}


def test_without_an_own_application_the_platforms_is_used_and_where_there_is_none_nothing_begins() -> None:
    with running_sandbox("--items", "5", "--customers", "3", "--orders", "2") as sandbox:
        shop = Shop(sandbox)
        platforms = shop.box.platform.secrets.values.pop("/test/exact/applications/nl")  # type: ignore[attr-defined]
        tenant = {"id": "acme", "name": "Acme", "country": "nl", "administration": ADMINISTRATION}
        shop.ok("POST", "/v1/tenants", tenant)
        assert answers(shop) == {"link": REFUSED, "sync": REFUSED, "order": REFUSED}
        assert shop.calls() == {}
        shop.box.platform.secrets.values["/test/exact/applications/nl"] = platforms  # type: ignore[attr-defined]
        found = answers(shop)
        assert found["link"][0] < 300
        assert (found["sync"], found["order"]) == ((409, "NOT_CONNECTED"), (409, "NOT_CONNECTED"))
        assert shop.authorize()[0] == 302
        shop.box.platform.sender.close()  # type: ignore[attr-defined]


def test_another_application_ends_the_connection_and_no_call_is_made_until_it_is_linked_anew(shop: Shop) -> None:
    shop.forget_calls()
    saved = shop.ok("PUT", SETTINGS, {"Applicationkey": OTHER})
    assert saved["settings"]["Applicationkey"] == "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
    assert state(shop) == "DISCONNECTED"
    shop.work()
    assert answers(shop) == {"link": REFUSED, "sync": REFUSED, "order": REFUSED}
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
