"""Writing documents: what changed of each owner, in transactions with the feed and its head.

    one transaction, at most 100 actions:
      head     condition: the projection's fencing token and the old number   set: new number
      document put or delete, for each that changed
      entry    put, for each that changed (not during a first load, which ends in one reset entry)
      owner    which documents it has, with their hashes

The owner's row is what the next projection compares with, so unchanged documents are not even read. An owner with more
documents than fit first notes all of their keys, so that a crash half-way leaves none behind.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from exact_connector.catalog.projection import Document, Projection
from exact_connector.clock import to_text
from exact_connector.documents.changes import Change, ChangeRule
from exact_connector.documents.feed import Entry, head_key, to_put
from exact_connector.documents.store import partition
from exact_connector.errors import StoreUnavailable
from exact_connector.storage.buckets import bucket_of
from exact_connector.storage.leases import Lease, held, renew, renewal, whole
from exact_connector.storage.packing import compress, pack, unpack
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import (
    Absent,
    Action,
    Condition,
    Delete,
    Equals,
    Key,
    Missing,
    Put,
    TransactionCancelled,
    Update,
    all_of,
    any_of,
    query_all,
)
from exact_connector.storage.table import Row as Stored

ROOM = 99
"""Actions of a transaction beside the head."""

_ATTEMPTS = 5
_TOKENS_PER_LOAD = 1_000_000
DocumentKey = tuple[str, str]


class ProjectionLeaseLost(Exception):
    """Another worker projects this tenant now: stop without a trace."""


@dataclass(frozen=True, slots=True)
class Made:
    """Which documents an owner has: (kind, key) -> hash, and when they change by date alone."""

    owner: str
    hashes: Mapping[DocumentKey, str] = field(default_factory=dict)
    changes_on: date | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A document ready to be stored."""

    document: Document
    packed: bytes
    hash: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What an owner's projection changes."""

    made: Made
    before: frozenset[DocumentKey]
    puts: Mapping[DocumentKey, Body]
    deletes: tuple[DocumentKey, ...]
    remember: bool

    @property
    def documents(self) -> int:
        """The number of documents that change."""
        return len(self.puts) + len(self.deletes)


def to_body(document: Document) -> Body:
    """Return the stored form of a document; equal documents have equal hashes."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()
    return Body(document, compress(text), blake2b(text, digest_size=16).hexdigest())


def compare(made: Made, projections: Iterable[Projection]) -> Changes:
    """Return what has to change so that an owner's documents are these. Pure."""
    hashes: dict[DocumentKey, str] = {}
    puts: dict[DocumentKey, Body] = {}
    dates: list[date] = []
    for each in projections:
        place = (each.kind, each.key)
        if each.changes_on is not None:
            dates.append(each.changes_on)
        if each.keep:
            if place in made.hashes:
                hashes[place] = made.hashes[place]
        elif each.document is not None:
            body = to_body(each.document)
            hashes[place] = body.hash
            puts[place] = body
    changed = {place: body for place, body in puts.items() if made.hashes.get(place) != body.hash}
    deletes = tuple(sorted(place for place in made.hashes if place not in hashes))
    new = Made(made.owner, hashes, min(dates, default=None))
    return Changes(new, frozenset(made.hashes), changed, deletes, remember=new != made)


def made_partition(tenant: str, family: str, bucket: int) -> str:
    """Return the partition key of the owners of a bucket."""
    return f"made#{tenant}#{family}#{bucket:02x}"


