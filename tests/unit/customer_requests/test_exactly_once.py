"""However an attempt ends and wherever a worker dies, a requested customer becomes exactly one account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import pytest

from exact_connector.clock import EXACT_ZONE
from exact_connector.customer_requests.engine import ACCOUNTS, CustomerEngine, CustomerPlanner, CustomerSubmission
from exact_connector.customer_requests.record import CUSTOMERS, CustomerRequest, from_row, to_row
from exact_connector.customer_requests.store import CustomerStore
from exact_connector.errors import (
    ConfigurationError,
    ExactAnswerUnknown,
    ExactRejected,
    ExactUnavailable,
    StoreUnavailable,
)
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once import transitions
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.record import Attempt, Change, State, next_version
from exact_connector.exactly_once.second_ways import CallsWithSecondWays, RefusedFilters
from exact_connector.exactly_once.store import DocumentTaken, OutOfDate
from exact_connector.exactly_once.transitions import Plan
from fakes.clocks import ManualClock
from fakes.crashing import Crash, Process, WatchedDatabase, WatchedTable
from fakes.tables import MemoryDatabase

Outcome = Literal["answered", "lost", "never_arrived", "late", "refused", "not_sent", "words", "made_in_words"]
TIMES = LifecycleTimes(post=20, step=2, grace=60, look=10, backoff=15)
BODY = {"Name": "Bakkerij Vos", "Status": "C"}


@dataclass
class FakeExact:
    """Accounts with the moment from which they are seen; ``outcomes`` of the POSTs in turn, then answered ones."""

    clock: ManualClock
    process: Process
    outcomes: list[Outcome] = field(default_factory=list)
    accounts: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)
    posts: int = 0

    def prepare(self) -> None:
        self.process.around(lambda: None)

    def rows(self, query: Query) -> list[dict[str, Any]]:
        return self.process.around(lambda: self._rows(query))

    def _rows(self, query: Query) -> list[dict[str, Any]]:
        since = datetime.fromisoformat(str(query.filter).split("'")[1])
        found = [row for seen_from, row in self.accounts if seen_from <= self.clock.now()]
        return [row for row in found if row["Created"] >= since]

    def change(self, path: str, key: str | int, body: Mapping[str, Any]) -> None:
        raise AssertionError("a creation changes nothing")

    def create(self, path: str, body: Mapping[str, Any], *, record: str = "") -> dict[str, Any]:
        return self.process.around(lambda: self._create(body))

    def _create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.posts += 1
        outcome = self.outcomes.pop(0) if self.outcomes else "answered"
        if outcome == "refused":
            raise ExactRejected("refused", status=500, exact_text="Niet toegestaan")
        if outcome == "not_sent":
            raise ExactUnavailable("no connection", sent=False)
        if outcome == "words":
            raise ExactAnswerUnknown("failed", status=500, exact_text="Timeout expired.")
        if outcome == "never_arrived":
            raise ExactAnswerUnknown("no answer")
        row = {"ID": f"00000000-0000-4000-8000-{self.posts:012d}", "Code": f"{self.posts:>18}", **body}
        row["Created"] = self.clock.now().astimezone(EXACT_ZONE).replace(tzinfo=None)
        wait = timedelta(seconds=50 if outcome == "late" else 0)
        self.accounts.append((self.clock.now() + wait, row))
        if outcome == "answered":
            return row
        if outcome == "made_in_words":
            raise ExactAnswerUnknown("failed", status=500, exact_text="Timeout expired.")
        raise ExactAnswerUnknown("no answer")


class World:
    """Requests over tables in memory, a small Exact, and a worker that can be killed at any operation on either."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.process = Process()
        self.exact = FakeExact(self.clock, self.process)
        self.notified: list[str] = []
        self.division = 1
        self.memory = MemoryDatabase()
        self.store = CustomerStore(
            CUSTOMERS,
            WatchedDatabase(self.process, self.memory),
            WatchedTable(self.process, self.memory["orders"]),
            sleep=self.clock.sleep,
        )

    def engine(self, plan: CustomerPlanner | None = None) -> CustomerEngine:
        filters = RefusedFilters(self.memory["orders"], self.clock)
        calls: ExactCalls = CallsWithSecondWays(self.exact, filters, "acme", 1)
        submission = CustomerSubmission(
            lambda tenant: calls,
            plan or (lambda record, exact: dict(record.body)),
            division=lambda tenant: self.division,
        )
        return CustomerEngine(self.store, submission, self._created, self.clock, TIMES)

    def _created(self, record: CustomerRequest) -> None:
        self.notified.append(str(record.exact_id))

    def requested(self, name: str = "c1") -> CustomerRequest:
        record = request(name, self.clock.now())
        assert self.store.accept(record, [f"key#{name}"]) == []
        return record

    def work(self) -> int:
        return self.engine().work("acme", self.clock.now() + timedelta(hours=1))

    def work_until_done(self) -> None:
        for _ in range(60):
            self.work()
            self.clock.sleep(5)


