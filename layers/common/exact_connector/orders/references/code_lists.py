"""Lists of codes that orders need again and again, kept for some minutes so that they do not cost a call each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from exact_connector.clock import Clock
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.exact_search import ExactCalls

T = TypeVar("T")

KEPT_FOR = timedelta(minutes=10)
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

    def over(self, exact: ExactCalls, tenant: str, division: int, *, again: bool = False) -> RememberingCalls:
        """Return calls that read lists of codes once; ``again``: what was remembered until now does not count."""
        if again:
            self._kept = {key: kept for key, kept in self._kept.items() if key[0] != (tenant, division)}
        return RememberingCalls(exact, self, (tenant, division))

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
        """Read by the first way, or by the second where Exact refuses the filter of the first, which ``name`` names."""
        return self._exact.one_of(name, first, second)

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
