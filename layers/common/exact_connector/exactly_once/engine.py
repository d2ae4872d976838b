"""Take a record into Exact exactly once, step by step; what is particular to its kind a ``Submission`` fills in.

    plan ──▶ record attempt ──▶ send once ──▶ answer: SUBMITTED / REJECTED / not sent: try again later
                                         └──▶ doubt: UNKNOWN ──▶ look in Exact by content ──▶ found: SUBMITTED
                                                                        └─ absent after the grace period ──▶ again
    a worker dies between any two steps: the next one finds SUBMITTING without its worker and treats it as doubt

Every step is conditional on the version that was read, and an attempt is left alone until the moment by which it has
ended (``due_at``). Identical twins are interchangeable: what is in Exact belongs to one record only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic

from exact_connector.clock import Clock
from exact_connector.errors import (
    ConnectorError,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    NotConnected,
    ReauthorizationRequired,
    TransientError,
)
from exact_connector.exactly_once import transitions
from exact_connector.exactly_once.attempts import LifecycleTimes, after_words, refuses, verdict_of
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.record import Attempt, Change, OutgoingRecord, R, State
from exact_connector.exactly_once.store import DocumentTaken, OutOfDate, RecordStore
from exact_connector.exactly_once.transitions import Plan
from exact_connector.observability import logger, trace_of
from exact_connector.storage.leases import LeaseLost


@dataclass(frozen=True, slots=True)
class Document:
    """What is in Exact of a record. ``number`` None: Exact gives one later."""

    exact_id: str
    number: str | None


@dataclass(slots=True)
class Visit:
    """One visit of a worker: nothing is begun that may not end before ``deadline``.

    ``out_of_time`` says whether something was left for that reason. ``blockers``: by lane, the earliest record that
    waits for a fault of the connection or the rights; the later ones of its lane wait behind it. ``cleared``: lanes in
    which Exact took a record, so that those that waited need not wait for their moment.
    """

    deadline: datetime
    out_of_time: bool = False
    blockers: dict[str, OutgoingRecord] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)

    def renew(self) -> None:
        """Keep the lock, where there is one, for longer; raises LeaseLost."""

    def note_failure(self, error: ConnectorError, due_at: datetime | None) -> None:
        """Learn from an error that left a record waiting until ``due_at``."""

    def note_answer(self) -> None:
        """Learn from a clear answer of Exact."""


class Submission(ABC, Generic[R]):
    """How the records of one kind are planned, sent and found again in Exact."""

    @abstractmethod
    def exact(self, record: R) -> ExactCalls:
        """Return calls to the administration that a record was accepted for; raises NotConnected for any other."""

    @abstractmethod
    def plan(self, record: R, exact: ExactCalls, visit: Visit) -> tuple[R, Plan | None]:
        """Return what is to be sent, and the record as it is stored by now; no plan where it came to an end.

        Raises InvalidInput for a record that cannot be sent.
        """

    @abstractmethod
    def document(self, record: R, attempt: Attempt, exact: ExactCalls) -> Document | None:
        """Send an attempt, once; return what Exact's answer names, None where it names nothing."""

    @abstractmethod
    def search(
        self,
        record: R,
        attempt: Attempt,
        exact: ExactCalls,
        now: datetime,
        free: Callable[[Sequence[str]], list[str]],
    ) -> Iterator[Document]:
        """Yield what has the content that was sent, oldest first. ``free``: those ids that belong to no other."""

    @abstractmethod
    def submitted(self, record: R, document: Document, now: datetime, *, found: bool) -> Change[R]:
        """Return the record in Exact: made by our write, or ``found`` there by its content."""

    @abstractmethod
    def refused(self, record: R, error: ConnectorError, now: datetime) -> Change[R]:
        """Return the record as refused with an error."""

    def refuses(self, error: ConnectorError) -> bool:
        """Tell whether an error before sending refuses the record; any other leaves it waiting."""
        return refuses(error)


