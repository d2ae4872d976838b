"""Projection: from stored rows to canonical documents and the change feed, without any call to Exact.

One worker per tenant at a time holds the lease that lies on the feed's head. What it does, in this order:

    first load    when every stream of the family has completed its first load: all owners, then one reset entry
    again         the settings or the reference rows changed: all owners, entries for what differs
    dates         a new day began: the owners whose documents change by date alone
    key lists     what extraction touched since
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.clock import EXACT_ZONE, Clock, today
from exact_connector.errors import ConnectorError, TransientError
from exact_connector.fields import Row
from exact_connector.ports import EventBus
from exact_connector.store import Key
from exact_connector.sync import lookups
from exact_connector.sync.affected import AffectedKeys, KeyList
from exact_connector.sync.checkpoints import Checkpoints
from exact_connector.sync.documents import Changes, DocumentWriter, Made, ProjectionLeaseLost, compare
from exact_connector.sync.feed import head_key
from exact_connector.sync.leases import acquire, release, whole
from exact_connector.sync.packing import pack
from exact_connector.sync.pages import Poison
from exact_connector.sync.ports import ContextBuilder, FamilyProjection, Stores, TenantView
from exact_connector.sync.records import Owner, Records, bucket_of, buckets
from exact_connector.sync.reports import Reports
from exact_connector.sync.results import Outcome, ProjectionResult
from exact_connector.sync.states import Pass, ProjectionState, ProjectionStates, complete, start
from exact_connector.sync.streams import FAMILIES, Mode, of_family, stream, wanted

REFERENCE = "reference"
TIME_MARGIN = timedelta(seconds=8)
OWNERS_AT_ONCE = 500
_AFTER_ERROR = timedelta(minutes=15)
_REPORTED = 50


@dataclass(frozen=True, slots=True)
class Ground:
    """What a run of projections stands on: the context, and how its settings and reference rows are recognised."""

    context: Any
    fingerprint: str
    reference: Mapping[str, Sequence[Row]]
    superseded: tuple[Key, ...]


class Projector:
    """Projects families. ``worker`` names this process in the lease."""

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        projections: Mapping[str, FamilyProjection],
        contexts: ContextBuilder,
        *,
        worker: str,
    ) -> None:
        self.stores = stores
        self.clock = clock
        self.events = events
        self.projections = projections
        self.contexts = contexts
        self.worker = worker
        self.checkpoints = Checkpoints(stores.sync)
        self.affected = AffectedKeys(stores.sync)
        self.records = Records(stores.records)
        self.reports = Reports(stores.sync)
        self.states = ProjectionStates(stores.sync)

    def run(
        self,
        view: TenantView,
        family: str,
        deadline: datetime,
        *,
        renewed: Callable[[], TenantView | None] | None = None,
    ) -> ProjectionResult:
        """Bring a family's documents up to what is stored, or until the time is up.

        ``renewed`` looks the tenant up again once it is known which requests are answered by this run: settings that
        were changed before such a request are then always seen.
        """
        if family not in self.projections:
            return ProjectionResult(view.tenant, family, "off")
        state = self.states.get(view.tenant, family)
        if state.status != "live" and not self.ready(view, family):
            self.states.rest(state, self.clock.now() + _AFTER_ERROR)
            return ProjectionResult(view.tenant, family, "waiting")
        given = acquire(self.stores.catalog, head_key(view.tenant), self.worker, self.clock.now())
        if given is None:
            return ProjectionResult(view.tenant, family, "busy")
        lease, head = given
        try:
            state = self.states.get(view.tenant, family)
            newest = view if renewed is None else renewed()
            if newest is None:
                return ProjectionResult(view.tenant, family, "off")
            run = _Run(self, newest, family, state, deadline)
            writer = DocumentWriter(
                self.stores,
                view.tenant,
                family,
                lease,
                whole(head.get("seq")),
                announce=state.status == "live",
                rule=self.projections[family].rule,
            )
            return run.work(writer)
        except ProjectionLeaseLost:
            return ProjectionResult(view.tenant, family, "lost")
        finally:
            release(self.stores.catalog, lease)

    def ready(self, view: TenantView, family: str) -> bool:
        """Tell whether every stream that the family needs has completed its first load or is refused by Exact."""
        streams = wanted(view.streams)
        needed = {each.name for each in (*of_family(streams, family), *of_family(streams, REFERENCE))}
        needed -= {each.name for each in streams if each.mode.on_request}
        loaded = {
            each.stream
            for each in self.checkpoints.of_tenant(view.tenant)
            if each.first_loaded or (each.status == "parked" and each.error_code == "EXACT_REJECTED")
        }
        return needed <= loaded

    def ground(self, view: TenantView, family: str) -> Ground:
        """Read the reference rows and build the context."""
        rows: dict[str, list[Row]] = {}
        superseded: list[Key] = []
        for owner in self.records.bucket(view.tenant, REFERENCE, 0):
            rows.update(owner.by_kind())
            superseded.extend(owner.superseded)
        kinds = self.projections[family].reference_kinds
        shaping = {kind: found for kind, found in rows.items() if kinds is None or kind in kinds}
        fingerprint = _fingerprint(view.fingerprints.get(family, ""), shaping)
        return Ground(self.contexts(view, today(self.clock), rows), fingerprint, rows, tuple(superseded))


class _Run:
    """One run over one family under the projection lease."""

    def __init__(
        self, home: Projector, view: TenantView, family: str, state: ProjectionState, deadline: datetime
    ) -> None:
        self.home = home
        self.view = view
        self.family = family
        self.state = state
        self.deadline = deadline
        self.projection = home.projections[family]
        self.owners = 0
        self.superseded: list[Key] = []
        self.failed: list[Poison] = []
        self.warnings: Counter[str] = Counter()
        self.covered: Sequence[KeyList] = ()
        self.demands: set[str] = {*self.state.demands.split(), *self.state.pass_demands.split()}
        self.asking: dict[str, list[str]] = {}
        self.asked: Counter[str] = Counter()
        self.ground = home.ground(view, family)

    def work(self, writer: DocumentWriter) -> ProjectionResult:
        try:
            finished = self._pass(writer) and self._lists(writer)
            writer.flush(self.home.clock.now())
        except ConnectorError as error:
            return self._stopped(writer, error)
        self._tidy()
        return self._rest(writer, finished=finished)

    # -- passes over all owners ---------------------------------------------------------------------------------------

    def _pass(self, writer: DocumentWriter) -> bool:
        """Carry on or begin a pass over all owners where one is needed; False when the time is up."""
        kind = self._needed()
        if not kind:
            return True
        if not self.state.run or kind != self.state.run or self.ground.fingerprint != self.state.pass_fingerprint:
            self.state = start(self.state, kind, self.ground.fingerprint, today(self.home.clock))
            self.home.states.save(self.state)
            self.covered = [] if kind == "dates" else self.home.affected.ready(self.view.tenant, self.family)
        every = list(buckets(self.family))
        while self.state.place < len(every):
            if self._late():
                writer.flush(self.home.clock.now())
                return False
            self._bucket(writer, every[self.state.place], dated=kind == "dates")
            writer.keep(self.home.clock.now())
            self._ask()
            self.state = replace(self.state, place=self.state.place + 1, pass_demands=self._demanded())
            self.home.states.save(self.state)
        if kind == "load":
            writer.announce_reset(self.projection.kinds, self.home.clock.now())
        self.state = replace(complete(self.state), demands=self._demanded(), pass_demands="")
        self.home.states.save(self.state)
        self.home.affected.finish(self.covered)
        return True

    def _needed(self) -> Pass:
        if self.state.status != "live":
            return "load"
        # A pass that was broken off left some documents of its own settings, also when the old settings are back.
        if self.state.fingerprint != self.ground.fingerprint or self.state.run == "again":
            return "again"
        return "dates" if self.state.dated < today(self.home.clock).isoformat() else ""

    def _bucket(self, writer: DocumentWriter, bucket: int, *, dated: bool) -> None:
        made = writer.made(bucket)
        if dated:
            day = today(self.home.clock)
            due = {each.owner for each in made.values() if each.changes_on is not None and each.changes_on <= day}
            self._write(writer, self._read(due), made)
            return
        seen: set[str] = set()
        for batch in _batches(self._all(bucket), OWNERS_AT_ONCE):
            seen.update(owner.owner for owner in batch)
            self._write(writer, batch, made)
        self._write(writer, [Owner(owner, {}) for owner in sorted(made.keys() - seen)], made)

    def _all(self, bucket: int) -> Iterable[Owner]:
        if self.family == REFERENCE:
            return [self._reference()]
        return self.home.records.bucket(self.view.tenant, self.family, bucket)

    def _read(self, owners: Iterable[str]) -> Iterable[Owner]:
        wanted_owners = set(owners)
        if not wanted_owners:
            return []
        if self.family == REFERENCE:
            return [self._reference()]
        return self.home.records.owners(self.view.tenant, self.family, wanted_owners)

    def _reference(self) -> Owner:
        return Owner(REFERENCE, {}, self.ground.superseded)

    # -- key lists ----------------------------------------------------------------------------------------------------

    def _lists(self, writer: DocumentWriter) -> bool:
        """Project what the ready key lists name; False when the time is up before all are done."""
        if self.state.status != "live":
            return True
        writer.announcing()
        lists = self.home.affected.ready(self.view.tenant, self.family)
        for group in _by_owners(lists, 4 * OWNERS_AT_ONCE):
            if self._late():
                return False
            owners = self._in_order(owner for listed in group for owner in listed.owners)
            for start_at in range(0, len(owners), OWNERS_AT_ONCE):
                part = owners[start_at : start_at + OWNERS_AT_ONCE]
                self._write(writer, self._read(part), writer.made_of(part))
                writer.keep(self.home.clock.now())
            self._keep_demands()
            self.home.affected.finish(group)
        return True

    def _in_order(self, owners: Iterable[str]) -> list[str]:
        """Return owners once each, those of a bucket together: many of one bucket are read at once."""
        if self.family == REFERENCE:
            return [REFERENCE]
        return sorted(set(owners), key=lambda owner: (bucket_of(self.family, owner), owner))

    def _demanded(self) -> str:
        return " ".join(sorted(self.demands))

    def _demand(self, owner: Owner, streams: Iterable[str]) -> None:
        """Note that an owner needs rows of these streams; those read on request are asked for what it has not yet."""
        for name in streams:
            self.demands.add(name)
            if stream(name).mode is Mode.NAMED and lookups.pending(owner, stream(name)) is not None:
                self.asking.setdefault(name, []).append(owner.owner)

    def _ask(self) -> None:
        """Write the lists of whom to read more about, before what showed the need is forgotten."""
        for name, owners in self.asking.items():
            self.asked[name] += 1
            unique = f"{self.home.worker}.{self.asked[name]}"
            self.home.affected.ask(self.view.tenant, name, owners, now=self.home.clock.now(), name=unique)
        self.asking = {}

    def _keep_demands(self) -> None:
        """Store what the documents demand before the lists that showed it are forgotten: a worker may die then."""
        self._ask()
        if self._demanded() != self.state.demands:
            self.state = replace(self.state, demands=self._demanded())
            self.home.states.save(self.state)

    def _write(self, writer: DocumentWriter, owners: Iterable[Owner], made: Mapping[str, Made]) -> None:
        batch: list[Changes] = []
        for owner in owners:
            self.owners += 1
            self.superseded.extend(owner.superseded)
            projections = self._project(owner)
            if projections is not None:
                batch.append(compare(made.get(owner.owner, Made(owner.owner)), projections))
        writer.write(batch, self.ground.context, self.home.clock.now())

    def _project(self, owner: Owner) -> Sequence[Projection] | None:
        """Return an owner's documents; None when its rows cannot be projected, which is reported and blocks nobody."""
        rows = self.ground.reference if self.family == REFERENCE else owner.by_kind()
        try:
            found = self.projection.project(OwnerRows(owner.owner, rows), self.ground.context)
        except ConnectorError:
            raise
        except Exception as error:  # whatever one record's data provokes must not stop the others
            self.warnings["PROJECTION_FAILED"] += 1
            if self.warnings["PROJECTION_FAILED"] > _REPORTED:
                return None
            message = f"the rows of this record could not be turned into documents: {type(error).__name__}"
            self.failed.append(Poison(owner.owner, "PROJECTION_FAILED", message))
            return None
        if self.projection.demands is not None:
            self._demand(owner, self.projection.demands(OwnerRows(owner.owner, rows), found, self.ground.context))
        for each in found:
            for warning in each.warnings:
                self.warnings[warning.code] += 1
                if self.warnings[warning.code] <= _REPORTED:
                    self.failed.append(Poison(each.key, warning.code, warning.message))
        return found

    # -- endings ------------------------------------------------------------------------------------------------------

    def _late(self) -> bool:
        return self.home.clock.now() > self.deadline - TIME_MARGIN

    def _tidy(self) -> None:
        self.home.records.remove(self.superseded)
        if self.failed:
            self.home.reports.add(self.view.tenant, self.family, self.failed, self.home.clock.now())

    def _rest(self, writer: DocumentWriter, *, finished: bool) -> ProjectionResult:
        now = self.home.clock.now()
        due = next_day(now) if finished else now
        self.state = replace(
            self.state,
            last_run_at=now,
            demands=self._demanded() if not self.state.run else self.state.demands,
            pass_demands=self._demanded() if self.state.run else "",
            error_code=None,
            error_message=None,
            warnings=sum(self.warnings.values()) if self.owners else self.state.warnings,
        )
        self.home.states.rest(self.state, due)
        if self.family == REFERENCE and self.owners:
            self._ask_others(now)
        return self._result("finished" if finished else "more", writer, due)

    def _ask_others(self, now: datetime) -> None:
        for family in FAMILIES:
            if family != REFERENCE and family in self.home.projections:
                self.home.states.ask(self.view.tenant, family, now)

    def _stopped(self, writer: DocumentWriter, error: ConnectorError) -> ProjectionResult:
        now = self.home.clock.now()
        due = now + _AFTER_ERROR
        if not isinstance(error, TransientError):
            detail = {"tenant": self.view.tenant, "family": self.family, "code": error.code}
            self.home.events.publish("sync.projection_stopped", detail)
        self.state = replace(self.state, error_code=error.code, error_message=error.message)
        self.home.states.rest(self.state, due)
        return self._result("parked", writer, due)

    def _result(self, outcome: Outcome, writer: DocumentWriter, due: datetime) -> ProjectionResult:
        demanded = frozenset(self.demands)
        return ProjectionResult(
            self.view.tenant,
            self.family,
            outcome,
            self.owners,
            writer.written,
            writer.removed,
            due,
            demanded,
            frozenset(self.asked),
        )


def next_day(now: datetime) -> datetime:
    """Return a few minutes after the next midnight in Europe/Amsterdam."""
    tomorrow = now.astimezone(EXACT_ZONE).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, 0, 5, tzinfo=EXACT_ZONE).astimezone(now.tzinfo)


def _fingerprint(settings: str, reference: Mapping[str, Sequence[Row]]) -> str:
    digest = blake2b(settings.encode(), digest_size=16)
    for kind in sorted(reference):
        rows = sorted(pack(dict(sorted(row.items()))) for row in reference[kind])
        digest.update(kind.encode())
        for row in rows:
            digest.update(row)
    return digest.hexdigest()


def _batches(owners: Iterable[Owner], size: int) -> Iterator[list[Owner]]:
    batch: list[Owner] = []
    for owner in owners:
        batch.append(owner)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _by_owners(lists: Sequence[KeyList], size: int) -> Iterator[list[KeyList]]:
    """Group lists so that a group names about ``size`` owners."""
    group: list[KeyList] = []
    count = 0
    for listed in lists:
        group.append(listed)
        count += len(listed.owners)
        if count >= size:
            yield group
            group, count = [], 0
    if group:
        yield group
