"""Attempts to make a record in Exact: how long one may be under way, when the next may follow, and what a refusal says.

attempt recorded ──step──▶ sent ──post──▶ over ──grace──▶ from here on an absence in Exact counts
                                           └──look──▶ looked for, again and again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from exact_connector.errors import (
    ConnectorError,
    ExactRejected,
    InvalidInput,
    NotConnected,
    ReauthorizationRequired,
    TransientError,
)

LOOKING = "looking in Exact whether it arrived"
_DISCONNECTED_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LifecycleTimes:
    """Seconds of the clock. ``post``: the longest a POST may be under way. ``grace``: how late Exact can still commit
    after that. ``look``: pause between two looks in Exact. ``backoff``: first pause after a failure, doubled each time.
    ``step``: the longest that may pass between recording an attempt (or renewing the lock) and sending it.
    """

    post: float = 60.0
    grace: float = 120.0
    look: float = 10.0
    backoff: float = 15.0
    step: float = 5.0


def next_try(error: ConnectorError, failures: int, now: datetime, times: LifecycleTimes) -> datetime:
    """Return when to try again: when the error says so, else after a pause that doubles up to ten minutes."""
    if isinstance(error, (ReauthorizationRequired, NotConnected)):
        return now + _DISCONNECTED_WAIT
    retry_after = error.retry_after if isinstance(error, TransientError) else None
    if retry_after is not None and retry_after > now:
        return retry_after
    pause = timedelta(seconds=times.backoff * 2 ** min(failures, 10))
    return now + min(pause, _LONGEST_WAIT)


def doubt_ends(absent_after: datetime | None, now: datetime, times: LifecycleTimes) -> datetime:
    """Return the moment after which an absence counts, when the outcome of an attempt is in doubt from now on.

    For a POST of our own that moment is counted from now, for a dead worker's from the end its attempt had at most
    (``absent_after``): the later of both.
    """
    over = now + timedelta(seconds=times.grace)
    return max(absent_after or over, over)


def next_look(looked_at: datetime, absent_after: datetime, now: datetime, times: LifecycleTimes) -> datetime | None:
    """Return when to look again after a look that found nothing; None when the absence counts: it may be sent again."""
    if looked_at > absent_after:
        return None
    pause = now + timedelta(seconds=times.look)
    return min(pause, max(absent_after, now)) + timedelta(milliseconds=1)


def refuses(error: ConnectorError) -> bool:
    """Tell whether an error judges the record that was planned or sent; any other leaves it waiting."""
    return isinstance(error, (InvalidInput, ExactRejected))


def reasons_of(error: ConnectorError) -> list[Mapping[str, Any]]:
    """Return why something was refused, as clients are shown it: every fault, or the error, with Exact's own text."""
    if isinstance(error, InvalidInput) and error.faults:
        return [asdict(fault) for fault in error.faults]
    reason = {"pointer": "", "code": error.code, "message": error.message}
    return [{**reason, "exact_text": error.exact_text} if isinstance(error, ExactRejected) else reason]
