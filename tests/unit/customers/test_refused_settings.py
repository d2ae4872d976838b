"""Settings of customers that cannot be meant: refused when they are saved, or told to have no effect."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.settings.validate import validate

TYPE, VALUE = "CONFIG_INVALID_TYPE", "CONFIG_INVALID_VALUE"
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a flag that is no flag": ({"GetProspects": "maybe"}, "GetProspects", TYPE),
    "a suspect flag that is no flag": ({"GetSuspects": 2}, "GetSuspects", TYPE),
    "a prefix flag that is no flag": (
        {"AddPrefixForProspectsAndSuspects": "P-"},
        "AddPrefixForProspectsAndSuspects",
        TYPE,
    ),
    "a country in words": (
        {"DefaultCountryForVatLiability": "Belgium"},
        "DefaultCountryForVatLiability",
        VALUE,
    ),
    "a pair without a code": (
        {"VatCodeBasedOnCountryCode": "DE="},
        "VatCodeBasedOnCountryCode",
        VALUE,
    ),
    "a country twice": (
        {"VatCodeBasedOnCountryCode": "DE=1;de=2"},
        "VatCodeBasedOnCountryCode",
        VALUE,
    ),
    "a negative number of orders": ({"OrderSelectTop": -1}, "OrderSelectTop", VALUE),
}


@pytest.mark.parametrize(("document", "key", "code"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_value_rejects_the_document(document: dict[str, Any], key: str, code: str) -> None:
    validated = validate(document)
    assert validated.settings is None
    assert [(problem.key, problem.code) for problem in validated.problems] == [(key, code)]


@pytest.mark.parametrize("key", ["NotVatLiableCode", "NotVatLiableCodeOutsideEU"])
def test_a_code_cannot_mean_liable_and_not_liable(key: str) -> None:
    validated = validate({"VatLiableCode": "2;4", key: "7; 4 "})
    assert validated.settings is None
    assert {problem.code for problem in validated.problems} == {"CONFIG_CONFLICT"}


@pytest.mark.parametrize(
    "document",
    [
        {"AccountClassificationPropertyForCustomerManager": "Classification2"},
        {"ShowOnlyBackOrderLines": True},
        {"ShowNextDeliveryDateOnBackOrderLines": True, "OrderHistoryBackoffice": True},
    ],
    ids=["property without its switch", "back orders of own orders", "next dates that are not read"],
)
def test_a_setting_without_effect_is_told_and_saved(document: dict[str, Any]) -> None:
    validated = validate(document)
    assert validated.settings is not None
    assert {problem.code for problem in validated.warnings} == {"CONFIG_IGNORED_SETTING"}
