"""Extraction: one chunk of one stream of one tenant, from Exact's pages to stored rows.

For each page: the deletion head is read, then the page is fetched; the key list is written as open, then the rows, then
one transaction moves the cursor and makes the list ready. The next page is fetched while this one is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from exact_connector.clock import Clock, to_text
from exact_connector.errors import (
    BudgetExhausted,
    EndpointParked,
    ExactQueryRefused,
    ExactRejected,
    TerminalError,
    TransientError,
)
from exact_connector.storage.leases import LeaseLost, release
from exact_connector.storage.ports import EventBus
from exact_connector.storage.stores import Stores
from exact_connector.sync.extraction import runs
from exact_connector.sync.extraction.comparison import Comparison
from exact_connector.sync.extraction.fetching import PageFetcher
from exact_connector.sync.extraction.lookup_run import LookupRun, NamedRun
from exact_connector.sync.extraction.pages import Prepared, prepare
from exact_connector.sync.extraction.storing import PageStore, Parts
from exact_connector.sync.ports import PageOfRows, Reader, TenantView
from exact_connector.sync.results import ChunkResult, Outcome
from exact_connector.sync.stores.checkpoints import Checkpoint, Claimed
from exact_connector.sync.stores.deletions import owners_of
from exact_connector.sync.stores.reports import Known, Reports
from exact_connector.sync.streams.catalogue import DAY, Mode, Stream, main_of, stream

TIME_MARGIN = timedelta(seconds=10)
LONGEST_WAIT = timedelta(seconds=62)
LEAST_INTERVAL = 60
_LOOK_AGAIN = timedelta(minutes=5)


class Extractor:
    """Runs chunks. ``worker`` names this process in leases; ``slack`` says whether a tenant's budget has room for a
    comparison; ``ahead`` False fetches one page at a time (for tests that crash at every step)."""

    def __init__(
        self,
        stores: Stores,
        readers: Callable[[str], Reader],
        clock: Clock,
        events: EventBus,
        *,
        worker: str,
        slack: Callable[[str], bool] = lambda _: True,
        ahead: bool = True,
    ) -> None:
        self.stores = stores
        self.readers = readers
        self.clock = clock
        self.events = events
        self.worker = worker
        self.slack = slack
        self.ahead = ahead
        self.parts = Parts.of(stores, clock)
        self.checkpoints = self.parts.checkpoints
        self.affected = self.parts.affected
        self.log = self.parts.log
        self.records = self.parts.records
        self.reports = Reports(stores.sync)

    def run_chunk(self, view: TenantView, name: str, deadline: datetime) -> ChunkResult:
        """Work on a stream until its run is complete or the chunk's work, time or budget ends."""
        now = self.clock.now()
        current = self.checkpoints.get(view.tenant, name)
        if current is None or current.status == "off":
            return ChunkResult(view.tenant, name, "off")
        if current.due_at is None or current.due_at > now:
            return ChunkResult(view.tenant, name, "not_due", due_at=current.due_at)
        claimed = self.checkpoints.claim(view.tenant, name, self.worker, now)
        if claimed is None:
            return ChunkResult(view.tenant, name, "busy")
        chunk = _Chunk(self, view, stream(name), claimed, deadline)
        try:
            return chunk.run()
        finally:
            release(self.stores.sync, claimed.lease)