def request(name: str, now: datetime) -> CustomerRequest:
    return CustomerRequest(
        tenant="acme",
        record_id=name,
        division=1,
        body=BODY,
        body_hash="hash",
        accepted_at=now,
        updated_at=now,
        due_at=now,
    )


@pytest.fixture
def world() -> World:
    return World()


OUTCOMES: list[Outcome] = ["answered", "lost", "never_arrived", "late", "not_sent", "words", "made_in_words"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_however_the_first_attempt_ends_there_is_one_account_in_the_end(world: World, outcome: Outcome) -> None:
    world.exact.outcomes = [outcome]
    world.requested()
    world.work_until_done()
    assert_created_once(world)
    assert world.notified == [str(world.store.get("acme", "c1").exact_id)]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_killing_the_worker_at_every_operation_leaves_one_account(outcome: Outcome, late: bool) -> None:
    total = visited(outcome).process.count
    assert total >= 6
    for at in range(1, total + 1):
        world = visited(outcome, at=at, late=late)
        world.process.revive()
        world.work_until_done()
        assert_created_once(world)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_worker_that_stands_still_at_any_operation_while_others_go_on_does_no_harm(
    outcome: Outcome, late: bool
) -> None:
    for at in range(1, visited(outcome).process.count + 1):
        world = World()
        world.exact.outcomes = [outcome]
        world.requested()
        world.process.arm(at, late=late, then=partial(others_go_on, world))
        world.work()
        world.work_until_done()
        assert_created_once(world)


def visited(outcome: Outcome, *, at: int | None = None, late: bool = False) -> World:
    """A world after one visit of a worker, which may be killed at one of its operations."""
    world = World()
    world.exact.outcomes = [outcome]
    world.requested()
    world.process.count = 0
    if at is None:
        world.work()
        return world
    world.process.arm(at, late=late)
    with pytest.raises(Crash):
        world.work()
    return world


def others_go_on(world: World) -> None:
    """Let time pass that a call to Exact cannot outlast, while another worker visits."""
    world.clock.sleep(TIMES.post - 1)
    world.work()


def assert_created_once(world: World) -> None:
    found = world.store.get("acme", "c1")
    assert found.state is State.SUBMITTED
    assert [row["ID"] for _, row in world.exact.accounts] == [found.exact_id]
    links = [row for row in world.memory["orders"].all_rows() if str(row["pk"]).startswith("customer-link#")]
    assert [(row["sk"], row["record_id"]) for row in links] == [(found.exact_id, "c1")]
    assert list(world.store.queue("acme")) == []


def test_identical_twins_get_an_account_each_though_both_answers_are_lost(world: World) -> None:
    world.exact.outcomes = ["lost", "lost"]
    world.requested("c1")
    world.requested("c2")
    world.work_until_done()
    made = {world.store.get("acme", name).exact_id for name in ("c1", "c2")}
    assert made == {row["ID"] for _, row in world.exact.accounts}
    assert len(made) == 2


def test_an_attempt_under_way_is_left_alone(world: World) -> None:
    begun = transitions.begun(world.requested(), Plan(ACCOUNTS, BODY), world.clock.now(), TIMES)
    world.store.transition(world.store.get("acme", "c1"), begun)
    world.clock.sleep(TIMES.post - 1)
    assert world.work() == 0
    assert world.exact.posts == 0
    assert world.store.get("acme", "c1").state is State.SUBMITTING


def test_an_absence_counts_only_after_the_latest_moment_of_a_late_commit(world: World) -> None:
    world.exact.outcomes = ["never_arrived"]
    world.requested()
    until = world.clock.now() + timedelta(seconds=TIMES.post + TIMES.grace)
    while world.clock.now() < until:
        world.work()
        assert world.exact.posts == 1
        world.clock.sleep(5)


def test_two_workers_at_once_post_once(world: World) -> None:
    record = world.requested()
    deadline = world.clock.now() + timedelta(hours=1)
    assert world.engine().advance(record, deadline).state is State.SUBMITTED
    assert world.engine().advance(record, deadline).state is State.SUBMITTED
    assert world.exact.posts == 1


def test_nothing_is_begun_that_may_outlast_the_deadline(world: World) -> None:
    record = world.requested()
    assert world.engine().advance(record, world.clock.now() + timedelta(seconds=21)) == record
    assert world.exact.posts == 0


def test_a_refusal_ends_the_request_with_exacts_words(world: World) -> None:
    world.exact.outcomes = ["refused"]
    world.requested()
    world.work_until_done()
    found = world.store.get("acme", "c1")
    assert (found.state, world.exact.posts) == (State.REJECTED, 1)
    assert found.reasons[0]["exact_text"] == "Niet toegestaan"


def test_a_setting_that_cannot_be_used_refuses_the_request_before_anything_is_sent(world: World) -> None:
    def refuse(record: CustomerRequest, exact: ExactCalls) -> dict[str, Any]:
        raise ConfigurationError("no such ledger account", code="CONFIG_REFERENCE_NOT_FOUND")

    found = world.engine(plan=refuse).advance(world.requested(), world.clock.now() + timedelta(hours=1))
    assert (found.state, found.reasons[0]["code"]) == (State.REJECTED, "CONFIG_REFERENCE_NOT_FOUND")
    assert world.exact.posts == 0


def test_a_request_is_never_sent_to_another_administration_than_it_was_accepted_for(world: World) -> None:
    world.requested()
    world.division = 2
    world.work_until_done()
    found = world.store.get("acme", "c1")
    assert (found.state, world.exact.posts) == (State.RECEIVED, 0)
    assert found.waiting is not None
    assert "administration 1" in found.waiting
    world.division = 1
    world.clock.sleep(600)
    world.work_until_done()
    assert world.store.get("acme", "c1").state is State.SUBMITTED


def test_an_account_belongs_to_one_request_only(world: World) -> None:
    first, second = world.requested("c1"), world.requested("c2")
    world.exact.outcomes = ["answered"]
    made = world.engine().advance(first, world.clock.now() + timedelta(hours=1))
    claimed = next_version(second, world.clock.now(), state=State.SUBMITTED, exact_id=made.exact_id)
    with pytest.raises(DocumentTaken):
        world.store.transition(second, Change(claimed, ""))


def test_a_step_from_an_old_version_is_refused(world: World) -> None:
    record = world.requested()
    world.store.transition(record, Change(next_version(record, world.clock.now(), waiting="first"), ""))
    with pytest.raises(OutOfDate):
        world.store.transition(record, Change(next_version(record, world.clock.now(), waiting="second"), ""))


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
        attempt=Attempt(3, now, "crm/Accounts", BODY),
        search_since=now,
        absent_after=now,
        exact_id="id",
        exact_number="1",
        reasons=({"code": "A"},),
        waiting="w",
    )
    assert from_row(to_row(record)) == record


