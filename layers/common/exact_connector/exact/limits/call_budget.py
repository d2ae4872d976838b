"""The call budget of one (application, administration), shared by every worker through one row.

    row      minute 12:00  left 50 |---block 5---|---block 5---|  ...  |-1-|-1-|          minute 12:01
    worker A               takes 5 and sends them one by one   ...       last second: no one sends
    worker B                             takes 5 ...            gives back what it does not need

A block is good for its own minute only. Every change is a write on the condition that the row is still the one that
was read, so two workers can never take the same call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from exact_connector.clock import Clock
from exact_connector.errors import BudgetExhausted
from exact_connector.exact.limits.headers import Skew, pause_until, read_limits
from exact_connector.exact.limits.windows import (
    MINUTE,
    Denied,
    Granted,
    Purpose,
    Reading,
    Reserves,
    Windows,
    grant,
    learned,
    returned,
    rolled,
)
from exact_connector.storage.table import Absent, Condition, Contended, Equals, Key, Row, Table, compare_and_set

__all__ = ["CallBudget", "Purpose", "Reserves", "Sending", "budget_key", "read_windows"]

_GUARD = 1.0
_MOST_GUARD = 5.0
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Sending:
    """One call that may be sent now: for which minute, and when it was taken (seconds since 1970, our clock)."""

    minute: int
    at: float


@dataclass(slots=True)
class _Block:
    """Calls taken in advance and not used yet."""

    calls: int
    minute: int
    day: int
    lowered: int
    stream: str


class CallBudget:
    """Hands out calls to Exact so that all workers together stay within both limits.

    ``patience`` is how many seconds ``take`` waits by itself (the turn of a minute); longer waits are an error with a
    due time. Safe for several threads. Calls without an administration in their address take none.
    """

    def __init__(
        self,
        table: Table,
        client_id: str,
        division: int,
        clock: Clock,
        *,
        reserves: Reserves | None = None,
        patience: float = 2.5,
    ) -> None:
        self._table = table
        self._key = budget_key(client_id, division)
        self._clock = clock
        self._reserves = reserves or Reserves()
        self._patience = patience
        self._lock = threading.RLock()
        self._skew = Skew()
        self._fastest = 0.0
        self._blocks: dict[str, _Block] = {}
        self._seen: Windows | None = None

    def take(self, purpose: Purpose, stream: str = "") -> Sending:
        """Take one call, to be sent at once; raises BudgetExhausted with the moment to try again."""
        patience = self._patience
        while True:
            with self._lock:
                outcome = self._try(purpose, stream)
            if isinstance(outcome, Sending):
                return outcome
            wait = outcome.until - self._skew.low - self._now()
            if wait > patience:
                raise BudgetExhausted(
                    f"no call to Exact is left for {purpose.lower()} now: {outcome.why}; it goes on by itself",
                    retry_after=self._moment(outcome.until),
                )
            wait = max(wait, 0.001)
            patience -= wait
            self._clock.sleep(wait)

    def observe(self, headers: Mapping[str, str], *, limited: bool = False, sending: Sending | None = None) -> None:
        """Learn from an answer's headers (names in lower case): ceilings, foreign traffic, Exact's time.

        ``limited``: the answer is a 429 for a limit, so the named window is closed for every worker.
        """
        with self._lock:
            now = self._now()
            if sending is not None:
                self._skew = self._skew.learned(headers, sending.at, now)
                self._fastest = min(self._fastest * 1.1 + 0.01, now - sending.at)
            if limited:
                self._close(headers)
                return
            reading = read_limits(headers)
            self._limit_blocks(reading)
            if self._seen is None or learned(self._seen, reading) != self._seen:
                self._change(lambda windows: learned(windows, reading))

    def refused(self, headers: Mapping[str, str]) -> BudgetExhausted:
        """Return the error for a 429, with the moment at which its window ends."""
        until = pause_until(headers, self._exact_now())
        return BudgetExhausted(
            "Exact refused a call because a limit is reached (another app may share it); it goes on by itself",
            retry_after=self._moment(until),
        )

    def release_unused(self) -> None:
        """Give calls that were taken in advance and not used back to the other workers."""
        with self._lock:
            blocks, self._blocks = list(self._blocks.values()), {}
            for block in blocks:
                if block.calls:
                    self._change(lambda windows, block=block: _returned(windows, block))  # type: ignore[misc]

    def _try(self, purpose: Purpose, stream: str) -> Sending | Denied:
        now = self._now()
        low, high = now + self._skew.low, now + self._skew.high + self._guard()
        minute = int(low // MINUTE)
        if int(high // MINUTE) != minute:
            return Denied((minute + 1) * MINUTE, "the minute is about to turn")
        block = self._blocks.get(stream) if purpose is Purpose.SYNC else None
        if block is not None and block.calls and block.minute == minute:
            block.calls -= 1
            return Sending(minute, now)
        return self._next_block(purpose, stream, low, now)

    def _next_block(self, purpose: Purpose, stream: str, second: float, now: float) -> Sending | Denied:
        spent = self._blocks.pop(stream, None) if purpose is Purpose.SYNC else None
        denied: Denied | None = None
        calls = 0

        def decide(windows: Windows) -> Windows:
            nonlocal denied, calls
            denied, calls = None, 0
            before = _returned(windows, spent) if spent is not None and spent.calls else windows
            outcome = grant(before, second, purpose, stream, reserves=self._reserves)
            if isinstance(outcome, Granted):
                calls = outcome.calls
                return outcome.windows
            denied = outcome
            return before

        after = self._change(decide)
        if denied is not None:
            return denied
        if purpose is Purpose.SYNC:
            self._blocks[stream] = _Block(calls - 1, after.minute, after.day, after.lowered, stream)
        # The write took time: a call is sent only if it still falls into its minute.
        late = self._now() - now
        if int((second + late + self._skew.high - self._skew.low + self._guard()) // MINUTE) != after.minute:
            return self._missed(purpose, stream, after)
        return Sending(after.minute, self._now())

    def _missed(self, purpose: Purpose, stream: str, after: Windows) -> Denied:
        if purpose is Purpose.SYNC:
            self._blocks[stream].calls += 1
        return Denied((after.minute + 1) * MINUTE, "the minute turned meanwhile")

    def _close(self, headers: Mapping[str, str]) -> None:
        until = pause_until(headers, self._exact_now())
        self._blocks.clear()
        reading = read_limits(headers)
        self._change(
            lambda windows: replace(
                learned(rolled(windows, self._exact_now()), reading),
                closed_until=max(windows.closed_until, int(-(-until // 1))),
                minute_left=0,
                lowered=windows.lowered + 1,
            )
        )

    def _limit_blocks(self, reading: Reading) -> None:
        for block in self._blocks.values():
            if reading.minute == block.minute and reading.minute_remaining is not None:
                block.calls = min(block.calls, reading.minute_remaining)
            if reading.day == block.day and reading.day_remaining is not None:
                block.calls = min(block.calls, reading.day_remaining)

    def _change(self, decide: Callable[[Windows], Windows]) -> Windows:
        """Write what ``decide`` makes of the row, on the condition that the row is still the one it saw."""

        def change(row: Row | None) -> Windows:
            before = read_windows(row)
            after = decide(before)
            self._seen = after
            if after != before:
                self._table.put(_row(self._key, after, _version(row) + 1), _same(row))
            return after

        try:
            return compare_and_set(
                lambda: self._table.get(self._key), change, what="the call budget", tries=_TRIES, current=_as_it_is
            )
        except Contended as error:
            raise BudgetExhausted(
                "the call budget is contended; it goes on by itself", retry_after=self._moment(self._exact_now() + 1)
            ) from error

    def _guard(self) -> float:
        """Return how long before the turn of a minute the last call leaves: the time of a call, at least 1 s."""
        return min(max(_GUARD, 1.5 * self._fastest), _MOST_GUARD)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _exact_now(self) -> float:
        return self._now() + self._skew.low

    def _moment(self, exact_second: float) -> datetime:
        return datetime.fromtimestamp(exact_second - self._skew.low, UTC)


def budget_key(client_id: str, division: int) -> Key:
    """Return the key of the row in the sync table."""
    return Key(f"budget#{client_id}#{division}", "calls")


def read_windows(row: Row | None) -> Windows:
    """Return the windows of a row; without one, Exact's standard limits."""
    if row is None:
        return Windows()
    taken = row.get("taken")
    numbers = {name: int(str(row.get(name, getattr(Windows(), name)))) for name in _NUMBERS}
    return Windows(
        taken={name: int(str(calls)) for name, calls in taken.items()} if isinstance(taken, dict) else {}, **numbers
    )


_NUMBERS = (
    "minute",
    "minute_left",
    "minute_limit",
    "day",
    "day_left",
    "day_limit",
    "orders_minute",
    "orders_day",
    "closed_until",
    "sharing",
    "lowered",
)


def _row(key: Key, windows: Windows, version: int) -> Row:
    row: Row = {"pk": key.pk, "sk": key.sk, "version": version, "taken": dict(windows.taken)}
    row.update({name: getattr(windows, name) for name in _NUMBERS})
    return row


def _version(row: Row | None) -> int:
    return 0 if row is None else int(str(row.get("version", 0)))


def _as_it_is(row: Row) -> Row | None:
    return row


def _same(row: Row | None) -> Condition:
    return Absent() if row is None else Equals("version", row["version"])


def _returned(windows: Windows, block: _Block) -> Windows:
    return returned(
        windows, block.calls, minute=block.minute, day=block.day, lowered=block.lowered, stream=block.stream
    )
