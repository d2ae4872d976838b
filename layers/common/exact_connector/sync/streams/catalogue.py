"""The catalogue of streams: what is read from Exact, how, how often, and whose document each row shapes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from exact_connector.errors import ConfigurationError
from exact_connector.sync.streams import selects

MINUTE = 60
QUARTER = 15 * MINUTE
HALF_HOUR = 30 * MINUTE
DAY = 24 * 60 * MINUTE
TEXTS_PREFIX = "item_texts:"
EVERYTHING_SINCE = "Modified ge datetime'1900-01-01T00:00:00'"
EVERYTHING_CREATED = "Created ge datetime'1900-01-01T00:00:00'"


class Worker(StrEnum):
    """The worker function that runs a stream."""

    ITEMS = "items"
    CUSTOMERS = "customers"
    DOCUMENTS = "documents"


class Mode(StrEnum):
    """How a stream finds out what changed.

    SYNC: by row version, 1,000 rows a page, deletions through ``sync/Deleted``. MODIFIED: by date of change, deletions
    found by the weekly comparison. FULL: the whole set every time, what is missing is gone. DELETED: the log of
    deletions itself. LOOKUP: one call for each owner that has something to look up. NAMED: the owners whose documents
    asked for it, many in one call through a filter.
    """

    SYNC = "sync"
    MODIFIED = "modified"
    FULL = "full"
    DELETED = "deleted"
    LOOKUP = "lookup"
    NAMED = "named"

    @property
    def on_request(self) -> bool:
        """Whether it reads single owners instead of a whole set, so that no first load has to wait for it."""
        return self in (Mode.LOOKUP, Mode.NAMED)


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. ``owner`` names the field with the id whose document a row shapes, "" when all rows of the kind are
    one set; ``orphan_kind``: rows without an owner are reference rows of this kind instead of being left out.
    ``owner_moves``: Exact lets a row of it change its owner, so that it has to be taken away from the one before.
    ``entity_type`` is the number of its rows in ``sync/Deleted``. ``base`` streams are always read. ``main``: without
    its rows the family has no documents at all. ``compared_after``: seconds after which all rows are compared."""

    name: str
    worker: Worker
    family: str
    kind: str
    path: str
    select: tuple[str, ...]
    mode: Mode = Mode.SYNC
    owner: str = "ID"
    row_id: str = "ID"
    freshness: int = QUARTER
    entity_type: int | None = None
    base: bool = False
    main: bool = False
    orphan_kind: str | None = None
    owner_moves: bool = False
    filter: str | None = None
    language: str | None = None
    division_filter: str | None = None
    compared_after: int = 7 * DAY

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """The (family, kind) pairs that its rows go to."""
        main = ((self.family, self.kind),)
        return main if self.orphan_kind is None else (*main, (REFERENCE, self.orphan_kind))

    @property
    def families(self) -> tuple[str, ...]:
        """The families that its rows go to."""
        return tuple(family for family, _ in self.targets)

    @property
    def row_is_owner(self) -> bool:
        """Whether a row's own id is the owner's, so that a deletion needs no look-up."""
        return self.owner == self.row_id

    @property
    def second_filter(self) -> str | None:
        """What asks for the whole set where Exact refuses the stream's filter, None where it wants no filter at all."""
        if self.mode is Mode.NAMED:
            return EVERYTHING_SINCE
        return EVERYTHING_CREATED if self.path.endswith("ogistics/Items") else None

    @property
    def has_second_way(self) -> bool:
        """Whether the whole set is read where Exact refuses its filter."""
        return self.mode in (Mode.MODIFIED, Mode.NAMED) or self.division_filter is not None

    @property
    def incremental(self) -> bool:
        """Whether it has a watermark."""
        return self.mode in (Mode.SYNC, Mode.MODIFIED, Mode.DELETED)


def _items(name: str, kind: str, path: str, select: tuple[str, ...], **more: object) -> Stream:
    return replace(Stream(name, Worker.ITEMS, "items", kind, path, select), **more)  # type: ignore[arg-type]


