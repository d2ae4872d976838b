"""Orders in their table: intake and every transition are one transaction each, conditional on what was read.

accept      order + key rows + place in the queue + trail            condition: none of them is there yet
transition  order (version) + trail + events; final: queue row gone  condition: still the version that was read
            SUBMITTED: + the link document -> order                  condition: no other order has that document
            + the row that asks for reading the lines back, gone once they were
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exact_connector.clock import from_text, to_text
from exact_connector.errors import NotFound, StoreUnavailable
from exact_connector.exactly_once.idempotency import hashed
from exact_connector.orders.lifecycle.outbox import outgoing_rows
from exact_connector.orders.lifecycle.record import OrderRecord, State, following, from_row, order_key, queue_pk, to_row
from exact_connector.orders.lifecycle.transitions import Change
from exact_connector.storage.table import (
    Absent,
    Action,
    Database,
    Delete,
    Equals,
    Key,
    Put,
    Row,
    Table,
    TransactionCancelled,
    any_of,
    clear,
    query_all,
    transact,
)

_CHUNK = 25


class OutOfDate(Exception):
    """The order was changed by somebody else since it was read: read it again."""


class DocumentTaken(Exception):
    """The document in Exact already belongs to another of our orders."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The place of an open order in the sequence of acceptance."""

    order_id: str
    customer: str
    accepted_at: datetime


