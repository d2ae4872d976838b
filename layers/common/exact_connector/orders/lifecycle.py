"""Bring accepted orders into Exact, each exactly once.

One worker at a time per administration (lease with fencing token), orders in the sequence of acceptance; an order
waits for every earlier open order of its customer, so two identical orders can never be taken for one another.

    record attempt ──▶ POST once ──▶ answer: SUBMITTED / REJECTED / not sent: try again later
                                └──▶ doubt: UNKNOWN ──▶ look in Exact by content ──▶ found: SUBMITTED
                                                               └─ absent after the grace period ──▶ one new attempt
    worker dies between any two steps: the next one finds SUBMITTING without its worker and treats it as doubt
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from exact_connector.clock import Clock, to_text
from exact_connector.errors import (
    ConnectorError,
    ExactAnswerUnknown,
    ExactRejected,
    InvalidInput,
    NotConnected,
    ReauthorizationRequired,
    TransientError,
)
from exact_connector.orders.finding import ExactCalls, candidates, lines_of
from exact_connector.orders.kinds import DOCUMENTS
from exact_connector.orders.matching import differences, same_document
from exact_connector.orders.record import Attempt, OrderRecord, State, following
from exact_connector.orders.store import DocumentTaken, Lease, OrderEvent, OrderStore, OutOfDate

OVERDUE_AFTER = timedelta(hours=1)
_DISCONNECTED_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be posted: where, for which customer or supplier (GUID), the body, and what is odd about it."""

    path: str
    customer: str
    body: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...] = ()


class Planner(Protocol):
    """Turns an order into the document that Exact gets."""

    def plan(self, record: OrderRecord, exact: ExactCalls, steps: Steps) -> Plan:
        """Resolve every reference, carry the steps before the document out, and return the document.

        Raises InvalidInput for an order that cannot be sent, ExactRejected where Exact refused a step, and transient
        errors.
        """
        ...


class Steps(Protocol):
    """The writes before the document (addresses, contacts), each remembered so that a retry reuses it."""

    def run(self, step: str, make: Callable[[], str]) -> str:
        """Return what the step made earlier, or make it now, under a lease that is renewed first, and remember it."""
        ...


@dataclass(frozen=True, slots=True)
class LifecycleTimes:
    """Seconds of the clock. ``post``: the longest a POST may be under way. ``late``: how late Exact can still commit
    after that. ``look``: pause between two looks in Exact. ``backoff``: first pause after a failure, doubled each time.
    """

    post: float = 60.0
    late: float = 120.0
    look: float = 10.0
    backoff: float = 15.0
    step: float = 5.0


@dataclass(slots=True)
class Worked:
    """What a visit did: how many orders came to an end, and whether something is still open."""

    finished: int = 0
    left: int = 0
    held: bool = False
    orders: list[str] = field(default_factory=list)


