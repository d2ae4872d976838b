"""Canonical documents as they are read: one, many by key, or a kind page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exact_connector.clock import from_text
from exact_connector.documents.bodies import partition, read_bodies
from exact_connector.storage.leases import whole
from exact_connector.storage.table import Key, Table, read_page
from exact_connector.storage.table import Row as Stored


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One document. ``hash`` changes with its content (an ETag); ``seq`` is its newest feed entry, 0 when it came with
    a full load."""

    kind: str
    key: str
    body: dict[str, Any]
    hash: str
    seq: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Documents in the order of their keys; ``cursor`` continues after them, None at the end."""

    documents: tuple[StoredDocument, ...]
    cursor: str | None


class CatalogStore:
    """Reads the documents of the deployment."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, kind: str, key: str) -> StoredDocument | None:
        """Return a document or None."""
        row = self._table.get(Key(partition(tenant, kind), key))
        return next(iter(self._read(tenant, kind, [] if row is None else [row])), None)

    def batch(self, tenant: str, kind: str, keys: Iterable[str]) -> dict[str, StoredDocument]:
        """Return those of the named documents that exist, by key."""
        rows = self._table.batch_get([Key(partition(tenant, kind), key) for key in dict.fromkeys(keys)])
        return {each.key: each for each in self._read(tenant, kind, rows)}

    def list(
        self, tenant: str, kind: str, *, cursor: str | None = None, limit: int = 100, prefix: str | None = None
    ) -> DocumentPage:
        """Return up to ``limit`` documents after ``cursor``, whose keys begin with ``prefix`` when one is named."""
        pk = partition(tenant, kind)
        after = None if cursor is None else Key(pk, cursor)
        page = read_page(self._table, pk, limit, prefix=prefix, after=after)
        return DocumentPage(tuple(self._read(tenant, kind, page.rows)), None if page.next is None else page.next.sk)

    def _read(self, tenant: str, kind: str, rows: Iterable[Stored]) -> Sequence[StoredDocument]:
        return [_document(kind, row, body) for row, body in read_bodies(self._table, tenant, kind, rows)]


def _document(kind: str, row: Stored, body: dict[str, Any]) -> StoredDocument:
    return StoredDocument(
        kind,
        str(row["sk"]),
        body,
        str(row["hash"]),
        whole(row.get("seq")),
        from_text(str(row["updated_at"])),
    )
