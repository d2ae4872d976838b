"""Every transition as a table: from what an order is and what happened to what it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exact_connector.errors import (
    BudgetExhausted,
    Conflict,
    ConnectorError,
    ExactAnswerUnknown,
    ExactRejected,
    ExactUnavailable,
    Fault,
    InvalidInput,
    NotConnected,
    ReauthorizationRequired,
)
from exact_connector.exactly_once.attempts import LifecycleTimes, next_try
from exact_connector.orders.lifecycle import transitions
from exact_connector.orders.lifecycle.record import Attempt, OrderRecord, State
from exact_connector.orders.lifecycle.transitions import Plan
from exact_connector.orders.model.kinds import OrderKind

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
TIMES = LifecycleTimes(post=60, late=120, look=10, backoff=15, step=5)
PLAN = Plan("salesorder/SalesOrders", "c", {"OrderedBy": "c"}, ({"code": "W", "message": "odd"},))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def order(state: State = State.RECEIVED, **values: object) -> OrderRecord:
    record = OrderRecord(
        tenant="acme",
        record_id="o1",
        kind=OrderKind.ORDER,
        division=1,
        customer="c",
        body={},
        body_hash="h",
        accepted_at=NOON,
        updated_at=NOON,
        state=state,
        due_at=NOON,
    )
    return replace(record, **values)  # type: ignore[arg-type]


def sent(state: State = State.SUBMITTING, **values: object) -> OrderRecord:
    attempt = Attempt(1, NOON, PLAN.path, PLAN.customer, PLAN.body)
    given = {"attempt": attempt, "attempts": 1, "absent_after": after(180), "due_at": after(60), **values}
    return order(state, **given)


def test_an_attempt_is_recorded_with_what_is_sent_and_how_long_it_may_take() -> None:
    new = transitions.begun(order(waiting="x"), PLAN, after(7), TIMES).record
    assert new.state is State.SUBMITTING
    assert new.attempt == Attempt(1, after(7), PLAN.path, PLAN.customer, PLAN.body)
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
    again = sent(attempt=Attempt(2, after(900), PLAN.path, PLAN.customer, PLAN.body), search_since=NOON)
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
    new = transitions.not_found(unknown, after(looked_at), after(looked_at), TIMES).record
    assert (new.state, new.due_at) == (state, after(due))


def test_a_look_that_began_before_the_end_of_the_grace_period_does_not_count_when_it_took_long() -> None:
    unknown = sent(State.UNKNOWN, search_since=NOON)
    assert transitions.not_found(unknown, after(179), after(240), TIMES).record.state is State.UNKNOWN


ERRORS: dict[str, tuple[ConnectorError, State, float | None]] = {
    "refused before sending": (InvalidInput("no", [Fault("/lines/0", "X", "m")]), State.REJECTED, None),
    "step refused by Exact": (ExactRejected("no", status=500, exact_text="Nee"), State.REJECTED, None),
    "not linked": (NotConnected("no"), State.RECEIVED, 300),
    "consent lost": (ReauthorizationRequired("no"), State.RECEIVED, 300),
    "no calls left": (BudgetExhausted("no", retry_after=after(45)), State.RECEIVED, 45),
    "an end that has passed": (BudgetExhausted("no", retry_after=after(-1)), State.RECEIVED, 15),
    "Exact away": (ExactUnavailable("no"), State.RECEIVED, 15),
    "a step in doubt": (ExactAnswerUnknown("no"), State.RECEIVED, TIMES.late),
    "a fault of ours": (ConnectorError("no"), State.RECEIVED, 15),
}


@pytest.mark.parametrize(("error", "state", "due"), ERRORS.values(), ids=ERRORS.keys())
def test_errors_before_sending_refuse_or_pause(error: ConnectorError, state: State, due: float | None) -> None:
    new = transitions.failed(order(), error, NOON, TIMES).record
    assert (new.state, new.due_at) == (state, None if due is None else after(due))


@pytest.mark.parametrize(("error", "_state", "_due"), ERRORS.values(), ids=ERRORS.keys())
def test_no_error_of_a_look_ends_an_order_in_doubt(error: ConnectorError, _state: State, _due: object) -> None:
    new = transitions.failed(sent(State.UNKNOWN), error, NOON, TIMES).record
    assert new.state is State.UNKNOWN
    assert new.due_at is not None


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 15), (1, 30), (3, 120), (6, 600), (50, 600)], ids=lambda value: str(value)
)
def test_pauses_double_up_to_ten_minutes(failures: int, seconds: float) -> None:
    error = ExactUnavailable("no")
    assert next_try(error, failures, NOON, TIMES) == after(seconds)


def test_made_by_exact_is_read_back_next_and_found_in_exact_is_done() -> None:
    made = transitions.submitted(sent(), "d", "501", NOON)
    found = transitions.submitted(sent(State.UNKNOWN), "d", "501", NOON, found=True)
    assert (made.record.to_be_read_back, made.record.seen_in_exact) == (True, False)
    assert (found.record.to_be_read_back, found.record.seen_in_exact) == (False, True)
    assert [event.kind for event in (*made.events, *found.events)] == ["order.submitted"] * 2


@pytest.mark.parametrize(
    ("record", "minutes", "flagged"),
    [
        (order(), 59.9, False),
        (order(), 60, True),
        (sent(State.UNKNOWN), 61, True),
        (order(overdue=True), 90, False),
        (order(State.SUBMITTED), 90, False),
        (order(State.REJECTED), 90, False),
    ],
    ids=["within the hour", "the hour is over", "in doubt", "flagged before", "in Exact", "refused"],
)
def test_an_open_order_is_flagged_once_after_an_hour(record: OrderRecord, minutes: float, flagged: bool) -> None:
    change = transitions.overdue(record, NOON + timedelta(minutes=minutes))
    assert (change is not None) == flagged
    if change is not None:
        assert change.record.overdue
        assert change.events[0].kind == "order.overdue"


ASKED: dict[str, tuple[Callable[[OrderRecord, datetime], transitions.Change], State, State | None]] = {
    "cancel received": (transitions.cancelled, State.RECEIVED, State.CANCELLED),
    "cancel submitting": (transitions.cancelled, State.SUBMITTING, None),
    "cancel unknown": (transitions.cancelled, State.UNKNOWN, None),
    "cancel submitted": (transitions.cancelled, State.SUBMITTED, None),
    "cancel refused": (transitions.cancelled, State.REJECTED, None),
    "cancel cancelled": (transitions.cancelled, State.CANCELLED, None),
    "resend received": (transitions.resent, State.RECEIVED, State.RECEIVED),
    "resend submitting": (transitions.resent, State.SUBMITTING, None),
    "resend unknown": (transitions.resent, State.UNKNOWN, None),
    "resend submitted": (transitions.resent, State.SUBMITTED, None),
    "resend refused": (transitions.resent, State.REJECTED, State.RECEIVED),
    "resend cancelled": (transitions.resent, State.CANCELLED, None),
}


@pytest.mark.parametrize(("act", "state", "becomes"), ASKED.values(), ids=ASKED.keys())
def test_what_a_client_may_ask_depends_on_the_state(
    act: Callable[[OrderRecord, datetime], transitions.Change], state: State, becomes: State | None
) -> None:
    if becomes is None:
        with pytest.raises(Conflict):
            act(order(state), NOON)
    else:
        assert act(order(state), NOON).record.state is becomes


def test_lines_that_differ_become_a_warning_and_an_event() -> None:
    change = transitions.read_back(order(State.SUBMITTED), ["line 1: Quantity differs"], NOON)
    assert change.record.warnings[-1]["code"] == "LINES_DIFFER"
    assert change.record.seen_in_exact
    assert [event.kind for event in change.events] == ["order.lines_differ"]


def test_reading_back_is_given_up_after_some_tries_and_the_order_stays_submitted() -> None:
    record = order(State.SUBMITTED)
    for _ in range(5):
        record = transitions.not_read_back(record, ExactUnavailable("no"), NOON, TIMES).record
        assert record.to_be_read_back
    record = transitions.not_read_back(record, ExactUnavailable("no"), NOON, TIMES).record
    assert (record.to_be_read_back, record.state) == (False, State.SUBMITTED)
    assert record.warnings[-1]["code"] == "LINES_NOT_READ"
    assert not record.seen_in_exact


def test_a_refusal_forgets_the_search_and_tells_the_codes() -> None:
    change = transitions.rejected(sent(search_since=NOON), [{"code": "A"}, {"code": "B"}], NOON)
    assert (change.record.search_since, change.record.absent_after, change.record.due_at) == (None, None, None)
    assert change.events[0].detail["codes"] == ["A", "B"]


def test_the_same_proposals_are_not_written_again() -> None:
    change = transitions.proposed(order(), [{"exact_id": "d"}], NOON)
    assert change is not None
    assert transitions.proposed(change.record, [{"exact_id": "d"}], NOON) is None
