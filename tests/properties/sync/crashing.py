"""A database that dies, or lets another process in, at a chosen operation."""

from __future__ import annotations

from collections.abc import Sequence

from exact_connector.storage.table import Action
from fakes.crashing import Process, WatchedDatabase, WatchedTable
from fakes.tables import MemoryDatabase


class CrashingDatabase(Process):
    """The database as one process sees it; ``real`` is what lies in it."""

    def __init__(self, real: MemoryDatabase) -> None:
        super().__init__()
        self.real = real
        self._seen = WatchedDatabase(self, real)

    def __getitem__(self, name: str) -> WatchedTable:
        return self._seen[name]

    def transact(self, actions: Sequence[Action]) -> None:
        self._seen.transact(actions)
