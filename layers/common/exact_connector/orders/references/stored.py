"""What the stored documents say of what an order refers to; nothing is asked of Exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from exact_connector.catalog.codes import code_key
from exact_connector.customers.nested import ADDRESS, CONTACT_PERSON
from exact_connector.documents.by_code import Lookups
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.orders.mapping.required_references import ReferenceRequest
from exact_connector.orders.model.purchase_references import (
    OrderSupplier,
    PurchaseReferences,
    PurchaseRequest,
    SupplierProduct,
)
from exact_connector.orders.model.references import (
    KnownAddress,
    KnownContact,
    KnownPriceList,
    OrderCustomer,
    OrderItem,
    ResolvedReferences,
)


class StoredReferences:
    """Looks up stored documents; what is not stored stays "not looked up"."""

    def __init__(self, documents: CatalogStore) -> None:
        self._documents = documents
        self._lookups = Lookups(documents)

    def of_order(self, tenant: str, request: ReferenceRequest) -> ResolvedReferences:
        """Return customer, items, price lists and tier prices of a sales order; a chosen address or contact as well."""
        customer = self._customer(tenant, request)
        card: Mapping[str, Any] = {} if customer is None else customer.body
        items = self._lookups.items(tenant, request.item_codes)
        return ResolvedReferences(
            customer=None if customer is None else OrderCustomer.of_document(customer.body),
            items={
                **{key: self._item(tenant, row, customer, tiers=request.tier_prices) for key, row in items.items()},
                **self._left_out(tenant, request.item_codes, items),
            },
            price_lists=self._price_lists(tenant) if request.price_lists else None,
            addresses=self._addresses(tenant, card, request.address_id) if request.address_id else None,
            contacts=self._contacts(tenant, card, request.contact_id) if request.contact_id else None,
        )

    def of_purchase(self, tenant: str, request: PurchaseRequest, *, links_stored: bool) -> PurchaseReferences:
        """Return supplier, items and the supplier's products of a purchase order.

        ``links_stored``: the tenant keeps supplier links, so an item without one is not sold by the supplier.
        """
        supplier = self._supplier(tenant, request)
        delivered = self._lookups.items(tenant, request.item_codes)
        items = {
            **{key: OrderItem.of_documents(row.body) for key, row in delivered.items()},
            **self._left_out(tenant, request.item_codes, delivered),
        }
        products: dict[str, SupplierProduct] = {}
        if supplier is not None:
            keys = {f"{item.code}/{supplier.key}": item.item_id for item in items.values()}
            found = self._documents.batch(tenant, "supplier_product", keys)
            products = {keys[key]: SupplierProduct.of_document(row.body) for key, row in found.items()}
        bought_from = None if supplier is None else OrderSupplier.of_document(supplier.body)
        codes = {each.vat_code for each in (bought_from, *products.values()) if each is not None and each.vat_code}
        return PurchaseReferences(
            bought_from,
            items,
            products,
            all_products=links_stored,
            blocked_vat_codes=self._blocked(tenant, codes),
        )

    def _blocked(self, tenant: str, codes: Iterable[str]) -> frozenset[str]:
        """Return the keys of those VAT codes that are blocked."""
        found = self._documents.batch(tenant, "vat_code", codes)
        return frozenset(code_key(key) for key, row in found.items() if row.body.get("is_blocked"))

    def card(self, tenant: str, account: str) -> Mapping[str, Any] | None:
        """Return the served document of an account, customer or supplier, with all its people and addresses; None
        where it is not served."""
        for kind in ("customer", "supplier"):
            found = self._documents.get(tenant, kind, account)
            if found is not None:
                whole = {
                    name: [row.body for row in self._all(tenant, nested, prefix=f"{account}/")]
                    for name, nested in (("addresses", ADDRESS), ("contact_persons", CONTACT_PERSON))
                    if found.body.get(f"{name}_url")
                }
                return {**found.body, **whole}
        return None

    def _addresses(self, tenant: str, card: Mapping[str, Any], wanted: str) -> list[KnownAddress]:
        """Return the addresses in a customer's document, and the wanted one where it has a document of its own."""
        own = self._own(tenant, card, ADDRESS, wanted) if card.get("addresses_url") else []
        return [*addresses_of(card), *map(KnownAddress.of_document, own)]

    def _contacts(self, tenant: str, card: Mapping[str, Any], wanted: str) -> list[KnownContact]:
        """Return the people in a customer's document, and the wanted one where there is a document of its own."""
        own = self._own(tenant, card, CONTACT_PERSON, wanted) if card.get("contact_persons_url") else []
        return [*contacts_of(card), *map(KnownContact.of_document, own)]

    def _own(self, tenant: str, card: Mapping[str, Any], kind: str, wanted: str) -> list[Mapping[str, Any]]:
        found = self._documents.get(tenant, kind, f"{card['customer_id']}/{wanted.lower()}")
        return [] if found is None else [found.body]

    def _customer(self, tenant: str, request: ReferenceRequest) -> StoredDocument | None:
        if request.customer_id is not None:
            return self._documents.get(tenant, "customer", request.customer_id.lower())
        return self._lookups.customer(tenant, request.customer_codes)

    def _supplier(self, tenant: str, request: PurchaseRequest) -> StoredDocument | None:
        if request.supplier_id is not None:
            return self._documents.get(tenant, "supplier", request.supplier_id.lower())
        return self._lookups.supplier(tenant, [request.supplier_code or ""])

    def _left_out(
        self, tenant: str, codes: Iterable[str], delivered: Mapping[str, StoredDocument]
    ) -> dict[str, OrderItem]:
        """Return the items that are named, are in Exact, and are not delivered under the tenant's settings."""
        others = [code for code in codes if code_key(code) not in delivered]
        found = self._lookups.left_out_items(tenant, others) if others else {}
        return {key: replace(OrderItem.of_documents(row.body), is_delivered=False) for key, row in found.items()}

    def _item(self, tenant: str, row: StoredDocument, customer: StoredDocument | None, *, tiers: bool) -> OrderItem:
        if not tiers:
            return OrderItem.of_documents(row.body)
        codes = [document.key for document in self._all(tenant, "price_list")]
        lists = self._documents.batch(tenant, "price_list_rows", [f"{code}/{row.key}" for code in codes])
        agreement = None
        if customer is not None:
            agreement = self._documents.get(tenant, "agreement", f"{row.key}/{customer.key}")
        return OrderItem.of_documents(
            row.body, [each.body for each in lists.values()], None if agreement is None else agreement.body
        )

    def _price_lists(self, tenant: str) -> dict[str, KnownPriceList] | None:
        found = [KnownPriceList.of_document(row.body) for row in self._all(tenant, "price_list")]
        return {code_key(each.code): each for each in found} or None

    def _all(self, tenant: str, kind: str, prefix: str | None = None) -> Iterable[StoredDocument]:
        cursor: str | None = None
        while True:
            page = self._documents.list(tenant, kind, cursor=cursor, limit=500, prefix=prefix)
            yield from page.documents
            if page.cursor is None:
                return
            cursor = page.cursor


def addresses_of(card: Mapping[str, Any]) -> list[KnownAddress]:
    """Return the addresses on a served account."""
    return [KnownAddress.of_document(each) for each in card.get("addresses") or ()]


def contacts_of(card: Mapping[str, Any]) -> list[KnownContact]:
    """Return the active contacts on a served account."""
    return [KnownContact.of_document(each) for each in card.get("contact_persons") or ()]
