"""Read Exact by a second way where it refuses the filter of the first, and remember that it does.

    first way ──▶ rows
        └─ Exact refuses the filter: noted in the table for a day, for every worker ──▶ second way ──▶ rows
    within the day: second way at once, because Exact counts a refused filter as an error and blocks after ten

Exact's reference does not mark every property as fit for a filter that client libraries filter on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from exact_connector.clock import Clock, from_text, to_text
from exact_connector.errors import ExactQueryRefused
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.exact_search import ExactClientCalls
from exact_connector.observability import logger
from exact_connector.storage.table import Table, query_all

T = TypeVar("T")

REFUSED_FOR = timedelta(days=1)
_LOOKED_UP_EVERY = timedelta(minutes=10)


class RefusedFilters:
    """Which filters Exact refuses in which administration, shared by all workers through the orders table."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._known: dict[str, tuple[datetime, dict[str, datetime]]] = {}

    def refused(self, tenant: str, division: int, name: str) -> bool:
        """Return whether Exact refused a filter within the last day."""
        until = self._of(partition(tenant, division)).get(name)
        return until is not None and until > self._clock.now()

    def note(self, tenant: str, division: int, name: str) -> None:
        """Remember that Exact refuses a filter."""
        pk, until = partition(tenant, division), self._clock.now() + REFUSED_FOR
        self._of(pk)[name] = until
        self._table.put({"pk": pk, "sk": name, "until": to_text(until)})

    def _of(self, pk: str) -> dict[str, datetime]:
        now, known = self._clock.now(), self._known.get(pk)
        if known is None or known[0] + _LOOKED_UP_EVERY < now:
            rows = query_all(self._table, pk)
            known = (now, {str(row["sk"]): from_text(str(row["until"])) for row in rows})
            self._known[pk] = known
        return known[1]


class CallsWithSecondWays:
    """Calls to one administration that take a second way where Exact refuses a filter."""

    def __init__(self, exact: ExactClientCalls, filters: RefusedFilters, tenant: str, division: int) -> None:
        self._exact = exact
        self._filters = filters
        self._tenant = tenant
        self._division = division

    def one_of(self, name: str, first: Callable[[], T], second: Callable[[], T]) -> T:
        """Read by the first way, or by the second where Exact refuses the filter of the first, which ``name`` names."""
        if not self._filters.refused(self._tenant, self._division, name):
            try:
                return first()
            except ExactQueryRefused as error:
                self._filters.note(self._tenant, self._division, name)
                message = "Exact refuses a filter; another way is taken"
                logger().warning(message, tenant=self._tenant, filter=name, code=error.code)
        return second()

    def prepare(self) -> None:
        """Make sure of an access token."""
        self._exact.prepare()

    def rows(self, query: Query) -> list[dict[str, Any]]:
        """Return every row of a small set, all pages."""
        return self._exact.rows(query)

    def create(self, path: str, body: dict[str, Any], *, record: str = "") -> dict[str, Any]:
        """POST a new record, at most once."""
        return self._exact.create(path, body, record=record)

    def change(self, path: str, key: str | int, body: dict[str, Any]) -> None:
        """PUT fields of a record."""
        self._exact.change(path, key, body)


def partition(tenant: str, division: int) -> str:
    """Return the partition of the filters that Exact refuses in an administration."""
    return f"refused-filters#{tenant}#{division}"
