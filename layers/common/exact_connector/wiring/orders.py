"""Orders from intake to Exact, and the events about them."""

from __future__ import annotations

from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.second_ways import CallsWithSecondWays, RefusedFilters
from exact_connector.identifiers import order_id
from exact_connector.orders.mapping.context import Constants
from exact_connector.orders.module import OrderModule, OrderParts
from exact_connector.orders.own_writes import OrderWrites
from exact_connector.orders.planner import OrderPlanner
from exact_connector.orders.references.stored import StoredReferences
from exact_connector.tenants.connections import ExactConnections
from exact_connector.wiring.documents import DocumentParts
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.tenants import TenantParts

_INTAKE_SECONDS = 3.0
"""Real seconds of one call that is made while a client posts an order."""


def build_orders(
    platform: Platform, tenants: TenantParts, exact: ExactConnections, documents: DocumentParts
) -> OrderModule:
    """Return the life cycle of orders."""
    return OrderModule(
        OrderParts(
            platform.database,
            platform.orders_table,
            platform.clock,
            build_planner(platform, tenants, exact, documents),
            exact=lambda tenant, seconds: exact.client(tenant, Purpose.ORDERS, seconds=seconds),
            division=exact.linked_division,
            tenant_exists=lambda tenant: tenants.store.find(tenant) is not None,
            queue=lambda: platform.queues["orders"],
            bus=platform.events,
            webhook=tenants.webhook_target,
            sender=platform.sender,
            new_id=order_id,
            worker_name=platform.worker_name,
            rate=platform.environment.CLOCK_RATE,
            grace=platform.environment.UNKNOWN_GRACE_SECONDS,
        )
    )


def build_planner(
    platform: Platform, tenants: TenantParts, exact: ExactConnections, documents: DocumentParts
) -> OrderPlanner:
    """Return what judges and plans orders."""
    filters = RefusedFilters(platform.orders_table, platform.clock)

    def access(tenant: str) -> tuple[int, ExactCalls]:
        division = exact.linked_division(tenant)
        client = exact.client(tenant, Purpose.ORDERS, seconds=_INTAKE_SECONDS)
        return division, CallsWithSecondWays(client, filters, tenant, division)

    return OrderPlanner(
        StoredReferences(documents.store),
        tenants.settings.get,
        lambda tenant: tenants.store.get(tenant).options,
        platform.clock,
        constants=Constants(sales_journal=platform.environment.SALES_JOURNAL),
        access=access,
        serve=OrderWrites(documents.unconfirmed, platform.clock).written,
    )
