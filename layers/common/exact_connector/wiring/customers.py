"""Customers that platforms create and edit."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from exact_connector.catalog.context import ProjectionContext
from exact_connector.customer_requests.engine import CustomerEngine, CustomerSubmission
from exact_connector.customer_requests.own_writes import OwnWrites
from exact_connector.customer_requests.record import CUSTOMERS
from exact_connector.customer_requests.service import CustomerRequestService, planner
from exact_connector.customer_requests.store import CustomerStore
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.second_ways import CallsWithSecondWays, RefusedFilters
from exact_connector.identifiers import order_id
from exact_connector.orders.module import INLINE_TIMES
from exact_connector.tenants.connections import ExactConnections
from exact_connector.wiring.documents import DocumentParts
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.sync import SyncParts
from exact_connector.wiring.tenants import TenantParts


class CustomerParts:
    """What brings customers of platforms into Exact."""

    def __init__(
        self,
        platform: Platform,
        tenants: TenantParts,
        exact: ExactConnections,
        documents: DocumentParts,
        sync: SyncParts,
    ) -> None:
        self._platform = platform
        self._tenants = tenants
        self._exact = exact
        self._documents = documents
        self._sync = sync

    @cached_property
    def requests(self) -> CustomerStore:
        """Customers that platforms requested."""
        platform = self._platform
        return CustomerStore(CUSTOMERS, platform.database, platform.orders_table, sleep=platform.clock.sleep)

    @cached_property
    def engine(self) -> CustomerEngine:
        """Creates requested customers in Exact."""
        seconds = INLINE_TIMES.post - INLINE_TIMES.step
        submission = CustomerSubmission(
            lambda tenant: self._calls(tenant, seconds),
            planner(self.context),
            division=self._exact.linked_division,
        )
        return CustomerEngine(self.requests, submission, self.own_writes.created, self._platform.clock, self._times())

    @cached_property
    def service(self) -> CustomerRequestService:
        """Creates and edits customers for platforms."""
        return CustomerRequestService(
            self.requests,
            self.engine,
            self._documents.store,
            lambda tenant: self._calls(tenant, INLINE_TIMES.post),
            self.context,
            self._platform.clock,
            division=self._exact.linked_division,
            own_writes=self.own_writes,
            new_id=lambda now: "c" + order_id(now)[1:],
        )

    @cached_property
    def own_writes(self) -> OwnWrites:
        """Serves what was written at once."""
        documents = self._documents
        return OwnWrites(documents.unconfirmed, documents.store, self.context, self.changed, self._platform.clock)

    def context(self, tenant: str) -> ProjectionContext:
        """Return the settings and reference rows by which a tenant's customers are read."""
        view = self._tenants.views.linked(tenant)
        context: ProjectionContext = self._sync.engine.projector.basis(view, "customers").context
        return context

    def changed(self, tenant: str) -> None:
        """Have accounts and their addresses read at once, because one was created or edited."""
        self._sync.engine.make_due(tenant, ("accounts", "addresses"))

    def _calls(self, tenant: str, seconds: float) -> ExactCalls:
        client = self._exact.client(tenant, Purpose.ORDERS, seconds=seconds)
        return CallsWithSecondWays(client, self._refused_filters, tenant, self._exact.linked_division(tenant))

    @cached_property
    def _refused_filters(self) -> RefusedFilters:
        return RefusedFilters(self._platform.orders_table, self._platform.clock)

    def _times(self) -> LifecycleTimes:
        rate = max(1.0, self._platform.environment.CLOCK_RATE)
        grace = self._platform.environment.UNKNOWN_GRACE_SECONDS
        return replace(INLINE_TIMES, post=INLINE_TIMES.post * rate, step=INLINE_TIMES.step * rate, grace=grace)
