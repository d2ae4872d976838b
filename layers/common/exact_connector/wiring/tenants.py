"""Tenants: their rows, keys, settings, applications and webhooks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from exact_connector.exact.connection import Connection, connection_key, read_connection
from exact_connector.identifiers import random_text
from exact_connector.tenants.applications import Application, Applications
from exact_connector.tenants.keys import ApiKeys
from exact_connector.tenants.model import Tenant
from exact_connector.tenants.receipts import LinkReceipts
from exact_connector.tenants.settings_store import SettingsStore
from exact_connector.tenants.store import TenantStore
from exact_connector.tenants.views import TenantViews
from exact_connector.tenants.webhook import TenantWebhooks
from exact_connector.wiring.platform import Platform

if TYPE_CHECKING:
    from exact_connector.orders.lifecycle.outbox import Target


class TenantParts:
    """What is known of tenants, over the platform alone."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @cached_property
    def store(self) -> TenantStore:
        """Tenants in the control table."""
        return TenantStore(self._platform.database, self._platform.control_table, self._platform.clock)

    @cached_property
    def keys(self) -> ApiKeys:
        """API keys."""
        platform = self._platform
        return ApiKeys(platform.database, platform.control_table, platform.clock, random_text)

    @cached_property
    def settings(self) -> SettingsStore:
        """Settings of tenants."""
        platform = self._platform
        stage = platform.environment.STAGE
        return SettingsStore(platform.parameters, platform.control_table, platform.clock, stage=stage)

    @cached_property
    def applications(self) -> Applications:
        """Applications registered with Exact."""
        platform, variables = self._platform, self._platform.environment
        prefix = variables.APPLICATION_SECRET_PREFIX.rstrip("/")
        return Applications(
            platform.secrets, platform.parameters, variables.hosts, prefix=prefix, stage=variables.STAGE
        )

    def application(self, tenant: Tenant) -> Application:
        """Return the application that a tenant uses now."""
        return self.applications.of(tenant, client_id=self.settings.get(tenant.tenant).Applicationkey)

    @cached_property
    def webhooks(self) -> TenantWebhooks:
        """Where tenants want to receive events; loopback only where Exact is on this machine too."""
        platform = self._platform
        local = platform.environment.runs_on_loopback
        return TenantWebhooks(self.store, platform.control_table, platform.clock, random_text, loopback=local)

    @cached_property
    def receipts(self) -> LinkReceipts:
        """Proof for browsers that came back from a consent."""
        return LinkReceipts(self._platform.control_table, self._platform.clock, random_text)

    def webhook_target(self, tenant: str) -> Target | None:
        """Return where a tenant's events are posted, None where it registered nothing."""
        return self.webhooks.find(tenant)

    @cached_property
    def views(self) -> TenantViews:
        """What the synchronisation knows of tenants."""
        return TenantViews(self.store, self.settings, self.connection)

    def connection(self, tenant: str) -> Connection:
        """Return a tenant's connection as it is now."""
        return read_connection(tenant, self._platform.control_table.get(connection_key(tenant)))
