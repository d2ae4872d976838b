"""Storing what a page brought, under the stream's lease: key list, rows, cursor, and what a dead worker left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from exact_connector import fields
from exact_connector.clock import Clock, to_text
from exact_connector.errors import StoreUnavailable
from exact_connector.storage.leases import LeaseLost
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import Action, TransactionCancelled
from exact_connector.sync.extraction.pages import Prepared
from exact_connector.sync.ports import TenantView
from exact_connector.sync.stores.affected import AffectedKeys, KeyList
from exact_connector.sync.stores.checkpoints import Checkpoint, Checkpoints, Claimed
from exact_connector.sync.stores.deletions import DeletionLog, find_gone, gone_in_page, owners_of
from exact_connector.sync.stores.ids import OwnerIndex
from exact_connector.sync.stores.records import Gone, Records, StoredRow
from exact_connector.sync.streams.catalogue import FAMILIES, Mode, Stream

_COMMIT_ATTEMPTS = 8
_PAGES_PER_FENCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The repositories of extraction, over one set of tables."""

    stores: Stores
    clock: Clock
    checkpoints: Checkpoints
    affected: AffectedKeys
    log: DeletionLog
    records: Records
    index: OwnerIndex

    @classmethod
    def of(cls, stores: Stores, clock: Clock) -> Parts:
        """Build them."""
        return cls(
            stores,
            clock,
            Checkpoints(stores.sync),
            AffectedKeys(stores.sync),
            DeletionLog(stores.database, stores.sync),
            Records(stores.records),
            OwnerIndex(stores.records),
        )


