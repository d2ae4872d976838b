"""What a page costs that Exact does not give: calls on the wire and in the budget, from extraction to transport."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from exact_connector.exact.connection import Connection
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.transport import HttpAnswer, HttpRequest
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, budget_key, read_windows
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import Key
from exact_connector.sync.extraction.extract import Extractor
from exact_connector.sync.results import ChunkResult
from exact_connector.sync.stores.checkpoints import Checkpoint
from fakes.ports import MemoryEvents
from unit.exact.auth.token_model import BASE, DIVISION, Bench
from unit.sync.sync_model import TENANT, guid, view

ROOT = f"{BASE}/api/v1/{DIVISION}/"
SECOND = f"{ROOT}sync/Logistics/Items?$skiptoken=2L"
NOTHING = HttpAnswer(200, {}, b'{"d":{"results":[]}}')


def page(number: int, following: str | None = None) -> HttpAnswer:
    data: dict[str, Any] = {"results": [{"ID": guid(number), "Code": f"A{number}", "Timestamp": number}]}
    if following:
        data["__next"] = following
    return HttpAnswer(200, {}, json.dumps({"d": data}).encode())


@dataclass
class Wire:
    """Exact's side: answers by address, else an empty page; a token that it does not accept is refused."""

    accepts: Any
    answers: dict[str, HttpAnswer] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    refused: int = 0

    def send(self, request: HttpRequest) -> HttpAnswer:
        address = request.url.removeprefix(ROOT)
        self.sent.append(address)
        if not self.accepts(request.headers["Authorization"].removeprefix("Bearer ")):
            self.refused += 1
            return HttpAnswer(401, {}, b"")
        return next((self.answers[name] for name in self.answers if address.startswith(name)), NOTHING)


class Ground:
    """One worker of a linked tenant, with the real client, tokens and budgets between extraction and the wire."""

    def __init__(self, *, ahead: bool = False) -> None:
        self.bench = Bench()
        self.clock = self.bench.clock
        self.wire = Wire(self.bench.exact.accepts)
        database = self.bench.database
        self.sync = database["sync"]
        self.stores = Stores(database, self.sync, database["records"], database["catalog"])
        self.ahead = ahead

    def run(self, stream: str) -> ChunkResult:
        """Run one chunk of a stream as a process of its own."""
        client = ExactClient(
            Connection(TENANT, BASE, "client", DIVISION),
            self.bench.keeper(),
            CallBudget(self.sync, "client", DIVISION, self.clock),
            ErrorBudget(self.sync, "client", DIVISION, self.clock),
            self.wire,
            self.clock,
            purpose=Purpose.SYNC,
        )
        extractor = Extractor(self.stores, lambda _: client, self.clock, MemoryEvents(), worker="w1", ahead=self.ahead)
        if extractor.checkpoints.get(TENANT, stream) is None:
            extractor.checkpoints.create(Checkpoint(TENANT, stream, due_at=self.clock.now(), division=DIVISION))
        extractor.checkpoints.make_due(TENANT, stream, self.clock.now())
        with client:
            return extractor.run_chunk(view(), stream, self.clock.now() + timedelta(seconds=600))

    @property
    def spent(self) -> int:
        """The calls that were taken from the day's budget."""
        return 5000 - read_windows(self.sync.get(budget_key("client", DIVISION))).day_left

    def errors(self, endpoint: str) -> int:
        """The errors that were counted for an endpoint."""
        row = self.sync.get(Key(f"budget#client#{DIVISION}", f"errors#{endpoint}"))
        found = row.get("errors") if row is not None else None
        return len(found) if isinstance(found, list) else 0


@pytest.fixture(params=[False, True], ids=["one at a time", "one ahead"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(ahead=request.param)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_page_behind_an_outage_costs_three_calls(ground: Ground, status: int) -> None:
    ground.wire.answers = {"sync/Logistics/Items": HttpAnswer(status, {}, b"")}
    assert ground.run("items").outcome == "waiting"
    assert (len(ground.wire.sent), ground.spent) == (3, 3)


def test_a_later_page_behind_an_outage_costs_three_calls_and_the_first_is_kept(ground: Ground) -> None:
    ground.wire.answers = {
        SECOND.removeprefix(ROOT): HttpAnswer(503, {}, b""),
        "sync/Logistics/Items": page(1, following=SECOND),
    }
    assert (ground.run("items").outcome, len(ground.wire.sent), ground.spent) == ("waiting", 4, 4)
    ground.wire.answers[SECOND.removeprefix(ROOT)] = page(2)
    ground.clock.sleep(60)
    assert ground.run("items").outcome == "finished"
    assert (len(ground.wire.sent), ground.spent) == (5, 5)


def test_a_page_whose_retry_time_is_said_is_asked_for_once_and_not_before(ground: Ground) -> None:
    ground.wire.answers = {"sync/Logistics/Items": HttpAnswer(503, {"retry-after": "300"}, b"")}
    result = ground.run("items")
    assert (result.outcome, len(ground.wire.sent), ground.spent) == ("waiting", 1, 1)
    assert result.due_at is not None
    assert result.due_at >= ground.clock.now() + timedelta(seconds=300)


def test_a_refused_token_costs_one_counted_call_for_all_streams_until_the_next_refresh(ground: Ground) -> None:
    ground.wire.accepts = lambda token: False
    due = ground.clock.now() + timedelta(seconds=571)
    for stream in ("items", "contacts", "sales_prices", "items"):
        result = ground.run(stream)
        assert (result.outcome, result.due_at) == ("waiting", due)
        ground.clock.sleep(60)
    assert (len(ground.wire.sent), ground.spent, ground.wire.refused) == (1, 1, 1)
    assert ground.errors("sync/Logistics/Items") == 1


def test_the_token_after_a_refused_one_is_tried_once_too(ground: Ground) -> None:
    ground.wire.accepts = lambda token: False
    ground.run("items")
    ground.clock.sleep(571)
    ground.run("items")
    ground.run("contacts")
    assert (len(ground.wire.sent), ground.spent, ground.bench.exact.posts) == (2, 2, 1)
    ground.wire.accepts = ground.bench.exact.accepts
    ground.clock.sleep(571)
    assert ground.run("items").outcome == "finished"
    assert (len(ground.wire.sent), ground.wire.refused) == (3, 2)


def test_a_token_that_another_worker_replaces_meanwhile_costs_one_call_more(ground: Ground) -> None:
    ground.wire.answers = {"sync/Logistics/Items": page(1)}
    other = ground.bench.keeper()

    def replaced_meanwhile(token: str) -> bool:
        if token == "access-1":
            ground.clock.sleep(1)
            other.access_token()
        return ground.bench.exact.access == token

    ground.wire.accepts = replaced_meanwhile
    ground.clock.sleep(570)
    assert ground.run("items").outcome == "finished"
    assert (len(ground.wire.sent), ground.spent, ground.wire.refused) == (2, 2, 1)
