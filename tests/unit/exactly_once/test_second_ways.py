"""Exact refuses a filter: another way is taken, and the refusal is remembered for every worker for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exact_connector.errors import ExactQueryRefused, ExactUnavailable
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.second_ways import REFUSED_FOR, CallsWithSecondWays, RefusedFilters
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase


class NoCalls:
    """Calls that no test of ways makes."""

    def prepare(self) -> None:
        raise AssertionError

    def rows(self, query: Query) -> list[dict[str, Any]]:
        raise AssertionError

    def create(self, path: str, body: dict[str, Any], *, record: str = "") -> dict[str, Any]:
        raise AssertionError

    def change(self, path: str, key: str | int, body: dict[str, Any]) -> None:
        raise AssertionError


class Ways:
    """Two ways, of which Exact refuses the first while ``refuses``."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.memory = MemoryDatabase()
        self.refuses = True
        self.tried = 0

    def worker(self, tenant: str = "acme", division: int = 1) -> CallsWithSecondWays:
        filters = RefusedFilters(self.memory["orders"], self.clock)
        return CallsWithSecondWays(NoCalls(), filters, tenant, division)

    def first(self) -> str:
        self.tried += 1
        if self.refuses:
            raise ExactQueryRefused("no", status=400, code="FILTER_REFUSED")
        return "first"

    def read(self, worker: CallsWithSecondWays, name: str = "crm/Contacts.Account") -> str:
        return worker.one_of(name, self.first, lambda: "second")


@pytest.fixture
def ways() -> Ways:
    return Ways()


def test_the_first_way_is_taken_where_exact_takes_it(ways: Ways) -> None:
    ways.refuses = False
    assert ways.read(ways.worker()) == "first"
    assert ways.memory["orders"].all_rows() == []


def test_a_refused_filter_is_tried_once_by_all_workers_together(ways: Ways) -> None:
    one = ways.worker()
    assert [ways.read(one), ways.read(one), ways.read(ways.worker())] == ["second"] * 3
    assert ways.tried == 1


def test_a_worker_that_looked_before_learns_of_it_within_minutes(ways: Ways) -> None:
    late = ways.worker()
    ways.refuses = False
    ways.read(late)
    ways.refuses = True
    ways.read(ways.worker())
    ways.clock.sleep(601)
    assert ways.read(late) == "second"
    assert ways.tried == 2


def test_after_a_day_the_first_way_is_tried_again(ways: Ways) -> None:
    ways.read(ways.worker())
    ways.clock.sleep((REFUSED_FOR + timedelta(seconds=1)).total_seconds())
    ways.refuses = False
    assert ways.read(ways.worker()) == "first"


def test_what_one_administration_or_filter_is_refused_is_nothing_to_another(ways: Ways) -> None:
    ways.read(ways.worker())
    ways.refuses = False
    for worker in (ways.worker("other"), ways.worker(division=2)):
        assert ways.read(worker) == "first"
    assert ways.read(ways.worker(), "crm/Addresses.Account") == "first"


def test_any_other_error_is_not_about_the_filter(ways: Ways) -> None:
    def away() -> str:
        raise ExactUnavailable("away")

    with pytest.raises(ExactUnavailable):
        ways.worker().one_of("x", away, lambda: "second")
    assert ways.memory["orders"].all_rows() == []
