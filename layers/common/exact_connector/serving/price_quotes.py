"""Resolve one price from the stored rows of one item, for the HTTP API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.pricing.quote import Buyer, quote, quote_document
from exact_connector.catalog.projection import OwnerRows
from exact_connector.clock import Clock, today
from exact_connector.documents.by_code import Lookups, may_be_key
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.errors import NotFound
from exact_connector.fields import Row
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.projector import Projector

if TYPE_CHECKING:
    from exact_connector.documents.models.prices import Quote


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """What a price is asked for. ``customer``: an id or a code; ``on`` None is today; no ``currency``: the buyer's."""

    item: str
    customer: str | None = None
    quantity: Decimal = Decimal(1)
    on: date | None = None
    currency: str = ""


class PriceQuotes:
    """Answers for one item at a time; no call to Exact is made."""

    def __init__(
        self,
        documents: CatalogStore,
        projector: Callable[[], Projector],
        view: Callable[[str], TenantView],
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._lookups = Lookups(documents)
        self._projector = projector
        self._view = view
        self._clock = clock

    def quote(self, tenant: str, asked: QuoteRequest) -> Quote:
        """Return the resolved price; raises NotFound for an unknown item or customer."""
        code, on = asked.item.strip(), asked.on or today(self._clock)
        item = self._lookups.items(tenant, [code]).get(code_key(code))
        if item is None:
            raise NotFound(f"There is no item {code[:60]!r} in the catalogue of this tenant.")
        view, projector = self._view(tenant), self._projector()
        context = projector.basis(view, "items").context.on(on)
        rows = self._rows(projector, tenant, "items", str(item.body["item_id"]))
        buyer = self._buyer(tenant, projector, asked.customer)
        return quote_document(quote(rows, context, buyer, asked.quantity, asked.currency))

    def _buyer(self, tenant: str, projector: Projector, named: str | None) -> Buyer:
        if not named:
            return Buyer()
        customer = self.customer(tenant, named)
        account = self._rows(projector, tenant, "customers", customer.key).one("account") or {}
        return Buyer(customer.key, fields.guid(account, "PriceList"), fields.text(account, "SalesCurrency"))

    def customer(self, tenant: str, *names: str) -> StoredDocument:
        """Return the customer whose id or code is the first of these that there is; raises NotFound."""
        for named in filter(may_be_key, names):
            found = self._documents.get(tenant, "customer", named.strip().lower())
            found = found or self._lookups.customer(tenant, [named])
            if found is not None:
                return found
        raise NotFound(f"There is no customer {names[-1][:60]!r} in the catalogue of this tenant.")

    def _rows(self, projector: Projector, tenant: str, family: str, owner: str) -> OwnerRows:
        for found in projector.records.owners(tenant, family, {owner}):
            by_kind: Mapping[str, list[Row]] = found.by_kind()
            return OwnerRows(owner, by_kind)
        return OwnerRows(owner)
