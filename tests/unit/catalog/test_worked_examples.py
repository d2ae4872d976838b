"""One worked example of every setting that shapes items, prices, stock and price lists: with it, and without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.items import project_item
from exact_connector.catalog.reference import project_reference
from exact_connector.fields import Row
from exact_connector.settings.catalogue import ENTRIES
from exact_connector.settings.entry import Area
from exact_connector.settings.validate import validate
from unit.catalog.rows import (
    context,
    exact_date,
    item,
    lists,
    owner_rows,
    plan,
    price_list,
    projections,
    rate,
    sales_price,
    stock,
    volume,
)

Documents = Mapping[str, Any]
Show = Callable[[Documents], Any]
ABSENT = "absent"


@dataclass(frozen=True)
class Example:
    """What is shown of a company's documents with some settings. ``row`` changes the item, ``rows`` are its others."""

    key: str
    value: Any
    show: Show
    expected: Any
    without: Any
    row: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    reference: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)


def of_item(name: str) -> Show:
    """Show a field of the item; a dot leads into it."""

    def show(documents: Documents) -> Any:
        found: Any = documents.get("item:A") or {}
        for part in name.split("."):
            found = found.get(part, ABSENT) if isinstance(found, Mapping) else ABSENT
        return found

    return show


def is_delivered(documents: Documents) -> bool:
    """Show whether the item is there."""
    return documents.get("item:A") is not None


def prices(documents: Documents) -> list[tuple[str, str]]:
    """Show the standard prices."""
    return [(price["currency"], price["price"]) for price in documents["item:A"]["prices"]]


def list_codes(documents: Documents) -> list[str]:
    """Show the delivered price lists."""
    return sorted(key.partition(":")[2] for key, found in documents.items() if key.startswith("price_list:") and found)


def slots(documents: Documents) -> list[tuple[str, int | None]]:
    """Show the delivered price lists with their slots."""
    return [(code, documents[f"price_list:{code}"]["slot"]) for code in list_codes(documents)]


def list_price(code: str) -> Show:
    """Show the price of the item in a list."""

    def show(documents: Documents) -> Any:
        found = documents.get(f"price_list_rows:{code}/A")
        return [price["price"] for price in found["prices"]] if found else ABSENT

    return show


def list_tiers(documents: Documents) -> list[tuple[str, str]]:
    """Show the tiers of the item in the list DEALER."""
    found = documents["price_list_rows:DEALER/A"]["tier_prices"]
    return [(tier["min_quantity"], tier["price"]) for tier in found]


def group_discounts(documents: Documents) -> list[tuple[str, str]]:
    """Show the discounts on item groups of the list DEALER, and the group of the item."""
    found = documents["price_list:DEALER"]["group_discounts"]
    return [(each["item_group"], each["discount_percentage"]) for each in found]


def stock_of(*names: str) -> Show:
    """Show fields of the stock."""
    return lambda documents: tuple(documents["stock:A"].get(name, ABSENT) for name in names)


AUTO = {"AutoSyncPriceLists": True}
DEALER_ONLY = {"PriceList2Id": "DEALER"}
SIZE = of_item("purchase_package_size")
SPLIT = {"GetPurchasePackageSizeOnExtraItemDescription": True, "SplitCharacterForExtraItemDescription": "|"}
EXTRA = {"GetPurchasePackageSizeOnExtraItemDescription": True}
TWO_CURRENCIES = {"sales_price": [sales_price("10"), sales_price("12", Currency="USD")]}
ONE_PRICE = {"sales_price": [sales_price("10.00")]}
DEALER_PRICE = {**ONE_PRICE, "volume_discount": [volume("10.00")]}
DEALER_TIERS = {"volume_discount": [volume("10"), volume("9.50", 10), volume("8.75", 50)]}
TWO_UNITS = {
    "sales_price": [
        sales_price("100.00", Unit="box", StartDate="2024-01-01"),
        sales_price("10.00", StartDate="2023-01-01"),
    ]
}
STOCK = {"stock": [stock("1", 10, 3), stock("2", 5)]}
RECEIPTS = {"stock": [stock("1", 0)], "planning": [plan("2025-06-01", 9), plan("2025-06-20", 9), plan("2025-07-01", 9)]}
DATED = {"stock": [stock("1", 0)], "planning": [plan("2025-07-01", 40), plan("2025-07-01", 60), plan("2025-08-01", 5)]}
GROUPED: Mapping[str, Sequence[Row]] = {
    "price_list": [price_list("DEALER", entity=2)],
    "price_list_period": lists("DEALER")["price_list_period"],
    "group_discount": [
        {
            "ID": "d1",
            "PriceListPeriod": "p-DEALER",
            "ItemGroupCode": "DRK",
            "ItemGroupDescription": "Drinks ",
            "Discount": Decimal("0.1"),
        }
    ],
}

