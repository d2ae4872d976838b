"""How many calls of Exact a tenant's settings will take per day. Pure.

An estimate: every run costs at least one call; changes add pages; whole sets are read page by page; the comparison,
mostly weekly, reads each stream once. Exact allows 5,000 calls a day and 60 a minute per app and administration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

from exact_connector.sync.streams.catalogue import DAY, Mode, Stream

CALLS_PER_DAY = 5_000
SYNC_PAGE = 1_000
PLAIN_PAGE = 60
NAMED_ROWS = 60
"""Owners that fit into the filter of one call."""


@dataclass(frozen=True, slots=True)
class Volumes:
    """What there is to read: rows per stream, rows that change per day, and orders sent per day."""

    rows: Mapping[str, int] = field(default_factory=dict)
    changes_per_day: Mapping[str, int] = field(default_factory=dict)
    orders_per_day: int = 0
    pictures_per_day: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Calls per day, by stream, and what is left of the day."""

    streams: Mapping[str, float]
    orders: int
    pictures: int

    @property
    def total(self) -> int:
        """All calls of a day, rounded up."""
        return ceil(sum(self.streams.values())) + self.orders + self.pictures

    @property
    def share(self) -> float:
        """The part of the day's calls that they take."""
        return self.total / CALLS_PER_DAY

    @property
    def fits(self) -> bool:
        """Whether the day's calls suffice with a fifth to spare."""
        return self.share <= 0.8


CALLS_PER_ORDER = 3
"""Look-up, create, read back."""


def forecast(streams: Iterable[Stream], intervals: Mapping[str, int], volumes: Volumes) -> Forecast:
    """Return the calls per day that these streams at these intervals (seconds) take."""
    calls = {each.name: calls_per_day(each, intervals.get(each.name, each.freshness), volumes) for each in streams}
    return Forecast(calls, volumes.orders_per_day * CALLS_PER_ORDER, volumes.pictures_per_day)


def calls_per_day(stream: Stream, interval: int, volumes: Volumes) -> float:
    """Return one stream's calls per day."""
    runs = DAY / max(60, interval)
    rows, changes = volumes.rows.get(stream.name, 0), volumes.changes_per_day.get(stream.name, 0)
    if stream.mode is Mode.LOOKUP:
        return float(changes)
    if stream.mode is Mode.NAMED:
        return float(ceil(changes / NAMED_ROWS))
    page = page_size(stream)
    whole_set = max(1, ceil(rows / page))
    if not stream.incremental:
        return runs * whole_set
    extra = max(0, ceil(changes / page) - runs) if changes else 0
    return runs + extra + (0 if stream.mode is Mode.DELETED else whole_set * DAY / stream.compared_after)


def page_size(stream: Stream) -> int:
    """Return how many rows a call of the stream brings."""
    return SYNC_PAGE if stream.path.startswith(("sync/", "bulk/")) else PLAIN_PAGE
