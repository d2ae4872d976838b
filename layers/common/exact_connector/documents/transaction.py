"""One transaction of the projection: as many documents as fit, their feed entries, and the lists of their owners.

    head        condition: the projection's fencing token and the old number   set: the new number, the counts
    documents   what each claim or withdrawal comes to (see ``claims``), with the pieces of large bodies
    entries     put, for each document that changed for readers (none during a first load, which ends in one reset)
    owners      the rows that list these documents

After it everything is true, whatever comes next: what does not fit is simply written by the next transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from exact_connector.clock import to_text
from exact_connector.documents.bodies import Body, DocumentKey, partition, piece_keys, piece_rows
from exact_connector.documents.changes import Change
from exact_connector.documents.claims import FREE, Settled, Slot, alone, settle
from exact_connector.documents.feed import Entry, to_put
from exact_connector.documents.owned import OwnerList, owned_key
from exact_connector.storage.table import Action, Condition, Delete, Key, Put
from exact_connector.storage.table import Row as Stored

MOST_ACTIONS = 99
"""Actions of a transaction beside the head."""

MOST_BYTES = 3_500_000
"""A transaction of DynamoDB takes 4 MB."""

_BYTES_OF_ACTION = 500
_BYTES_OF_LIST = 8_000
_UPSERT, _DELETE = Change("upsert"), Change("delete")


@dataclass(slots=True)
class Write:
    """One document that an owner claims (``body``) or leaves (None). ``change``: what the feed says of it, None when
    it is not announced. ``slot``: what lies under its key where that was read; otherwise what is expected there."""

    owner: str
    document_key: DocumentKey
    body: Body | None
    change: Change | None = _UPSERT
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class ChangedDate:
    """The date on which an owner's documents change by date alone."""

    owner: str
    changes_on: date | None


Step = Write | ChangedDate


