"""The arithmetic of the call budget: two fixed windows, reserves, fair shares. Pure; ``budget.py`` stores it.

Exact allows so many calls per app and administration in each clock minute and each UTC day. The balance here counts
calls that no worker has taken yet; it is granted in small blocks, so workers need one conditional write per block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

MINUTE = 60
DAY = 86_400
BLOCK = 5
"""Calls granted at once at most; blocks shrink to single calls as the minute runs out, so none is left unused."""

_SHRINK = 8
_LATE_PART = 5


class Purpose(StrEnum):
    """For whom a call is made; orders may use everything, the others leave a reserve."""

    ORDERS = "ORDERS"
    SYNC = "SYNC"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Reserves:
    """The part of each limit that is kept for orders, as 1/n of the limit: 10 of 60 a minute, 500 of 5,000 a day."""

    minute_part: int = 6
    day_part: int = 10


@dataclass(frozen=True, slots=True)
class Windows:
    """Both windows of one (application, administration): ids, balances, ceilings, and who took what this minute.

    ``minute`` and ``day`` are whole minutes and days since 1970 UTC in Exact's time; ``closed_until`` (seconds) holds
    a pause that Exact itself ordered; ``lowered`` counts how often foreign traffic lowered a balance.
    """

    minute: int = 0
    minute_left: int = 60
    minute_limit: int = 60
    day: int = 0
    day_left: int = 5000
    day_limit: int = 5000
    orders_minute: int = 0
    orders_day: int = 0
    closed_until: int = 0
    taken: Mapping[str, int] = field(default_factory=dict)
    sharing: int = 0
    lowered: int = 0


@dataclass(frozen=True, slots=True)
class Granted:
    """So many calls, to be sent within this minute only."""

    windows: Windows
    calls: int


@dataclass(frozen=True, slots=True)
class Denied:
    """No call now; ``until`` (seconds since 1970, Exact's time) is when to ask again, ``why`` which limit it was."""

    until: float
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer's headers say; None for what they do not."""

    minute: int | None = None
    minute_remaining: int | None = None
    minute_limit: int | None = None
    day: int | None = None
    day_remaining: int | None = None
    day_limit: int | None = None


def rolled(windows: Windows, second: float) -> Windows:
    """Return the windows at a moment: a new minute or day starts with its full ceiling."""
    minute, day = int(second // MINUTE), int(second // DAY)
    if minute > windows.minute:
        windows = replace(
            windows,
            minute=minute,
            minute_left=windows.minute_limit,
            orders_minute=0,
            taken={},
            sharing=len(windows.taken),
        )
    if day > windows.day:
        windows = replace(windows, day=day, day_left=windows.day_limit, orders_day=0)
    return windows


def grant(
    windows: Windows, second: float, purpose: Purpose, stream: str, *, reserves: Reserves, want: int = BLOCK
) -> Granted | Denied:
    """Grant up to ``want`` calls at a moment of Exact's time, or say until when there are none."""
    if windows.closed_until > second:
        return Denied(windows.closed_until, "Exact asked for a pause")
    now = rolled(windows, second)
    if now.minute > int(second // MINUTE):
        return Denied(now.minute * MINUTE, "the next minute has already begun elsewhere")
    day_room = now.day_left - _kept(now.day_limit // reserves.day_part, now.orders_day, purpose)
    if day_room <= 0:
        return Denied((now.day + 1) * DAY, "the day's calls are used")
    minute_reserve = now.minute_limit // reserves.minute_part
    minute_room = now.minute_left - _kept(minute_reserve, now.orders_minute, purpose)
    if minute_room <= 0:
        return Denied((now.minute + 1) * MINUTE, "the minute's calls are used")
    if purpose is not Purpose.SYNC:
        return Granted(_take(now, 1, purpose, stream), 1)
    share = _share(now, second, stream, now.minute_limit - minute_reserve, minute_room)
    if share <= 0:
        return Denied(now.minute * MINUTE + MINUTE / 2, "this stream has had its share of the first half-minute")
    room = min(minute_room, day_room)
    calls = max(1, min(want, room // _SHRINK, share))
    return Granted(_take(now, calls, purpose, stream), calls)


def returned(windows: Windows, calls: int, *, minute: int, day: int, lowered: int, stream: str) -> Windows:
    """Return the windows after calls of an earlier grant came back unused.

    When foreign traffic lowered a balance since the grant, that balance already counted them as unused.
    """
    if lowered != windows.lowered:
        return windows
    if day == windows.day:
        windows = replace(windows, day_left=min(windows.day_limit, windows.day_left + calls))
    if minute == windows.minute:
        taken = {**windows.taken, stream: max(0, windows.taken.get(stream, 0) - calls)}
        windows = replace(windows, minute_left=min(windows.minute_limit, windows.minute_left + calls), taken=taken)
    return windows


def learned(windows: Windows, reading: Reading) -> Windows:
    """Return the windows after an answer: limits set the ceilings, what remains only ever lowers a balance.

    A reading counts only for the window that it names: an answer of the minute before says nothing about this one.
    """
    changed = windows
    if reading.minute_limit is not None and reading.minute_limit > 0:
        more = max(0, reading.minute_limit - changed.minute_limit)
        changed = replace(changed, minute_limit=reading.minute_limit, minute_left=changed.minute_left + more)
    if reading.day_limit is not None and reading.day_limit > 0:
        more = max(0, reading.day_limit - changed.day_limit)
        changed = replace(changed, day_limit=reading.day_limit, day_left=changed.day_left + more)
    lowered = False
    if reading.minute == changed.minute and reading.minute_remaining is not None:
        lowered = reading.minute_remaining < changed.minute_left
        changed = replace(changed, minute_left=min(changed.minute_left, reading.minute_remaining))
    if reading.day == changed.day and reading.day_remaining is not None:
        lowered = lowered or reading.day_remaining < changed.day_left
        changed = replace(changed, day_left=min(changed.day_left, reading.day_remaining))
    return replace(changed, lowered=changed.lowered + 1) if lowered else changed


def _kept(reserve: int, used_by_orders: int, purpose: Purpose) -> int:
    if purpose is Purpose.ORDERS:
        return 0
    left = max(0, reserve - used_by_orders)
    return left if purpose is Purpose.SYNC else left // 2


def _share(windows: Windows, second: float, stream: str, capacity: int, room: int) -> int:
    """Calls that a stream may still take: in the first half of a minute its fair part, or what is above the fifth that
    is kept for streams that come later; then whatever is left."""
    if second % MINUTE >= MINUTE / 2:
        return capacity
    sharing = max(windows.sharing, len({*windows.taken, stream}))
    fair = -(-capacity // sharing) - windows.taken.get(stream, 0)
    return max(fair, room - capacity // _LATE_PART)


def _take(windows: Windows, calls: int, purpose: Purpose, stream: str) -> Windows:
    orders = calls if purpose is Purpose.ORDERS else 0
    taken = windows.taken
    if purpose is Purpose.SYNC:
        taken = {**taken, stream: taken.get(stream, 0) + calls}
    return replace(
        windows,
        minute_left=windows.minute_left - calls,
        day_left=windows.day_left - calls,
        orders_minute=windows.orders_minute + orders,
        orders_day=windows.orders_day + orders,
        taken=taken,
    )
