"""Customers: their prices, their history, and those that platforms create."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from exact_connector.catalog.context import ProjectionContext
from exact_connector.customer_requests.engine import CustomerEngine
from exact_connector.customer_requests.service import CustomerDesk, planner
from exact_connector.customer_requests.store import CustomerRequests
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.identifiers import order_id
from exact_connector.orders.module import INLINE_TIMES
from exact_connector.serving.price_quotes import PriceQuotes
from exact_connector.serving.relation_cards import RelationCards
from exact_connector.wiring.ordering import Ordering


class Relations(Ordering):
    """What platforms ask about customers and have done for them."""

    @cached_property
    def quotes(self) -> PriceQuotes:
        """Resolved prices."""
        return PriceQuotes(self.documents, lambda: self.sync.projector, self.view, self.clock)

    @cached_property
    def cards(self) -> RelationCards:
        """History of customers."""
        return RelationCards(
            self.documents,
            self.quotes,
            self.order_store,
            self.settings.get,
            lambda tenant: self.exact(tenant, Purpose.ADMIN),
        )

    @cached_property
    def customer_requests(self) -> CustomerRequests:
        """Customers that platforms asked for."""
        return CustomerRequests(self.database, self.orders_table)

    @cached_property
    def customer_engine(self) -> CustomerEngine:
        """Makes wanted customers in Exact."""
        rate = max(1.0, self.environment.CLOCK_RATE)
        times = INLINE_TIMES
        seconds = times.post - times.step
        return CustomerEngine(
            self.customer_requests,
            lambda tenant: self.exact(tenant, Purpose.ORDERS, seconds=seconds),
            planner(self.customer_context),
            self.accounts_changed,
            self.clock,
            division=self.linked_division,
            times=replace(
                times,
                post=times.post * rate,
                step=times.step * rate,
                late=self.environment.UNKNOWN_GRACE_SECONDS,
            ),
        )

    @cached_property
    def customer_desk(self) -> CustomerDesk:
        """Creates and edits customers for platforms."""
        return CustomerDesk(
            self.customer_requests,
            self.customer_engine,
            self.documents,
            lambda tenant: self.exact(tenant, Purpose.ORDERS, seconds=INLINE_TIMES.post),
            self.customer_context,
            self.clock,
            division=self.linked_division,
            changed=self.accounts_changed,
            new_id=lambda now: "c" + order_id(now)[1:],
        )

    def customer_context(self, tenant: str) -> ProjectionContext:
        """Return the settings and reference rows by which a tenant's customers are read."""
        context: ProjectionContext = self.sync.projector.ground(self.view(tenant), "customers").context
        return context

    def accounts_changed(self, tenant: str) -> None:
        """Have accounts and their addresses read at once, because one was made or edited."""
        self.sync.make_due(tenant, ("accounts", "addresses"))
