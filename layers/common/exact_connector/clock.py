"""The one source of time: an aware UTC clock that can be sped up and shifted on one machine, and Exact's local time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

EXACT_ZONE = ZoneInfo("Europe/Amsterdam")


class Clock(Protocol):
    """Tells the time and waits; replaced in tests and sped up in the local run."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock."""
        ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock plus ``offset`` seconds; ``rate`` > 1 lets a day pass in minutes, from ``origin`` on."""

    rate: float = 1.0
    offset: float = 0.0
    origin: float = 0.0
    read: Callable[[], float] = time.time
    wait: Callable[[float], None] = time.sleep

    def now(self) -> datetime:
        """Return the current moment of this clock, aware, in UTC."""
        real = self.read()
        return datetime.fromtimestamp(self.origin + (real - self.origin) * self.rate + self.offset, UTC)

    def sleep(self, seconds: float) -> None:
        """Wait ``seconds`` of this clock, so ``seconds / rate`` of real time."""
        if seconds > 0:
            self.wait(seconds / self.rate)


def today(clock: Clock) -> date:
    """Return the calendar date in Europe/Amsterdam, the zone of Exact's dates."""
    return clock.now().astimezone(EXACT_ZONE).date()


def to_text(moment: datetime) -> str:
    """Write an aware moment as RFC 3339 UTC with microseconds, so that texts sort as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """Read what ``to_text`` wrote (any RFC 3339 text with an offset)."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def to_text_or_none(moment: datetime | None) -> str | None:
    """Write a moment that may be missing."""
    return None if moment is None else to_text(moment)


def from_text_or_none(text: str | None) -> datetime | None:
    """Read what ``to_text_or_none`` wrote."""
    return None if text is None else from_text(text)


def later(moment: datetime, seconds: float) -> datetime:
    """Return the moment that many seconds later."""
    return moment + timedelta(seconds=seconds)
