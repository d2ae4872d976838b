"""Leases with fencing tokens, kept as attributes of any row of a table.

    worker A: acquire ── fence 7 ──▶ works ──▶ commits "fence is 7" ✓
    worker A stalls longer than the lease
    worker B: acquire ── fence 8 ──▶ works ──▶ commits "fence is 8" ✓
    worker A wakes, commits "fence is 7" ✗ nothing of it counts

The token only grows. Whoever commits names the token it was given, so that a worker that lost its lease without knowing
cannot change anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from exact_connector.clock import later, to_text
from exact_connector.storage.table import (
    Condition,
    ConditionFailed,
    Equals,
    Key,
    Less,
    Missing,
    Row,
    Table,
    Value,
    all_of,
    any_of,
)

LEASE_SECONDS = 90
"""The longest a lease lasts without renewal."""


class LeaseLost(Exception):
    """Another holder has the lease by now; nothing may be done under it any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was given: who holds it and the fencing token."""

    key: Key
    owner: str
    fence: int


def acquire(
    table: Table,
    key: Key,
    owner: str,
    now: datetime,
    *,
    seconds: float = LEASE_SECONDS,
    only: Condition | None = None,
) -> tuple[Lease, Row] | None:
    """Take the lease when it is free or has run out; return it with the whole row, None when another holds it.

    ``only``: a further condition on the row, None is returned as well where it is not met.
    """
    free = any_of(Missing("lease_until"), Less("lease_until", to_text(now)))
    try:
        row = table.update(
            key,
            set={"lease_owner": owner, "lease_until": to_text(later(now, seconds))},
            add={"fence": 1},
            condition=free if only is None else all_of(only, free),
        )
    except ConditionFailed:
        return None
    return Lease(key, owner, whole(row.get("fence"))), row


def renewal(now: datetime, *, seconds: float = LEASE_SECONDS) -> dict[str, Value]:
    """Return the attributes that a commit sets to keep the lease."""
    return {"lease_until": to_text(later(now, seconds))}


def held(lease: Lease) -> Equals:
    """Return the condition that the lease was not taken since."""
    return Equals("fence", lease.fence)


def renew(table: Table, lease: Lease, now: datetime) -> bool:
    """Keep the lease; False when another holder took it."""
    try:
        table.update(lease.key, set=renewal(now), condition=held(lease))
    except ConditionFailed:
        return False
    return True


def release(table: Table, lease: Lease) -> None:
    """Give the lease back; a lease that was lost stays with its new holder."""
    try:
        table.update(lease.key, remove=("lease_owner", "lease_until"), condition=held(lease))
    except ConditionFailed:
        return


def whole(value: Value) -> int:
    """Read a whole number of a row, 0 when absent."""
    return int(value) if isinstance(value, (int, Decimal)) else 0
