"""The transitions that every kind of record shares, as a table: from what happened to what it becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from exact_connector.errors import (
    BudgetExhausted,
    ConnectorError,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
    Fault,
    InvalidInput,
    NotConnected,
    ReauthorizationRequired,
    TenantMisconfigured,
)
from exact_connector.exactly_once import transitions
from exact_connector.exactly_once.attempts import next_try, refuses
from exact_connector.exactly_once.record import Attempt, OutgoingRecord, State
from exact_connector.exactly_once.transitions import Plan
from unit.exactly_once.moments import NOON, TIMES, after

PLAN = Plan("salesorder/SalesOrders", {"OrderedBy": "c"}, "c", ({"code": "W", "message": "odd"},))


def record(state: State = State.RECEIVED, **values: object) -> OutgoingRecord:
    made = OutgoingRecord(
        tenant="acme",
        record_id="o1",
        division=1,
        body={},
        body_hash="h",
        accepted_at=NOON,
        updated_at=NOON,
        state=state,
        due_at=NOON,
    )
    return replace(made, **values)  # type: ignore[arg-type]


def attempt(number: int = 1, at: datetime = NOON) -> Attempt:
    return Attempt(number, at, PLAN.path, PLAN.body, PLAN.account)


def sent(state: State = State.SUBMITTING, **values: object) -> OutgoingRecord:
    given = {"attempt": attempt(), "attempts": 1, "absent_after": after(180), "due_at": after(60), **values}
    return record(state, **given)


def test_an_attempt_is_recorded_with_what_is_sent_and_how_long_it_may_take() -> None:
    new = transitions.begun(record(waiting="x"), PLAN, after(7), TIMES).record
    assert new.state is State.SUBMITTING
    assert new.attempt == attempt(1, after(7))
    assert (new.attempts, new.due_at, new.absent_after) == (1, after(67), after(187))
    assert (new.version, new.waiting, new.warnings, new.search_since) == (2, None, PLAN.warnings, None)


@pytest.mark.parametrize(
    ("at", "absent_after"), [(10, 180), (60, 180), (61, 181), (4000, 4120)], ids=["own", "edge", "over", "dead worker"]
)
def test_a_doubt_is_looked_into_at_once_and_absence_counts_after_the_last_late_commit(
    at: float, absent_after: float
) -> None:
    new = transitions.doubted(sent(), "no answer", after(at), TIMES).record
    assert (new.state, new.due_at, new.absent_after) == (State.UNKNOWN, after(at), after(absent_after))
    assert new.search_since == NOON


def test_a_second_doubt_still_searches_from_the_first_attempt() -> None:
    again = sent(attempt=attempt(2, after(900)), search_since=NOON)
    assert transitions.doubted(again, "no answer", after(950), TIMES).record.search_since == NOON


@pytest.mark.parametrize(
    ("looked_at", "state", "due"),
    [
        (20, State.UNKNOWN, 30.001),
        (175, State.UNKNOWN, 180.001),
        (180, State.UNKNOWN, 180.001),
        (180.001, State.RECEIVED, 180.001),
        (500, State.RECEIVED, 500),
    ],
    ids=["early", "shortly before the end", "at the end", "just after", "long after"],
)
def test_an_absence_counts_only_when_seen_after_the_grace_period(looked_at: float, state: State, due: float) -> None:
    unknown = sent(State.UNKNOWN, search_since=NOON)
    new = transitions.absent(unknown, after(looked_at), after(looked_at), TIMES).record
    assert (new.state, new.due_at) == (state, after(due))


def test_a_look_that_began_before_the_end_of_the_grace_period_does_not_count_when_it_took_long() -> None:
    unknown = sent(State.UNKNOWN, search_since=NOON)
    assert transitions.absent(unknown, after(179), after(240), TIMES).record.state is State.UNKNOWN


REFUSALS: dict[str, ConnectorError] = {
    "refused before sending": InvalidInput("no", [Fault("/lines/0", "X", "m")]),
    "step refused by Exact": ExactRejected("no", status=500, exact_text="Nee"),
}
WAITS: dict[str, tuple[ConnectorError, float]] = {
    "not linked": (NotConnected("no"), 300),
    "consent lost": (ReauthorizationRequired("no"), 300),
    "no calls left": (BudgetExhausted("no", retry_after=after(45)), 45),
    "an end that has passed": (BudgetExhausted("no", retry_after=after(-1)), 15),
    "missing rights": (ExactRejected("no", status=403, judges_record=False), 1200),
    "asked in a way that Exact refuses": (ExactQueryRefused("no", status=400), 1200),
    "Exact away": (ExactUnavailable("no"), 15),
    "a step in doubt": (ExactAnswerUnknown("no"), TIMES.grace),
    "switched off by the tenant": (TenantMisconfigured("no"), 15),
    "a fault of ours": (ConnectorError("no"), 15),
}


@pytest.mark.parametrize("error", REFUSALS.values(), ids=REFUSALS.keys())
def test_only_a_judgement_on_the_record_refuses_it(error: ConnectorError) -> None:
    assert refuses(error)


@pytest.mark.parametrize(("error", "due"), WAITS.values(), ids=WAITS.keys())
@pytest.mark.parametrize("state", [State.RECEIVED, State.UNKNOWN])
def test_any_other_error_leaves_it_waiting_visibly(error: ConnectorError, due: float, state: State) -> None:
    assert not refuses(error)
    new = transitions.waits(sent(state), error, NOON, TIMES).record
    assert (new.state, new.due_at, new.failures) == (state, after(due), 1)
    assert new.waiting == f"{error.code}: no"


@pytest.mark.parametrize(("error", "due"), WAITS.values(), ids=WAITS.keys())
def test_what_was_not_sent_waits_again(error: ConnectorError, due: float) -> None:
    new = transitions.unsent(sent(), error, NOON, TIMES).record
    assert (new.state, new.absent_after, new.failures) == (State.RECEIVED, None, 1)
    assert new.waiting == f"{error.code}: no"


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 15), (1, 30), (3, 120), (6, 600), (50, 600)], ids=lambda value: str(value)
)
def test_pauses_double_up_to_ten_minutes(failures: int, seconds: float) -> None:
    error = ExactUnavailable("no")
    assert next_try(error, failures, NOON, TIMES) == after(seconds)


def test_pauses_of_a_missing_right_double_up_to_an_hour() -> None:
    error = ExactRejected("no", status=403, judges_record=False)
    assert [next_try(error, failures, NOON, TIMES) for failures in (0, 1, 2, 50)] == [
        after(1200),
        after(2400),
        after(3600),
        after(3600),
    ]


def test_a_refusal_ends_the_search() -> None:
    new = transitions.rejected(sent(search_since=NOON), [{"code": "A"}, {"code": "B"}], NOON)
    assert (new.record.search_since, new.record.absent_after, new.record.due_at) == (None, None, None)
    assert new.reason == "refused: A, B"