EXAMPLES = (
    Example("CurrencyCodeIso", "usd", prices, [("USD", "12")], [("EUR", "10")], rows=TWO_CURRENCIES),
    Example("PassWebShopItem", True, is_delivered, False, True, {"IsWebshopItem": 0}),
    Example("PassWebShopItem", True, is_delivered, True, True, {"IsWebshopItem": 1}),
    Example("CheckIfItemIsActive", True, is_delivered, True, True, {"EndDate": exact_date("2025-06-10")}),
    Example("CheckIfItemIsActive", True, is_delivered, False, True, {"EndDate": exact_date("2025-06-09")}),
    Example("CheckIfItemIsActive", True, is_delivered, False, True, {"StartDate": exact_date("2025-06-11")}),
    Example("IncludeNonSalesItems", True, is_delivered, True, False, {"IsSalesItem": False}),
    Example("FieldUsedToIncludeItemsInSync", "FreeBoolField_02", is_delivered, True, True, {"FreeBoolField_02": True}),
    Example("FieldUsedToIncludeItemsInSync", "FreeBoolField_02", is_delivered, False, True, {"FreeBoolField_02": None}),
    Example(
        "FieldUsedToIncludeItemsInSync", "FreeTextField_03", is_delivered, False, True, {"FreeTextField_03": "nee"}
    ),
    Example(
        "SearchCodeForEanCode",
        True,
        of_item("ean_code"),
        "8799999000012",
        "8712345000011",
        {"Barcode": "8712345000011", "SearchCode": "8799999000012"},
    ),
    Example(
        "UseItemExtraDescriptionForItemField",
        "Description2",
        of_item("description2"),
        "Blue, 12 pcs",
        None,
        {"ExtraDescription": "Blue, 12 pcs"},
    ),
    Example(
        "UseItemNotesForItemField",
        "SearchDescription",
        of_item("search_description"),
        "garden chair teak",
        None,
        {"Notes": "garden chair teak"},
    ),
    Example(
        "ExtraDescriptionOnDescription",
        True,
        of_item("description"),
        "Garden chair, teak, 60x60",
        "Chair",
        {"ExtraDescription": "Garden chair, teak, 60x60"},
    ),
    Example("ExtraDescriptionOnDescription", True, of_item("description"), "Chair", "Chair"),
    Example(
        "FreeSortField",
        "FreeNumberField_01",
        of_item("free_sort_field"),
        "30",
        None,
        {"FreeNumberField_01": Decimal("30.0")},
    ),
    Example(
        "Languages",
        "nl;de",
        of_item("descriptions"),
        {"NL": "Stoel", "DE": "Stuhl"},
        {},
        rows={"item_text.NL": [{"Description": "Stoel"}], "item_text.DE": [{"Description": "Stuhl"}]},
    ),
    Example(
        "FreeFieldsRenaming",
        '{"FreeTextField_01":"Brand"}',
        of_item("free_fields"),
        {"Brand": "Acme"},
        {"FreeTextField_01": "Acme"},
        {"FreeTextField_01": "Acme"},
    ),
    Example(
        "ItemFreeFieldNameForItemStatus",
        "FreeTextField_05",
        of_item("item_status"),
        "Phase out",
        None,
        {"FreeTextField_05": "Phase out"},
    ),
    Example(
        "UseItemAssortmentDescriptions",
        True,
        of_item("classes"),
        {"1": "Red"},
        {"1": "RD"},
        {"Class_01": "RD"},
        reference={"assortment_property": [{"ItemAssortmentCode": 1, "Code": "RD", "Description": "Red"}]},
    ),
    Example(
        "CreateWarehouseItemFilter",
        True,
        of_item("filters"),
        {"Warehouse": ["1", "2"]},
        {},
        rows={"item_warehouse": [{"WarehouseCode": "2", "CurrentStock": 0}, {"WarehouseCode": "1"}]},
    ),
    Example("DisablePicturesFromEOL", True, of_item("pictures"), ABSENT, [], {"PictureName": None}),
    Example("AutoSyncPriceLists", True, list_codes, ["A", "C"], [], reference=lists("A", "C")),
    Example("ExcludePriceList", "B", list_codes, ["A", "C"], ["A", "B", "C"], others=AUTO, reference=lists(*"ABC")),
    Example("PriceList2Id", "DEALER", slots, [("DEALER", 2)], [], reference=lists("A", "DEALER")),
    Example("PriceList3Id", "DEALER", slots, [("DEALER", 3)], [], reference=lists("A", "DEALER")),
    Example("PriceList4Id", "DEALER", slots, [("DEALER", 4)], [], reference=lists("A", "DEALER")),
    Example("VariantCurrency", True, prices, [("EUR", "10"), ("USD", "12")], [("EUR", "10")], rows=TWO_CURRENCIES),
    Example(
        "GenerateCurrencyPriceLists",
        True,
        list_price("DEALER-USD"),
        ["12.5"],
        ABSENT,
        rows={"volume_discount": [volume("10.00")]},
        reference={**lists("DEALER"), "exchange_rate": [rate("USD", "0.80")]},
        others=DEALER_ONLY,
    ),
    Example("GetPriceBasedOnItemUnit", True, of_item("sales_price"), "10", "100", rows=TWO_UNITS),
    Example(
        "UseSalesPriceInclVatAsFreeField",
        True,
        of_item("free_fields.SalesPriceInclVat"),
        "12.10",
        ABSENT,
        {},
        ONE_PRICE,
    ),
    Example(
        "UseSalesPriceInclVatAsFreeField",
        True,
        of_item("free_fields.SalesPriceInclVat"),
        "12.10",
        ABSENT,
        {"SalesVatCode": "4"},
        {"sales_price": [sales_price("12.10")]},
    ),
    Example(
        "GetItemGroupByDescription",
        True,
        group_discounts,
        [("Drinks", "10")],
        [("DRK", "10")],
        reference=GROUPED,
        others=AUTO,
    ),
    Example(
        "GetItemGroupByDescription",
        True,
        of_item("item_group"),
        "Drinks",
        "DRK",
        {"ItemGroupCode": "DRK", "ItemGroupDescription": "Drinks"},
    ),
    Example(
        "DontDeletePriceListPricesSameAsDefaultPrice",
        True,
        list_price("DEALER"),
        ["10"],
        ABSENT,
        rows=DEALER_PRICE,
        reference=lists("DEALER"),
        others=DEALER_ONLY,
    ),
    Example(
        "PriceListCodeForStaffelFreeField",
        "dealer",
        of_item("free_fields.Staffel"),
        "10: 9.50; 50: 8.75",
        ABSENT,
        rows=DEALER_TIERS,
        reference=lists("DEALER"),
    ),
    Example(
        "EnableOfflineTierPrices",
        True,
        list_tiers,
        [("24", "9")],
        [],
        rows={"volume_discount": [volume("10"), volume("9", 24)]},
        reference=lists("DEALER"),
        others=DEALER_ONLY,
    ),
    Example(
        "GetPurchasePackageSizeFromFreeField",
        "FreeNumberField_03",
        SIZE,
        "24",
        "1",
        {"FreeNumberField_03": Decimal("24.0")},
    ),
    Example("GetPurchasePackageSizeFromFreeField", "FreeTextField_01", SIZE, "12.5", "1", {"FreeTextField_01": "12,5"}),
    Example("GetPurchasePackageSizeFromSearchCode", True, SIZE, "6", "1", {"SearchCode": " 6 "}),
    Example("GetPurchasePackageSizeFromSearchCode", True, SIZE, "1", "1", {"SearchCode": "CHAIR"}),
    Example("GetPurchasePackageSizeOnExtraItemDescription", True, SIZE, "12", "1", {"ExtraDescription": "12"}),
    Example("GetPurchasePackageSizeOnExtraItemDescription", True, SIZE, "1", "1", {"ExtraDescription": "12 pcs"}),
    Example("SplitCharacterForExtraItemDescription", ";", SIZE, "6", "1", {"ExtraDescription": "6;A"}, others=EXTRA),
    Example("PurchasePackeSizeIndex", "1", SIZE, "12", "1", {"ExtraDescription": "A|12"}, others=SPLIT),
    Example("PurchasePackeSizeIndex", "1", SIZE, "12", "1", {"ExtraDescription": "Blue|12|large"}, others=SPLIT),
    Example(
        "WarehouseForPackageSize",
        "1",
        SIZE,
        "48",
        "1",
        rows={"item_warehouse": [{"WarehouseCode": "1", "ReorderQuantity": Decimal(48)}]},
    ),
    Example(
        "UnitFactorAsPurchasePackageSize",
        True,
        SIZE,
        "12",
        "1",
        rows={
            "sales_price": [
                sales_price("10", NumberOfItemsPerUnit=Decimal(1)),
                sales_price("100", Unit="box", NumberOfItemsPerUnit=Decimal(12)),
            ]
        },
    ),
    Example("WarehouseForStock", "1", stock_of("shelf", "to_be_delivered"), ("10", "3"), ("15", "3"), rows=STOCK),
    Example(
        "UseCurrentQuantityAsLastAvailableStock",
        True,
        of_item("last_available_stock"),
        "10",
        "6",
        rows={"stock": [stock("1", 10, 4)]},
    ),
    Example("SyncNextDeliveryDate", True, of_item("next_delivery_date"), "2025-06-20", ABSENT, rows=RECEIPTS),
    Example(
        "GetDeliveryDatesOffline",
        True,
        of_item("free_fields.DeliveryDates"),
        "2025-07-01: 100; 2025-08-01: 5",
        ABSENT,
        rows=DATED,
    ),
    Example(
        "GetDeliveryDatesOffline",
        True,
        stock_of("delivery_dates"),
        ([{"date": "2025-07-01", "quantity": "100"}, {"date": "2025-08-01", "quantity": "5"}],),
        (ABSENT,),
        rows=DATED,
    ),
)
ELSEWHERE = frozenset(
    {
        *("Applicationkey", "DisableCurrencyPriceListCheck"),
        *("SkipDiscountForStafflItems", "StorePackageSizeInInstructionLine", "CheckStockAndSetDeliveryDateOnOrderLine"),
    }
)
"""They shape the connection, the customer's price list and the lines of orders."""

AREAS = (Area.GENERAL, Area.ITEMS, Area.PICTURES, Area.PRICES, Area.TIERS, Area.PACKAGE_SIZE, Area.STOCK)


def documents(example: Example, settings: Mapping[str, Any]) -> Documents:
    checked = validate(settings)
    assert checked.settings is not None, checked.problems
    known = context(checked.settings, example.reference)
    rows = owner_rows(item(**example.row), **example.rows)
    return projections([*project_item(rows, known), *project_reference(known)])


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{number}-{each.key}" for number, each in enumerate(EXAMPLES)])
def test_a_setting_does_what_its_worked_example_says_and_nothing_when_it_is_not_set(example: Example) -> None:
    assert example.show(documents(example, {**example.others, example.key: example.value})) == example.expected
    assert example.show(documents(example, example.others)) == example.without


def test_every_setting_of_items_prices_and_stock_has_a_worked_example() -> None:
    assert {each.key for each in EXAMPLES} == {entry.key for entry in ENTRIES if entry.area in AREAS} - ELSEWHERE
