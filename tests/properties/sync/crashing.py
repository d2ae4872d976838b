"""A database that dies, or lets another process in, at a chosen operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from exact_connector.store import Action, Condition, Key, Page, Row, Value
from exact_connector.store_memory import MemoryDatabase, MemoryTable

T = TypeVar("T")


class Crash(BaseException):
    """The process is gone; nothing it still tries reaches the tables."""


class CrashingDatabase:
    """Counts every operation of one process. ``at`` runs ``then`` around that operation, once: before it when ``late``
    is False, after it when True. After a crash every operation fails until ``revive``."""

    def __init__(self, real: MemoryDatabase) -> None:
        self.real = real
        self.count = 0
        self.at: int | None = None
        self.late = False
        self.then: Callable[[], None] = lambda: None
        self.dead = False

    def __getitem__(self, name: str) -> CrashingTable:
        return CrashingTable(self, self.real[name])

    def arm(self, at: int, *, late: bool, then: Callable[[], None]) -> None:
        """Prepare what happens at the operation with that number from now."""
        self.count, self.at, self.late, self.then = 0, at, late, then

    def crash(self) -> None:
        """Kill the process."""
        self.dead = True
        raise Crash

    def revive(self) -> None:
        """Start a new process."""
        self.dead, self.at = False, None

    def transact(self, actions: Sequence[Action]) -> None:
        self.around(lambda: self.real.transact(actions))

    def around(self, operation: Callable[[], T]) -> T:
        if self.dead:
            raise Crash
        self.count += 1
        hit = self.at is not None and self.count == self.at
        if hit:
            self.at = None
        if hit and not self.late:
            self.then()
        result = operation()
        if hit and self.late:
            self.then()
        return result


class CrashingTable:
    """One table of it. A batch write may die after any of its rows."""

    def __init__(self, home: CrashingDatabase, real: MemoryTable) -> None:
        self._home = home
        self._real = real

    @property
    def name(self) -> str:
        return self._real.name

    def get(self, key: Key) -> Row | None:
        return self._home.around(lambda: self._real.get(key))

    def put(self, row: Row, condition: Condition | None = None) -> None:
        self._home.around(lambda: self._real.put(row, condition))

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        return self._home.around(lambda: self._real.update(key, set=set, add=add, remove=remove, condition=condition))

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        self._home.around(lambda: self._real.delete(key, condition))

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
        return self._home.around(
            lambda: self._real.query(pk, prefix=prefix, low=low, high=high, limit=limit, after=after, reverse=reverse)
        )

    def due(self, shard: str, until: str, *, limit: int = 100) -> list[Row]:
        return self._home.around(lambda: self._real.due(shard, until, limit=limit))

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        return self._home.around(lambda: self._real.batch_get(keys))

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        for row in puts:
            self._home.around(partial(self._real.put, row))
        for key in deletes:
            self._home.around(partial(self._real.delete, key))
