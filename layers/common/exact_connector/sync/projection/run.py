"""One run over a family's documents under the projection lease: a pass over all owners where needed, and key lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.clock import EXACT_ZONE, today
from exact_connector.documents.writer import Changes, DocumentWriter, Made, ProjectionLeaseLost, compare
from exact_connector.errors import ConnectorError, TransientError
from exact_connector.storage.buckets import bucket_of, buckets
from exact_connector.storage.leases import release, whole
from exact_connector.storage.table import Key
from exact_connector.sync.extraction import lookups, named
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.services import REFERENCE, ProjectionHome
from exact_connector.sync.results import Outcome, Poison, ProjectionResult
from exact_connector.sync.stores.affected import KeyList
from exact_connector.sync.stores.parts import Part, laid_out
from exact_connector.sync.stores.records import Owner
from exact_connector.sync.stores.states import Pass, ProjectionState, complete, start
from exact_connector.sync.streams.catalogue import FAMILIES, Mode, stream

TIME_MARGIN = timedelta(seconds=8)
OWNERS_AT_ONCE = 500
AFTER_ERROR = timedelta(minutes=15)
_PAUSE = 0.5
_REPORTED = 50


class ProjectionRun:
    """One run over one family under the projection lease."""

    def __init__(
        self, home: ProjectionHome, view: TenantView, family: str, state: ProjectionState, deadline: datetime
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
        self.known = home.reports.known(view.tenant, family)
        self.warnings: Counter[str] = Counter()
        self.covered: Sequence[KeyList] = ()
        self.counted = False
        self.warned = 0
        self.written = 0
        self.demands: set[str] = {*self.state.demands.split(), *self.state.pass_demands.split()}
        self.asking: dict[str, list[str]] = {}
        self.asked: Counter[str] = Counter()
        self.ground = home.ground(view, family)

    def work(self, writer: DocumentWriter) -> ProjectionResult:
        """Do the pass and the key lists that are due; return what was written and whether everything was done."""
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
            self.state = start(self.state, kind, self.ground.fingerprint, today(self.home.clock), uuid4().hex)
            self.home.states.save(self.state)
            self.covered = [] if kind == "dates" else self.home.affected.ready(self.view.tenant, self.family)
        shared = kind == "load" and self._shared(writer)
        if not (self._lead(writer) if shared else self._alone(writer, dated=kind == "dates")):
            return False
        if kind == "load":
            writer.announce_reset(self.projection.kinds, self.home.clock.now())
        self.state = replace(complete(self.state), demands=self._demanded(), pass_demands="")
        self.home.states.save(self.state)
        self.home.affected.finish(self.covered)
        return True

    def _alone(self, writer: DocumentWriter, *, dated: bool) -> bool:
        """Project bucket after bucket; False when the time is up."""
        every = buckets(self.family)
        while self.state.place < len(every):
            if self._late():
                writer.flush(self.home.clock.now())
                return False
            self._bucket(writer, every[self.state.place], dated=dated)
            writer.keep(self.home.clock.now())
            self._ask()
            self.state = replace(self.state, place=self.state.place + 1, pass_demands=self._demanded())
            self.home.states.save(self.state)
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

    # -- parts of a first load ----------------------------------------------------------------------------------------

    def _shared(self, writer: DocumentWriter) -> bool:
        """Tell whether the first load is done in parts, laying them out where it is large and begins."""
        tenant, family, load = self.view.tenant, self.family, self.state.pass_id
        rows = self.home.parts.rows(tenant, family)
        if any(row.get("run") != load for row in rows):  # of an earlier pass
            writer.absorb(self.home.parts.close(rows), self.home.clock.now())
            return False
        if not rows:
            begins = self.state.place == 0 and not self.counted and len(buckets(family)) > 1
            if not begins or self.home.rows_of(tenant, family) < self.home.parts_from:
                return False
            writer.lay_out(laid_out(tenant, family, load), self.home.clock.now())
            self.home.call(tenant, family)
        return True

    def _lead(self, writer: DocumentWriter) -> bool:
        """Work on parts until all are done, then take their counts over; False when the time is up."""
        home, tenant = self.home, self.view.tenant
        while not self._late():
            part = home.parts.take(tenant, self.family, self.state.pass_id, home.worker, home.clock.now())
            if part is not None:
                self._part(part, writer)
            elif self._take_over(writer):
                return True
            else:
                home.clock.sleep(_PAUSE)
            writer.keep(home.clock.now())
        return False

    def _take_over(self, writer: DocumentWriter) -> bool:
        """Take the counts of all parts over; False while one is not done."""
        rows = self.home.parts.rows(self.view.tenant, self.family)
        if not rows:  # the tenant was removed
            raise ProjectionLeaseLost
        if not all(whole(row.get("done")) for row in rows):
            return False
        writer.absorb(rows, self.home.clock.now())
        self.warned = sum(whole(row.get("warnings")) for row in rows) - sum(self.warnings.values())
        self.demands.update(name for row in rows for name in str(row.get("demands") or "").split())
        self.asked.update(name for name in self.demands if stream(name).mode is Mode.NAMED)
        return True

    def help(self) -> ProjectionResult:
        """Work on parts until none is left to take."""
        home, load = self.home, self.state.pass_id
        while not self._late():
            part = home.parts.take(self.view.tenant, self.family, load, home.worker, home.clock.now())
            if part is None:
                break
            try:
                self._part(part, None)
            except ConnectorError:  # who leads will meet it too, and tells
                break
        self._tidy()
        return ProjectionResult(self.view.tenant, self.family, "helped", self.owners, self.written)

    def _part(self, part: Part, leading: DocumentWriter | None) -> None:
        """Project what is left of a part; a part that was lost is left to whoever has it now."""
        home = self.home
        rule, key = self.projection.rule, part.lease.key
        writer = DocumentWriter(
            home.stores, self.view.tenant, self.family, part.lease, 0, announce=False, rule=rule, head=key
        )
        try:
            for bucket in part.left(self.family):
                if self._late():
                    return
                advanced = self._bucket_of_part(writer, part, bucket)
                if advanced is None:
                    return
                part = advanced
                if leading is not None:
                    leading.keep(home.clock.now())
            home.parts.finish(part)
        finally:
            self.written += writer.written
            release(home.stores.catalog, part.lease)

    def _bucket_of_part(self, writer: DocumentWriter, part: Part, bucket: int) -> Part | None:
        """Project a bucket of a part; None when the part was lost."""
        warned = sum(self.warnings.values())
        try:
            self._bucket(writer, bucket, dated=False)
            writer.keep(self.home.clock.now())
        except ProjectionLeaseLost:
            return None
        self._ask()
        return self.home.parts.advance(part, self._demanded(), sum(self.warnings.values()) - warned)

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
            version = lookups.pending(owner, stream(name)) if stream(name).mode is Mode.NAMED else None
            if version is not None:
                self.asking.setdefault(name, []).append(named.request(owner.owner, version))

    def _ask(self) -> None:
        """Write the lists of whom to read more about, before what showed the need is forgotten."""
        for name, requests in self.asking.items():
            self.asked[name] += 1
            self.home.affected.ask(self.view.tenant, name, requests, now=self.home.clock.now(), name=uuid4().hex)
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
            before = made.get(owner.owner, Made(owner.owner))
            projections = self._project(owner)
            if projections is not None:
                batch.append(compare(before, projections))
                self._settle(before, projections)
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

    def _settle(self, before: Made, projections: Sequence[Projection]) -> None:
        """Note which lines of the report an owner has set right."""
        if not self.known.codes:
            return
        codes: dict[str, set[str]] = {before.owner: set(), **{key: set() for _, key in before.hashes}}
        for each in projections:
            codes.setdefault(each.key, set()).update(warning.code for warning in each.warnings)
        for key, wrong in codes.items():
            self.known.seen(key, wrong)

    # -- endings ------------------------------------------------------------------------------------------------------

    def _late(self) -> bool:
        return self.home.clock.now() > self.deadline - TIME_MARGIN

    def _tidy(self) -> None:
        self.home.records.remove(self.superseded)
        self.home.reports.clear(self.view.tenant, self.family, self.known.settled)
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
            warnings=sum(self.warnings.values()) + self.warned if self.owners else self.state.warnings,
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
        due = now + AFTER_ERROR
        if not isinstance(error, TransientError):
            detail = {"tenant": self.view.tenant, "family": self.family, "code": error.code}
            self.home.events.publish("sync.projection_stopped", detail)
        self.state = replace(self.state, error_code=error.code, error_message=error.message)
        self.home.states.rest(self.state, due)
        return self._result("parked", writer, due)

    def _result(self, outcome: Outcome, writer: DocumentWriter, due: datetime) -> ProjectionResult:
        demanded = frozenset(self.state.demands.split())
        return ProjectionResult(
            self.view.tenant,
            self.family,
            outcome,
            self.owners,
            writer.written + self.written,
            writer.removed,
            due,
            demanded,
            frozenset(self.asked),
        )


def next_day(now: datetime) -> datetime:
    """Return a few minutes after the next midnight in Europe/Amsterdam."""
    tomorrow = now.astimezone(EXACT_ZONE).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, 0, 5, tzinfo=EXACT_ZONE).astimezone(now.tzinfo)


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
