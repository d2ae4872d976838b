"""The calls to Exact that records need, and from which moment on something made there may be one of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from exact_connector.clock import EXACT_ZONE
from exact_connector.exact.http.query import Query

SKEW = timedelta(minutes=5)
"""How far Exact's clock may lie behind ours: what was made that long before the attempt is looked at as well."""


class ExactCalls(Protocol):
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


def created_bound(since: datetime, now: datetime) -> datetime:
    """Return the Dutch wall time from which records of Exact count.

    Exact names no zone. When the clocks were put back between ``since`` and ``now``, what was made after that shows an
    earlier wall time, so the bound is put back as well.
    """
    start, end = since.astimezone(EXACT_ZONE), now.astimezone(EXACT_ZONE)
    put_back = (start.utcoffset() or timedelta(0)) - (end.utcoffset() or timedelta(0))
    return start.replace(tzinfo=None) - max(put_back, timedelta(0))
