"""The synchronisation: its engine, what administrators do with it, and Exact's webhooks."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import quote

from exact_connector.documents.transaction import hidden
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.exact.webhooks import Gate
from exact_connector.sync.control import SyncControl
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.projection.families import PROJECTIONS, contexts
from exact_connector.sync.webhooks import WebhookReceiver
from exact_connector.tenants.connections import ExactConnections
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.tenants import TenantParts


class SyncParts:
    """Streams, projections and webhooks, over the platform, the tenants and their connections."""

    def __init__(self, platform: Platform, tenants: TenantParts, exact: ExactConnections) -> None:
        self._platform = platform
        self._tenants = tenants
        self._exact = exact

    @cached_property
    def engine(self) -> SyncEngine:
        """Extraction, projection, dispatch."""
        platform = self._platform
        return SyncEngine(
            platform.database,
            platform.sync_table,
            platform.records_table,
            platform.catalog_table,
            lambda tenant: self._exact.client(tenant, Purpose.SYNC),
            self._tenants.views,
            PROJECTIONS,
            contexts,
            platform.queues,
            platform.events,
            platform.clock,
            worker=platform.worker_name,
            slack=self._exact.has_slack,
        )

    @cached_property
    def control(self) -> SyncControl:
        """What administrators do with the synchronisation."""
        kinds = {
            family: frozenset(kind for kind in projection.kinds if not hidden(kind))
            for family, projection in PROJECTIONS.items()
        }
        return SyncControl(self.engine, kinds, self._platform.clock)

    @cached_property
    def webhooks(self) -> WebhookReceiver:
        """Exact's webhooks."""
        platform, tenants = self._platform, self._tenants
        base = platform.environment.PUBLIC_BASE_URL.rstrip("/")
        return WebhookReceiver(
            self.engine,
            Gate(platform.sync_table, platform.clock),
            platform.clock,
            secret=lambda tenant: tenants.application(tenants.store.get(tenant)).webhook_secret or "",
            connection=tenants.connection,
            exact=lambda tenant: self._exact.client(tenant, Purpose.ADMIN),
            callback_url=lambda tenant: f"{base}/v1/webhooks/exact/{quote(tenant)}",
        )