class PageStore:
    """Stores the pages of one stream under one lease. ``claimed`` moves on with every commit; ``families`` collects
    whose key lists were written. Raises LeaseLost."""

    def __init__(self, parts: Parts, view: TenantView, stream: Stream, claimed: Claimed) -> None:
        self.parts = parts
        self.view = view
        self.stream = stream
        self.claimed = claimed
        self.families: set[str] = set()

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint as it was last committed."""
        return self.claimed.checkpoint

    def order(self, page: int) -> int:
        """Number a page of this chunk above every page of earlier holders of the lease."""
        return self.claimed.lease.fence * _PAGES_PER_FENCE + page

    def save(self, new: Checkpoint) -> None:
        """Move the checkpoint on where nothing was stored."""
        saved = self.parts.checkpoints.save(self.claimed, new, self.parts.clock.now())
        if saved is None:
            raise LeaseLost
        self.claimed = saved

    def store_rows(self, prepared: Prepared, head: int, new: Checkpoint) -> None:
        """Store the rows of a page: key lists, index, rows, then the cursor."""
        tenant = self.view.tenant
        elsewhere = self._left_behind(prepared)
        owners = prepared.owners()
        for family, more in owners_of(elsewhere).items():
            owners[family] = sorted({*owners.get(family, ()), *more})
        lists = self.open(owners, head)
        for kind, pairs in prepared.index().items():
            if self.stream.owner:
                self.parts.index.add(tenant, kind, pairs)
        self.parts.records.write(tenant, prepared.rows, elsewhere, at=to_text(self.parts.clock.now()))
        self.commit(new, lists, prepared.rows, None if self.stream.entity_type is None else head)

    def _left_behind(self, prepared: Prepared) -> list[Gone]:
        """Return the places where rows of this page lay before they moved to another owner."""
        if not self.stream.owner_moves:
            return []
        rows = (*prepared.rows, *prepared.ownerless)
        by_id = {each.row_id: each for each in rows if self._may_have_moved(each)}
        if not by_id:
            return []
        return [
            Gone(family, owner, kind, row_id, by_id[row_id].version)
            for family, kind in self.stream.targets
            for row_id, owners in sorted(self.parts.index.find(self.view.tenant, kind, by_id).items())
            for owner in sorted(owners)
            if (family, owner) != (by_id[row_id].family, by_id[row_id].owner)
        ]

    def _may_have_moved(self, row: StoredRow) -> bool:
        """Return whether a row may lie elsewhere: within a full load only one that was changed since it began can."""
        changed = fields.moment(row.row, "Modified") or fields.moment(row.row, "sysmodified")
        began = self.checkpoint.started_at
        full = self.checkpoint.run_kind == "full"
        return not (full and changed is not None and began is not None and changed < began - timedelta(hours=2))

    def store_deletions(self, prepared: Prepared, new: Checkpoint) -> None:
        """Store a page of deletions: the log and its head first, so that pages under way see them."""
        if not prepared.deleted:
            self.commit(new, [], (), None)
            return
        self._log(prepared)
        gone = find_gone(prepared.deleted, self.parts.index, self.parts.records, self.view.tenant)
        lists = self.open(owners_of(gone), head=0)
        self.parts.records.write(self.view.tenant, gone=gone, at=to_text(self.parts.clock.now()))
        self.commit(new, lists, (), None)

    def _log(self, prepared: Prepared) -> None:
        for _ in range(_COMMIT_ATTEMPTS):
            try:
                self.parts.log.append(self.view.tenant, prepared.deleted, self.parts.checkpoints.fence(self.claimed))
            except TransactionCancelled as cancelled:
                if 0 in cancelled.failed:
                    raise LeaseLost from cancelled
            else:
                return
        raise StoreUnavailable("the deletion log is under heavy use; the page is read again")

    def open(self, owners: dict[str, list[str]], head: int) -> list[KeyList]:
        """Write the key lists of what will be stored next."""
        lease, now = self.claimed.lease, self.parts.clock.now()
        name = f"{self.stream.name}.{lease.fence}.{self.checkpoint.version}"
        self.families.update(owners)
        return [
            self.parts.affected.open(
                self.view.tenant,
                family,
                keys,
                stream=self.stream.name,
                fence=lease.fence,
                head=head,
                now=now,
                name=name,
            )
            for family, keys in sorted(owners.items())
        ]

    def commit(self, new: Checkpoint, lists: Sequence[KeyList], rows: Sequence[StoredRow], head: int | None) -> None:
        """Move the cursor and make the lists ready in one transaction; a deletion in between is applied to the page."""
        for _ in range(_COMMIT_ATTEMPTS):
            update, after = self.parts.checkpoints.commit(self.claimed, new, self.parts.clock.now())
            actions: list[Action] = [update, *(self.parts.affected.to_ready(each) for each in lists)]
            if head is not None:
                actions.append(self.parts.log.unchanged(self.view.tenant, head))
            try:
                self.parts.stores.database.transact(actions)
            except TransactionCancelled as cancelled:
                if head is not None and (not cancelled.failed or len(actions) - 1 in cancelled.failed):
                    head = self._bury(rows, head)
                if any(index <= len(lists) for index in cancelled.failed):
                    self._leave(rows, head, lists)
                    raise LeaseLost from cancelled
            else:
                self.claimed = after
                return
        raise StoreUnavailable(f"the checkpoint of {self.stream.name} is under heavy use; the page is read again")

    def _leave(self, rows: Sequence[StoredRow], head: int | None, lists: Sequence[KeyList]) -> None:
        """Clear up after a lost lease: what was written is looked at like any other change."""
        if head is not None:
            self._bury(rows, head)
        if rows and self.stream.owner_moves:
            self._settle_owners({each.row_id for each in rows})
        for listed in lists:
            self.parts.affected.make_ready(listed)

    def _settle_owners(self, row_ids: set[str]) -> None:
        """Leave rows that lie under several owners only where their newest version is."""
        tenant = self.view.tenant
        places: dict[str, list[StoredRow]] = {}
        for family, kind in self.stream.targets:
            found = self.parts.index.find(tenant, kind, row_ids)
            for owner in self.parts.records.owners(
                tenant, family, {each for owners in found.values() for each in owners}
            ):
                for row_id in row_ids & owner.rows.get(kind, {}).keys():
                    places.setdefault(row_id, []).append(owner.rows[kind][row_id])
        newest = {row_id: max(each.version for each in rows) for row_id, rows in places.items()}
        gone = [
            Gone(row.family, row.owner, row.kind, row.row_id, newest[row.row_id])
            for rows in places.values()
            for row in rows
            if row.version < newest[row.row_id]
        ]
        if gone:
            self.parts.records.write(self.view.tenant, gone=gone, at=to_text(self.parts.clock.now()))

    def _bury(self, rows: Sequence[StoredRow], head: int) -> int:
        """Write tombstones for rows of the page that were deleted after it was fetched; return the head seen."""
        entries = list(self.parts.log.since(self.view.tenant, head))
        gone = gone_in_page(rows, self.stream, entries)
        if gone:
            self.parts.records.write(self.view.tenant, gone=gone, at=to_text(self.parts.clock.now()))
        return max([head, *(entry.number for entry in entries)])

    def repair(self) -> None:
        """Apply to what dead workers left behind the deletions since they read it, and pass it on to projection."""
        deletes = self.stream.mode is Mode.DELETED
        families = FAMILIES if deletes else tuple(family for family, _ in self.stream.targets)
        for listed in self.parts.affected.left_open(self.view.tenant, families, self.stream.name):
            if not deletes:
                entries = self.parts.log.since(self.view.tenant, listed.head)
                deleted = [each for entry in entries for each in entry.deletions]
                gone = find_gone(
                    deleted,
                    self.parts.index,
                    self.parts.records,
                    self.view.tenant,
                    only=lambda each: each.name == self.stream.name,
                )
                self.parts.records.write(self.view.tenant, gone=gone, at=to_text(self.parts.clock.now()))
            self.parts.affected.make_ready(listed)
            self.families.add(listed.family)
