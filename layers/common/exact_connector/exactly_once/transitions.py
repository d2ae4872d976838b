"""The transitions that every kind of record shares, as pure functions: from what it is to what it becomes.

Each returns the next version with the reason for its trail; a kind adds its events. ``store.transition`` carries a
change out in one transaction that is conditional on the version it started from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from exact_connector.errors import ConnectorError, ExactAnswerUnknown
from exact_connector.exactly_once.attempts import LOOKING, LifecycleTimes, doubt_ends, next_look, next_try
from exact_connector.exactly_once.record import Attempt, Change, R, State, next_version


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
    )
    return Change(new, "attempt recorded")


def doubted(record: R, reason: str, now: datetime, times: LifecycleTimes) -> Change[R]:
    """Note that the outcome is not known; an absence counts only after the latest moment of a late commit."""
    assert record.attempt is not None
    new = next_version(
        record,
        now,
        state=State.UNKNOWN,
        search_since=record.search_since or record.attempt.started_at,
        absent_after=doubt_ends(record.absent_after, now, times),
        due_at=now,
        waiting=LOOKING,
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
    return Change(next_version(record, now, due_at=due_at, waiting=LOOKING), "not in Exact yet")


def waits(record: R, error: ConnectorError, now: datetime, times: LifecycleTimes) -> Change[R]:
    """Pause after an error before anything was sent, or while looking in Exact.

    A write before the record itself (an address, a contact) whose answer was lost is looked for when Exact cannot
    commit it any more, and made again only if it is not there.
    """
    due_at = next_try(error, record.failures, now, times)
    if isinstance(error, ExactAnswerUnknown):
        due_at = max(due_at, doubt_ends(None, now, times))
    waiting = f"{error.code}: {error.message}"
    new = next_version(record, now, failures=record.failures + 1, due_at=due_at, waiting=waiting)
    return Change(new, f"waits: {error.code}")
