"""Fetching pages, one ahead of the one that is being stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from exact_connector.clock import Clock
from exact_connector.errors import ExactUnavailable
from exact_connector.exact.http.query import Query
from exact_connector.sync.ports import PageOfRows, Reader
from exact_connector.sync.stores.deletions import DeletionLog

READ_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page with the deletion head that was seen before it was fetched."""

    head: int
    page: PageOfRows


Later = Callable[[], Fetched]
Fetch = Callable[[str | None], Later]
"""Starts to fetch the page at a cursor (None: the first) and returns how to wait for it."""


class PageFetcher:
    """Fetches the pages of one tenant."""

    def __init__(self, reader: Reader, log: DeletionLog, clock: Clock, tenant: str) -> None:
        self._reader = reader
        self._log = log
        self._clock = clock
        self._tenant = tenant

    @contextmanager
    def reading(self, query: Query, *, ahead: bool) -> Iterator[Fetch]:
        """Give the function that starts to fetch; ``ahead`` False fetches only when the page is waited for."""
        if not ahead:
            yield lambda cursor: lambda: self._fetch(query, cursor)
            return
        pool = ThreadPoolExecutor(1, thread_name_prefix="fetch")
        try:
            yield lambda cursor: pool.submit(self._fetch, query, cursor).result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _fetch(self, query: Query, cursor: str | None) -> Fetched:
        """Fetch a page, reading a malformed or missing answer again; the deletion head is seen first."""
        head = self._log.head(self._tenant)
        for attempt in range(1, READ_ATTEMPTS):
            try:
                return Fetched(head, self._reader.fetch(query, cursor))
            except ExactUnavailable:
                self._clock.sleep(2.0 ** (attempt - 1))
        return Fetched(head, self._reader.fetch(query, cursor))
