"""Extra properties of accounts, contacts and addresses as custom fields or canonical fields."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.customers.custom_fields import NotConvertibleError, convert, field_mappings
from exact_connector.settings.mappings import PropertyType
from exact_connector.settings.validate import validate
from unit.customers.customer_rows import account, address, contact, context_of, customer, projected, settings_of

SITE = {
    "ObjectName": "Customer",
    "PropertyName": "Website",
    "XmlName": "CustomerWebsite",
    "NameInApp": "Site",
    "PropertyType": "string",
    "IsEntityField": "false",
}


def mapping(*entries: dict[str, Any]) -> str:
    return json.dumps([SITE | entry for entry in entries])


def test_a_mapped_property_is_delivered_under_its_own_name() -> None:
    settings = settings_of(CustomCustomerFieldsMapping=mapping({}))
    row = account(Website="www.x.nl")
    assert customer(row, context_of(settings))["custom_fields"] == {"Site": "www.x.nl"}
    assert customer(row)["custom_fields"] == {}


def test_a_null_value_is_delivered_as_null() -> None:
    settings = settings_of(CustomCustomerFieldsMapping=mapping({}))
    assert customer(account(Website=None), context_of(settings))["custom_fields"] == {"Site": None}


def test_contacts_and_addresses_have_fields_of_their_own() -> None:
    settings = settings_of(
        CustomCustomerFieldsMapping=mapping(
            {"ObjectName": "ContactPerson", "PropertyName": "JobTitleDescription", "NameInApp": "Job"},
            {"ObjectName": "Address", "PropertyName": "FreeBoolField_01", "NameInApp": "Lift", "PropertyType": "bool"},
        )
    )
    document = customer(
        account(Website="www.x.nl"),
        context_of(settings),
        contact=(contact(JobTitleDescription="Buyer"),),
        address=(address(FreeBoolField_01=True),),
    )
    assert document["custom_fields"] == {}
    assert document["contact_persons"][0]["custom_fields"] == {"Job": "Buyer"}
    assert document["addresses"][0]["custom_fields"] == {"Lift": True}


def test_an_entity_field_replaces_the_canonical_value() -> None:
    entry = {"PropertyName": "TradeName", "XmlName": "CustomerName", "NameInApp": "Trade", "IsEntityField": True}
    settings = settings_of(CustomCustomerFieldsMapping=mapping(entry))
    document = customer(account(Name="Jansen Holding", TradeName="Jansen"), context_of(settings))
    assert (document["customer_name"], document["custom_fields"]) == ("Jansen", {})


def test_a_value_that_cannot_be_converted_is_null_with_a_warning() -> None:
    entry = {"PropertyName": "Remarks", "NameInApp": "Number", "PropertyType": "int"}
    settings = settings_of(CustomCustomerFieldsMapping=mapping(entry))
    found = projected(account(Remarks="ask Eva"), context_of(settings))
    assert found.document is not None
    assert found.document["custom_fields"] == {"Number": None}
    assert [warning.code for warning in found.warnings] == ["CUSTOM_FIELD_NOT_CONVERTED"]
    assert "Eva" not in found.warnings[0].message


CONVERSIONS: dict[str, tuple[PropertyType, object, object]] = {
    "text is trimmed": ("string", " a b ", "a b"),
    "number as text": ("string", Decimal("12.50"), "12.5"),
    "flag as text": ("string", True, "true"),
    "date as text": ("string", "/Date(1749513600000)/", "2025-06-10"),
    "blank text is null": ("string", "  ", None),
    "null stays null": ("int", None, None),
    "whole number": ("int", Decimal("12.0"), 12),
    "whole number in a text": ("int", "-7", -7),
    "flag as number": ("int", True, 1),
    "decimal": ("decimal", Decimal("0.0550"), "0.055"),
    "decimal with a comma": ("decimal", "1,5", "1.5"),
    "byte flag": ("bool", 1, True),
    "byte flag that is off": ("bool", 0, False),
    "flag in a text": ("bool", "False", False),
    "other flag in a text": ("bool", "TRUE", True),
    "date": ("date", "/Date(1749513600000)/", "2025-06-10"),
    "date in a text": ("date", "2025-06-10T12:00:00", "2025-06-10"),
}


@pytest.mark.parametrize(("wanted", "value", "expected"), CONVERSIONS.values(), ids=CONVERSIONS)
def test_values_are_converted_to_the_wanted_type(wanted: PropertyType, value: object, expected: object) -> None:
    assert convert(value, wanted) == expected
    assert type(convert(value, wanted)) is type(expected)


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ("int", "12.5"),
        ("int", Decimal("0.5")),
        ("decimal", "1e5"),
        ("decimal", "x"),
        ("bool", "ja"),
        ("date", "10-06-2025"),
    ],
)
def test_values_without_meaning_in_the_type_are_refused(wanted: PropertyType, value: object) -> None:
    with pytest.raises(NotConvertibleError):
        convert(value, wanted)


def test_the_properties_to_read_are_known() -> None:
    settings = settings_of(CustomCustomerFieldsMapping=mapping({}, {"PropertyName": "DunsNumber", "NameInApp": "D"}))
    assert field_mappings(settings)["Customer"].properties == ("Website", "DunsNumber")
    assert field_mappings(settings)["Address"].properties == ()


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[1]",
        "not json",
        mapping({"PropertyName": "Nope"}),
        mapping({"PropertyType": "money"}),
        '[{"ObjectName":"Customer"}]',
    ],
    ids=["object", "number", "no JSON", "unknown property", "unknown type", "missing key"],
)
def test_a_mapping_that_cannot_be_read_is_refused(text: str) -> None:
    validated = validate({"CustomCustomerFieldsMapping": text})
    assert [problem.code for problem in validated.problems] == ["CONFIG_INVALID_VALUE"]
