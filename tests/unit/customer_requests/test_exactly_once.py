"""However an attempt ends and wherever a worker dies, a wanted customer becomes exactly one account."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from exact_connector.clock import EXACT_ZONE
from exact_connector.customer_requests.engine import CustomerEngine
from exact_connector.customer_requests.record import CustomerRequest, State, following, from_row, to_row
from exact_connector.customer_requests.store import AccountTaken, CustomerRequests
from exact_connector.errors import (
    ConfigurationError,
    ExactAnswerUnknown,
    ExactRejected,
    ExactUnavailable,
    StoreUnavailable,
)
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.orders.lifecycle.exact_search import ExactCalls
from exact_connector.orders.lifecycle.store import OutOfDate
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase

Outcome = Literal["answered", "lost", "never_arrived", "late", "refused", "not_sent"]
TIMES = LifecycleTimes(post=20, step=2, late=60, look=10, backoff=15)
BODY = {"Name": "Bakkerij Vos", "Status": "C"}


class Died(Exception):
    """The worker is gone."""


@dataclass
class FakeExact:
    """Accounts with the moment from which they are seen; ``outcomes`` of the POSTs in turn, then answered ones."""

    clock: ManualClock
    outcomes: list[Outcome] = field(default_factory=list)
    accounts: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    posts: int = 0

    def prepare(self) -> None:
        """Nothing to prepare."""

    def rows(self, query: Query) -> list[dict[str, Any]]:
        since = datetime.fromisoformat(str(query.filter).split("'")[1])
        found = [row for seen_from, row in self.accounts if seen_from <= self.clock.now()]
        return [row for row in found if row["Created"] >= since]

    def change(self, path: str, key: str | int, body: Mapping[str, Any]) -> None:
        raise AssertionError("a creation changes nothing")

    def create(self, path: str, body: Mapping[str, Any], *, record: str = "") -> dict[str, Any]:
        self.posts += 1
        outcome = self.outcomes.pop(0) if self.outcomes else "answered"
        if outcome == "refused":
            raise ExactRejected("refused", status=500, exact_text="Niet toegestaan")
        if outcome == "not_sent":
            raise ExactUnavailable("no connection", sent=False)
        if outcome == "never_arrived":
            raise ExactAnswerUnknown("no answer")
        row = {"ID": f"00000000-0000-4000-8000-{self.posts:012d}", "Code": f"{self.posts:>18}", **body}
        row["Created"] = self.clock.now().astimezone(EXACT_ZONE).replace(tzinfo=None)
        wait = timedelta(seconds=50 if outcome == "late" else 0)
        self.accounts.append((self.clock.now() + wait, row))
        if outcome == "answered":
            return row
        raise ExactAnswerUnknown("no answer")


class DyingRequests(CustomerRequests):
    """Ends the worker at the n-th transition, before or after it is stored."""

    def __init__(self, database: MemoryDatabase, *, at: int, after: bool) -> None:
        super().__init__(database, database["orders"])
        self._left, self._after = at, after

    def transition(self, old: CustomerRequest, new: CustomerRequest) -> CustomerRequest:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Died
        stored = super().transition(old, new)
        if self._left == 0:
            raise Died
        return stored


@dataclass
class World:
    clock: ManualClock
    database: MemoryDatabase
    exact: FakeExact
    told: list[str] = field(default_factory=list)
    division: int = 1

    @property
    def store(self) -> CustomerRequests:
        return CustomerRequests(self.database, self.database["orders"])

    def engine(self, store: CustomerRequests | None = None) -> CustomerEngine:
        calls: ExactCalls = self.exact
        return CustomerEngine(
            store or self.store,
            lambda tenant: calls,
            lambda record, exact: dict(record.body),
            self.told.append,
            self.clock,
            division=lambda tenant: self.division,
            times=TIMES,
        )

    def wanted(self, name: str = "c1") -> CustomerRequest:
        now = self.clock.now()
        record = CustomerRequest("acme", name, 1, BODY, "hash", now, now, due_at=now)
        assert self.store.accept(record, [f"key#{name}"]) == []
        return record

    def work_until_done(self) -> None:
        for _ in range(60):
            self.engine().work("acme", self.clock.now() + timedelta(hours=1))
            self.clock.sleep(5)


@pytest.fixture
def world() -> World:
    clock = ManualClock()
    return World(clock, MemoryDatabase(), FakeExact(clock))


@pytest.mark.parametrize("outcome", ["answered", "lost", "never_arrived", "late", "not_sent"])
def test_however_the_first_attempt_ends_there_is_one_account_in_the_end(world: World, outcome: Outcome) -> None:
    world.exact.outcomes = [outcome]
    world.wanted()
    world.work_until_done()
    found = world.store.get("acme", "c1")
    assert found.state is State.CREATED
    assert [row["ID"] for _, row in world.exact.accounts] == [found.customer_id]
    assert world.told == ["acme"]


@pytest.mark.parametrize("after", [False, True], ids=["before_it_is_stored", "after_it_was_stored"])
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("outcome", ["answered", "lost", "never_arrived", "late", "not_sent"])
def test_a_worker_that_dies_at_any_step_leaves_one_account_in_the_end(
    world: World, outcome: Outcome, at: int, after: bool
) -> None:
    world.exact.outcomes = [outcome]
    record = world.wanted()
    dying = world.engine(DyingRequests(world.database, at=at, after=after))
    with contextlib.suppress(Died):
        dying.advance(record, world.clock.now() + timedelta(hours=1))
    world.work_until_done()
    found = world.store.get("acme", "c1")
    assert found.state is State.CREATED
    assert [row["ID"] for _, row in world.exact.accounts] == [found.customer_id]


def test_identical_twins_get_an_account_each_though_both_answers_are_lost(world: World) -> None:
    world.exact.outcomes = ["lost", "lost"]
    world.wanted("c1")
    world.wanted("c2")
    world.work_until_done()
    made = {world.store.get("acme", name).customer_id for name in ("c1", "c2")}
    assert made == {row["ID"] for _, row in world.exact.accounts}
    assert len(made) == 2


def test_an_attempt_under_way_is_left_alone(world: World) -> None:
    record = world.wanted()
    with pytest.raises(Died):
        world.engine(DyingRequests(world.database, at=1, after=True)).advance(
            record, world.clock.now() + timedelta(hours=1)
        )
    world.clock.sleep(TIMES.post - 1)
    assert world.engine().work("acme", world.clock.now() + timedelta(hours=1)) == 0
    assert world.exact.posts == 0
    assert world.store.get("acme", "c1").state is State.SUBMITTING


def test_an_absence_counts_only_after_the_latest_moment_of_a_late_commit(world: World) -> None:
    world.exact.outcomes = ["never_arrived"]
    world.wanted()
    until = world.clock.now() + timedelta(seconds=TIMES.post + TIMES.late)
    while world.clock.now() < until:
        world.engine().work("acme", world.clock.now() + timedelta(hours=1))
        assert world.exact.posts == 1
        world.clock.sleep(5)


def test_two_workers_at_once_post_once(world: World) -> None:
    record = world.wanted()
    deadline = world.clock.now() + timedelta(hours=1)
    assert world.engine().advance(record, deadline).state is State.CREATED
    assert world.engine().advance(record, deadline).state is State.CREATED
    assert world.exact.posts == 1


def test_nothing_is_begun_that_may_outlast_the_deadline(world: World) -> None:
    record = world.wanted()
    assert world.engine().advance(record, world.clock.now() + timedelta(seconds=21)) == record
    assert world.exact.posts == 0


def test_a_refusal_ends_the_request_with_exacts_words(world: World) -> None:
    world.exact.outcomes = ["refused"]
    world.wanted()
    world.work_until_done()
    found = world.store.get("acme", "c1")
    assert (found.state, world.exact.posts) == (State.REJECTED, 1)
    assert found.reasons[0]["exact_text"] == "Niet toegestaan"


def test_a_setting_that_cannot_be_used_refuses_the_request_before_anything_is_sent(world: World) -> None:
    def refuse(record: CustomerRequest, exact: ExactCalls) -> dict[str, Any]:
        raise ConfigurationError("no such ledger account", code="CONFIG_REFERENCE_NOT_FOUND")

    engine = CustomerEngine(
        world.store, lambda _: world.exact, refuse, world.told.append, world.clock, division=lambda _: 1, times=TIMES
    )
    found = engine.advance(world.wanted(), world.clock.now() + timedelta(hours=1))
    assert (found.state, found.reasons[0]["code"]) == (State.REJECTED, "CONFIG_REFERENCE_NOT_FOUND")
    assert world.exact.posts == 0


def test_a_request_is_never_sent_to_another_administration_than_it_was_accepted_for(world: World) -> None:
    world.wanted()
    world.division = 2
    world.work_until_done()
    found = world.store.get("acme", "c1")
    assert (found.state, world.exact.posts) == (State.RECEIVED, 0)
    assert found.waiting is not None
    assert "administration 1" in found.waiting
    world.division = 1
    world.clock.sleep(600)
    world.work_until_done()
    assert world.store.get("acme", "c1").state is State.CREATED


def test_an_account_belongs_to_one_request_only(world: World) -> None:
    first, second = world.wanted("c1"), world.wanted("c2")
    world.exact.outcomes = ["answered"]
    made = world.engine().advance(first, world.clock.now() + timedelta(hours=1))
    claimed = following(second, world.clock.now(), state=State.CREATED, customer_id=made.customer_id)
    with pytest.raises(AccountTaken):
        world.store.transition(second, claimed)


def test_a_step_from_an_old_version_is_refused(world: World) -> None:
    record = world.wanted()
    world.store.transition(record, following(record, world.clock.now(), waiting="first"))
    with pytest.raises(OutOfDate):
        world.store.transition(record, following(record, world.clock.now(), waiting="second"))


def test_every_field_of_a_request_survives_the_table(world: World) -> None:
    now = world.clock.now()
    record = CustomerRequest(
        tenant="acme",
        record_id="c9",
        division=7,
        body=BODY,
        body_hash="h",
        accepted_at=now,
        updated_at=now,
        external_id="X",
        state=State.UNKNOWN,
        version=4,
        due_at=now,
        failures=2,
        attempts=3,
        sent=BODY,
        started_at=now,
        search_since=now,
        absent_after=now,
        customer_id="id",
        customer_code="1",
        reasons=({"code": "A"},),
        waiting="w",
    )
    assert from_row(to_row(record)) == record


def test_a_key_that_is_taken_meanwhile_answers_with_the_request_that_took_it(world: World) -> None:
    first = world.wanted("c1")
    now = world.clock.now()
    second = CustomerRequest("acme", "c2", 1, BODY, "hash", now, now, due_at=now)
    assert world.store.accept(second, ["key#c2", "key#c1"]) == [first]
    assert world.store.by_keys("acme", ["key#c2"]) == []


def test_a_request_id_that_was_given_out_twice_overwrites_nothing(world: World) -> None:
    first = world.wanted("c1")
    with pytest.raises(StoreUnavailable, match="post it again"):
        world.store.accept(following(first, world.clock.now(), body={}), ["key#other"])
    assert world.store.get("acme", "c1") == first


def test_a_request_that_waits_for_a_connection_is_due_at_once_after_a_link(world: World) -> None:
    record = world.wanted()
    world.division = 2
    world.engine().work("acme", world.clock.now() + timedelta(hours=1))
    assert world.store.due_of("acme", world.clock.now()) == []
    world.division = 1
    world.store.hurry("acme", 1, world.clock.now())
    assert world.engine().work("acme", world.clock.now() + timedelta(hours=1)) == 1
    assert world.store.get("acme", record.request_id).state is State.CREATED


def test_a_link_to_another_administration_hurries_no_request(world: World) -> None:
    record = world.wanted()
    world.division = 2
    world.engine().work("acme", world.clock.now() + timedelta(hours=1))
    before = world.store.get("acme", record.request_id)
    world.store.hurry("acme", 2, world.clock.now())
    assert world.store.get("acme", record.request_id) == before


def test_an_account_made_while_the_clocks_are_put_back_is_found(world: World) -> None:
    world.clock.moment = datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC)
    world.exact.outcomes = ["not_sent"]
    record = world.wanted()
    world.engine().work("acme", world.clock.now() + timedelta(hours=1))
    world.exact.outcomes = ["late"]
    world.work_until_done()
    assert world.store.get("acme", record.request_id).state is State.CREATED
    assert world.exact.posts == 2
