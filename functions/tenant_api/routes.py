"""All routes of this function."""

from __future__ import annotations

from collections.abc import Sequence

from exact_connector.web.routes import Route, routes_of
from exact_connector.wiring.container import Container
from tenant_api.key_routes import KeyRoutes
from tenant_api.settings_routes import SettingsRoutes
from tenant_api.sync_routes import SyncRoutes
from tenant_api.tenant_routes import TenantRoutes
from tenant_api.webhook_routes import WebhookRoutes

ROUTES = (TenantRoutes, SettingsRoutes, SyncRoutes, KeyRoutes, WebhookRoutes)


def routes(box: Container) -> Sequence[Route]:
    """Return the routes over the product."""
    return [route for kind in ROUTES for route in routes_of(kind(box))]
