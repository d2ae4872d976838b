"""Several settings together: which streams, lists and warnings a believable configuration leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from exact_connector.settings import Settings
from exact_connector.settings.document import diff, fingerprint
from exact_connector.settings.entry import FAMILIES
from exact_connector.settings.needs import needed_streams
from exact_connector.settings.parsed import price_mode_switches
from exact_connector.settings.references import check, needed_lists
from exact_connector.settings.validate import validate

WHOLESALE: dict[str, Any] = {
    "Applicationkey": "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
    "CurrencyCodeIso": "eur",
    "CheckIfItemIsActive": "true",
    "FieldUsedToIncludeItemsInSync": "FreeBoolField_02",
    "FreeSortField": "Volgorde",
    "Languages": "nl;de",
    "AutoSyncPriceLists": True,
    "ExcludePriceList": "INTERN",
    "GenerateCurrencyPriceLists": True,
    "EnableOfflineTierPrices": True,
    "WarehouseForStock": "1;2",
    "SyncNextDeliveryDate": True,
    "VatLiableCode": "2;4",
    "NotVatLiableCode": "7",
    "VatCodeBasedOnCountryCode": "de=D19",
    "WarehouseForOrder": "1",
    "ShippingMethodCode": "DHL",
    "OrderHistoryBackoffice": True,
    "ShowNextDeliveryDateOnBackOrderLines": True,
    "OrderSelectTop": "20",
}


def wholesale(**changes: object) -> Settings:
    outcome = validate({**WHOLESALE, **changes})
    assert outcome.settings is not None, outcome.problems
    return outcome.settings


def test_a_wholesale_company_reads_just_what_its_settings_ask_for() -> None:
    assert needed_streams(wholesale()) == {
        *("price_lists", "price_list_periods", "volume_discounts", "exchange_rates"),
        *("item_texts:NL", "item_texts:DE", "extra_fields", "planning_details", "warehouses"),
    }


@pytest.mark.parametrize(
    ("changes", "dropped"),
    [
        ({"FreeSortField": "FreeNumberField_01"}, {"extra_fields"}),
        ({"Languages": "nl"}, {"item_texts:DE"}),
        ({"AutoSyncPriceLists": False}, {"price_lists", "price_list_periods", "volume_discounts"}),
        ({"AutoSyncPriceLists": False, "PriceList2Id": "DEALER"}, set()),
        ({"SyncNextDeliveryDate": False}, {"planning_details"}),
        ({"SyncNextDeliveryDate": False, "GetDeliveryDatesOffline": True}, set()),
        ({"WarehouseForStock": ""}, {"warehouses"}),
        ({"WarehouseForOrder": ""}, set()),
        ({"OrderHistoryBackoffice": False}, set()),
        ({"EnableOfflineTierPrices": False, "CheckIfItemIsActive": False}, set()),
    ],
    ids=lambda value: str(value if isinstance(value, dict) else sorted(value))[:60],
)
def test_a_setting_that_goes_takes_only_its_own_streams(changes: dict[str, Any], dropped: set[str]) -> None:
    assert needed_streams(wholesale()) - needed_streams(wholesale(**changes)) == dropped
    assert needed_streams(wholesale(**changes)) <= needed_streams(wholesale())


def test_streams_stay_while_an_option_still_needs_them() -> None:
    @dataclass(frozen=True)
    class Planning:
        item_rule: str = "purchase"
        supplier_links: bool = True
        bills_of_material: bool = False
        sales_history: str = "orders"

    without_dates = wholesale(SyncNextDeliveryDate=False)
    assert not {"planning_details", "sales_order_lines"} & needed_streams(without_dates)
    assert "sales_order_lines" in needed_streams(without_dates, Planning())


def test_a_check_of_a_wholesale_company_reads_only_the_lists_with_codes_in_use() -> None:
    assert {reference.value for reference in needed_lists(wholesale())} == {
        *("currencies", "price_lists", "warehouses", "vat_codes", "shipping_methods", "item_extra_fields"),
    }


def test_one_unknown_stock_warehouse_stops_stock_and_lets_items_and_orders_go_on() -> None:
    outcome = check(wholesale(), {"warehouses": [{"Code": "1"}]}, date(2025, 6, 10))
    assert [problem.key for problem in outcome.problems] == ["WarehouseForStock"]
    assert outcome.stopped == {"stock"}


def test_a_wholesale_company_gets_no_warning_until_a_switch_is_left_without_its_partner() -> None:
    assert validate(WHOLESALE).warnings == ()
    keys = [warning.key for warning in validate({**WHOLESALE, "SyncNextDeliveryDate": False}).warnings]
    assert keys == ["ShowNextDeliveryDateOnBackOrderLines"]


def test_the_winning_price_mode_comes_first() -> None:
    settings = Settings(SetUnitPrice=True, SetOriginalPriceOnUnitPrice=True, UseDiscountWithoutPriceOnOrder=True)
    assert price_mode_switches(settings) == (
        "UseDiscountWithoutPriceOnOrder",
        "SetOriginalPriceOnUnitPrice",
        "SetUnitPrice",
    )
    assert price_mode_switches(Settings()) == ()


@pytest.mark.parametrize(
    ("changes", "families"),
    [
        ({"CheckIfItemIsActive": False}, {"items"}),
        ({"GetProspects": True}, {"customers"}),
        ({"WarehouseForStock": "1"}, {"items", "orders"}),
        ({"ExcludePriceList": ""}, {"items", "customers"}),
        ({"OrderSelectTop": 0}, {"history"}),
        ({"Applicationkey": ""}, set()),
        ({"CurrencyCodeIso": " EUR "}, set()),
        ({"WarehouseForStock": "1; 2;"}, set()),
    ],
    ids=lambda value: str(value if isinstance(value, dict) else sorted(value))[:50],
)
def test_only_families_whose_settings_changed_are_projected_again(changes: dict[str, Any], families: set[str]) -> None:
    before, after = wholesale(), wholesale(**changes)
    assert {family for family in FAMILIES if fingerprint(before, family) != fingerprint(after, family)} == families
    assert bool(families) <= bool(diff(before, after))
