"""The kinds of documents that platforms read: addresses, names, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog_api.reading import (
    CHANGED_SINCE,
    CODE,
    GROUP,
    MANAGER,
    STATUS,
    WAREHOUSE,
    WORDS,
    Predicate,
    customer_filter,
    described_filter,
    item_filter,
    plain_filter,
    stock_filter,
)
from exact_connector.sync.projection.families import PROJECTIONS
from exact_connector.web.parameters import Parameter, flag

COMPONENTS = flag(
    "components", "`true` divides every sold quantity over the components of the item, where it has a bill of material."
)
_DESCRIBED: tuple[Parameter[Any], ...] = (CHANGED_SINCE, WORDS, CODE)


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of documents: its address, how it is named, filtered and shown in full.

    ``one`` and ``page`` name the types of a document and of a page. ``joined``: what is shown of it holds documents of
    other kinds. ``options``: parameters of how it is shown.
    """

    path: str
    kind: str
    name: str
    one: str
    filters: tuple[Parameter[Any], ...] = (CHANGED_SINCE,)
    accept: Callable[[Mapping[str, str]], Predicate | None] = plain_filter
    has_full_view: bool = False
    joined: bool = False
    options: tuple[Parameter[Any], ...] = ()

    @property
    def operation(self) -> str:
        """The name of the operation that lists it: `listItems`, `listBillsOfMaterial`."""
        return "list" + "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def page(self) -> str:
        """The name of the type of a page."""
        return f"{self.one}Page"

    @property
    def by_code(self) -> bool:
        """Whether the list can be cut to the one document with a code."""
        return CODE in self.filters


_BY_CODE = described_filter("code", "description")

FEED_KINDS: tuple[str, ...] = tuple(
    sorted({kind for each in PROJECTIONS.values() for kind in each.kinds if not kind.startswith("_")})
)
"""The kinds of documents that the change feed tells of."""

COLLECTIONS: tuple[Collection, ...] = (
    Collection(
        "/v1/items",
        "item",
        "items",
        "Item",
        (*_DESCRIBED, GROUP, WAREHOUSE),
        item_filter,
        has_full_view=True,
    ),
    Collection("/v1/item-groups", "item_group", "item_groups", "ItemGroup", _DESCRIBED, _BY_CODE),
    Collection("/v1/units", "unit", "units", "Unit", _DESCRIBED, _BY_CODE),
    Collection("/v1/vat-codes", "vat_code", "vat_codes", "VatCode", _DESCRIBED, _BY_CODE),
    Collection("/v1/price-lists", "price_list", "price_lists", "PriceList", _DESCRIBED, _BY_CODE),
    Collection(
        "/v1/stock",
        "stock",
        "stock",
        "Stock",
        (CHANGED_SINCE, CODE, WAREHOUSE),
        stock_filter,
    ),
    Collection(
        "/v1/customers",
        "customer",
        "customers",
        "Customer",
        (*_DESCRIBED, MANAGER, STATUS),
        customer_filter,
        has_full_view=True,
    ),
    Collection(
        "/v1/suppliers",
        "supplier",
        "suppliers",
        "Supplier",
        _DESCRIBED,
        described_filter("supplier_code", "supplier_name", "email", "vat_number"),
    ),
    Collection("/v1/supplier-products", "supplier_product", "supplier_products", "SupplierProduct"),
    Collection("/v1/bills-of-material", "bill_of_material", "bills_of_material", "BillOfMaterial", joined=True),
    Collection("/v1/sales", "sale", "sales", "Sale", joined=True, options=(COMPONENTS,)),
    Collection("/v1/receipts", "receipt", "receipts", "Receipt"),
)

ADDRESSES: Mapping[str, str] = {collection.kind: collection.path for collection in COLLECTIONS}
"""Kind of a document -> where documents of that kind are served."""
