"""One table of the store: rows by key and by row version, with indexes; a write goes through its company."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from exact_sandbox.world.order import key_order
from exact_sandbox.world.parts import Refusal, User
from exact_sandbox.world.tables import TableSpec

if TYPE_CHECKING:
    from exact_sandbox.world.store import Division

Key = str | int
Row = dict[str, Any]

DELETED_KEPT = timedelta(days=61)
"""How long sync/Deleted remembers a deletion."""


@dataclass(slots=True)
class Op:
    """One committed or pending change of one row. `add` holds amounts added to numeric fields at commit."""

    table: str
    kind: str
    key: Key
    row: Row
    version: int
    add: dict[str, float] | None = None
    visible_at: datetime | None = None


class Table:
    """The rows of one entity in one division, ordered by key and by row version."""

    def __init__(self, spec: TableSpec, division: Division) -> None:
        self.spec = spec
        self.name = spec.name
        self._division = division
        self._rows: dict[Key, Row] = {}
        self._versions: list[int] = []
        self._by_version: list[Key] = []
        self._keys: list[Key] | None = None
        self._indexes: dict[str, dict[Any, list[Key]]] = {}

    def __len__(self) -> int:
        self._division.settle()
        return len(self._rows)

    def __contains__(self, key: Key) -> bool:
        self._division.settle()
        return key in self._rows

    def get(self, key: Key | None) -> Row | None:
        """Return the row under this key, or None."""
        self._division.settle()
        return None if key is None else self._rows.get(key)

    def rows(self) -> Iterable[Row]:
        """Return every row in no promised order."""
        self._division.settle()
        return self._rows.values()

    def scan_by_key(self, after: Key | None = None) -> Iterator[Row]:
        """Walk the rows in the order of their keys, beyond `after`."""
        self._division.settle()
        keys = self._sorted_keys()
        start = 0 if after is None else bisect_right(keys, key_order(after), key=key_order)
        for position in range(start, len(keys)):
            row = self._rows.get(keys[position])
            if row is not None and self._kept(row):
                yield row

    def scan_by_timestamp(self, after: int = 0) -> Iterator[Row]:
        """Walk the rows in the order of their row versions, beyond `after`."""
        self._division.settle()
        for position in range(bisect_right(self._versions, after), len(self._versions)):
            row = self._rows.get(self._by_version[position])
            if row is not None and row["Timestamp"] == self._versions[position] and self._kept(row):
                yield row

    def lookup(self, field_name: str, value: object) -> list[Row] | None:
        """Return the rows with this value through the key or an index; None when the field has no index."""
        self._division.settle()
        if field_name == self.spec.key:
            row = self._rows.get(value) if isinstance(value, (str, int)) else None
            return [] if row is None else [row]
        if field_name not in self.spec.indexed:
            return None
        return [self._rows[key] for key in self._index(field_name).get(value, ())]

    def first(self, field_name: str, value: object) -> Row | None:
        """Return one row with this value in an indexed field, or None."""
        found = self.lookup(field_name, value)
        return found[0] if found else None

    def load(self, rows: Iterable[Row]) -> None:
        """Store generated rows at once: row versions are given, nothing is journalled or announced."""
        key_field, version = self.spec.key, self._division.version
        for row in rows:
            row["Timestamp"] = first = version + 1
            version += self.spec.versions
            key = row.setdefault(key_field, first)
            self._rows[key] = row
            self._versions.append(first)
            self._by_version.append(key)
        self._division.version = version
        self._keys = None
        self._indexes.clear()

    def insert(self, row: Row, *, stamp: User | None = None) -> Row:
        """Add a row (its key must be new) and return it as stored."""
        row = {name: value for name, value in row.items() if value is not None}
        key = row[self.spec.key]
        if key in self._rows:
            raise Refusal(500, "Gegeven bestaat reeds.")
        if self.spec.audit:
            row = {**row, **self._division.stamps(stamp, created=True)}
        return self._division.commit(self.name, "insert", key, row)

    def update(self, key: Key, changes: Row, *, stamp: User | None = None) -> Row:
        """Change fields (None empties one), give the row a new version and return the row as it will be."""
        if self.spec.audit:
            changes = {**changes, **self._division.stamps(stamp, created=False)}
        return self._division.commit(self.name, "update", key, changes)

    def add(self, key: Key, amounts: dict[str, float]) -> None:
        """Add amounts to numeric fields and give the row a new version."""
        self._division.commit(self.name, "update", key, {}, add=amounts)

    def touch(self, key: Key) -> None:
        """Give the row a new version and nothing else."""
        self._division.commit(self.name, "update", key, {})

    def delete(self, key: Key) -> None:
        """Remove the row and record it in sync/Deleted when the entity has a number there."""
        self._division.commit(self.name, "delete", key, {})

    def refresh(self, key: Key, changes: Row, add: dict[str, float] | None = None) -> None:
        """Change derived fields without a new version, as Exact's joined descriptions do."""
        self._division.commit(self.name, "refresh", key, changes, add=add)

    def restamp(self, key: Key) -> None:
        """Move the row to the end of the sync order: a row that moves while somebody pages."""
        self.touch(key)

    def renumber(self, version: int) -> int:
        """Give every row a version beyond this one, in their present order; return the last version given."""
        rows = [self._rows[key] for key in self._rows]
        rows.sort(key=lambda row: row["Timestamp"])
        self._versions, self._by_version = [], []
        for row in rows:
            first = version + 1
            version += self.spec.versions
            key = row[self.spec.key]
            self._rows[key] = {**row, "Timestamp": first}
            self._versions.append(first)
            self._by_version.append(key)
        return version

    def apply(self, op: Op) -> None:
        """Carry out one committed change; only the division calls this."""
        old = self._rows.get(op.key)
        if op.kind == "delete":
            self._remove(op.key, old)
            return
        if op.kind == "insert":
            new = dict(op.row)
        elif old is None:
            return
        else:
            new = {name: value for name, value in {**old, **op.row}.items() if value is not None}
            for name, amount in (op.add or {}).items():
                new[name] = round(new.get(name, 0.0) + amount, 6)
        if op.kind == "refresh":
            self._rows[op.key] = new
            self._reindex(op.key, old, new)
            return
        new["Timestamp"] = op.version
        self._place(op.key, new)

    def _place(self, key: Key, row: Row) -> None:
        old = self._rows.get(key)
        self._rows[key] = row
        version = row["Timestamp"]
        if not self._versions or version > self._versions[-1]:
            self._versions.append(version)
            self._by_version.append(key)
        else:
            position = bisect_left(self._versions, version)
            self._versions.insert(position, version)
            self._by_version.insert(position, key)
        if old is None and self._keys is not None:
            insort(self._keys, key, key=key_order)
        self._reindex(key, old, row)
        if len(self._versions) > 2 * len(self._rows) + 1000:
            self._compact()

    def _remove(self, key: Key, old: Row | None) -> None:
        if old is None:
            return
        del self._rows[key]
        if self._keys is not None:
            position = bisect_left(self._keys, key_order(key), key=key_order)
            del self._keys[position]
        self._reindex(key, old, None)

    def _reindex(self, key: Key, old: Row | None, new: Row | None) -> None:
        for name, index in self._indexes.items():
            before = None if old is None else old.get(name)
            after = None if new is None else new.get(name)
            if before == after:
                continue
            if before is not None:
                index[before].remove(key)
            if after is not None:
                index.setdefault(after, []).append(key)

    def _index(self, name: str) -> dict[Any, list[Key]]:
        index = self._indexes.get(name)
        if index is None:
            index = {}
            for key, row in self._rows.items():
                value = row.get(name)
                if value is not None:
                    index.setdefault(value, []).append(key)
            self._indexes[name] = index
        return index

    def _sorted_keys(self) -> list[Key]:
        if self._keys is None:
            self._keys = sorted(self._rows, key=key_order)
        return self._keys

    def _compact(self) -> None:
        live = [
            (version, key)
            for version, key in zip(self._versions, self._by_version, strict=True)
            if key in self._rows and self._rows[key]["Timestamp"] == version
        ]
        self._versions = [version for version, _ in live]
        self._by_version = [key for _, key in live]

    def _kept(self, row: Row) -> bool:
        return self.name != "Deleted" or row["DeletedDate"] > self._division.world.clock.local() - DELETED_KEPT
