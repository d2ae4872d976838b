"""Canonical documents as they are read: one, many by key, or a kind page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exact_connector.clock import from_text
from exact_connector.documents.bodies import partition, read_bodies
from exact_connector.documents.unconfirmed import KINDS, UnconfirmedDocuments, Written, hash_of
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
    """Reads the documents of the deployment. ``unconfirmed``: what was written to Exact and is served at once."""

    def __init__(self, table: Table, unconfirmed: UnconfirmedDocuments | None = None) -> None:
        self._table = table
        self._unconfirmed = unconfirmed

    def get(self, tenant: str, kind: str, key: str) -> StoredDocument | None:
        """Return a document or None."""
        row = self._table.get(Key(partition(tenant, kind), key))
        document = next(iter(self._read(tenant, kind, [] if row is None else [row])), None)
        if self._unconfirmed is None or kind not in KINDS:
            return document
        written = self._unconfirmed.of(tenant, kind, key)
        return document if written is None else self._with(tenant, written, document)

    def batch(self, tenant: str, kind: str, keys: Iterable[str]) -> dict[str, StoredDocument]:
        """Return those of the named documents that exist, by key."""
        named = list(dict.fromkeys(keys))
        rows = self._table.batch_get([Key(partition(tenant, kind), key) for key in named])
        found = {document.key: document for document in self._read(tenant, kind, rows)}
        for written in self._written(tenant, kind):
            document = self._with(tenant, written, found.get(written.key)) if written.key in named else None
            if document is not None:
                found[written.key] = document
        return found

    def list(
        self, tenant: str, kind: str, *, cursor: str | None = None, limit: int = 100, prefix: str | None = None
    ) -> DocumentPage:
        """Return up to ``limit`` documents after ``cursor``, whose keys begin with ``prefix`` when one is named."""
        pk = partition(tenant, kind)
        after = None if cursor is None else Key(pk, cursor)
        page = read_page(self._table, pk, limit, prefix=prefix, after=after)
        documents = tuple(self._read(tenant, kind, page.rows))
        found = DocumentPage(documents, None if page.next is None else page.next.sk)
        writes = [each for each in self._written(tenant, kind) if each.key.startswith(prefix or "")]
        return self._merged(tenant, found, writes, cursor or "", limit) if writes else found

    def _written(self, tenant: str, kind: str) -> Sequence[Written]:
        if self._unconfirmed is None or kind not in KINDS:
            return ()
        return self._unconfirmed.of_kind(tenant, kind)

    def _merged(
        self, tenant: str, page: DocumentPage, writes: Sequence[Written], after: str, limit: int
    ) -> DocumentPage:
        """Lay what was written over a page, or between its documents; what does not fit begins the next page."""
        found = {document.key: document for document in page.documents}
        for written in writes:
            if after < written.key and (page.cursor is None or written.key <= page.cursor):
                document = self._with(tenant, written, found.get(written.key))
                if document is not None:
                    found[written.key] = document
        documents = [found[key] for key in sorted(found)]
        if len(documents) <= limit:
            return DocumentPage(tuple(documents), page.cursor)
        return DocumentPage(tuple(documents[:limit]), documents[limit - 1].key)

    def _with(self, tenant: str, written: Written, document: StoredDocument | None) -> StoredDocument | None:
        """Return a document with what was written, the document alone where that is over."""
        assert self._unconfirmed is not None
        body = self._unconfirmed.served(tenant, written, None if document is None else document.body)
        if body is None:
            return document
        seq = 0 if document is None else document.seq
        return StoredDocument(written.kind, written.key, body, hash_of(body), seq, written.written_at)

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