def _customers(name: str, kind: str, path: str, select: tuple[str, ...], **more: object) -> Stream:
    stream = Stream(name, Worker.CUSTOMERS, "customers", kind, path, select, owner="Account", freshness=HALF_HOUR)
    return replace(stream, **more)  # type: ignore[arg-type]


def _documents(name: str, kind: str, path: str, select: tuple[str, ...], owner: str, **more: object) -> Stream:
    stream = Stream(name, Worker.DOCUMENTS, "documents", kind, path, select, owner=owner)
    return replace(stream, **more)  # type: ignore[arg-type]


def _reference(name: str, kind: str, path: str, select: tuple[str, ...], **more: object) -> Stream:
    stream = Stream(name, Worker.ITEMS, "reference", kind, path, select, mode=Mode.FULL, owner="", freshness=DAY)
    return replace(stream, **more)  # type: ignore[arg-type]


DELETIONS = Stream(
    "deleted", Worker.ITEMS, "deleted", "deleted", "sync/Deleted", selects.DELETED, mode=Mode.DELETED, base=True
)

_STREAMS = (
    DELETIONS,
    _items("items", "item", "sync/Logistics/Items", selects.ITEMS, entity_type=9, base=True, main=True),
    _items(
        "sales_prices",
        "sales_price",
        "sync/Logistics/SalesItemPrices",
        selects.SALES_PRICES,
        owner="Item",
        entity_type=8,
        base=True,
        owner_moves=True,
    ),
    _items("stock", "stock", "sync/Inventory/StockPositions", selects.STOCK, owner="ItemId", entity_type=15, base=True),
    _items(
        "item_warehouses",
        "item_warehouse",
        "sync/Inventory/ItemWarehouses",
        selects.ITEM_WAREHOUSES,
        owner="Item",
        entity_type=19,
    ),
    _items(
        "supplier_items",
        "supplier_item",
        "sync/Logistics/SupplierItem",
        selects.SUPPLIER_ITEMS,
        owner="Item",
        entity_type=30,
        freshness=HALF_HOUR,
        owner_moves=True,
    ),
    _items(
        "purchase_item_prices",
        "purchase_item_price",
        "sync/Logistics/PurchaseItemPrices",
        selects.PURCHASE_ITEM_PRICES,
        owner="Item",
        compared_after=DAY,  # sync/Deleted does not name them
        freshness=HALF_HOUR,
        owner_moves=True,
    ),
    _items(
        "volume_discounts",
        "volume_discount",
        "sync/Sales/SalesPriceListVolumeDiscounts",
        selects.VOLUME_DISCOUNTS,
        owner="Item",
        entity_type=31,
        orphan_kind="group_discount",
        owner_moves=True,
    ),
    _items(
        "planning_details",
        "planning",
        "inventory/ItemWarehousePlanningDetails",
        selects.PLANNING,
        owner="Item",
        mode=Mode.FULL,
        freshness=4 * 60 * MINUTE,
    ),
    _items(
        "standard_prices",
        "standard_price",
        "bulk/Logistics/Items",
        selects.STANDARD_PRICES,
        mode=Mode.NAMED,
        freshness=HALF_HOUR,
    ),
    _items(
        "item_properties",
        "item_property",
        "bulk/Logistics/Items",
        selects.ITEM_PROPERTIES,
        mode=Mode.MODIFIED,
        freshness=DAY,
    ),
    _items(
        "extra_fields",
        "extra_field",
        "read/logistics/ItemExtraField",
        (),
        mode=Mode.LOOKUP,
        owner="ItemID",
        row_id="Number",
    ),
    _items(
        "bill_of_material_versions",
        "bom_version",
        "sync/Manufacturing/BillOfMaterialVersions",
        selects.BOM_VERSIONS,
        owner="Item",
        entity_type=55,
        freshness=HALF_HOUR,
        owner_moves=True,
    ),
    _documents(
        "bill_of_material_materials",
        "bom_material",
        "sync/Manufacturing/BillOfMaterialMaterials",
        selects.BOM_MATERIALS,
        "ItemVersion",
        entity_type=54,
        freshness=HALF_HOUR,
        owner_moves=True,
    ),
    _items(
        "assembly_materials",
        "assembly_material",
        "inventory/AssemblyBillOfMaterialMaterials",
        selects.ASSEMBLY_MATERIALS,
        owner="AssembledItem",
        mode=Mode.FULL,
        freshness=DAY,
    ),
    _customers(
        "accounts", "account", "sync/CRM/Accounts", selects.ACCOUNTS, owner="ID", entity_type=2, base=True, main=True
    ),
    _customers(
        "contacts", "contact", "sync/CRM/Contacts", selects.CONTACTS, entity_type=5, base=True, owner_moves=True
    ),
    _customers(
        "addresses", "address", "sync/CRM/Addresses", selects.ADDRESSES, entity_type=3, base=True, owner_moves=True
    ),
    _customers(
        "bank_accounts", "bank_account", "crm/BankAccounts", selects.BANK_ACCOUNTS, mode=Mode.FULL, freshness=DAY
    ),
    _customers("notes", "note", "activities/CommunicationNotes", selects.NOTES, mode=Mode.MODIFIED, owner_moves=True),
    _documents(
        "sales_order_headers",
        "sales_order",
        "sync/SalesOrder/SalesOrderHeaders",
        selects.SALES_ORDERS,
        "OrderID",
        row_id="OrderID",
        entity_type=32,
    ),
    _documents(
        "sales_order_lines",
        "sales_order_line",
        "sync/SalesOrder/SalesOrderLines",
        selects.SALES_ORDER_LINES,
        "OrderID",
        entity_type=33,
        owner_moves=True,
    ),
    _documents(
        "sales_invoices",
        "invoice_line",
        "sync/SalesInvoice/SalesInvoices",
        selects.INVOICE_LINES,
        "InvoiceID",
        entity_type=13,
    ),
    _documents(
        "goods_deliveries",
        "delivery",
        "sync/SalesOrder/GoodsDeliveries",
        selects.DELIVERIES,
        "EntryID",
        row_id="EntryID",
        entity_type=16,
    ),
    _documents(
        "goods_delivery_lines",
        "delivery_line",
        "sync/SalesOrder/GoodsDeliveryLines",
        selects.DELIVERY_LINES,
        "EntryID",
        entity_type=17,
    ),
    _documents(
        "purchase_orders",
        "purchase_order_line",
        "sync/PurchaseOrder/PurchaseOrders",
        selects.PURCHASE_ORDER_LINES,
        "PurchaseOrderID",
        entity_type=22,
    ),
    _documents("goods_receipts", "receipt", "purchaseorder/GoodsReceipts", selects.RECEIPTS, "ID", mode=Mode.MODIFIED),
    _documents(
        "goods_receipt_lines",
        "receipt_line",
        "purchaseorder/GoodsReceiptLines",
        selects.RECEIPT_LINES,
        "GoodsReceiptID",
        mode=Mode.MODIFIED,
    ),
    _reference(
        "division", "division", "system/Divisions", selects.DIVISIONS, row_id="Code", base=True, division_filter="Code"
    ),
    _reference("vat_codes", "vat_code", "vat/VATCodes", selects.VAT_CODES, base=True),
    _reference("item_groups", "item_group", "logistics/ItemGroups", selects.ITEM_GROUPS, base=True),
    _reference("units", "unit", "logistics/Units", selects.UNITS, base=True),
    _reference(
        "classifications",
        "classification",
        "crm/AccountClassifications",
        selects.CLASSIFICATIONS,
        base=True,
        worker=Worker.CUSTOMERS,
    ),
    _reference(
        "payment_conditions",
        "payment_condition",
        "cashflow/PaymentConditions",
        selects.PAYMENT_CONDITIONS,
        base=True,
        worker=Worker.CUSTOMERS,
    ),
    _reference(
        "classification_names",
        "classification_name",
        "crm/AccountClassificationNames",
        selects.CLASSIFICATION_NAMES,
        worker=Worker.CUSTOMERS,
    ),
    _reference("warehouses", "warehouse", "inventory/Warehouses", selects.WAREHOUSES),
    _reference("price_lists", "price_list", "sales/SalesPriceLists", selects.PRICE_LISTS, freshness=4 * 60 * MINUTE),
    _reference(
        "price_list_periods",
        "price_list_period",
        "sales/SalesPriceListPeriods",
        selects.PRICE_LIST_PERIODS,
        freshness=4 * 60 * MINUTE,
    ),
    _reference("linked_accounts", "linked_account", "sales/SalesPriceListLinkedAccounts", selects.LINKED_ACCOUNTS),
    _reference(
        "assortment_properties",
        "assortment_property",
        "logistics/ItemAssortmentProperty",
        selects.ASSORTMENT_PROPERTIES,
    ),
    _reference("exchange_rates", "exchange_rate", "financial/ExchangeRates", selects.EXCHANGE_RATES),
    _reference("currencies", "currency", "general/Currencies", selects.CURRENCIES, row_id="Code"),
    _reference(
        "gl_accounts",
        "gl_account",
        "sync/Financial/GLAccounts",
        selects.GL_ACCOUNTS,
        mode=Mode.SYNC,
        entity_type=7,
    ),
    _reference("shipping_methods", "shipping_method", "sales/ShippingMethods", selects.SHIPPING_METHODS),
    _reference("journals", "journal", "financial/Journals", selects.JOURNALS),
    _reference("costcenters", "costcenter", "hrm/Costcenters", selects.COSTCENTERS),
    _reference("costunits", "costunit", "hrm/Costunits", selects.COSTUNITS),
)

