"""The desk of each administration: the lock on its orders, and the one due row that says when to look at them again.

knock    an order comes in or is changed         due at once, one more knock; written before the order itself
take     the lock is free or its time is over    fence + 1
renew    a round begins                          the knocks heard so far are noted
rest     nothing is to be done before `next_due` condition: nobody took the lock, nobody knocked since the round began
leave    the time ran out                        lock given back, due at once

So there is no moment in which nobody will look at an accepted order: the knock is there before the order, it is never
taken away while younger than a request can last, and a knock during a round keeps the worker from going to rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from exact_connector.clock import from_text, to_text
from exact_connector.storage.table import ConditionFailed, Equals, Key, Less, Missing, Row, Table, Value, all_of, any_of

DUE_SHARD = "orders"
LEASE_SECONDS = 90.0


class LeaseLost(Exception):
    """Another worker has the lock by now; nothing may be sent any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The lock on the orders of one administration. ``knocks`` had been heard when the current round began."""

    tenant: str
    division: int
    owner: str
    until: datetime
    fence: int
    knocks: int = 0
    knocked_at: datetime | None = None


class OrderDesks:
    """Locks and due rows in the orders table. ``lease_seconds`` of the clock: longer than any POST and any request."""

    def __init__(self, orders: Table, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._orders = orders
        self._lease_time = timedelta(seconds=lease_seconds)

    def knock(self, tenant: str, division: int, now: datetime) -> None:
        """Make an administration's orders due now, because one comes in or was changed."""
        values: dict[str, Value] = {
            "tenant": tenant,
            "division": division,
            "knocked_at": to_text(now),
            "due_shard": DUE_SHARD,
            "due_at": to_text(now),
        }
        self._orders.update(desk_key(tenant, division), set=values, add={"knocks": 1})

    def take(self, tenant: str, division: int, owner: str, now: datetime) -> Lease | None:
        """Take the lock; None while another worker holds it."""
        until = now + self._lease_time
        try:
            row = self._orders.update(
                desk_key(tenant, division),
                set={"owner": owner, "until": to_text(until), "tenant": tenant, "division": division},
                add={"fence": 1, "knocks": 0},
                condition=any_of(Missing("until"), Less("until", to_text(now))),
            )
        except ConditionFailed:
            return None
        return _lease(tenant, division, owner, until, row)

    def renew(self, lease: Lease, now: datetime) -> Lease:
        """Hold the lock for longer and note the knocks heard so far; raises LeaseLost."""
        until = now + self._lease_time
        try:
            row = self._orders.update(
                desk_key(lease.tenant, lease.division),
                set={"until": to_text(until)},
                condition=Equals("fence", lease.fence),
            )
        except ConditionFailed as error:
            raise LeaseLost(lease.owner) from error
        return _lease(lease.tenant, lease.division, lease.owner, until, row)

    def rest(self, lease: Lease, now: datetime, next_due: datetime | None) -> bool:
        """Give the lock back until ``next_due`` (None: until the next knock); False when somebody knocked meanwhile.

        Raises LeaseLost.
        """
        if lease.knocked_at is not None and now < lease.knocked_at + self._lease_time:
            # The order that was announced by the last knock may still be on its way into the table.
            settled = lease.knocked_at + self._lease_time
            next_due = settled if next_due is None else min(next_due, settled)
        due: dict[str, Value] = {} if next_due is None else {"due_shard": DUE_SHARD, "due_at": to_text(next_due)}
        gone = ["until", "owner"] if due else ["until", "owner", "due_shard", "due_at"]
        heard = all_of(Equals("fence", lease.fence), Equals("knocks", lease.knocks))
        try:
            self._orders.update(desk_key(lease.tenant, lease.division), set=due, remove=gone, condition=heard)
        except ConditionFailed as error:
            if error.current is None or error.current.get("fence") != lease.fence:
                raise LeaseLost(lease.owner) from error
            return False
        return True

    def leave(self, lease: Lease, now: datetime) -> None:
        """Give the lock back with something left to do, unless somebody else has it by now."""
        try:
            self._orders.update(
                desk_key(lease.tenant, lease.division),
                set={"due_shard": DUE_SHARD, "due_at": to_text(now)},
                remove=["until", "owner"],
                condition=Equals("fence", lease.fence),
            )
        except ConditionFailed:
            return

    def due(self, until: datetime, *, limit: int = 1000) -> list[tuple[str, int]]:
        """Return the administrations whose orders are due, longest due first. A hint."""
        rows = self._orders.due(DUE_SHARD, to_text(until), limit=limit)
        return [(str(row["tenant"]), int(str(row["division"]))) for row in rows]

    def held_until(self, tenant: str, division: int) -> datetime | None:
        """Return until when the lock is held, None when it is free."""
        row = self._orders.get(desk_key(tenant, division))
        return from_text(str(row["until"])) if row is not None and "until" in row else None


def desk_key(tenant: str, division: int) -> Key:
    """Return the key of a desk."""
    return Key(f"desk#{tenant}#{division}", "desk")


def _lease(tenant: str, division: int, owner: str, until: datetime, row: Mapping[str, Value] | Row) -> Lease:
    knocked_at = row.get("knocked_at")
    return Lease(
        tenant,
        division,
        owner,
        until,
        fence=int(str(row["fence"])),
        knocks=int(str(row.get("knocks", 0))),
        knocked_at=None if knocked_at is None else from_text(str(knocked_at)),
    )
