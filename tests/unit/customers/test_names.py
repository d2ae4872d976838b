"""Classification, name and manager of a customer."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.catalog.context import ProjectionContext
from exact_connector.customers.names import classifications_by_id, name_for_exact
from exact_connector.fields import Row
from exact_connector.settings.validate import validate
from unit.customers.customer_rows import account, context_of, customer, guid, settings_of

GOLD: Row = {"ID": guid(501), "Code": "G ", "Description": "Gold"}
GARDEN: Row = {"ID": guid(502), "Code": "GC", "Description": "Garden centre"}
NORTH: Row = {"ID": guid(503), "Code": "N", "Description": "Rep North"}
ONLY_CODE: Row = {"ID": guid(504), "Code": "X1 ", "Description": " "}
ROWS = (GOLD, GARDEN, NORTH, ONLY_CODE)


def run(**settings: Any) -> ProjectionContext:
    return context_of(settings_of(**settings), reference={"classification": ROWS})


def test_the_first_classification_is_the_default() -> None:
    row = account(Classification1=guid(501), Classification2=guid(502))
    assert customer(row, run())["classification"] == "Gold"


def test_all_classifications_come_with_their_names() -> None:
    named = {**GARDEN, "AccountClassificationNameDescription": "Branch"}
    context = context_of(reference={"classification": (GOLD, named)})
    assert customer(account(Classification8=guid(502), Classification2=guid(501)), context)["classifications"] == [
        {"property": "Classification2", "name": None, "code": "G", "description": "Gold"},
        {"property": "Classification8", "name": "Branch", "code": "GC", "description": "Garden centre"},
    ]


def test_another_classification_can_be_chosen() -> None:
    row = account(Classification1=guid(501), Classification2=guid(502).upper())
    found = customer(row, run(AccountClassificationProperty="classification2"))
    assert found["classification"] == "Garden centre"


def test_the_code_stands_in_for_an_empty_description() -> None:
    assert customer(account(Classification1=guid(504)), run())["classification"] == "X1"


@pytest.mark.parametrize("value", [None, "", guid(0), guid(999)], ids=["null", "empty", "zeros", "unknown"])
def test_no_classification_is_null(value: str | None) -> None:
    found = customer(account(Name="Jansen BV", Classification1=value), run(AccountClassificationOnCustomerName=True))
    assert (found["classification"], found["customer_name"]) == (None, "Jansen BV")


def test_the_classification_stands_behind_the_name_when_wanted() -> None:
    row = account(Name="Jansen BV", Classification1=guid(501))
    assert customer(row, run(AccountClassificationOnCustomerName=True))["customer_name"] == "Jansen BV (Gold)"
    assert customer(row, run())["customer_name"] == "Jansen BV"


def test_the_name_follows_the_chosen_classification() -> None:
    row = account(Name="Jansen BV", Classification1=guid(501), Classification2=guid(502))
    settings = {"AccountClassificationOnCustomerName": True, "AccountClassificationProperty": "Classification2"}
    assert customer(row, run(**settings))["customer_name"] == "Jansen BV (Garden centre)"


NAMES = {
    "the delivered name": ("Jansen BV (Gold)", "Jansen BV", "Jansen BV"),
    "a new name with the suffix": ("Jansen NV (Gold)", "Jansen BV", "Jansen NV"),
    "a new name without it": ("Jansen NV", "Jansen BV", "Jansen NV"),
    "a suffix from before a change of class": ("Jansen BV (Garden centre)", "Jansen BV", "Jansen BV"),
    "brackets that are no class": ("Jansen BV (Utrecht)", "Jansen BV", "Jansen BV (Utrecht)"),
    "a name that ends so by itself": ("Jansen BV (Gold)", "Jansen BV (Gold)", "Jansen BV (Gold)"),
    "such a name as delivered": ("Jansen BV (Gold) (Gold)", "Jansen BV (Gold)", "Jansen BV (Gold)"),
}


@pytest.mark.parametrize(("given", "stored", "expected"), NAMES.values(), ids=NAMES)
def test_the_suffix_is_never_written_back(given: str, stored: str, expected: str) -> None:
    row = account(Name=stored, Classification1=guid(501))
    settings = settings_of(AccountClassificationOnCustomerName=True)
    assert name_for_exact(given, row, settings, classifications_by_id(ROWS)) == expected


def test_without_the_setting_a_name_is_written_as_given() -> None:
    row = account(Name="Jansen BV", Classification1=guid(501))
    assert name_for_exact(" Jansen (Gold) ", row, settings_of(), classifications_by_id(ROWS)) == "Jansen (Gold)"


FULL = {
    "Classification1": guid(501),
    "Classification2": guid(503),
    "SearchCode": " REP7 ",
    "AccountManagerFullName": "A. Vos",
}
BY_CLASS = {
    "AccountClassificationOnCustomerManager": True,
    "AccountClassificationPropertyForCustomerManager": "Classification2",
}
BY_CODE = {"SearchCodeOnCustomerManager": True}
CHAIN: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "the account manager": (FULL, {}, "A. Vos"),
    "nobody": ({}, {}, None),
    "classification": (FULL, BY_CLASS, "Rep North"),
    "search code": (FULL, BY_CODE, "REP7"),
    "classification before search code": (FULL, BY_CLASS | BY_CODE, "Rep North"),
    "no classification, then search code": (FULL | {"Classification2": None}, BY_CLASS | BY_CODE, "REP7"),
    "no classification, then account manager": (FULL | {"Classification2": None}, BY_CLASS, "A. Vos"),
    "an empty description counts as none": (FULL | {"Classification2": guid(504)}, BY_CLASS, "A. Vos"),
    "no search code, then account manager": (FULL | {"SearchCode": "  "}, BY_CODE, "A. Vos"),
    "nothing filled at all": ({"SearchCode": ""}, BY_CLASS | BY_CODE, None),
    "the general property when none is named": (FULL, {"AccountClassificationOnCustomerManager": True}, "Gold"),
    "the general property when only that is named": (
        FULL,
        {"AccountClassificationOnCustomerManager": True, "AccountClassificationProperty": "Classification2"},
        "Rep North",
    ),
    "a named property without the switch": (
        FULL,
        {"AccountClassificationPropertyForCustomerManager": "Classification2"},
        "A. Vos",
    ),
}


@pytest.mark.parametrize(("row", "settings", "expected"), CHAIN.values(), ids=CHAIN)
def test_the_manager_is_the_first_of_the_chain(
    row: dict[str, Any], settings: dict[str, Any], expected: str | None
) -> None:
    assert customer(account(**row), run(**settings))["manager"] == expected


@pytest.mark.parametrize("key", ["AccountClassificationProperty", "AccountClassificationPropertyForCustomerManager"])
def test_a_property_that_is_no_classification_is_refused(key: str) -> None:
    validated = validate({key: "Classification9"})
    assert validated.settings is None
    assert [(problem.key, problem.code) for problem in validated.problems] == [(key, "CONFIG_INVALID_VALUE")]
