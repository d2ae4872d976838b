"""The JSON Schema of the settings document."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from exact_connector.settings import KEYS
from exact_connector.settings.catalogue import BY_KEY
from exact_connector.settings.schema import settings_schema

VALIDATOR = Draft202012Validator(settings_schema())


def test_the_schema_is_valid_json_schema() -> None:
    Draft202012Validator.check_schema(settings_schema())


def test_the_schema_has_all_keys_in_the_order_of_the_form_and_no_other() -> None:
    assert list(settings_schema()["properties"]) == list(KEYS)
    assert settings_schema()["additionalProperties"] is False


@pytest.mark.parametrize("key", KEYS)
def test_a_property_tells_what_a_form_needs(key: str) -> None:
    found, entry = settings_schema()["properties"][key], BY_KEY[key]
    assert (found["title"], found["description"], found["default"]) == (entry.label, entry.help, entry.default)
    assert (found["x-area"], found["x-type"]) == (entry.area.value, entry.type_name)
    assert VALIDATOR.is_valid({key: entry.default})


@pytest.mark.parametrize(
    "document",
    [
        {"Nope": 1},
        {"GetProspects": "yes"},
        {"GetProspects": 1},
        {"OrderSelectTop": -1},
        {"OrderSelectTop": "x"},
        {"WarehouseForOrder": 1},
        {"CurrencyCodeIso": "EURO"},
        {"Applicationkey": "abc"},
        {"PurchasePackeSizeIndex": "100"},
        {"SplitCharacterForExtraItemDescription": "abc"},
        {"AccountClassificationProperty": "Classification9"},
        {"DefaultCountryForVatLiability": "NLD"},
        {"UseItemNotesForItemField": "a b"},
        [],
    ],
    ids=str,
)
def test_the_schema_refuses_what_a_pattern_can_tell(document: object) -> None:
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"GetProspects": " TRUE "},
        {"OrderSelectTop": "20"},
        {"CurrencyCodeIso": " eur "},
        {"CurrencyCodeIso": " "},
        {"Applicationkey": "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"},
    ],
    ids=str,
)
def test_the_schema_accepts_what_validation_normalises(document: object) -> None:
    assert VALIDATOR.is_valid(document)
