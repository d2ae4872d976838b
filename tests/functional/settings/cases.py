"""Every setting that shapes what is served: a value, what it changes, and which resources of Exact it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PRICE_LISTS = frozenset(
    {"sales/SalesPriceLists", "sales/SalesPriceListPeriods", "sync/Sales/SalesPriceListVolumeDiscounts"}
)
PLANNING = frozenset({"inventory/ItemWarehousePlanningDetails"})
LABELS = frozenset({"read/logistics/ItemExtraField"})
NONE: frozenset[str] = frozenset()

_TRADE_NAME = json.dumps(
    [
        {
            "ObjectName": "Customer",
            "PropertyName": "TradeName",
            "XmlName": "CustomerTradeName",
            "NameInApp": "Trade name",
            "PropertyType": "string",
            "IsEntityField": "false",
        }
    ]
)
_ALL_LISTS = {"AutoSyncPriceLists": True}
_EXTRA = {"GetPurchasePackageSizeOnExtraItemDescription": True}
_MORE_CUSTOMERS = {"GetProspects": True, "GetSuspects": True}
_SPLIT: dict[str, Any] = {**_EXTRA, "SplitCharacterForExtraItemDescription": "|"}
_DEFAULT_COUNTRY = {"UseVatLiabilityForDefaultCountry": True}


@dataclass(frozen=True, slots=True)
class Case:
    """Switching ``key`` to ``value`` while ``base`` holds: the fields and documents that change, the resources read."""

    key: str
    value: Any
    changes: frozenset[str]
    calls: frozenset[str] = NONE
    base: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return a readable id."""
        return f"{self.key}={str(self.value)[:20]}"


def _case(
    key: str, value: Any, changes: str, calls: frozenset[str] = NONE, base: Mapping[str, Any] | None = None
) -> Case:
    return Case(key, value, frozenset(changes.split()), calls, base or {})


_GONE = "item- stock- agreement-"
_LISTS_COME = "price_list+ price_list_rows+"
_VAT = "customer.vat_liable customer.vat_rule"

