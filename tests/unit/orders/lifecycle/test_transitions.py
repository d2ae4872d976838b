"""Every transition as a table: from what an order is and what happened to what it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from exact_connector.errors import (
    Conflict,
    ExactUnavailable,
    Fault,
    InvalidInput,
)
from exact_connector.exactly_once.record import Attempt, State
from exact_connector.orders.lifecycle import transitions
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.model.kinds import OrderKind
from unit.exactly_once.moments import NOON, TIMES, after


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
    attempt = Attempt(1, NOON, "salesorder/SalesOrders", {"OrderedBy": "c"}, "c")
    given = {"attempt": attempt, "attempts": 1, "absent_after": after(180), "due_at": after(60), **values}
    return order(state, **given)


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


Act = Callable[[OrderRecord, datetime], transitions.OrderChange | None]
ASKED: dict[str, tuple[Act, State, State | None]] = {
    "cancel received": (transitions.cancelled, State.RECEIVED, State.CANCELLED),
    "cancel submitting": (transitions.cancelled, State.SUBMITTING, None),
    "cancel unknown": (transitions.cancelled, State.UNKNOWN, None),
    "cancel submitted": (transitions.cancelled, State.SUBMITTED, None),
    "cancel refused": (transitions.cancelled, State.REJECTED, None),
    "resend received": (transitions.resent, State.RECEIVED, State.RECEIVED),
    "resend submitting": (transitions.resent, State.SUBMITTING, None),
    "resend unknown": (transitions.resent, State.UNKNOWN, State.UNKNOWN),
    "resend submitted": (transitions.resent, State.SUBMITTED, None),
    "resend refused": (transitions.resent, State.REJECTED, State.RECEIVED),
    "resend cancelled": (transitions.resent, State.CANCELLED, None),
}


@pytest.mark.parametrize(("act", "state", "becomes"), ASKED.values(), ids=ASKED.keys())
def test_what_a_client_may_ask_depends_on_the_state(act: Act, state: State, becomes: State | None) -> None:
    if becomes is None:
        with pytest.raises(Conflict):
            act(order(state), NOON)
    else:
        change = act(order(state, due_at=after(500)), NOON)
        assert change is not None
        assert change.record.state is becomes
        assert change.record.due_at in (None, NOON)


def test_what_was_cancelled_is_cancelled_again_without_any_change() -> None:
    assert transitions.cancelled(order(State.CANCELLED), NOON) is None


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


def test_a_refusal_is_an_event_with_the_codes() -> None:
    faults = [Fault("/lines/0", "A", "m"), Fault("/lines/1", "B", "n")]
    change = transitions.refused(sent(), InvalidInput("no", faults), NOON)
    assert change.record.state is State.REJECTED
    assert change.events[0].detail["codes"] == ["A", "B"]


def test_the_same_proposals_are_not_written_again() -> None:
    change = transitions.proposed(order(), [{"exact_id": "d"}], NOON)
    assert change is not None
    assert transitions.proposed(change.record, [{"exact_id": "d"}], NOON) is None
