"""Windows of validity: the next date on which one of them opens or has closed."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from exact_connector import fields
from exact_connector.fields import Row

_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=8192)
def day_of_text(text: str) -> date | None:
    """Return the calendar date in Exact's text. Dates repeat a lot between rows, so what was read is kept."""
    return fields.day({"date": text}, "date")


def day_of(row: Row, name: str) -> date | None:
    """Return the calendar date of a date field."""
    value = row.get(name)
    return day_of_text(value) if isinstance(value, str) else None


def day_after(day: date) -> date | None:
    """Return the next date; None after 31 December 9999, which Exact writes for "never"."""
    return day + _ONE_DAY if day < date.max else None


def next_boundary(start: date | None, end: date | None, today: date) -> date | None:
    """Return the next date after today on which a window (both ends included, None open) opens or has closed."""
    if start is not None and start > today and (end is None or end >= start):
        return start
    return day_after(end) if end is not None and end >= today else None


def holds(start: date | None, end: date | None, today: date) -> bool:
    """Tell whether a date lies in a window, both ends included, None open."""
    return (start is None or start <= today) and (end is None or end >= today)


def earliest(*days: date | None) -> date | None:
    """Return the first of some dates, None when all are None."""
    known = [day for day in days if day is not None]
    return min(known) if known else None
