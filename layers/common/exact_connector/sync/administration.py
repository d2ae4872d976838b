"""What an administrator does with the synchronisation, and the workers told of it at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from exact_connector.clock import Clock
from exact_connector.sync.control import SyncControl
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.projection.families import PROJECTIONS
from exact_connector.sync.purge import purge
from exact_connector.sync.streams.catalogue import FAMILIES, STREAMS, stream

if TYPE_CHECKING:
    from exact_connector.documents.models.sync import (
        CallForecast,
        ControlledSync,
        DocumentsCheck,
        StartedSync,
        SyncState,
    )

ALL = "all"


class SyncDesk:
    """The wishes of administrators; what they make due is sent to the workers without waiting for the minute."""

    def __init__(self, control: SyncControl, engine: SyncEngine, clock: Clock) -> None:
        self._control = control
        self._engine = engine
        self._clock = clock

    def knows(self, stream: str) -> bool:
        """Tell whether there is such a stream."""
        return stream in STREAMS

    def status(self, tenant: str) -> SyncState:
        """Return how each stream and family stands."""
        return self._control.status(tenant)

    def start(self, tenant: str, family: str, *, full: bool) -> StartedSync:
        """Make the streams of a family (or of ``all``) due now."""
        families = FAMILIES if family == ALL else (family,)
        started = [self._control.start(tenant, each, full=full) for each in families]
        self._tell()
        streams = sorted({name for each in started for name in each["streams"]})
        return {"family": family, "full": full, "streams": streams}

    def control(self, tenant: str, family: str, action: str) -> ControlledSync:
        """Pause, resume or cancel the streams of a family."""
        done = self._control.control(tenant, family, action)
        self._tell()
        return done

    def check_documents(self, tenant: str) -> DocumentsCheck:
        """Compare the served documents with what their owners have."""
        return self._control.check_documents(tenant)

    def forecast(self, tenant: str) -> CallForecast:
        """Estimate the calls per day."""
        return self._control.forecast(tenant)

    def settings_changed(self, tenant: str) -> None:
        """Bring streams and documents in line with new settings."""
        self._control.settings_changed(tenant)
        self._tell()

    def linked(self, tenant: str, *, from_scratch: bool) -> None:
        """Make every stream due; another administration than before means that nothing stored counts any more."""
        if from_scratch:
            self.forget(tenant)
        self._control.linked(tenant, from_scratch=False)
        self._tell()

    def forget(self, tenant: str) -> dict[str, int]:
        """Remove everything that was stored, look-up documents included."""
        read = [stream(each.stream) for each in self._engine.checkpoints.of_tenant(tenant)]
        # Rows without an owner are kept under a kind of their own, which no stream has as its main one.
        orphans = [replace(each, kind=each.orphan_kind) for each in STREAMS.values() if each.orphan_kind is not None]
        kinds = sorted({kind for projection in PROJECTIONS.values() for kind in projection.kinds})
        return {"rows": purge(self._engine.stores, tenant, [*read, *orphans], kinds)}

    def _tell(self) -> None:
        self._engine.dispatch(self._clock.now())
