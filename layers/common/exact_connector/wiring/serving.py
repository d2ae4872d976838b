"""Answers that read across subjects: price quotes, relation cards, exports."""

from __future__ import annotations

from functools import cached_property

from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.identifiers import order_id
from exact_connector.orders.module import OrderModule
from exact_connector.serving.exports import Exports
from exact_connector.serving.price_quotes import PriceQuotes
from exact_connector.serving.relation_cards import RelationCards
from exact_connector.tenants.connections import ExactConnections
from exact_connector.wiring.documents import DocumentParts
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.sync import SyncParts
from exact_connector.wiring.tenants import TenantParts


class ServingParts:
    """What platforms ask for beyond single documents."""

    def __init__(
        self,
        platform: Platform,
        tenants: TenantParts,
        exact: ExactConnections,
        documents: DocumentParts,
        sync: SyncParts,
        orders: OrderModule,
    ) -> None:
        self._platform = platform
        self._tenants = tenants
        self._exact = exact
        self._documents = documents
        self._sync = sync
        self._orders = orders

    @cached_property
    def quotes(self) -> PriceQuotes:
        """Resolved prices."""
        views = self._tenants.views
        return PriceQuotes(
            self._documents.store, lambda: self._sync.engine.projector, views.linked, self._platform.clock
        )

    @cached_property
    def cards(self) -> RelationCards:
        """History of customers."""
        return RelationCards(
            self._documents.store,
            self.quotes,
            self._orders.store,
            self._tenants.settings.get,
            lambda tenant: self._exact.client(tenant, Purpose.ADMIN),
        )

    @cached_property
    def exports(self) -> Exports:
        """Whole kinds of documents as files."""
        platform = self._platform
        return Exports(
            platform.sync_table,
            self._documents.synchronised,
            self._documents.feed,
            lambda: platform.blobs,
            platform.clock,
            new_id=lambda now: "x" + order_id(now)[1:],
        )
