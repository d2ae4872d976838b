"""Which endpoints of Exact the chosen settings and options make necessary. Pure.

With all defaults and no options none of these is read: the base streams (items, standard prices, stock, accounts,
contacts, addresses and their reference data) are always read and are not named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from exact_connector.settings.model import Settings
from exact_connector.settings.parsed import GENERATED_FREE_FIELDS, field_references, languages, renaming
from exact_connector.settings.properties import ITEM_PROPERTIES, ITEM_PROPERTIES_OUTSIDE_SYNC

ITEM_TEXTS = "item_texts:"
"""Prefix of the stream that reads item texts in one language; the language follows, such as `item_texts:DE`."""

STREAM_ENDPOINTS: Mapping[str, str] = MappingProxyType(
    {
        "price_lists": "sales/SalesPriceLists",
        "price_list_periods": "sales/SalesPriceListPeriods",
        "volume_discounts": "sync/Sales/SalesPriceListVolumeDiscounts",
        "extra_fields": "read/logistics/ItemExtraField",
        "assortment_properties": "logistics/ItemAssortmentProperty",
        "exchange_rates": "financial/ExchangeRates",
        "planning_details": "inventory/ItemWarehousePlanningDetails",
        "warehouses": "inventory/Warehouses",
        "item_warehouses": "sync/Inventory/ItemWarehouses",
        "standard_prices": "bulk/Logistics/Items",
        "item_properties": "bulk/Logistics/Items",
        "notes": "activities/CommunicationNotes",
        "sales_order_headers": "sync/SalesOrder/SalesOrderHeaders",
        "sales_order_lines": "sync/SalesOrder/SalesOrderLines",
        "sales_invoices": "sync/SalesInvoice/SalesInvoices",
        "supplier_items": "sync/Logistics/SupplierItem",
        "purchase_item_prices": "sync/Logistics/PurchaseItemPrices",
        "purchase_orders": "sync/PurchaseOrder/PurchaseOrders",
        "goods_receipts": "purchaseorder/GoodsReceipts",
        "goods_receipt_lines": "purchaseorder/GoodsReceiptLines",
        "bill_of_material_versions": "sync/Manufacturing/BillOfMaterialVersions",
        "bill_of_material_materials": "sync/Manufacturing/BillOfMaterialMaterials",
        "assembly_materials": "inventory/AssemblyBillOfMaterialMaterials",
        "documents": "sync/Documents/Documents",
        "document_attachments": "sync/Documents/DocumentAttachments",
    }
)
"""Conditional stream -> the endpoint it reads; `item_texts:<language>` reads `logistics/Items`."""

_PRICE_LISTS = frozenset({"price_lists", "price_list_periods", "volume_discounts"})
_SALES_ORDERS = frozenset({"sales_order_headers", "sales_order_lines"})
_SUPPLIERS = frozenset({"supplier_items", "purchase_item_prices"})
_PURCHASING = frozenset({"purchase_orders", "goods_receipts", "goods_receipt_lines"})
_BILLS = frozenset({"bill_of_material_versions", "bill_of_material_materials", "assembly_materials"})
_ATTACHMENTS = frozenset({"documents", "document_attachments"})


class StreamOptions(Protocol):
    """The tenant's options that make streams necessary: what the connected platform works with.

    `item_rule` `purchase` means purchase planning, which reads purchase orders, receipts and the sold quantities that
    `sales_history` (`orders` or `invoices`) names.
    """

    @property
    def item_rule(self) -> str:
        """Return `sales` or `purchase`."""
        ...

    @property
    def supplier_links(self) -> bool:
        """Return whether supplier products are delivered."""
        ...

    @property
    def bills_of_material(self) -> bool:
        """Return whether bills of material and compositions are delivered."""
        ...

    @property
    def sales_history(self) -> str:
        """Return `orders` or `invoices`."""
        ...


def needed_streams(
    settings: Settings,
    options: StreamOptions | None = None,
    *,
    attachments: bool = False,
    field_labels: bool = False,
) -> frozenset[str]:
    """Return the conditional streams to read.

    `attachments` and `field_labels` say that the platform takes documents, and the labels of all free fields. The
    stream `standard_prices` is not among them: documents that lack a price ask for it.
    """
    return frozenset(
        {
            *(_PRICE_LISTS if needs_price_lists(settings) else ()),
            *(ITEM_TEXTS + language for language in languages(settings)),
            *_item_streams(settings, field_labels=field_labels),
            *_stock_streams(settings),
            *(("notes",) if settings.SyncCustomerNotes else ()),
            *(_ATTACHMENTS if attachments else ()),
            *(_option_streams(options) if options is not None else ()),
        }
    )


def needs_price_lists(settings: Settings) -> bool:
    """Return whether price lists, their periods and their rows are read."""
    slots = (settings.PriceList2Id, settings.PriceList3Id, settings.PriceList4Id)
    return bool(settings.AutoSyncPriceLists or any(slots) or settings.PriceListCodeForStaffelFreeField)


def needs_field_labels(settings: Settings) -> bool:
    """Return whether a setting names a free field by its label, so that labels must be read per changed item."""
    named_by_label = any(reference.kind == "label" for reference in field_references(settings).values())
    return named_by_label or any(name.casefold() not in _known_names(settings) for name in renaming(settings))


def _known_names(settings: Settings) -> frozenset[str]:
    """Return the case-folded names of free fields that are known without asking for labels."""
    texts = (settings.UseItemExtraDescriptionForItemField, settings.UseItemNotesForItemField)
    return frozenset(ITEM_PROPERTIES).union(name.casefold() for name in (*GENERATED_FREE_FIELDS, *texts) if name)


def _item_streams(settings: Settings, *, field_labels: bool) -> frozenset[str]:
    conditions = {
        "extra_fields": field_labels or needs_field_labels(settings),
        "assortment_properties": settings.UseItemAssortmentDescriptions,
        "exchange_rates": settings.GenerateCurrencyPriceLists,
        "item_warehouses": settings.CreateWarehouseItemFilter or bool(settings.WarehouseForPackageSize),
        "item_properties": bool(_properties_outside_sync(settings)),
    }
    return frozenset(stream for stream, needed in conditions.items() if needed)


def _stock_streams(settings: Settings) -> frozenset[str]:
    conditions = {
        "planning_details": settings.SyncNextDeliveryDate or settings.GetDeliveryDatesOffline,
        "warehouses": bool(settings.WarehouseForStock or settings.WarehouseForPackageSize),
    }
    return frozenset(stream for stream, needed in conditions.items() if needed)


def _properties_outside_sync(settings: Settings) -> frozenset[str]:
    named = {reference.name for reference in field_references(settings).values() if reference.kind == "property"}
    return ITEM_PROPERTIES_OUTSIDE_SYNC & named


def _option_streams(options: StreamOptions) -> frozenset[str]:
    found: set[str] = set()
    if options.item_rule == "purchase":
        found |= _PURCHASING | ({"sales_invoices"} if options.sales_history == "invoices" else _SALES_ORDERS)
    if options.supplier_links:
        found |= _SUPPLIERS
    if options.bills_of_material:
        found |= _BILLS
    return frozenset(found)
