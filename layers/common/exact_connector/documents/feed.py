"""The change feed of a tenant: an unbroken sequence of changed documents that platforms follow.

Every entry is written in one transaction with the document it speaks of and with the head, and there is one writer per
tenant at a time; so whoever reads up to the head, strongly consistent, never skips an entry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from exact_connector.clock import from_text, to_text
from exact_connector.storage.leases import whole
from exact_connector.storage.packing import pack, unpack
from exact_connector.storage.table import Key, Put, Table, paginate, query_rows
from exact_connector.storage.table import Row as Stored

Op = Literal["upsert", "partial", "delete", "reset"]
_OPS: Mapping[str, Op] = {"upsert": "upsert", "partial": "partial", "delete": "delete", "reset": "reset"}
_WIDTH = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. ``reset`` (kind = the family) says: read all documents of ``kinds`` again; earlier entries of these
    kinds count no more. ``fields`` are the changed fields of a partial change."""

    seq: int
    op: Op
    kind: str
    key: str
    at: datetime
    hash: str = ""
    fields: Mapping[str, Any] | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Entries after ``since``. ``next_since`` is where to read on; ``head`` the newest number there is. ``reset`` says
    that ``since`` is no position in this feed (any more): read everything again, then follow from ``next_since``."""

    entries: tuple[Entry, ...]
    next_since: int
    head: int
    reset: bool = False


def head_key(tenant: str) -> Key:
    """Return the key of the feed's head, which also carries the projection lease."""
    return Key(f"head#{tenant}", "head")


def to_put(table: str, tenant: str, entry: Entry) -> Put:
    """Return the action that writes an entry."""
    row: Stored = {
        "pk": f"feed#{tenant}",
        "sk": f"{entry.seq:0{_WIDTH}d}",
        "op": entry.op,
        "kind": entry.kind,
        "key": entry.key,
        "at": to_text(entry.at),
    }
    if entry.hash:
        row["hash"] = entry.hash
    if entry.fields is not None:
        row["fields"] = pack(dict(entry.fields))
    if entry.kinds:
        row["kinds"] = list(entry.kinds)
    return Put(table, row)


class ChangeFeed:
    """Reads the feed."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def head(self, tenant: str) -> int:
        """Return the number of the newest entry, 0 when there is none."""
        row = self._table.get(head_key(tenant))
        return 0 if row is None else whole(row.get("seq"))

    def read(self, tenant: str, *, since: int = 0, kinds: Collection[str] | None = None, limit: int = 100) -> FeedPage:
        """Return up to ``limit`` entries after ``since``, of these kinds when named; resets concern every kind they
        list."""
        head = self.head(tenant)
        if since > head or since < 0:
            return FeedPage((), head, head, reset=True)
        if since == head:
            return FeedPage((), head, head)
        entries: list[Entry] = []
        position = since
        low, high = _name(since + 1), _name(head)
        for row in query_rows(self._table, f"feed#{tenant}", low=low, high=high, size=max(limit, 100)):
            entry = _from_row(row)
            if entry.seq != position + 1:
                return FeedPage((), head, head, reset=True)
            position = entry.seq
            if kinds is None or concerns(entry, kinds):
                entries.append(entry)
            if len(entries) == limit or position == head:
                return FeedPage(tuple(entries), position, head)
        # The feed ends before its head: entries are missing.
        return FeedPage((), head, head, reset=True)

    def prune(self, tenant: str, before: datetime, *, most: int = 10_000) -> int:
        """Remove entries from before a moment, oldest first, and return how many. Readers that are further behind find
        a gap and have to read everything again."""
        limit, count = to_text(before), 0
        for page in paginate(self._table, f"feed#{tenant}", size=1_000):
            old = [Key(str(row["pk"]), str(row["sk"])) for row in page.rows if str(row["at"]) < limit]
            self._table.batch_write(deletes=old)
            count += len(old)
            if len(old) < len(page.rows) or count >= most:
                break
        return count


def concerns(entry: Entry, kinds: Collection[str]) -> bool:
    """Tell whether an entry says something about one of the kinds."""
    return entry.kind in kinds or not set(entry.kinds).isdisjoint(kinds)


def _name(seq: int) -> str:
    return f"{seq:0{_WIDTH}d}"


def _from_row(row: Stored) -> Entry:
    kinds = row.get("kinds")
    return Entry(
        int(str(row["sk"])),
        _OPS[str(row["op"])],
        str(row["kind"]),
        str(row["key"]),
        from_text(str(row["at"])),
        str(row.get("hash", "")),
        unpack(row["fields"]) if "fields" in row else None,
        tuple(str(kind) for kind in kinds) if isinstance(kinds, list) else (),
    )
