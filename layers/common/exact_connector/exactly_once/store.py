"""Records in the orders table: intake and every transition are one transaction each, conditional on what was read.

accept      record + place in its queue + trail + key rows            condition: none of them is there yet
transition  record (version) + trail; end: place in the queue gone    condition: still the version that was read
            first id in Exact: + the link id -> record                condition: no other record has that id
            + what a kind adds: events, further places
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from exact_connector.clock import from_text, to_text
from exact_connector.errors import NotFound, StoreUnavailable
from exact_connector.exactly_once.record import Change, OutgoingRecord, R, State, next_version
from exact_connector.observability import correlation_id
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
    query_rows,
    transact,
)

_CHUNK = 25


class OutOfDate(Exception):
    """The record was changed by another process since it was read: read it again."""


class DocumentTaken(Exception):
    """What was found or made in Exact already belongs to another record."""


@dataclass(frozen=True, slots=True)
class RecordKind(Generic[R]):
    """How the records of one kind are stored.

    ``name`` begins the names of their partitions, ``noun`` is what messages call one. ``due_shard``: the shard of their
    own due rows, None where something else knows when they are due. ``queue_per_division``: whether open records are
    worked on for each administration or for the whole tenant.
    """

    name: str
    noun: str
    to_row: Callable[[R], Row]
    from_row: Callable[[Row], R]
    due_shard: str | None = None
    queue_per_division: bool = True

    def key(self, tenant: str, record_id: str) -> Key:
        """Return the key of a record."""
        return Key(f"{self.name}#{tenant}", record_id)

    def queue_key(self, record: OutgoingRecord) -> Key:
        """Return the place of a record in the sequence of acceptance of its administration."""
        return Key(self.queue_pk(record.tenant, record.division), f"{to_text(record.accepted_at)}#{record.record_id}")

    def queue_pk(self, tenant: str, division: int | None) -> str:
        """Return the partition of the open records of an administration, or of the whole tenant."""
        return f"{self.name}-queue#{tenant}" + (f"#{division}" if self.queue_per_division else "")

    def idempotency_key(self, tenant: str, key: str) -> Key:
        """Return the key of the row that says which record a client's key means."""
        return Key(f"{self.name}-key#{tenant}", key)

    def trail_pk(self, tenant: str, record_id: str) -> str:
        """Return the partition of a record's transitions."""
        return f"{self.name}-trail#{tenant}#{record_id}"

    def link_pk(self, tenant: str, division: int) -> str:
        """Return the partition that says which record something in Exact belongs to."""
        return f"{self.name}-link#{tenant}#{division}"


@dataclass(frozen=True, slots=True)
class Queued:
    """The place of an open record in the sequence of acceptance. ``account``: whose records wait for each other."""

    record_id: str
    account: str
    accepted_at: datetime


