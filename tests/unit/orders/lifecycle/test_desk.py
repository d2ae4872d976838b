"""The lock and the due row of an administration."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.orders.lifecycle.division_lock import Lease, LeaseLost, OrderDesks
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase


class Desk:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.desks = OrderDesks(MemoryDatabase()["orders"])

    def knock(self) -> None:
        self.desks.knock("acme", 1, self.clock.now())

    def take(self, owner: str = "a") -> Lease | None:
        return self.desks.take("acme", 1, owner, self.clock.now())

    def taken(self, owner: str = "a") -> Lease:
        lease = self.take(owner)
        assert lease is not None
        return lease

    def due(self) -> bool:
        return self.desks.due(self.clock.now()) == [("acme", 1)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_one_worker_at_a_time_has_the_lock_and_not_even_the_same_owner_twice(desk: Desk) -> None:
    desk.taken("a")
    assert desk.take("b") is None
    assert desk.take("a") is None


def test_a_lock_runs_out_and_the_worker_that_had_it_learns_so(desk: Desk) -> None:
    first = desk.taken("a")
    desk.clock.sleep(91)
    second = desk.taken("b")
    with pytest.raises(LeaseLost):
        desk.desks.renew(first, desk.clock.now())
    with pytest.raises(LeaseLost):
        desk.desks.rest(first, desk.clock.now(), None)
    desk.desks.leave(first, desk.clock.now())
    assert desk.take("c") is None
    assert desk.desks.renew(second, desk.clock.now()).until > second.until - timedelta(seconds=1)


def test_a_knock_during_a_round_keeps_the_worker_from_going_to_rest(desk: Desk) -> None:
    desk.knock()
    lease = desk.taken()
    desk.knock()
    assert not desk.desks.rest(lease, desk.clock.now(), None)
    assert desk.take("b") is None
    assert desk.desks.rest(desk.desks.renew(lease, desk.clock.now()), desk.clock.now(), None)
    assert desk.take("b") is not None


def test_an_order_that_was_announced_but_not_stored_yet_is_looked_for_again(desk: Desk) -> None:
    desk.knock()
    desk.clock.sleep(1)
    assert desk.desks.rest(desk.taken(), desk.clock.now(), None)
    assert not desk.due()
    desk.clock.sleep(90)
    assert desk.due()
    assert desk.desks.rest(desk.taken(), desk.clock.now(), None)
    desk.clock.sleep(10_000)
    assert not desk.due()


def test_an_administration_rests_until_the_next_moment_at_which_something_can_be_done(desk: Desk) -> None:
    desk.knock()
    desk.clock.sleep(200)
    assert desk.desks.rest(desk.taken(), desk.clock.now(), desk.clock.now() + timedelta(seconds=30))
    assert not desk.due()
    desk.clock.sleep(30)
    assert desk.due()


def test_an_administration_that_is_left_in_the_middle_is_due_at_once(desk: Desk) -> None:
    desk.desks.leave(desk.taken(), desk.clock.now())
    assert desk.due()


def test_a_busy_tenant_does_not_hide_another_from_the_minute() -> None:
    clock = ManualClock()
    desks = OrderDesks(MemoryDatabase()["orders"])
    for _ in range(3000):
        desks.knock("busy", 1, clock.now())
    clock.sleep(1)
    desks.knock("quiet", 2, clock.now())
    assert desks.due(clock.now()) == [("busy", 1), ("quiet", 2)]
