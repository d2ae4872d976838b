"""Every setting of the item side changes what is delivered from the same rows when it is switched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.items import project_item
from exact_connector.catalog.reference import project_reference
from exact_connector.settings import DEFAULTS, Settings
from exact_connector.settings.catalogue import ENTRIES
from unit.catalog.rows import (
    CUSTOMER,
    context,
    item,
    owner_rows,
    period,
    plan,
    price_list,
    rate,
    sales_price,
    stock,
    volume,
)

SWITCHES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # setting under test: its value, and other settings without which it has nothing to shape
    "CurrencyCodeIso": ({"CurrencyCodeIso": "USD"}, {}),
    "PassWebShopItem": ({"PassWebShopItem": True}, {}),
    "CheckIfItemIsActive": ({"CheckIfItemIsActive": True}, {}),
    "IncludeNonSalesItems": ({"IncludeNonSalesItems": True}, {}),
    "FieldUsedToIncludeItemsInSync": ({"FieldUsedToIncludeItemsInSync": "FreeBoolField_01"}, {}),
    "SearchCodeForEanCode": ({"SearchCodeForEanCode": True}, {}),
    "UseItemExtraDescriptionForItemField": ({"UseItemExtraDescriptionForItemField": "Description2"}, {}),
    "UseItemNotesForItemField": ({"UseItemNotesForItemField": "Description3"}, {}),
    "ExtraDescriptionOnDescription": ({"ExtraDescriptionOnDescription": True}, {}),
    "FreeSortField": ({"FreeSortField": "FreeNumberField_01"}, {}),
    "Languages": ({"Languages": "DE"}, {}),
    "FreeFieldsRenaming": ({"FreeFieldsRenaming": '{"FreeNumberField_01":"Rank"}'}, {}),
    "ItemFreeFieldNameForItemStatus": ({"ItemFreeFieldNameForItemStatus": "FreeNumberField_01"}, {}),
    "UseItemAssortmentDescriptions": ({"UseItemAssortmentDescriptions": True}, {}),
    "CreateWarehouseItemFilter": ({"CreateWarehouseItemFilter": True}, {}),
    "DisablePicturesFromEOL": ({"DisablePicturesFromEOL": True}, {}),
    "AutoSyncPriceLists": ({"AutoSyncPriceLists": True}, {}),
    "PriceList2Id": ({"PriceList2Id": "DEALER"}, {}),
    "PriceList3Id": ({"PriceList3Id": "DEALER"}, {}),
    "PriceList4Id": ({"PriceList4Id": "DEALER"}, {}),
    "ExcludePriceList": ({"ExcludePriceList": "DEALER"}, {"AutoSyncPriceLists": True}),
    "VariantCurrency": ({"VariantCurrency": True}, {}),
    "GenerateCurrencyPriceLists": ({"GenerateCurrencyPriceLists": True}, {"AutoSyncPriceLists": True}),
    "GetPriceBasedOnItemUnit": ({"GetPriceBasedOnItemUnit": True}, {}),
    "UseSalesPriceInclVatAsFreeField": ({"UseSalesPriceInclVatAsFreeField": True}, {}),
    "GetItemGroupByDescription": ({"GetItemGroupByDescription": True}, {}),
    "DontDeletePriceListPricesSameAsDefaultPrice": (
        {"DontDeletePriceListPricesSameAsDefaultPrice": True},
        {"AutoSyncPriceLists": True},
    ),
    "PriceListCodeForStaffelFreeField": ({"PriceListCodeForStaffelFreeField": "DEALER"}, {}),
    "EnableOfflineTierPrices": ({"EnableOfflineTierPrices": True}, {}),
    "GetPurchasePackageSizeFromFreeField": ({"GetPurchasePackageSizeFromFreeField": "FreeNumberField_01"}, {}),
    "GetPurchasePackageSizeFromSearchCode": ({"GetPurchasePackageSizeFromSearchCode": True}, {}),
    "GetPurchasePackageSizeOnExtraItemDescription": (
        {"GetPurchasePackageSizeOnExtraItemDescription": True},
        {"SplitCharacterForExtraItemDescription": "|"},
    ),
    "SplitCharacterForExtraItemDescription": (
        {"SplitCharacterForExtraItemDescription": "|"},
        {"GetPurchasePackageSizeOnExtraItemDescription": True},
    ),
    "PurchasePackeSizeIndex": (
        {"PurchasePackeSizeIndex": "1"},
        {"GetPurchasePackageSizeOnExtraItemDescription": True, "SplitCharacterForExtraItemDescription": "|"},
    ),
    "WarehouseForPackageSize": ({"WarehouseForPackageSize": "1"}, {}),
    "UnitFactorAsPurchasePackageSize": ({"UnitFactorAsPurchasePackageSize": True}, {}),
    "WarehouseForStock": ({"WarehouseForStock": "1"}, {}),
    "UseCurrentQuantityAsLastAvailableStock": ({"UseCurrentQuantityAsLastAvailableStock": True}, {}),
    "SyncNextDeliveryDate": ({"SyncNextDeliveryDate": True}, {}),
    "GetDeliveryDatesOffline": ({"GetDeliveryDatesOffline": True}, {}),
}
ELSEWHERE = {
    "Applicationkey": "the connection",
    "DisableCurrencyPriceListCheck": "the customer's list and the quote",
    "SkipDiscountForStafflItems": "order lines",
    "StorePackageSizeInInstructionLine": "order lines",
    "CheckStockAndSetDeliveryDateOnOrderLine": "order lines",
}
ITEM_AREAS = (
    *("Authentication & general", "Items & descriptions", "Pictures", "Prices & price lists", "Tier prices"),
    *("Package size", "Stock & delivery dates"),
)

REFERENCE: dict[str, Any] = {
    "price_list": [price_list("DEALER")],
    "price_list_period": [period("DEALER")],
    "exchange_rate": [rate("USD", "0.8")],
    "item_group": [{"ID": "g1", "Code": "DRK", "Description": "Drinks"}],
    "assortment_property": [{"ItemAssortmentCode": 1, "Code": "RD", "Description": "Red"}],
    "warehouse": [{"ID": "w1", "Code": "1"}, {"ID": "w2", "Code": "2"}],
}
ROW = item(
    ExtraDescription="6|18",
    Notes="teak",
    SearchCode="24",
    Barcode="8712345000011",
    FreeNumberField_01=Decimal(5),
    Class_01="RD",
    ItemGroupCode="DRK",
    ItemGroupDescription="Drinks",
    PictureName="chair.jpg",
    EndDate="/Date(1735689600000)/",
)
KINDS: dict[str, Any] = {
    "sales_price": [
        sales_price("10", StartDate="2019-01-01"),
        sales_price("90", Unit="box", NumberOfItemsPerUnit=Decimal(12)),
        sales_price("9", Quantity=Decimal(10)),
        sales_price("12", Currency="USD"),
        sales_price("8", Account=CUSTOMER),
    ],
    "volume_discount": [volume("90", Unit="box"), volume("9", 24)],
    "stock": [stock("1", 10, 3), stock("2", 5)],
    "item_warehouse": [{"WarehouseCode": "1", "ReorderQuantity": Decimal(48)}],
    "planning": [plan("2025-06-20", 5)],
    "item_text__DE": [{"Description": "Stuhl"}],
}


def served(values: Mapping[str, Any]) -> str:
    """Return everything that is delivered with these settings as one text."""
    settings = Settings(**values)
    known = context(settings, REFERENCE)
    found = []
    for row in (ROW, {**ROW, "ID": "x", "Code": "NOT SOLD", "IsSalesItem": False}):
        found += project_item(owner_rows(row, **KINDS), known)
    found += project_reference(known)
    return json.dumps([(entry.kind, entry.key, entry.document) for entry in found], sort_keys=True)


@pytest.mark.parametrize("key", list(SWITCHES))
def test_switching_a_setting_changes_what_is_delivered_from_the_same_rows(key: str) -> None:
    value, others = SWITCHES[key]
    assert set(value) == {key}
    assert value[key] != getattr(DEFAULTS, key)
    assert served(others | value) != served(others)


def test_every_setting_of_the_item_side_is_tested() -> None:
    in_areas = {entry.key for entry in ENTRIES if entry.area in ITEM_AREAS}
    assert set(SWITCHES) == in_areas - set(ELSEWHERE)


@pytest.mark.parametrize("key", list(SWITCHES))
def test_switching_a_setting_back_restores_what_was_delivered(key: str) -> None:
    value, others = SWITCHES[key]
    back = {key: getattr(DEFAULTS, key)}
    assert served(others | value | back) == served(others)
