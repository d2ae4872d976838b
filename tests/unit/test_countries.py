"""The list of countries: whole, and each name in it with one meaning."""

from __future__ import annotations

from exact_connector import countries
from exact_connector.countries import CODES, EU_COUNTRIES, country_code, is_in_eu, normalised


def test_there_are_the_countries_of_iso_3166_with_northern_ireland_and_kosovo() -> None:
    pairs = countries._PAIRS.split()

    assert len(pairs) == len({pair[:2] for pair in pairs}) == len({pair[2:] for pair in pairs}) == 249
    assert {"XI", "XK"} == CODES - {pair[:2] for pair in pairs}
    assert all(pair.isalpha() and pair.isupper() and len(pair) == 5 for pair in pairs)


def test_every_name_means_a_country_of_the_list() -> None:
    lines = [line.partition("=") for line in countries._NAMES.strip().splitlines()]
    names = [name for _, _, joined in lines for name in joined.split(",")]

    assert {code for code, _, _ in lines} <= CODES
    assert len(names) == len(set(names))
    assert all(country_code(name.title()) == code for code, _, joined in lines for name in joined.split(","))


def test_the_eu_is_part_of_the_list() -> None:
    assert EU_COUNTRIES <= CODES
    assert [is_in_eu(code) for code in ("EL", "XI", "UK", "GB", "nl ")] == [True, True, False, False, True]


def test_any_text_is_taken_from_exact() -> None:
    assert [normalised(code) for code in (" uk ", "EL", "XX", "", None)] == ["GB", "GR", "XX", None, None]
