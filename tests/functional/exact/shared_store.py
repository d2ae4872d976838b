"""One store for many processes: the in-memory tables and parameters in a process of their own, behind a Unix socket.

Every operation is atomic under one lock, so the conditional semantics are those of the real stores.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.managers import BaseManager
from typing import Any, cast

from exact_connector.storage.ports import Parameter
from exact_connector.storage.table import Condition, ConditionFailed, Key, Page, Row, Value
from fakes.ports import MemoryParameters
from fakes.tables import MemoryDatabase


class Host:
    """The stores themselves, in the process of the manager."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._database = MemoryDatabase()
        self._parameters = MemoryParameters()

    def table(self, table: str, operation: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """Carry out one operation of a table: whether its condition held, and its result or the row in the way."""
        with self._lock:
            try:
                return True, getattr(self._database[table], operation)(*arguments, **options)
            except ConditionFailed as failed:
                return False, failed.current

    def parameter(self, operation: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """Carry out one operation of the parameters."""
        with self._lock:
            return getattr(self._parameters, operation)(*arguments, **options)


class Stores(BaseManager):
    """The manager; clients connect to its address."""


Stores.register("host", callable=Host)


@dataclass(frozen=True)
class RemoteTable:
    """A table of the shared store."""

    host: Any
    name: str

    def get(self, key: Key) -> Row | None:
        return cast(Row | None, self._do("get", key))

    def put(self, row: Row, condition: Condition | None = None) -> None:
        self._do("put", row, condition)

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        return cast(Row, self._do("update", key, set=set, add=add, remove=remove, condition=condition))

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        self._do("delete", key, condition)

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
        options = {"prefix": prefix, "low": low, "high": high, "limit": limit, "after": after, "reverse": reverse}
        return cast(Page, self._do("query", pk, **options))

    def due(self, shard: str, until: str, *, limit: int = 100) -> list[Row]:
        return cast(list[Row], self._do("due", shard, until, limit=limit))

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        return cast(list[Row], self._do("batch_get", keys))

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        self._do("batch_write", list(puts), list(deletes))

    def _do(self, operation: str, *arguments: Any, **options: Any) -> Any:
        held, result = self.host.table(self.name, operation, arguments, options)
        if not held:
            raise ConditionFailed(result)
        return result


@dataclass(frozen=True)
class RemoteParameters:
    """The parameters of the shared store."""

    host: Any

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        return cast(Parameter | None, self.host.parameter("get", (name,), {"version": version}))

    def put(self, name: str, value: str, *, secure: bool) -> int:
        return int(self.host.parameter("put", (name, value), {"secure": secure}))

    def delete(self, name: str) -> None:
        self.host.parameter("delete", (name,), {})
