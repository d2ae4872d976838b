"""The check of codes against lists of Exact."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from exact_connector.settings import Settings
from exact_connector.settings.entry import Reference
from exact_connector.settings.references import LIST_ENDPOINTS, CheckedSettings, check, needed_lists

TODAY = date(2025, 6, 10)
LIST_ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def milliseconds(day: date) -> str:
    return f"/Date({(day - date(1970, 1, 1)).days * 86_400_000})/"


LISTS: dict[str, list[dict[str, Any]]] = {
    "currencies": [{"Code": "EUR"}, {"Code": "USD"}],
    "price_lists": [{"ID": LIST_ID, "Code": "DEALER  "}, {"ID": "b", "Code": "OLD"}],
    "warehouses": [{"Code": "1  "}, {"Code": "2"}],
    "vat_codes": [
        {"Code": "2  ", "IsBlocked": False, "VATTransactionType": "B"},
        {"Code": "7  ", "IsBlocked": False, "VATTransactionType": "S"},
        {"Code": "D19", "IsBlocked": False, "VATTransactionType": "S"},
        {"Code": "8  ", "IsBlocked": True, "VATTransactionType": "S"},
        {"Code": "9  ", "IsBlocked": False, "VATTransactionType": "P"},
    ],
    "gl_accounts": [
        {"Code": "1300", "Type": 20, "IsBlocked": False},
        {"Code": "1301", "Type": 20, "IsBlocked": True},
        {"Code": "8000", "Type": 110, "IsBlocked": False},
        {"Code": "8001", "Type": 110, "IsBlocked": True},
    ],
    "shipping_methods": [{"Code": "DHL", "Active": True}, {"Code": "TNT", "Active": False}],
    "cost_centers": [
        {"Code": "SALES", "EndDate": None},
        {"Code": "TODAY", "EndDate": milliseconds(TODAY)},
        {"Code": "GONE", "EndDate": milliseconds(date(2025, 6, 9))},
    ],
    "cost_units": [{"Code": "FAIR25"}, {"Code": "FAIR24", "EndDate": milliseconds(date(2024, 12, 31))}],
    "item_extra_fields": [{"Number": 1, "Description": "Merk"}, {"Number": 2, "Description": "Kleur"}],
}


def checked(**values: Any) -> CheckedSettings:
    return check(Settings(**values), LISTS, TODAY)


ACCEPTED = [
    ("CurrencyCodeIso", "EUR"),
    ("PriceList2Id", "dealer"),
    ("PriceList3Id", LIST_ID.upper()),
    ("PriceList4Id", f"{{{LIST_ID}}}"),
    ("PriceListCodeForStaffelFreeField", "OLD"),
    ("ExcludePriceList", "OLD;DEALER"),
    ("WarehouseForStock", "1;2"),
    ("WarehouseForPackageSize", "1"),
    ("WarehouseForOrder", "2"),
    ("VatLiableCode", "2;7"),
    ("NotVatLiableCode", "7"),
    ("NotVatLiableCodeOutsideEU", "d19"),
    ("VatCodeBasedOnCountryCode", "DE=D19;FR=7"),
    ("GLAccountGLARCode", "1300"),
    ("GLAccountSalesCode", "8000"),
    ("GLAccountCodeForOrders", "1300"),
    ("ShippingMethodCode", "dhl"),
    ("CostCenterCodeForOrders", "SALES"),
    ("CostCenterCodeForOrders", "TODAY"),
    ("CostUnitForOrders", "FAIR25"),
    ("FreeSortField", "merk"),
    ("FreeSortField", "FreeTextField_01"),
    ("FieldUsedToIncludeItemsInSync", "Kleur"),
    ("ItemFreeFieldNameForItemStatus", "Kleur"),
    ("GetPurchasePackageSizeFromFreeField", "Merk"),
]


@pytest.mark.parametrize(("key", "value"), ACCEPTED, ids=[f"{key}-{value}" for key, value in ACCEPTED])
def test_a_code_that_exact_has_is_accepted(key: str, value: str) -> None:
    outcome = checked(**{key: value})
    assert (outcome.problems, outcome.warnings, outcome.unchecked) == ((), (), frozenset())


MISSING = "CONFIG_REFERENCE_NOT_FOUND"
INVALID = "CONFIG_INVALID_VALUE"
REFUSED = [
    ("CurrencyCodeIso", "XXX", MISSING),
    ("PriceList2Id", "NOPE", MISSING),
    ("PriceList3Id", "NOPE", MISSING),
    ("PriceList4Id", LIST_ID[:-1] + "2", MISSING),
    ("PriceListCodeForStaffelFreeField", "NOPE", MISSING),
    ("WarehouseForStock", "1;9", MISSING),
    ("WarehouseForPackageSize", "9", MISSING),
    ("WarehouseForOrder", "1;2", MISSING),
    ("VatLiableCode", "2;X", MISSING),
    ("VatLiableCode", "8", MISSING),
    ("VatLiableCode", "9", MISSING),
    ("NotVatLiableCode", "9", MISSING),
    ("NotVatLiableCodeOutsideEU", "8", MISSING),
    ("VatCodeBasedOnCountryCode", "DE=X;FR=7", MISSING),
    ("GLAccountGLARCode", "9999", MISSING),
    ("GLAccountGLARCode", "8000", INVALID),
    ("GLAccountGLARCode", "1301", INVALID),
    ("GLAccountSalesCode", "1300", INVALID),
    ("GLAccountSalesCode", "8001", INVALID),
    ("GLAccountCodeForOrders", "9999", MISSING),
    ("GLAccountCodeForOrders", "8001", MISSING),
    ("ShippingMethodCode", "UPS", MISSING),
    ("ShippingMethodCode", "TNT", MISSING),
    ("CostCenterCodeForOrders", "NORTH", MISSING),
    ("CostCenterCodeForOrders", "GONE", MISSING),
    ("CostUnitForOrders", "FAIR24", MISSING),
    ("FreeSortField", "Maat", INVALID),
    ("FieldUsedToIncludeItemsInSync", "Maat", INVALID),
    ("ItemFreeFieldNameForItemStatus", "FreeTextField_11", INVALID),
    ("GetPurchasePackageSizeFromFreeField", "Maat", INVALID),
]


@pytest.mark.parametrize(("key", "value", "code"), REFUSED, ids=[f"{row[0]}-{row[1]}" for row in REFUSED])
def test_a_code_that_cannot_be_used_is_found(key: str, value: str, code: str) -> None:
    outcome = checked(**{key: value})
    assert [(problem.key, problem.code.value) for problem in outcome.problems] == [(key, code)]
    assert key in outcome.problems[0].message


def test_the_message_offers_what_exact_has() -> None:
    message = checked(WarehouseForOrder="9").problems[0].message
    assert message == (
        "WarehouseForOrder: '9' is not in inventory/Warehouses of Exact; it has 1, 2; correct it or add it in Exact"
    )


def test_an_unknown_excluded_price_list_is_only_a_warning() -> None:
    outcome = checked(ExcludePriceList="OLD;NOPE")
    assert outcome.problems == ()
    assert [(warning.key, warning.code.value) for warning in outcome.warnings] == [("ExcludePriceList", MISSING)]


@pytest.mark.parametrize(
    ("settings", "stopped"),
    [
        ({"FieldUsedToIncludeItemsInSync": "Maat"}, {"items"}),
        ({"WarehouseForStock": "9"}, {"stock"}),
        ({"FieldUsedToIncludeItemsInSync": "Maat", "WarehouseForStock": "9"}, {"items", "stock"}),
        ({"FreeSortField": "Maat", "PriceList2Id": "NOPE", "WarehouseForOrder": "9"}, set()),
    ],
    ids=["item field", "stock warehouse", "both", "nothing fatal"],
)
def test_only_two_settings_stop_a_run(settings: dict[str, str], stopped: set[str]) -> None:
    assert checked(**settings).stopped == stopped


def test_what_is_not_found_counts_as_empty_where_there_is_a_next_source() -> None:
    outcome = checked(
        FreeSortField="Maat",
        PriceList2Id="NOPE",
        PriceList3Id="OLD",
        WarehouseForPackageSize="9",
        WarehouseForStock="9",
        FieldUsedToIncludeItemsInSync="Maat",
        WarehouseForOrder="9",
    )
    assert outcome.usable == Settings(
        PriceList3Id="OLD", WarehouseForStock="9", FieldUsedToIncludeItemsInSync="Maat", WarehouseForOrder="9"
    )


NEEDED = [
    (Settings(), set()),
    (Settings(CurrencyCodeIso="EUR"), {"currencies"}),
    (Settings(AutoSyncPriceLists=True), set()),
    (Settings(AutoSyncPriceLists=True, PriceList2Id="A"), set()),
    (Settings(PriceList2Id="A", ExcludePriceList="B"), {"price_lists"}),
    (Settings(WarehouseForStock="1", WarehouseForOrder="2"), {"warehouses"}),
    (Settings(VatCodeBasedOnCountryCode="DE=1"), {"vat_codes"}),
    (Settings(GLAccountCodeForOrders="8000"), {"gl_accounts"}),
    (Settings(ShippingMethodCode="DHL"), {"shipping_methods"}),
    (Settings(CostCenterCodeForOrders="A", CostUnitForOrders="B"), {"cost_centers", "cost_units"}),
    (Settings(FreeSortField="FreeTextField_01"), set()),
    (Settings(FreeSortField="Merk"), {"item_extra_fields"}),
    (Settings(AccountClassificationProperty="Classification2", DefaultCountryForVatLiability="NL"), set()),
]


@pytest.mark.parametrize(
    ("settings", "expected"), NEEDED, ids=[str(sorted(row[1])) + str(n) for n, row in enumerate(NEEDED)]
)
def test_a_check_reads_only_the_lists_it_needs(settings: Settings, expected: set[str]) -> None:
    assert {reference.value for reference in needed_lists(settings)} == expected


def test_a_list_that_was_not_read_is_reported_and_not_taken_for_empty() -> None:
    outcome = check(Settings(WarehouseForStock="1", ShippingMethodCode="UPS"), {"shipping_methods": []}, TODAY)
    assert outcome.unchecked == {Reference.WAREHOUSES}
    assert [problem.key for problem in outcome.problems] == ["ShippingMethodCode"]
    assert outcome.stopped == frozenset()


def test_every_list_has_an_endpoint() -> None:
    assert set(LIST_ENDPOINTS) == set(Reference)