class AttemptEngine(Generic[R]):
    """Takes the steps of records of one kind."""

    def __init__(self, store: RecordStore[R], submission: Submission[R], clock: Clock, times: LifecycleTimes) -> None:
        self._store = store
        self._submission = submission
        self._clock = clock
        self._times = times

    def advance(self, record: R, visit: Visit) -> R:
        """Take steps until the record has come to an end or has to wait; return it as it is stored then.

        Raises OutOfDate where another process changes it, and LeaseLost.
        """
        blocker = visit.blockers.get(record.lane)
        if blocker is not None and record.state is State.RECEIVED:
            change = transitions.waits_behind(record, blocker, self._clock.now())
            return record if change is None else self._store.transition(record, change)
        while record.open and self._may_act(record, visit):
            before = record
            record = self._step(record, visit)
            if record == before:
                break
        if record.open and record.blocked:
            visit.blockers.setdefault(record.lane, record)
        return record

    def _may_act(self, record: R, visit: Visit) -> bool:
        now = self._clock.now()
        released = record.blocked and record.lane in visit.cleared
        if record.due_at is not None and record.due_at > now and not released:
            return False
        if now + timedelta(seconds=self._times.post + self._times.step) > visit.deadline:
            visit.out_of_time = True
            return False
        return True

    def _step(self, record: R, visit: Visit) -> R:
        if record.state is State.SUBMITTING:
            return self._doubt(record, "the worker of this attempt is gone")
        try:
            exact = self._submission.exact(record)
            return self._look(record, exact) if record.state is State.UNKNOWN else self._submit(record, exact, visit)
        except ConnectorError as error:
            return self._after_error(record, error, visit)
        except (OutOfDate, LeaseLost):
            raise
        except Exception as error:
            # A fault of ours in one record must not hold up the others.
            message = f"a fault of the connector in one {self._store.kind.noun}"
            logger().error(message, tenant=record.tenant, record_id=record.record_id, **trace_of(error))
            text = f"a fault of the connector ({type(error).__name__}); it is tried again by itself"
            return self._after_error(record, ConnectorError(text), visit)

    def _after_error(self, record: R, error: ConnectorError, visit: Visit) -> R:
        # A step may have been remembered, or the attempt recorded, before the error: go on from what is stored.
        stored, now = self._store.get(record.tenant, record.record_id), self._clock.now()
        if stored.state is not record.state:
            return stored
        if stored.state is State.RECEIVED and (judgement := self._judgement(stored, error)) is not None:
            return self._store.transition(stored, self._submission.refused(stored, judgement, now))
        changed = self._store.transition(stored, transitions.waits(stored, error, now, self._times))
        visit.note_failure(error, changed.due_at)
        return changed

    def _judgement(self, record: R, error: ConnectorError) -> ConnectorError | None:
        """Return the error with which something before the record itself refuses it, None where it has to wait."""
        if self._submission.refuses(error):
            return error
        words = after_words(record.unexplained, error.exact_text) if isinstance(error, ExactAnswerUnknown) else None
        return verdict_of(words) if words is not None and words.verdict else None

    def _submit(self, record: R, exact: ExactCalls, visit: Visit) -> R:
        record, plan = self._submission.plan(record, exact, visit)
        if plan is None:
            return record
        exact.prepare()
        if self._clock.now() + timedelta(seconds=self._times.post) > visit.deadline:
            visit.out_of_time = True
            return record
        visit.renew()
        begun = self._store.transition(record, transitions.begun(record, plan, self._clock.now(), self._times))
        assert begun.attempt is not None
        return self._send(begun, begun.attempt, exact, visit)

    def _send(self, record: R, attempt: Attempt, exact: ExactCalls, visit: Visit) -> R:
        if self._clock.now() - attempt.started_at > timedelta(seconds=self._times.step):
            # Too long since the attempt was recorded: sending could outlast it. Nothing was sent.
            return self._unsent(record, TransientError("the worker was held up before sending"), visit)
        try:
            document = self._submission.document(record, attempt, exact)
        except ExactAnswerUnknown as error:
            return self._doubt(record, error.message, exact_text=error.exact_text)
        except ExactRejected as error:
            if not refuses(error):
                return self._unsent(record, error, visit)
            return self._store.transition(record, self._submission.refused(record, error, self._clock.now()))
        except (TransientError, ExactQueryRefused, ReauthorizationRequired, NotConnected) as error:
            return self._unsent(record, error, visit)
        visit.note_answer()
        visit.cleared.add(record.lane)
        if document is None:
            return self._doubt(record, "Exact's answer names no record")
        try:
            change = self._submission.submitted(record, document, self._clock.now(), found=False)
            return self._store.transition(record, change)
        except DocumentTaken:
            return self._doubt(record, "Exact's answer names what belongs to another record")

    def _unsent(self, record: R, error: ConnectorError, visit: Visit) -> R:
        change = transitions.unsent(record, error, self._clock.now(), self._times)
        visit.note_failure(error, change.record.due_at)
        return self._store.transition(record, change)

    def _doubt(self, record: R, reason: str, *, exact_text: str = "") -> R:
        change = transitions.doubted(record, reason, self._clock.now(), self._times, exact_text=exact_text)
        return self._store.transition(record, change)

    def _look(self, record: R, exact: ExactCalls) -> R:
        assert record.attempt is not None
        looked_at = self._clock.now()

        def free(exact_ids: Sequence[str]) -> list[str]:
            return self._store.without_others(record, exact_ids)

        for document in self._submission.search(record, record.attempt, exact, looked_at, free):
            try:
                change = self._submission.submitted(record, document, self._clock.now(), found=True)
                return self._store.transition(record, change)
            except DocumentTaken:
                continue
        return self._store.transition(record, self._absent(record, looked_at))

    def _absent(self, record: R, looked_at: datetime) -> Change[R]:
        """Look again later, send it once more, or take the words that came again for a refusal."""
        now = self._clock.now()
        change = transitions.absent(record, looked_at, now, self._times)
        if change.record.state is State.RECEIVED and record.unexplained is not None and record.unexplained.verdict:
            return self._submission.refused(record, verdict_of(record.unexplained), now)
        return change
