"""The lock on the orders of each administration, and the one due row that says when to look at them again.

mark_due       an order comes in or is changed       due at once, one more mark; written before the order itself
acquire        the lock is free or its time is over  fence + 1
renew          a round begins                        the marks seen so far are noted
release_until  nothing is to be done until then      condition: the lock was not lost, no mark since the round began
release        the time ran out                      lock given back, due at once

So there is no moment in which no worker will look at an accepted order: the mark is there before the order, it is never
taken away while younger than a request can last, and a mark during a round keeps the worker from ending its visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from exact_connector.clock import from_text, to_text
from exact_connector.storage import leases
from exact_connector.storage.leases import LEASE_SECONDS, Lease, LeaseLost, held, whole
from exact_connector.storage.table import ConditionFailed, Equals, Key, Missing, Row, Table, Value, all_of

DUE_SHARD = "orders"


@dataclass(frozen=True, slots=True)
class DivisionLease:
    """The lock on the orders of one administration, held by one worker. ``marks`` had been set when the current round
    began, the last of them at ``marked_at``."""

    tenant: str
    division: int
    lease: Lease
    until: datetime
    marks: int = 0
    marked_at: datetime | None = None


class DivisionLock:
    """Locks and due rows in the orders table. ``lease_seconds`` of the clock: longer than any POST and any request."""

    def __init__(self, orders: Table, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._orders = orders
        self._seconds = lease_seconds

    def mark_due(self, tenant: str, division: int, now: datetime) -> None:
        """Make an administration's orders due now, because one comes in or was changed."""
        values = {**_due(tenant, division, now), "marked_at": to_text(now)}
        self._orders.update(lock_key(tenant, division), set=values, add={"marks": 1})

    def acquire(self, tenant: str, division: int, owner: str, now: datetime) -> DivisionLease | None:
        """Take the lock; None while another worker has it."""
        found = leases.acquire(self._orders, lock_key(tenant, division), owner, now, seconds=self._seconds)
        return None if found is None else self._lease(tenant, division, *found, now)

    def renew(self, lease: DivisionLease, now: datetime) -> DivisionLease:
        """Keep the lock for longer and note the marks set so far; raises LeaseLost."""
        renewal = leases.renewal(now, seconds=self._seconds)
        try:
            row = self._orders.update(lease.lease.key, set=renewal, condition=held(lease.lease))
        except ConditionFailed as error:
            raise LeaseLost(lease.lease.owner) from error
        return self._lease(lease.tenant, lease.division, lease.lease, row, now)

    def release_until(self, lease: DivisionLease, now: datetime, next_due: datetime | None) -> bool:
        """Give the lock back until ``next_due`` (None: until the next mark); False when it was marked meanwhile.

        Raises LeaseLost.
        """
        settle = timedelta(seconds=self._seconds)
        if lease.marked_at is not None and now < lease.marked_at + settle:
            # The order that was announced by the last mark may still be on its way into the table.
            settled = lease.marked_at + settle
            next_due = settled if next_due is None else min(next_due, settled)
        due = {} if next_due is None else _due(lease.tenant, lease.division, next_due)
        gone = ["lease_until", "lease_owner"] if due else ["lease_until", "lease_owner", "due_shard", "due_at"]
        unmarked = Equals("marks", lease.marks) if lease.marks else Missing("marks")
        try:
            self._orders.update(lease.lease.key, set=due, remove=gone, condition=all_of(held(lease.lease), unmarked))
        except ConditionFailed as error:
            if error.current is None or whole(error.current.get("fence")) != lease.lease.fence:
                raise LeaseLost(lease.lease.owner) from error
            return False
        return True

    def release(self, lease: DivisionLease, now: datetime) -> None:
        """Give the lock back with something left to do, unless another worker has it by now."""
        due = _due(lease.tenant, lease.division, now)
        try:
            self._orders.update(
                lease.lease.key, set=due, remove=["lease_until", "lease_owner"], condition=held(lease.lease)
            )
        except ConditionFailed:
            return

    def due(self, until: datetime, *, limit: int = 1000) -> list[tuple[str, int]]:
        """Return the administrations whose orders are due, longest due first. A hint."""
        rows = self._orders.due(DUE_SHARD, to_text(until), limit=limit)
        return [(str(row["tenant"]), int(str(row["division"]))) for row in rows]

    def _lease(
        self, tenant: str, division: int, lease: Lease, row: Mapping[str, Value] | Row, now: datetime
    ) -> DivisionLease:
        marked_at = row.get("marked_at")
        return DivisionLease(
            tenant,
            division,
            lease,
            now + timedelta(seconds=self._seconds),
            marks=whole(row.get("marks")),
            marked_at=None if marked_at is None else from_text(str(marked_at)),
        )


def lock_key(tenant: str, division: int) -> Key:
    """Return the key of the lock of an administration."""
    return Key(f"order-lock#{tenant}#{division}", "lock")


def _due(tenant: str, division: int, due_at: datetime) -> dict[str, Value]:
    return {"tenant": tenant, "division": division, "due_shard": DUE_SHARD, "due_at": to_text(due_at)}
