"""What a process remembers of an administration: lists of codes, kept for some minutes, and filters that Exact refuses.

A list of codes does not cost a call for each order then, and a refused filter, which Exact counts as an error, is tried
once a day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from exact_connector.clock import Clock
from exact_connector.errors import ExactQueryRefused
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.observability import logger

T = TypeVar("T")

KEPT_FOR = timedelta(minutes=10)
REFUSED_FOR = timedelta(days=1)
FILTER_REFUSED = "FILTER_REFUSED"
CODE_LISTS = frozenset(
    {
        "inventory/Warehouses",
        "sales/ShippingMethods",
        "hrm/Costcenters",
        "hrm/Costunits",
        "financial/GLAccounts",
        "sync/Financial/GLAccounts",
        "sync/Logistics/SupplierItem",
        "financial/Journals",
        "sales/SalesPriceLists",
    }
)
"""The resources whose rows only say what a code stands for. An ID that they give stays right; that a code was opened or
closed since is seen when Exact, or a list read again, refuses the order."""

_Place = tuple[str, int]
_Key = tuple[_Place, str, tuple[str, ...], str | None]
_Rows = list[dict[str, Any]]


class CodeLists:
    """What one process remembers of its administrations."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[_Key, tuple[datetime, _Rows]] = {}
        self._refused: dict[tuple[_Place, str], datetime] = {}

    def over(self, exact: ExactCalls, tenant: str, division: int, *, again: bool = False) -> RememberingCalls:
        """Return calls that read lists of codes once; ``again``: what was remembered until now does not count."""
        if again:
            self._kept = {key: kept for key, kept in self._kept.items() if key[0] != (tenant, division)}
        return RememberingCalls(exact, self, (tenant, division))

    def refuses(self, place: _Place, name: str) -> bool:
        """Return whether Exact refused a filter within the last day."""
        return self._refused.get((place, name), self._clock.now()) > self._clock.now()

    def note_refusal(self, place: _Place, name: str) -> None:
        """Remember that Exact refuses a filter."""
        self._refused[place, name] = self._clock.now() + REFUSED_FOR

    def rows(self, place: _Place, exact: ExactCalls, query: Query) -> tuple[_Rows, bool]:
        """Return the rows of a list, and whether they were remembered."""
        now, key = self._clock.now(), (place, query.path, tuple(query.select), query.filter)
        known = self._kept.get(key)
        if known is not None and known[0] > now:
            return known[1], True
        rows = exact.rows(query)
        self._kept = {each: kept for each, kept in self._kept.items() if kept[0] > now}
        self._kept[key] = (now + KEPT_FOR, rows)
        return rows, False


class RememberingCalls:
    """Calls to Exact; a list of codes may be answered from memory, ``remembered`` is true if one was."""

    def __init__(self, exact: ExactCalls, lists: CodeLists, place: _Place) -> None:
        self._exact = exact
        self._lists = lists
        self._place = place
        self.remembered = False

    def one_of(self, name: str, first: Callable[[], T], second: Callable[[], T]) -> T:
        """Read by the first way, and by the second where Exact refuses the filter of the first, which ``name`` names.

        Raises ExactQueryRefused for any other fault of the query.
        """
        if not self._lists.refuses(self._place, name):
            try:
                return first()
            except ExactQueryRefused as error:
                if error.code != FILTER_REFUSED:
                    raise
                self._lists.note_refusal(self._place, name)
                logger().warning("Exact refuses a filter; another way is taken", filter=name, tenant=self._place[0])
        return second()

    def prepare(self) -> None:
        """Make sure of an access token."""
        self._exact.prepare()

    def rows(self, query: Query) -> _Rows:
        """Return every row of a small set."""
        if query.path not in CODE_LISTS:
            return self._exact.rows(query)
        rows, remembered = self._lists.rows(self._place, self._exact, query)
        self.remembered = self.remembered or remembered
        return rows

    def create(self, path: str, body: dict[str, Any], *, record: str = "") -> dict[str, Any]:
        """POST a new record, at most once."""
        return self._exact.create(path, body, record=record)

    def change(self, path: str, key: str | int, body: dict[str, Any]) -> None:
        """PUT fields of a record."""
        self._exact.change(path, key, body)
