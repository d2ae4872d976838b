"""After a complete load: which stored rows were not seen in it any more."""

from __future__ import annotations

from collections.abc import Iterator

from exact_connector.storage.buckets import buckets
from exact_connector.sync.stores.records import Gone, Records, StoredRow
from exact_connector.sync.streams.catalogue import Stream


class Comparison:
    """Walks the stored rows of a stream in ``positions`` steps, one bucket each."""

    def __init__(self, records: Records, tenant: str, stream: Stream, generation: int) -> None:
        self._records = records
        self._tenant = tenant
        self._generation = generation
        self._steps = [(family, kind, bucket) for family, kind in stream.targets for bucket in buckets(family)]

    @property
    def positions(self) -> int:
        """The number of steps."""
        return len(self._steps)

    def count(self, position: int) -> tuple[int, int]:
        """Return how many rows a step has and how many of them the load did not bring."""
        rows = list(self._rows(position))
        return len(rows), sum(self._old(row) for row in rows)

    def missing(self, position: int) -> list[Gone]:
        """Return the rows of a step that the load did not bring."""
        before = (self._generation, 0)
        return [
            Gone(row.family, row.owner, row.kind, row.row_id, before) for row in self._rows(position) if self._old(row)
        ]

    def _rows(self, position: int) -> Iterator[StoredRow]:
        family, kind, bucket = self._steps[position]
        for owner in self._records.bucket(self._tenant, family, bucket):
            yield from owner.rows.get(kind, {}).values()

    def _old(self, row: StoredRow) -> bool:
        return row.version[0] < self._generation