CASES = (
    _case("CurrencyCodeIso", "usd", "item.currency item.prices item.sales_price"),
    # Which items.
    _case("PassWebShopItem", True, _GONE),
    _case("CheckIfItemIsActive", True, "item- stock-"),
    _case("IncludeNonSalesItems", True, "item+ stock+"),
    _case("FieldUsedToIncludeItemsInSync", "FreeBoolField_01", _GONE),
    # Their texts and fields.
    _case("SearchCodeForEanCode", True, "item.ean_code"),
    _case("UseItemExtraDescriptionForItemField", "SearchDescription", "item.search_description"),
    _case("UseItemNotesForItemField", "Opmerking", "item.free_fields"),
    _case("ExtraDescriptionOnDescription", True, "item.description"),
    _case("FreeSortField", "FreeNumberField_01", "item.free_sort_field"),
    _case("Languages", "DE;EN", "item.descriptions", frozenset({"logistics/Items"})),
    _case("FreeFieldsRenaming", '{"FreeTextField_01": "Brand"}', "item.free_fields"),
    _case("ItemFreeFieldNameForItemStatus", "FreeTextField_05", "item.item_status"),
    _case("UseItemAssortmentDescriptions", True, "item.classes", frozenset({"logistics/ItemAssortmentProperty"})),
    _case("CreateWarehouseItemFilter", True, "item.filters", frozenset({"sync/Inventory/ItemWarehouses"})),
    _case("DisablePicturesFromEOL", True, "item.pictures"),
    # Prices.
    _case("AutoSyncPriceLists", True, f"{_LISTS_COME} customer.price_list_code", PRICE_LISTS),
    _case("PriceList2Id", "DEALER", f"{_LISTS_COME} customer.price_list_code", PRICE_LISTS),
    _case("PriceList3Id", "dealer", f"{_LISTS_COME} customer.price_list_code", PRICE_LISTS),
    _case("PriceList4Id", "HORECA", _LISTS_COME, PRICE_LISTS),
    _case("ExcludePriceList", "DEALER", "price_list- price_list_rows- customer.price_list_code", base=_ALL_LISTS),
    _case("VariantCurrency", True, "item.prices"),
    _case(
        "GenerateCurrencyPriceLists",
        True,
        f"{_LISTS_COME} customer.price_list_code",
        frozenset({"financial/ExchangeRates"}),
        base=_ALL_LISTS,
    ),
    _case("DisableCurrencyPriceListCheck", True, "customer.price_list_code", base=_ALL_LISTS),
    _case("GetPriceBasedOnItemUnit", True, "item.prices item.sales_price"),
    _case("UseSalesPriceInclVatAsFreeField", True, "item.free_fields"),
    _case("GetItemGroupByDescription", True, "item.item_group item_group+ item_group-"),
    _case("DontDeletePriceListPricesSameAsDefaultPrice", True, "price_list_rows+", base=_ALL_LISTS),
    _case("PriceListCodeForStaffelFreeField", "DEALER", "item.free_fields", PRICE_LISTS),
    _case("EnableOfflineTierPrices", True, "item.tier_prices agreement+"),
    # Package size.
    _case("GetPurchasePackageSizeFromFreeField", "FreeTextField_04", "item.purchase_package_size"),
    _case("GetPurchasePackageSizeFromSearchCode", True, "item.purchase_package_size"),
    _case("GetPurchasePackageSizeOnExtraItemDescription", True, "item.purchase_package_size"),
    _case("SplitCharacterForExtraItemDescription", "|", "item.purchase_package_size", base=_EXTRA),
    _case("PurchasePackeSizeIndex", "1", "item.purchase_package_size", base=_SPLIT),
    _case(
        "WarehouseForPackageSize",
        "1",
        "item.purchase_package_size",
        frozenset({"inventory/Warehouses", "sync/Inventory/ItemWarehouses"}),
    ),
    _case("UnitFactorAsPurchasePackageSize", True, "item.purchase_package_size"),
    # Stock and delivery dates.
    _case(
        "WarehouseForStock",
        "2",
        "item.last_available_stock stock.last_available_stock stock.shelf stock.to_be_delivered stock.to_be_received"
        " stock.warehouse_codes",
        frozenset({"inventory/Warehouses"}),
    ),
    _case("UseCurrentQuantityAsLastAvailableStock", True, "item.last_available_stock stock.last_available_stock"),
    _case("SyncNextDeliveryDate", True, "item.next_delivery_date stock.next_delivery_date", PLANNING),
    _case("GetDeliveryDatesOffline", True, "item.free_fields stock.delivery_dates", PLANNING),
    # Customers.
    _case("GetProspects", True, "customer+"),
    _case("GetSuspects", True, "customer+"),
    _case("AddPrefixForProspectsAndSuspects", True, "customer.customer_code", base=_MORE_CUSTOMERS),
    _case("OnlyLoadDealers", True, "customer-"),
    _case("AccountClassificationProperty", "Classification2", "customer.classification"),
    _case("AccountClassificationOnCustomerName", True, "customer.customer_name"),
    _case(
        "AccountClassificationPropertyForCustomerManager",
        "Classification2",
        "customer.manager",
        base={"AccountClassificationOnCustomerManager": True},
    ),
    _case("AccountClassificationOnCustomerManager", True, "customer.manager"),
    _case("SearchCodeOnCustomerManager", True, "customer.manager"),
    _case("CustomCustomerFieldsMapping", _TRADE_NAME, "customer.custom_fields"),
    _case("SyncCustomerNotes", True, "customer.notes", frozenset({"activities/CommunicationNotes"})),
    # Whether a customer is charged VAT.
    _case("VatLiableCode", "2", _VAT),
    _case("NotVatLiableCode", "4", _VAT),
    _case("NotVatLiableCodeOutsideEU", "4", _VAT),
    _case("VatCodeBasedOnCountryCode", "NL=4", f"{_VAT} customer.vat_code"),
    _case("UseVatLiabilityForDefaultCountry", True, _VAT),
    _case("DefaultCountryForVatLiability", "BE", _VAT, base=_DEFAULT_COUNTRY),
    _case("VatLiabilityBasedOnVatRegime", True, _VAT),
    _case("VatCodeEmptyIsVatLiable", True, "customer.vat_liable"),
)

ON_THE_CARD = frozenset(
    {"OrderHistoryBackoffice", "OrderSelectTop", "ShowOnlyBackOrderLines", "ShowNextDeliveryDateOnBackOrderLines"}
    | {"ExcludeVatFromHistoryTotals", "HideInvoicesOnRelationCard"}
)
"""Applied when a customer's card is read."""

IN_THE_FEED = frozenset({"UpdateEmailOnlyForCustomer", "UpdatePhoneOnlyForCustomer"})
"""They decide what the change feed tells of a changed customer."""

AT_CREATION = frozenset({"GLAccountGLARCode", "GLAccountSalesCode"})
"""They shape an account that a platform creates."""

CONNECTION = frozenset({"Applicationkey"})
"""It names the application with which the tenant is linked."""
