"""Orders of platforms and the events about them."""

from __future__ import annotations

from functools import cached_property

from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.identifiers import order_id, random_text
from exact_connector.orders.lifecycle.engine import OrderEngine
from exact_connector.orders.lifecycle.outbox import Target
from exact_connector.orders.lifecycle.store import OrderStore
from exact_connector.orders.mapping.context import Constants
from exact_connector.orders.module import OrderDesk, OrderParts
from exact_connector.orders.notices import WebhookedEvents
from exact_connector.orders.planner import OrderPlanner
from exact_connector.orders.references.lookup import StoredReferences
from exact_connector.orders.service import OrderService
from exact_connector.storage.ports import EventBus
from exact_connector.tenants.webhook import TenantWebhooks
from exact_connector.wiring.synchronisation import Synchronisation


class Ordering(Synchronisation):
    """Orders from intake to Exact."""

    @cached_property
    def order_desk(self) -> OrderDesk:
        """The life cycle of orders."""
        return OrderDesk(
            OrderParts(
                self.database,
                self.orders_table,
                self.clock,
                self.order_planner,
                exact=lambda tenant, seconds: self.exact(tenant, Purpose.ORDERS, seconds=seconds),
                division=self.linked_division,
                known=lambda tenant: self.tenants.find(tenant) is not None,
                queue=lambda: self.queues["orders"],
                bus=self.events,
                webhook=self.webhook_target,
                sender=self.sender,
                new_id=order_id,
                worker_name=self.worker_name,
                rate=self.environment.CLOCK_RATE,
                late=self.environment.UNKNOWN_GRACE_SECONDS,
            )
        )

    @property
    def order_store(self) -> OrderStore:
        """Orders and their transitions."""
        return self.order_desk.store

    @property
    def order_engine(self) -> OrderEngine:
        """Brings orders into Exact, as the queue worker."""
        return self.order_desk.engine

    @property
    def order_service(self) -> OrderService:
        """Takes orders in."""
        return self.order_desk.service

    @cached_property
    def order_planner(self) -> OrderPlanner:
        """Judges and plans orders."""
        return OrderPlanner(
            StoredReferences(self.documents),
            self.settings.get,
            lambda tenant: self.tenants.get(tenant).options,
            self.clock,
            constants=Constants(sales_journal=self.environment.SALES_JOURNAL),
        )

    @cached_property
    def tenant_webhooks(self) -> TenantWebhooks:
        """Where tenants want to hear of events; on this machine only where Exact is here too, as in a local run."""
        local = self.environment.runs_on_loopback
        return TenantWebhooks(self.tenants, self.control, self.clock, random_text, loopback=local)

    @cached_property
    def connection_events(self) -> EventBus:
        """The event bus and the tenant's webhook."""
        return WebhookedEvents(self.events, self.webhook_target, self.order_desk.outbox)

    def webhook_target(self, tenant: str) -> Target | None:
        """Return where a tenant's events are posted, None where it registered nothing."""
        found = self.tenant_webhooks.find(tenant)
        return None if found is None else Target(found.url, found.secret)
