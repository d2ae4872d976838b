"""Orders in their table: what the store of every record does, and with a transition its events and reading back.

transition  + the events that go out with it
            + the row that asks for reading the lines back, gone once they were
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from exact_connector.exactly_once.idempotency import keys_of
from exact_connector.exactly_once.record import Change, next_version
from exact_connector.exactly_once.store import OutOfDate, RecordStore
from exact_connector.orders.lifecycle.division_lock import lock_key
from exact_connector.orders.lifecycle.outbox import outbox_pk, outgoing_rows
from exact_connector.orders.lifecycle.record import ORDERS, OrderRecord, from_row
from exact_connector.storage.table import Action, Database, Delete, Key, Put, Table, query_all, query_rows, read_page

_CHUNK = 25


class OrderStore(RecordStore[OrderRecord]):
    """Reads and writes orders of one deployment. ``sleep`` pauses between tries of a transaction that met another."""

    def __init__(self, database: Database, orders: Table, *, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__(ORDERS, database, orders, sleep=sleep)
        self._orders = orders

    def page(self, tenant: str, *, after: str | None, limit: int) -> tuple[list[OrderRecord], str | None]:
        """Return orders newest first, and the id after which the next page starts."""
        start = None if after is None else ORDERS.key(tenant, after)
        page = read_page(self._orders, ORDERS.key(tenant, "").pk, limit, after=start, reverse=True)
        return [from_row(row) for row in page.rows], None if page.next is None else page.next.sk

    def since(self, tenant: str, first_id: str) -> Iterator[OrderRecord]:
        """Return the orders whose id is at least ``first_id``, oldest first, page by page."""
        return map(from_row, query_rows(self._orders, ORDERS.key(tenant, "").pk, low=first_id, size=_CHUNK))

    def to_read_back(self, tenant: str, division: int) -> Iterator[OrderRecord]:
        """Return the submitted orders of an administration whose lines are still to be read back."""
        for row in query_all(self._orders, _read_back_pk(tenant, division)):
            record = self.get(tenant, str(row["sk"]))
            if record.to_be_read_back:
                yield record

    def make_due(self, tenant: str, division: int, now: datetime) -> None:
        """Make every open order of an administration due now, and every one whose lines are to be read back."""
        super().make_due(tenant, division, now)
        for record in self.to_read_back(tenant, division):
            if record.due_at is not None and record.due_at > now:
                with suppress(OutOfDate):
                    self.transition(record, Change(next_version(record, now, due_at=now), "read back at once"))

    def further_actions(self, old: OrderRecord, change: Change[OrderRecord]) -> list[Action]:
        """Return the rows of a transition's events, and what becomes of the row that asks for reading back."""
        new = change.record
        actions: list[Action] = [Put(self._orders.name, row) for row in outgoing_rows(new, change.events)]
        place = Key(_read_back_pk(new.tenant, new.division), new.order_id)
        if new.to_be_read_back and not old.to_be_read_back:
            actions.append(Put(self._orders.name, {"pk": place.pk, "sk": place.sk}))
        if old.to_be_read_back and not new.to_be_read_back:
            actions.append(Delete(self._orders.name, place))
        return actions

    def further_partitions(self, tenant: str, divisions: Sequence[int]) -> list[str]:
        """Return the partitions of outgoing events, reading back, locks and morning checks."""
        partitions = [outbox_pk(tenant)]
        for division in divisions:
            partitions += [
                _read_back_pk(tenant, division),
                lock_key(tenant, division).pk,
                watch_key(tenant, division).pk,
            ]
        return partitions


def idempotency_keys(kind: str, idempotency_key: str | None, own_ids: Sequence[str]) -> list[str]:
    """Return the keys under which an order is found again."""
    return keys_of(f"external-{kind}", idempotency_key, own_ids)


def watch_key(tenant: str, division: int) -> Key:
    """Return the key of the row that says when an administration is compared with Exact."""
    return Key(f"order-watch#{tenant}#{division}", "watch")


def first_id(moment: datetime) -> str:
    """Return the smallest id of orders accepted at a moment or later; ids sort by time."""
    return f"o{int(moment.timestamp() * 1000):012x}"


def _read_back_pk(tenant: str, division: int) -> str:
    return f"order-read-back#{tenant}#{division}"