STREAMS: Mapping[str, Stream] = MappingProxyType({stream.name: stream for stream in _STREAMS})
"""Every stream by name, but for the item texts, of which there is one per language."""

BY_ENTITY_TYPE: Mapping[int, Stream] = MappingProxyType(
    {stream.entity_type: stream for stream in _STREAMS if stream.entity_type is not None}
)
"""The stream whose rows a number in ``sync/Deleted`` speaks of."""

BASE = frozenset(stream.name for stream in _STREAMS if stream.base)

REFERENCE = "reference"
FAMILIES = (REFERENCE, "items", "customers", "documents")
"""The families that are projected, in the order in which they need each other."""


def stream(name: str) -> Stream:
    """Return a stream by name; raises ConfigurationError for an unknown one."""
    if name.startswith(TEXTS_PREFIX) and len(name) > len(TEXTS_PREFIX):
        return _texts(name, name.removeprefix(TEXTS_PREFIX))
    found = STREAMS.get(name)
    if found is None:
        raise ConfigurationError(f"there is no stream {name!r}; known are {', '.join(sorted(STREAMS))}")
    return found


def main_of(family: str) -> Stream | None:
    """Return the stream without whose rows a family has no documents, None for a family without such a stream."""
    return next((each for each in _STREAMS if each.main and each.family == family), None)