class DocumentWriter:
    """Collects the changes of owners and writes them in full transactions, under one projection lease.

    ``announce`` False writes no feed entries. ``head`` is the row that carries the lease and the counts: the feed's
    head, or a part of a first load. Raises ProjectionLeaseLost.
    """

    def __init__(
        self,
        stores: Stores,
        tenant: str,
        family: str,
        lease: Lease,
        seq: int,
        *,
        announce: bool,
        rule: ChangeRule | None,
        head: Key | None = None,
    ) -> None:
        self._head = head or head_key(tenant)
        self._stores = stores
        self._tenant = tenant
        self._family = family
        self._lease = lease
        self.seq = seq
        self._announce = announce
        self._rule = rule
        self._actions: list[Action] = []
        self._keys: set[Key] = set()
        self._entries = 0
        self._counts: Counter[str] = Counter()
        self.written = 0
        self.removed = 0

    def made(self, bucket: int) -> dict[str, Made]:
        """Return what the owners of a bucket have."""
        rows = query_all(self._stores.catalog, made_partition(self._tenant, self._family, bucket))
        return {str(row["sk"]): _made(row) for row in rows}

    def made_of(self, owners: Iterable[str]) -> dict[str, Made]:
        """Return what these owners have."""
        rows = self._stores.catalog.batch_get([self._made_key(owner) for owner in owners])
        return {str(row["sk"]): _made(row) for row in rows}

    def write(self, batch: Sequence[Changes], context: Any, now: datetime) -> None:
        """Take up the changes of owners; they are stored when enough have come together or at ``flush``."""
        taken = {place for changes in batch for place in changes.puts}
        before = self._stored_before(batch, context, now)
        for changes in batch:
            deletes = [
                place
                for place in changes.deletes
                if place not in taken and self._owned(before, place, changes.made.owner)
            ]
            if changes.documents or changes.remember:
                self._take(changes, deletes, before, context, now)

    def lay_out(self, parts: Sequence[Stored], now: datetime) -> None:
        """Write the parts of a first load, all or none; their fencing tokens are above those of all loads before."""
        self.flush(now)
        fence = self._lease.fence * _TOKENS_PER_LOAD
        self._actions.extend(Put(self._stores.catalog.name, {**row, "fence": fence}) for row in parts)
        self.flush(now)

    def absorb(self, parts: Sequence[Stored], now: datetime) -> None:
        """Add the counts of parts to which nobody writes any more to the head, and remove the parts, all or none."""
        self.flush(now)
        for row in parts:
            self._counts.update(
                {name.removeprefix("count_"): whole(value) for name, value in row.items() if name.startswith("count_")}
            )
            self._actions.append(Delete(self._stores.catalog.name, Key(str(row["pk"]), str(row["sk"]))))
        self.flush(now)

    def announcing(self) -> None:
        """From now on every change gets its entry in the feed."""
        self._announce = True

    def flush(self, now: datetime) -> None:
        """Write what was taken up; the transaction is repeated after a mere conflict."""
        if not self._actions:
            return
        new = self.seq + self._entries
        head = Update(
            self._stores.catalog.name,
            self._head,
            set={"seq": new, **renewal(now)},
            add={f"count_{kind}": count for kind, count in self._counts.items() if count},
            condition=all_of(held(self._lease), _seq_is(self.seq)),
        )
        for _ in range(_ATTEMPTS):
            try:
                self._stores.database.transact([head, *self._actions])
            except TransactionCancelled as cancelled:
                if 0 in cancelled.failed:
                    raise ProjectionLeaseLost from cancelled
                # A document that another owner took over meanwhile is not deleted.
                kept = [each for place, each in enumerate(self._actions, 1) if place not in cancelled.failed]
                self._actions = kept
            else:
                self.seq = new
                self._actions, self._entries = [], 0
                self._keys.clear()
                self._counts.clear()
                return
        raise StoreUnavailable("the feed's head is under heavy use; the projection goes on later")

    def keep(self, now: datetime) -> None:
        """Write what was taken up and renew the lease even when that is nothing."""
        if self._actions:
            self.flush(now)
        elif not renew(self._stores.catalog, self._lease, now):
            raise ProjectionLeaseLost

    def announce_reset(self, kinds: Iterable[str], now: datetime) -> None:
        """Write the one entry that ends a full load."""
        self.flush(now)
        entry = Entry(
            self.seq + 1,
            "reset",
            self._family,
            "*",
            now,
            kinds=tuple(sorted(kind for kind in kinds if not hidden(kind))),
        )
        self._actions, self._entries = [to_put(self._stores.catalog.name, self._tenant, entry)], 1
        self.flush(now)

    def _take(
        self,
        changes: Changes,
        deletes: Sequence[DocumentKey],
        before: Mapping[DocumentKey, Stored],
        context: Any,
        now: datetime,
    ) -> None:
        owner = changes.made.owner
        known: Iterable[DocumentKey] = changes.before
        each = 2 if self._announce else 1
        if each * (len(changes.puts) + len(deletes)) + 1 > ROOM:
            known = self._note(changes, now)
        for place, body in changes.puts.items():
            change = None if hidden(place[0]) else self._change(place, before.get(place), body.document, context)
            self._add([self._put(place, body, owner, now)], place, change, body.hash, now)
            self.written += 1
        for place in deletes:
            change = Change("delete") if self._announce and not hidden(place[0]) else None
            key = Key(partition(self._tenant, place[0]), place[1])
            doomed = Delete(self._stores.catalog.name, key, any_of(Absent(), Equals("owner", owner)))
            self._add([doomed], place, change, "", now)
            self.removed += 1
        self._remember(known, changes.made, now)

    def _note(self, changes: Changes, now: datetime) -> Iterable[DocumentKey]:
        """Note every key that an owner has or will have, before its documents take more than one transaction."""
        hashes = {**dict.fromkeys(changes.before, ""), **changes.made.hashes, **dict.fromkeys(changes.puts, "")}
        self.flush(now)
        self._remember(changes.before, Made(changes.made.owner, hashes, changes.made.changes_on), now)
        self.flush(now)
        return hashes

    def _add(
        self, actions: list[Action], place: DocumentKey | None, change: Change | None, digest: str, now: datetime
    ) -> None:
        size = len(actions) + (1 if change is not None else 0)
        keys = {_key_of(action) for action in actions}
        if len(self._actions) + size > ROOM or keys & self._keys:
            self.flush(now)
        if change is not None and place is not None:
            self._entries += 1
            seq = self.seq + self._entries
            entry = Entry(seq, change.op, place[0], place[1], now, digest, change.fields)
            actions = [
                *(_numbered(action, seq) for action in actions),
                to_put(self._stores.catalog.name, self._tenant, entry),
            ]
        self._actions.extend(actions)
        self._keys |= keys

    def _change(self, place: DocumentKey, before: Stored | None, after: Document, context: Any) -> Change | None:
        if not self._announce:
            return None
        if self._rule is None or not self._rule.applies(context):
            return Change("upsert")
        old = None if before is None else unpack(before["body"])
        return self._rule.change(place[0], old, after, context)

    def _stored_before(self, batch: Sequence[Changes], context: Any, now: datetime) -> dict[DocumentKey, Stored]:
        places = {place for changes in batch for place in changes.deletes}
        if self._announce and self._rule is not None and self._rule.applies(context):
            places |= {place for changes in batch for place in changes.puts}
        keys = {Key(partition(self._tenant, kind), key): (kind, key) for kind, key in sorted(places)}
        if self._keys & keys.keys():
            self.flush(now)
        rows = self._stores.catalog.batch_get(list(keys)) if keys else []
        return {keys[Key(str(row["pk"]), str(row["sk"]))]: row for row in rows}

    def _owned(self, before: Mapping[DocumentKey, Stored], place: DocumentKey, owner: str) -> bool:
        """Tell whether a document is still this owner's: another may have taken its key over (a code that moved)."""
        row = before.get(place)
        return row is not None and row.get("owner") == owner

    def _put(self, place: DocumentKey, body: Body, owner: str, now: datetime) -> Put:
        return Put(
            self._stores.catalog.name,
            {
                "pk": partition(self._tenant, place[0]),
                "sk": place[1],
                "owner": owner,
                "body": body.packed,
                "hash": body.hash,
                "seq": 0,
                "updated_at": to_text(now),
            },
        )

    def _remember(self, known: Iterable[DocumentKey], made: Made, now: datetime) -> None:
        """Write which documents an owner has now, and count them by kind with the head."""
        self._add([self._remembering(made)], None, None, "", now)
        self._counts.update(kind for kind, _ in made.hashes)
        self._counts.subtract(kind for kind, _ in known)

    def _remembering(self, made: Made) -> Action:
        key = self._made_key(made.owner)
        if not made.hashes and made.changes_on is None:
            return Delete(self._stores.catalog.name, key)
        documents = [[kind, name, digest] for (kind, name), digest in sorted(made.hashes.items())]
        row: Stored = {"pk": key.pk, "sk": key.sk, "documents": pack(documents)}
        if made.changes_on is not None:
            row["changes_on"] = made.changes_on.isoformat()
        return Put(self._stores.catalog.name, row)

    def _made_key(self, owner: str) -> Key:
        return Key(made_partition(self._tenant, self._family, bucket_of(self._family, owner)), owner)


def hidden(kind: str) -> bool:
    """Tell whether a kind only serves our own look-ups (``_customer_code``): such documents are never announced."""
    return kind.startswith("_")


def _made(row: Stored) -> Made:
    hashes = {(str(kind), str(key)): str(digest) for kind, key, digest in unpack(row["documents"])}
    changes = row.get("changes_on")
    return Made(str(row["sk"]), hashes, None if changes is None else date.fromisoformat(str(changes)))


def _seq_is(seq: int) -> Condition:
    return any_of(Missing("seq"), Equals("seq", 0)) if seq == 0 else Equals("seq", seq)


def _key_of(action: Action) -> Key:
    return Key(str(action.row["pk"]), str(action.row["sk"])) if isinstance(action, Put) else action.key


def _numbered(action: Action, seq: int) -> Action:
    return Put(action.table, {**action.row, "seq": seq}, action.condition) if isinstance(action, Put) else action


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"a document may not hold a {type(value).__name__}")
