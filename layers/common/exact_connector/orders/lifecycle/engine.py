"""Work through the accepted orders of one administration.

One worker at a time per administration (lease with fencing token), orders in the sequence of acceptance; an order
waits for every earlier open order of its customer, so two identical orders can never be taken for one another. How one
order gets into Exact is in ``exactly_once.engine`` and ``submission``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exact_connector.clock import Clock
from exact_connector.errors import (
    BudgetExhausted,
    ConnectorError,
    ExactUnavailable,
    LeaseHeld,
    StoreUnavailable,
)
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.exactly_once.engine import AttemptEngine, Visit
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.store import OutOfDate, Queued
from exact_connector.observability import logger
from exact_connector.orders.lifecycle import transitions
from exact_connector.orders.lifecycle.division_lock import DivisionLease, DivisionLock
from exact_connector.orders.lifecycle.readback import ReadBack
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.steps import Planner
from exact_connector.orders.lifecycle.store import OrderStore
from exact_connector.orders.lifecycle.submission import OrderSubmission
from exact_connector.orders.lifecycle.transitions import OVERDUE_AFTER
from exact_connector.storage.leases import LeaseLost

_FAILURES_IN_A_ROW = 3
_SPENT_FOR_SURE = timedelta(minutes=1)
"""How long a worker believes that no call is left without trying again: limits may be raised, and links changed."""

_FOR_ALL = (BudgetExhausted, LeaseHeld)
"""Errors that the next order of the administration would meet as well, and that pass by themselves."""


@dataclass(slots=True)
class WorkResult:
    """What a visit did: how many orders came to an end, which, and how many are open. ``locked``: another worker has
    the lock, so nothing was done."""

    finished: int = 0
    left: int = 0
    locked: bool = False
    orders: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Round(Visit):
    """One walk through the open orders: what came to an end, and when something is to be done next."""

    renew_lock: Callable[[], None] = field(kw_only=True)
    ended: list[str] = field(default_factory=list)
    left: int = 0
    next_due: datetime | None = None
    halted_until: datetime | None = None
    spent: bool = False
    failures: int = 0

    def renew(self) -> None:
        self.renew_lock()

    def wait_until(self, moment: datetime) -> None:
        self.next_due = moment if self.next_due is None else min(self.next_due, moment)

    def note_failure(self, error: ConnectorError, due_at: datetime | None) -> None:
        """Halt where the next order would meet the same: no calls, Exact away thrice in a row."""
        self.failures = self.failures + 1 if isinstance(error, ExactUnavailable) else 0
        if isinstance(error, _FOR_ALL) or self.failures >= _FAILURES_IN_A_ROW:
            self.halted_until = due_at
            self.spent = isinstance(error, BudgetExhausted)

    def note_answer(self) -> None:
        self.failures = 0


class OrderEngine:
    """Works through the open orders of one administration at a time.

    ``exact``: a client for a tenant and the administration that the order was accepted for; raises NotConnected when
    the tenant is linked to another one by now.
    """

    def __init__(
        self,
        store: OrderStore,
        lock: DivisionLock,
        exact: Callable[[str, int], ExactCalls],
        planner: Planner,
        clock: Clock,
        *,
        owner: str,
        times: LifecycleTimes | None = None,
    ) -> None:
        self._store = store
        self._lock = lock
        self._clock = clock
        self._owner = owner
        times = times or LifecycleTimes()
        self._attempts = AttemptEngine(store, OrderSubmission(store, exact, planner, clock), clock, times)
        self._reader = ReadBack(store, exact, clock, times)
        self._spent_until: dict[tuple[str, int], datetime] = {}

    def work(self, tenant: str, division: int, deadline: datetime, *, only: str | None = None) -> WorkResult:
        """Advance what is due, in the sequence of acceptance; ``only`` restricts to one order.

        Nothing is begun that may not end before ``deadline``. What is left has a due row.
        """
        lease = self._lock.acquire(tenant, division, self._owner, self._clock.now())
        if lease is None:
            return WorkResult(locked=True)
        result = WorkResult()
        try:
            if only is not None:
                self._work_on_one(lease, deadline, only, result)
            else:
                self._work_on_all(lease, deadline, result)
        except LeaseLost:
            result.locked = True
        except Exception:
            self._release(lease)
            raise
        return result

    def _work_on_one(self, lease: DivisionLease, deadline: datetime, only: str, result: WorkResult) -> None:
        record, earlier = self._store.get(lease.tenant, only), list[Queued]()
        for place in self._store.queue(lease.tenant, lease.division):
            if place.record_id == only:
                done = self._new_round(lease, deadline)
                for blocked in self._store.blocked(earlier, lease.tenant, self._clock.now()):
                    done.blockers.setdefault(blocked.lane, blocked)
                if self._advance(record, done):
                    result.finished, result.orders = 1, [only]
                break
            if place.account == record.customer:
                break
            earlier.append(place)
        result.left = int(record.open) - result.finished
        self._lock.release(lease, self._clock.now())

    def _work_on_all(self, lease: DivisionLease, deadline: datetime, result: WorkResult) -> None:
        while True:
            done = self._round(lease, deadline)
            result.finished += len(done.ended)
            result.orders += done.ended
            result.left = done.left
            now = self._clock.now()
            stuck = done.next_due is not None and done.next_due <= now and not done.ended
            if done.out_of_time or now >= deadline or stuck:
                self._lock.release(lease, now)
                return
            again = done.next_due is not None and done.next_due <= now
            if not again and self._lock.release_until(lease, now, done.next_due):
                return
            lease = self._lock.renew(lease, now)

    def _release(self, lease: DivisionLease) -> None:
        try:
            self._lock.release(lease, self._clock.now())
        except StoreUnavailable as error:
            logger().warning("a lock on orders runs out by itself", tenant=lease.tenant, code=error.code)

    def _new_round(self, lease: DivisionLease, deadline: datetime, halted_until: datetime | None = None) -> _Round:
        def renew() -> None:
            self._lock.renew(lease, self._clock.now())

        return _Round(deadline, renew_lock=renew, halted_until=halted_until)

    def _round(self, lease: DivisionLease, deadline: datetime) -> _Round:
        place = (lease.tenant, lease.division)
        done = self._new_round(lease, deadline, self._still_spent(place))
        waiting_customers: set[str] = set()
        for found in self._store.open_records(*place):
            record = self._noted_overdue(found, done)
            if done.halted_until is not None and not record.overdue:
                # Nothing more can be sent now, and every later order is younger: none of them is late.
                done.left += 1
                break
            waits = record.customer in waiting_customers and record.lane not in done.blockers
            if waits or done.halted_until is not None:
                done.left += 1
            elif self._advance(record, done):
                done.ended.append(record.order_id)
                continue
            else:
                done.left += 1
            waiting_customers.add(record.customer)
            if self._clock.now() >= deadline:
                done.out_of_time = True
                return done
        if done.halted_until is not None:
            done.wait_until(done.halted_until)
            self._note_spent(place, done, done.halted_until)
        else:
            self._read_back(place, done)
        return done

    def _still_spent(self, place: tuple[str, int]) -> datetime | None:
        """Return until when no call is left, as this worker saw: what comes in meanwhile is not even tried."""
        until = self._spent_until.get(place)
        return until if until is not None and until > self._clock.now() else None

    def _note_spent(self, place: tuple[str, int], done: _Round, until: datetime) -> None:
        if done.spent:
            self._spent_until[place] = min(until, self._clock.now() + _SPENT_FOR_SURE)

    def _noted_overdue(self, record: OrderRecord, done: _Round) -> OrderRecord:
        """Flag an order that is late, also one that waits behind another; plan a visit for when it will be late."""
        change = transitions.overdue(record, self._clock.now())
        if change is not None:
            try:
                return self._store.transition(record, change)
            except OutOfDate:
                done.wait_until(self._clock.now())
        elif not record.overdue:
            done.wait_until(record.accepted_at + OVERDUE_AFTER)
        return record

    def _advance(self, record: OrderRecord, done: _Round) -> bool:
        """Take steps until the order has come to an end (True) or has to wait (False)."""
        try:
            record = self._attempts.advance(record, done)
        except OutOfDate:
            done.wait_until(self._clock.now())
            return False
        if record.open:
            done.wait_until(record.due_at or self._clock.now())
        return not record.open

    def _read_back(self, place: tuple[str, int], done: _Round) -> None:
        left = self._reader.run(*place, done.deadline)
        done.out_of_time = done.out_of_time or left.out_of_time
        if left.next_due is not None:
            done.wait_until(left.next_due)
