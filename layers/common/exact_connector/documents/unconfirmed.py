"""What we wrote to Exact and have not read back yet: it is served at once, marked, until a synchronisation confirms it.

    write to Exact ──▶ kept here ──▶ served in place of the synchronised document, with ``unconfirmed: true``
                          └─ the synchronised document shows it, or was read since: no longer kept

Only customers, suppliers and their codes are written so. The change feed and exports have what was synchronised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from exact_connector.clock import Clock, from_text, to_text
from exact_connector.documents.bodies import to_body
from exact_connector.storage.leases import whole
from exact_connector.storage.packing import unpack
from exact_connector.storage.table import Absent, ConditionFailed, Equals, Key, Row, Table, compare_and_set, query_all

KINDS = frozenset({"customer", "supplier", "_customer_code", "_supplier_code"})
"""The kinds of documents of which something may be unconfirmed."""

NESTED: Mapping[str, str] = {"addresses": "address_id", "contact_persons": "contact_person_id"}
"""Lists of documents of which single ones are changed or added, and the id of each in them."""

MARK = "unconfirmed"
KEPT_FOR = timedelta(days=1)
"""How long what was written is served at most; a synchronisation confirms it within the hour."""


@dataclass(frozen=True, slots=True)
class Written:
    """What we wrote of one document.

    ``created``: the whole document of a record that we created, None where the record was there. ``changed``: the
    fields that were edited since; of a list of documents (``NESTED``) by the id of each. ``written_at``: the latest
    write.
    """

    kind: str
    key: str
    written_at: datetime
    created: Mapping[str, Any] | None = None
    changed: Mapping[str, Any] = field(default_factory=dict)

    def after(self, earlier: Written | None) -> Written:
        """Return what is kept when this follows an earlier write of the same document."""
        if earlier is None:
            return self
        created = self.created if self.created is not None else earlier.created
        changed = {**earlier.changed, **self.changed}
        for name in changed.keys() & NESTED.keys():
            changed[name] = {**earlier.changed.get(name, {}), **self.changed.get(name, {})}
        return replace(self, created=created, changed=changed)

    def confirmed_by(self, document: Mapping[str, Any] | None) -> bool:
        """Return whether a synchronised document shows what was written."""
        if document is None:
            return False
        return _with_changes(document, self.changed) == document

    def over(self, document: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return a document as it is served with what was written; None where there is none."""
        ground = document if document is not None else self.created
        if ground is None:
            return None
        # A document that is only an index entry is never shown, so it needs no mark.
        mark = {} if self.kind.startswith("_") else {MARK: True}
        return {**_with_changes(ground, self.changed), **mark}


class UnconfirmedDocuments:
    """Keeps what was written, in the orders table.

    ``read_since``: tenant -> the moment since which everything in Exact has been read and projected, None where that is
    not known.
    """

    def __init__(self, table: Table, clock: Clock, read_since: Callable[[str], datetime | None]) -> None:
        self._table = table
        self._clock = clock
        self._read_since = read_since

    def keep(self, tenant: str, writes: Iterable[Written]) -> None:
        """Serve what was written from now on."""
        for written in writes:
            self._keep(Key(partition(tenant, written.kind), written.key), written)

    def _keep(self, key: Key, written: Written) -> None:
        def change(row: Row | None) -> None:
            kept = written.after(None if row is None else _read(written.kind, row))
            version = 0 if row is None else whole(row["version"])
            condition = Absent() if row is None else Equals("version", version)
            self._table.put({"pk": key.pk, "sk": key.sk, "version": version + 1, **_attributes(kept)}, condition)

        compare_and_set(lambda: self._table.get(key), change, what=f"what was written of {written.key}")

    def of(self, tenant: str, kind: str, key: str) -> Written | None:
        """Return what was written of a document."""
        row = self._table.get(Key(partition(tenant, kind), key))
        return None if row is None else _read(kind, row)

    def of_kind(self, tenant: str, kind: str) -> list[Written]:
        """Return what was written of all documents of a kind, by key."""
        return [_read(kind, row) for row in query_all(self._table, partition(tenant, kind))]

    def served(self, tenant: str, written: Written, document: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return a document with what was written, None where that is confirmed or out of date by now."""
        if self._is_over(tenant, written, document):
            # A newer write of the same document stays.
            with suppress(ConditionFailed):
                unchanged = Equals("at", to_text(written.written_at))
                self._table.delete(Key(partition(tenant, written.kind), written.key), unchanged)
            return None
        return written.over(document)

    def _is_over(self, tenant: str, written: Written, document: Mapping[str, Any] | None) -> bool:
        if written.confirmed_by(document) or self._clock.now() - written.written_at > KEPT_FOR:
            return True
        since = self._read_since(tenant)
        return since is not None and since > written.written_at


def _with_changes(document: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    found = {**document, **{name: value for name, value in changed.items() if name not in NESTED}}
    for name, key in NESTED.items():
        if name in changed and name in document:
            found |= _with_nested(document, name, key, changed[name])
    return found


def _with_nested(document: Mapping[str, Any], name: str, key: str, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a list with what was changed and, where the document holds all of it, what is new in it."""
    there = [{**each, **changed.get(str(each[key]), {})} for each in document[name]]
    if document.get(f"{name}_url") is not None:
        return {name: there}
    known = {str(each[key]) for each in document[name]}
    new = [entry for entry_id, entry in changed.items() if entry_id not in known and key in entry]
    counted = {f"{name}_count": len(there) + len(new)} if new and f"{name}_count" in document else {}
    return {name: [*there, *new], **counted}


def hash_of(document: Mapping[str, Any]) -> str:
    """Return the hash of a document that is served with what was written."""
    return to_body(dict(document)).hash


def partition(tenant: str, kind: str) -> str:
    """Return the partition of what was written of a kind's documents."""
    return f"unconfirmed#{tenant}#{kind}"


def partitions(tenant: str) -> Sequence[str]:
    """Return every partition of what was written of a tenant's documents."""
    return [partition(tenant, kind) for kind in sorted(KINDS)]


def _attributes(written: Written) -> Row:
    body = to_body({"created": written.created, "changed": written.changed})
    return {"at": to_text(written.written_at), "body": b"".join(body.pieces)}


def _read(kind: str, row: Row) -> Written:
    body = unpack(row["body"])
    return Written(kind, str(row["sk"]), from_text(str(row["at"])), body["created"], body["changed"])
