"""Running a look-up stream: one call per owner, bucket by bucket, stored in small groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from exact_connector.errors import BudgetExhausted, TransientError
from exact_connector.fields import Row
from exact_connector.sync import lookups
from exact_connector.sync.ports import PageOfRows, Reader
from exact_connector.sync.records import StoredRow, buckets
from exact_connector.sync.storing import PageStore

ROWS_AT_ONCE = 200


class LookupRun:
    """Asks for the owners that need it. ``late`` says that the chunk's time is up, ``wait`` waits for the next budget
    window when that is near; ``most`` is how many calls one chunk makes."""

    def __init__(
        self,
        store: PageStore,
        reader: Reader,
        late: Callable[[], bool],
        wait: Callable[[datetime | None], bool],
        most: int,
    ) -> None:
        self._store = store
        self._reader = reader
        self._late = late
        self._wait = wait
        self._most = most
        self._asked: list[StoredRow] = []
        self._labels: Mapping[str, Row] = {}
        self.calls = 0
        self.rows = 0

    def work(self) -> bool:
        """Go on where the checkpoint is; False when the chunk has to end before the last bucket."""
        every = buckets(self._store.stream.family)
        self._labels = self._known_labels()
        while self._store.checkpoint.place < len(every):
            try:
                complete = self._bucket(every[self._store.checkpoint.place])
            except TransientError:
                self._keep()
                raise
            self._keep()
            if not complete:
                return False
            self._store.save(replace(self._store.checkpoint, place=self._store.checkpoint.place + 1))
        return True

    def _bucket(self, bucket: int) -> bool:
        store = self._store
        for owner in store.parts.records.bucket(store.view.tenant, store.stream.family, bucket):
            version = lookups.pending(owner, store.stream, labels_known=bool(self._labels))
            if version is None:
                continue
            if self._late() or self.calls >= self._most:
                return False
            page = self._ask(owner.owner)
            self.calls += 1
            generation, order = store.checkpoint.generation, store.order(self.calls)
            self._asked += lookups.answer(store.stream, owner.owner, version, page.rows, generation, order)
            if len(self._asked) >= ROWS_AT_ONCE or not self._labels:
                self._keep()
        return True

    def _ask(self, owner: str) -> PageOfRows:
        while True:
            try:
                return self._reader.fetch(lookups.query(self._store.stream, owner))
            except BudgetExhausted as error:
                if not self._wait(error.retry_after):
                    raise

    def _keep(self) -> None:
        """Store the answers so far and the labels they teach."""
        if not self._asked:
            return
        rows, self._asked = self._asked, []
        store, checkpoint = self._store, self._store.checkpoint
        labels = lookups.new_labels(store.stream, rows, self._labels, checkpoint.generation)
        lists = store.open(lookups.owners_in([*rows, *labels]), head=0)
        store.parts.records.write(store.view.tenant, [*rows, *labels])
        pages = checkpoint.pages_run + 1
        store.commit(replace(checkpoint, rows_run=checkpoint.rows_run + len(rows), pages_run=pages), lists, (), None)
        self.rows += len(rows)
        self._labels = {**self._labels, **{each.row_id: each.row for each in labels}}

    def _known_labels(self) -> Mapping[str, Row]:
        store = self._store
        found = store.parts.records.owners(store.view.tenant, "reference", [store.stream.kind])
        return {number: row.row for owner in found for number, row in owner.rows.get(store.stream.kind, {}).items()}
