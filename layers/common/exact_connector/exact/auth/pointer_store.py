"""Read and write the pointer row of a connection; every write is conditional."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from exact_connector.clock import Clock
from exact_connector.errors import StoreUnavailable
from exact_connector.exact.auth.pointer import Pointer, read_pointer
from exact_connector.exact.connection import connection_key
from exact_connector.storage.table import Absent, Condition, ConditionFailed, Equals, Table, Value

T = TypeVar("T")
_TRIES = 6


class PointerStore:
    """The pointer row of one tenant in the control table."""

    def __init__(self, tenant: str, control: Table) -> None:
        self._tenant = tenant
        self._control = control
        self._key = connection_key(tenant)

    def load(self) -> Pointer:
        """Return the pointer as the table has it now."""
        return read_pointer(self._tenant, self._control.get(self._key))

    def write(self, before: Pointer, values: dict[str, Value], *, remove: Sequence[str] = ()) -> bool:
        """Change the row if it is still as it was read; return whether it was."""
        try:
            self.replace(before, values, remove=remove)
        except ConditionFailed:
            return False
        return True

    def replace(self, before: Pointer, values: dict[str, Value], *, remove: Sequence[str] = ()) -> None:
        """Change the row that was read; raises ConditionFailed when it is not as it was read any more."""
        condition: Condition = Absent() if before.revision == 0 else Equals("revision", before.revision)
        self.update(values, condition, remove=remove)

    def update(self, values: dict[str, Value], condition: Condition, *, remove: Sequence[str] = ()) -> None:
        """Change the row on a condition; raises ConditionFailed."""
        self._control.update(self._key, set=values, add={"revision": 1}, remove=remove, condition=condition)


def persistently(work: Callable[[], T], clock: Clock) -> T:
    """Do a thing that a passing fault of a store must not stop: six tries, about six seconds."""
    for tries in range(_TRIES - 1):
        try:
            return work()
        except StoreUnavailable:
            clock.sleep(0.2 * 2**tries)
    return work()
