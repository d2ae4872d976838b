"""Customers that clients post and edit: every fault with its place."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.customer_requests.input import content_of, read_customer_edit, read_new_customer
from exact_connector.errors import InvalidInput

FULL = {
    "name": "Jansen BV",
    "country": "nl",
    "vat_liable": False,
    "vat_number": "NL001234567B01",
    "email": "info@jansen.example",
    "phone": "020-1",
    "street": "Dorpsstraat",
    "house_number": 12,
    "house_number_addition": "A",
    "address_line2": "Gate 3",
    "address_line3": " ",
    "postcode": "1234 AB",
    "city": "Utrecht",
    "language_code": "nl",
    "status": "p",
    "external_id": "web-1",
}


def test_every_field_is_read_trimmed_and_normalised() -> None:
    found = read_new_customer(FULL)
    assert found.values == FULL | {"country": "NL", "house_number": "12", "address_line3": None, "status": "P"}
    assert found.vat_liable is False


OTHER_WRITINGS: dict[str, dict[str, Any]] = {
    "UK for GB": {"country": "GB"},
    "a country by name": {"country": "United Kingdom"},
    "a flag of MySQL": {"vat_liable": 0},
    "a flag of PHP": {"vat_liable": "false"},
    "a house number as a text": {"house_number": "12"},
    "a house number as a float": {"house_number": 12.0},
    "HTML entities": {"name": "Jansen &amp; Zn"},
    "a decomposed letter": {"city": "Zoe\u0301"},
    "the language of WordPress": {"language_code": "nl_NL"},
    "blanks": {"name": " Jansen  & Zn "},
    "null for empty": {"address_line3": None},
    "a number as id": {"external_id": 7},
}


@pytest.mark.parametrize("change", OTHER_WRITINGS.values(), ids=OTHER_WRITINGS)
def test_the_same_customer_in_another_writing_says_the_same(change: dict[str, Any]) -> None:
    posted = FULL | {"country": "UK", "name": "Jansen & Zn", "city": "Zo\u00e9", "external_id": "7"}

    assert content_of(posted | change) == content_of(posted)
    assert content_of(posted | {"city": "Ede"}) != content_of(posted)
    assert content_of({"country": "XX"}) is None


def test_a_name_is_all_that_is_needed() -> None:
    assert read_new_customer({"name": " Jansen "}).values == {"name": "Jansen"}
    assert read_new_customer({"name": "Jansen"}).vat_liable is None


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no name": ({"name": None}, "/name", "REQUIRED"),
    "blank name": ({"name": "  "}, "/name", "REQUIRED"),
    "name is a number": ({"name": 5}, "/name", "INVALID_VALUE"),
    "unprintable characters": ({"name": "Jan\x00sen"}, "/name", "INVALID_VALUE"),
    "broken Unicode": ({"name": "Jan\ud800sen"}, "/name", "INVALID_VALUE"),
    "no country": ({"country": "XX"}, "/country", "INVALID_VALUE"),
    "postcode is a number": ({"postcode": 1067}, "/postcode", "INVALID_VALUE"),
    "telephone is a number": ({"phone": 612345678}, "/phone", "INVALID_VALUE"),
    "name without an end": ({"name": "x" * 256}, "/name", "INVALID_VALUE"),
    "no e-mail address": ({"email": "jansen"}, "/email", "INVALID_VALUE"),
    "flag as text": ({"vat_liable": "perhaps"}, "/vat_liable", "INVALID_VALUE"),
    "unknown status": ({"status": "A"}, "/status", "INVALID_VALUE"),
    "house number is a flag": ({"house_number": True}, "/house_number", "INVALID_VALUE"),
    "unknown language": ({"language_code": "Dutch"}, "/language_code", "INVALID_VALUE"),
    "unknown field": ({"e/mail~": "x"}, "/e~1mail~0", "UNKNOWN_FIELD"),
}


@pytest.mark.parametrize(("change", "pointer", "code"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_field_is_named_with_its_place(change: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_new_customer(FULL | change)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [(pointer, code)]


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_new_customer({"country": "X", "email": "x", "odd": 1})
    assert {fault.pointer for fault in caught.value.faults} == {"/country", "/email", "/odd", "/name"}


def test_an_edit_may_empty_a_field_but_not_name_country_and_status() -> None:
    assert read_customer_edit({"phone": None, "email": ""}).values == {"phone": None, "email": None}
    with pytest.raises(InvalidInput) as caught:
        read_customer_edit({"name": None, "country": "", "status": None})
    assert [fault.pointer for fault in caught.value.faults] == ["/name", "/country", "/status"]


def test_an_edit_has_no_external_id() -> None:
    with pytest.raises(InvalidInput):
        read_customer_edit({"external_id": "web-1"})
