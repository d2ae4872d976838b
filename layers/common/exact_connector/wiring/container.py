"""The composition root: one member per subject, each built from the ones that its builder names.

    platform ── tenants ── exact ── sync ─┬─ customers ──────────┐
       │                     │            ├─ assets ─────────────┤
       └─ documents ─────────┴─ orders ───┴─ serving ── jobs ── administration

A member is imported and built when it is first asked for, so a handler loads only what it serves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from exact_connector.environment import Environment, read_environment
from exact_connector.wiring.platform import Platform

if TYPE_CHECKING:
    from exact_connector.background import BackgroundJobs
    from exact_connector.clock import Clock
    from exact_connector.observability import LambdaHandler
    from exact_connector.orders.module import OrderModule
    from exact_connector.tenants.connections import ExactConnections
    from exact_connector.web.api import Api
    from exact_connector.web.auth import Authenticator
    from exact_connector.web.routes import Route
    from exact_connector.wiring.administration import AdministrationParts
    from exact_connector.wiring.assets import AssetParts
    from exact_connector.wiring.customers import CustomerParts
    from exact_connector.wiring.documents import DocumentParts
    from exact_connector.wiring.serving import ServingParts
    from exact_connector.wiring.sync import SyncParts
    from exact_connector.wiring.tenants import TenantParts


class Container:
    """Every subject of the product."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    @property
    def clock(self) -> Clock:
        """The clock of the deployment."""
        return self.platform.clock

    @property
    def environment(self) -> Environment:
        """The checked environment variables."""
        return self.platform.environment

    @cached_property
    def tenants(self) -> TenantParts:
        """Tenants, their keys, settings, applications and webhooks."""
        from exact_connector.wiring.tenants import TenantParts

        return TenantParts(self.platform)

    @cached_property
    def exact(self) -> ExactConnections:
        """The connections of tenants to Exact."""
        from exact_connector.wiring.exact import build_connections

        return build_connections(self.platform, self.tenants)

    @cached_property
    def documents(self) -> DocumentParts:
        """Canonical documents and the change feed."""
        from exact_connector.wiring.documents import DocumentParts

        return DocumentParts(self.platform)

    @cached_property
    def sync(self) -> SyncParts:
        """The synchronisation."""
        from exact_connector.wiring.sync import SyncParts

        return SyncParts(self.platform, self.tenants, self.exact)

    @cached_property
    def orders(self) -> OrderModule:
        """The life cycle of orders."""
        from exact_connector.wiring.orders import build_orders

        return build_orders(self.platform, self.tenants, self.exact, self.documents)

    @cached_property
    def customers(self) -> CustomerParts:
        """Customers that platforms create and edit."""
        from exact_connector.wiring.customers import CustomerParts

        return CustomerParts(self.platform, self.tenants, self.exact, self.documents, self.sync)

    @cached_property
    def serving(self) -> ServingParts:
        """Price quotes, relation cards, exports."""
        from exact_connector.wiring.serving import ServingParts

        return ServingParts(self.platform, self.tenants, self.exact, self.documents, self.sync, self.orders)

    @cached_property
    def assets(self) -> AssetParts:
        """Pictures and logos."""
        from exact_connector.wiring.assets import AssetParts

        return AssetParts(self.platform, self.tenants, self.exact, self.documents, self.sync)

    @cached_property
    def administration(self) -> AdministrationParts:
        """What administrators do with tenants, and the linking."""
        from exact_connector.wiring.administration import AdministrationParts

        return AdministrationParts(
            self.platform,
            self.tenants,
            self.exact,
            self.sync,
            self.orders,
            self.customers,
            self.assets,
            self.serving,
        )

    @cached_property
    def jobs(self) -> BackgroundJobs:
        """Work in the background."""
        from exact_connector.wiring.jobs import build_jobs

        return build_jobs(self.platform, self.customers, self.serving, self.assets)

    @cached_property
    def authenticator(self) -> Authenticator:
        """Reads the caller from a request."""
        from exact_connector.wiring.web import build_authenticator

        return build_authenticator(self.platform, self.tenants)

    def handler(self, routes: Sequence[Route]) -> LambdaHandler:
        """Return the Lambda handler over routes, with logs and metrics."""
        from exact_connector.observability import instrumented

        return instrumented(self.api(routes))

    def api(self, routes: Sequence[Route]) -> Api:
        """Return the routes behind API Gateway's events."""
        from exact_connector.observability import logger
        from exact_connector.web.api import Api

        return Api(routes, self.authenticator, self.clock, logger(), tenant_exists=self.tenants.store.exists)


@cache
def container() -> Container:
    """Return the process's container; raises ConfigurationError for a wrong environment."""
    return Container(Platform(read_environment()))
