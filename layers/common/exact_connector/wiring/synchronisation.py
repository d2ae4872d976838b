"""The copy of what Exact holds: how it is kept, and how it is read."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import quote

from exact_connector.documents.feed import ChangeFeed
from exact_connector.documents.store import CatalogStore
from exact_connector.documents.writer import hidden
from exact_connector.errors import NotConnected
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.exact.webhooks import Gate
from exact_connector.sync.administration import SyncDesk
from exact_connector.sync.control import SyncControl
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.families import PROJECTIONS, contexts
from exact_connector.sync.webhooks import WebhookDesk
from exact_connector.tenants.views import TenantViews
from exact_connector.wiring.connections import Connections


class Synchronisation(Connections):
    """Streams, projections, documents and the change feed."""

    @cached_property
    def views(self) -> TenantViews:
        """What the synchronisation knows of tenants."""
        return TenantViews(self.tenants, self.settings, self.connection)

    def view(self, tenant: str) -> TenantView:
        """Return a linked tenant as the synchronisation sees it; raises NotConnected."""
        found = self.views.view(tenant)
        if found is None:
            raise NotConnected(f"The tenant {tenant!r} is not linked to Exact yet; link it with POST .../authorize.")
        return found

    @cached_property
    def sync(self) -> SyncEngine:
        """Extraction, projection, dispatch."""
        return SyncEngine(
            self.database,
            self.sync_table,
            self.records,
            self.catalog,
            lambda tenant: self.exact(tenant, Purpose.SYNC),
            self.views,
            PROJECTIONS,
            contexts,
            self.queues,
            self.events,
            self.clock,
            worker=self.worker_name,
            slack=self._has_slack,
        )

    def _has_slack(self, tenant: str) -> bool:
        """Tell whether today's calls leave room for a full comparison: more than half of them."""
        left = self.calls_left(tenant)
        return bool(left) and left["day"] * 2 > left["day_limit"]

    @cached_property
    def sync_desk(self) -> SyncDesk:
        """What administrators do with the synchronisation."""
        kinds = {
            family: frozenset(kind for kind in projection.kinds if not hidden(kind))
            for family, projection in PROJECTIONS.items()
        }
        return SyncDesk(SyncControl(self.sync, kinds, self.clock), self.sync, self.clock)

    @cached_property
    def webhooks(self) -> WebhookDesk:
        """Exact's webhooks."""
        return WebhookDesk(
            self.sync,
            Gate(self.sync_table, self.clock),
            self.clock,
            secret=lambda tenant: self.application(self.tenants.get(tenant)).webhook_secret or "",
            connection=self.connection,
            exact=lambda tenant: self.exact(tenant, Purpose.ADMIN),
            callback_url=lambda tenant: (
                f"{self.environment.PUBLIC_BASE_URL.rstrip('/')}/v1/webhooks/exact/{quote(tenant)}"
            ),
        )

    @cached_property
    def documents(self) -> CatalogStore:
        """Canonical documents."""
        return CatalogStore(self.catalog)

    @cached_property
    def feed(self) -> ChangeFeed:
        """The change feed."""
        return ChangeFeed(self.catalog)
