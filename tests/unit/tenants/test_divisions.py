"""The administration is matched by its exact name or its number, never by something that comes near."""

from __future__ import annotations

import pytest

from exact_connector.tenants.divisions import Division, DivisionNotFound, match_division, read_division

DIVISIONS = [
    Division(1001, "1", "De Groothandel B.V.", usable=True),
    Division(1002, "2", "de groothandel b.v.", usable=True),
    Division(1003, "3", "De Groothandel  B.V.", usable=True),
    Division(1004, "4", "Fietsland", usable=False),
    Division(1005, "5", "Dubbel", usable=True),
    Division(1006, "1001", "Dubbel", usable=True),
    Division(1007, "8", "1003", usable=True),
]


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        pytest.param("De Groothandel B.V.", None, 1001, id="exact-name"),
        pytest.param("de groothandel b.v.", None, 1002, id="capitals-count"),
        pytest.param("De Groothandel  B.V.", None, 1003, id="spaces-count"),
        pytest.param(None, 1002, 1002, id="code"),
        pytest.param(None, 5, 1005, id="number-that-users-see"),
        pytest.param(None, 1001, 1001, id="a-code-beats-a-number"),
        pytest.param("Dubbel", 1006, 1006, id="a-number-tells-namesakes-apart"),
        pytest.param("1002", None, 1002, id="a-code-typed-as-the-name"),
        pytest.param(" 5 ", None, 1005, id="a-number-that-users-see-typed-as-the-name"),
        pytest.param("1001", None, 1001, id="a-code-typed-as-the-name-beats-a-number"),
        pytest.param("1003", None, 1007, id="a-name-of-digits-is-a-name-first"),
    ],
)
def test_exactly_one_administration_is_found(name: str | None, number: int | None, code: int) -> None:
    assert match_division(DIVISIONS, name=name, number=number).code == code


@pytest.mark.parametrize(
    ("name", "number", "says"),
    [
        pytest.param("DE GROOTHANDEL B.V.", None, "'De Groothandel B.V.', 'de groothandel b.v.'", id="near-miss"),
        pytest.param(" De Groothandel B.V. ", None, "capitals and spaces count", id="spaces-around"),
        pytest.param("Fietsland", None, "archived or blocked", id="archived"),
        pytest.param("Dubbel", None, "Several administrations", id="namesakes"),
        pytest.param("Elders", None, "among those that the consent covers", id="unknown-name"),
        pytest.param(None, 77, "the number 77", id="unknown-number"),
        pytest.param("77", None, "the name '77'", id="unknown-number-typed-as-the-name"),
        pytest.param("١٠٠٢", None, "among those", id="digits-of-another-script"),
        pytest.param("Fietsland", 1001, "and the number 1001", id="name-and-number-disagree"),
    ],
)
def test_anything_else_is_refused_in_words(name: str | None, number: int | None, says: str) -> None:
    with pytest.raises(DivisionNotFound) as caught:
        match_division(DIVISIONS, name=name, number=number)
    assert says in caught.value.message


def test_an_empty_consent_is_named_as_such() -> None:
    with pytest.raises(DivisionNotFound, match="tick the company"):
        match_division([], name="X", number=None)


def test_a_row_of_exact_is_read_with_its_name_untouched() -> None:
    row = {"Code": 12, "Hid": "7", "Description": " Spatie ", "Status": 1, "BlockingStatus": 0, "Country": "NL "}
    assert read_division(row) == Division(12, "7", " Spatie ", usable=True, country="NL")
    assert not read_division({**row, "Status": 2}).usable
    assert not read_division({**row, "BlockingStatus": 3}).usable
