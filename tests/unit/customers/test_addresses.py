"""The three lines in which an address is written to Exact."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.customers.addresses import AddressLines, address_lines

FULL = {"street": "Dorpsstraat", "house_number": "12", "addition": "A"}
OWN = {"line2": "Gate 3", "line3": "Dock 4"}
CASES: dict[str, tuple[dict[str, Any], bool, AddressLines]] = {
    "together": (FULL, False, AddressLines("Dorpsstraat 12 A", None, None)),
    "together with own lines": (FULL | OWN, False, AddressLines("Dorpsstraat 12 A", "Gate 3", "Dock 4")),
    "together without addition": (FULL | {"addition": " "}, False, AddressLines("Dorpsstraat 12", None, None)),
    "separate": (FULL, True, AddressLines("Dorpsstraat", "12", "A")),
    "separate with own lines": (FULL | OWN, True, AddressLines("Dorpsstraat", "12", "A Gate 3 Dock 4")),
    "separate without addition": (
        FULL | OWN | {"addition": None},
        True,
        AddressLines("Dorpsstraat", "12", "Gate 3 Dock 4"),
    ),
    "number in the street, separate": (
        {"street": "Dorpsstraat 12 A"},
        True,
        AddressLines("Dorpsstraat 12 A", None, None),
    ),
    "number in the street, together": (
        {"street": "Dorpsstraat 12 A"},
        False,
        AddressLines("Dorpsstraat 12 A", None, None),
    ),
    "single spaces": (
        {"street": " Dorps  straat ", "house_number": "12"},
        False,
        AddressLines("Dorps straat 12", None, None),
    ),
    "nothing": ({"street": None}, True, AddressLines(None, None, None)),
}


@pytest.mark.parametrize(("parts", "separate", "expected"), CASES.values(), ids=CASES)
def test_an_address_is_laid_over_three_lines(parts: dict[str, Any], separate: bool, expected: AddressLines) -> None:
    assert address_lines(**parts, separate=separate) == expected