class _Chunk:
    """One chunk under one lease."""

    def __init__(
        self, services: Extractor, view: TenantView, stream: Stream, claimed: Claimed, deadline: datetime
    ) -> None:
        self.services = services
        self.view = view
        self.stream = stream
        self.deadline = deadline
        self.store = PageStore(services.parts, view, stream, claimed)
        self.pages = 0
        self.rows = 0
        self.seen = 0

    @cached_property
    def reader(self) -> Reader:
        return self.services.readers(self.view.tenant)

    @cached_property
    def known(self) -> Known:
        """What was reported of this stream before."""
        return self.services.reports.known(self.view.tenant, self.stream.name)

    @property
    def checkpoint(self) -> Checkpoint:
        return self.store.checkpoint

    def run(self) -> ChunkResult:
        try:
            stop = self._apply_request() or self._before_main()
            if stop is not None:
                return self._result(stop)
            self._start()
            return self._result(self._work())
        except LeaseLost:
            return self._interrupted()
        except TransientError as error:
            return self._result(self._put_off(error))
        except TerminalError as error:
            return self._result(self._park(error))
        except Exception as error:
            self._put_off(TransientError(f"an unforeseen {type(error).__name__} stopped the chunk", code="INTERNAL"))
            raise

    # -- the run ------------------------------------------------------------------------------------------------------

    def _apply_request(self) -> Outcome | None:
        """Carry out what a person requested; the outcome when that ends the chunk."""
        request, now = self.store.claimed.request, self.services.clock.now()
        checkpoint = self.checkpoint
        if request is None:
            return "paused" if checkpoint.status == "paused" else None
        match request:
            case "pause":
                new = replace(checkpoint, status="paused", due_at=None)
            case "resume":
                new = replace(checkpoint, status="running" if checkpoint.phase else "idle", due_at=now, attempts=0)
            case "full":
                new = replace(checkpoint, status="running", phase="", full_wanted=True, due_at=now)
            case "cancel":
                due = now + timedelta(seconds=self._interval())
                new = replace(checkpoint, status="idle", phase="", run_kind="", cursor=None, due_at=due)
        self.store.repair()
        self.store.save(new)
        self.store.claimed = self.services.checkpoints.request_done(self.store.claimed)
        return {"pause": "paused", "cancel": "finished"}.get(request)  # type: ignore[return-value]

    def _before_main(self) -> Outcome | None:
        """Look nothing up before the rows are there that say for whom; their first load makes this stream due."""
        main = main_of(self.stream.family)
        if self.stream.mode is not Mode.LOOKUP or main is None or self.checkpoint.first_loaded:
            return None
        found = self.services.checkpoints.get(self.view.tenant, main.name)
        if found is None or found.first_loaded:
            return None
        self.store.save(replace(self.checkpoint, due_at=self.services.clock.now() + _LOOK_AGAIN))
        return "waiting"

    def _start(self) -> None:
        self.store.repair()
        if self.checkpoint.phase:
            return
        division = self.services.checkpoints.get(self.view.tenant, "division")
        context = runs.RunContext(
            self.services.clock.now(),
            self.view.division,
            "" if division is None else division.moved,
            self.services.slack(self.view.tenant),
        )
        self.store.save(runs.begin(self.checkpoint, self.stream, context))

    def _work(self) -> Outcome:
        if self.stream.mode.on_request:
            return self._look_up()
        while self.checkpoint.phase == "extract":
            try:
                if not self._extract():
                    return "more"
            except BudgetExhausted as error:
                if not self._wait(error.retry_after):
                    raise
        if self.checkpoint.phase in ("count", "sweep"):
            return self._compare()
        return "finished"

    def _extract(self) -> bool:
        """Store pages until the run's last one; False when the chunk has to end before."""
        fetcher = PageFetcher(self.reader, self.services.log, self.view.tenant)
        with fetcher.reading(runs.query(self.checkpoint, self.stream), ahead=self.services.ahead) as fetch:
            fetched = fetch(self.checkpoint.cursor)()
            while True:
                following = fetched.page.next_url
                prepared = self._prepare(fetched.page)
                self.seen += prepared.size
                go_on = following is not None and not self._spent()
                upcoming = fetch(following) if go_on else None
                self._store(prepared, fetched.head, following)
                if upcoming is None:
                    return following is None
                fetched = upcoming()

    def _prepare(self, page: PageOfRows) -> Prepared:
        order = self.store.order(self.pages)
        return prepare(
            self.stream,
            page.rows,
            overlap=runs.overlap_of(self.checkpoint, self.stream),
            generation=self.checkpoint.generation,
            order=order,
            concerns=lambda row, mark: runs.concerns(self.checkpoint, self.stream, row, mark),
        )

    def _look_up(self) -> Outcome:
        way = NamedRun if self.stream.mode is Mode.NAMED else LookupRun
        run = way(self.store, self.reader, self._deadline_passed, self._wait, self.view.sync.chunk_rows)
        try:
            complete = run.work()
        finally:
            self.pages += run.calls
            self.rows += run.rows
        if not complete:
            return "more"
        now = self.services.clock.now()
        self.store.save(runs.finished(self.checkpoint, now, self._interval()))
        if self.services.affected.ready(self.view.tenant, self.stream.name):  # it was requested while others were read
            self.services.checkpoints.make_due(self.view.tenant, self.stream.name, now)
        return "finished"

    def _compare(self) -> Outcome:
        comparison = Comparison(self.services.records, self.view.tenant, self.stream, self.checkpoint.generation)
        while self.checkpoint.phase == "count":
            if self._deadline_passed():
                return "more"
            total, missing = comparison.count(self.checkpoint.position)
            new = replace(
                self.checkpoint,
                position=self.checkpoint.position + 1,
                counted=self.checkpoint.counted + total,
                missing=self.checkpoint.missing + missing,
            )
            self.store.save(self._counted(new) if new.position >= comparison.positions else new)
        while self.checkpoint.phase == "sweep":
            if self._deadline_passed():
                return "more"
            self._sweep(comparison)
        return "finished"

    def _counted(self, checkpoint: Checkpoint) -> Checkpoint:
        now = self.services.clock.now()
        if checkpoint.missing == 0:
            return runs.finished(checkpoint, now, self._interval())
        if runs.may_vanish(checkpoint.counted, checkpoint.missing, self.view.sync.safety_share):
            return replace(checkpoint, phase="sweep", position=0)
        message = (
            f"{checkpoint.missing} of {checkpoint.counted} rows were not seen in a complete load; nothing was removed. "
            "If that is right, raise the safety share and ask for a full load"
        )
        self._publish("sync.mass_deletion_refused", {"rows": checkpoint.counted, "missing": checkpoint.missing})
        done = runs.finished(checkpoint, now, self._interval())
        return replace(done, error_code=runs.MASS_DELETION_REFUSED, error_message=message, error_at=now)

    def _sweep(self, comparison: Comparison) -> None:
        gone = comparison.missing(self.checkpoint.position)
        new = replace(self.checkpoint, position=self.checkpoint.position + 1)
        if new.position >= comparison.positions:
            new = runs.finished(new, self.services.clock.now(), self._interval())
        if not gone:
            self.store.save(new)
            return
        lists = self.store.open(owners_of(gone), head=0)
        self.services.records.write(self.view.tenant, gone=gone, at=to_text(self.services.clock.now()))
        self.store.commit(new, lists, (), None)

    # -- waiting -----------------------------------------------------------------------------------------------------

    def _wait(self, until: datetime | None) -> bool:
        """Wait for the next budget window when it comes within the chunk's time."""
        now = self.services.clock.now()
        if until is None or until > self.deadline - TIME_MARGIN or until - now > LONGEST_WAIT:
            return False
        self.store.save(self.checkpoint)
        self.services.clock.sleep((until - now).total_seconds())
        return True

    def _deadline_passed(self) -> bool:
        return self.services.clock.now() > self.deadline - TIME_MARGIN

    def _spent(self) -> bool:
        return self.seen >= self.view.sync.chunk_rows or self._deadline_passed()

    # -- storing ------------------------------------------------------------------------------------------------------

    def _store(self, prepared: Prepared, head: int, following: str | None) -> None:
        now = self.services.clock.now()
        new = self._advanced(prepared, following)
        if prepared.poison:
            self.services.reports.add(self.view.tenant, self.stream.name, prepared.poison, now)
        for row in prepared.rows:
            self.known.seen(row.row_id)
        self.known.settled.difference_update((each.code, each.key) for each in prepared.poison)
        if self.stream.mode is Mode.DELETED:
            self.store.store_deletions(prepared, new)
        elif prepared.rows or prepared.ownerless:
            self.store.store_rows(prepared, head, new)
        else:
            self.store.commit(new, [], (), None)
        self.pages += 1
        self.rows += len(prepared.rows) + len(prepared.deleted)

    def _advanced(self, prepared: Prepared, following: str | None) -> Checkpoint:
        old, now = self.checkpoint, self.services.clock.now()
        new = replace(
            old,
            cursor=following,
            newest=max(old.newest, prepared.newest),
            overlap=prepared.overlap.to_bytes() if self.stream.incremental else b"",
            rows_run=old.rows_run + prepared.size - prepared.known - len(prepared.poison),
            pages_run=old.pages_run + 1,
            skipped_run=old.skipped_run + len(prepared.poison),
            attempts=0,
            failing_since=None,
            status="running",
            due_at=now,
        )
        if self.stream.name == "division":
            new = replace(new, moved=_moved(prepared))
        return new if following is not None else runs.after_last_page(new, self.stream, now, self._interval())

    # -- endings ------------------------------------------------------------------------------------------------------

    def _interrupted(self) -> ChunkResult:
        found = self.services.checkpoints.reread(self.store.claimed)
        if found is None or found.request is None:
            return self._result("lost")
        self.store.claimed = found
        try:
            stop = self._apply_request()
        except LeaseLost:
            return self._result("lost")
        return self._result(stop or "more")

    def _put_off(self, error: TransientError) -> Outcome:
        now = self.services.clock.now()
        if isinstance(error, BudgetExhausted):
            due = error.retry_after or now + timedelta(seconds=60)
            return self._end(replace(self.checkpoint, status="waiting", due_at=due), "waiting")
        attempts = self.checkpoint.attempts + 1
        due = max(now + runs.back_off(attempts), error.retry_after or now)
        status: Literal["parked", "waiting"] = "parked" if isinstance(error, EndpointParked) else "waiting"
        new = replace(self.checkpoint, status=status, due_at=due, attempts=attempts)
        return self._end(self._with_error(new, error.code, error.message), status)

    def _park(self, error: TerminalError) -> Outcome:
        now, checkpoint = self.services.clock.now(), self.checkpoint
        unfiltered = self._without_filter(error)
        if unfiltered is not None:
            return self._end(unfiltered, "more")
        refused = isinstance(error, (ExactRejected, ExactQueryRefused))
        if refused and checkpoint.cursor and checkpoint.attempts == 0:
            again = replace(checkpoint, cursor=None, attempts=1, due_at=now, status="waiting")
            return self._end(self._with_error(again, error.code, error.message), "more")
        attempts = checkpoint.attempts + 1
        rest = runs.retry_after_refusal(error, attempts)
        self._publish("sync.parked", {"code": error.code, "endpoint": self.stream.path})
        due = None if rest is None else now + rest
        new = replace(checkpoint, status="parked", due_at=due, attempts=attempts)
        return self._end(self._with_error(new, error.code, error.message), "parked")

    def _without_filter(self, error: TerminalError) -> Checkpoint | None:
        if not isinstance(error, ExactQueryRefused):
            return None
        return runs.without_filter(self.checkpoint, self.stream, error, self.services.clock.now())

    def _with_error(self, checkpoint: Checkpoint, code: str, message: str) -> Checkpoint:
        now = self.services.clock.now()
        since = checkpoint.failing_since or now
        return replace(checkpoint, error_code=code, error_message=message, error_at=now, failing_since=since)

    def _end(self, new: Checkpoint, outcome: Outcome) -> Outcome:
        saved = self.services.checkpoints.save(self.store.claimed, new, self.services.clock.now())
        if saved is None:
            return "lost"
        self.store.claimed = saved
        return outcome

    def _result(self, outcome: Outcome) -> ChunkResult:
        if self.rows and outcome != "lost":
            self.services.reports.clear(self.view.tenant, self.stream.name, self.known.settled)
        due = self.checkpoint.due_at
        families = frozenset(self.store.families)
        return ChunkResult(self.view.tenant, self.stream.name, outcome, self.pages, self.rows, due, families)

    def _interval(self) -> int:
        chosen = self.view.sync.intervals.get(self.stream.name)
        if chosen is None and self.stream.freshness >= DAY:
            return runs.until_night(self.services.clock.now(), f"{self.view.tenant} {self.stream.name}")
        return max(LEAST_INTERVAL, chosen or self.stream.freshness)

    def _publish(self, kind: str, detail: dict[str, object]) -> None:
        self.services.events.publish(kind, {"tenant": self.view.tenant, "stream": self.stream.name, **detail})


def _moved(prepared: Prepared) -> str:
    """Return the marks of the administration's row, "" when it did not come."""
    return next((runs.division_marks(each.row) for each in prepared.rows), "")
