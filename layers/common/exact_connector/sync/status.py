"""How the synchronisation of a tenant stands, as a person sees it: per stream, and one light per family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from exact_connector.clock import to_text
from exact_connector.documents.feed import head_key
from exact_connector.storage.leases import whole
from exact_connector.storage.table import Table, query_all
from exact_connector.sync.extraction.runs import MASS_DELETION_REFUSED
from exact_connector.sync.stores.checkpoints import Checkpoint, Checkpoints
from exact_connector.sync.stores.states import ProjectionState, ProjectionStates
from exact_connector.sync.streams.catalogue import FAMILIES, of_family, stream

Light = Literal["red", "blue", "grey", "orange"]
"""red: running; blue: up to date; orange: waits for a person or for Exact; grey: never ran."""


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream. ``rows`` and ``pages`` are those of the run under way, or of the last one; ``reason`` says in words
    why it is parked or waits."""

    name: str
    family: str
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


@dataclass(frozen=True, slots=True)
class FamilyStatus:
    """One family: its light, how many documents of each kind there are, and when it was last brought up to date."""

    family: str
    light: Light
    counts: dict[str, int]
    last_run_at: datetime | None
    complete: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """Everything of one tenant."""

    tenant: str
    streams: tuple[StreamStatus, ...]
    families: tuple[FamilyStatus, ...]
    feed_head: int


class SyncStatus:
    """Reads the status. ``kinds``: family -> the document kinds it makes."""

    def __init__(self, sync_table: Table, catalog_table: Table, kinds: Mapping[str, frozenset[str]]) -> None:
        self._kinds = kinds
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
        families = tuple(
            family_status(
                self._states.get(tenant, family),
                _of_family(checkpoints, family),
                leased,
                {kind: counts.get(kind, 0) for kind in sorted(self._kinds[family])},
                now,
            )
            for family in FAMILIES
            if family in self._kinds
        )
        return TenantStatus(tenant, streams, families, whole(head.get("seq")))

    def _leased(self, tenant: str, now: datetime) -> frozenset[str]:
        rows = query_all(self._sync, f"stream#{tenant}")
        return frozenset(str(row["sk"]) for row in rows if str(row.get("lease_until", "")) > to_text(now))


def stream_status(checkpoint: Checkpoint, *, running: bool) -> StreamStatus:
    """Return one stream's line. Pure."""
    under_way = bool(checkpoint.phase)
    return StreamStatus(
        checkpoint.stream,
        stream(checkpoint.stream).family,
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
    )


def family_status(
    state: ProjectionState,
    checkpoints: Sequence[Checkpoint],
    leased: frozenset[str],
    counts: dict[str, int],
    now: datetime,
) -> FamilyStatus:
    """Return one family's light and counts. Pure."""
    troubled = (each for each in checkpoints if each.status == "parked" or each.error_code == MASS_DELETION_REFUSED)
    parked = next(troubled, None)
    reason = state.error_message or (None if parked is None else parked.error_message)
    runs = [each.last_run_at for each in checkpoints]
    moments = [each for each in runs if each is not None]
    complete = bool(runs) and len(moments) == len(runs) and state.status == "live"
    return FamilyStatus(
        state.family,
        _light(state, checkpoints, leased, now, complete=complete, troubled=reason is not None),
        counts,
        max(moments, default=None) if complete else None,
        complete,
        reason,
    )


def _light(
    state: ProjectionState,
    checkpoints: Sequence[Checkpoint],
    leased: frozenset[str],
    now: datetime,
    *,
    complete: bool,
    troubled: bool,
) -> Light:
    projecting = bool(state.run) or (state.status == "live" and state.due_at is not None and state.due_at <= now)
    if projecting or any(each.status == "running" or each.stream in leased for each in checkpoints):
        return "red"
    if troubled:
        return "orange"
    if complete:
        return "blue"
    return "grey" if all(each.last_run_at is None for each in checkpoints) else "red"


def _of_family(checkpoints: Iterable[Checkpoint], family: str) -> list[Checkpoint]:
    return [each for each in checkpoints if of_family([stream(each.stream)], family)]
