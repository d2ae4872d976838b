"""From a page as Exact gave it to the rows that are stored: owners, versions, what was seen, what cannot be read.

Pure. A row that cannot be placed (no id, no row version, not even an object) is reported with its key and the reason
and left out; the rest of the page goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC

from exact_connector import fields
from exact_connector.fields import Row
from exact_connector.storage.packing import slim
from exact_connector.sync.extraction.overlap import Overlap, content_digest, version_digest
from exact_connector.sync.results import Poison
from exact_connector.sync.stores.records import StoredRow
from exact_connector.sync.streams.catalogue import Mode, Stream


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready to be stored. ``size`` counts the rows as they came, ``known`` those seen in an earlier run;
    ``ownerless`` are rows that shape no document (any more), under the owner ""."""

    rows: tuple[StoredRow, ...] = ()
    poison: tuple[Poison, ...] = ()
    overlap: Overlap = field(default_factory=lambda: Overlap(0))
    newest: int = 0
    size: int = 0
    known: int = 0
    deleted: tuple[tuple[int, str], ...] = ()
    ownerless: tuple[StoredRow, ...] = ()

    def owners(self) -> dict[str, list[str]]:
        """Return the owners that the rows shape, by family."""
        found: dict[str, set[str]] = {}
        for each in self.rows:
            found.setdefault(each.family, set()).add(each.owner)
        return {family: sorted(owners) for family, owners in found.items()}

    def index(self) -> dict[str, dict[str, str]]:
        """Return row id -> owner by kind, of rows that are not their own owner or bear a second id."""
        found: dict[str, dict[str, str]] = {}
        for each in self.rows:
            second = fields.guid(each.row, "ID")
            for row_id in {each.row_id, second} - {each.owner, None}:
                found.setdefault(each.kind, {})[str(row_id)] = each.owner
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    row_id: str
    mark: int
    digest: bytes


def prepare(
    stream: Stream,
    rows: Sequence[object],
    *,
    overlap: Overlap,
    generation: int,
    order: int,
    only_known: bool = True,
    concerns: Callable[[Row, int], bool] = lambda _row, _mark: True,
) -> Prepared:
    """Return what to store of a page.

    ``order`` numbers the pages in the order of reading, for streams without row versions. ``only_known``: skip rows
    that the overlap remembers. ``concerns``: (row, mark) -> whether the run asked for it; others count as known.
    """
    stored: list[StoredRow] = []
    ownerless: list[StoredRow] = []
    poison: list[Poison] = []
    deleted: list[tuple[int, str]] = []
    seen: list[tuple[int, bytes]] = []
    newest = known = 0
    for raw in rows:
        place = _place(stream, raw)
        if isinstance(place, Poison):
            poison.append(place)
            continue
        assert isinstance(raw, Mapping)
        if not concerns(raw, place.mark):
            known += 1
            continue
        newest = max(newest, place.mark)
        if only_known and overlap.knows(place.mark, place.digest):
            known += 1
            continue
        seen.append((place.mark, place.digest))
        if stream.mode is Mode.DELETED:
            deleted.append((int(raw["EntityType"]), str(raw["EntityKey"]).lower()))
            continue
        family, kind, owner = _target(stream, raw)
        number = place.mark if stream.mode is Mode.SYNC else order
        row = StoredRow(family, owner, kind, place.row_id, (generation, number), slim(raw))
        (stored if owner else ownerless).append(row)
    extended = overlap.extended(seen) if stream.incremental else overlap
    return Prepared(tuple(stored), tuple(poison), extended, newest, len(rows), known, tuple(deleted), tuple(ownerless))


def modified_mark(row: Row) -> int | None:
    """Return a row's date of change as milliseconds of Dutch wall time, None when it has none."""
    wall = fields.wall_time(row.get("Modified") or row.get("sysmodified"))
    return None if wall is None else int(wall.replace(tzinfo=UTC).timestamp() * 1000)


def _place(stream: Stream, raw: object) -> _Place | Poison:
    if not isinstance(raw, Mapping):
        return Poison("", "ROW_NOT_AN_OBJECT", f"{stream.path}: a row is a {type(raw).__name__}, not an object")
    row_id = _row_id(stream, raw)
    if row_id is None:
        return Poison("", "ROW_WITHOUT_KEY", f"{stream.path}: a row has no {stream.row_id}")
    match stream.mode:
        case Mode.SYNC | Mode.DELETED:
            mark = fields.integer(raw, "Timestamp")
            if mark is None or mark <= 0:
                return Poison(row_id, "ROW_WITHOUT_TIMESTAMP", f"{stream.path}: the row has no usable Timestamp")
            return _Place(row_id, mark, version_digest(row_id, mark))
        case Mode.MODIFIED:
            changed = modified_mark(raw)
            if changed is None:
                return Poison(row_id, "ROW_WITHOUT_MODIFIED", f"{stream.path}: the row has no usable Modified")
            return _Place(row_id, changed, content_digest(row_id, raw))
        case _:
            return _Place(row_id, 0, b"")


def _row_id(stream: Stream, raw: Row) -> str | None:
    if stream.mode is Mode.DELETED:
        kind, key = fields.integer(raw, "EntityType"), fields.guid(raw, "EntityKey")
        return None if kind is None or key is None else f"{kind}:{key}"
    found = fields.text(raw, stream.row_id)
    return None if found is None or found == "00000000-0000-0000-0000-000000000000" else found.lower()


def _target(stream: Stream, raw: Row) -> tuple[str, str, str]:
    """Return family, kind and owner of a row; the owner is "" where it has none and needs one."""
    if not stream.owner:
        return stream.family, stream.kind, stream.kind
    owner = fields.guid(raw, stream.owner)
    if owner is not None:
        return stream.family, stream.kind, owner
    if stream.orphan_kind is not None:
        return "reference", stream.orphan_kind, stream.orphan_kind
    return stream.family, stream.kind, ""
