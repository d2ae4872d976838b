"""Fetching the pages of a stream, each with the deletion head that was seen before it, one ahead of the one in storing.

Nothing is repeated here: the client of Exact repeats a reading call, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from exact_connector.exact.http.paging import prefetching
from exact_connector.exact.http.query import Query
from exact_connector.sync.ports import PageOfRows, Reader
from exact_connector.sync.stores.deletions import DeletionLog


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page with the deletion head that was seen before it was fetched."""

    head: int
    page: PageOfRows


Fetch = Callable[[str | None], Callable[[], Fetched]]
"""Starts to fetch the page at a cursor (None: the first) and returns how to wait for it."""


class PageFetcher:
    """Fetches the pages of one tenant."""

    def __init__(self, reader: Reader, log: DeletionLog, tenant: str) -> None:
        self._reader = reader
        self._log = log
        self._tenant = tenant

    @contextmanager
    def reading(self, query: Query, *, ahead: bool) -> Iterator[Fetch]:
        """Give the function that starts to fetch; ``ahead`` False fetches only when the page is waited for."""
        with prefetching(lambda cursor: self._fetch(query, cursor), ahead=ahead) as start:
            yield start

    def _fetch(self, query: Query, cursor: str | None) -> Fetched:
        head = self._log.head(self._tenant)
        return Fetched(head, self._reader.fetch(query, cursor))
