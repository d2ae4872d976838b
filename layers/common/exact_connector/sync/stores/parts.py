"""The parts of a large first load, which several workers project side by side.

A first load writes no entries into the feed, so its documents need no single writer. Who holds the feed's head leads:

    leader   lays the parts out ─▶ takes one after the other ─▶ waits for the last ─▶ adds their counts to the head
    helper                         takes one after the other

A part is a row with a lease and a fencing token of its own, the number of its buckets that are done, and the counts of
its documents. Every transaction of a part names its token, as those of a leader name the head's.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from exact_connector.clock import to_text
from exact_connector.storage.buckets import buckets
from exact_connector.storage.leases import Lease, acquire, held, whole
from exact_connector.storage.table import ConditionFailed, Equals, Key, Table, all_of, query_all
from exact_connector.storage.table import Row as Stored

PARTS = 16


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a worker holds. ``position``: how many of its buckets are done."""

    lease: Lease
    number: int
    position: int

    def left(self, family: str) -> Sequence[int]:
        """Return the buckets that are still to be projected."""
        return buckets(family)[self.number :: PARTS][self.position :]


class LoadParts:
    """The parts of the deployment's first loads. ``run`` names the pass that laid them out; "" when they are closed."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def rows(self, tenant: str, family: str) -> list[Stored]:
        """Return the parts as they are."""
        return query_all(self._table, parts_partition(tenant, family))

    def take(self, tenant: str, family: str, run: str, worker: str, now: datetime) -> Part | None:
        """Take a part that is not done and that no one holds; None when there is none."""
        rows = [row for row in self.rows(tenant, family) if _is_free(row, now)]
        first = zlib.crc32(worker.encode()) % PARTS
        for row in sorted(rows, key=lambda each: (int(str(each["sk"])) - first) % PARTS):
            taken = self._take(Key(str(row["pk"]), str(row["sk"])), run, worker, now)
            if taken is not None:
                return taken
        return None

    def advance(self, part: Part, required: str, warnings: int) -> Part | None:
        """Note that one more bucket is done, and what it showed; None when the part was lost."""
        position = part.position + 1
        if not self._update(part, {"position": position, "required": required}, {"warnings": warnings}):
            return None
        return replace(part, position=position)

    def finish(self, part: Part) -> bool:
        """Note that all of a part is done; False when it was lost."""
        return self._update(part, {"done": 1}, {})

    def close(self, rows: Sequence[Stored]) -> list[Stored]:
        """Take the parts of an earlier pass away from whoever holds them, and return them: no one writes to them any
        more. Those that another pass has laid out meanwhile are left alone."""
        closed = []
        for row in rows:
            key, still = Key(str(row["pk"]), str(row["sk"])), Equals("run", str(row.get("run", "")))
            try:
                closed.append(self._table.update(key, set={"run": ""}, add={"fence": 1}, condition=still))
            except ConditionFailed:
                continue
        return closed

    def _take(self, key: Key, run: str, worker: str, now: datetime) -> Part | None:
        taken = acquire(self._table, key, worker, now, only=all_of(Equals("run", run), Equals("done", 0)))
        if taken is None:
            return None
        lease, row = taken
        return Part(lease, int(key.sk), whole(row.get("position")))

    def _update(self, part: Part, values: dict[str, str | int], add: dict[str, int]) -> bool:
        try:
            self._table.update(part.lease.key, set={**values}, add=add, condition=held(part.lease))
        except ConditionFailed:
            return False
        return True


def _is_free(row: Stored, now: datetime) -> bool:
    return not whole(row.get("done")) and str(row.get("lease_until", "")) <= to_text(now)


def laid_out(tenant: str, family: str, run: str) -> list[Stored]:
    """Return the rows of a load's parts, of which nothing is done."""
    pk = parts_partition(tenant, family)
    return [{"pk": pk, "sk": f"{number:02d}", "run": run, "done": 0} for number in range(PARTS)]


def parts_partition(tenant: str, family: str) -> str:
    """Return the partition key of the parts of a family's first load."""
    return f"parts#{tenant}#{family}"
