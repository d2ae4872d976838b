"""The key-value port, parameters and queues in one SQLite file: a store that many processes share and that stays when
they are killed.

Every operation is one transaction that takes the file's write lock first where it writes, so the conditional semantics
are those of the real stores. What a killed process had not committed is gone, what it had committed stays.
"""

from __future__ import annotations

import pickle
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from exact_connector.storage import limits
from exact_connector.storage.ports import Parameter
from exact_connector.storage.table import (
    Action,
    Condition,
    ConditionFailed,
    Delete,
    Key,
    Page,
    Put,
    Row,
    TransactionCancelled,
    Update,
    Value,
)
from fakes.tables import holds

TABLES = ("control", "sync", "records", "catalog", "orders")
PAGE_BYTES = 1_000_000
"""A page of a query ends at about this size, as DynamoDB's do."""

_SCHEMA = "".join(
    f"CREATE TABLE IF NOT EXISTS {name}"
    " (pk TEXT, sk TEXT, due_shard TEXT, due_at TEXT, body BLOB, PRIMARY KEY (pk, sk)) WITHOUT ROWID;"
    f"CREATE INDEX IF NOT EXISTS {name}_due ON {name} (due_shard, due_at) WHERE due_shard IS NOT NULL;"
    for name in TABLES
) + (
    "CREATE TABLE IF NOT EXISTS parameters (name TEXT, version INTEGER, value TEXT, PRIMARY KEY (name, version));"
    "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, queue TEXT, body BLOB);"
)


class SqliteDatabase:
    """The file with all tables. Connections are one per thread; make the object anew in each process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self.connection().executescript(_SCHEMA)
        self.tables = {name: SqliteTable(name, self) for name in TABLES}

    def __getitem__(self, name: str) -> SqliteTable:
        return self.tables[name]

    def transact(self, actions: Sequence[Action]) -> None:
        """Carry out up to 100 actions on distinct keys, all or none; raises TransactionCancelled."""
        keys = [(action.table, _key(action.row) if isinstance(action, Put) else action.key) for action in actions]
        limits.check_actions(actions)
        if len(set(keys)) != len(keys):
            raise ValueError("a transaction touches each row only once")
        with self.writing():
            current = [self.tables[table].read(key) if action.condition else None
                       for action, (table, key) in zip(actions, keys, strict=True)]  # fmt: skip
            failed = [index for index, action in enumerate(actions) if not holds(action.condition, current[index])]
            if failed:
                raise TransactionCancelled(failed)
            for action in actions:
                self._carry_out(action)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._path, timeout=60, isolation_level=None)
            found.execute("PRAGMA journal_mode=WAL")
            found.execute("PRAGMA synchronous=OFF")
            found.execute("PRAGMA cache_size=-65536")
            found.execute("PRAGMA wal_autocheckpoint=20000")
            self._local.connection = found
        return found

    def close(self) -> None:
        """Close this thread's connection."""
        self.connection().close()
        del self._local.connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for a block; what the block raises undoes it."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _carry_out(self, action: Action) -> None:
        table = self.tables[action.table]
        match action:
            case Put():
                table.write(action.row)
            case Update():
                table.apply(action)
            case Delete():
                table.remove(action.key)