class RecordStore(Generic[R]):
    """Reads and writes the records of one kind. ``sleep`` pauses between tries of a transaction that met another."""

    def __init__(
        self,
        kind: RecordKind[R],
        database: Database,
        table: Table,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.kind = kind
        self._database = database
        self._table = table
        self._sleep = sleep

    def accept(self, record: R, keys: Sequence[str]) -> list[R]:
        """Store a new record under its keys; empty when stored, else the records that are there under them.

        Raises StoreUnavailable when it is neither.
        """
        actions: list[Action] = [
            self._put(record, Absent()),
            Put(self._table.name, self._queued(record), Absent()),
            self._trail(record, None, ""),
        ]
        first_key = len(actions)
        actions += [self._key(record, key) for key in keys]
        try:
            self._transact(actions)
        except TransactionCancelled as error:
            if min(error.failed) < first_key:
                raise StoreUnavailable(f"An id of a {self.kind.noun} was given out twice; post it again.") from error
            existing = self.by_keys(record.tenant, keys)
            if not existing:
                # Who had the keys is gone by now, as when its tenant is removed: empty would read as stored.
                raise StoreUnavailable(f"The {self.kind.noun} could not be stored; post it again.") from error
            return existing
        return []

    def remember_keys(self, record: R, keys: Sequence[str]) -> None:
        """Keep further keys of a stored record, so that each of them means it from now on."""
        known = self._table.batch_get([self.kind.idempotency_key(record.tenant, key) for key in keys])
        new = set(keys) - {str(row["sk"]) for row in known}
        if new:
            self._transact([self._key(record, key) for key in sorted(new)])

    def by_keys(self, tenant: str, keys: Sequence[str]) -> list[R]:
        """Return the records that were accepted under any of these keys, each once."""
        rows = self._table.batch_get([self.kind.idempotency_key(tenant, key) for key in keys])
        return self._read(tenant, list(dict.fromkeys(str(row["record_id"]) for row in rows)))

    def get(self, tenant: str, record_id: str) -> R:
        """Return a record; raises NotFound."""
        row = self._table.get(self.kind.key(tenant, record_id))
        if row is None:
            raise NotFound(f"The tenant has no {self.kind.noun} {record_id[:60]!r}; check the id.")
        return self.kind.from_row(row)

    def queue(self, tenant: str, division: int | None = None) -> Iterator[Queued]:
        """Return the places of open records in the order of acceptance; ``division`` where they queue by it."""
        for row in self._rows(self.kind.queue_pk(tenant, division)):
            accepted_at = from_text(str(row["sk"]).partition("#")[0])
            yield Queued(str(row["record_id"]), str(row["account"]), accepted_at)

    def open_records(self, tenant: str, division: int | None = None) -> Iterator[R]:
        """Return open records in the order of acceptance, read some at a time; ``division`` where they queue by it."""
        ids: list[str] = []
        for place in self.queue(tenant, division):
            ids.append(place.record_id)
            if len(ids) == _CHUNK:
                yield from self._open(tenant, ids)
                ids = []
        yield from self._open(tenant, ids)

    def transition(self, old: R, change: Change[R]) -> R:
        """Store the next version of a record; raises OutOfDate, and DocumentTaken for what belongs to another one."""
        new = change.record
        actions: list[Action] = [
            self._put(new, Equals("version", old.version)),
            self._trail(new, old, change.reason),
            *self._places(old, new),
            *self.further_actions(old, change),
        ]
        links = new.exact_id is not None and old.exact_id is None
        if links:
            actions.append(self._link(new))
        try:
            self._transact(actions)
        except TransactionCancelled as error:
            if links and error.failed == (len(actions) - 1,):
                raise DocumentTaken(f"what is in Exact belongs to another {self.kind.noun}") from error
            raise OutOfDate(new.record_id) from error
        return new

    def further_actions(self, old: R, change: Change[R]) -> list[Action]:  # noqa: ARG002 - for a kind to fill in
        """Return what else a kind writes with a transition."""
        return []

    def make_due(self, tenant: str, division: int, now: datetime) -> None:
        """Make every record of an administration that waits for a later moment due now, to be sent or looked for."""
        for record in self.open_records(tenant, division):
            if record.division != division or record.state is State.SUBMITTING:
                continue
            if record.due_at is not None and record.due_at > now:
                new = next_version(record, now, due_at=now, blocked=False)
                with suppress(OutOfDate):
                    self.transition(record, Change(new, "tried at once"))

    def make_lane_due(self, tenant: str, division: int, lane: str, now: datetime) -> None:
        """Make the earliest record due now that waits for a fault of its lane; once it passed, the others follow."""
        for record in self.open_records(tenant, division):
            if record.lane == lane and record.blocked and record.state is State.RECEIVED:
                with suppress(OutOfDate):
                    self.transition(record, Change(next_version(record, now, due_at=now), "tried at once"))
                return

    def blocked(self, records: Sequence[Queued], tenant: str, now: datetime) -> list[R]:
        """Return those of these open records that wait for a fault of the connection or the rights."""
        found = self._open(tenant, [place.record_id for place in records[:_CHUNK]])
        return [record for record in found if record.blocked and record.due_at is not None and record.due_at > now]

    def due(self, until: datetime, *, limit: int = 1000) -> list[tuple[str, int]]:
        """Return tenants and administrations with records that are due by their own due row. A hint."""
        assert self.kind.due_shard is not None
        rows = self._table.due(self.kind.due_shard, to_text(until), limit=limit)
        return list(dict.fromkeys((str(row["tenant"]), int(str(row["division"]))) for row in rows))

    def owners(self, tenant: str, division: int, exact_ids: Sequence[str]) -> dict[str, str]:
        """Return for ids of Exact the records that they belong to, where they belong to one."""
        pk = self.kind.link_pk(tenant, division)
        rows = self._table.batch_get([Key(pk, exact_id) for exact_id in exact_ids])
        return {str(row["sk"]): str(row["record_id"]) for row in rows}

    def without_others(self, record: R, exact_ids: Sequence[str]) -> list[str]:
        """Return those of these ids of Exact that belong to no other record."""
        owners = self.owners(record.tenant, record.division, exact_ids)
        return [each for each in exact_ids if owners.get(each, record.record_id) == record.record_id]

    def trail(self, tenant: str, record_id: str) -> list[Row]:
        """Return every transition of a record, oldest first."""
        return query_all(self._table, self.kind.trail_pk(tenant, record_id))

    def delete_tenant_data(self, tenant: str) -> int:
        """Remove every record of a tenant with all that hangs on it; return how many records."""
        pk = self.kind.key(tenant, "").pk
        records = [(str(row["sk"]), int(str(row["division"]))) for row in self._rows(pk)]
        partitions = [self.kind.idempotency_key(tenant, "").pk]
        partitions += [self.kind.trail_pk(tenant, record_id) for record_id, _ in records]
        divisions = sorted({division for _, division in records})
        for division in divisions:
            partitions += [self.kind.queue_pk(tenant, division), self.kind.link_pk(tenant, division)]
        partitions += self.further_partitions(tenant, divisions)
        # The records go last: as long as they are there, a repetition finds what hangs on them.
        for each in [*partitions, pk]:
            clear(self._table, each)
        return len(records)

    def further_partitions(self, tenant: str, divisions: Sequence[int]) -> list[str]:  # noqa: ARG002 - see above
        """Return the partitions of a tenant and its administrations that a kind has besides."""
        return []

    def _read(self, tenant: str, ids: Sequence[str]) -> list[R]:
        rows = self._table.batch_get([self.kind.key(tenant, record_id) for record_id in ids]) if ids else []
        found = {str(row["sk"]): self.kind.from_row(row) for row in rows}
        return [found[record_id] for record_id in ids if record_id in found]

    def _open(self, tenant: str, ids: Sequence[str]) -> list[R]:
        return [record for record in self._read(tenant, ids) if record.open]

    def _rows(self, pk: str) -> Iterator[Row]:
        return query_rows(self._table, pk)

    def _transact(self, actions: Sequence[Action]) -> None:
        transact(self._database, actions, self._sleep)

    def _put(self, record: R, condition: Absent | Equals) -> Put:
        key, row = self.kind.key(record.tenant, record.record_id), self.kind.to_row(record)
        if self.kind.due_shard is not None and record.open and record.due_at is not None:
            row["due_shard"] = self.kind.due_shard
        return Put(self._table.name, {**row, "pk": key.pk, "sk": key.sk}, condition)

    def _places(self, old: R, new: R) -> list[Action]:
        if old.open and not new.open:
            return [Delete(self._table.name, self.kind.queue_key(new))]
        if new.open and not old.open:
            return [Put(self._table.name, self._queued(new))]
        return []

    def _queued(self, record: R) -> Row:
        place = self.kind.queue_key(record)
        return {"pk": place.pk, "sk": place.sk, "record_id": record.record_id, "account": record.sequence}

    def _key(self, record: R, key: str) -> Put:
        place = self.kind.idempotency_key(record.tenant, key)
        row: Row = {"pk": place.pk, "sk": place.sk, "record_id": record.record_id}
        return Put(self._table.name, row, Absent())

    def _trail(self, new: R, old: R | None, reason: str) -> Put:
        row: Row = {
            "pk": self.kind.trail_pk(new.tenant, new.record_id),
            "sk": f"{new.version:06d}",
            "at": to_text(new.updated_at),
            "from": None if old is None else old.state.value,
            "to": new.state.value,
            "attempt": new.attempts,
            "reason": reason,
            "request_id": correlation_id(),
        }
        return Put(self._table.name, row, Absent())

    def _link(self, new: R) -> Put:
        row: Row = {
            "pk": self.kind.link_pk(new.tenant, new.division),
            "sk": str(new.exact_id),
            "record_id": new.record_id,
        }
        return Put(self._table.name, row, any_of(Absent(), Equals("record_id", new.record_id)))


def trail_response(rows: Sequence[Row]) -> list[Row]:
    """Return transitions as a client sees them."""
    return [{name: row.get(name) for name in ("at", "from", "to", "attempt", "reason", "request_id")} for row in rows]
