"""What an administrator does with the synchronisation; what becomes due goes to the workers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from exact_connector.clock import Clock, to_text, to_text_or_none
from exact_connector.documents.check import check_documents
from exact_connector.errors import Fault, InvalidInput
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.forecast import CALLS_PER_DAY, Volumes, forecast
from exact_connector.sync.projection.services import REFERENCE
from exact_connector.sync.purge import purge
from exact_connector.sync.status import FamilyStatus, StreamStatus, SyncStatus, report_lines
from exact_connector.sync.stores.checkpoints import ControlRequest
from exact_connector.sync.stores.reports import ReportLine
from exact_connector.sync.streams.catalogue import FAMILIES, STREAMS, Stream, of_family, stream, wanted

if TYPE_CHECKING:
    from exact_connector.documents.models.sync import (
        CallForecast,
        ControlledSync,
        Difference,
        DocumentsCheck,
        FamilyState,
        KindCount,
        SkippedRecord,
        StartedSync,
        StreamState,
        SyncState,
    )

_SHOWN = 50
ALL = "all"
"""Stands for every family when the synchronisation is started."""

ACTIONS: Mapping[str, ControlRequest] = {"pause": "pause", "resume": "resume", "cancel": "cancel", "full": "full"}


class SyncControl:
    """Carries the requests of administrators out. ``kinds``: family -> document kinds, as the projections make them."""

    def __init__(self, engine: SyncEngine, kinds: Mapping[str, frozenset[str]], clock: Clock) -> None:
        self._engine = engine
        self._kinds = kinds
        self._clock = clock
        shaping = {family: each.reference_kinds for family, each in engine.projector.projections.items()}
        self._status = SyncStatus(engine.stores.sync, engine.stores.catalog, kinds, shaping)

    def has_stream(self, name: str) -> bool:
        """Return whether there is such a stream."""
        return name in STREAMS

    def status(self, tenant: str) -> SyncState:
        """Return how each stream and family stands, ready for JSON."""
        now = self._clock.now()
        found = self._status.of(tenant, now)
        reports = self._engine.extractor.reports
        unread = report_lines(self._engine.checkpoints.of_tenant(tenant), now)
        # What is wrong in the settings and the reference lists concerns everything, so it is never crowded out.
        general = reports.of(tenant, source=REFERENCE, limit=_SHOWN)
        single = [each for each in reports.of(tenant, limit=_SHOWN) if each.source != REFERENCE]
        return {
            "streams": [stream_response(each) for each in found.streams],
            "families": [family_response(each) for each in found.families],
            "feed_head": found.feed_head,
            "skipped_records": [report_response(each) for each in [*unread, *general, *single][:_SHOWN]],
        }

    def start(self, tenant: str, family: str, *, full: bool) -> StartedSync:
        """Make the streams of a family (or of ``all``) due now, with its reference lists and the deletions."""
        families = FAMILIES if family == ALL else (family,)
        names = sorted({each.name for one in families for each in self._streams(tenant, one)})
        if full:
            started = [name for name in names if self._engine.request(tenant, name, "full")]
        else:
            started = list(self._engine.make_due(tenant, ["deleted", *names]))
        self._notify_workers()
        return {"family": family, "full": full, "streams": sorted(started)}

    def control(self, tenant: str, family: str, action: str) -> ControlledSync:
        """Pause, resume or cancel the streams of a family; raises InvalidInput for another action."""
        if action not in ACTIONS:
            message = f"{action[:20]!r} is not an action; use pause, resume or cancel"
            raise InvalidInput(message, [Fault("/action", "UNKNOWN_ACTION", message)])
        names = [each.name for each in self._streams(tenant, family)]
        accepted = [name for name in names if self._engine.request(tenant, name, ACTIONS[action])]
        self._notify_workers()
        return {"family": family, "action": action, "streams": sorted(accepted)}

    def forecast(self, tenant: str) -> CallForecast:
        """Estimate the calls per day from the settings and from what was read so far."""
        view = self._engine.view(tenant)
        if view is None:
            return {"calls_per_day": 0, "limit": CALLS_PER_DAY, "fits": True, "streams": {}}
        rows = {each.stream: each.rows_full for each in self._engine.checkpoints.of_tenant(tenant)}
        found = forecast(wanted(view.streams), view.sync.intervals, Volumes(rows))
        streams = {name: round(calls, 1) for name, calls in sorted(found.streams.items())}
        return {"calls_per_day": found.total, "limit": CALLS_PER_DAY, "fits": found.fits, "streams": streams}

    def check_documents(self, tenant: str) -> DocumentsCheck:
        """Compare the served documents with what their owners have; reads every document and repairs nothing."""
        report = check_documents(self._engine.stores.catalog, tenant, self._kinds)
        return {
            "healthy": report.healthy,
            "faults": report.faults,
            "kinds": {kind: cast("KindCount", asdict(count)) for kind, count in sorted(report.kinds.items())},
            "differences": [cast("Difference", asdict(each)) for each in report.differences],
        }

    def settings_changed(self, tenant: str) -> None:
        """Project again what the new settings shape, and make newly needed streams due."""
        self._engine.plan(tenant)
        self._notify_workers()

    def linked(self, tenant: str, *, from_scratch: bool) -> None:
        """Make every stream due; from scratch when another administration is linked than before."""
        if from_scratch:
            self.delete_tenant_data(tenant)
        for name in self._engine.plan(tenant):
            self._engine.make_due(tenant, [name])
        self._notify_workers()

    def delete_tenant_data(self, tenant: str) -> dict[str, int]:
        """Remove everything that was stored for a tenant and return how much of what."""
        known = [stream(each.stream) for each in self._engine.checkpoints.of_tenant(tenant)]
        made = (projection.kinds for projection in self._engine.projector.projections.values())
        kinds = frozenset[str]().union(*self._kinds.values(), *made)
        return {"rows": purge(self._engine.stores, tenant, known, sorted(kinds))}

    def _notify_workers(self) -> None:
        self._engine.dispatch(self._clock.now())

    def _streams(self, tenant: str, family: str) -> list[Stream]:
        if family not in FAMILIES:
            message = f"{family[:20]!r} is not a family; known are {', '.join(FAMILIES)}"
            raise InvalidInput(message, [Fault("/family", "UNKNOWN_FAMILY", message)])
        view = self._engine.view(tenant)
        if view is None:
            return []
        streams = wanted(view.streams)
        own = of_family(streams, family)
        workers = {each.worker for each in own}
        beside = [each for each in of_family(streams, "reference") if each.worker in workers]
        return sorted({each.name: each for each in (*own, *beside)}.values(), key=lambda each: each.name)


def stream_response(found: StreamStatus) -> StreamState:
    """Return the state of a stream as it is shown."""
    return {
        "name": found.name,
        "family": found.family,
        "endpoint": found.endpoint,
        "status": found.status,
        "running": found.running,
        "rows": found.rows,
        "pages": found.pages,
        "skipped": found.skipped,
        "last_run_at": to_text_or_none(found.last_run_at),
        "due_at": to_text_or_none(found.due_at),
        "first_loaded": found.first_loaded,
        "error_code": found.error_code,
        "reason": found.reason,
        "error_at": to_text_or_none(found.error_at),
        "failing_since": to_text_or_none(found.failing_since),
    }


def family_response(found: FamilyStatus) -> FamilyState:
    """Return the state of a family as it is shown."""
    return {
        "family": found.family,
        "light": found.light,
        "counts": found.counts,
        "last_run_at": to_text_or_none(found.last_run_at),
        "complete": found.complete,
        "served": found.served,
        "reason": found.reason,
        "refused": [
            {
                "stream": each.stream,
                "endpoint": each.endpoint,
                "code": each.code,
                "reason": each.reason,
                "since": to_text_or_none(each.since),
                "next_try": to_text_or_none(each.next_try),
            }
            for each in found.refused
        ],
    }


def report_response(line: ReportLine) -> SkippedRecord:
    """Return a line of the report as it is shown."""
    return {
        "source": line.source,
        "key": line.key,
        "code": line.code,
        "message": line.message,
        "at": to_text(line.at),
    }
