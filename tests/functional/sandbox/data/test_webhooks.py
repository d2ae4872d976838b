"""Webhooks: the validation call, the signature over the raw bytes, retries, and who is told what."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from exact_sandbox.protocol import writes
from exact_sandbox.webhooks import Courier, signed
from exact_sandbox.world.store import Refusal, Row, World
from functional.sandbox.data.worlds import Office, tiny_world

Call = tuple[str, bytes]


class Receiver:
    """A real little receiver on loopback: keeps what it was sent and answers as told."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.statuses: list[int] = []
        self.reason: str | None = None
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.calls.append((request.headers.get("Content-Length", ""), await request.read()))
        return web.Response(status=self.statuses.pop(0), reason=self.reason) if self.statuses else web.Response()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


class Bench:
    """A world, a receiver, and a courier whose pauses take no time but are written down."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self.world, self.receiver, self.office = world, receiver, Office(world)
        self.pauses: list[float] = []
        self.courier = Courier(world, sleep=self._sleep)
        self.client = next(iter(world.apps))

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def subscribe(self, topic: str = "Items", **body: object) -> Row:
        sent = {"Topic": topic, "CallbackURL": self.receiver.url, **body}
        created = await writes.create(
            self.world, self.office.division, "WebhookSubscriptions", sent, self.office.user, client_id=self.client
        )
        return created.row

    async def validated(self, topic: str = "Items") -> Row:
        """Subscribe, wait for both validations and forget them."""
        row = await self.subscribe(topic)
        await self.courier.settled()
        self.receiver.calls.clear()
        self.pauses.clear()
        return row

    async def change_item(self) -> Row:
        item = self.office.item()
        await writes.update(self.world, self.office.division, "Items", item["ID"], {"Notes": "n"}, self.office.user)
        await self.courier.settled()
        return item


def on_bench(story: Callable[[Bench], Awaitable[None]], **options: Any) -> None:
    async def play() -> None:
        async with receiving() as receiver:
            bench = Bench(tiny_world(items=30, customers=12, orders=2, **{"allow_loopback": True, **options}), receiver)
            bench.world.base_url = "http://sandbox.test"
            bench.courier.start()
            try:
                await story(bench)
            finally:
                await bench.courier.stop()

    asyncio.run(play())


def test_a_subscription_is_validated_with_an_empty_post_and_again_a_second_later() -> None:
    async def story(bench: Bench) -> None:
        row = await bench.subscribe()
        assert bench.receiver.calls == [("0", b"")]
        await bench.courier.settled()
        assert (bench.receiver.calls, bench.pauses) == ([("0", b""), ("0", b"")], [1.0])
        assert (row["Topic"], row["ClientID"]) == ("Items", bench.client)

    on_bench(story)


async def refusal(action: Awaitable[object]) -> tuple[int, str]:
    try:
        await action
    except Refusal as refused:
        return refused.status, refused.text
    raise AssertionError("the subscription was accepted")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        pytest.param(503, "503 Service Temporarily Unavailable", id="a busy server"),
        pytest.param(302, "302 Found", id="a redirect"),
        pytest.param(0, "500 An error occurred while sending the request.", id="no server"),
    ],
)
def test_a_callback_that_fails_makes_the_create_fail(status: int, words: str) -> None:
    async def story(bench: Bench) -> None:
        bench.receiver.statuses, bench.receiver.reason = [status], words.partition(" ")[2]
        url = bench.receiver.url if status else "http://127.0.0.1:9/hook"
        answer = await refusal(bench.subscribe(CallbackURL=url))
        assert answer == (500, f"Ongeldig: Post to callback URL endpoint returns {words}")
        assert len(bench.office.rows("WebhookSubscriptions")) == 0

    on_bench(story)


def test_a_topic_is_subscribed_once_per_application() -> None:
    async def story(bench: Bench) -> None:
        await bench.subscribe()
        assert await refusal(bench.subscribe()) == (500, "Gegeven bestaat reeds.")
        await bench.subscribe("Accounts")

    on_bench(story)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param({"Topic": "Weather"}, "Ongeldig: Onderwerp", id="unknown topic"),
        pytest.param({"CallbackURL": "http://example.test/x"}, "Ongeldig: Callback URL", id="no TLS"),
        pytest.param({"CallbackURL": ""}, "Verplicht: Callback URL", id="no address"),
        pytest.param({"IsInstant": True}, "Ongeldig: IsInstant", id="instant for another topic"),
    ],
)
def test_a_wrong_subscription_is_refused_before_any_call(body: Row, text: str) -> None:
    async def story(bench: Bench) -> None:
        assert await refusal(bench.subscribe(**body)) == (500, text)
        assert bench.receiver.calls == []

    on_bench(story)


def test_loopback_is_refused_unless_it_is_switched_on() -> None:
    async def story(bench: Bench) -> None:
        assert await refusal(bench.subscribe()) == (500, "Ongeldig: Callback URL")

    on_bench(story, allow_loopback=False)


def test_a_change_is_announced_signed_over_the_raw_bytes() -> None:
    async def story(bench: Bench) -> None:
        await bench.validated()
        item = await bench.change_item()
        body = bench.receiver.calls[-1][1]
        raw = body[len(b'{"Content":') : body.rindex(b',"HashCode":')]
        secret = bench.world.apps[bench.client].webhook_secret
        content, code = json.loads(body)["Content"], json.loads(body)["HashCode"]
        assert code == hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest().upper()
        assert {name: content[name] for name in ("Topic", "Action", "Division", "Key", "ClientId")} == {
            "Topic": "Items", "Action": "Update", "Division": 123456, "Key": item["ID"], "ClientId": bench.client,
        }  # fmt: skip
        assert content["ExactOnlineEndpoint"].startswith("http://sandbox.test/api/v1/123456/logistics/Items(guid'")

    on_bench(story)


def test_creation_change_and_deletion_of_an_order_are_announced() -> None:
    async def story(bench: Bench) -> None:
        await bench.validated("SalesOrders")
        office = bench.office
        body = {"OrderedBy": office.customer()["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]}
        order = (await writes.create(bench.world, office.division, "SalesOrders", body, office.user)).row
        await writes.delete(bench.world, office.division, "SalesOrders", order["OrderID"], office.user)
        await bench.courier.settled()
        actions = sorted(json.loads(body)["Content"]["Action"] for _, body in bench.receiver.calls)
        assert actions == ["Create", "Delete"]

    on_bench(story)


def test_stock_movements_are_announced_as_stock_positions() -> None:
    async def story(bench: Bench) -> None:
        await bench.validated("StockPositions")
        office = bench.office
        body = {"OrderedBy": office.customer()["ID"], "SalesOrderLines": [{"Item": office.item()["ID"]}]}
        await writes.create(bench.world, office.division, "SalesOrders", body, office.user)
        await bench.courier.settled()
        assert json.loads(bench.receiver.calls[-1][1])["Content"]["Topic"] == "StockPositions"

    on_bench(story)


def test_a_failed_delivery_is_tried_again_with_growing_pauses_and_then_lost() -> None:
    async def story(bench: Bench) -> None:
        await bench.validated()
        bench.receiver.statuses = [503] * 11
        await bench.change_item()
        assert bench.pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0]
        bodies = {body for _, body in bench.receiver.calls}
        assert (len(bench.receiver.calls), len(bodies)) == (11, 1)
        bench.receiver.statuses = [503]
        await bench.change_item()
        assert len(bench.receiver.calls) == 11 + 2

    on_bench(story)


def test_the_unit_of_the_pauses_can_be_set() -> None:
    async def story(bench: Bench) -> None:
        await bench.validated()
        bench.receiver.statuses = [503, 503]
        await bench.change_item()
        assert bench.pauses == [0.5, 1.0]

    on_bench(story, webhook_retry_s=0.25)


def test_every_attempt_is_logged() -> None:
    async def story(bench: Bench) -> None:
        await bench.validated()
        bench.receiver.statuses = [500]
        await bench.change_item()
        kinds = [(each["kind"], each["status"]) for each in bench.world.deliveries]
        assert kinds == [("validation", 200), ("validation", 200), ("notification", 500), ("notification", 200)]

    on_bench(story)


def test_an_ended_subscription_is_told_nothing() -> None:
    async def story(bench: Bench) -> None:
        row = await bench.validated()
        await writes.delete(bench.world, bench.office.division, "WebhookSubscriptions", row["ID"], bench.office.user)
        await bench.change_item()
        assert bench.receiver.calls == []

    on_bench(story)


def test_the_hash_is_the_known_one_for_a_known_secret() -> None:
    body = signed({"Topic": "Items"}, "secret")
    assert body == (
        b'{"Content":{"Topic":"Items"},"HashCode":'
        b'"' + hmac.new(b"secret", b'{"Topic":"Items"}', "sha256").hexdigest().upper().encode() + b'"}'
    )
