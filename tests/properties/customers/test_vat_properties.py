"""The VAT decision answers for every account and every combination of settings, and always the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from exact_connector.catalog.codes import by_code
from exact_connector.customers.vat import VatRule, decide_liability, vat_of_new_customer, vat_rules
from exact_connector.fields import Row
from exact_connector.settings.model import Settings

CODES = st.sampled_from(["", "0", "2", "2  ", "4", "6", "7", "D19", "d19", "99"])
COUNTRIES = st.sampled_from(["", "NL", "NL ", "be", "DE", "GR", "EL", "XI", "CH", "US"])
CODE_LISTS = st.lists(CODES, max_size=3).map(";".join)
VAT_CODES: tuple[Row, ...] = tuple(
    {"ID": str(number), "Code": code, "Percentage": rate}
    for number, (code, rate) in enumerate([("0", 0), ("2", "0.21"), ("4", "0.21"), ("6", 0), ("7", 0), ("D19", "0.19")])
)


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "Country": draw(st.none() | COUNTRIES),
        "SalesVATCode": draw(st.none() | CODES),
        "VATLiability": draw(st.sampled_from([None, "", "L", "l", "N", "  "])),
    }


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    return Settings(
        VatLiableCode=draw(CODE_LISTS),
        NotVatLiableCode=draw(CODE_LISTS),
        NotVatLiableCodeOutsideEU=draw(CODE_LISTS),
        VatCodeBasedOnCountryCode=draw(st.sampled_from(["", "DE=D19", "DE=D19;NL=2", "EL=7", "nonsense"])),
        UseVatLiabilityForDefaultCountry=draw(st.booleans()),
        DefaultCountryForVatLiability=draw(st.sampled_from(["", "BE", "NL", "EL"])),
        VatLiabilityBasedOnVatRegime=draw(st.booleans()),
        VatCodeEmptyIsVatLiable=draw(st.booleans()),
    )


DIVISIONS = st.none() | COUNTRIES


@run_with(deadline=None)
@given(accounts(), settings(), DIVISIONS)
def test_every_account_gets_an_answer_with_its_rule(row: Row, chosen: Settings, division: str | None) -> None:
    decision = decide_liability(row, vat_rules(chosen, division), by_code(VAT_CODES))
    assert isinstance(decision.liable, bool)
    assert decision.rule in VatRule
    if decision.rule is VatRule.CODE_EMPTY:
        assert decision.code is None
        assert decision.liable is chosen.VatCodeEmptyIsVatLiable
    if decision.rule in (VatRule.LIABLE_CODE, VatRule.DEFAULT_COUNTRY, VatRule.NOT_IN_NOT_LIABLE_LIST):
        assert decision.liable
    if decision.rule in (VatRule.NOT_LIABLE_CODE, VatRule.NOT_IN_LIABLE_LIST, VatRule.UNKNOWN_CODE):
        assert not decision.liable


@run_with(deadline=None)
@given(accounts(), settings(), DIVISIONS, st.permutations(VAT_CODES))
def test_the_answer_does_not_depend_on_the_order_of_vat_codes_or_on_padding(
    row: dict[str, Any], chosen: Settings, division: str | None, codes: list[Row]
) -> None:
    rules = vat_rules(chosen, division)
    padded = {name: None if value is None else f" {value} " for name, value in row.items()}
    first, second = decide_liability(row, rules, by_code(VAT_CODES)), decide_liability(padded, rules, by_code(codes))
    assert (first.liable, first.rule) == (second.liable, second.rule)


@run_with(deadline=None)
@given(accounts(), settings(), DIVISIONS)
def test_the_regime_wins_over_everything(row: dict[str, Any], chosen: Settings, division: str | None) -> None:
    decision = decide_liability({**row, "VATLiability": "L"}, vat_rules(chosen, division), {})
    assert (decision.rule is VatRule.REGIME) is chosen.VatLiabilityBasedOnVatRegime


@run_with(deadline=None)
@given(st.none() | COUNTRIES, st.none() | st.booleans(), settings(), DIVISIONS)
def test_a_new_customer_gets_a_configured_code_or_none(
    country: str | None, liable: bool | None, chosen: Settings, division: str | None
) -> None:
    new = vat_of_new_customer(country, liable, vat_rules(chosen, division))
    assert liable is None or new.liable is liable
    if new.code is None:
        assert new.setting is None
    else:
        assert new.code.upper() in str(getattr(chosen, new.setting or "")).upper()