class Transaction:
    """Collects steps while they fit. ``lists``: the owners' lists as they are stored; ``changed_lists`` those after."""

    def __init__(
        self, table: str, tenant: str, family: str, lists: Mapping[str, OwnerList], seq: int, *, announce: bool
    ) -> None:
        self._table = table
        self._tenant = tenant
        self._family = family
        self._lists = lists
        self._announce = announce
        self._actions: list[Action] = []
        self._keys: set[Key] = set()
        self._rows: dict[str, set[int]] = {}
        self._bytes = 0
        self._now: tuple[datetime, str] | None = None
        self.seq = seq
        self.counts: Counter[str] = Counter()
        self.changed_lists: dict[str, OwnerList] = {}
        self.steps: list[Step] = []

    def fill(self, steps: Iterable[Step], now: datetime, *, most: int | None = None) -> None:
        """Take up steps from the first on until one does not fit, or so many are taken up."""
        for step in islice(steps, most):
            if not (self._write(step, now) if isinstance(step, Write) else self._date(step)):
                return
            self.steps.append(step)

    def actions(self) -> list[Action]:
        """Return the actions beside the head."""
        found = list(self._actions)
        for owner, rows in self._rows.items():
            key = owned_key(self._tenant, self._family, owner)
            found.extend(self.changed_lists[owner].actions(self._table, key, rows))
        return found

    def _date(self, step: ChangedDate) -> bool:
        if not self._fits(step.owner, 0, 0, 0):
            return False
        self._touch(step.owner, 0).changes_on = step.changes_on
        return True

    def _write(self, step: Write, now: datetime) -> bool:
        listed = self._list(step.owner)
        old, row = listed.digest(step.document_key), listed.row_of(step.document_key)
        if step.slot is None and (step.body is None or len(step.body.pieces) == 1) and "/" not in (old or ""):
            return self._expected(step, old, row, now)
        slot = step.slot or (Slot() if old is None else Slot(step.owner))
        settled = settle(self._table, self._tenant, step.document_key, step.owner, _claim(step), slot)
        pieces = self._pieces(step, old)
        keys = {_key_of(action) for action in (*settled.actions, *pieces)}
        change = self._announcement(step, slot, settled)
        size = sum(len(piece) for piece in step.body.pieces) if step.body is not None else 0
        size += sum(_size(action) for action in settled.actions)
        if keys & self._keys or not self._fits(step.owner, row, len(keys) + (change is not None), size):
            return False
        self._take(step.document_key, settled, change, now)
        self._actions.extend(pieces)
        self._keys |= keys
        self._bytes += size
        touched = self._touch(step.owner, row)
        if step.body is None:
            touched.remove(step.document_key)
        else:
            touched.put(step.document_key, step.body.digest)
        return True

    def _expected(self, step: Write, old: str | None, row: int, now: datetime) -> bool:
        """Take up a document of one piece in the usual case: its key is free or its owner's, without other claims. It
        comes to what ``settle`` would say of the slot that is expected."""
        kind, name = step.document_key
        change = None if not self._announce or hidden(kind) else _DELETE if step.body is None else step.change
        size = _BYTES_OF_ACTION + (len(step.body.pieces[0]) if step.body is not None else 0)
        key = Key(partition(self._tenant, kind), name)
        if key in self._keys or not self._fits(step.owner, row, 1 if change is None else 2, size):
            return False
        touched = self._touch(step.owner, row)
        self._keys.add(key)
        self._bytes += size
        if old is None and step.body is None:
            return True
        seq = self._announced(step.document_key, change, "" if step.body is None else step.body.hash, now)
        condition: Condition = FREE if old is None else alone(step.owner)
        if step.body is None:
            self._actions.append(Delete(self._table, key, condition))
            touched.remove(step.document_key)
            self.counts[kind] -= 1
            return True
        stored: Stored = {"pk": key.pk, "sk": name, "owner": step.owner, "body": step.body.pieces[0]}
        stored |= {"hash": step.body.hash, "seq": seq, "updated_at": self._moment(now)}
        self._actions.append(Put(self._table, stored, condition))
        touched.put(step.document_key, step.body.hash)
        self.counts[kind] += old is None
        return True

    def _announced(self, document_key: DocumentKey, change: Change | None, digest: str, now: datetime) -> int:
        """Take up the entry of a change; return its number, 0 where there is none."""
        if change is None:
            return 0
        self.seq += 1
        entry = Entry(self.seq, change.op, document_key[0], document_key[1], now, digest, change.fields)
        self._actions.append(to_put(self._table, self._tenant, entry))
        return self.seq

    def _moment(self, now: datetime) -> str:
        if self._now is None or self._now[0] != now:
            self._now = now, to_text(now)
        return self._now[1]

    def _take(self, document_key: DocumentKey, settled: Settled, change: Change | None, now: datetime) -> None:
        """Take up the actions of a document; the first is that on the served one, which gets the entry's number."""
        digest = "" if settled.served is None else str(settled.served["hash"])
        seq = self._announced(document_key, change, digest, now)
        slot, *others = settled.actions or (None,)
        if isinstance(slot, Put):
            slot = Put(slot.table, {**slot.row, "seq": seq, "updated_at": self._moment(now)}, slot.condition)
        self._actions.extend(each for each in (slot, *others) if each is not None)
        self.counts[document_key[0]] += settled.count

    def _pieces(self, step: Write, old: str | None) -> list[Action]:
        """Return the actions that write a body's further pieces and remove those of the one before."""
        new: list[Stored] = []
        if step.body is not None and len(step.body.pieces) > 1:
            new = piece_rows(self._tenant, step.document_key, step.owner, step.body)
        actions: list[Action] = [Put(self._table, row) for row in new]
        if old and (step.body is None or step.body.digest != old):
            actions.extend(
                Delete(self._table, key) for key in piece_keys(self._tenant, step.document_key, step.owner, old)
            )
        return actions

    def _announcement(self, step: Write, slot: Slot, settled: Settled) -> Change | None:
        """Return what the feed says: a rule decides only about a document that stays with its owner."""
        if not self._announce or not settled.op or hidden(step.document_key[0]):
            return None
        if settled.op == "delete":
            return _DELETE
        return step.change if step.body is not None and slot.owner in ("", step.owner) else _UPSERT

    def _list(self, owner: str) -> OwnerList:
        return self.changed_lists.get(owner) or self._lists[owner]

    def _touch(self, owner: str, row: int) -> OwnerList:
        if owner not in self.changed_lists:
            self.changed_lists[owner] = self._lists[owner].copy()
            self._rows[owner] = {0}
        self._rows[owner].add(row)
        return self.changed_lists[owner]

    def _fits(self, owner: str, row: int, actions: int, size: int) -> bool:
        rows = self._rows.get(owner, set())
        lists = sum(len(each) for each in self._rows.values()) + len({0, row} - rows)
        if len(self._actions) + actions + lists > MOST_ACTIONS:
            return False
        return self._bytes + size + _BYTES_OF_LIST * lists <= MOST_BYTES


def hidden(kind: str) -> bool:
    """Return whether a kind only serves our own look-ups (``_customer_code``): such documents are never announced."""
    return kind.startswith("_")


def _claim(step: Write) -> Stored | None:
    if step.body is None:
        return None
    row: Stored = {"owner": step.owner, "body": step.body.pieces[0], "hash": step.body.hash}
    if len(step.body.pieces) > 1:
        row["pieces"] = len(step.body.pieces)
    return row


def _size(action: Action) -> int:
    body = action.row.get("body") if isinstance(action, Put) else None
    return _BYTES_OF_ACTION + (len(body) if isinstance(body, bytes) else 0)


def _key_of(action: Action) -> Key:
    return Key(str(action.row["pk"]), str(action.row["sk"])) if isinstance(action, Put) else action.key
