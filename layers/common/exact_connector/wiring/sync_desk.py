"""What an administrator does with the synchronisation: look, start, pause, forecast, forget."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from exact_connector.clock import Clock, to_text
from exact_connector.errors import Fault, InvalidInput
from exact_connector.sync.checkpoints import Wish
from exact_connector.sync.dispatch import Dispatcher
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.forecast import Volumes, forecast
from exact_connector.sync.purge import purge
from exact_connector.sync.status import SyncStatus, TenantStatus
from exact_connector.sync.streams import FAMILIES, of_family, stream, wanted
from exact_connector.wiring.projections import PROJECTIONS

_ACTIONS: dict[str, Wish] = {"pause": "pause", "cancel": "cancel", "resume": "resume", "full": "full"}
ALL = "all"


class SyncDesk:
    """The use cases over the engine; what was made due is sent to the workers at once."""

    def __init__(self, engine: SyncEngine, status: SyncStatus, dispatcher: Dispatcher, clock: Clock) -> None:
        self._engine = engine
        self._status = status
        self._dispatcher = dispatcher
        self._clock = clock

    def status(self, tenant: str) -> dict[str, Any]:
        """Return how each stream and family stands."""
        return shown(self._status.of(tenant, self._clock.now()))

    def start(self, tenant: str, family: str, *, full: bool) -> dict[str, Any]:
        """Make the streams of a family due now, and tell the workers."""
        started: list[str] = []
        self._engine.plan(tenant)
        for each in _families(family):
            if full:
                names = [name for name in self._names(tenant, each) if self._engine.wish(tenant, name, "full")]
                started += self._engine.make_due(tenant, names)
            else:
                started += self._engine.synchronise(tenant, each)
        self._dispatcher.dispatch(self._clock.now())
        return {"family": family, "streams": sorted(set(started)), "full": full}

    def control(self, tenant: str, family: str, action: str) -> dict[str, Any]:
        """Pause, resume or cancel the streams of a family from their next page on."""
        if action not in _ACTIONS:
            known = ", ".join(sorted(_ACTIONS))
            raise InvalidInput(
                f"There is no action {action[:30]!r}.", [Fault("", "ACTION", f"Use one of {known}.")], code="ACTION"
            )
        names = sorted({name for each in _families(family) for name in self._names(tenant, each)})
        changed = [name for name in names if self._engine.wish(tenant, name, _ACTIONS[action])]
        self._dispatcher.dispatch(self._clock.now())
        return {"family": family, "action": action, "streams": changed}

    def forecast(self, tenant: str) -> dict[str, Any]:
        """Estimate the calls per day for the tenant's settings from what is stored and what changed lately."""
        view = self._engine.tenants.view(tenant)
        streams = wanted(view.streams if view is not None else ())
        standing = self._status.of(tenant, self._clock.now())
        rows = {each.name: each.rows for each in standing.streams}
        intervals = dict(view.sync.intervals) if view is not None else {}
        found = forecast(streams, intervals, Volumes(rows=rows))
        return {
            "calls_per_day": found.total,
            "share_of_day": round(found.share, 3),
            "fits": found.fits,
            "streams": {name: round(calls, 1) for name, calls in sorted(found.streams.items())},
        }

    def settings_changed(self, tenant: str) -> None:
        """Bring streams and documents in line with new settings."""
        self._engine.plan(tenant)
        self._dispatcher.dispatch(self._clock.now())

    def linked(self, tenant: str, *, from_scratch: bool) -> None:
        """Plan every stream; another administration than before means that nothing stored counts any more."""
        if from_scratch:
            self.forget(tenant)
        self._engine.plan(tenant)
        self._dispatcher.dispatch(self._clock.now())

    def forget(self, tenant: str) -> dict[str, int]:
        """Remove everything that was stored."""
        read = [stream(each.stream) for each in self._engine.checkpoints.of_tenant(tenant)]
        kinds = sorted({kind for projection in PROJECTIONS.values() for kind in projection.kinds})
        return {"rows": purge(self._engine.stores, tenant, read, kinds)}

    def _names(self, tenant: str, family: str) -> list[str]:
        planned = [each.stream for each in self._engine.checkpoints.of_tenant(tenant) if each.status != "off"]
        return [each.name for each in of_family([stream(name) for name in planned], family)]


def _families(family: str) -> tuple[str, ...]:
    if family == ALL:
        return FAMILIES
    if family == "items":
        return ("reference", "items")
    if family in FAMILIES:
        return (family,)
    known = ", ".join((*FAMILIES, ALL))
    raise InvalidInput(
        f"There is no family {family[:30]!r}.", [Fault("", "FAMILY", f"Use one of {known}.")], code="FAMILY"
    )


def shown(status: TenantStatus) -> dict[str, Any]:
    """Return a status as it is shown."""
    return {
        "streams": [_plain(asdict(each)) for each in status.streams],
        "families": [_plain(asdict(each)) for each in status.families],
        "feed_head": status.feed_head,
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: to_text(value) if isinstance(value, datetime) else value for name, value in values.items()}
