"""Orders in their table: intake and every transition are one transaction each, conditional on what was read.

accept      order + key rows + place in the queue + trail            condition: none of them is there yet
transition  order (version) + trail + events; final: queue row gone  condition: still the version that was read
            SUBMITTED: + the link document -> order                  condition: no other order has that document
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from exact_connector.clock import from_text, to_text
from exact_connector.errors import NotFound
from exact_connector.orders.record import OrderRecord, State, from_row, order_key, pack, queue_pk, to_row, unpack
from exact_connector.store import (
    Absent,
    Action,
    ConditionFailed,
    Database,
    Delete,
    Equals,
    Key,
    Less,
    Missing,
    Put,
    Row,
    Table,
    TransactionCancelled,
    any_of,
    query_all,
)

LEASE_SECONDS = 90.0


class OutOfDate(Exception):
    """The order was changed by somebody else since it was read: read it again."""


class DocumentTaken(Exception):
    """The document in Exact already belongs to another of our orders."""


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """Something that others want to hear of; ``kind`` like ``order.submitted``."""

    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lease:
    """The lock on the orders of one administration."""

    tenant: str
    division: int
    owner: str
    until: datetime
    fence: int


class OrderStore:
    """Reads and writes orders of one deployment."""

    def __init__(self, database: Database, orders: Table, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._database = database
        self._orders = orders
        self._lease_seconds = lease_seconds

    def accept(self, record: OrderRecord, keys: Sequence[str]) -> OrderRecord | None:
        """Store a new order under its keys; None when stored, else the order that is there under one of them."""
        queued: Row = {"pk": record.queue_key.pk, "sk": record.queue_key.sk, "order_id": record.order_id}
        actions: list[Action] = [
            Put(self._orders.name, to_row(record), Absent()),
            Put(self._orders.name, queued, Absent()),
            self._trail(record, None, ""),
        ]
        for key in keys:
            row: Row = {"pk": f"idempotency#{record.tenant}", "sk": key, "order_id": record.order_id}
            actions.append(Put(self._orders.name, row, Absent()))
        while True:
            try:
                self._database.transact(actions)
            except TransactionCancelled:
                existing = self.by_keys(record.tenant, keys)
                if existing:
                    return existing[0]
                # A conflict with another writer and no order under the keys: the transaction may run again.
                continue
            return None

    def by_keys(self, tenant: str, keys: Sequence[str]) -> list[OrderRecord]:
        """Return the orders that were accepted under any of these keys, each once."""
        rows = self._orders.batch_get([Key(f"idempotency#{tenant}", key) for key in keys])
        ids = list(dict.fromkeys(str(row["order_id"]) for row in rows))
        return [self.get(tenant, order_id) for order_id in ids]

    def get(self, tenant: str, order_id: str) -> OrderRecord:
        """Return an order; raises NotFound."""
        row = self._orders.get(order_key(tenant, order_id))
        if row is None:
            raise NotFound(f"The tenant has no order {order_id!r}; list the orders to see which there are.")
        return from_row(row)

    def page(self, tenant: str, *, after: str | None, limit: int) -> tuple[list[OrderRecord], str | None]:
        """Return orders newest first, and the id after which the next page starts."""
        start = None if after is None else order_key(tenant, after)
        page = self._orders.query(f"order#{tenant}", limit=limit, after=start, reverse=True)
        return [from_row(row) for row in page.rows], None if page.next is None else page.next.sk

    def open_orders(self, tenant: str, division: int) -> list[OrderRecord]:
        """Return the open orders of an administration in the order of acceptance."""
        ids = [str(row["order_id"]) for row in query_all(self._orders, queue_pk(tenant, division))]
        rows = self._orders.batch_get([order_key(tenant, order_id) for order_id in ids])
        found = {str(row["sk"]): from_row(row) for row in rows}
        return [found[order_id] for order_id in ids if order_id in found and found[order_id].open]

    def transition(
        self, old: OrderRecord, new: OrderRecord, reason: str = "", events: Sequence[OrderEvent] = ()
    ) -> OrderRecord:
        """Store the next version of an order; raises OutOfDate, and DocumentTaken for a document that is linked."""
        actions: list[Action] = [
            Put(self._orders.name, to_row(new), Equals("version", old.version)),
            self._trail(new, old, reason),
        ]
        actions += [self._outgoing(new, event) for event in events]
        if old.open and not new.open:
            actions.append(Delete(self._orders.name, new.queue_key))
        if new.open and not old.open:
            queued: Row = {"pk": new.queue_key.pk, "sk": new.queue_key.sk, "order_id": new.order_id}
            actions.append(Put(self._orders.name, queued))
        if new.exact_id is not None and old.exact_id is None:
            actions.append(self._link(new))
        try:
            self._database.transact(actions)
        except TransactionCancelled as error:
            link = len(actions) - 1
            if new.exact_id is not None and old.exact_id is None and tuple(error.failed) == (link,):
                raise DocumentTaken("the document belongs to another order") from error
            raise OutOfDate(new.order_id) from error
        return new

    def linked_to(self, tenant: str, division: int, exact_ids: Sequence[str]) -> dict[str, str]:
        """Return for documents of Exact the orders that they belong to, where they belong to one."""
        keys = [Key(f"document#{tenant}#{division}", exact_id) for exact_id in exact_ids]
        return {str(row["sk"]): str(row["order_id"]) for row in self._orders.batch_get(keys)}

    def trail(self, tenant: str, order_id: str) -> list[Row]:
        """Return every transition of an order, oldest first."""
        return query_all(self._orders, f"trail#{tenant}#{order_id}")

    def due(self, until: datetime, *, limit: int = 200) -> list[tuple[str, int]]:
        """Return tenant and administration of orders that are due, each pair once, oldest first. A hint."""
        rows = self._orders.due("orders", to_text(until), limit=limit)
        return list(dict.fromkeys((str(row["tenant"]), int(str(row["division"]))) for row in rows))

    def due_submitted(self, tenant: str, division: int, until: datetime) -> list[OrderRecord]:
        """Return submitted orders of an administration whose lines are still to be read back. A hint."""
        rows = self._orders.due("orders", to_text(until), limit=500)
        wanted = [row for row in rows if row["tenant"] == tenant and row["state"] == State.SUBMITTED.value]
        return [record for record in map(from_row, wanted) if record.division == division]

    def make_due(self, tenant: str, division: int, now: datetime) -> int:
        """Make every waiting order of an administration due now, after a link or a change; return how many."""
        count = 0
        for record in self.open_orders(tenant, division):
            if record.due_at is not None and record.due_at > now and record.state is State.RECEIVED:
                try:
                    self._orders.update(
                        record.key, set={"due_at": to_text(now)}, condition=Equals("version", record.version)
                    )
                    count += 1
                except ConditionFailed:
                    continue
        return count

    def outgoing(self, tenant: str, *, limit: int = 25) -> list[tuple[Key, OrderEvent]]:
        """Return events that were not published yet, oldest first."""
        rows = self._orders.query(f"outbox#{tenant}", limit=limit).rows
        return [(Key(str(row["pk"]), str(row["sk"])), _event(row)) for row in rows]

    def published(self, key: Key) -> None:
        """Forget an event that was published."""
        self._orders.delete(key)

    def take_lease(self, tenant: str, division: int, owner: str, now: datetime) -> Lease | None:
        """Take the lock on an administration's orders; None while another worker holds it."""
        until = now + timedelta(seconds=self._lease_seconds)
        free = any_of(Missing("until"), Less("until", to_text(now)), Equals("owner", owner))
        try:
            row = self._orders.update(
                _lease_key(tenant, division),
                set={"owner": owner, "until": to_text(until)},
                add={"fence": 1},
                condition=free,
            )
        except ConditionFailed:
            return None
        return Lease(tenant, division, owner, until, int(str(row["fence"])))

    def renew_lease(self, lease: Lease, now: datetime) -> Lease | None:
        """Hold the lock for longer; None when it was lost."""
        until = now + timedelta(seconds=self._lease_seconds)
        try:
            self._orders.update(
                _lease_key(lease.tenant, lease.division),
                set={"until": to_text(until)},
                condition=Equals("fence", lease.fence),
            )
        except ConditionFailed:
            return None
        return Lease(lease.tenant, lease.division, lease.owner, until, lease.fence)

    def release_lease(self, lease: Lease) -> None:
        """Give the lock back, unless somebody else has it by now."""
        try:
            self._orders.update(
                _lease_key(lease.tenant, lease.division),
                remove=["until", "owner"],
                condition=Equals("fence", lease.fence),
            )
        except ConditionFailed:
            return

    def lease_until(self, tenant: str, division: int) -> datetime | None:
        """Return until when the lock is held, None when it is free."""
        row = self._orders.get(_lease_key(tenant, division))
        return from_text(str(row["until"])) if row is not None and "until" in row else None

    def forget(self, tenant: str) -> int:
        """Remove every order of a tenant with all that hangs on it; return how many orders."""
        orders = query_all(self._orders, f"order#{tenant}")
        divisions = {str(row["division"]) for row in orders}
        partitions = [f"order#{tenant}", f"idempotency#{tenant}", f"outbox#{tenant}"]
        partitions += [f"trail#{tenant}#{row['sk']!s}" for row in orders]
        for division in divisions:
            partitions += [f"{name}#{tenant}#{division}" for name in ("queue", "document", "lease")]
        for pk in partitions:
            rows = query_all(self._orders, pk)
            self._orders.batch_write(deletes=[Key(str(row["pk"]), str(row["sk"])) for row in rows])
        return len(orders)

    def _trail(self, new: OrderRecord, old: OrderRecord | None, reason: str) -> Put:
        row: Row = {
            "pk": f"trail#{new.tenant}#{new.order_id}",
            "sk": f"{new.version:06d}",
            "at": to_text(new.updated_at),
            "from": None if old is None else old.state.value,
            "to": new.state.value,
            "attempt": new.attempts,
            "reason": reason,
        }
        return Put(self._orders.name, row, Absent())

    def _link(self, new: OrderRecord) -> Put:
        row: Row = {
            "pk": f"document#{new.tenant}#{new.division}",
            "sk": str(new.exact_id),
            "order_id": new.order_id,
        }
        return Put(self._orders.name, row, any_of(Absent(), Equals("order_id", new.order_id)))

    def _outgoing(self, new: OrderRecord, event: OrderEvent) -> Put:
        row: Row = {
            "pk": f"outbox#{new.tenant}",
            "sk": f"{to_text(new.updated_at)}#{new.order_id}#{event.kind}#{uuid4().hex[:6]}",
            "kind": event.kind,
            "detail": pack(event.detail),
        }
        return Put(self._orders.name, row)


def idempotency_keys(kind: str, idempotency_key: str | None, external_id: str | None) -> list[str]:
    """Return the keys under which an order is found again, hashed so that any text fits a row key."""
    named = [("key", idempotency_key), (f"external-{kind}", external_id)]
    return [f"{name}#{hashlib.sha256(value.encode()).hexdigest()}" for name, value in named if value is not None]


def _lease_key(tenant: str, division: int) -> Key:
    return Key(f"lease#{tenant}#{division}", "lease")


def _event(row: Row) -> OrderEvent:
    detail = row["detail"]
    assert isinstance(detail, bytes)
    return OrderEvent(str(row["kind"]), unpack(detail))
