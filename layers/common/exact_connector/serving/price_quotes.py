"""Resolve one price from the stored rows of one item, for the HTTP API."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.pricing.quote import Buyer, quote, quote_document
from exact_connector.catalog.projection import OwnerRows
from exact_connector.clock import Clock, today
from exact_connector.documents.by_code import Lookups, may_be_key
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.errors import Fault, InvalidInput, NotFound
from exact_connector.fields import Row
from exact_connector.sync.ports import TenantView
from exact_connector.sync.projection.projector import Projector

_MOST = Decimal("1e9")
_LONGEST = 40
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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

    def quote(self, tenant: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the resolved price; raises NotFound for an unknown item or customer, InvalidInput."""
        code = query.get("item", "").strip()
        if not code:
            raise InvalidInput("No item was named.", [Fault("?item", "MISSING", "Send the item code as item=.")])
        quantity, on, currency = _quantity(query), _date(query, today(self._clock)), _currency(query)
        item = self._lookups.items(tenant, [code]).get(code_key(code))
        if item is None:
            raise NotFound(f"There is no item {code[:60]!r} in the catalogue of this tenant.")
        view, projector = self._view(tenant), self._projector()
        context = projector.basis(view, "items").context.on(on)
        rows = self._rows(projector, tenant, "items", str(item.body["item_id"]))
        buyer = self._buyer(tenant, projector, query.get("customer"))
        return quote_document(quote(rows, context, buyer, quantity, currency))

    def _buyer(self, tenant: str, projector: Projector, named: str | None) -> Buyer:
        if not named:
            return Buyer()
        customer = self.customer(tenant, named)
        account = self._rows(projector, tenant, "customers", customer.key).one("account") or {}
        return Buyer(customer.key, fields.guid(account, "PriceList"), fields.text(account, "SalesCurrency"))

    def customer(self, tenant: str, named: str) -> StoredDocument:
        """Return a customer by id or code; raises NotFound."""
        found = self._documents.get(tenant, "customer", named.strip().lower()) if may_be_key(named) else None
        if found is not None:
            return found
        found = self._lookups.customer(tenant, [named])
        if found is None:
            raise NotFound(f"There is no customer {named[:60]!r} in the catalogue of this tenant.")
        return found

    def _rows(self, projector: Projector, tenant: str, family: str, owner: str) -> OwnerRows:
        for found in projector.records.owners(tenant, family, {owner}):
            by_kind: Mapping[str, list[Row]] = found.by_kind()
            return OwnerRows(owner, by_kind)
        return OwnerRows(owner)


def _quantity(query: Mapping[str, str]) -> Decimal:
    text = query.get("quantity", "1").strip()
    found = fields.positive(text[:_LONGEST])
    if found is None or found > _MOST or len(text) > _LONGEST:
        raise InvalidInput(
            f"The quantity {text[:20]!r} is not usable.",
            [Fault("?quantity", "QUANTITY", "Send a number above 0, such as 12 or 2.5.")],
        )
    return found


def _date(query: Mapping[str, str], default: date) -> date:
    text = query.get("date")
    if not text:
        return default
    try:
        if not _DAY.fullmatch(text):
            raise ValueError("another form")
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"The date {text[:20]!r} cannot be read.", [Fault("?date", "DATE", "Send YYYY-MM-DD.")]
        ) from error


def _currency(query: Mapping[str, str]) -> str:
    text = query.get("currency", "").strip().upper()
    if text and not _CURRENCY.fullmatch(text):
        raise InvalidInput(
            f"The currency {text[:20]!r} is not usable.",
            [Fault("?currency", "CURRENCY", "Send three letters, such as EUR, or leave it out.")],
        )
    return text
