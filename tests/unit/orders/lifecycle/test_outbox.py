"""Outgoing events: to the event bus at least once, and signed to a tenant's webhook until it takes them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from exact_connector.errors import InvalidInput, StoreUnavailable
from exact_connector.orders.lifecycle.outbox import (
    DELIVERY_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    pause_after,
)
from exact_connector.tenants.webhook import TenantWebhook, check_url
from unit.orders.lifecycle.order_world import TENANT, World

TARGET = TenantWebhook("https://shop.example.com/events", "the-secret", datetime(2026, 6, 1, tzinfo=UTC))


@pytest.fixture
def world() -> World:
    return World()


def waiting(world: World) -> int:
    return len(world.rows("outbox#"))


def test_an_event_goes_to_the_bus_and_leaves_the_outbox(world: World) -> None:
    order = world.post()
    world.work()
    assert world.kinds_of_events() == ["order.submitted"]
    assert world.events.events[0][1]["order_id"] == order.record.order_id
    assert waiting(world) == 0
    assert world.receiver.requests == []


def test_a_webhook_gets_the_event_with_a_signature_that_the_receiver_can_compute(world: World) -> None:
    world.target = TARGET
    world.post()
    world.work()
    (request,) = world.receiver.requests
    assert (request.method, request.url) == ("POST", TARGET.url)
    assert request.body is not None
    signed = request.headers[TIMESTAMP_HEADER].encode() + b"." + request.body
    expected = hmac.new(b"the-secret", signed, hashlib.sha256).hexdigest()
    assert request.headers[SIGNATURE_HEADER] == f"sha256={expected}"
    sent = json.loads(request.body)
    assert (sent["type"], sent["data"]["exact_number"]) == ("order.submitted", "5001")
    assert sent["id"] == request.headers[DELIVERY_HEADER]
    assert waiting(world) == 0


@pytest.mark.parametrize("status", [None, 500, 302, 404], ids=["no answer", "500", "redirect", "404"])
def test_an_event_that_the_webhook_does_not_take_is_posted_again_with_the_same_id(
    world: World, status: int | None
) -> None:
    world.target, world.receiver.status = TARGET, status
    world.post()
    world.work()
    assert waiting(world) == 1
    world.outbox.deliver(TENANT)
    assert len(world.receiver.requests) == 1
    world.receiver.status = 204
    world.clock.sleep(31)
    assert world.outbox.due(world.clock.now()) != []
    world.outbox.deliver(TENANT)
    assert len({request.headers[DELIVERY_HEADER] for request in world.receiver.requests}) == 1
    assert len(world.receiver.requests) == 2
    assert waiting(world) == 0
    assert world.kinds_of_events() == ["order.submitted"]


def test_an_event_is_given_up_after_some_three_days(world: World) -> None:
    world.target, world.receiver.status = TARGET, None
    world.post()
    world.work()
    for _ in range(200):
        world.clock.sleep(3600)
        world.outbox.deliver(TENANT)
    assert waiting(world) == 0
    assert 70 <= len(world.receiver.requests) <= 80


def test_a_webhook_that_is_away_is_not_asked_for_every_event(world: World) -> None:
    world.target, world.receiver.status = TARGET, None
    for number in range(20):
        world.post(f"k{number}", customer=number)
    world.work()
    assert len(world.receiver.requests) == 3
    assert len(world.kinds_of_events()) == 20


@pytest.mark.parametrize(("tries", "seconds"), [(0, 30), (1, 60), (6, 1920), (7, 3600), (79, 3600)])
def test_pauses_double_up_to_an_hour(tries: int, seconds: float) -> None:
    assert pause_after(tries).total_seconds() == seconds


class AwayBus:
    """An event bus that does not answer."""

    def publish(self, kind: str, detail: Mapping[str, object]) -> None:
        raise StoreUnavailable("EventBridge did not answer")


def test_an_event_that_the_bus_did_not_take_stays_due(world: World) -> None:
    world.outbox._bus = AwayBus()
    world.post()
    with pytest.raises(StoreUnavailable):
        world.work()
    world.outbox._bus = world.events
    world.clock.sleep(31)
    assert [tenant for tenant, _ in world.outbox.due(world.clock.now())] == [TENANT]
    world.outbox.deliver(TENANT)
    assert world.kinds_of_events() == ["order.submitted"]


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://169.254.169.254/x",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://intranet/x",
        "https://db.internal/x",
        "https://user:word@shop.example.com/x",
        "https://shop.example.com:99999/x",
        "ftp://shop.example.com/x",
        "not an address",
        "",
    ],
)
def test_events_are_posted_to_public_https_addresses_only(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_url(url, loopback=False)
    assert caught.value.faults[0].pointer == "/url"


@pytest.mark.parametrize(
    "url", ["https://shop.example.com/x", "https://shop.example.com:8443/x?y=1", "https://8.8.8.8/"]
)
def test_a_public_https_address_is_fine(url: str) -> None:
    check_url(url, loopback=False)


def test_a_local_run_may_post_events_to_this_machine() -> None:
    check_url("http://127.0.0.1:8080/x", loopback=True)
    with pytest.raises(InvalidInput):
        check_url("http://10.0.0.7/x", loopback=True)
