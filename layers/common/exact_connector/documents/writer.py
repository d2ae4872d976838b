"""Writing documents: what changed of each owner, in full transactions under one projection lease.

What an owner remembers of its documents is what the next projection compares with, so unchanged documents are not even
read. A write expects a new key to be free and a known one to be its owner's, without other claims; where that turns out
to be wrong, what lies there is read, and the claims are settled by their rule.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from exact_connector.documents.bodies import DocumentKey, partition, read_bodies
from exact_connector.documents.changes import Change, ChangeRule
from exact_connector.documents.claims import read_slots
from exact_connector.documents.feed import Entry, head_key, to_put
from exact_connector.documents.owned import Changes, OwnedDocuments, OwnerList, read_bucket, read_owners
from exact_connector.documents.transaction import MOST_ACTIONS, ChangedDate, Step, Transaction, Write, hidden
from exact_connector.errors import StoreUnavailable
from exact_connector.storage.leases import Lease, LeaseLost, held, renew, renewal, whole
from exact_connector.storage.limits import StorageLimitExceeded
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import (
    Action,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Key,
    Missing,
    Put,
    TransactionCancelled,
    Update,
    all_of,
    any_of,
)
from exact_connector.storage.table import Row as Stored

_ATTEMPTS = 8
_TOKENS_PER_LOAD = 1_000_000


class DocumentWriter:
    """Collects the changes of owners and writes them in full transactions, under one projection lease.

    ``announce`` False writes no feed entries. ``head`` is the row that carries the lease and the counts: the feed's
    head, or a part of a first load. ``refused`` names what no table takes: owner, kind and key, and why. Raises
    ProjectionLeaseLost.
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
        self._steps: deque[Step] = deque()
        self._lists: dict[str, OwnerList] = {}
        self._weight = 0
        self.written = 0
        self.removed = 0
        self.refused: list[tuple[str, DocumentKey, str]] = []

    def bucket(self, bucket: int) -> dict[str, OwnedDocuments]:
        """Return what the owners of a bucket have."""
        return read_bucket(self._stores.catalog, self._tenant, self._family, bucket)

    def owners(self, owners: Iterable[str]) -> dict[str, OwnedDocuments]:
        """Return what these owners have."""
        return read_owners(self._stores.catalog, self._tenant, self._family, owners)

    def write(self, batch: Sequence[Changes], context: Any, now: datetime) -> None:
        """Take up the changes of owners; they are stored when enough have come together or at ``flush``.

        What another owner of the batch claims is left last, so that the feed never has a deletion in between.
        """
        changes = [each for each in batch if not each.nothing]
        claimed = {document_key for each in changes for document_key in each.puts}
        announced = self._announcement(changes, context, now)
        for each in changes:
            self._take(each, claimed, announced, now)
        for each in changes:
            self._leave(each, [document_key for document_key in each.deletes if document_key in claimed], now)

    def withdraw(self, owner: str, document_keys: Iterable[DocumentKey], now: datetime) -> None:
        """Remove documents that lie under an owner's name and that it does not have."""
        self.flush(now)
        self._lists[owner] = OwnerList(self.owners([owner]).get(owner, OwnedDocuments(owner)))
        writes = [Write(owner, document_key, None) for document_key in document_keys]
        self._look(writes)
        for each in writes:
            self._add(each, now)

    def lay_out(self, parts: Sequence[Stored], now: datetime) -> None:
        """Write the parts of a first load, all or none; their fencing tokens are above those of all loads before."""
        self.flush(now)
        fence = self._lease.fence * _TOKENS_PER_LOAD
        self._transact([Put(self._stores.catalog.name, {**row, "fence": fence}) for row in parts], self.seq, {}, now)

    def absorb(self, parts: Sequence[Stored], now: datetime) -> None:
        """Add the counts of parts to which no one writes any more to the head, and remove the parts, all or none."""
        self.flush(now)
        counts: Counter[str] = Counter()
        for row in parts:
            counts.update(
                {name.removeprefix("count_"): whole(value) for name, value in row.items() if name.startswith("count_")}
            )
        keys = [Key(str(row["pk"]), str(row["sk"])) for row in parts]
        self._transact([Delete(self._stores.catalog.name, key) for key in keys], self.seq, counts, now)

    def announcing(self) -> None:
        """From now on every change gets its entry in the feed."""
        self._announce = True

    def flush(self, now: datetime) -> None:
        """Write what was taken up."""
        while self._steps:
            self._commit(now)

    def keep(self, now: datetime) -> None:
        """Write what was taken up and renew the lease even when that is nothing."""
        if self._steps:
            self.flush(now)
        elif not renew(self._stores.catalog, self._lease, now):
            raise LeaseLost

    def announce_reset(self, kinds: Iterable[str], now: datetime) -> None:
        """Write the one entry that ends a full load."""
        self.flush(now)
        shown = tuple(sorted(kind for kind in kinds if not hidden(kind)))
        entry = Entry(self.seq + 1, "reset", self._family, "*", now, kinds=shown)
        self._transact([to_put(self._stores.catalog.name, self._tenant, entry)], entry.seq, {}, now)

    def recount(self, kind: str, count: int, now: datetime) -> None:
        """Set the number of a kind's documents, which were counted one by one under this lease."""
        self.flush(now)
        try:
            self._stores.catalog.update(self._head, set={f"count_{kind}": count}, condition=held(self._lease))
        except ConditionFailed as lost:
            raise LeaseLost from lost

    # -- taking up ----------------------------------------------------------------------------------------------------

    def _take(
        self,
        changes: Changes,
        claimed: set[DocumentKey],
        announced: Mapping[DocumentKey, Change | None],
        now: datetime,
    ) -> None:
        owner = changes.previous.owner
        self._lists[owner] = OwnerList(changes.previous)
        for document_key, body in changes.puts.items():
            self._add(Write(owner, document_key, body, announced.get(document_key, Change("upsert"))), now)
        self._leave(changes, [document_key for document_key in changes.deletes if document_key not in claimed], now)
        if changes.changes_on != changes.previous.changes_on:
            self._add(ChangedDate(owner, changes.changes_on), now)

    def _leave(self, changes: Changes, document_keys: Iterable[DocumentKey], now: datetime) -> None:
        for document_key in document_keys:
            self._add(Write(changes.previous.owner, document_key, None), now)

    def _add(self, step: Step, now: datetime) -> None:
        self._steps.append(step)
        self._weight += self._weigh(step)
        if self._weight > MOST_ACTIONS:
            self._commit(now)

    def _weigh(self, step: Step) -> int:
        """Return about how many actions a step takes beside the list of its owner."""
        return 2 if isinstance(step, Write) and self._announce and not hidden(step.document_key[0]) else 1

    def _announcement(self, batch: Sequence[Changes], context: Any, now: datetime) -> dict[DocumentKey, Change | None]:
        """Return what the feed says of documents about which a rule decides."""
        if not self._announce or self._rule is None or not self._rule.applies(context):
            return {}
        self.flush(now)
        bodies = {document_key: body.document for changes in batch for document_key, body in changes.puts.items()}
        before = self._stored(bodies)
        return {
            document_key: self._rule.change(document_key[0], before.get(document_key), body, context)
            for document_key, body in bodies.items()
        }

    def _stored(self, document_keys: Iterable[DocumentKey]) -> dict[DocumentKey, Any]:
        by_kind: dict[str, list[Key]] = {}
        for kind, key in sorted(document_keys):
            by_kind.setdefault(kind, []).append(Key(partition(self._tenant, kind), key))
        catalog = self._stores.catalog
        return {
            (kind, str(row["sk"])): document
            for kind, keys in by_kind.items()
            for row, document in read_bodies(catalog, self._tenant, kind, catalog.batch_get(keys))
        }

    # -- writing ------------------------------------------------------------------------------------------------------

    def _commit(self, now: datetime) -> None:
        """Write as many steps as a transaction holds; keys that are not as expected are read and settled."""
        most: int | None = None
        for _ in range(_ATTEMPTS):
            batch = Transaction(
                self._stores.catalog.name, self._tenant, self._family, self._lists, self.seq, announce=self._announce
            )
            batch.fill(self._steps, now, most=most)
            try:
                self._transact(batch.actions(), batch.seq, batch.counts, now)
            except StorageLimitExceeded as error:
                if len(batch.steps) == 1:
                    self._leave_out(batch.steps[0], error)
                    return
                most = 1  # one of them is too large: each goes alone
            except TransactionCancelled:
                self._look([step for step in batch.steps if isinstance(step, Write)])
            else:
                self._committed(batch)
                return
        raise StoreUnavailable("the documents are under heavy use; the projection goes on later")

    def _leave_out(self, step: Step, error: StorageLimitExceeded) -> None:
        """Go on without a document that no table takes; its owner's list stays as it is."""
        self._steps.popleft()
        self._weight -= self._weigh(step)
        document_key = step.document_key if isinstance(step, Write) else ("", "")
        self.refused.append((step.owner, document_key, error.message))

    def _committed(self, batch: Transaction) -> None:
        self._lists.update(batch.changed_lists)
        for step in batch.steps:
            self._steps.popleft()
            self._weight -= self._weigh(step)
            if isinstance(step, Write):
                self.written += step.body is not None
                self.removed += step.body is None
        if not self._steps:
            self._lists.clear()

    def _look(self, writes: Sequence[Write]) -> None:
        document_keys = [(each.document_key, each.owner) for each in writes]
        for each, slot in zip(writes, read_slots(self._stores.catalog, self._tenant, document_keys), strict=True):
            each.slot = slot

    def _transact(self, actions: Sequence[Action], seq: int, counts: Mapping[str, int], now: datetime) -> None:
        """Carry actions out with the head, again after a mere conflict. Raises TransactionCancelled where a condition
        of theirs does not hold."""
        head = Update(
            self._stores.catalog.name,
            self._head,
            set={"seq": seq, **renewal(now)},
            add={f"count_{kind}": count for kind, count in counts.items() if count},
            condition=all_of(held(self._lease), _seq_is(self.seq)),
        )
        for _ in range(_ATTEMPTS):
            try:
                self._stores.database.transact([head, *actions])
            except TransactionCancelled as cancelled:
                if 0 in cancelled.failed:
                    raise LeaseLost from cancelled
                if cancelled.failed:
                    raise
            else:
                self.seq = seq
                return
        raise StoreUnavailable("the feed's head is under heavy use; the projection goes on later")


def _seq_is(seq: int) -> Condition:
    return any_of(Missing("seq"), Equals("seq", 0)) if seq == 0 else Equals("seq", seq)
