"""How the synchronisation of a tenant stands, as a person sees it: per stream, and one light per family."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from exact_connector.clock import to_text
from exact_connector.documents.feed import head_key
from exact_connector.storage.leases import whole
from exact_connector.storage.table import Table, query_all
from exact_connector.sync.extraction.runs import MASS_DELETION_REFUSED
from exact_connector.sync.stores.checkpoints import Checkpoint, Checkpoints
from exact_connector.sync.stores.reports import ReportLine
from exact_connector.sync.stores.states import ProjectionState, ProjectionStates
from exact_connector.sync.streams.catalogue import DELETIONS, FAMILIES, Mode, needed_by, stream

SHORT_WAIT = timedelta(minutes=2)
"""So long a stream may wait for calls without being shown as waiting."""

Light = Literal["red", "blue", "grey", "orange"]
"""red: running; blue: up to date; orange: waits for a person or for Exact; grey: never ran."""


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream. ``rows`` and ``pages`` are those of the run under way, or of the last one; ``reason`` says in words
    why it is parked or waits, ``failing_since`` since when; the next try is at ``due_at``."""

    name: str
    family: str
    endpoint: str
    status: str
    running: bool
    rows: int
    pages: int
    skipped: int
    last_run_at: datetime | None
    due_at: datetime | None
    first_loaded: bool
    error_code: str | None
    reason: str | None
    error_at: datetime | None
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class RefusedStream:
    """A stream that cannot be read: what Exact said, since when, and when it is tried again (None: after a new
    consent)."""

    stream: str
    endpoint: str
    code: str
    reason: str
    since: datetime | None
    next_try: datetime | None


@dataclass(frozen=True, slots=True)
class FamilyStatus:
    """One family: its light, how many documents of each kind there are, and when it was last brought up to date.

    ``complete``: everything that the settings need was read and is in the documents. ``served``: documents are there,
    though perhaps without what the streams in ``refused`` would bring.
    """

    family: str
    light: Light
    counts: dict[str, int]
    last_run_at: datetime | None
    complete: bool
    served: bool
    reason: str | None
    refused: tuple[RefusedStream, ...]


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """Everything of one tenant."""

    tenant: str
    streams: tuple[StreamStatus, ...]
    families: tuple[FamilyStatus, ...]
    feed_head: int


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """What a family's status is made from. ``leased``: the streams that a worker is at; ``waiting_lists``: whether rows
    were stored that no document shows yet."""

    state: ProjectionState
    checkpoints: Sequence[Checkpoint]
    counts: dict[str, int]
    leased: frozenset[str] = frozenset()
    waiting_lists: bool = False


class SyncStatus:
    """Reads the status. ``kinds``: family -> the document kinds it makes. ``reference_kinds``: family -> the kinds of
    reference rows that its documents depend on, None for all of them."""

    def __init__(
        self,
        sync_table: Table,
        catalog_table: Table,
        kinds: Mapping[str, frozenset[str]],
        reference_kinds: Mapping[str, frozenset[str] | None] | None = None,
    ) -> None:
        self._kinds = kinds
        self._reference_kinds = reference_kinds or {}
        self._sync = sync_table
        self._catalog = catalog_table
        self._checkpoints = Checkpoints(sync_table)
        self._states = ProjectionStates(sync_table)

    def of(self, tenant: str, now: datetime) -> TenantStatus:
        """Return how a tenant's synchronisation stands."""
        checkpoints = [each for each in self._checkpoints.of_tenant(tenant) if each.status != "off"]
        leased = self._leased(tenant, now)
        head = self._catalog.get(head_key(tenant)) or {}
        counts = {
            name.removeprefix("count_"): whole(value) for name, value in head.items() if name.startswith("count_")
        }
        streams = tuple(stream_status(each, running=each.stream in leased) for each in checkpoints)
        families = []
        for family in (name for name in FAMILIES if name in self._kinds):
            needed = checkpoints_of(family, checkpoints, self._reference_kinds.get(family, frozenset()))
            kinds = {kind: counts.get(kind, 0) for kind in sorted(self._kinds[family])}
            waiting = self._has_lists(tenant, family, needed)
            facts = FamilyFacts(self._states.get(tenant, family), needed, kinds, leased, waiting)
            families.append(family_status(facts, now))
        return TenantStatus(tenant, streams, tuple(families), whole(head.get("seq")))

    def _leased(self, tenant: str, now: datetime) -> frozenset[str]:
        rows = query_all(self._sync, f"stream#{tenant}")
        return frozenset(str(row["sk"]) for row in rows if str(row.get("lease_until", "")) > to_text(now))

    def _has_lists(self, tenant: str, family: str, checkpoints: Iterable[Checkpoint]) -> bool:
        """Return whether rows wait to be projected, or owners to be asked for by name."""
        named = [each.stream for each in checkpoints if stream(each.stream).mode is Mode.NAMED]
        prefixes = (family, *named)
        return any(self._sync.query(f"affected#{tenant}", prefix=f"{prefix}#", limit=1).rows for prefix in prefixes)