class OrderStore:
    """Reads and writes orders of one deployment. ``sleep`` pauses between tries of a transaction that met another."""

    def __init__(self, database: Database, orders: Table, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._database = database
        self._orders = orders
        self._sleep = sleep

    def accept(self, record: OrderRecord, keys: Sequence[str]) -> list[OrderRecord]:
        """Store a new order under its keys; empty when stored, else the orders that are there under them.

        Raises StoreUnavailable when it is neither.
        """
        actions: list[Action] = [
            Put(self._orders.name, to_row(record), Absent()),
            Put(self._orders.name, _queued(record), Absent()),
            self._trail(record, None, ""),
        ]
        first_key = len(actions)
        actions += [Put(self._orders.name, _key_row(record, key), Absent()) for key in keys]
        try:
            self._transact(actions)
        except TransactionCancelled as error:
            if min(error.failed) < first_key:
                raise StoreUnavailable("An order id was given out twice; post the order again.") from error
            existing = self.by_keys(record.tenant, keys)
            if not existing:
                # Who had the keys is gone by now, as when its tenant is removed: empty would read as stored.
                raise StoreUnavailable("The order could not be stored; post it again.") from error
            return existing
        return []

    def remember_keys(self, record: OrderRecord, keys: Sequence[str]) -> None:
        """Keep further keys of an order that is there already, so that each of them means this order from now on."""
        known = self._orders.batch_get([_idempotency(record.tenant, key) for key in keys])
        new = set(keys) - {str(row["sk"]) for row in known}
        if new:
            self._transact([Put(self._orders.name, _key_row(record, key), Absent()) for key in sorted(new)])

    def by_keys(self, tenant: str, keys: Sequence[str]) -> list[OrderRecord]:
        """Return the orders that were accepted under any of these keys, each once."""
        rows = self._orders.batch_get([_idempotency(tenant, key) for key in keys])
        ids = dict.fromkeys(str(row["order_id"]) for row in rows)
        return [from_row(row) for row in self._orders.batch_get([order_key(tenant, order_id) for order_id in ids])]

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

    def since(self, tenant: str, first_id: str) -> Iterator[OrderRecord]:
        """Return the orders whose id is at least ``first_id``, oldest first, page by page."""
        after: Key | None = None
        while True:
            page = self._orders.query(f"order#{tenant}", low=first_id, after=after, limit=_CHUNK)
            yield from map(from_row, page.rows)
            if page.next is None:
                return
            after = page.next

    def queue(self, tenant: str, division: int) -> Iterator[Queued]:
        """Return the places of an administration's open orders in the order of acceptance."""
        for row in self._rows(queue_pk(tenant, division)):
            accepted_at = from_text(str(row["sk"]).partition("#")[0])
            yield Queued(str(row["order_id"]), str(row["customer"]), accepted_at)

    def open_orders(self, tenant: str, division: int) -> Iterator[OrderRecord]:
        """Return the open orders of an administration in the order of acceptance, read some at a time."""
        ids: list[str] = []
        for place in self.queue(tenant, division):
            ids.append(place.order_id)
            if len(ids) == _CHUNK:
                yield from self._open(tenant, ids)
                ids = []
        yield from self._open(tenant, ids)

    def to_read_back(self, tenant: str, division: int) -> Iterator[OrderRecord]:
        """Return the submitted orders of an administration whose lines are still to be read back."""
        for row in self._rows(_read_back_pk(tenant, division)):
            record = self.get(tenant, str(row["sk"]))
            if record.to_be_read_back:
                yield record

    def transition(self, old: OrderRecord, change: Change) -> OrderRecord:
        """Store the next version of an order; raises OutOfDate, and DocumentTaken for a document that is linked."""
        new = change.record
        actions: list[Action] = [
            Put(self._orders.name, to_row(new), Equals("version", old.version)),
            self._trail(new, old, change.reason),
            *[Put(self._orders.name, row) for row in outgoing_rows(new, change.events)],
            *self._places(old, new),
        ]
        links = new.exact_id is not None and old.exact_id is None
        if links:
            actions.append(self._link(new))
        try:
            self._transact(actions)
        except TransactionCancelled as error:
            if links and error.failed == (len(actions) - 1,):
                raise DocumentTaken("the document belongs to another order") from error
            raise OutOfDate(new.order_id) from error
        return new

    def hurry(self, tenant: str, division: int, now: datetime) -> None:
        """Make every order of an administration that waits for a later moment due now, to be sent or looked for."""
        for record in self.open_orders(tenant, division):
            if record.state is not State.SUBMITTING and record.due_at is not None and record.due_at > now:
                with suppress(OutOfDate):
                    self.transition(record, Change(following(record, now, due_at=now), "tried at once after linking"))

    def linked_to(self, tenant: str, division: int, exact_ids: Sequence[str]) -> dict[str, str]:
        """Return for documents of Exact the orders that they belong to, where they belong to one."""
        keys = [Key(f"document#{tenant}#{division}", exact_id) for exact_id in exact_ids]
        return {str(row["sk"]): str(row["order_id"]) for row in self._orders.batch_get(keys)}

    def trail(self, tenant: str, order_id: str) -> list[Row]:
        """Return every transition of an order, oldest first."""
        return query_all(self._orders, f"trail#{tenant}#{order_id}")

    def forget(self, tenant: str) -> int:
        """Remove every order of a tenant with all that hangs on it; return how many orders."""
        orders = [(str(row["sk"]), str(row["division"])) for row in self._rows(f"order#{tenant}")]
        partitions = [f"idempotency#{tenant}", f"outbox#{tenant}"]
        partitions += [f"trail#{tenant}#{order_id}" for order_id, _ in orders]
        for division in {division for _, division in orders}:
            names = ("queue", "readback", "document", "desk", "watch")
            partitions += [f"{name}#{tenant}#{division}" for name in names]
        # The orders go last: as long as they are there, a repetition finds what hangs on them.
        for pk in [*partitions, f"order#{tenant}"]:
            clear(self._orders, pk)
        return len(orders)

    def _open(self, tenant: str, ids: Sequence[str]) -> list[OrderRecord]:
        rows = self._orders.batch_get([order_key(tenant, order_id) for order_id in ids]) if ids else []
        found = {str(row["sk"]): from_row(row) for row in rows}
        return [found[order_id] for order_id in ids if order_id in found and found[order_id].open]

    def _rows(self, pk: str) -> Iterator[Row]:
        after: Key | None = None
        while True:
            page = self._orders.query(pk, after=after)
            yield from page.rows
            if page.next is None:
                return
            after = page.next

    def _transact(self, actions: Sequence[Action]) -> None:
        transact(self._database, actions, self._sleep)

    def _places(self, old: OrderRecord, new: OrderRecord) -> list[Action]:
        """The rows that say that something is still to be done with an order: in the queue, or reading back."""
        actions: list[Action] = []
        if old.open and not new.open:
            actions.append(Delete(self._orders.name, new.queue_key))
        if new.open and not old.open:
            actions.append(Put(self._orders.name, _queued(new)))
        place = Key(_read_back_pk(new.tenant, new.division), new.order_id)
        if new.to_be_read_back and not old.to_be_read_back:
            actions.append(Put(self._orders.name, {"pk": place.pk, "sk": place.sk}))
        if old.to_be_read_back and not new.to_be_read_back:
            actions.append(Delete(self._orders.name, place))
        return actions

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


def idempotency_keys(kind: str, idempotency_key: str | None, external_id: str | None) -> list[str]:
    """Return the keys under which an order is found again."""
    return hashed({"key": idempotency_key, f"external-{kind}": external_id})


def first_id(moment: datetime) -> str:
    """Return the smallest id of orders accepted at a moment or later; ids sort by time."""
    return f"o{int(moment.timestamp() * 1000):012x}"


def shown_trail(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return transitions as a client sees them."""
    return [{name: row.get(name) for name in ("at", "from", "to", "attempt", "reason")} for row in rows]


def _queued(record: OrderRecord) -> Row:
    place = record.queue_key
    return {"pk": place.pk, "sk": place.sk, "order_id": record.order_id, "customer": record.customer}


def _key_row(record: OrderRecord, key: str) -> Row:
    place = _idempotency(record.tenant, key)
    return {"pk": place.pk, "sk": place.sk, "order_id": record.order_id}


def _idempotency(tenant: str, key: str) -> Key:
    return Key(f"idempotency#{tenant}", key)


def _read_back_pk(tenant: str, division: int) -> str:
    return f"readback#{tenant}#{division}"
