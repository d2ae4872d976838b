"""The sandbox's own time: it can be moved and can run faster than the wall clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

DUTCH_TIME = ZoneInfo("Europe/Amsterdam")


@dataclass
class SandboxClock:
    """Tell the sandbox's time: `base + (wall - started) * rate`, in epoch seconds (float).

    `wall` is the source of real time (epoch seconds); tests pass their own. Moving the clock or changing
    its rate never makes it jump otherwise: time so far is kept. `changed` is called after each change.
    """

    wall: Callable[[], float] = time.time
    rate: float = 1.0
    changed: Callable[[], None] | None = None
    _base: float = field(init=False)
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.wall()
        self._base = self._started

    def epoch(self) -> float:
        """Return the sandbox's time in seconds since 1970 UTC."""
        return self._base + (self.wall() - self._started) * self.rate

    def now(self) -> datetime:
        """Return the sandbox's time as an aware UTC datetime."""
        return datetime.fromtimestamp(self.epoch(), UTC)

    def local(self) -> datetime:
        """Return the Dutch wall time without a zone, cut to milliseconds: what Exact stores and shows."""
        stamp = self.now().astimezone(DUTCH_TIME).replace(tzinfo=None)
        return stamp.replace(microsecond=stamp.microsecond // 1000 * 1000)

    def advance(self, seconds: float) -> None:
        """Move the clock by that many seconds; negative moves it back."""
        self.set(self.epoch() + seconds)

    def set(self, epoch: float) -> None:
        """Set the clock to that moment, in seconds since 1970 UTC."""
        self._base, self._started = epoch, self.wall()
        if self.changed is not None:
            self.changed()

    def set_rate(self, rate: float) -> None:
        """Let the clock run at `rate` sandbox seconds per real second from now on; 0 stops it."""
        if rate < 0:
            raise ValueError(f"The clock's rate was {rate}; give 0 or more sandbox seconds per real second.")
        now, self.rate = self.epoch(), rate
        self.set(now)

    def state(self) -> dict[str, float]:
        """Return what `restore` needs to go on: the sandbox's time, the wall's at that moment, and the rate."""
        return {"base": self._base, "started": self._started, "rate": self.rate}

    def restore(self, state: dict[str, float]) -> None:
        """Take up a state; the time in which no sandbox ran has passed at the same rate."""
        self._base, self._started, self.rate = state["base"], state["started"], state["rate"]

    @property
    def offset(self) -> float:
        """Return how far the sandbox's time is ahead of the wall clock, in seconds."""
        return self.epoch() - self.wall()