def wanted(conditional: Iterable[str]) -> tuple[Stream, ...]:
    """Return the base streams and those of the conditional ones that exist, the deletions first."""
    names = [name for name in conditional if name in STREAMS or name.startswith(TEXTS_PREFIX)]
    chosen = {name: stream(name) for name in (*BASE, *names)}
    return tuple(sorted(chosen.values(), key=lambda each: (each.mode is not Mode.DELETED, each.name)))


def of_family(streams: Iterable[Stream], family: str) -> tuple[Stream, ...]:
    """Return those of the streams whose rows shape a family's documents."""
    return tuple(each for each in streams if family in each.families)


def needed_by(streams: Iterable[Stream], family: str, reference_kinds: Collection[str] | None) -> tuple[Stream, ...]:
    """Return the streams that a family's documents are made from: its own, and reference lists of these kinds."""
    return tuple(
        each
        for each in streams
        if family in each.families
        or (each.family == REFERENCE and (reference_kinds is None or each.kind in reference_kinds))
    )


def _texts(name: str, language: str) -> Stream:
    return Stream(
        name,
        Worker.ITEMS,
        "items",
        f"item_text.{language}",
        "logistics/Items",
        selects.ITEM_TEXTS,
        mode=Mode.MODIFIED,
        freshness=DAY,
        language=language,
    )
