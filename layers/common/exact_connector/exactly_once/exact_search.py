"""The calls to Exact that records need, and the search for what was created there since a moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from exact_connector import fields
from exact_connector.clock import EXACT_ZONE
from exact_connector.exact.http.query import Query, guid_literal, moment_literal

T = TypeVar("T")
Row = dict[str, Any]

SKEW = timedelta(minutes=5)
"""How far Exact's clock may lie behind ours: what was made that long before the attempt is looked at as well."""

_NEWEST = 240
"""How many of the newest records are read at first where nothing but the key may be filtered: four pages."""
_NO_KEY = "00000000-0000-0000-0000-000000000000"


class ExactClientCalls(Protocol):
    """The calls to Exact that records need; ``ExactClient`` carries them out."""

    def prepare(self) -> None:
        """Make sure of an access token, so that the next call is sent without waiting for one."""
        ...

    def rows(self, query: Query) -> list[dict[str, Any]]:
        """Return every row of a small set, all pages."""
        ...

    def create(self, path: str, body: dict[str, Any], *, record: str = "") -> dict[str, Any]:
        """POST a new record, at most once."""
        ...

    def change(self, path: str, key: str | int, body: dict[str, Any]) -> None:
        """PUT fields of a record."""
        ...


class ExactCalls(ExactClientCalls, Protocol):
    """The calls to one administration, with a second way where Exact may refuse a filter; see ``second_ways``."""

    def one_of(self, name: str, first: Callable[[], T], second: Callable[[], T]) -> T:
        """Read by the first way, or by the second where Exact refuses the filter of the first, which ``name`` names."""
        ...


def created_bound(since: datetime, now: datetime) -> datetime:
    """Return the Dutch wall time from which records of Exact count.

    Exact names no zone. When the clocks were put back between ``since`` and ``now``, what was made after that shows an
    earlier wall time, so the bound is put back as well.
    """
    start, end = since.astimezone(EXACT_ZONE), now.astimezone(EXACT_ZONE)
    put_back = (start.utcoffset() or timedelta(0)) - (end.utcoffset() or timedelta(0))
    return start.replace(tzinfo=None) - max(put_back, timedelta(0))


def created_since(
    exact: ExactCalls, path: str, key: str, select: Sequence[str], since: datetime, now: datetime, *, only: str = ""
) -> list[Row]:
    """Return the records of a resource created since a moment (all pages), by the first way that Exact takes.

    By ``only`` (a filter that narrows the records down) and ``Created``; by ``Modified``; the newest ones by key. So
    records that ``only`` does not fit may be among them. ``select`` holds ``Created``.
    """
    bound = created_bound(since, now)
    moment = moment_literal(bound)

    def query(text: str) -> list[Row]:
        return exact.rows(Query(path, select=select, filter=text))

    def newest() -> list[Row]:
        return _newest(exact, path, key, select, bound)

    def modified() -> list[Row]:
        return exact.one_of(f"{path}.Modified", lambda: query(f"Modified ge {moment}"), newest)

    if not only:
        rows = modified()
    else:
        narrow = f"{only} and Created ge {moment}"
        rows = exact.one_of(f"{path}.{only.split(' ', maxsplit=1)[0]}", lambda: query(narrow), modified)
    return [row for row in rows if created_at(row) >= bound]


def created_at(row: Row) -> datetime:
    """Return when a record was created, in Dutch wall time; the end of time where Exact does not say."""
    return fields.wall_time(row.get("Created")) or datetime.max  # noqa: DTZ901 - wall time has no zone


def _newest(exact: ExactCalls, path: str, key: str, select: Sequence[str], bound: datetime) -> list[Row]:
    """Return the newest records, as many as reach back to a moment; a filter on the key satisfies Exact's demand."""
    every, count = f"{key} ne {guid_literal(_NO_KEY)}", _NEWEST
    while True:
        query = Query(path, select=select, filter=every, orderby=("Created desc",), top=count)
        rows = exact.rows(query)
        if len(rows) < count or min(map(created_at, rows)) < bound:
            return rows
        count *= 4
