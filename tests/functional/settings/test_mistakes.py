"""A code in the settings that Exact does not have: what stays as it is, what goes on, and where it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from functional.catalog.shop import Shop, linked_shop

pytestmark = pytest.mark.slow


SMALL = ("--items", "20", "--customers", "5", "--orders", "3")


@pytest.fixture(scope="module")
def small() -> Iterator[Shop]:
    """A company of its own, because what is looked up for a mistake is kept."""
    with linked_shop(*SMALL) as found:
        yield found


@pytest.fixture
def shop(small: Shop) -> Iterator[Shop]:
    """The company with all defaults, which a test leaves behind."""
    yield small
    small.settings({})


def found_by_check(shop: Shop) -> set[tuple[str, str]]:
    checked = shop.ok("POST", f"/v1/tenants/{shop.tenant}/settings/check", {})
    return {(problem["key"], problem["code"]) for problem in checked["problems"]}


def stock(shop: Shop) -> list[dict[str, Any]]:
    return shop.every("/v1/stock")


@pytest.mark.parametrize("codes", ["99", "1;99"])
def test_stock_stays_as_it_was_delivered_while_a_stock_warehouse_does_not_exist(shop: Shop, codes: str) -> None:
    before = stock(shop)
    shop.settings({"WarehouseForStock": codes})
    assert stock(shop) == before
    assert found_by_check(shop) == {("WarehouseForStock", "CONFIG_REFERENCE_NOT_FOUND")}

    shop.settings({"WarehouseForStock": "1"})
    assert {tuple(row["warehouse_codes"]) for row in stock(shop)} == {("1",)}


def test_items_stay_as_they_were_delivered_while_the_field_that_includes_them_does_not_exist(shop: Shop) -> None:
    before = shop.every("/v1/items")
    shop.settings({"FieldUsedToIncludeItemsInSync": "Geen veld", "ExtraDescriptionOnDescription": True})
    assert shop.every("/v1/items") == before
    assert found_by_check(shop) == {("FieldUsedToIncludeItemsInSync", "CONFIG_INVALID_VALUE")}


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("FreeSortField", "Geen veld", "CONFIG_INVALID_VALUE"),
        ("ItemFreeFieldNameForItemStatus", "Geen veld", "CONFIG_INVALID_VALUE"),
        ("GetPurchasePackageSizeFromFreeField", "Geen veld", "CONFIG_INVALID_VALUE"),
        ("WarehouseForPackageSize", "99", "CONFIG_REFERENCE_NOT_FOUND"),
        ("PriceList2Id", "NOPE", "CONFIG_REFERENCE_NOT_FOUND"),
        ("PriceListCodeForStaffelFreeField", "NOPE", "CONFIG_REFERENCE_NOT_FOUND"),
    ],
)
def test_a_setting_that_names_what_does_not_exist_counts_as_empty(shop: Shop, key: str, value: str, code: str) -> None:
    before = shop.every("/v1/items")
    shop.settings({key: value})
    assert shop.every("/v1/items") == before
    assert found_by_check(shop) == {(key, code)}


def test_every_code_that_does_not_exist_is_told_in_the_status() -> None:
    with linked_shop(*SMALL) as shop:
        shop.settings({"WarehouseForPackageSize": "99", "PriceList2Id": "NOPE", "PriceList3Id": "NOR THIS"})
        skipped = shop.ok("GET", f"/v1/tenants/{shop.tenant}/status")["skipped_records"]
    told = {each["key"]: each["message"] for each in skipped if each["source"] == "reference"}
    assert told.keys() == {"(WarehouseForPackageSize)", "(PriceList2Id)", "(PriceList3Id)"}
    assert "'NOR THIS'" in told["(PriceList3Id)"]
