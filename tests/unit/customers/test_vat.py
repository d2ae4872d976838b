"""VAT liability of a customer: every branch of the decision, in order, and what each setting changes."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.catalog.codes import by_code
from exact_connector.countries import EU_COUNTRIES, is_in_eu
from exact_connector.customers.vat import NewVat, VatRule, decide_liability, vat_of_new_customer, vat_rules
from unit.customers.customer_rows import VAT_CODES, account, context_of, customer, projected, settings_of, vat_code

CODES = by_code(VAT_CODES)


def decide(row: dict[str, Any], division: str | None = "NL ", **settings: Any) -> tuple[bool, VatRule, str | None]:
    decision = decide_liability(account(**row), vat_rules(settings_of(**settings), division), CODES)
    return decision.liable, decision.rule, decision.code


NOT = {"NotVatLiableCode": "7"}
OUTSIDE = {"NotVatLiableCodeOutsideEU": "6"}
LIABLE = {"VatLiableCode": "2;4"}
REGIME = {"VatLiabilityBasedOnVatRegime": True}
DEFAULT = {"UseVatLiabilityForDefaultCountry": True}
MAPPED = {"VatCodeBasedOnCountryCode": "DE=7;NL=2"}

BRANCHES = {
    "1 regime L": ({"VATLiability": "L", "SalesVATCode": "7"}, REGIME | NOT, (True, VatRule.REGIME, "7")),
    "1 regime in small letters": ({"VATLiability": " l "}, REGIME, (True, VatRule.REGIME, None)),
    "1 regime other": ({"VATLiability": "N", "SalesVATCode": "2"}, REGIME | LIABLE, (False, VatRule.REGIME, "2")),
    "1 regime empty goes on": (
        {"VATLiability": " ", "SalesVATCode": "7"},
        REGIME | NOT,
        (False, VatRule.NOT_LIABLE_CODE, "7"),
    ),
    "1 regime off": ({"VATLiability": "L", "SalesVATCode": "7"}, NOT, (False, VatRule.NOT_LIABLE_CODE, "7")),
    "1 before 2": ({"VATLiability": "N", "Country": "NL"}, REGIME | DEFAULT, (False, VatRule.REGIME, None)),
    "2 default country": ({"Country": "NL ", "SalesVATCode": "7"}, DEFAULT | NOT, (True, VatRule.DEFAULT_COUNTRY, "7")),
    "2 empty country": ({"Country": None, "SalesVATCode": "7"}, DEFAULT | NOT, (True, VatRule.DEFAULT_COUNTRY, "7")),
    "2 other country goes on": (
        {"Country": "BE", "SalesVATCode": "7"},
        DEFAULT | NOT,
        (False, VatRule.NOT_LIABLE_CODE, "7"),
    ),
    "2 own default": (
        {"Country": "be", "SalesVATCode": "7"},
        DEFAULT | NOT | {"DefaultCountryForVatLiability": "be"},
        (True, VatRule.DEFAULT_COUNTRY, "7"),
    ),
    "2 division country no longer the default": (
        {"Country": "NL", "SalesVATCode": "7"},
        DEFAULT | NOT | {"DefaultCountryForVatLiability": "BE"},
        (False, VatRule.NOT_LIABLE_CODE, "7"),
    ),
    "3 mapped code": ({"Country": "DE"}, MAPPED | NOT, (False, VatRule.NOT_LIABLE_CODE, "7")),
    "3 mapped code of the fall-back country": ({"Country": ""}, MAPPED | LIABLE, (True, VatRule.LIABLE_CODE, "2")),
    "3 own code beats the mapped": (
        {"Country": "DE", "SalesVATCode": "2  "},
        MAPPED | LIABLE,
        (True, VatRule.LIABLE_CODE, "2"),
    ),
    "3 Greece under both codes": (
        {"Country": "GR"},
        {"VatCodeBasedOnCountryCode": "EL=7"} | NOT,
        (False, VatRule.NOT_LIABLE_CODE, "7"),
    ),
    "4 empty code": ({}, {}, (False, VatRule.CODE_EMPTY, None)),
    "4 empty code is liable": (
        {"SalesVATCode": "   "},
        {"VatCodeEmptyIsVatLiable": True},
        (True, VatRule.CODE_EMPTY, None),
    ),
    "4 before 7": ({}, LIABLE | {"VatCodeEmptyIsVatLiable": True}, (True, VatRule.CODE_EMPTY, None)),
    "5 liable code": ({"SalesVATCode": "4  "}, LIABLE | NOT, (True, VatRule.LIABLE_CODE, "4")),
    "5 capitals do not count": ({"SalesVATCode": "d19"}, {"VatLiableCode": "D19"}, (True, VatRule.LIABLE_CODE, "d19")),
    "6 not liable code": ({"SalesVATCode": "7"}, NOT, (False, VatRule.NOT_LIABLE_CODE, "7")),
    "6 not liable outside the EU": (
        {"SalesVATCode": "6", "Country": "NL"},
        OUTSIDE,
        (False, VatRule.NOT_LIABLE_CODE, "6"),
    ),
    "6 before 7": ({"SalesVATCode": "7"}, LIABLE | NOT, (False, VatRule.NOT_LIABLE_CODE, "7")),
    "7 not in the positive list": ({"SalesVATCode": "9"}, LIABLE, (False, VatRule.NOT_IN_LIABLE_LIST, "9")),
    "7 before 8": ({"SalesVATCode": "9"}, LIABLE | NOT, (False, VatRule.NOT_IN_LIABLE_LIST, "9")),
    "8 not in the negative list": ({"SalesVATCode": "9"}, NOT, (True, VatRule.NOT_IN_NOT_LIABLE_LIST, "9")),
    "8 not in the list outside the EU": ({"SalesVATCode": "9"}, OUTSIDE, (True, VatRule.NOT_IN_NOT_LIABLE_LIST, "9")),
    "9 rate above zero": ({"SalesVATCode": "2"}, {}, (True, VatRule.RATE, "2")),
    "9 rate of zero": ({"SalesVATCode": "0"}, {}, (False, VatRule.RATE, "0")),
    "9 unknown code": ({"SalesVATCode": "9"}, {}, (False, VatRule.UNKNOWN_CODE, "9")),
}


@pytest.mark.parametrize(("row", "settings", "expected"), BRANCHES.values(), ids=BRANCHES)
def test_liability_is_decided_by_the_first_rule_that_holds(
    row: dict[str, Any], settings: dict[str, Any], expected: tuple[bool, VatRule, str | None]
) -> None:
    assert decide(row, **settings) == expected


def test_every_rule_is_reached_by_the_table() -> None:
    assert {expected[1] for _, _, expected in BRANCHES.values()} == set(VatRule)


def test_without_any_country_the_empty_one_counts_as_the_default() -> None:
    assert decide({}, division=None, **DEFAULT) == (True, VatRule.DEFAULT_COUNTRY, None)
    assert decide({"Country": "NL"}, division=None, **DEFAULT) == (False, VatRule.CODE_EMPTY, None)


def test_a_code_that_exact_does_not_have_gives_a_warning() -> None:
    found = projected(account(SalesVATCode="9"))
    assert [warning.code for warning in found.warnings] == ["VAT_CODE_UNKNOWN"]
    assert "VAT code 9" in found.warnings[0].message
    assert projected(account(SalesVATCode="2")).warnings == ()


SWITCHES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]] = {
    "VatLiableCode": ({"SalesVATCode": "7  "}, {}, {"VatLiableCode": "2;7"}, True),
    "NotVatLiableCode": ({"SalesVATCode": "2"}, {}, {"NotVatLiableCode": "2"}, False),
    "NotVatLiableCodeOutsideEU": ({"SalesVATCode": "2"}, {}, {"NotVatLiableCodeOutsideEU": "2"}, False),
    "VatCodeBasedOnCountryCode": ({"Country": "DE"}, {}, {"VatCodeBasedOnCountryCode": "DE=2"}, True),
    "UseVatLiabilityForDefaultCountry": ({"Country": "NL", "SalesVATCode": "7"}, NOT, NOT | DEFAULT, True),
    "DefaultCountryForVatLiability": (
        {"Country": "BE", "SalesVATCode": "7"},
        NOT | DEFAULT,
        NOT | DEFAULT | {"DefaultCountryForVatLiability": "be"},
        True,
    ),
    "VatLiabilityBasedOnVatRegime": ({"VATLiability": "L", "SalesVATCode": "7"}, NOT, NOT | REGIME, True),
    "VatCodeEmptyIsVatLiable": ({"Country": "BE"}, {}, {"VatCodeEmptyIsVatLiable": True}, True),
}


@pytest.mark.parametrize(("row", "off", "on", "liable"), SWITCHES.values(), ids=SWITCHES)
def test_switching_a_vat_setting_changes_the_delivered_customer(
    row: dict[str, Any], off: dict[str, Any], on: dict[str, Any], liable: bool
) -> None:
    before = customer(account(**row), context_of(settings_of(**off)))
    after = customer(account(**row), context_of(settings_of(**on)))
    assert (before["vat_liable"], after["vat_liable"]) == (not liable, liable)


def new(country: str | None, liable: bool | None, division: str | None = "NL", **settings: Any) -> NewVat:
    return vat_of_new_customer(country, liable, vat_rules(settings_of(**settings), division))


ALL = LIABLE | NOT | OUTSIDE
NEW = {
    "liable gets the first liable code": ("NL", True, ALL, NewVat(True, "2", "VatLiableCode")),
    "not liable inside the EU": ("BE", False, ALL, NewVat(False, "7", "NotVatLiableCode")),
    "not liable outside the EU": ("CH", False, ALL, NewVat(False, "6", "NotVatLiableCodeOutsideEU")),
    "outside the EU without a code of its own": ("CH", False, LIABLE | NOT, NewVat(False, "7", "NotVatLiableCode")),
    "Greece counts as EU": ("EL", False, ALL, NewVat(False, "7", "NotVatLiableCode")),
    "Northern Ireland counts as EU": ("XI", False, ALL, NewVat(False, "7", "NotVatLiableCode")),
    "the United Kingdom does not": ("GB", False, ALL, NewVat(False, "6", "NotVatLiableCodeOutsideEU")),
    "unsaid in the default country": ("NL", None, ALL, NewVat(True, "2", "VatLiableCode")),
    "unsaid elsewhere": ("BE", None, ALL, NewVat(False, "7", "NotVatLiableCode")),
    "unsaid without a country": (None, None, ALL, NewVat(True, "2", "VatLiableCode")),
    "no country uses the fall-back in the EU test": (
        None,
        False,
        ALL | {"DefaultCountryForVatLiability": "CH"},
        NewVat(False, "6", "NotVatLiableCodeOutsideEU"),
    ),
    "the country's code wins when liable": (
        "DE",
        True,
        ALL | {"VatCodeBasedOnCountryCode": "DE=D19;FR=F20"},
        NewVat(True, "D19", "VatCodeBasedOnCountryCode"),
    ),
    "the country's code wins when not liable": (
        "DE",
        False,
        ALL | {"VatCodeBasedOnCountryCode": "DE=D19"},
        NewVat(False, "D19", "VatCodeBasedOnCountryCode"),
    ),
    "another country keeps the normal tree": (
        "NL",
        True,
        ALL | {"VatCodeBasedOnCountryCode": "DE=D19"},
        NewVat(True, "2", "VatLiableCode"),
    ),
    "nothing configured leaves the code out": ("NL", True, {}, NewVat(True, None, None)),
    "no code for not liable leaves it out": ("BE", False, LIABLE, NewVat(False, None, None)),
}


@pytest.mark.parametrize(("country", "liable", "settings", "expected"), NEW.values(), ids=NEW)
def test_a_new_customer_gets_the_code_of_the_first_rule_that_holds(
    country: str | None, liable: bool | None, settings: dict[str, Any], expected: NewVat
) -> None:
    assert new(country, liable, **settings) == expected


def test_the_european_union_has_27_members() -> None:
    assert len(EU_COUNTRIES) == 27
    assert {"CH", "GB", "NO", "US"}.isdisjoint(EU_COUNTRIES)
    assert is_in_eu(" gr ")


def test_a_padded_code_is_found_in_the_list_of_vat_codes() -> None:
    rules = vat_rules(settings_of(), "NL")
    decision = decide_liability(account(SalesVATCode="d1 "), rules, by_code((vat_code("D1", "0.19"),)))
    assert (decision.liable, decision.rule) == (True, VatRule.RATE)
