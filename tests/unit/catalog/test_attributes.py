"""The full attribute map of an item."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.attributes import ITEM_ATTRIBUTES, attribute_name, complete, item_attributes
from exact_connector.settings import Settings
from unit.catalog.rows import exact_date, item, item_document, stock

GUID = "abcdef00-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ID", "id"),
        ("GLCostsCode", "gl_costs_code"),
        ("GLRevenueWorkInProgressDescription", "gl_revenue_work_in_progress_description"),
        ("FreeTextField_01", "free_text_field_01"),
        ("IsWebshopItem", "is_webshop_item"),
        ("SalesVatCode", "sales_vat_code"),
        ("Class_10", "class_10"),
    ],
)
def test_attributes_are_named_in_one_way(name: str, expected: str) -> None:
    assert attribute_name(name) == expected


def test_an_item_has_more_than_a_hundred_attributes_each_named_once() -> None:
    assert len(ITEM_ATTRIBUTES) > 100
    assert list(ITEM_ATTRIBUTES) == sorted(set(ITEM_ATTRIBUTES))


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        pytest.param("NetWeight", Decimal("1.250"), "net_weight", "1.25", id="decimal"),
        pytest.param("FreeNumberField_08", Decimal(3), "free_number_field_08", "3", id="free number"),
        pytest.param("IsWebshopItem", 1, "is_webshop_item", True, id="byte as flag"),
        pytest.param("IsSalesItem", False, "is_sales_item", False, id="flag"),
        pytest.param("UseExplosion", 0, "use_explosion", False, id="byte without Is"),
        pytest.param("SecurityLevel", 10, "security_level", 10, id="whole number"),
        pytest.param("StartDate", exact_date("2025-03-30"), "start_date", "2025-03-30", id="date"),
        pytest.param("GLStock", GUID.upper(), "gl_stock", GUID, id="identifier"),
        pytest.param("SalesVatCode", "2  ", "sales_vat_code", "2", id="padded code"),
        pytest.param("Modified", "/Date(1751371200000)/", "modified", "2025-07-01T12:00:00.000+02:00", id="moment"),
    ],
)
def test_every_attribute_has_a_plain_type(name: str, value: Any, attribute: str, expected: Any) -> None:
    assert item_attributes({name: value}) == {attribute: expected}


@pytest.mark.parametrize("name", ["PictureUrl", "PictureThumbnailUrl", "CustomField", "Timestamp"])
def test_addresses_at_exact_and_row_versions_are_no_attributes(name: str) -> None:
    assert item_attributes({name: "https://exact.example/1"}) == {}


def test_empty_attributes_are_not_stored_and_come_back_as_null() -> None:
    stored = item_attributes({"Notes": " ", "Barcode": None, "Unit": "pc "})
    assert stored == {"unit": "pc"}
    full = complete(stored)
    assert (full["unit"], full["notes"], len(full)) == ("pc", None, len(ITEM_ATTRIBUTES))


def test_an_item_document_holds_its_attributes_and_what_was_read_outside_the_feed() -> None:
    outside = [{"ID": "other", "StandardSalesPrice": Decimal("7.50"), "IsSerialNumberItem": True}]
    found = item_document(Settings(), item(NetWeight=Decimal("1.5")), standard_price=outside)["attributes"]
    assert (found["net_weight"], found["standard_sales_price"], found["is_serial_number_item"]) == ("1.5", "7.5", True)
    assert found["id"] == item()["ID"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([stock("1", 190), stock("2", 2)], "192", id="over every warehouse"),
        pytest.param([stock("1", 3), stock("2", -3)], "0", id="none left"),
        pytest.param([], None, id="no stock rows"),
    ],
)
def test_the_stock_is_that_of_the_stock_rows_because_a_movement_does_not_change_the_item(
    rows: list[dict[str, Any]], expected: str | None
) -> None:
    row = item(Stock=Decimal(197), IsStockItem=True)
    settings = Settings(FreeSortField="Stock", WarehouseForStock="1")
    found = item_document(settings, row, stock=rows)
    assert found["attributes"].get("stock") == expected
    assert found["free_sort_field"] == expected