def test_a_key_that_is_taken_meanwhile_answers_with_the_request_that_took_it(world: World) -> None:
    first = world.requested("c1")
    now = world.clock.now()
    second = request("c2", now)
    assert world.store.accept(second, ["key#c2", "key#c1"]) == [first]
    assert world.store.by_keys("acme", ["key#c2"]) == []


def test_a_request_id_that_was_given_out_twice_overwrites_nothing(world: World) -> None:
    first = world.requested("c1")
    with pytest.raises(StoreUnavailable, match="post it again"):
        world.store.accept(next_version(first, world.clock.now(), body={}), ["key#other"])
    assert world.store.get("acme", "c1") == first


def test_a_request_that_waits_for_a_connection_is_due_at_once_after_a_link(world: World) -> None:
    record = world.requested()
    world.division = 2
    world.work()
    assert world.store.due(world.clock.now()) == []
    world.division = 1
    world.store.make_due("acme", 1, world.clock.now())
    assert world.work() == 1
    assert world.store.get("acme", record.request_id).state is State.SUBMITTED


def test_a_link_to_another_administration_hurries_no_request(world: World) -> None:
    record = world.requested()
    world.division = 2
    world.work()
    before = world.store.get("acme", record.request_id)
    world.store.make_due("acme", 2, world.clock.now())
    assert world.store.get("acme", record.request_id) == before


def test_an_account_made_while_the_clocks_are_put_back_is_found(world: World) -> None:
    world.clock.moment = datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC)
    world.exact.outcomes = ["not_sent"]
    record = world.requested()
    world.work()
    world.exact.outcomes = ["late"]
    world.work_until_done()
    assert world.store.get("acme", record.request_id).state is State.SUBMITTED
    assert world.exact.posts == 2
