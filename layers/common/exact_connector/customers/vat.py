"""VAT liability of a customer, and the VAT code that a new customer gets.

The decision is total: every account gets an answer, with the rule that gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from exact_connector import fields
from exact_connector.countries import is_in_eu, normalised
from exact_connector.fields import Row
from exact_connector.settings import parsed
from exact_connector.settings.model import Settings


class VatRule(StrEnum):
    """The rule that decided, in the order in which the rules are tried."""

    REGIME = "vat_regime"
    DEFAULT_COUNTRY = "default_country"
    CODE_EMPTY = "code_empty"
    LIABLE_CODE = "liable_code"
    NOT_LIABLE_CODE = "not_liable_code"
    NOT_IN_LIABLE_LIST = "not_in_liable_list"
    NOT_IN_NOT_LIABLE_LIST = "not_in_not_liable_list"
    RATE = "rate"
    UNKNOWN_CODE = "unknown_code"


@dataclass(frozen=True, slots=True)
class VatDecision:
    """Whether the customer is charged VAT, by which rule, and the VAT code that counted (None: no code)."""

    liable: bool
    rule: VatRule
    code: str | None


@dataclass(frozen=True, slots=True)
class VatRules:
    """The VAT settings of a tenant, read once: code lists in capitals, countries with one code each."""

    by_regime: bool
    default_country_is_liable: bool
    empty_code_is_liable: bool
    default_country: str | None
    liable_codes: tuple[str, ...]
    not_liable_codes: tuple[str, ...]
    not_liable_codes_outside_eu: tuple[str, ...]
    code_by_country: Mapping[str, str]


def vat_rules(settings: Settings, division_country: str | None) -> VatRules:
    """Read the VAT settings; the division's country stands in for an empty `DefaultCountryForVatLiability`."""
    return _vat_rules(settings, normalised(division_country))


@lru_cache(maxsize=64)
def _vat_rules(settings: Settings, division_country: str | None) -> VatRules:
    by_country = {
        normalised(country) or country: code for country, code in parsed.vat_code_by_country(settings).items()
    }
    return VatRules(
        by_regime=settings.VatLiabilityBasedOnVatRegime,
        default_country_is_liable=settings.UseVatLiabilityForDefaultCountry,
        empty_code_is_liable=settings.VatCodeEmptyIsVatLiable,
        default_country=normalised(settings.DefaultCountryForVatLiability) or division_country,
        liable_codes=_codes(settings.VatLiableCode),
        not_liable_codes=_codes(settings.NotVatLiableCode),
        not_liable_codes_outside_eu=_codes(settings.NotVatLiableCodeOutsideEU),
        code_by_country=by_country,
    )


def decide_liability(account: Row, rules: VatRules, vat_codes: Mapping[str, Row]) -> VatDecision:
    """Decide whether a customer is charged VAT, and say by which rule.

    `account` is a row of `crm/Accounts`; `vat_codes` maps the trimmed code in capitals to its row of `vat/VATCodes`.
    Never fails: a code that is configured nowhere and unknown to Exact counts as not liable (`UNKNOWN_CODE`).
    """
    country = normalised(fields.text(account, "Country")) or rules.default_country
    code = _effective_code(account, rules, country)
    liable, rule = _by_account(account, rules, country) or _by_code(code, rules, vat_codes)
    return VatDecision(liable, rule, code)


def _effective_code(account: Row, rules: VatRules, country: str | None) -> str | None:
    own = fields.text(account, "SalesVATCode")
    return own if own is not None else rules.code_by_country.get(country or "")


def _by_account(account: Row, rules: VatRules, country: str | None) -> tuple[bool, VatRule] | None:
    """Decide by what overrules the VAT code: the Belgian regime, then the default country."""
    regime = fields.text(account, "VATLiability") if rules.by_regime else None
    if regime is not None:
        return regime.upper() == "L", VatRule.REGIME
    if rules.default_country_is_liable and country == rules.default_country:
        return True, VatRule.DEFAULT_COUNTRY
    return None


def _by_code(code: str | None, rules: VatRules, vat_codes: Mapping[str, Row]) -> tuple[bool, VatRule]:
    if code is None:
        return rules.empty_code_is_liable, VatRule.CODE_EMPTY
    key = code.upper()
    not_liable = rules.not_liable_codes + rules.not_liable_codes_outside_eu
    if key in rules.liable_codes:
        return True, VatRule.LIABLE_CODE
    if key in not_liable:
        return False, VatRule.NOT_LIABLE_CODE
    if rules.liable_codes:
        return False, VatRule.NOT_IN_LIABLE_LIST
    if not_liable:
        return True, VatRule.NOT_IN_NOT_LIABLE_LIST
    row = vat_codes.get(key)
    if row is None:
        return False, VatRule.UNKNOWN_CODE
    return (fields.number(row, "Percentage") or 0) > 0, VatRule.RATE


@dataclass(frozen=True, slots=True)
class NewVat:
    """What a new customer gets: liable or not, the VAT code (None: leave it to Exact) and the setting it came from."""

    liable: bool
    code: str | None
    setting: str | None


def vat_of_new_customer(country: str | None, liable: bool | None, rules: VatRules) -> NewVat:  # noqa: FBT001
    """Choose the sales VAT code of a new customer.

    `liable` is what the client said; None means liable exactly in the default country. A country without a code is the
    default country. The mapped code of the country wins over the liability.
    """
    home = normalised(country) or rules.default_country
    is_liable = home == rules.default_country if liable is None else liable
    setting, code = _new_code(home, rules, is_liable=is_liable)
    return NewVat(is_liable, code, setting if code else None)


def _new_code(country: str | None, rules: VatRules, *, is_liable: bool) -> tuple[str, str | None]:
    if mapped := rules.code_by_country.get(country or ""):
        return "VatCodeBasedOnCountryCode", mapped
    if is_liable:
        return "VatLiableCode", _first(rules.liable_codes)
    outside = country is not None and not is_in_eu(country)
    if outside and rules.not_liable_codes_outside_eu:
        return "NotVatLiableCodeOutsideEU", rules.not_liable_codes_outside_eu[0]
    return "NotVatLiableCode", _first(rules.not_liable_codes)


def _first(codes: tuple[str, ...]) -> str | None:
    return codes[0] if codes else None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.upper() for code in parsed.codes(text))
