"""The first load: nothing is called complete before everything that the settings need was read and is served."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fakes.product import ADMINISTRATION, running_sandbox
from functional.product.company import MANY_CALLS, Company, unlinked_company

BRAND, STATUS, IN_APP = "Merk", "Artikelstatus", "In app"


@pytest.fixture(scope="module")
def sandboxed() -> Iterator[Company]:
    small = ("--items", "80", "--customers", "10", "--orders", "8")
    with running_sandbox(*small, *MANY_CALLS) as sandbox, unlinked_company(sandbox) as found:
        yield found


@pytest.fixture
def company(sandboxed: Company) -> Iterator[Company]:
    """A tenant of its own for each test, not linked yet."""
    sandboxed.tenant = "acme"
    wanted = {"id": "acme", "name": "Acme", "country": "nl", "administration": ADMINISTRATION}
    sandboxed.ok("POST", "/v1/tenants", wanted)
    yield sandboxed
    sandboxed.ok("DELETE", "/v1/tenants/acme")


def link(company: Company, settings: dict[str, Any]) -> None:
    company.ok("PUT", "/v1/tenants/acme/settings", settings)
    assert company.authorize()[0] == 302


def items_family(company: Company) -> dict[str, Any]:
    return next(each for each in company.ok("GET", "/v1/status")["families"] if each["family"] == "items")


def step(company: Company) -> bool:
    """Let the workers handle one message; False when there is none."""
    engine, clock = company.box.sync.engine, company.box.clock
    engine.dispatch(clock.now())
    bodies = [body for queue in ("items", "customers", "documents") for body in company.box.messages(queue)]
    for body in bodies[1:]:
        company.box.platform.queues["items"].send(body, group="acme")
    if bodies:
        engine.run_worker("acme", bodies[0]["stream"], clock.now() + timedelta(seconds=600))
    return bool(bodies)


SETTINGS = [
    pytest.param({"FreeSortField": BRAND}, id="sort field"),
    pytest.param({"ItemFreeFieldNameForItemStatus": STATUS}, id="status"),
    pytest.param({"FreeFieldsRenaming": f'{{"{BRAND}": "Brand"}}'}, id="renaming"),
    pytest.param({"FieldUsedToIncludeItemsInSync": IN_APP}, id="included items"),
    pytest.param({"Languages": "DE"}, id="languages"),
    pytest.param({"AutoSyncPriceLists": True}, id="price lists"),
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_items_are_complete_only_when_they_are_served_as_the_settings_say(
    company: Company, settings: dict[str, Any]
) -> None:
    link(company, settings)
    seen: list[list[dict[str, Any]]] = []
    while step(company):
        if items_family(company)["complete"]:
            seen.append(company.served("/v1/items"))
    final = company.served("/v1/items")
    assert final
    assert items_family(company)["complete"] is True
    assert all(each == final for each in seen)
    company.synchronise(full=True)
    assert company.served("/v1/items") == final
