"""Processes that die, or let others in, at a chosen operation; and tables whose every operation is one of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from exact_connector.storage.table import Action, Condition, Key, Page, Row, Value
from fakes.tables import MemoryDatabase, MemoryTable

T = TypeVar("T")


class Crash(BaseException):
    """The process is gone; nothing of its memory is left, and nothing it still tries reaches anything."""


class Watcher(Protocol):
    """Decides what becomes of an operation."""

    def around(self, operation: Callable[[], T]) -> T:
        """Carry an operation out, or let something happen instead, before or after."""
        ...


class Process:
    """Counts the operations of one process; something happens at one of them, once.

    ``at``: the number of that operation, counted from ``arm`` on. ``late``: it happens just after the operation, also
    one that failed, else just before it. Once it has crashed every operation fails until ``revive``.
    """

    def __init__(self) -> None:
        self.count = 0
        self.at: int | None = None
        self.late = False
        self.then: Callable[[], None] = self.crash
        self.dead = False

    def arm(self, at: int, *, late: bool, then: Callable[[], None] | None = None) -> None:
        """Prepare what happens at the operation with that number from now: ``then``, or the death of the process."""
        self.count, self.at, self.late, self.then = 0, at, late, then or self.crash

    def crash(self) -> None:
        """Kill the process."""
        self.dead = True
        raise Crash

    def revive(self) -> None:
        """Start a new process."""
        self.dead, self.at = False, None

    def around(self, operation: Callable[[], T]) -> T:
        """Carry an operation out, with what happens before or after it."""
        if self.dead:
            raise Crash
        self.count += 1
        if self.count != self.at:
            return operation()
        self.at = None
        late, then = self.late, self.then
        if not late:
            then()
        try:
            return operation()
        finally:
            if late:
                then()


class WatchedTable:
    """A table whose every operation goes through a watcher. A batch write may be interrupted after any of its rows."""

    def __init__(self, watcher: Watcher, real: MemoryTable) -> None:
        self._watcher = watcher
        self._real = real

    @property
    def name(self) -> str:
        return self._real.name

    def get(self, key: Key) -> Row | None:
        return self._watcher.around(lambda: self._real.get(key))

    def put(self, row: Row, condition: Condition | None = None) -> None:
        self._watcher.around(lambda: self._real.put(row, condition))

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        return self._watcher.around(
            lambda: self._real.update(key, set=set, add=add, remove=remove, condition=condition)
        )

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        self._watcher.around(lambda: self._real.delete(key, condition))

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
        return self._watcher.around(
            lambda: self._real.query(pk, prefix=prefix, low=low, high=high, limit=limit, after=after, reverse=reverse)
        )

    def due(self, shard: str, until: str, *, limit: int = 100) -> list[Row]:
        return self._watcher.around(lambda: self._real.due(shard, until, limit=limit))

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        return self._watcher.around(lambda: self._real.batch_get(keys))

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        for row in puts:
            self._watcher.around(partial(self._real.put, row))
        for key in deletes:
            self._watcher.around(partial(self._real.delete, key))


class WatchedDatabase:
    """Tables and transactions that go through a watcher."""

    def __init__(self, watcher: Watcher, real: MemoryDatabase) -> None:
        self._watcher = watcher
        self._real = real

    def __getitem__(self, name: str) -> WatchedTable:
        return WatchedTable(self._watcher, self._real[name])

    def transact(self, actions: Sequence[Action]) -> None:
        self._watcher.around(lambda: self._real.transact(actions))
