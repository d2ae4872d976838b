"""Countries as the VAT rules see them: Greece has two codes, Northern Ireland counts as part of the EU."""

from __future__ import annotations

EU_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
"""The 27 member states by ISO code."""

_COUNTS_AS_EU = EU_COUNTRIES | {"EL", "XI"}
_SAME_COUNTRY = {"EL": "GR"}


def is_in_eu(country: str) -> bool:
    """Tell whether a country counts as EU for VAT; `EL` is Greece and `XI` is Northern Ireland."""
    return country.strip().upper() in _COUNTS_AS_EU


def normalised(country: str | None) -> str | None:
    """Return the trimmed code in capitals with one code per country, None for an empty one."""
    code = (country or "").strip().upper()
    return _SAME_COUNTRY.get(code, code) or None
