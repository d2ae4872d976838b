"""What the synchronisation knows of a tenant, put together from its stores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict

from exact_connector.catalog.context import Options
from exact_connector.errors import NotConnected
from exact_connector.exact.connection import Connection, ConnectionState
from exact_connector.settings import Settings
from exact_connector.settings.document import fingerprint
from exact_connector.settings.entry import Family
from exact_connector.settings.needs import needed_streams
from exact_connector.sync.ports import SyncOptions, TenantView
from exact_connector.tenants.settings_store import SettingsStore
from exact_connector.tenants.store import TenantStore

SHAPED_BY: dict[str, tuple[Family, ...]] = {
    "items": ("items",),
    "customers": ("customers",),
    "reference": ("items", "customers"),
    "documents": ("history",),
}
"""Family of documents -> the families of settings that shape them."""


class TenantViews:
    """Looks tenants up for the synchronisation."""

    def __init__(self, tenants: TenantStore, settings: SettingsStore, connection: Callable[[str], Connection]) -> None:
        self._tenants = tenants
        self._settings = settings
        self._connection = connection

    def view(self, tenant: str) -> TenantView | None:
        """Return a tenant that is linked to an administration, None for an unknown one or one without."""
        found, connection = self._tenants.find(tenant), self._connection(tenant)
        if found is None or connection.division is None or connection.state is ConnectionState.DISCONNECTED:
            return None
        settings = self._settings.get(tenant)
        return TenantView(
            tenant=tenant,
            division=connection.division,
            connected=connection.state is ConnectionState.CONNECTED,
            settings=settings,
            options=found.options,
            streams=needed_streams(settings, found.options),
            fingerprints=shape_fingerprints(settings, found.options),
            sync=SyncOptions(found.sync.intervals, found.sync.batch_rows, found.sync.safety_share),
        )

    def linked(self, tenant: str) -> TenantView:
        """Return a tenant that is linked; raises NotConnected."""
        view = self.view(tenant)
        if view is None:
            raise NotConnected(f"The tenant {tenant!r} is not linked to Exact yet; link it with POST .../authorize.")
        return view

    def tenants(self) -> Iterable[str]:
        """Return the ids of all linked tenants."""
        return [tenant for tenant in self._tenants.ids() if self._connection(tenant).division is not None]


def shape_fingerprints(settings: Settings, options: Options) -> dict[str, str]:
    """Return for each family of documents a hash of the settings and options that shape them."""
    chosen = json.dumps(asdict(options), sort_keys=True)
    return {
        family: hashlib.sha256("".join([chosen, *(fingerprint(settings, part) for part in parts)]).encode()).hexdigest()
        for family, parts in SHAPED_BY.items()
    }
