"""The lock and the due row of an administration."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.orders.lifecycle.division_lock import DivisionLease, DivisionLock
from exact_connector.storage.leases import LeaseLost
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase


class Marked:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.lock = DivisionLock(MemoryDatabase()["orders"])

    def mark_due(self) -> None:
        self.lock.mark_due("acme", 1, self.clock.now())

    def acquire(self, owner: str = "a") -> DivisionLease | None:
        return self.lock.acquire("acme", 1, owner, self.clock.now())

    def acquired(self, owner: str = "a") -> DivisionLease:
        lease = self.acquire(owner)
        assert lease is not None
        return lease

    def due(self) -> bool:
        return self.lock.due(self.clock.now()) == [("acme", 1)]


@pytest.fixture
def one() -> Marked:
    return Marked()


def test_one_worker_at_a_time_has_the_lock_and_not_even_the_same_owner_twice(one: Marked) -> None:
    one.acquired("a")
    assert one.acquire("b") is None
    assert one.acquire("a") is None


def test_a_lock_runs_out_and_the_worker_that_had_it_learns_so(one: Marked) -> None:
    first = one.acquired("a")
    one.clock.sleep(91)
    second = one.acquired("b")
    with pytest.raises(LeaseLost):
        one.lock.renew(first, one.clock.now())
    with pytest.raises(LeaseLost):
        one.lock.release_until(first, one.clock.now(), None)
    one.lock.release(first, one.clock.now())
    assert one.acquire("c") is None
    assert one.lock.renew(second, one.clock.now()).until > second.until - timedelta(seconds=1)


def test_a_mark_during_a_round_keeps_the_worker_from_ending_its_visit(one: Marked) -> None:
    one.mark_due()
    lease = one.acquired()
    one.mark_due()
    assert not one.lock.release_until(lease, one.clock.now(), None)
    assert one.acquire("b") is None
    assert one.lock.release_until(one.lock.renew(lease, one.clock.now()), one.clock.now(), None)
    assert one.acquire("b") is not None


def test_an_order_that_was_announced_but_not_stored_yet_is_looked_for_again(one: Marked) -> None:
    one.mark_due()
    one.clock.sleep(1)
    assert one.lock.release_until(one.acquired(), one.clock.now(), None)
    assert not one.due()
    one.clock.sleep(90)
    assert one.due()
    assert one.lock.release_until(one.acquired(), one.clock.now(), None)
    one.clock.sleep(10_000)
    assert not one.due()


def test_an_administration_rests_until_the_next_moment_at_which_something_can_be_done(one: Marked) -> None:
    one.mark_due()
    one.clock.sleep(200)
    assert one.lock.release_until(one.acquired(), one.clock.now(), one.clock.now() + timedelta(seconds=30))
    assert not one.due()
    one.clock.sleep(30)
    assert one.due()


def test_an_administration_that_is_left_in_the_middle_is_due_at_once(one: Marked) -> None:
    one.lock.release(one.acquired(), one.clock.now())
    assert one.due()


def test_a_busy_tenant_does_not_hide_another_from_the_minute() -> None:
    clock = ManualClock()
    lock = DivisionLock(MemoryDatabase()["orders"])
    for _ in range(3000):
        lock.mark_due("busy", 1, clock.now())
    clock.sleep(1)
    lock.mark_due("quiet", 2, clock.now())
    assert lock.due(clock.now()) == [("busy", 1), ("quiet", 2)]
