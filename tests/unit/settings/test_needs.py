"""Which streams the settings and options make necessary, as settings, section 7, states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from exact_connector.settings import DEFAULTS, Settings
from exact_connector.settings.catalogue import ENTRIES
from exact_connector.settings.needs import (
    ITEM_TEXTS,
    STREAM_ENDPOINTS,
    needed_streams,
)

PRICE_LISTS = {"price_lists", "price_list_periods", "volume_discounts"}
SALES_ORDERS = {"sales_order_headers", "sales_order_lines"}


def test_nothing_conditional_is_read_with_all_defaults() -> None:
    assert needed_streams(Settings()) == frozenset()


CONDITIONS = [
    (Settings(AutoSyncPriceLists=True), PRICE_LISTS),
    (Settings(PriceList2Id="A"), PRICE_LISTS),
    (Settings(PriceList3Id="A"), PRICE_LISTS),
    (Settings(PriceList4Id="A"), PRICE_LISTS),
    (Settings(PriceListCodeForStaffelFreeField="A"), PRICE_LISTS),
    (Settings(ExcludePriceList="A"), set()),
    (Settings(UseCurrencyFromPriceList=True), set()),
    (Settings(Languages="NL;FR-BE"), {"item_texts:NL", "item_texts:FR-BE"}),
    (Settings(FreeSortField="Merk"), {"extra_fields"}),
    (Settings(ItemFreeFieldNameForItemStatus="Merk"), {"extra_fields"}),
    (Settings(FieldUsedToIncludeItemsInSync="Merk"), {"extra_fields"}),
    (Settings(GetPurchasePackageSizeFromFreeField="Merk"), {"extra_fields"}),
    (Settings(FreeFieldsRenaming='{"Merk":"Brand"}'), {"extra_fields"}),
    (Settings(FreeSortField="freetextfield_01"), set()),
    (Settings(FreeFieldsRenaming='{"FreeTextField_01":"Brand","Staffel":"Tiers"}'), set()),
    (Settings(UseItemNotesForItemField="Remark", FreeFieldsRenaming='{"remark":"Note"}'), set()),
    (Settings(UseItemAssortmentDescriptions=True), {"assortment_properties"}),
    (Settings(GenerateCurrencyPriceLists=True), {"exchange_rates"}),
    (Settings(SyncNextDeliveryDate=True), {"planning_details"}),
    (Settings(GetDeliveryDatesOffline=True), {"planning_details"}),
    (Settings(CheckStockAndSetDeliveryDateOnOrderLine=True), set()),
    (Settings(WarehouseForStock="1"), {"warehouses"}),
    (Settings(WarehouseForPackageSize="1"), {"warehouses", "item_warehouses"}),
    (Settings(WarehouseForOrder="1"), set()),
    (Settings(CreateWarehouseItemFilter=True), {"item_warehouses"}),
    (Settings(SyncCustomerNotes=True), {"notes"}),
    (Settings(OrderHistoryBackoffice=True), set()),
    (Settings(FreeSortField="StandardSalesPrice"), {"item_properties"}),
    (Settings(FieldUsedToIncludeItemsInSync="IsSerialNumberItem"), {"item_properties"}),
    (Settings(FieldUsedToIncludeItemsInSync="IsWebshopItem"), set()),
    (Settings(SearchCodeForEanCode=True, VariantCurrency=True, EnableOfflineTierPrices=True), set()),
    (Settings(UnitFactorAsPurchasePackageSize=True, GetItemGroupByDescription=True), set()),
    (Settings(VatLiableCode="2", NetPriceIncludingVat=True, CurrencyCodeIso="EUR"), set()),
]


@pytest.mark.parametrize(
    ("settings", "expected"), CONDITIONS, ids=[f"{n}-{sorted(row[1])}" for n, row in enumerate(CONDITIONS)]
)
def test_a_stream_is_read_when_its_condition_holds(settings: Settings, expected: set[str]) -> None:
    assert needed_streams(settings) == expected


@dataclass(frozen=True)
class Options:
    item_rule: str = "sales"
    supplier_links: bool = False
    bills_of_material: bool = False
    sales_history: str = "orders"


BILLS = {"bill_of_material_versions", "bill_of_material_materials", "assembly_materials"}
PURCHASING = {"purchase_orders", "goods_receipts", "goods_receipt_lines"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), set()),
        (Options(bills_of_material=True), BILLS),
        (Options(supplier_links=True), {"supplier_items", "purchase_item_prices"}),
        (Options(sales_history="invoices"), set()),
        (Options(item_rule="purchase"), PURCHASING | SALES_ORDERS),
        (Options(item_rule="purchase", sales_history="invoices"), PURCHASING | {"sales_invoices"}),
    ],
    ids=["none", "bills of material", "suppliers", "source without planning", "planning", "planning on invoices"],
)
def test_an_option_adds_its_streams(options: Options, expected: set[str]) -> None:
    assert needed_streams(Settings(), options) == expected


def test_documents_and_labels_are_read_when_the_platform_takes_them() -> None:
    assert needed_streams(Settings(), attachments=True) == {"documents", "document_attachments"}
    assert needed_streams(Settings(), field_labels=True) == {"extra_fields"}


def test_every_stream_has_an_endpoint() -> None:
    everything = needed_streams(
        Settings(**{entry.key: _sample(entry.key) for entry in ENTRIES}),
        Options(item_rule="purchase", supplier_links=True, bills_of_material=True),
        attachments=True,
        field_labels=True,
    )
    assert {stream for stream in everything if not stream.startswith(ITEM_TEXTS)} <= set(STREAM_ENDPOINTS)


@pytest.mark.parametrize("key", [entry.key for entry in ENTRIES])
def test_the_catalogue_names_the_calls_that_a_setting_adds(key: str) -> None:
    added = needed_streams(Settings(**{key: _sample(key)}))
    calls = next(entry.calls for entry in ENTRIES if entry.key == key)
    assert {_endpoint(stream) for stream in added} <= set(calls)


def _endpoint(stream: str) -> str:
    if stream.startswith(ITEM_TEXTS):
        return "logistics/Items (CustomDescriptionLanguage)"
    return STREAM_ENDPOINTS[stream]


def _sample(key: str) -> Any:
    texts = {"Languages": "NL", "FreeFieldsRenaming": '{"Merk":"Brand"}', "VatCodeBasedOnCountryCode": "DE=2"}
    default = getattr(DEFAULTS, key)
    if isinstance(default, bool):
        return not default
    return 1 if isinstance(default, int) else texts.get(key, "X1")
