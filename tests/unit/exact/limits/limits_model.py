"""Exact's call limits, written from its documentation: fixed clock minutes and UTC days, headers, 429 without counting.

A single-threaded simulation of workers stands beside it: each makes its calls one after the other, the clock moves from
event to event.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count

from exact_connector.errors import BudgetExhausted
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, Sending
from fakes.clocks import ManualClock

CLIENT = "client"
DIVISION = 123456


@dataclass
class LimitsModel:
    """One application at one administration; ``skew`` is how far Exact's clock is ahead."""

    clock: ManualClock
    per_minute: int = 60
    per_day: int = 5000
    skew: float = 0.0
    used: dict[tuple[str, int], int] = field(default_factory=dict)
    refusals: int = 0
    served: int = 0
    per_window: dict[int, int] = field(default_factory=dict)

    def call(self, *, foreign: bool = False) -> tuple[int, dict[str, str]]:
        """Receive one call now: the status and the headers."""
        now = self.clock.now().timestamp() + self.skew
        minute, day = int(now // 60), int(now // 86_400)
        minute_left = self.per_minute - self.used.get(("minute", minute), 0)
        day_left = self.per_day - self.used.get(("day", day), 0)
        headers = {"date": format_datetime(datetime.fromtimestamp(int(now), UTC), usegmt=True)}
        if minute_left <= 0 or day_left <= 0:
            self.refusals += not foreign
            return 429, headers | (self._minute(minute, 0) if minute_left <= 0 else self._day(day, 0))
        self.used["minute", minute] = self.used.get(("minute", minute), 0) + 1
        self.used["day", day] = self.used.get(("day", day), 0) + 1
        if not foreign:
            self.served += 1
            self.per_window[minute] = self.per_window.get(minute, 0) + 1
        return 200, headers | self._minute(minute, minute_left - 1) | self._day(day, day_left - 1)

    def _minute(self, minute: int, left: int) -> dict[str, str]:
        return {
            "x-ratelimit-minutely-limit": str(self.per_minute),
            "x-ratelimit-minutely-remaining": str(left),
            "x-ratelimit-minutely-reset": str((minute + 1) * 60_000),
        }

    def _day(self, day: int, left: int) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.per_day),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-reset": str((day + 1) * 86_400_000),
        }


@dataclass
class Worker:
    """One process that makes calls one after the other, as fast as it may; ``budget`` must not wait by itself."""

    budget: CallBudget
    stream: str
    purpose: Purpose = Purpose.SYNC
    pause: float = 0.0
    made: int = 0
    longest_wait: float = 0.0
    asking_since: float | None = None


def run(
    exact: LimitsModel,
    workers: list[Worker],
    *,
    seconds: float,
    transit: tuple[float, float] = (0.01, 0.3),
    work: tuple[float, float] = (0.05, 0.8),
    foreign: list[float] | None = None,
    seed: int = 7,
) -> None:
    """Let the workers work for so many seconds; ``foreign`` are the moments of another app's calls."""
    chance = random.Random(seed)
    clock = exact.clock
    start = clock.now().timestamp()
    order = count()
    events: list[tuple[float, int, Callable[[float], None]]] = []

    def at(moment: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(events, (moment, next(order), happens))

    def ask(worker: Worker) -> Callable[[float], None]:
        def happens(now: float) -> None:
            worker.asking_since = now if worker.asking_since is None else worker.asking_since
            try:
                sending = worker.budget.take(worker.purpose, worker.stream)
            except BudgetExhausted as error:
                at(max(error.retry_after.timestamp() if error.retry_after else 0, now + 0.001), ask(worker))
                return
            worker.longest_wait = max(worker.longest_wait, now - worker.asking_since)
            worker.asking_since = None
            at(now + chance.uniform(*transit), arrive(worker, sending))

        return happens

    def arrive(worker: Worker, sending: Sending) -> Callable[[float], None]:
        def happens(now: float) -> None:
            status, headers = exact.call()
            worker.made += status == 200
            at(now + chance.uniform(*work), answer(worker, sending, status, headers))

        return happens

    def answer(worker: Worker, sending: Sending, status: int, headers: dict[str, str]) -> Callable[[float], None]:
        def happens(now: float) -> None:
            worker.budget.observe(headers, limited=status == 429, sending=sending)
            at(now + worker.pause, ask(worker))

        return happens

    for worker in workers:
        at(start + chance.uniform(0, 1), ask(worker))
    for moment in foreign or []:
        at(start + moment, lambda _: (exact.call(foreign=True), None)[1])
    while events and events[0][0] < start + seconds:
        moment, _, happens = heapq.heappop(events)
        clock.moment = datetime.fromtimestamp(moment, UTC)
        happens(moment)
