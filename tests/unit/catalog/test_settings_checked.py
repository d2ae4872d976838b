"""Codes of settings that Exact does not have are told while documents are made, without a call."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.catalog.reference import project_reference
from exact_connector.settings import Settings
from unit.catalog.rows import context, rate


def told(settings: Settings, reference: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    found = [each for each in project_reference(context(settings, reference)) if each.keep]
    assert all(each.document is None and len(each.warnings) == 1 for each in found)
    assert len({each.key for each in found}) == len(found)
    return [(warning.code, warning.about) for each in found for warning in each.warnings]


VAT: dict[str, Any] = {
    "vat_code": [
        {"ID": "v2", "Code": "2  ", "VATTransactionType": "B"},
        {"ID": "v3", "Code": "3", "VATTransactionType": "P"},
        {"ID": "v4", "Code": "4", "VATTransactionType": "S", "IsBlocked": True},
    ]
}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Settings(VatLiableCode="2"), [], id="a code that exists"),
        pytest.param(Settings(VatLiableCode="9"), ["VatLiableCode"], id="a code that does not"),
        pytest.param(Settings(NotVatLiableCode="3"), ["NotVatLiableCode"], id="a code for purchases"),
        pytest.param(Settings(NotVatLiableCodeOutsideEU="4"), ["NotVatLiableCodeOutsideEU"], id="a blocked code"),
        pytest.param(Settings(VatCodeBasedOnCountryCode="DE=9;FR=2"), ["VatCodeBasedOnCountryCode"], id="a country's"),
        pytest.param(Settings(WarehouseForPackageSize="9"), ["WarehouseForPackageSize"], id="a warehouse"),
        pytest.param(Settings(CurrencyCodeIso="XXX"), [], id="a list that is not stored"),
    ],
)
def test_a_code_that_does_not_exist_is_told(settings: Settings, expected: list[str]) -> None:
    assert told(settings, VAT) == [("CONFIG_REFERENCE_NOT_FOUND", key) for key in expected]


def test_every_mistake_is_told_under_a_key_of_its_own() -> None:
    settings = Settings(
        VatLiableCode="9",
        NotVatLiableCode="8",
        PriceList2Id="A",
        PriceList4Id="B",
        PriceListCodeForStaffelFreeField="C",
        GenerateCurrencyPriceLists=True,
    )
    rates = [rate("USD", "0"), rate("CHF", "0")]
    assert told(settings, VAT | {"exchange_rate": rates}) == [
        *(("CONFIG_REFERENCE_NOT_FOUND", f"PriceList{slot}Id") for slot in (2, 4)),
        ("CONFIG_REFERENCE_NOT_FOUND", "PriceListCodeForStaffelFreeField"),
        *(("EXCHANGE_RATE_MISSING", currency) for currency in ("CHF", "USD")),
        *(("CONFIG_REFERENCE_NOT_FOUND", f"{name}VatLiableCode") for name in ("", "Not")),
    ]


def test_nothing_is_told_while_the_lists_were_not_read() -> None:
    settings = Settings(VatLiableCode="9", WarehouseForPackageSize="9")
    assert told(settings, {"vat_code": (), "warehouse": ()}) == []
