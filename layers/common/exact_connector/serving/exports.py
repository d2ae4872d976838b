"""Exports of a whole kind of documents: a job writes compressed NDJSON to S3, part by part; signed links lead to it.

    PENDING ──part written, row moved on (condition: version)──▶ PENDING ... ──last part──▶ READY
    worker dies: the row stays due; the next one writes the part anew from where the row stands

A part that lost the race for the row is never named in it, so readers never see half a part or one part twice.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from exact_connector.clock import Clock, from_text, to_text
from exact_connector.documents.feed import ChangeFeed
from exact_connector.documents.store import CatalogStore
from exact_connector.errors import NotFound
from exact_connector.serving.views import Views
from exact_connector.storage.ports import BlobStore
from exact_connector.storage.table import Absent, ConditionFailed, Equals, Key, Row, Table, Value, clear, query_all

if TYPE_CHECKING:
    from exact_connector.documents.models.exports import Export as ExportDocument
    from exact_connector.documents.models.exports import ExportKind, ExportLink

DUE_SHARD = "exports"
KINDS: Mapping[ExportKind, str] = {
    "items": "item",
    "item_groups": "item_group",
    "units": "unit",
    "vat_codes": "vat_code",
    "price_lists": "price_list",
    "price_list_prices": "price_list_rows",
    "agreements": "agreement",
    "stock": "stock",
    "customers": "customer",
    "suppliers": "supplier",
    "supplier_products": "supplier_product",
    "bills_of_material": "bill_of_material",
    "sales": "sale",
    "receipts": "receipt",
}
"""What may be exported -> the kind of its documents."""

PART_BYTES = 24_000_000
"""Text of one part before it is compressed."""

LINK_SECONDS = 3600
KEPT = timedelta(hours=24)
"""How long an export can be asked for; its files go some days later, by the rule of the bucket."""

_PAGE = 500
_ROOM = timedelta(seconds=15)

State = Literal["PENDING", "READY"]


@dataclass(frozen=True, slots=True)
class Part:
    """One object in S3: gzip of lines, each one document as JSON."""

    key: str
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Export:
    """One export. ``cursor`` is the last key that was written, ``since`` the head of the feed when it began."""

    tenant: str
    export_id: str
    kind: ExportKind
    full: bool
    requested_at: datetime
    since: int
    state: State = "PENDING"
    version: int = 1
    cursor: str | None = None
    parts: tuple[Part, ...] = ()

    @property
    def key(self) -> Key:
        """Its place in the table."""
        return Key(f"export#{self.tenant}", self.export_id)

    @property
    def prefix(self) -> str:
        """Where its parts lie."""
        return f"exports/{self.tenant}/{self.export_id}/"


class Exports:
    """Takes exports in, works on them, and tells how far they are."""

    def __init__(
        self,
        table: Table,
        documents: CatalogStore,
        feed: ChangeFeed,
        blobs: Callable[[], BlobStore],
        clock: Clock,
        *,
        new_id: Callable[[datetime], str],
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._table = table
        self._documents = documents
        self._views = Views(documents)
        self._feed = feed
        self._blobs = blobs
        self._clock = clock
        self._new_id = new_id
        self._part_bytes = part_bytes

    def request(self, tenant: str, kind: ExportKind, *, full: bool = False) -> Export:
        """Take an export in. Exports of a tenant that are older than a day are forgotten."""
        now = self._clock.now()
        self._forget_old(tenant, now)
        export = Export(tenant, self._new_id(now), kind, full, now, self._feed.head(tenant))
        self._table.put(_to_row(export, now), Absent())
        return export

    def get(self, tenant: str, export_id: str) -> Export:
        """Return an export; raises NotFound."""
        row = self._table.get(Key(f"export#{tenant}", export_id))
        if row is None:
            raise NotFound(f"There is no export {export_id[:60]!r}; exports are kept for a day, ask for a new one.")
        return _from_row(row)

    def to_response(self, export: Export) -> ExportDocument:
        """Return an export as a client sees it, with links to its parts once all are written."""
        ready = export.state == "READY"
        return {
            "export_id": export.export_id,
            "kind": export.kind,
            "view": "full" if export.full else "default",
            "state": export.state,
            "requested_at": to_text(export.requested_at),
            "rows": sum(part.rows for part in export.parts),
            "since": export.since,
            "links": [self._link(export, number, part) for number, part in enumerate(export.parts)] if ready else [],
            "links_end_at": to_text(self._clock.now() + timedelta(seconds=LINK_SECONDS)) if ready else None,
        }

    def due(self, until: datetime, *, limit: int = 200) -> list[str]:
        """Return the tenants that wait for an export. A hint."""
        rows = self._table.due(DUE_SHARD, to_text(until), limit=limit)
        return list(dict.fromkeys(str(row["tenant"]) for row in rows))

    def work(self, tenant: str, deadline: datetime) -> int:
        """Write a tenant's exports as far as the time goes; return how many were completed."""
        pending = [_from_row(row) for row in query_all(self._table, f"export#{tenant}") if row["state"] == "PENDING"]
        return sum(self._write(export, deadline) for export in pending)

    def forget(self, tenant: str) -> int:
        """Remove every export of a tenant; return how many."""
        self._blobs().delete_prefix(f"exports/{tenant}/")
        return clear(self._table, f"export#{tenant}")

    def _write(self, export: Export, deadline: datetime) -> bool:
        while export.state == "PENDING" and self._clock.now() < deadline - _ROOM:
            following = self._part(export)
            due = self._clock.now() if following.state == "PENDING" else None
            try:
                self._table.put(_to_row(following, due), Equals("version", export.version))
            except ConditionFailed:
                # Another worker was faster, or the export was removed; what was just written is named nowhere.
                return False
            export = following
        return export.state == "READY"

    def _part(self, export: Export) -> Export:
        lines: list[bytes] = []
        size, cursor = 0, export.cursor
        while True:
            page = self._documents.list(export.tenant, KINDS[export.kind], cursor=cursor, limit=_PAGE)
            for document in self._views.of(export.tenant, page.documents, full=export.full):
                lines.append(json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str).encode())
                size += len(lines[-1]) + 1
            cursor = page.cursor
            if cursor is None or size >= self._part_bytes:
                break
        state: State = "READY" if cursor is None else "PENDING"
        parts = (*export.parts, self._stored(export, lines)) if lines or not export.parts else export.parts
        return replace(export, state=state, version=export.version + 1, cursor=cursor, parts=parts)

    def _stored(self, export: Export, lines: Sequence[bytes]) -> Part:
        body = gzip.compress(b"".join(line + b"\n" for line in lines), 6, mtime=0)
        name = self._new_id(self._clock.now())
        key = f"{export.prefix}{len(export.parts):05d}-{name}.ndjson.gz"
        self._blobs().put(key, body, content_type="application/gzip")
        return Part(key, len(lines), len(body))

    def _link(self, export: Export, number: int, part: Part) -> ExportLink:
        name = f"{export.kind}-{number + 1}.ndjson.gz"
        url = self._blobs().signed_url(part.key, seconds=LINK_SECONDS, filename=name)
        return {"url": url, "rows": part.rows, "bytes": part.size}

    def _forget_old(self, tenant: str, now: datetime) -> None:
        for row in query_all(self._table, f"export#{tenant}"):
            old = _from_row(row)
            if old.requested_at < now - KEPT:
                self._table.delete(old.key)


def _to_row(export: Export, due: datetime | None) -> Row:
    row: dict[str, Value] = {
        "pk": export.key.pk,
        "sk": export.key.sk,
        "tenant": export.tenant,
        "kind": export.kind,
        "full": export.full,
        "requested_at": to_text(export.requested_at),
        "since": export.since,
        "state": export.state,
        "version": export.version,
        "parts": [[part.key, part.rows, part.size] for part in export.parts],
    }
    if export.cursor is not None:
        row["cursor"] = export.cursor
    if due is not None:
        row |= {"due_shard": DUE_SHARD, "due_at": to_text(due)}
    return row


def _from_row(row: Row) -> Export:
    values = cast("dict[str, Any]", row)
    return Export(
        tenant=values["tenant"],
        export_id=values["sk"],
        kind=values["kind"],
        full=values["full"],
        requested_at=from_text(values["requested_at"]),
        since=int(values["since"]),
        state=values["state"],
        version=int(values["version"]),
        cursor=values.get("cursor"),
        parts=tuple(Part(key, int(rows), int(size)) for key, rows, size in values["parts"]),
    )
