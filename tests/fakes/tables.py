"""The key-value port in memory, with DynamoDB's conditional semantics: for tests, models and small tools."""

from __future__ import annotations

import copy
import threading
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence

from exact_connector.storage import limits
from exact_connector.storage.table import (
    Absent,
    Action,
    AllOf,
    AnyOf,
    AtLeast,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Key,
    Less,
    Missing,
    Page,
    Present,
    Put,
    Row,
    TransactionCancelled,
    Update,
    Value,
)


def holds(condition: Condition | None, row: Row | None) -> bool:
    """Tell whether a condition holds for a row (None: there is no such row)."""
    match condition:
        case None:
            return True
        case Absent():
            return row is None
        case Present():
            return row is not None
        case Missing(attribute):
            return row is None or attribute not in row
        case Equals(attribute, value):
            return row is not None and attribute in row and row[attribute] == value
        case Less(attribute, value):
            return row is not None and attribute in row and row[attribute] < value  # type: ignore[operator]
        case AtLeast(attribute, value):
            return row is not None and attribute in row and row[attribute] >= value  # type: ignore[operator]
        case AllOf(parts):
            return all(holds(part, row) for part in parts)
        case AnyOf(parts):
            return any(holds(part, row) for part in parts)


class MemoryTable:
    """One table in memory; all tables of a ``MemoryDatabase`` share one lock, so transactions are atomic."""

    def __init__(self, name: str, lock: threading.RLock) -> None:
        self._name = name
        self._lock = lock
        self._rows: dict[str, dict[str, Row]] = {}
        self._order: dict[str, list[str]] = {}

    @property
    def name(self) -> str:
        """The table's name."""
        return self._name

    def get(self, key: Key) -> Row | None:
        """Return a copy of the row or None."""
        with self._lock:
            return copy.deepcopy(self._rows.get(key.pk, {}).get(key.sk))

    def put(self, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row; raises ConditionFailed, StorageLimitExceeded."""
        limits.check_row(self._name, row)
        with self._lock:
            self._check(_key(row), condition)
            self._write(row)

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        """Change attributes and return the new row; raises ConditionFailed, StorageLimitExceeded."""
        action = Update(self._name, key, set or {}, add or {}, remove)
        limits.check_actions([action])
        with self._lock:
            self._check(key, condition)
            return self._apply(action)

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        """Remove a row; raises ConditionFailed, StorageLimitExceeded."""
        limits.check_key(self._name, key)
        with self._lock:
            self._check(key, condition)
            self._remove(key)

    def query(
        self,
        pk: str,
        *,
        prefix: str | None = None,
        low: str | None = None,
        high: str | None = None,
        limit: int | None = None,
        after: Key | None = None,
        reverse: bool = False,
    ) -> Page:
        """Return rows of one partition in the order of ``sk``."""
        with self._lock:
            keys = [sk for sk in self._order.get(pk, []) if _within(sk, prefix, low, high)]
            if reverse:
                keys.reverse()
            if after is not None:
                keys = [sk for sk in keys if (sk < after.sk if reverse else sk > after.sk)]
            taken = self._one_page(pk, keys if limit is None else keys[:limit])
            rows = [copy.deepcopy(self._rows[pk][sk]) for sk in taken]
            more = len(taken) < len(keys)
            return Page(rows, Key(pk, taken[-1]) if more and taken else None)

    def due(self, shard: str, until: str, *, limit: int = 100) -> list[Row]:
        """Return rows of the due index up to a moment, oldest first."""
        with self._lock:
            found = [
                row
                for rows in self._rows.values()
                for row in rows.values()
                if row.get("due_shard") == shard and str(row.get("due_at", "~")) <= until
            ]
            found.sort(key=lambda row: str(row["due_at"]))
            return copy.deepcopy(found[:limit])

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        """Return the rows that exist."""
        return [row for key in keys if (row := self.get(key)) is not None]

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Write and delete many rows without conditions; raises StorageLimitExceeded before anything is written."""
        puts, deletes = list(puts), list(deletes)
        limits.check_rows(self._name, puts)
        for key in deletes:
            limits.check_key(self._name, key)
        for row in puts:
            self.put(row)
        for key in deletes:
            self.delete(key)

    def all_rows(self) -> list[Row]:
        """Return a copy of every row, for comparing final states in tests."""
        with self._lock:
            return [copy.deepcopy(self._rows[pk][sk]) for pk in sorted(self._order) for sk in self._order[pk]]

    def _one_page(self, pk: str, keys: list[str]) -> list[str]:
        """Return as many of the keys as one answer of DynamoDB holds; at least one."""
        size, partition = 0, self._rows.get(pk, {})
        for place, sk in enumerate(keys):
            size += limits.row_bytes(partition[sk])
            if size > limits.PAGE_BYTES and place:
                return keys[:place]
        return keys

    def _check(self, key: Key, condition: Condition | None) -> None:
        current = self._rows.get(key.pk, {}).get(key.sk)
        if not holds(condition, current):
            raise ConditionFailed(copy.deepcopy(current))

    def _write(self, row: Row) -> None:
        key = _key(row)
        partition = self._rows.setdefault(key.pk, {})
        if key.sk not in partition:
            insort(self._order.setdefault(key.pk, []), key.sk)
        partition[key.sk] = copy.deepcopy(row)

    def _remove(self, key: Key) -> None:
        if self._rows.get(key.pk, {}).pop(key.sk, None) is not None:
            order = self._order[key.pk]
            order.pop(bisect_left(order, key.sk))

    def _apply(self, action: Update) -> Row:
        row = self._updated(action)
        self._write(row)
        return copy.deepcopy(row)

    def _updated(self, action: Update) -> Row:
        """Return the row after an update, which is not carried out; raises StorageLimitExceeded."""
        current = self._rows.get(action.key.pk, {}).get(action.key.sk)
        row: Row = (
            copy.deepcopy(current)
            if current is not None
            else {
                "pk": action.key.pk,
                "sk": action.key.sk,
            }
        )
        row.update(copy.deepcopy(dict(action.set)))
        for attribute, amount in action.add.items():
            row[attribute] = row.get(attribute, 0) + amount  # type: ignore[operator]
        for attribute in action.remove:
            row.pop(attribute, None)
        limits.check_row(self._name, row)
        return row


class MemoryDatabase:
    """Tables in memory under one lock."""

    def __init__(self, names: Iterable[str] = ("control", "sync", "records", "catalog", "orders")) -> None:
        self._lock = threading.RLock()
        self.tables = {name: MemoryTable(name, self._lock) for name in names}

    def __getitem__(self, name: str) -> MemoryTable:
        return self.tables[name]

    def transact(self, actions: Sequence[Action]) -> None:
        """Carry out up to 100 actions on distinct keys, all or none.

        Raises TransactionCancelled, StorageLimitExceeded.
        """
        limits.check_actions(actions)
        keys = [(action.table, limits.key_of(action)) for action in actions]
        if len(set(keys)) != len(keys):
            raise ValueError("a transaction may touch each row only once")
        with self._lock:
            failed = [
                index
                for index, (action, (table, key)) in enumerate(zip(actions, keys, strict=True))
                if not holds(action.condition, self.tables[table]._rows.get(key.pk, {}).get(key.sk))
            ]
            if failed:
                raise TransactionCancelled(failed)
            limits.check_actions([self._as_put(action) for action in actions])
            for action in actions:
                self._carry_out(action)

    def _as_put(self, action: Action) -> Action:
        """Return an update as the whole row that it makes, which counts towards the size of a transaction."""
        return Put(action.table, self.tables[action.table]._updated(action)) if isinstance(action, Update) else action

    def _carry_out(self, action: Action) -> None:
        table = self.tables[action.table]
        match action:
            case Put():
                table._write(action.row)
            case Update():
                table._apply(action)
            case Delete():
                table._remove(action.key)
            case Check():
                pass


class ContendedTable(MemoryTable):
    """Another writer is at the row for the first ``meetings`` conditional puts."""

    def __init__(self, meetings: int = 0, name: str = "sync") -> None:
        super().__init__(name, threading.RLock())
        self.meetings = meetings

    def put(self, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row, or meet the other writer once more."""
        if condition is not None and self.meetings:
            self.meetings -= 1
            raise ConditionFailed(self.get(_key(row)))
        super().put(row, condition)


class BusyDatabase(MemoryDatabase):
    """Another writer is at the same rows for the first ``meetings`` transactions."""

    def __init__(self, meetings: int = 0) -> None:
        super().__init__()
        self.meetings = meetings

    def transact(self, actions: Sequence[Action]) -> None:
        """Carry out a transaction, or meet the other writer once more."""
        if self.meetings:
            self.meetings -= 1
            raise TransactionCancelled
        super().transact(actions)


def _key(row: Row) -> Key:
    return Key(str(row["pk"]), str(row["sk"]))


def _within(sk: str, prefix: str | None, low: str | None, high: str | None) -> bool:
    if prefix is not None:
        return sk.startswith(prefix)
    return (low is None or sk >= low) and (high is None or sk <= high)
