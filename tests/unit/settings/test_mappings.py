"""The settings that hold JSON: new names of free fields and extra customer fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exact_connector.settings.mappings import CustomField, parse_custom_fields, parse_renaming
from exact_connector.settings.problems import Refused

WEBSITE: dict[str, Any] = {
    "ObjectName": "Customer",
    "PropertyName": "Website",
    "XmlName": "CustomerWebsite",
    "NameInApp": "Site",
    "PropertyType": "string",
    "IsEntityField": "false",
}


def refusal(rows: object) -> str:
    parsed = parse_custom_fields(json.dumps(rows))
    assert isinstance(parsed, Refused)
    return parsed.message


def mapped(**changes: object) -> CustomField:
    parsed = parse_custom_fields(json.dumps([{**WEBSITE, **changes}]))
    assert not isinstance(parsed, Refused), parsed
    return parsed[0]


def test_the_website_of_a_customer_is_a_custom_field() -> None:
    assert mapped() == CustomField("Customer", "Website", "CustomerWebsite", "Site", "string", None)


def test_no_text_means_no_mapping() -> None:
    assert parse_custom_fields("") == ()
    assert parse_renaming("") == {}


@pytest.mark.parametrize(
    ("changes", "attribute", "value"),
    [
        ({"ObjectName": "customer"}, "object_name", "Customer"),
        (
            {"ObjectName": "ContactPerson", "PropertyName": "jobtitledescription"},
            "property_name",
            "JobTitleDescription",
        ),
        ({"ObjectName": "Address", "PropertyName": "FreeTextField_01"}, "property_name", "FreeTextField_01"),
        ({"PropertyType": "Decimal", "PropertyName": "CreditLineSales"}, "property_type", "decimal"),
        ({"PropertyType": "int"}, "property_type", "int"),
        ({"PropertyType": "bool"}, "property_type", "bool"),
        ({"PropertyType": "date"}, "property_type", "date"),
        ({"NameInApp": " Site "}, "name_in_app", "Site"),
        ({"IsEntityField": False}, "entity_field", None),
        ({"IsEntityField": True, "XmlName": "Manager"}, "entity_field", "manager"),
        ({"IsEntityField": "TRUE", "XmlName": "CustomerName"}, "entity_field", "customer_name"),
        ({"IsEntityField": True, "XmlName": "vat_number"}, "entity_field", "vat_number"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_mapping_is_read_without_regard_to_capitals(changes: dict[str, Any], attribute: str, value: object) -> None:
    assert getattr(mapped(**changes), attribute) == value


@pytest.mark.parametrize("key", list(WEBSITE))
def test_a_missing_key_is_named_with_the_position(key: str) -> None:
    row = {name: value for name, value in WEBSITE.items() if name != key}
    assert refusal([WEBSITE, row]).startswith(f"mapping 1: {key} is missing")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"ObjectName": "Supplier"}, "ObjectName"),
        ({"PropertyName": "Web"}, "PropertyName"),
        ({"PropertyName": "Logo"}, "PropertyName"),
        ({"PropertyName": "BankAccounts"}, "PropertyName"),
        ({"ObjectName": "Address"}, "PropertyName"),
        ({"PropertyType": "float"}, "PropertyType"),
        ({"PropertyType": 1}, "PropertyType"),
        ({"NameInApp": ""}, "NameInApp"),
        ({"NameInApp": None}, "NameInApp"),
        ({"IsEntityField": "yes"}, "IsEntityField"),
        ({"IsEntityField": 1}, "IsEntityField"),
        ({"IsEntityField": None}, "IsEntityField"),
        ({"IsEntityField": True, "XmlName": "CustomerId"}, "XmlName"),
        ({"IsEntityField": True, "XmlName": "Nonsense"}, "XmlName"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_value_is_named_with_position_and_key(changes: dict[str, Any], key: str) -> None:
    assert refusal([{**WEBSITE, **changes}]).startswith(f"mapping 0: {key} ")


def test_two_mappings_of_one_name_are_refused_and_of_two_objects_are_not() -> None:
    other = {**WEBSITE, "PropertyName": "TradeName", "NameInApp": "site"}
    assert "Customer site" in refusal([WEBSITE, other])
    contact = {**WEBSITE, "ObjectName": "ContactPerson", "PropertyName": "Notes"}
    assert len(parse_custom_fields(json.dumps([WEBSITE, contact]))) == 2  # type: ignore[arg-type]


def test_free_fields_are_renamed_by_property_or_label() -> None:
    assert parse_renaming('{"FreeTextField_01": " Brand ", " Kleur ": "Colour"}') == {
        "FreeTextField_01": "Brand",
        "Kleur": "Colour",
    }


def test_a_free_field_may_keep_its_own_name() -> None:
    assert parse_renaming('{"FreeTextField_01":"FreeTextField_01"}') == {"FreeTextField_01": "FreeTextField_01"}


def test_broken_json_is_refused_with_the_position() -> None:
    parsed = parse_renaming('{"a" "b"}')
    assert isinstance(parsed, Refused)
    assert "at character 5" in parsed.message
