"""The package size of an item and the order of its sources."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exact_connector.settings import Settings
from unit.catalog.rows import CUSTOMER, exact_date, item, item_document, sales_price

FACTORS = [
    sales_price("10", NumberOfItemsPerUnit=Decimal(1)),
    sales_price("100", Unit="box", NumberOfItemsPerUnit=Decimal(12)),
    sales_price("900", Unit="pallet", NumberOfItemsPerUnit=Decimal(144)),
]
ALL_SOURCES = {
    "GetPurchasePackageSizeFromFreeField": "FreeNumberField_03",
    "GetPurchasePackageSizeFromSearchCode": True,
    "GetPurchasePackageSizeOnExtraItemDescription": True,
    "WarehouseForPackageSize": "1",
    "UnitFactorAsPurchasePackageSize": True,
}


def size(settings: Settings, row: dict[str, Any] | None = None, **kinds: Any) -> str:
    return str(item_document(settings, row, **kinds)["purchase_package_size"])


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        pytest.param("FreeNumberField_03", {"FreeNumberField_03": Decimal(24)}, "24", id="number"),
        pytest.param("FreeTextField_01", {"FreeTextField_01": "12,5"}, "12.5", id="text with a comma"),
        pytest.param("FreeTextField_01", {"FreeTextField_01": "1.50"}, "1.5", id="text with a point"),
        pytest.param("FreeNumberField_03", {"FreeNumberField_03": Decimal(0)}, "1", id="zero"),
        pytest.param("FreeNumberField_03", {"FreeNumberField_03": Decimal(-6)}, "1", id="below zero"),
        pytest.param("FreeTextField_01", {"FreeTextField_01": "12 pcs"}, "1", id="not a number"),
        pytest.param("FreeBoolField_01", {"FreeBoolField_01": True}, "1", id="a flag is no size"),
        pytest.param("FreeDateField_01", {"FreeDateField_01": exact_date("2025-01-01")}, "1", id="a date is no size"),
        pytest.param("Package", {}, "8", id="label"),
        pytest.param("No such label", {}, "1", id="unknown label"),
    ],
)
def test_a_free_field_can_hold_the_package_size(name: str, values: dict[str, Any], expected: str) -> None:
    labels = [{"Number": 11, "Description": "package", "Value": "8"}]
    settings = Settings(GetPurchasePackageSizeFromFreeField=name)
    assert size(settings, item(**values), extra_field=labels) == expected
    assert size(Settings(), item(**values), extra_field=labels) == "1"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(" 6 ", "6", id="number"),
        pytest.param("CHAIR", "1", id="text"),
        pytest.param("VE12", "1", id="text with a number"),
        pytest.param("0", "1", id="zero"),
        pytest.param(None, "1", id="empty"),
    ],
)
def test_the_search_code_can_hold_the_package_size(code: str | None, expected: str) -> None:
    assert size(Settings(GetPurchasePackageSizeFromSearchCode=True), item(SearchCode=code)) == expected
    assert size(Settings(), item(SearchCode=code)) == "1"


@pytest.mark.parametrize(
    ("text", "split", "index", "expected"),
    [
        pytest.param("Blue|12|large", "|", "1", "12", id="second part"),
        pytest.param("12", "", "", "12", id="whole text"),
        pytest.param("12 pcs", "", "", "1", id="no number is searched for"),
        pytest.param("6;A", ";", "", "6", id="first part by default"),
        pytest.param("A|12", "|", "0", "1", id="part that is no number"),
        pytest.param("A|12", "|", "1", "12", id="index from zero"),
        pytest.param("A|12", "|", "2", "1", id="index outside the parts"),
        pytest.param("12", "", "1", "1", id="only part zero without a split"),
        pytest.param("Blue\t 12 ", r"\t", "1", "12", id="tab"),
        pytest.param("Blue 12", " ", "1", "12", id="space"),
        pytest.param(" 12", " ", "1", "12", id="space in front counts as a split"),
        pytest.param(r"Blue\t12", r"\t", "1", "1", id="a written backslash is no tab"),
        pytest.param(None, "|", "0", "1", id="empty text"),
    ],
)
def test_the_extra_description_can_hold_the_package_size(
    text: str | None, split: str, index: str, expected: str
) -> None:
    row = item(ExtraDescription=text)
    settings = Settings(
        GetPurchasePackageSizeOnExtraItemDescription=True,
        SplitCharacterForExtraItemDescription=split,
        PurchasePackeSizeIndex=index,
    )
    assert size(settings, row) == expected
    off = Settings(SplitCharacterForExtraItemDescription=split, PurchasePackeSizeIndex=index)
    assert size(off, row) == "1"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("1", "48", id="warehouse with a quantity"),
        pytest.param("2", "1", id="warehouse with zero"),
        pytest.param("3", "1", id="warehouse without a row"),
        pytest.param("", "1", id="switched off"),
    ],
)
def test_the_reorder_quantity_of_a_warehouse_can_be_the_package_size(code: str, expected: str) -> None:
    rows = [
        {"WarehouseCode": "1 ", "ReorderQuantity": Decimal(48)},
        {"WarehouseCode": "2", "ReorderQuantity": Decimal(0)},
    ]
    assert size(Settings(WarehouseForPackageSize=code), item_warehouse=rows) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(FACTORS, "12", id="smallest factor above one"),
        pytest.param(FACTORS[:1], "1", id="no factor above one"),
        pytest.param([{**FACTORS[1], "EndDate": exact_date("2025-06-09")}], "1", id="price that has ended"),
        pytest.param([{**FACTORS[1], "Account": CUSTOMER}], "1", id="price of one customer"),
        pytest.param([], "1", id="no prices"),
    ],
)
def test_the_unit_factor_of_a_price_can_be_the_package_size(rows: list[dict[str, Any]], expected: str) -> None:
    assert size(Settings(UnitFactorAsPurchasePackageSize=True), sales_price=rows) == expected
    assert size(Settings(), sales_price=rows) == "1"


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        pytest.param(0, "24", id="free field first"),
        pytest.param(1, "6", id="then the search code"),
        pytest.param(2, "18", id="then the extra description"),
        pytest.param(3, "48", id="then the warehouse"),
        pytest.param(4, "12", id="then the unit factor"),
        pytest.param(5, "1", id="then one"),
    ],
)
def test_the_first_source_that_gives_a_positive_number_wins(missing: int, expected: str) -> None:
    row: dict[str, Any] = {"FreeNumberField_03": Decimal(24), "SearchCode": "6", "ExtraDescription": "18"}
    kinds: dict[str, Any] = {
        "item_warehouse": [{"WarehouseCode": "1", "ReorderQuantity": Decimal(48)}],
        "sales_price": FACTORS,
    }
    for name in [*row, *kinds][:missing]:
        row.pop(name, None)
        kinds.pop(name, None)
    assert size(Settings(**ALL_SOURCES), item(**row), **kinds) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("off", "expected"), list(zip(ALL_SOURCES, ["6", "18", "48", "12", "24"], strict=True)))
def test_a_source_that_is_switched_off_passes_to_the_next(off: str, expected: str) -> None:
    row = item(FreeNumberField_03=Decimal(24), SearchCode="6", ExtraDescription="18")
    keys = list(ALL_SOURCES)
    later = keys if off == keys[-1] else keys[keys.index(off) :]
    settings = Settings(**{key: ALL_SOURCES[key] for key in later if key != off})  # type: ignore[arg-type]
    warehouse = [{"WarehouseCode": "1", "ReorderQuantity": Decimal(48)}]
    assert size(settings, row, item_warehouse=warehouse, sales_price=FACTORS) == expected
