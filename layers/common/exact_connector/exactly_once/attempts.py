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
    ExactQueryRefused,
    ExactRejected,
    InvalidInput,
    NotConnected,
    ReauthorizationRequired,
    TransientError,
)

LOOKING = "looking in Exact whether it arrived"
_LONGEST_WAIT = timedelta(minutes=10)
_DISCONNECTED_WAIT = timedelta(minutes=5)
_RIGHTS_WAIT = timedelta(minutes=20)
"""Exact counts such a refusal as an error, and blocks an endpoint after ten of them in an hour."""
_LONGEST_BLOCKED_WAIT = timedelta(hours=1)
_MOST_FAILURES_IN_WORDS = 5


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
    """Return when to try again: when the error says so, else after a pause that doubles up to ten minutes.

    A fault of the connection or the rights is tried less often: its repair makes what waits for it due at once. So is a
    fault of how Exact was asked, which Exact counts as an error too.
    """
    if blocks(error) or isinstance(error, ExactQueryRefused):
        first = _DISCONNECTED_WAIT if isinstance(error, (ReauthorizationRequired, NotConnected)) else _RIGHTS_WAIT
        return now + min(first * int(2 ** min(failures, 10)), _LONGEST_BLOCKED_WAIT)
    retry_after = error.retry_after if isinstance(error, TransientError) else None
    if retry_after is not None and retry_after > now:
        return retry_after
    pause = timedelta(seconds=times.backoff * 2 ** min(failures, 10))
    return now + min(pause, _LONGEST_WAIT)


def looking(exact_text: str) -> str:
    """Return what a record in doubt waits for, with Exact's words where it said any."""
    return f"{LOOKING}; Exact answered: {exact_text[:200]}" if exact_text else LOOKING


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
    return isinstance(error, InvalidInput) or (isinstance(error, ExactRejected) and error.judges_record)


def blocks(error: ConnectorError) -> bool:
    """Tell whether an error is of the connection or the rights, so that every record of the kind would meet it."""
    if isinstance(error, ExactRejected):
        return not error.judges_record
    return isinstance(error, (ReauthorizationRequired, NotConnected))


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A failure in words that are not known to judge a record: the latest ``text``, in how many attempts any such words
    came (``count``), and whether two of them in a row had the same (``repeated``)."""

    text: str
    count: int = 1
    repeated: bool = False

    @property
    def verdict(self) -> bool:
        """Whether the words are a verdict after all, once it is sure that nothing is in Exact."""
        return self.repeated or self.count >= _MOST_FAILURES_IN_WORDS


def after_words(before: Unexplained | None, text: str) -> Unexplained | None:
    """Return what is known of failures in words after one more, whose text may be empty."""
    if not text:
        return before
    if before is None:
        return Unexplained(text)
    same = " ".join(before.text.split()).casefold() == " ".join(text.split()).casefold()
    return Unexplained(text, before.count + 1, same)


def verdict_of(unexplained: Unexplained) -> ExactRejected:
    """Return the refusal that words mean which came again although nothing is in Exact."""
    return ExactRejected(
        f"Exact failed in {unexplained.count} attempts, the last time with these words: {unexplained.text[:300]!r}."
        " Nothing of it is in Exact. If the words name a cause, repair it there or in the order; then resend it.",
        status=500,
        exact_text=unexplained.text,
    )


def reasons_of(error: ConnectorError) -> list[Mapping[str, Any]]:
    """Return why something was refused, as clients are shown it: every fault, or the error, with Exact's own text."""
    if isinstance(error, InvalidInput) and error.faults:
        return [asdict(fault) for fault in error.faults]
    reason = {"pointer": "", "code": error.code, "message": error.message}
    return [{**reason, "exact_text": error.exact_text} if isinstance(error, ExactRejected) else reason]
