"""Every morning: compare an administration's orders with Exact.

open for an hour or refused   a document that a person entered by hand is linked, or proposed to a person
submitted                     a document that is not in Exact any more is flagged, with an event
                              a number that Exact gave it since is noted, with an event

The check holds the lock of the administration, so no POST is under way; orders of a customer with an order in doubt are
left for another day, because the document that is found could be that order's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zlib import crc32

from exact_connector.clock import EXACT_ZONE, Clock, to_text
from exact_connector.errors import ConnectorError, InvalidInput, TransientError
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.record import IN_DOUBT, State
from exact_connector.exactly_once.store import DocumentTaken, OutOfDate
from exact_connector.observability import logger
from exact_connector.orders.lifecycle import transitions
from exact_connector.orders.lifecycle.division_lock import DivisionLease, DivisionLock
from exact_connector.orders.lifecycle.exact_search import numbers_of
from exact_connector.orders.lifecycle.manual_documents import find_manual_document
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.steps import Planner
from exact_connector.orders.lifecycle.store import OrderStore, first_id, watch_key
from exact_connector.orders.lifecycle.transitions import OVERDUE_AFTER
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.storage.leases import LeaseLost
from exact_connector.storage.table import ConditionFailed, Missing, Table

DUE_SHARD = "order-watch"
LOOK_BACK = timedelta(days=7)
_MORNING = time(5, 0)
_SPREAD_MINUTES = 90
_PAUSE = timedelta(minutes=10)


@dataclass(slots=True)
class CheckResult:
    """What a morning's check found. ``locked``: another worker has the lock, so nothing was looked
    at."""

    looked_at: int = 0
    linked: int = 0
    proposed: int = 0
    missing: int = 0
    locked: bool = False


class MorningWatch:
    """Compares open, refused and submitted orders with Exact, once a morning per administration."""

    def __init__(
        self,
        store: OrderStore,
        lock: DivisionLock,
        orders: Table,
        exact: Callable[[str, int], ExactCalls],
        planner: Planner,
        clock: Clock,
        *,
        owner: str,
    ) -> None:
        self._store = store
        self._lock = lock
        self._orders = orders
        self._exact = exact
        self._planner = planner
        self._clock = clock
        self._owner = owner

    def arrange(self, tenant: str, division: int) -> None:
        """See to it that the administration is checked tomorrow morning; called before its orders are worked on."""
        due_at = next_morning(tenant, self._clock.now())
        try:
            self._set_due(tenant, division, due_at, only_new=True)
        except ConditionFailed:
            return

    def due(self, until: datetime, *, limit: int = 1000) -> list[tuple[str, int]]:
        """Return the administrations whose check is due. A hint."""
        rows = self._orders.due(DUE_SHARD, to_text(until), limit=limit)
        return [(str(row["tenant"]), int(str(row["division"]))) for row in rows]

    def check(self, tenant: str, division: int, deadline: datetime) -> CheckResult:
        """Check an administration; what could not be reached is checked again soon, or next morning."""
        lease = self._lock.acquire(tenant, division, self._owner, self._clock.now())
        if lease is None:
            return CheckResult(locked=True)
        found, due_at = CheckResult(), next_morning(tenant, self._clock.now())
        try:
            self._check(lease, deadline, found)
        except LeaseLost:
            found.locked = True
        except TransientError as error:
            due_at = min(due_at, error.retry_after or self._clock.now() + _PAUSE)
        except ConnectorError as error:
            logger().info("a morning check waits for a day", tenant=tenant, code=error.code)
        finally:
            self._lock.release(lease, self._clock.now())
        self._set_due(tenant, division, due_at)
        return found

    def _check(self, lease: DivisionLease, deadline: datetime, found: CheckResult) -> None:
        exact, now = self._exact(lease.tenant, lease.division), self._clock.now()
        recent = [
            record
            for record in self._store.since(lease.tenant, first_id(now - LOOK_BACK))
            if record.division == lease.division
        ]
        records = {record.order_id: record for record in recent}
        records |= {record.order_id: record for record in self._store.open_records(lease.tenant, lease.division)}
        doubtful = {record.customer for record in records.values() if record.state in IN_DOUBT}
        self._look_for_missing(records, exact, found)
        for record in records.values():
            if record.customer in doubtful or not _may_be_entered_by_hand(record, now):
                continue
            if self._clock.now() >= deadline:
                logger().warning("a morning check ran out of time", tenant=lease.tenant, looked_at=found.looked_at)
                return
            self._lock.renew(lease, self._clock.now())
            self._look_for_hand(record, exact, found)

    def _look_for_missing(self, records: Mapping[str, OrderRecord], exact: ExactCalls, found: CheckResult) -> None:
        for kind in OrderKind:
            there = {
                str(record.exact_id): record
                for record in records.values()
                if record.kind is kind and record.state is State.SUBMITTED and not record.missing
            }
            seen = numbers_of(exact, DOCUMENTS[kind], list(there)) if there else {}
            found.looked_at += len(there)
            now = self._clock.now()
            for document, record in there.items():
                if document not in seen:
                    found.missing += self._changed(record, transitions.missing(record, now))
                elif record.exact_number is None and (number := seen[document]) is not None:
                    self._changed(record, transitions.numbered(record, number, now))

    def _look_for_hand(self, record: OrderRecord, exact: ExactCalls, found: CheckResult) -> None:
        customer, body = self._document_of(record, exact)
        hand = find_manual_document(record, customer, body, exact, self._store, self._clock.now())
        found.looked_at += 1
        now = self._clock.now()
        if hand.document is not None:
            found.linked += self._changed(record, transitions.linked_by_hand(record, hand.document, hand.number, now))
        elif (change := transitions.proposed(record, hand.proposals, now)) is not None:
            found.proposed += self._changed(record, change)

    def _document_of(self, record: OrderRecord, exact: ExactCalls) -> tuple[str, Mapping[str, Any] | None]:
        """The document that was or would be sent; without lines where the order cannot be planned."""
        if record.attempt is not None:
            return record.attempt.account, record.attempt.body
        try:
            plan = self._planner.plan(record, exact, _NothingWritten())
        except InvalidInput:
            return record.customer, None
        return plan.account, plan.body

    def _changed(self, record: OrderRecord, change: transitions.OrderChange) -> bool:
        try:
            self._store.transition(record, change)
        except (OutOfDate, DocumentTaken):
            return False
        return True

    def _set_due(self, tenant: str, division: int, due_at: datetime, *, only_new: bool = False) -> None:
        self._orders.update(
            watch_key(tenant, division),
            set={"tenant": tenant, "division": division, "due_shard": DUE_SHARD, "due_at": to_text(due_at)},
            condition=Missing("due_at") if only_new else None,
        )


class _NothingWritten:
    """Stands for the steps before a document where it is only compared: nothing is written to Exact."""

    def run(self, step: str, make: Callable[[], str]) -> str:  # noqa: ARG002 - nothing is made
        """Return no ID."""
        return ""


def next_morning(tenant: str, now: datetime) -> datetime:
    """Return when a tenant is checked next: in the morning, after Exact's maintenance, spread over the tenants."""
    spread = timedelta(minutes=crc32(tenant.encode()) % _SPREAD_MINUTES)
    local = now.astimezone(EXACT_ZONE)
    for days in (0, 1):
        day = local.date() + timedelta(days=days)
        moment = datetime.combine(day, _MORNING, EXACT_ZONE) + spread
        if moment > now:
            return moment
    raise AssertionError("tomorrow morning lies in the future")


def _may_be_entered_by_hand(record: OrderRecord, now: datetime) -> bool:
    late = record.state is State.RECEIVED and now - record.accepted_at >= OVERDUE_AFTER
    return late or record.state is State.REJECTED
