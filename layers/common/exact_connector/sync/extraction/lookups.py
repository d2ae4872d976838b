"""Streams that are read for single owners: who is asked for, the query, and what is stored of the answer. Pure.

``read/logistics/ItemExtraField`` gives the labels and values of one item's free fields, in one call for each item. It
is read only for items that have such a value and changed since they were last asked for, and once for any item, so
that the labels are known. Streams that ask for many owners in one call are in ``named``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exact_connector import fields
from exact_connector.exact.http.query import Query, guid_literal
from exact_connector.fields import Row
from exact_connector.storage.packing import slim
from exact_connector.sync.stores.records import Owner, StoredRow, Version
from exact_connector.sync.streams.catalogue import Stream

MAIN = "item"
SINCE_EVER = "datetime'1900-01-01T00:00:00'"
_FREE = "Free"


def seen_kind(stream: Stream) -> str:
    """Return the kind under which it is noted for which state of an owner the answer was read."""
    return f"{stream.kind}_seen"


def pending(owner: Owner, stream: Stream) -> Version | None:
    """Return the version of an owner's main row that has to be asked for, None when there is nothing to ask."""
    main = owner.rows.get(MAIN, {}).get(owner.owner)
    if main is None:
        return None
    seen = owner.rows.get(seen_kind(stream), {}).get(owner.owner)
    return None if seen is not None and seen.row.get("state") == _state(main.version) else main.version


def has_free_value(owner: Owner) -> bool:
    """Return whether an owner's main row has any free field with a value."""
    main = owner.rows.get(MAIN, {}).get(owner.owner)
    if main is None:
        return False
    return any(value not in (None, "", 0, False) for name, value in main.row.items() if name.startswith(_FREE))


def query(stream: Stream, owner: str) -> Query:
    """Return the one call for an owner."""
    return Query(stream.path, params={"itemId": guid_literal(owner), "modified": SINCE_EVER})


def answer(
    stream: Stream, owner: str, version: Version, rows: Iterable[Mapping[str, Any]], generation: int, order: int
) -> list[StoredRow]:
    """Return what is stored of an answer: its rows, and the note for which state of the owner it was read."""
    found = [
        StoredRow(stream.family, owner, stream.kind, number, (generation, order), slim(row))
        for row in rows
        if (number := fields.text(row, stream.row_id)) is not None
    ]
    note = {"state": _state(version)}
    return [*found, StoredRow(stream.family, owner, seen_kind(stream), owner, (generation, order), note)]


def new_labels(stream: Stream, rows: Iterable[StoredRow], known: Mapping[str, Row], generation: int) -> list[StoredRow]:
    """Return reference rows for labels that are not known yet, or differ; labels are the same for all items."""
    labels = {
        row.row_id: {"Number": row.row["Number"], "Description": row.row["Description"]}
        for row in rows
        if row.kind == stream.kind and row.row.get("Description") is not None
    }
    return [
        StoredRow("reference", stream.kind, stream.kind, number, (generation, order), label)
        for order, (number, label) in enumerate(sorted(labels.items()))
        if dict(known.get(number, {})) != label
    ]


def _state(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def owners_in(rows: Sequence[StoredRow]) -> dict[str, list[str]]:
    """Return the owners of rows by family."""
    found: dict[str, set[str]] = {}
    for each in rows:
        found.setdefault(each.family, set()).add(each.owner)
    return {family: sorted(owners) for family, owners in found.items()}
