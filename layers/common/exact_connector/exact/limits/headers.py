"""Read Exact's limit headers, and estimate Exact's own time from its answers. Pure.

Resets are milliseconds since 1970 and name the end of the window; on a 429 of one window the headers of the other
are missing, and a missing header is never read as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from exact_connector.exact.limits.windows import DAY, MINUTE, Reading

_MOST_SKEW = 300.0


def read_limits(headers: Mapping[str, str]) -> Reading:
    """Return what the limit headers (names in lower case) say."""
    return Reading(
        minute=_window(headers.get("x-ratelimit-minutely-reset"), MINUTE),
        minute_remaining=_whole(headers.get("x-ratelimit-minutely-remaining")),
        minute_limit=_whole(headers.get("x-ratelimit-minutely-limit")),
        day=_window(headers.get("x-ratelimit-reset"), DAY),
        day_remaining=_whole(headers.get("x-ratelimit-remaining")),
        day_limit=_whole(headers.get("x-ratelimit-limit")),
    )


def pause_until(headers: Mapping[str, str], now: float) -> float:
    """Return when to go on after a 429, in seconds since 1970: the reset of the window that it names, plus a second.

    Without any reset it is the next clock minute. A ``Retry-After`` is honoured where it asks for longer.
    """
    minute = _whole(headers.get("x-ratelimit-minutely-reset"))
    day = _whole(headers.get("x-ratelimit-reset"))
    minute_left = _whole(headers.get("x-ratelimit-minutely-remaining"))
    day_left = _whole(headers.get("x-ratelimit-remaining"))
    if day is not None and (minute is None or (day_left == 0 and minute_left != 0)):
        until = day / 1000 + 1
    elif minute is not None:
        until = minute / 1000 + 1
    else:
        until = (now // MINUTE + 1) * MINUTE + 1
    asked = _whole(headers.get("retry-after"))
    return max(until, now + asked) if asked is not None else until


def asked_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when to ask again by a ``Retry-After`` of seconds or of a date, None without one that can be read."""
    value = headers.get("retry-after")
    seconds = _whole(value)
    if seconds is not None:
        return now + timedelta(seconds=max(0, seconds))
    moment = _date(value)
    return None if moment is None else max(now, datetime.fromtimestamp(moment, UTC))


@dataclass(frozen=True, slots=True)
class Skew:
    """How far Exact's clock is ahead of ours, in seconds: it lies between ``low`` and ``high``."""

    low: float = 0.0
    high: float = 0.0
    measured: bool = False

    def learned(self, headers: Mapping[str, str], sent: float, received: float) -> Skew:
        """Return a narrower estimate: ``Date`` is Exact's time, cut to seconds, at some moment of the call.

        A date that contradicts the limit headers voids what earlier ones taught.
        """
        shown = _date(headers.get("date"))
        if shown is None:
            return self
        if not _credible(shown, headers, sent):
            return Skew()
        low, high = shown - received, shown + 1 - sent
        if self.measured and max(low, self.low) <= min(high, self.high):
            return Skew(max(low, self.low), min(high, self.high), measured=True)
        return Skew(low, high, measured=True)


def _credible(shown: float, headers: Mapping[str, str], sent: float) -> bool:
    reset = _whole(headers.get("x-ratelimit-minutely-reset"))
    if reset is None:
        return abs(shown - sent) <= _MOST_SKEW
    return reset / 1000 - MINUTE - 1 <= shown <= reset / 1000 + 1


def _date(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError):
        return None


def _window(value: str | None, length: int) -> int | None:
    reset = _whole(value)
    return None if reset is None else int((reset / 1000 - 1) // length)


def _whole(value: str | None) -> int | None:
    if value is None or not value.strip().lstrip("-").isdigit():
        return None
    return int(value)
