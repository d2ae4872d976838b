"""One run over a family's documents under the projection lease: a pass over all owners where needed, and key lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import uuid4

from exact_connector.clock import EXACT_ZONE, today
from exact_connector.documents.check import Difference, DocumentCheck
from exact_connector.documents.owned import OwnedDocuments
from exact_connector.documents.writer import DocumentWriter
from exact_connector.errors import ConnectorError, TransientError
from exact_connector.storage.buckets import bucket_of, buckets
from exact_connector.storage.leases import LEASE_SECONDS
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.owners import OwnersProjection
from exact_connector.sync.projection.services import REFERENCE, ProjectionServices
from exact_connector.sync.projection.shared_load import SharedLoad
from exact_connector.sync.results import Outcome, ProjectionResult
from exact_connector.sync.stores.affected import KeyList
from exact_connector.sync.stores.records import Owner
from exact_connector.sync.stores.states import Pass, ProjectionState, complete, start
from exact_connector.sync.streams.catalogue import FAMILIES

TIME_MARGIN = timedelta(seconds=8)
OWNERS_AT_ONCE = 500
AFTER_ERROR = timedelta(minutes=15)
LISTS_UNDER_WAY = timedelta(seconds=LEASE_SECONDS + 30)
"""When to look again while a stream is storing rows: the worker that does may be dead."""


class ProjectionRun:
    """One run over one family under the projection lease. ``loads``: which full loads the rows hold, so that the
    documents are checked once after each."""

    def __init__(
        self,
        services: ProjectionServices,
        view: TenantView,
        family: str,
        state: ProjectionState,
        deadline: datetime,
        *,
        loads: Mapping[str, int] | None = None,
    ) -> None:
        self.services = services
        self.view = view
        self.family = family
        self.state = state
        self.deadline = deadline
        self.loads = loads or {}
        self.projection = services.projections[family]
        self.basis = services.basis(view, family)
        required = {*state.required.split(), *state.pass_required.split()}
        self.owners = OwnersProjection(services, view, family, self.basis, required)
        self.covered: Sequence[KeyList] = ()
        self.counted = False

    def work(self, writer: DocumentWriter) -> ProjectionResult:
        """Do the pass that is needed and the key lists that are ready."""
        try:
            finished = self._pass(writer) and self._lists(writer)
            writer.flush(self.services.clock.now())
        except ConnectorError as error:
            return self._stopped(writer, error)
        self.owners.report_refused(writer)
        self.owners.tidy()
        return self._rest(writer, finished=finished)

    def help(self) -> ProjectionResult:
        """Work on parts of a first load until none is left to take."""
        self._shared.help()
        self.owners.tidy()
        return ProjectionResult(self.view.tenant, self.family, "helped", self.owners.count, self._shared.written)

    # -- passes over all owners ---------------------------------------------------------------------------------------

    def _pass(self, writer: DocumentWriter) -> bool:
        """Carry on or begin a pass over all owners where one is needed; False when the time is up."""
        kind = self._needed()
        if not kind:
            return True
        if not self.state.run or kind != self.state.run or self.basis.fingerprint != self.state.pass_fingerprint:
            loads = _loads_text(self.loads)
            day = today(self.services.clock)
            self.state = start(self.state, kind, self.basis.fingerprint, day, uuid4().hex, loads)
            self.services.states.save(self.state)
            self.covered = [] if kind == "dates" else self.services.affected.ready(self.view.tenant, self.family)
        shared = kind == "load" and self._shared.begins(writer, self.state, counted=self.counted)
        if not (self._shared.lead(writer) if shared else self._alone(writer, kind)):
            return False
        if kind == "load":
            writer.announce_reset(self.projection.kinds, self.services.clock.now())
        self.state = replace(complete(self.state), required=self.owners.required_text, pass_required="")
        self.services.states.save(self.state)
        self.services.affected.finish(self.covered)
        return True

    def _needed(self) -> Pass:
        if self.state.status != "live":
            return "load"
        # A pass that was broken off left some documents of its own settings, also when the old settings are back.
        if self.state.fingerprint != self.basis.fingerprint or self.state.run == "again":
            return "again"
        if self.state.run == "check" or _newer(self.loads, self.state.loads):
            return "check"
        return "dates" if self.state.dated < today(self.services.clock).isoformat() else ""

    def _alone(self, writer: DocumentWriter, kind: Pass) -> bool:
        """Project bucket after bucket, and after a check remove what no owner has; False when the time is up."""
        every = buckets(self.family)
        while self.state.position < len(every):
            if self._deadline_passed():
                writer.flush(self.services.clock.now())
                return False
            self._bucket(writer, every[self.state.position], kind)
            writer.keep(self.services.clock.now())
            self.owners.request()
            position = self.state.position + 1
            self.state = replace(self.state, position=position, pass_required=self.owners.required_text)
            self.services.states.save(self.state)
        return kind != "check" or self._unowned(writer)

    def _bucket(self, writer: DocumentWriter, bucket: int, kind: Pass) -> None:
        previous = writer.bucket(bucket)
        if kind == "dates":
            day = today(self.services.clock)
            due = {each.owner for each in previous.values() if each.changes_on is not None and each.changes_on <= day}
            self.owners.write(writer, self.owners.named(due), previous)
            return
        seen: set[str] = set()
        for batch in _batches(self.owners.bucket(bucket), OWNERS_AT_ONCE):
            seen.update(owner.owner for owner in batch)
            self._write(writer, batch, previous, kind)
        for batch in _batches((Owner(owner, {}) for owner in sorted(previous.keys() - seen)), OWNERS_AT_ONCE):
            self._write(writer, batch, previous, kind)

    def _write(
        self, writer: DocumentWriter, batch: Sequence[Owner], previous: Mapping[str, OwnedDocuments], kind: Pass
    ) -> None:
        if kind == "check":
            previous = self._check.verified(previous[each.owner] for each in batch if each.owner in previous)
        self.owners.write(writer, batch, previous)

    def _unowned(self, writer: DocumentWriter) -> bool:
        """Remove documents that no owner has and count the others; False when the time is up."""
        kinds, first = sorted(self.projection.kinds), len(buckets(self.family))
        while self.state.position < first + len(kinds):
            if self._deadline_passed():
                return False
            kind, now = kinds[self.state.position - first], self.services.clock.now()
            page = self._check.served(kind, self.state.cursor or None)
            self._withdraw(writer, page.unowned)
            new = replace(
                self.state, cursor=page.position or "", served=self.state.served + page.served - len(page.unowned)
            )
            if page.position is None:
                self._withdraw(writer, self._check.waiting(kind).unowned)
                writer.recount(kind, new.served, now)
                new = replace(new, position=new.position + 1, served=0)
            writer.keep(now)
            self.state = new
            self.services.states.save(self.state)
        return True

    def _withdraw(self, writer: DocumentWriter, unowned: Iterable[Difference]) -> None:
        by_owner: dict[str, list[Difference]] = {}
        for each in unowned:
            by_owner.setdefault(each.owner, []).append(each)
        for owner, found in by_owner.items():
            writer.withdraw(owner, [each.document_key for each in found], self.services.clock.now())

    @cached_property
    def _check(self) -> DocumentCheck:
        return DocumentCheck(self.services.stores.catalog, self.view.tenant, self.family)

    @cached_property
    def _shared(self) -> SharedLoad:
        return SharedLoad(
            self.services,
            self.view,
            self.family,
            self.state.pass_id,
            self.owners,
            lambda writer, bucket: self._bucket(writer, bucket, "load"),
            self._deadline_passed,
        )

    # -- key lists ----------------------------------------------------------------------------------------------------

    def _lists(self, writer: DocumentWriter) -> bool:
        """Project what the ready key lists name; False when the time is up before all are done."""
        if self.state.status != "live":
            return True
        writer.announcing()
        lists = self.services.affected.ready(self.view.tenant, self.family)
        for group in _by_owners(lists, 4 * OWNERS_AT_ONCE):
            if self._deadline_passed():
                return False
            owners = self._in_order(owner for listed in group for owner in listed.owners)
            for start_at in range(0, len(owners), OWNERS_AT_ONCE):
                part = owners[start_at : start_at + OWNERS_AT_ONCE]
                self.owners.write(writer, self.owners.named(part), writer.owners(part))
                writer.keep(self.services.clock.now())
            self._keep_required()
            self.services.affected.finish(group)
        return True

    def _in_order(self, owners: Iterable[str]) -> list[str]:
        """Return owners once each, those of a bucket together: many of one bucket are read at once."""
        if self.family == REFERENCE:
            return [REFERENCE]
        return sorted(set(owners), key=lambda owner: (bucket_of(self.family, owner), owner))

    def _keep_required(self) -> None:
        """Store what the documents require before the lists that showed it are forgotten: a worker may die then."""
        self.owners.request()
        if self.owners.required_text != self.state.required:
            self.state = replace(self.state, required=self.owners.required_text)
            self.services.states.save(self.state)

    # -- endings ------------------------------------------------------------------------------------------------------

    def _deadline_passed(self) -> bool:
        return self.services.clock.now() > self.deadline - TIME_MARGIN

    def _rest(self, writer: DocumentWriter, *, finished: bool) -> ProjectionResult:
        now, required = self.services.clock.now(), self.owners.required_text
        due = self._next_look(now) if finished else now
        warnings = sum(self.owners.warnings.values()) + self._shared.warnings
        self.state = replace(
            self.state,
            last_run_at=now,
            required=self.state.required if self.state.run else required,
            pass_required=required if self.state.run else "",
            error_code=None,
            error_message=None,
            warnings=warnings if self.owners.count else self.state.warnings,
        )
        self.services.states.rest(self.state, due)
        if self.family == REFERENCE and self.owners.count:
            self._request_others(now)
        return self._result("finished" if finished else "more", writer, due)

    def _next_look(self, now: datetime) -> datetime:
        """Return when to look again: soon while a list is open, for who makes it ready may die before it says so."""
        if self.services.affected.any_of(self.view.tenant, self.family):
            return min(now + LISTS_UNDER_WAY, next_day(now))
        return next_day(now)

    def _request_others(self, now: datetime) -> None:
        for family in FAMILIES:
            if family != REFERENCE and family in self.services.projections:
                self.services.states.request(self.view.tenant, family, now)

    def _stopped(self, writer: DocumentWriter, error: ConnectorError) -> ProjectionResult:
        now = self.services.clock.now()
        due = now + AFTER_ERROR
        if not isinstance(error, TransientError):
            detail = {"tenant": self.view.tenant, "family": self.family, "code": error.code}
            self.services.events.publish("sync.projection_stopped", detail)
        self.state = replace(self.state, error_code=error.code, error_message=error.message)
        self.services.states.rest(self.state, due)
        return self._result("parked", writer, due)

    def _result(self, outcome: Outcome, writer: DocumentWriter, due: datetime) -> ProjectionResult:
        return ProjectionResult(
            self.view.tenant,
            self.family,
            outcome,
            self.owners.count,
            writer.written + self._shared.written,
            writer.removed,
            due,
            frozenset(self.state.required.split()),
            frozenset(self.owners.requested),
        )


def next_day(now: datetime) -> datetime:
    """Return a few minutes after the next midnight in Europe/Amsterdam."""
    tomorrow = now.astimezone(EXACT_ZONE).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, 0, 5, tzinfo=EXACT_ZONE).astimezone(now.tzinfo)


def _loads_text(loads: Mapping[str, int]) -> str:
    return " ".join(f"{name}={number}" for name, number in sorted(loads.items()))


def _newer(loads: Mapping[str, int], checked: str) -> bool:
    """Tell whether a stream was fully loaded again since the documents were last checked."""
    before = dict(each.rsplit("=", 1) for each in checked.split())
    return any(number > int(before.get(name, 1)) for name, number in loads.items())


def _batches(owners: Iterable[Owner], size: int) -> Iterator[list[Owner]]:
    batch: list[Owner] = []
    for owner in owners:
        batch.append(owner)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
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
