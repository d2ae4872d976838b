"""A small storm of orders against the sandbox; the full size is run by ``tests/bench/orders_storm.py``."""

from __future__ import annotations

import pytest

from exact_connector.exactly_once.record import State
from functional.orders.storm import SMALL, Result, storm


@pytest.fixture(scope="module")
def result() -> Result:
    with storm(SMALL) as running:
        return running.run()


def test_every_accepted_order_is_in_exact_exactly_once(result: Result) -> None:
    assert result.wrong == [], result.text()
    assert len(result.accepted) == SMALL.orders
    assert {record.state for record in result.accepted} == {State.SUBMITTED}
    assert len(result.documents) == len(set(result.documents)) == SMALL.orders


def test_the_storm_really_hit_posts_workers_and_clients(result: Result) -> None:
    assert result.faults["drop POST"] > 0
    assert result.faults["reset POST"] > 0
    assert result.kills > 0
    assert result.replays > 0
