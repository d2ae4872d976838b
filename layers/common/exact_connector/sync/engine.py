"""The synchronisation as the rest of the product uses it: run a worker, dispatch, plan, and requests of people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exact_connector.clock import Clock, to_text
from exact_connector.documents.feed import ChangeFeed
from exact_connector.storage.leases import release
from exact_connector.storage.ports import EventBus, Queue
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import Database, Key, Table
from exact_connector.sync.dispatch import PLAN, PROJECTION, Dispatcher
from exact_connector.sync.extraction.extract import Extractor
from exact_connector.sync.ports import ContextBuilder, FamilyProjection, Reader, TenantReader, TenantView
from exact_connector.sync.projection.projector import Projector
from exact_connector.sync.projection.run import next_day
from exact_connector.sync.projection.services import REFERENCE
from exact_connector.sync.results import ChunkResult, ProjectionResult
from exact_connector.sync.stores.checkpoints import DUE_SHARD, Checkpoint, ControlRequest
from exact_connector.sync.streams.catalogue import FAMILIES, Mode, Stream, stream, wanted

ROOM_TO_PROJECT = timedelta(seconds=12)
DIVISION = "division"
_DIVISION_LOOKS = 10
_DIVISION_PAUSE = 0.5
FEED_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WorkerResult:
    """What one message came to: the chunk, and the projections that followed it."""

    chunk: ChunkResult | None
    projections: tuple[ProjectionResult, ...] = ()


class SyncEngine:
    """Everything of the synchronisation over one set of tables.

    ``readers``: tenant -> its reader of Exact. ``worker`` is unique per process. ``slack``: tenant -> whether today's
    calls leave room for a full comparison. ``ahead``: fetch the next page while one is stored.
    """

    def __init__(
        self,
        database: Database,
        sync_table: Table,
        records_table: Table,
        catalog_table: Table,
        readers: Callable[[str], Reader],
        tenants: TenantReader,
        projections: Mapping[str, FamilyProjection],
        contexts: ContextBuilder,
        queues: Mapping[str, Queue],
        events: EventBus,
        clock: Clock,
        *,
        worker: str,
        slack: Callable[[str], bool] = lambda _: True,
        ahead: bool = True,
    ) -> None:
        stores = Stores(database, sync_table, records_table, catalog_table)
        self.clock = clock
        self.tenants = tenants
        self.extractor = Extractor(stores, readers, clock, events, worker=worker, slack=slack, ahead=ahead)
        self.dispatcher = Dispatcher(sync_table, queues)
        self.projector = Projector(
            stores, clock, events, projections, contexts, worker=worker, call=self.dispatcher.call
        )
        self.checkpoints = self.extractor.checkpoints
        self.stores = stores
        self.feed = ChangeFeed(catalog_table)
        self._requiring = any(each.required_streams is not None for each in projections.values())

    def run_worker(self, tenant: str, name: str, deadline: datetime) -> WorkerResult:
        """Do what one queue message hints at: a chunk of a stream and what it changes, a projection, or the plan."""
        view = self.view(tenant)
        if view is None:
            self._retire(tenant, name)
            return WorkerResult(ChunkResult(tenant, name, "off"))
        if name == PLAN:
            self.plan(tenant)
            return WorkerResult(None)
        if name.startswith(PROJECTION):
            family = name.removeprefix(PROJECTION)
            return WorkerResult(None, self._project(view, [family], deadline))
        before = self._read_division_first(view, name, deadline)
        chunk = self.extractor.run_chunk(view, name, deadline)
        projections = self._follow(view, [each for each in (before, chunk) if each is not None], deadline)
        return WorkerResult(chunk, projections)

    def run_chunk(self, tenant: str, name: str, deadline: datetime) -> ChunkResult:
        """Run one chunk of extraction alone."""
        view = self.tenants.view(tenant)
        return ChunkResult(tenant, name, "off") if view is None else self.extractor.run_chunk(view, name, deadline)

    def dispatch(self, now: datetime) -> int:
        """Send what is due to the queues; return how many messages."""
        return self.dispatcher.dispatch(now)

    def plan(self, tenant: str) -> tuple[str, ...]:
        """Bring a tenant's streams in line with its settings and options, and have its documents looked at again.

        Call it when an administration was linked or the settings changed; it also runs every night. Returns the names
        of the streams that are read.
        """
        view, now = self.view(tenant), self.clock.now()
        if view is None:
            return ()
        chosen = {each.name: each for each in wanted(view.streams)}
        known = {each.stream: each for each in self.checkpoints.of_tenant(tenant)}
        for name in chosen.keys() - known.keys():
            self.checkpoints.create(Checkpoint(tenant, name, due_at=now, division=view.division))
        for name, checkpoint in known.items():
            self._adjust(view, checkpoint, chosen.get(name), now)
        for family in FAMILIES:
            if family in self.projector.projections:
                self.projector.states.request(tenant, family, now)
        self.stores.sync.update(
            Key(f"stream#{tenant}", PLAN), set={"due_shard": DUE_SHARD, "due_at": to_text(next_day(now))}
        )
        self.feed.prune(tenant, now - FEED_KEPT)
        return tuple(sorted(chosen))

    def make_due(self, tenant: str, names: Iterable[str]) -> tuple[str, ...]:
        """Make streams due at once (a webhook, a button); return those that could be."""
        now = self.clock.now()
        return tuple(name for name in names if self.checkpoints.make_due(tenant, name, now))

    def request(self, tenant: str, name: str, request: ControlRequest) -> bool:
        """Pause, resume, cancel or fully load a stream from the next page on; False for an unknown stream."""
        return self.checkpoints.request(tenant, name, request, self.clock.now())

    def view(self, tenant: str) -> TenantView | None:
        """Return a tenant with the streams that its documents showed to be needed beside those of its settings."""
        view = self.tenants.view(tenant)
        if view is None:
            return None
        required = self.projector.states.get(tenant, "items").required.split() if self._requiring else []
        return replace(view, streams=view.streams.union(required))

    def _read_division_first(self, view: TenantView, name: str, deadline: datetime) -> ChunkResult | None:
        """Read the administration's row before the first load of a stream that depends on its row versions.

        Where another worker is at it, its end is waited for. A division that Exact refuses stops nothing: the stream
        is loaded in full once more when the row is there.
        """
        if name == DIVISION or not stream(name).incremental or self._loaded(view.tenant, name):
            return None
        for _ in range(_DIVISION_LOOKS):
            if self._loaded(view.tenant, DIVISION):
                return None
            chunk = self.extractor.run_chunk(view, DIVISION, deadline)
            if chunk.outcome != "busy":
                return chunk
            self.clock.sleep(_DIVISION_PAUSE)
        return None

    def _loaded(self, tenant: str, name: str) -> bool:
        found = self.checkpoints.get(tenant, name)
        return found is not None and found.first_loaded

    def _follow(
        self, view: TenantView, chunks: Sequence[ChunkResult], deadline: datetime
    ) -> tuple[ProjectionResult, ...]:
        """Project what chunks touched, and whatever an earlier one left; what has no time now is due."""
        self._begin_look_ups(view, chunks)
        done = [each for each in chunks if each.outcome in ("finished", "more", "waiting", "parked", "paused")]
        touched = {family for each in done for family in (*each.families, *stream(each.stream).families)}
        if any(stream(each.stream).family == REFERENCE for each in done):
            touched.update(FAMILIES)  # what is not served yet may have waited for it
        due = self._with_work(view, touched & self.projector.projections.keys()) if touched else []
        for family in due:
            self.projector.states.request(view.tenant, family, self.clock.now())
        return self._project(view, due, deadline)

    def _project(self, view: TenantView, families: Iterable[str], deadline: datetime) -> tuple[ProjectionResult, ...]:
        """Project families, and whatever others asked for meanwhile.

        One worker at a time projects a tenant. Who finds that another does leaves at once: it asked before it tried,
        and the other looks for what was asked after it let go.
        """
        waiting, results, stopped = list(families), list[ProjectionResult](), set[str]()
        while waiting and self.clock.now() < deadline - ROOM_TO_PROJECT:
            result = self.projector.run(view, waiting.pop(0), deadline, renewed=lambda: self.view(view.tenant))
            results.append(result)
            if result.outcome == "off":  # the tenant went meanwhile
                break
            if result.required and not result.required <= self._planned(view.tenant):
                self.plan(view.tenant)
            if result.outcome == "parked":
                stopped.add(result.family)
            if result.requested:
                self._load_requested(view, result, deadline)
            if result.outcome in ("busy", "lost"):
                results.extend(self._help(view, deadline))
                # The other one may be dead: the next tick tries again.
                self.projector.states.request(view.tenant, result.family, self.clock.now())
                break
            waiting = waiting or [each for each in self._requested_meanwhile(view.tenant) if each not in stopped]
        return tuple(results)

    def _load_requested(self, view: TenantView, result: ProjectionResult, deadline: datetime) -> None:
        """Read at once what documents asked for; what has no time or no calls left now is due."""
        view = replace(view, streams=view.streams | result.requested)
        open_now = [each for each in sorted(result.requested) if self._is_open(view, each)]
        for name in self.make_due(view.tenant, open_now):
            # Asked before the rows are there: whoever dies in between leaves the family due.
            self.projector.states.request(view.tenant, result.family, self.clock.now())
            chunk = self.extractor.run_chunk(view, name, deadline)
            for family in chunk.families & self.projector.projections.keys():
                self.projector.states.request(view.tenant, family, self.clock.now())

    def _is_open(self, view: TenantView, name: str) -> bool:
        """Return whether a stream may be read now: one that Exact refused, or that lacks calls, has its time."""
        found = self.checkpoints.get(view.tenant, name)
        if found is None or found.status not in ("parked", "waiting", "paused"):
            return True
        return found.due_at is not None and found.due_at <= self.clock.now()

    def _help(self, view: TenantView, deadline: datetime) -> list[ProjectionResult]:
        """Take parts of a large first load of the tenant that another worker leads."""
        newest = self.view(view.tenant)
        if newest is None:
            return []
        loading = [each.family for each in self.projector.states.of_tenant(view.tenant) if each.run == "load"]
        found = [self.projector.help(newest, each, deadline) for each in loading if each in self.projector.projections]
        return [each for each in found if each is not None]

    def _requested_meanwhile(self, tenant: str) -> list[str]:
        now, states = self.clock.now(), self.projector.states.of_tenant(tenant)
        due = {each.family for each in states if each.due_at is not None and each.due_at <= now}
        return [family for family in FAMILIES if family in due & self.projector.projections.keys()]

    def _planned(self, tenant: str) -> frozenset[str]:
        return frozenset(each.stream for each in self.checkpoints.of_tenant(tenant) if each.status != "off")

    def _begin_look_ups(self, view: TenantView, chunks: Iterable[ChunkResult]) -> None:
        """Make the streams due that look single owners up, as soon as the rows are there that say for whom."""
        finished = [stream(each.stream) for each in chunks if each.outcome == "finished"]
        mains = {each.family for each in finished if each.main}
        for each in wanted(view.streams) if mains else ():
            if each.mode is Mode.LOOKUP and each.family in mains and not self._loaded(view.tenant, each.name):
                self.make_due(view.tenant, [each.name])

    def _with_work(self, view: TenantView, families: Set[str]) -> list[str]:
        """Return those of the families that have rows to project, or whose first load may begin, in their order."""
        checkpoints = self.checkpoints.of_tenant(view.tenant)
        states = {each.family: each.status for each in self.projector.states.of_tenant(view.tenant)}
        return [
            family
            for family in FAMILIES
            if family in families
            and (
                self._has_lists(view.tenant, family)
                if states.get(family) == "live"
                else self.projector.ready(view, family, checkpoints)
            )
        ]

    def _has_lists(self, tenant: str, family: str) -> bool:
        return bool(self.stores.sync.query(f"affected#{tenant}", prefix=f"{family}#", limit=1).rows)

    def _adjust(self, view: TenantView, old: Checkpoint, chosen: Stream | None, now: datetime) -> None:
        """Switch a stream on or off, wake one that a reconnection revives, and apply a shorter interval."""
        new = adjusted(old, chosen, view, now)
        if new == old:
            return
        claimed = self.checkpoints.claim(view.tenant, old.stream, self.extractor.worker, now)
        if claimed is None:
            return
        again = adjusted(claimed.checkpoint, chosen, view, now)
        self.checkpoints.save(claimed, again, now, keep_lease=False)
        release(self.stores.sync, claimed.lease)

    def _retire(self, tenant: str, name: str) -> None:
        """Take a row of a tenant that is gone out of the due index."""
        prefix = "projection" if name.startswith(PROJECTION) else "stream"
        key = Key(f"{prefix}#{tenant}", name.removeprefix(PROJECTION))
        if self.stores.sync.get(key) is not None:
            self.stores.sync.update(key, remove=("due_shard", "due_at"))


def adjusted(old: Checkpoint, chosen: Stream | None, view: TenantView, now: datetime) -> Checkpoint:
    """Return a checkpoint as the tenant's settings want it. Pure."""
    if chosen is None:
        return old if old.status == "off" else replace(old, status="off", due_at=None, phase="", cursor=None)
    if old.status == "off":
        # What is read as a whole is not there until it was read again; the others go on at their watermark.
        return replace(old, status="idle", due_at=now, first_loaded=old.first_loaded and chosen.incremental)
    if old.status == "parked" and old.due_at is None and view.connected:
        return replace(old, status="running" if old.phase else "idle", due_at=now)
    if old.status == "idle" and old.due_at is not None:
        interval = timedelta(seconds=view.sync.intervals.get(old.stream, chosen.freshness))
        return replace(old, due_at=min(old.due_at, now + interval))
    return old
