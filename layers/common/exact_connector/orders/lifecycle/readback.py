"""Read documents back after they were made and compare their lines with what was sent, many in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from exact_connector.clock import Clock
from exact_connector.errors import ConnectorError, ExactUnavailable
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.store import OutOfDate
from exact_connector.orders.lifecycle import transitions
from exact_connector.orders.lifecycle.exact_search import Row, lines_of_many, numbers_of
from exact_connector.orders.lifecycle.matching import differences
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.store import OrderStore
from exact_connector.orders.lifecycle.transitions import OrderChange
from exact_connector.orders.model.kinds import DOCUMENTS

LINES_TOGETHER = 120
"""How many lines are asked for at once, if that is more than one document: two pages of sixty."""


@dataclass(slots=True)
class Unread:
    """What is left: when the next one is due, and whether the time ran out before."""

    next_due: datetime | None = None
    out_of_time: bool = False

    def note(self, due_at: datetime | None) -> None:
        """Keep the earliest moment."""
        if due_at is not None:
            self.next_due = due_at if self.next_due is None else min(self.next_due, due_at)


class ReadBack:
    """Compares the lines of documents that were made with what was sent; what cannot be read now waits."""

    def __init__(
        self, store: OrderStore, exact: Callable[[str, int], ExactCalls], clock: Clock, times: LifecycleTimes
    ) -> None:
        self._store = store
        self._exact = exact
        self._clock = clock
        self._times = times

    def run(self, tenant: str, division: int, deadline: datetime) -> Unread:
        """Read back what is due of an administration; begin nothing after ``deadline``."""
        left, now = Unread(), self._clock.now()
        due: list[OrderRecord] = []
        for record in self._store.to_read_back(tenant, division):
            if record.due_at is not None and record.due_at > now:
                left.note(record.due_at)
            else:
                due.append(record)
        for batch in _batches(due):
            if self._clock.now() >= deadline:
                left.out_of_time = True
                return left
            for record, change in self._judged(tenant, division, batch):
                left.note(self._stored(record, change))
        return left

    def _stored(self, record: OrderRecord, change: OrderChange) -> datetime | None:
        try:
            return self._store.transition(record, change).due_at
        except OutOfDate:
            return None

    def _judged(
        self, tenant: str, division: int, batch: Sequence[OrderRecord]
    ) -> Iterator[tuple[OrderRecord, OrderChange]]:
        kind, ids = DOCUMENTS[batch[0].kind], [str(record.exact_id) for record in batch]
        unnumbered = [str(record.exact_id) for record in batch if record.exact_number is None]
        try:
            exact = self._exact(tenant, division)
            lines = lines_of_many(exact, kind, ids)
            numbers = numbers_of(exact, kind, unnumbered) if unnumbered else {}
        except ConnectorError as error:
            for record in batch:
                yield record, transitions.not_read_back(record, error, self._clock.now(), self._times)
            return
        for record, document in zip(batch, ids, strict=True):
            yield record, self._compared(record, lines.get(document, []), numbers.get(document))

    def _compared(self, record: OrderRecord, lines: list[Row], number: str | None) -> OrderChange:
        assert record.attempt is not None
        kind, now = DOCUMENTS[record.kind], self._clock.now()
        sent = {kind.lines: record.attempt.body.get(kind.lines, ())}
        if not lines and sent[kind.lines]:
            # Exact answers at once but may show a document some time later.
            error = ExactUnavailable("Exact does not show the document yet", sent=False)
            return transitions.not_read_back(record, error, now, self._times)
        return transitions.read_back(record, differences(kind, sent, {}, lines), now, number=number)


def _batches(records: Sequence[OrderRecord]) -> Iterator[list[OrderRecord]]:
    """Yield records of one kind together, as many as have no more lines than are asked for at once; at least one."""
    batch: list[OrderRecord] = []
    lines = 0
    for record in sorted(records, key=lambda record: record.kind):
        count = _line_count(record)
        if batch and (batch[0].kind is not record.kind or lines + count > LINES_TOGETHER):
            yield batch
            batch, lines = [], 0
        batch.append(record)
        lines += count
    if batch:
        yield batch


def _line_count(record: OrderRecord) -> int:
    assert record.attempt is not None
    return len(record.attempt.body.get(DOCUMENTS[record.kind].lines, ()))
