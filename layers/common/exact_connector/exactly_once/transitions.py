"""The transitions that every kind of record shares, as pure functions: from what it is to what it becomes.

Each returns the next version with the reason for its trail; a kind adds its events. ``store.transition`` carries a
change out in one transaction that is conditional on the version it started from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from exact_connector.errors import Conflict, ConnectorError, ExactAnswerUnknown
from exact_connector.exactly_once.attempts import (
    LifecycleTimes,
    after_words,
    blocks,
    doubt_ends,
    looking,
    next_look,
    next_try,
)
from exact_connector.exactly_once.record import Attempt, Change, OutgoingRecord, R, State, next_version


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent: where, the body, for which account (GUID) in Exact, and what is odd about it."""

    path: str
    body: Mapping[str, Any]
    account: str = ""
    warnings: tuple[Mapping[str, Any], ...] = ()


def begun(record: R, plan: Plan, now: datetime, times: LifecycleTimes) -> Change[R]:
    """Record an attempt before it is sent: it is under way until ``due_at`` at most."""
    attempt = Attempt(record.attempts + 1, now, plan.path, plan.body, plan.account)
    new = next_version(
        record,
        now,
        state=State.SUBMITTING,
        attempt=attempt,
        attempts=attempt.number,
        absent_after=now + timedelta(seconds=times.post + times.grace),
        due_at=now + timedelta(seconds=times.post),
        warnings=plan.warnings,
        waiting=None,
        blocked=False,
    )
    return Change(new, "attempt recorded")


def doubted(record: R, reason: str, now: datetime, times: LifecycleTimes, *, exact_text: str = "") -> Change[R]:
    """Note that the outcome is not known; an absence counts only after the latest moment of a late commit.

    ``exact_text``: what Exact said, in words that are not known to judge a record.
    """
    assert record.attempt is not None
    new = next_version(
        record,
        now,
        state=State.UNKNOWN,
        search_since=record.search_since or record.attempt.started_at,
        absent_after=doubt_ends(record.absent_after, now, times),
        due_at=now,
        waiting=looking(exact_text),
        unexplained=after_words(record.unexplained, exact_text),
    )
    return Change(new, reason)


def unsent(record: R, error: ConnectorError, now: datetime, times: LifecycleTimes) -> Change[R]:
    """Go back to waiting after an attempt that provably did nothing in Exact."""
    new = next_version(
        record,
        now,
        state=State.RECEIVED,
        failures=record.failures + 1,
        due_at=next_try(error, record.failures, now, times),
        absent_after=None,
        waiting=f"{error.code}: {error.message}",
        blocked=blocks(error),
    )
    return Change(new, f"not sent: {error.message}")


def submitted(record: R, exact_id: str, number: str | None, now: datetime, **changes: Any) -> Change[R]:
    """It is in Exact."""
    new = next_version(
        record,
        now,
        state=State.SUBMITTED,
        exact_id=exact_id,
        exact_number=number,
        failures=0,
        waiting=None,
        blocked=False,
        unexplained=None,
        reasons=(),
        **{"due_at": None, **changes},
    )
    return Change(new, "made by Exact")


def rejected(record: R, reasons: Sequence[Mapping[str, Any]], now: datetime, **changes: Any) -> Change[R]:
    """It was refused, by the judgement before sending or by Exact; a person has to repair the cause."""
    new = next_version(
        record,
        now,
        state=State.REJECTED,
        reasons=tuple(reasons),
        due_at=None,
        waiting=None,
        blocked=False,
        search_since=None,
        absent_after=None,
        **changes,
    )
    codes = ", ".join(str(reason.get("code", "")) for reason in reasons)
    return Change(new, f"refused: {codes}")


def absent(record: R, looked_at: datetime, now: datetime, times: LifecycleTimes) -> Change[R]:
    """After a look in Exact that did not find it: look again, or, past the latest late commit, send it once more."""
    assert record.absent_after is not None
    due_at = next_look(looked_at, record.absent_after, now, times)
    if due_at is None:
        new = next_version(record, now, state=State.RECEIVED, due_at=now, waiting=None)
        return Change(new, "absent after the grace period: it is sent again")
    return Change(next_version(record, now, due_at=due_at), "not in Exact yet")


def waits(record: R, error: ConnectorError, now: datetime, times: LifecycleTimes) -> Change[R]:
    """Pause after an error before anything was sent, or while looking in Exact.

    A write before the record itself (an address, a contact) whose answer was lost is looked for when Exact cannot
    commit it any more, and made again only if it is not there.
    """
    due_at, unexplained = next_try(error, record.failures, now, times), record.unexplained
    if isinstance(error, ExactAnswerUnknown):
        due_at = max(due_at, doubt_ends(None, now, times))
        unexplained = after_words(unexplained, error.exact_text)
    new = next_version(
        record,
        now,
        failures=record.failures + 1,
        due_at=due_at,
        waiting=f"{error.code}: {error.message}",
        blocked=blocks(error),
        unexplained=unexplained,
    )
    return Change(new, f"waits: {error.code}")


def waits_behind(record: R, blocker: OutgoingRecord, now: datetime) -> Change[R] | None:
    """Wait for the fault of the connection or the rights that an earlier record met; None where it does already."""
    if record.state is not State.RECEIVED or (record.waiting, record.due_at) == (blocker.waiting, blocker.due_at):
        return None
    new = next_version(record, now, waiting=blocker.waiting, due_at=blocker.due_at, blocked=True)
    return Change(new, f"waits as {blocker.record_id} does: {str(blocker.waiting).partition(':')[0]}")


def resent(record: R, noun: str, now: datetime, **changes: Any) -> Change[R]:
    """Send a refused record again, or a waiting one at once; one in doubt is looked for at once.

    Raises Conflict for any other. ``changes`` are of a refused one.
    """
    if record.state is State.REJECTED:
        changes |= {"reasons": (), "unexplained": None, "waiting": None}
        return Change(
            next_version(record, now, state=State.RECEIVED, due_at=now, failures=0, **changes), "requested by a client"
        )
    if record.state in (State.RECEIVED, State.UNKNOWN):
        return Change(next_version(record, now, due_at=now, failures=0, blocked=False), "requested by a client")
    state = record.state.value
    raise Conflict(f"The {noun} is {state}: only a refused, a waiting or a doubtful one can be sent again.")
