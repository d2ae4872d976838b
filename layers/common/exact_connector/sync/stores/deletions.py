"""What Exact deleted: a log with a head, so that a row deleted after it was read is never stored for good.

    worker A: sees head 4 ── fetches a page with row X ──────────── stores X ── commits "head is 4" ✗
    worker D:                        logs "X deleted", head 5 ── X is not stored yet, nothing to remove
    worker A: reads log entry 5, finds X in its page, writes X's tombstone ── commits "head is 5" ✓

A worker that dies between storing and committing leaves its open key list behind, which holds the head it saw: the next
worker applies the entries since then to what was stored. A tombstone is for ever, so the order of all this is free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from exact_connector.storage.leases import whole
from exact_connector.storage.packing import pack, unpack
from exact_connector.storage.table import (
    Absent,
    Check,
    Condition,
    Database,
    Equals,
    Key,
    Missing,
    Put,
    Table,
    Update,
    any_of,
    query_rows,
)
from exact_connector.sync.stores.ids import OwnerIndex
from exact_connector.sync.stores.records import Gone, Records, StoredRow
from exact_connector.sync.streams.catalogue import BY_ENTITY_TYPE, Stream

Deletion = tuple[int, str]
"""EntityType and EntityKey (lower case) of a row of ``sync/Deleted``."""

_HEAD = "head"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """The deletions of one page of ``sync/Deleted``."""

    number: int
    deletions: tuple[Deletion, ...]


class DeletionLog:
    """The deletion log of each tenant."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def head(self, tenant: str) -> int:
        """Return the number of the newest entry, 0 when there is none."""
        row = self._table.get(_key(tenant, _HEAD))
        return 0 if row is None else whole(row.get("number"))

    def unchanged(self, tenant: str, head: int) -> Check:
        """Return the action that fails when an entry was added since ``head``."""
        return Check(self._table.name, _key(tenant, _HEAD), _head_is(head))

    def append(self, tenant: str, deletions: Sequence[Deletion], fence: Check) -> int:
        """Add an entry and move the head, if ``fence`` holds; raises TransactionCancelled."""
        number = self.head(tenant) + 1
        entry = {"pk": f"deletions#{tenant}", "sk": f"{number:012d}", "body": pack([list(each) for each in deletions])}
        head = Update(self._table.name, _key(tenant, _HEAD), set={"number": number}, condition=_head_is(number - 1))
        self._database.transact([fence, Put(self._table.name, entry, Absent()), head])  # type: ignore[arg-type]
        return number

    def since(self, tenant: str, head: int) -> Iterable[LogEntry]:
        """Return the entries after ``head``, oldest first."""
        for row in query_rows(self._table, f"deletions#{tenant}", low=f"{head + 1:012d}", high="999999999999"):
            pairs = tuple((int(kind), str(key)) for kind, key in unpack(row["body"]))
            yield LogEntry(int(str(row["sk"])), pairs)


def find_gone(
    deletions: Iterable[Deletion],
    index: OwnerIndex,
    records: Records,
    tenant: str,
    only: Callable[[Stream], bool] = lambda _: True,
) -> list[Gone]:
    """Return the stored rows that deletions speak of; those never stored under an owner are left out."""
    by_stream: dict[str, tuple[Stream, set[str]]] = {}
    for kind, key in deletions:
        stream = BY_ENTITY_TYPE.get(kind)
        if stream is not None and only(stream):
            by_stream.setdefault(stream.name, (stream, set()))[1].add(key)
    gone: list[Gone] = []
    for stream, keys in by_stream.values():
        gone.extend(_places(stream, keys, index, records, tenant))
    return gone


def gone_in_page(rows: Iterable[StoredRow], stream: Stream, entries: Iterable[LogEntry]) -> list[Gone]:
    """Return the rows of a page that the entries say were deleted. Pure."""
    deleted = {key for entry in entries for kind, key in entry.deletions if kind == stream.entity_type}
    places = {(each.family, each.owner, each.kind, each.row_id) for each in rows if each.row_id in deleted}
    return [Gone(*place) for place in sorted(places)]


def owners_of(gone: Iterable[Gone]) -> dict[str, list[str]]:
    """Return the owners by family."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in gone:
        found[each.family].add(each.owner)
    return {family: sorted(owners) for family, owners in found.items()}


def _places(stream: Stream, keys: set[str], index: OwnerIndex, records: Records, tenant: str) -> list[Gone]:
    if not stream.owner:
        return [Gone(stream.family, stream.kind, stream.kind, key) for key in sorted(keys)]
    gone = [Gone(stream.family, key, stream.kind, key) for key in sorted(keys)] if stream.row_is_owner else []
    if stream.row_is_owner and stream.row_id == "ID":
        return gone
    for family, kind in stream.targets:
        found = index.find(tenant, kind, keys)
        for key, owners in found.items():
            row_id = None if stream.row_is_owner else key
            gone.extend(Gone(family, owner, kind, row_id or owner) for owner in sorted(owners))
        if stream.family == "documents" and not stream.row_is_owner:
            gone.extend(_whole_documents(family, kind, keys - found.keys(), records, tenant))
    return gone


def _whole_documents(family: str, kind: str, keys: set[str], records: Records, tenant: str) -> list[Gone]:
    """Return every line of documents that were deleted under the document's own key instead of its lines'."""
    return [
        Gone(family, owner.owner, kind, row_id)
        for owner in records.owners(tenant, family, keys)
        for row_id in sorted(owner.rows.get(kind, {}))
    ]


def _key(tenant: str, name: str) -> Key:
    return Key(f"deletions#{tenant}", name)


def _head_is(head: int) -> Condition:
    return any_of(Missing("number"), Equals("number", 0)) if head == 0 else Equals("number", head)