def checkpoints_of(
    family: str, checkpoints: Sequence[Checkpoint], reference_kinds: Collection[str] | None
) -> list[Checkpoint]:
    """Return the checkpoints of the streams that a family's documents are made from, and of its deletions. Pure."""
    streams = needed_by([stream(each.stream) for each in checkpoints], family, reference_kinds)
    names = {each.name for each in streams}
    if any(each.entity_type is not None for each in streams):
        names.add(DELETIONS.name)
    return [each for each in checkpoints if each.stream in names]


def stream_status(checkpoint: Checkpoint, *, running: bool) -> StreamStatus:
    """Return one stream's line. Pure."""
    under_way = bool(checkpoint.phase)
    read = stream(checkpoint.stream)
    return StreamStatus(
        checkpoint.stream,
        read.family,
        read.path,
        checkpoint.status,
        running or checkpoint.status == "running",
        checkpoint.rows_run if under_way else checkpoint.rows_last,
        checkpoint.pages_run if under_way else checkpoint.pages_last,
        checkpoint.skipped_run if under_way else checkpoint.skipped_last,
        checkpoint.last_run_at,
        checkpoint.due_at,
        checkpoint.first_loaded,
        checkpoint.error_code,
        checkpoint.error_message,
        checkpoint.error_at,
        checkpoint.failing_since,
    )


def family_status(facts: FamilyFacts, now: datetime) -> FamilyStatus:
    """Return one family's light and counts. Pure."""
    state, checkpoints = facts.state, facts.checkpoints
    refused = tuple(refusal(each) for each in checkpoints if each.status == "parked" or each.unreadable(now))
    served = state.status == "live"
    runs = [each.last_run_at for each in checkpoints if each.last_run_at is not None]
    reason = _reason(facts, refused, now)
    projecting = bool(state.run) or (served and state.due_at is not None and state.due_at <= now)
    complete = (
        served
        and bool(runs)
        and not (projecting or facts.waiting_lists or refused)
        and all(each.first_loaded and each.status != "paused" for each in checkpoints)
        and state.error_code is None
    )
    running = projecting or any(each.status == "running" or each.stream in facts.leased for each in checkpoints)
    return FamilyStatus(
        state.family,
        _light(running=running, troubled=reason is not None, complete=complete, begun=bool(runs)),
        facts.counts,
        max(runs, default=None) if served else None,
        complete,
        served,
        reason,
        refused,
    )


def refusal(checkpoint: Checkpoint) -> RefusedStream:
    """Return what is shown of a stream that cannot be read. Pure."""
    return RefusedStream(
        checkpoint.stream,
        stream(checkpoint.stream).path,
        checkpoint.error_code or "",
        checkpoint.error_message or "",
        checkpoint.failing_since or checkpoint.error_at,
        checkpoint.due_at,
    )


def report_lines(checkpoints: Iterable[Checkpoint], now: datetime) -> list[ReportLine]:
    """Return the lines of the report on streams that cannot be read. Pure."""
    found = [refusal(each) for each in checkpoints if each.status == "parked" or each.unreadable(now)]
    return [ReportLine(each.stream, each.endpoint, each.code, each.reason, each.since or now) for each in found]


def _reason(facts: FamilyFacts, refused: Sequence[RefusedStream], now: datetime) -> str | None:
    """Say what a person should know about a family: the first of what stops it most."""
    if facts.state.error_message:
        return facts.state.error_message
    if refused:
        return refused[0].reason
    doubtful = next((each for each in facts.checkpoints if each.error_code == MASS_DELETION_REFUSED), None)
    if doubtful is not None:
        return doubtful.error_message
    paused = [each.stream for each in facts.checkpoints if each.status == "paused"]
    if paused:
        return f"an administrator paused {', '.join(paused)}; resume the family to read what changed since"
    return _long_wait(facts.checkpoints, now)


def _long_wait(checkpoints: Iterable[Checkpoint], now: datetime) -> str | None:
    for each in checkpoints:
        if each.status == "waiting" and each.due_at is not None and each.due_at - now > SHORT_WAIT:
            why = each.error_message or "no call to Exact is left in this window"
            return f"{each.stream} waits until {to_text(each.due_at)}: {why}"
    return None


def _light(*, running: bool, troubled: bool, complete: bool, begun: bool) -> Light:
    if running:
        return "red"
    if troubled:
        return "orange"
    if complete:
        return "blue"
    return "red" if begun else "grey"
