"""Values of Exact's rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from exact_connector import fields


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        pytest.param("/Date(1763769600123)/", "2025-11-22T00:00:00.123000", id="milliseconds"),
        pytest.param("/Date(-2208988800000)/", "1900-01-01T00:00:00", id="before 1970"),
        pytest.param("/Date(-62135596800000)/", "0001-01-01T00:00:00", id="the first day of the calendar"),
        pytest.param("/Date(253402300799999)/", "9999-12-31T23:59:59.999000", id="its last millisecond"),
        pytest.param("/Date(253402300800000)/", None, id="the year 10000"),
        pytest.param("/Date(-62135596800001)/", None, id="before the year 1"),
        pytest.param("/Date(99999999999999999999)/", None, id="no date of this world"),
        pytest.param("2026-06-25T10:11:12", "2026-06-25T10:11:12", id="ISO"),
        pytest.param("soon", None, id="no date"),
    ],
)
def test_a_date_of_exact_is_wall_time_to_the_millisecond(text: str, wall: str | None) -> None:
    found = fields.wall_time(text)
    assert (None if found is None else found.isoformat()) == wall


def test_an_end_beyond_the_calendar_is_no_end() -> None:
    row = {"StartDate": "/Date(-62135596800001)/", "EndDate": "/Date(253402300800000)/"}
    assert fields.active_on(row, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("value", "least", "shown"),
    [
        pytest.param("15.000000000000002", 0, "15", id="a percentage of a binary float"),
        pytest.param("0.30000000000000004", 0, "0.3", id="a sum of binary floats"),
        pytest.param("-0.10000000000000001", 2, "-0.10", id="below zero"),
        pytest.param("1234567.1000000001", 0, "1234567.1", id="a larger one"),
        pytest.param("123456789.123456", 0, "123456789.123456", id="fifteen digits stay"),
        pytest.param("0.000000123456", 0, "0.000000123456", id="noughts in front do not count"),
        pytest.param("12345678901234567890", 0, "12345678901234567890", id="a whole number stays"),
        pytest.param("123456789012345.67", 0, "123456789012345.67", id="so does one too large to be a float's"),
        pytest.param("1E+5", 2, "100000.00", id="no exponent"),
        pytest.param("0.00", 0, "0", id="zero"),
    ],
)
def test_a_decimal_is_written_without_what_binary_floats_leave_behind(value: str, least: int, shown: str) -> None:
    assert fields.plain(Decimal(value), least=least) == shown
