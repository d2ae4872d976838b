"""Bring accepted orders into Exact, each exactly once.

One worker at a time per administration (lease with fencing token), orders in the sequence of acceptance; an order
waits for every earlier open order of its customer, so two identical orders can never be taken for one another.

    record attempt ──▶ POST once ──▶ answer: SUBMITTED / REJECTED / not sent: try again later
                                └──▶ doubt: UNKNOWN ──▶ look in Exact by content ──▶ found: SUBMITTED
                                                               └─ absent after the grace period ──▶ one new attempt
    worker dies between any two steps: the next one finds SUBMITTING without its worker and treats it as doubt
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exact_connector.clock import Clock
from exact_connector.errors import (
    BudgetExhausted,
    ConnectorError,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
    LeaseHeld,
    NotConnected,
    ReauthorizationRequired,
    StoreUnavailable,
    TransientError,
)
from exact_connector.exactly_once.attempts import LifecycleTimes, next_try
from exact_connector.observability import logger, trace_of
from exact_connector.orders.lifecycle import transitions
from exact_connector.orders.lifecycle.division_lock import Lease, LeaseLost, OrderDesks
from exact_connector.orders.lifecycle.exact_search import ExactCalls, candidates, lines_of
from exact_connector.orders.lifecycle.manual_documents import entered_by_hand
from exact_connector.orders.lifecycle.matching import same_document, same_header
from exact_connector.orders.lifecycle.readback import ReadBack
from exact_connector.orders.lifecycle.record import Attempt, OrderRecord, State
from exact_connector.orders.lifecycle.steps import Planner, RememberedSteps
from exact_connector.orders.lifecycle.store import DocumentTaken, OrderStore, OutOfDate
from exact_connector.orders.lifecycle.transitions import OVERDUE_AFTER, Change, Plan
from exact_connector.orders.model.kinds import DOCUMENTS

_FAILURES_IN_A_ROW = 3
_SPENT_FOR_SURE = timedelta(minutes=1)
"""How long a worker believes that no call is left without trying again: limits may be raised, and links changed."""

_FOR_ALL = (BudgetExhausted, LeaseHeld, NotConnected, ReauthorizationRequired)
"""Errors that the next order of the administration would meet as well."""


@dataclass(slots=True)
class Worked:
    """What a visit did: how many orders came to an end, which, and how many are open. ``held``: another is at it."""

    finished: int = 0
    left: int = 0
    held: bool = False
    orders: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Round:
    """One walk through the open orders: what it found to be done, and when something is to be done next."""

    lease: Lease
    deadline: datetime
    ended: list[str] = field(default_factory=list)
    left: int = 0
    next_due: datetime | None = None
    out_of_time: bool = False
    halted_until: datetime | None = None
    spent: bool = False
    failures: int = 0

    def wait_until(self, moment: datetime) -> None:
        self.next_due = moment if self.next_due is None else min(self.next_due, moment)

    def note_failure(self, error: ConnectorError, due_at: datetime | None) -> None:
        """Halt where the next order would meet the same: no calls, no connection, Exact away thrice in a row."""
        self.failures = self.failures + 1 if isinstance(error, ExactUnavailable) else 0
        if isinstance(error, _FOR_ALL) or self.failures >= _FAILURES_IN_A_ROW:
            self.halted_until = due_at
            self.spent = isinstance(error, BudgetExhausted)


class OrderEngine:
    """Works through the open orders of one administration at a time.

    ``exact``: a client for a tenant and the administration that the order was accepted for; raises NotConnected when
    the tenant is linked to another one by now.
    """

    def __init__(
        self,
        store: OrderStore,
        desks: OrderDesks,
        exact: Callable[[str, int], ExactCalls],
        planner: Planner,
        clock: Clock,
        *,
        owner: str,
        times: LifecycleTimes | None = None,
    ) -> None:
        self._store = store
        self._desks = desks
        self._exact = exact
        self._planner = planner
        self._clock = clock
        self._owner = owner
        self._times = times or LifecycleTimes()
        self._reader = ReadBack(store, exact, clock, self._times)
        self._spent_until: dict[tuple[str, int], datetime] = {}

    def work(self, tenant: str, division: int, deadline: datetime, *, only: str | None = None) -> Worked:
        """Advance what is due, in the sequence of acceptance; ``only`` restricts to one order.

        Nothing is begun that may not end before ``deadline``. What is left has a due row.
        """
        lease = self._desks.take(tenant, division, self._owner, self._clock.now())
        if lease is None:
            return Worked(held=True)
        worked = Worked()
        try:
            if only is not None:
                self._work_on_one(lease, deadline, only, worked)
            else:
                self._work_on_all(lease, deadline, worked)
        except LeaseLost:
            worked.held = True
        except Exception:
            self._leave(lease)
            raise
        return worked

    def _work_on_one(self, lease: Lease, deadline: datetime, only: str, worked: Worked) -> None:
        record = self._store.get(lease.tenant, only)
        for place in self._store.queue(lease.tenant, lease.division):
            if place.order_id == only:
                if self._advance(record, _Round(lease, deadline)):
                    worked.finished, worked.orders = 1, [only]
                break
            if place.customer == record.customer:
                break
        worked.left = int(record.open) - worked.finished
        self._desks.leave(lease, self._clock.now())

    def _work_on_all(self, lease: Lease, deadline: datetime, worked: Worked) -> None:
        while True:
            done = self._round(lease, deadline)
            worked.finished += len(done.ended)
            worked.orders += done.ended
            worked.left = done.left
            now = self._clock.now()
            stuck = done.next_due is not None and done.next_due <= now and not done.ended
            if done.out_of_time or now >= deadline or stuck:
                self._desks.leave(lease, now)
                return
            again = done.next_due is not None and done.next_due <= now
            if not again and self._desks.rest(lease, now, done.next_due):
                return
            lease = self._desks.renew(lease, now)

    def _leave(self, lease: Lease) -> None:
        try:
            self._desks.leave(lease, self._clock.now())
        except StoreUnavailable as error:
            logger().warning("a lock on orders runs out by itself", tenant=lease.tenant, code=error.code)

    def _round(self, lease: Lease, deadline: datetime) -> _Round:
        done = _Round(lease, deadline, halted_until=self._still_spent(lease))
        waiting_customers: set[str] = set()
        for found in self._store.open_orders(lease.tenant, lease.division):
            record = self._noted_overdue(found, done)
            if done.halted_until is not None and not record.overdue:
                # Nothing more can be sent now, and every later order is younger: none of them is late.
                done.left += 1
                break
            if record.customer in waiting_customers or done.halted_until is not None:
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
            self._note_spent(done, done.halted_until)
        else:
            self._read_back(done)
        return done

    def _still_spent(self, lease: Lease) -> datetime | None:
        """Return until when no call is left, as this worker saw: what comes in meanwhile is not even tried."""
        until = self._spent_until.get((lease.tenant, lease.division))
        return until if until is not None and until > self._clock.now() else None

    def _note_spent(self, done: _Round, until: datetime) -> None:
        if done.spent:
            sure = min(until, self._clock.now() + _SPENT_FOR_SURE)
            self._spent_until[done.lease.tenant, done.lease.division] = sure

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
            while record.open and self._may_act(record, done):
                before = record
                record = self._step(record, done)
                if record == before:
                    break
        except OutOfDate:
            done.wait_until(self._clock.now())
            return False
        if record.open:
            done.wait_until(record.due_at or self._clock.now())
        return not record.open

    def _may_act(self, record: OrderRecord, done: _Round) -> bool:
        now = self._clock.now()
        if record.due_at is not None and record.due_at > now:
            return False
        if now + timedelta(seconds=self._times.post + self._times.step) > done.deadline:
            done.out_of_time = True
            return False
        return True

    def _step(self, record: OrderRecord, done: _Round) -> OrderRecord:
        if record.state is State.SUBMITTING:
            return self._changed(
                record,
                transitions.doubted(record, "the worker of this attempt is gone", self._clock.now(), self._times),
            )
        try:
            exact = self._exact(record.tenant, record.division)
            if record.state is State.UNKNOWN:
                return self._look(record, exact)
            return self._submit(record, exact, done)
        except ConnectorError as error:
            return self._after_error(record, error, done)
        except (OutOfDate, LeaseLost):
            raise
        except Exception as error:
            # A fault of ours in one order must not hold up the others.
            message = "an order failed by a fault of ours"
            logger().error(message, tenant=record.tenant, order_id=record.order_id, **trace_of(error))
            text = f"a fault of the connector ({type(error).__name__}); it is tried again by itself"
            return self._after_error(record, ConnectorError(text), done)

    def _after_error(self, record: OrderRecord, error: ConnectorError, done: _Round) -> OrderRecord:
        # A step may have been remembered, or the attempt recorded, before the error: go on from what is stored.
        stored = self._store.get(record.tenant, record.order_id)
        if stored.state is not record.state:
            return stored
        changed = self._changed(stored, transitions.failed(stored, error, self._clock.now(), self._times))
        if changed.open:
            done.note_failure(error, changed.due_at)
        return changed

    def _submit(self, record: OrderRecord, exact: ExactCalls, done: _Round) -> OrderRecord:
        steps = RememberedSteps(self._store, self._clock, record, lambda: self._hold(done.lease))
        plan = self._planner.plan(record, exact, steps)
        record = steps.record
        if record.overdue or record.resent:
            record = self._linked_by_hand(record, plan, exact)
            if not record.open:
                return record
        exact.prepare()
        if self._clock.now() + timedelta(seconds=self._times.post) > done.deadline:
            done.out_of_time = True
            return record
        self._hold(done.lease)
        begun = self._changed(record, transitions.begun(record, plan, self._clock.now(), self._times))
        assert begun.attempt is not None
        return self._post(begun, begun.attempt, exact, done)

    def _hold(self, lease: Lease) -> None:
        self._desks.renew(lease, self._clock.now())

    def _linked_by_hand(self, record: OrderRecord, plan: Plan, exact: ExactCalls) -> OrderRecord:
        """Take a document for this late or resent order that somebody entered by hand meanwhile."""
        found = entered_by_hand(record, plan.customer, plan.body, exact, self._store, self._clock.now())
        change: Change | None
        if found.document is not None:
            change = transitions.linked_by_hand(record, found.document, found.number, self._clock.now())
        else:
            change = transitions.proposed(record, found.proposals, self._clock.now())
        try:
            return record if change is None else self._changed(record, change)
        except DocumentTaken:
            return record

    def _post(self, record: OrderRecord, attempt: Attempt, exact: ExactCalls, done: _Round) -> OrderRecord:
        kind = DOCUMENTS[record.kind]
        if self._clock.now() - attempt.started_at > timedelta(seconds=self._times.step):
            # Too long since the lease was renewed: the POST could outlive it. Nothing was sent.
            return self._unsent(record, TransientError("the worker was held up before sending"), done)
        try:
            answer = exact.create(attempt.path, dict(attempt.body), record=record.order_id)
        except ExactAnswerUnknown as error:
            return self._doubt(record, error.message)
        except ExactRejected as error:
            return self._changed(record, transitions.refused(record, error, self._clock.now()))
        except (TransientError, ExactQueryRefused, ReauthorizationRequired, NotConnected) as error:
            return self._unsent(record, error, done)
        done.failures = 0
        document = answer.get(kind.key)
        if not document:
            return self._doubt(record, "Exact's answer names no document")
        try:
            number, now = kind.number_of(answer), self._clock.now()
            change = transitions.submitted(record, str(document).lower(), number, now)
            return self._changed(record, change)
        except DocumentTaken:
            return self._doubt(record, "Exact's answer names a document of another order")

    def _unsent(self, record: OrderRecord, error: ConnectorError, done: _Round) -> OrderRecord:
        now = self._clock.now()
        due_at = next_try(error, record.failures, now, self._times)
        done.note_failure(error, due_at)
        return self._changed(record, transitions.unsent(record, error.message, due_at, now))

    def _doubt(self, record: OrderRecord, reason: str) -> OrderRecord:
        return self._changed(record, transitions.doubted(record, reason, self._clock.now(), self._times))

    def _look(self, record: OrderRecord, exact: ExactCalls) -> OrderRecord:
        kind, attempt, since = DOCUMENTS[record.kind], record.attempt, record.search_since
        assert attempt is not None
        assert since is not None
        looked_at = self._clock.now()
        headers = candidates(exact, kind, attempt, since, looked_at)
        ids = [str(header[kind.key]).lower() for header in headers]
        taken = self._store.linked_to(record.tenant, record.division, ids)
        for document, header in zip(ids, headers, strict=True):
            if taken.get(document, record.order_id) != record.order_id or not same_header(kind, attempt.body, header):
                continue
            if not same_document(kind, attempt.body, header, lines_of(exact, kind, document)):
                continue
            try:
                number, now = kind.number_of(header), self._clock.now()
                return self._changed(record, transitions.submitted(record, document, number, now, found=True))
            except DocumentTaken:
                continue
        return self._changed(record, transitions.not_found(record, looked_at, self._clock.now(), self._times))

    def _changed(self, record: OrderRecord, change: Change) -> OrderRecord:
        return self._store.transition(record, change)

    def _read_back(self, done: _Round) -> None:
        left = self._reader.run(done.lease.tenant, done.lease.division, done.deadline)
        done.out_of_time = done.out_of_time or left.out_of_time
        if left.next_due is not None:
            done.wait_until(left.next_due)
