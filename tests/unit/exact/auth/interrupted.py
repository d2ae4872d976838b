"""A table in which another worker acts at the worst moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exact_connector.storage.table import Condition, Row, Table


class Interrupted:
    """A table in which another worker does something between the reading and the writing of a row, once."""

    def __init__(self, table: Table, meanwhile: Callable[[], object]) -> None:
        self._table = table
        self._meanwhile = [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def put(self, row: Row, condition: Condition | None = None) -> None:
        if self._meanwhile:
            self._meanwhile.pop()()
        self._table.put(row, condition)
