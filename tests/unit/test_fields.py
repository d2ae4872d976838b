"""Values of Exact's rows."""

from __future__ import annotations

from datetime import date

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
