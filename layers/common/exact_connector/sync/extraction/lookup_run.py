"""Running the streams that are read for single owners: one call per owner, or one filtered call for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from exact_connector import fields
from exact_connector.errors import BudgetExhausted, TransientError
from exact_connector.exact.http.query import Query
from exact_connector.fields import Row
from exact_connector.storage.buckets import buckets
from exact_connector.sync.extraction import lookups, named
from exact_connector.sync.extraction.storing import PageStore
from exact_connector.sync.ports import Reader
from exact_connector.sync.stores.records import StoredRow, Version

ROWS_AT_ONCE = 200
FIRST_CALLS = 60
"""So many calls the chunk makes that finds the labels; then the documents that wait for them are made."""


class _OwnersRun:
    """What both ways share. ``deadline_passed`` says that the chunk's time is up, ``wait`` waits for the next budget
    window when that is near; ``most`` is how many calls one chunk makes."""

    def __init__(
        self,
        store: PageStore,
        reader: Reader,
        deadline_passed: Callable[[], bool],
        wait: Callable[[datetime | None], bool],
        most: int,
    ) -> None:
        self._store = store
        self._reader = reader
        self._deadline_passed = deadline_passed
        self._wait = wait
        self._most = most
        self._answers: list[StoredRow] = []
        self.calls = 0
        self.rows = 0

    def _spent(self) -> bool:
        return self._deadline_passed() or self.calls >= self._most

    def _rows_of(self, query: Query) -> list[Mapping[str, Any]]:
        """Return all rows of a query, waiting for calls where that is short."""
        rows: list[Mapping[str, Any]] = []
        cursor: str | None = None
        while True:
            try:
                page = self._reader.fetch(query, cursor)
            except BudgetExhausted as error:
                if not self._wait(error.retry_after):
                    raise
                continue
            self.calls += 1
            rows.extend(page.rows)
            cursor = page.next_url
            if cursor is None:
                return rows

    def _answered(self, owner: str, version: Version, rows: Sequence[Mapping[str, Any]]) -> None:
        generation, order = self._store.checkpoint.generation, self._store.order(self.calls)
        self._answers += lookups.answer(self._store.stream, owner, version, rows, generation, order)

    def _store_answers(self, more: Sequence[StoredRow] = ()) -> None:
        rows, self._answers = [*self._answers, *more], []
        if not rows:
            return
        store, checkpoint = self._store, self._store.checkpoint
        lists = store.open(lookups.owners_in(rows), head=0)
        store.parts.records.write(store.view.tenant, rows)
        pages = checkpoint.pages_run + 1
        store.commit(replace(checkpoint, rows_run=checkpoint.rows_run + len(rows), pages_run=pages), lists, (), None)
        self.rows += len(rows)


class LookupRun(_OwnersRun):
    """Asks for each owner that has something to look up, bucket by bucket."""

    _labels: Mapping[str, Row] = {}

    def work(self) -> bool:
        """Go on where the checkpoint is; False when the chunk has to end before the last bucket."""
        every = buckets(self._store.stream.family)
        self._labels = self._known_labels()
        if not self._labels:
            self._most = min(self._most, FIRST_CALLS)
        while self._store.checkpoint.position < len(every):
            try:
                complete = self._bucket(every[self._store.checkpoint.position])
            except TransientError:
                self._keep()
                raise
            self._keep()
            if not complete:
                return False
            self._store.save(replace(self._store.checkpoint, position=self._store.checkpoint.position + 1))
        return True

    def _bucket(self, bucket: int) -> bool:
        store = self._store
        for owner in store.parts.records.bucket(store.view.tenant, store.stream.family, bucket):
            version = lookups.pending(owner, store.stream)
            if version is None or (self._labels and not lookups.has_free_value(owner)):
                continue
            if self._spent():
                return False
            self._answered(owner.owner, version, self._rows_of(lookups.query(store.stream, owner.owner)))
            if len(self._answers) >= ROWS_AT_ONCE or not self._labels:
                self._keep()
        return True

    def _keep(self) -> None:
        """Store the answers so far and the labels they teach."""
        if not self._answers:
            return
        store = self._store
        labels = lookups.new_labels(store.stream, self._answers, self._labels, store.checkpoint.generation)
        self._store_answers(labels)
        self._labels = {**self._labels, **{each.row_id: each.row for each in labels}}

    def _known_labels(self) -> Mapping[str, Row]:
        store = self._store
        found = store.parts.records.owners(store.view.tenant, "reference", [store.stream.kind])
        return {number: row.row for owner in found for number, row in owner.rows.get(store.stream.kind, {}).items()}


class NamedRun(_OwnersRun):
    """Reads the owners that projections asked for, many in one call. A list of them goes only after all its owners
    were read; whoever was read already is passed over, so a broken-off run costs no call twice."""

    def work(self) -> bool:
        """Read every owner of the lists; False when the chunk has to end before."""
        store = self._store
        lists = store.parts.affected.ready(store.view.tenant, store.stream.name)
        pending = self._pending(named.requests(each for listed in lists for each in listed.owners))
        for group, query in self._queries(sorted(pending)):
            if self._spent():
                return False
            found: dict[str | None, list[Mapping[str, Any]]] = {}
            for row in self._rows_of(query):
                found.setdefault(fields.guid(row, store.stream.row_id), []).append(row)
            for owner in group:
                self._answered(owner, pending[owner], found.get(owner, []))
            self._store_answers()
        store.parts.affected.finish(lists)
        return True

    def _queries(self, owners: list[str]) -> Iterable[tuple[list[str], Query]]:
        """Return the calls with the owners that each answers: all at once where Exact refuses the filter on them."""
        store = self._store
        if owners and store.checkpoint.unfiltered_until is not None:
            return [(owners, named.whole_set(store.stream))]
        return named.calls(store.stream, owners)

    def _pending(self, asked: dict[str, Version]) -> dict[str, Version]:
        """Leave out whoever was read before the run was broken off."""
        store = self._store
        if not asked or store.checkpoint.pages_run == 0:
            return asked
        owners = store.parts.records.owners(store.view.tenant, store.stream.family, asked)
        left = {each.owner for each in owners if lookups.pending(each, store.stream) is not None}
        return {owner: version for owner, version in asked.items() if owner in left}