class OrderEngine:
    """Works through the open orders of one administration at a time."""

    def __init__(
        self,
        store: OrderStore,
        exact: Callable[[str], ExactCalls],
        planner: Planner,
        clock: Clock,
        *,
        owner: str,
        times: LifecycleTimes | None = None,
    ) -> None:
        self._store = store
        self._exact = exact
        self._planner = planner
        self._clock = clock
        self._owner = owner
        self._times = times or LifecycleTimes()

    def work(self, tenant: str, division: int, deadline: datetime, *, only: str | None = None) -> Worked:
        """Advance what is due, in the sequence of acceptance; ``only`` restricts to one order.

        Nothing is begun that may not end before ``deadline``. What is left has a due row.
        """
        lease = self._store.take_lease(tenant, division, self._owner, self._clock.now())
        if lease is None:
            return Worked(held=True)
        try:
            return self._work(lease, deadline, only)
        finally:
            self._store.release_lease(lease)

    def _work(self, lease: Lease, deadline: datetime, only: str | None) -> Worked:
        total = Worked()
        while True:
            worked = self._round(lease, deadline, only)
            total.finished += worked.finished
            total.orders += worked.orders
            total.left = worked.left
            if not worked.finished or not worked.left or self._clock.now() >= deadline:
                break
        if only is None:
            self._verify_submitted(lease, deadline)
        return total

    def _verify_submitted(self, lease: Lease, deadline: datetime) -> None:
        for record in self._store.due_submitted(lease.tenant, lease.division, self._clock.now()):
            if self._clock.now() >= deadline:
                return
            try:
                self.verify(record, self._exact(record.tenant))
            except (ConnectorError, OutOfDate):
                return

    def _round(self, lease: Lease, deadline: datetime, only: str | None) -> Worked:
        worked = Worked()
        waiting_customers: set[str] = set()
        for record in self._store.open_orders(lease.tenant, lease.division):
            blocked = record.customer in waiting_customers
            if blocked or (only is not None and record.order_id != only):
                waiting_customers.add(record.customer)
                worked.left += 1
                continue
            ended = self._advance(record, lease, deadline)
            if ended:
                worked.finished += 1
                worked.orders.append(record.order_id)
            else:
                waiting_customers.add(record.customer)
                worked.left += 1
            if self._clock.now() >= deadline:
                break
        return worked

    def _advance(self, record: OrderRecord, lease: Lease, deadline: datetime) -> bool:
        """Take steps until the order has come to an end (True) or has to wait (False)."""
        try:
            while record.open and self._may_act(record, deadline):
                before = record
                record = self._step(record, lease)
                if record == before:
                    break
        except OutOfDate:
            return False
        return not record.open

    def _may_act(self, record: OrderRecord, deadline: datetime) -> bool:
        now = self._clock.now()
        room = now + timedelta(seconds=self._times.post + self._times.step) <= deadline
        return room and (record.due_at is None or record.due_at <= now)

    def _step(self, record: OrderRecord, lease: Lease) -> OrderRecord:
        record = self._note_overdue(record)
        if record.state is State.SUBMITTING:
            return self._doubt(record, "the worker of this attempt is gone")
        try:
            exact = self._exact(record.tenant)
            if record.state is State.UNKNOWN:
                return self._look(record, exact)
            return self._submit(record, exact, lease)
        except ConnectorError as error:
            # A step may have been remembered, or the attempt recorded, before the error: go on from what is stored.
            stored = self._store.get(record.tenant, record.order_id)
            return stored if stored.state is not record.state else self._after_error(stored, error)

    def _after_error(self, record: OrderRecord, error: ConnectorError) -> OrderRecord:
        match error:
            case InvalidInput() if record.state is State.RECEIVED:
                return self._reject(record, _faults(error))
            case ExactRejected() if record.state is State.RECEIVED:
                return self._reject(record, [_rejection(error)])
            case ReauthorizationRequired() | NotConnected():
                return self._wait(record, error, self._clock.now() + _DISCONNECTED_WAIT)
            case TransientError():
                return self._wait(record, error, self._next_try(record, error.retry_after))
            case _:
                return self._wait(record, error, self._next_try(record, None))

    def _submit(self, record: OrderRecord, exact: ExactCalls, lease: Lease) -> OrderRecord:
        steps = _RememberedSteps(self._store, self._clock, record, lambda: self._hold(record, lease))
        plan = self._planner.plan(record, exact, steps)
        exact.prepare()
        self._hold(record, lease)
        begun = self._begin(steps.record, plan)
        assert begun.attempt is not None
        return self._post(begun, begun.attempt, exact)

    def _hold(self, record: OrderRecord, lease: Lease) -> None:
        if self._store.renew_lease(lease, self._clock.now()) is None:
            raise OutOfDate(record.order_id)

    def _begin(self, record: OrderRecord, plan: Plan) -> OrderRecord:
        now = self._clock.now()
        attempt = Attempt(record.attempts + 1, now, plan.path, plan.customer, plan.body)
        wait = timedelta(seconds=self._times.post + self._times.late)
        new = following(
            record,
            now,
            state=State.SUBMITTING,
            attempt=attempt,
            attempts=attempt.number,
            search_since=record.search_since or now,
            absent_after=now + wait,
            due_at=now + timedelta(seconds=self._times.post),
            warnings=plan.warnings,
            waiting=None,
        )
        return self._store.transition(record, new, "attempt recorded")

    def _post(self, record: OrderRecord, attempt: Attempt, exact: ExactCalls) -> OrderRecord:
        kind = DOCUMENTS[record.kind]
        if self._clock.now() - attempt.started_at > timedelta(seconds=self._times.step):
            # Too long since the lease was renewed: the POST could outlive it. Nothing was sent.
            return self._unsent(record, "the worker was held up before sending", None)
        try:
            answer = exact.create(attempt.path, dict(attempt.body), record=record.order_id)
        except ExactAnswerUnknown as error:
            return self._doubt(record, error.message)
        except ExactRejected as error:
            return self._reject(record, [_rejection(error)])
        except (TransientError, ReauthorizationRequired, NotConnected) as error:
            retry_after = error.retry_after if isinstance(error, TransientError) else None
            return self._unsent(record, error.message, retry_after)
        document, number = answer.get(kind.key), answer.get(kind.number)
        if not document or not number:
            return self._doubt(record, "Exact's answer names no document")
        try:
            return self._submitted(record, str(document).lower(), str(number))
        except DocumentTaken:
            return self._doubt(record, "Exact's answer names a document of another order")

    def _look(self, record: OrderRecord, exact: ExactCalls) -> OrderRecord:
        kind = DOCUMENTS[record.kind]
        attempt, since, absent_after = record.attempt, record.search_since, record.absent_after
        assert attempt is not None
        assert since is not None
        assert absent_after is not None
        looked_at = self._clock.now()
        headers = candidates(exact, kind, attempt, since)
        ids = [str(header[kind.key]).lower() for header in headers]
        taken = self._store.linked_to(record.tenant, record.division, ids)
        for document, header in zip(ids, headers, strict=True):
            if taken.get(document, record.order_id) != record.order_id:
                continue
            if not same_document(kind, attempt.body, header, lines_of(exact, kind, document)):
                continue
            try:
                return self._submitted(record, document, str(header[kind.number]), found=True)
            except DocumentTaken:
                continue
        return self._absent(record, looked_at, absent_after)

    def _absent(self, record: OrderRecord, looked_at: datetime, absent_after: datetime) -> OrderRecord:
        now = self._clock.now()
        if looked_at <= absent_after:
            pause = timedelta(seconds=self._times.look)
            due_at = min(now + pause, max(absent_after, now)) + timedelta(milliseconds=1)
            new = following(record, now, due_at=due_at, waiting="looking in Exact whether it arrived")
            return self._store.transition(record, new, "not in Exact yet")
        new = following(record, now, state=State.RECEIVED, due_at=now, waiting=None)
        return self._store.transition(record, new, "absent after the grace period: it is sent again")

    def _doubt(self, record: OrderRecord, reason: str) -> OrderRecord:
        """Note that the outcome is not known; an absence counts only after the latest moment of a late commit.

        For a POST of our own that moment is counted from now, for a dead worker's from the end its attempt had.
        """
        now = self._clock.now()
        absent_after = max(record.absent_after or now, now + timedelta(seconds=self._times.late))
        new = following(
            record,
            now,
            state=State.UNKNOWN,
            absent_after=absent_after,
            due_at=now,
            waiting="looking in Exact whether it arrived",
        )
        return self._store.transition(record, new, reason)

    def _unsent(self, record: OrderRecord, reason: str, retry_after: datetime | None) -> OrderRecord:
        now = self._clock.now()
        new = following(
            record,
            now,
            state=State.RECEIVED,
            failures=record.failures + 1,
            due_at=self._next_try(record, retry_after),
            waiting=reason,
        )
        return self._store.transition(record, new, f"not sent: {reason}")

    def _wait(self, record: OrderRecord, error: ConnectorError, due_at: datetime) -> OrderRecord:
        new = following(
            record,
            self._clock.now(),
            failures=record.failures + 1,
            due_at=due_at,
            waiting=f"{error.code}: {error.message}",
        )
        return self._store.transition(record, new, f"waits: {error.code}")

    def _next_try(self, record: OrderRecord, retry_after: datetime | None) -> datetime:
        now = self._clock.now()
        if retry_after is not None and retry_after > now:
            return retry_after
        pause = timedelta(seconds=self._times.backoff * 2 ** min(record.failures, 10))
        return now + min(pause, _LONGEST_WAIT)

    def _submitted(self, record: OrderRecord, document: str, number: str, *, found: bool = False) -> OrderRecord:
        now = self._clock.now()
        new = following(
            record,
            now,
            state=State.SUBMITTED,
            exact_id=document,
            exact_number=number,
            due_at=None if found else now,
            waiting=None,
            reasons=(),
            seen_in_exact=found,
        )
        event = OrderEvent("order.submitted", {**_named(new), "exact_number": number, "found_in_exact": found})
        return self._store.transition(record, new, "found in Exact" if found else "made by Exact", [event])

    def _reject(self, record: OrderRecord, reasons: list[Mapping[str, Any]]) -> OrderRecord:
        new = following(
            record,
            self._clock.now(),
            state=State.REJECTED,
            reasons=tuple(reasons),
            due_at=None,
            waiting=None,
            search_since=None,
            absent_after=None,
        )
        codes = [str(reason.get("code")) for reason in reasons]
        event = OrderEvent("order.rejected", {**_named(new), "codes": codes})
        return self._store.transition(record, new, ", ".join(codes), [event])

    def _note_overdue(self, record: OrderRecord) -> OrderRecord:
        now = self._clock.now()
        if record.overdue or now - record.accepted_at < OVERDUE_AFTER:
            return record
        event = OrderEvent("order.overdue", {**_named(record), "waiting": record.waiting})
        return self._store.transition(record, following(record, now, overdue=True), "overdue", [event])

    def verify(self, record: OrderRecord, exact: ExactCalls) -> OrderRecord:
        """Read a submitted document's lines back and compare them with what was sent; differences become a warning."""
        if record.state is not State.SUBMITTED or record.attempt is None or record.exact_id is None:
            return record
        kind = DOCUMENTS[record.kind]
        lines = lines_of(exact, kind, record.exact_id)
        sent = {kind.lines: record.attempt.body.get(kind.lines, ())}
        found = differences(kind, sent, {}, lines)
        warnings = record.warnings
        events = []
        if found:
            message = "Exact keeps the document otherwise than it was sent: " + "; ".join(found[:10])
            warnings = (*warnings, {"code": "LINES_DIFFER", "message": message})
            events.append(OrderEvent("order.lines_differ", {**_named(record), "differences": len(found)}))
        new = following(record, self._clock.now(), seen_in_exact=True, due_at=None, warnings=warnings)
        return self._store.transition(record, new, "lines read back", events)


class _RememberedSteps:
    """Carries out steps under a lease that is renewed before each, and keeps what they made with the order."""

    def __init__(self, store: OrderStore, clock: Clock, record: OrderRecord, hold: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._hold = hold
        self.record = record

    def run(self, step: str, make: Callable[[], str]) -> str:
        known = self.record.steps.get(step)
        if known is not None:
            return known
        self._hold()
        made = make()
        new = following(self.record, self._clock.now(), steps={**self.record.steps, step: made})
        self.record = self._store.transition(self.record, new, f"made {step}")
        return made


def _named(record: OrderRecord) -> dict[str, Any]:
    return {
        "tenant": record.tenant,
        "order_id": record.order_id,
        "kind": record.kind.value,
        "external_id": record.external_id,
        "accepted_at": to_text(record.accepted_at),
    }


def _rejection(error: ExactRejected) -> Mapping[str, Any]:
    return {"pointer": "", "code": error.code, "message": error.message, "exact_text": error.exact_text}


def _faults(error: InvalidInput) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = [asdict(fault) for fault in error.faults]
    return found or [{"pointer": "", "code": error.code, "message": error.message}]