class SqliteTable:
    """One table of the file."""

    def __init__(self, name: str, database: SqliteDatabase) -> None:
        self._name = name
        self._database = database

    @property
    def name(self) -> str:
        """The table's name."""
        return self._name

    def get(self, key: Key) -> Row | None:
        """Return the row or None."""
        return self.read(key)

    def put(self, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row; raises ConditionFailed."""
        with self._database.writing():
            self._check(_key(row), condition)
            self.write(row)

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        """Change attributes and return the new row; raises ConditionFailed."""
        with self._database.writing():
            self._check(key, condition)
            return self.apply(Update(self._name, key, set or {}, add or {}, remove))

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        """Remove a row; raises ConditionFailed."""
        with self._database.writing():
            self._check(key, condition)
            self.remove(key)

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
        """Return rows of one partition in the order of ``sk``; a page ends at about 1 MB."""
        conditions, values = ["pk = ?"], [pk]
        bounds = [(">=", prefix if prefix is not None else low), ("<=", None if prefix is not None else high)]
        if prefix is not None:
            bounds.append(("<", prefix + "\U0010ffff"))
        if after is not None:
            bounds.append(("<" if reverse else ">", after.sk))
        for sign, bound in bounds:
            if bound is not None:
                conditions.append(f"sk {sign} ?")
                values.append(bound)
        order = "DESC" if reverse else "ASC"
        found = self._database.connection().execute(
            f"SELECT sk, body FROM {self._name} WHERE {' AND '.join(conditions)} ORDER BY sk {order}", values
        )
        rows: list[Row] = []
        size, last = 0, ""
        for sk, body in found:
            if size > PAGE_BYTES or (limit is not None and len(rows) == limit):
                return Page(rows, Key(pk, last))
            rows.append(pickle.loads(body))
            size, last = size + len(body), sk
        return Page(rows, None)

    def due(self, shard: str, until: str, *, limit: int = 100) -> list[Row]:
        """Return rows of the due index up to a moment, oldest first."""
        found = self._database.connection().execute(
            f"SELECT body FROM {self._name} WHERE due_shard = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
            (shard, until, limit),
        )
        return [pickle.loads(body) for (body,) in found]

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        """Return the rows that exist."""
        return [row for key in dict.fromkeys(keys) if (row := self.read(key)) is not None]

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Write and delete many rows without conditions, 25 at a time, so that a kill may leave a part."""
        work: list[Row | Key] = [*puts, *deletes]
        for start in range(0, len(work), 25):
            with self._database.writing():
                for each in work[start : start + 25]:
                    if isinstance(each, Key):
                        self.remove(each)
                    else:
                        self.write(each)

    def all_rows(self) -> Iterator[Row]:
        """Yield every row in the order of its key."""
        for (body,) in self._database.connection().execute(f"SELECT body FROM {self._name} ORDER BY pk, sk"):
            yield pickle.loads(body)

    # Inside a transaction of the database.

    def read(self, key: Key) -> Row | None:
        """Return the row or None."""
        found = self._database.connection().execute(
            f"SELECT body FROM {self._name} WHERE pk = ? AND sk = ?", (key.pk, key.sk)
        )
        row = found.fetchone()
        return None if row is None else pickle.loads(row[0])

    def write(self, row: Row) -> None:
        """Write a whole row; raises StorageLimitExceeded."""
        limits.check_row(self._name, row)
        values = (row["pk"], row["sk"], row.get("due_shard"), row.get("due_at"), pickle.dumps(row, protocol=5))
        self._database.connection().execute(f"INSERT OR REPLACE INTO {self._name} VALUES (?, ?, ?, ?, ?)", values)

    def apply(self, action: Update) -> Row:
        """Change attributes of a row."""
        row: Row = self.read(action.key) or {"pk": action.key.pk, "sk": action.key.sk}
        row.update(action.set)
        for attribute, amount in action.add.items():
            row[attribute] = row.get(attribute, 0) + amount  # type: ignore[operator]
        for attribute in action.remove:
            row.pop(attribute, None)
        self.write(row)
        return row

    def remove(self, key: Key) -> None:
        """Remove a row."""
        self._database.connection().execute(f"DELETE FROM {self._name} WHERE pk = ? AND sk = ?", (key.pk, key.sk))

    def _check(self, key: Key, condition: Condition | None) -> None:
        if condition is not None:
            current = self.read(key)
            if not holds(condition, current):
                raise ConditionFailed(current)


class SqliteParameters:
    """Parameters with versions."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        """Return the newest or the named version."""
        asked = "" if version is None else "AND version = ?"
        values = (name,) if version is None else (name, version)
        row = (
            self._database.connection()
            .execute(f"SELECT value, version FROM parameters WHERE name = ? {asked} ORDER BY version DESC", values)
            .fetchone()
        )
        return None if row is None else Parameter(row[0], row[1])

    def put(self, name: str, value: str, *, secure: bool) -> int:
        """Store a new version."""
        with self._database.writing() as connection:
            row = connection.execute("SELECT coalesce(max(version), 0) FROM parameters WHERE name = ?", (name,))
            version = int(row.fetchone()[0]) + 1
            connection.execute("INSERT INTO parameters VALUES (?, ?, ?)", (name, version, value))
            return version

    def delete(self, name: str) -> None:
        """Remove every version."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM parameters WHERE name = ?", (name,))


class SqliteQueue:
    """A queue that all processes share. A message is gone with the worker that took it: the due row is the truth."""

    def __init__(self, name: str, database: SqliteDatabase) -> None:
        self._name = name
        self._database = database

    def send(self, body: Mapping[str, str], *, group: str) -> None:
        """Send a message."""
        with self._database.writing() as connection:
            values = (self._name, pickle.dumps(dict(body)))
            connection.execute("INSERT INTO messages (queue, body) VALUES (?, ?)", values)

    def take(self) -> dict[str, str] | None:
        """Take the oldest message out."""
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT id, body FROM messages WHERE queue = ? ORDER BY id LIMIT 1", (self._name,)
            ).fetchone()
            if row is None:
                return None
            connection.execute("DELETE FROM messages WHERE id = ?", (row[0],))
            return dict(pickle.loads(row[1]))


def _key(row: Mapping[str, Value]) -> Key:
    return Key(str(row["pk"]), str(row["sk"]))
