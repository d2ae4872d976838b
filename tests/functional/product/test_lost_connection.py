"""A connection that ends: the tenant's webhook hears of it, and what waited goes on at once after the next consent."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fakes.product import running_sandbox
from functional.orders.test_over_http import Answer, serving
from functional.product.company import MANY_CALLS, SMALL, Company, unlinked_company

DAYS = timedelta(days=31)


class AheadClock:
    """Real time and what a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.05))


@pytest.fixture(scope="module")
def clock() -> AheadClock:
    return AheadClock()


@pytest.fixture(scope="module")
def company(clock: AheadClock) -> Iterator[Company]:
    with running_sandbox(*SMALL, *MANY_CALLS) as sandbox, unlinked_company(sandbox, clock=clock) as found:
        found.link()
        found.work()
        yield found


def orders(company: Company) -> None:
    """Let the order worker and the maker of customers do what is due."""
    company.box.orders.dispatch(company.box.clock.now())
    company.box.jobs.dispatch(company.box.clock.now())
    until = company.box.clock.now() + timedelta(seconds=300)
    for message in company.box.messages("orders"):
        company.box.orders.handle(message, until)
    for message in company.box.messages("assets"):
        if message["job"] == "customers":
            company.box.customers.engine.work(message["tenant"], until)


def test_the_webhook_hears_once_that_a_consent_is_needed_and_what_waited_goes_on_at_once_after_it(
    company: Company, clock: AheadClock
) -> None:
    received: list[dict[str, Any]] = []

    def take(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        received.append(json.loads(body))
        return 204, b"", {}

    with serving(take) as url:
        made = company.box.tenants.webhooks.register(company.tenant, f"{url}/events", who="test")
        clock.ahead += DAYS
        company.sandbox.control("PUT", "/clock", {"advance": DAYS.total_seconds()})
        status, wanted, _ = company.call("POST", "/v1/customers", {"name": "Wacht even", "external_id": "N-1"})
        orders(company)
        orders(company)
        assert (status, wanted["state"]) == (202, "RECEIVED")
    assert made.url == f"{url}/events"
    (event,) = received
    assert event["type"] == "connection.reauthorize"
    assert event["data"]["reconnect"] == f"/oauth/start?tenant={company.tenant}"
    assert [kind for kind, _ in company.box.platform.events.events] == ["connection.reauthorize"]  # type: ignore[attr-defined]

    company.authorize()
    orders(company)
    found = company.ok("GET", f"/v1/customer-requests/{wanted['request_id']}")
    assert found["state"] == "CREATED"


def test_without_a_webhook_nothing_waits_for_one(company: Company, clock: AheadClock) -> None:
    company.box.tenants.webhooks.remove(company.tenant, who="test")
    clock.ahead += DAYS
    company.sandbox.control("PUT", "/clock", {"advance": DAYS.total_seconds()})
    company.call("POST", "/v1/customers", {"name": "Wacht weer", "external_id": "N-2"})
    kinds = [kind for kind, _ in company.box.platform.events.events]  # type: ignore[attr-defined]
    assert kinds[-1] == "connection.reauthorize"
    assert [place for place in company.rows() if place[1].startswith("outbox#")] == []
