"""What administrators and operators do with tenants, and the linking with Exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from exact_connector.exact.auth.oauth import TokenEndpoint
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.identifiers import random_text
from exact_connector.orders.module import OrderModule
from exact_connector.tenants.access import ExactAccess
from exact_connector.tenants.connections import ExactConnections
from exact_connector.tenants.consent import ConsentLinking
from exact_connector.tenants.link_failures import LinkFailures
from exact_connector.tenants.onboarding import Onboarding
from exact_connector.tenants.service import TenantService
from exact_connector.wiring.assets import AssetParts
from exact_connector.wiring.customers import CustomerParts
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.serving import ServingParts
from exact_connector.wiring.sync import SyncParts
from exact_connector.wiring.tenants import TenantParts


class AdministrationParts:
    """The use cases of tenants, and what they reach: linking, access to Exact, everything that leaves with a tenant."""

    def __init__(
        self,
        platform: Platform,
        tenants: TenantParts,
        exact: ExactConnections,
        sync: SyncParts,
        orders: OrderModule,
        customers: CustomerParts,
        assets: AssetParts,
        serving: ServingParts,
    ) -> None:
        self._platform = platform
        self._tenants = tenants
        self._exact = exact
        self._sync = sync
        self._orders = orders
        self._customers = customers
        self._assets = assets
        self._serving = serving

    @cached_property
    def service(self) -> TenantService:
        """The use cases of tenants."""
        tenants = self._tenants
        return TenantService(
            tenants.store,
            tenants.keys,
            tenants.settings,
            tenants.applications,
            self.onboarding,
            self._sync.control,
            self.access,
            self._platform.clock,
            new_id=lambda: "t-" + random_text(10).lower(),
            forget_orders=self.delete_tenant_data,
            standing_of_orders=self._orders.summary,
        )

    @cached_property
    def access(self) -> ExactAccess:
        """Access of tenants to Exact, as administrators see it."""
        exact, webhooks, views = self._exact, self._sync.webhooks, self._tenants.views
        return ExactAccess(
            connection=exact.connection,
            pointer=lambda tenant: exact.keeper(tenant).pointer(),
            disconnect=lambda tenant: exact.keeper(tenant).disconnect(),
            exact=lambda tenant: exact.client(tenant, Purpose.ADMIN),
            calls_left=exact.calls_left,
            follow_webhooks=lambda tenant: webhooks.follow_option(views.linked(tenant)),
            make_due=self._make_due,
            table=self._platform.sync_table,
            clock=self._platform.clock,
            link_failure=self._link_failures.reason,
        )

    @cached_property
    def onboarding(self) -> Onboarding:
        """Linking of tenants."""
        platform, linking = self._platform, self.linking
        return Onboarding(
            platform.control_table,
            platform.clock,
            random_text,
            redirect_uri=platform.environment.redirect_uri,
            application=self._tenants.application,
            tenant=self._tenants.store.get,
            connection=self._exact.connection,
            exchange=linking.exchange,
            divisions=linking.divisions,
            link=linking.link,
            failures=self._link_failures,
        )

    @cached_property
    def _link_failures(self) -> LinkFailures:
        platform = self._platform
        return LinkFailures(platform.control_table, platform.events, self._tenants.store.record, platform.clock)

    @cached_property
    def linking(self) -> ConsentLinking:
        """The steps from a consent to a connection."""
        platform = self._platform
        return ConsentLinking(
            connections=self._exact,
            token_endpoint=TokenEndpoint(platform.sender, platform.clock),
            sync_table=platform.sync_table,
            clock=platform.clock,
            rate=platform.environment.CLOCK_RATE,
            linked=self._sync.control.linked,
            make_due=self._make_due,
        )

    @property
    def _make_due(self) -> Sequence[Callable[[str, int], None]]:
        requests, clock = self._customers.requests, self._platform.clock
        return self._orders.make_due, lambda tenant, division: requests.make_due(tenant, division, clock.now())

    def delete_tenant_data(self, tenant: str) -> int:
        """Remove every order of a tenant, every customer that it requested, its exports and files; return how many."""
        self._serving.exports.forget(tenant)
        self._assets.fetcher.forget(tenant)
        orders = self._orders.delete_tenant_data(tenant, self._exact.connection(tenant).division)
        return orders + self._customers.requests.delete_tenant_data(tenant)
