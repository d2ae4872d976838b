"""Read the fields of an Exact row: padded codes, local dates, fractions and flags.

A row is the JSON object as Exact gave it, numbers parsed as ``Decimal`` or ``int``. Every reader answers None for a
field that is absent, null or empty text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from exact_connector.clock import EXACT_ZONE

Row = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time has no zone
_JSON_DATE = re.compile(r"^/Date\((-?\d+)\)/$")
_POSITIVE = re.compile(r"^[0-9]+([.,][0-9]+)?$")
_FLOAT_DIGITS = 15
_FLOAT = Context(prec=_FLOAT_DIGITS, rounding=ROUND_HALF_UP)
_EMPTY_GUID = "00000000-0000-0000-0000-000000000000"


def text(row: Row, name: str) -> str | None:
    """Return the trimmed text of a field; codes lose Exact's padding."""
    value = row.get(name)
    if value is None:
        return None
    trimmed = str(value).strip()
    return trimmed or None


def guid(row: Row, name: str) -> str | None:
    """Return a GUID in lower case, None for a missing or all-zero one."""
    value = text(row, name)
    return None if value is None or value == _EMPTY_GUID else value.lower()


def number(row: Row, name: str) -> Decimal | None:
    """Return a number as an exact decimal."""
    value = row.get(name)
    if value is None or isinstance(value, bool):
        return None if value is None else Decimal(int(value))
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None


def integer(row: Row, name: str) -> int | None:
    """Return a whole number; Exact gives 64-bit ones as text or number."""
    value = number(row, name)
    return None if value is None else int(value)


def flag(row: Row, name: str) -> bool:
    """Return a flag; Exact writes booleans and 0/1 bytes side by side, missing counts as false."""
    value = row.get(name)
    return value in (True, 1, "1", "true", "True")


def moment(row: Row, name: str) -> datetime | None:
    """Return a date-time as an aware moment: Exact's milliseconds count Dutch wall time as if it were UTC."""
    wall = wall_time(row.get(name))
    return None if wall is None else wall.replace(tzinfo=EXACT_ZONE)


def day(row: Row, name: str) -> date | None:
    """Return the calendar date of a date field."""
    wall = wall_time(row.get(name))
    return None if wall is None else wall.date()


def wall_time(value: object) -> datetime | None:
    """Decode ``/Date(ms)/`` or ISO text into naive Dutch wall time; None for anything else.

    A date beyond the calendar (year 10000, say) is None too: as an end or a start it means that there is none.
    """
    if not isinstance(value, str):
        return None
    match = _JSON_DATE.match(value)
    if match:
        try:
            return _EPOCH + timedelta(milliseconds=int(match[1]))
        except OverflowError:
            return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def active_on(row: Row, today: date, start: str = "StartDate", end: str = "EndDate") -> bool:
    """Tell whether a date lies in the row's window, both ends included, an empty end open."""
    first, last = day(row, start), day(row, end)
    return (first is None or first <= today) and (last is None or last >= today)


def positive(value: object) -> Decimal | None:
    """Read a positive number from a number or a text (comma or point as decimal mark), None for anything else."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value) if value > 0 else None
    if isinstance(value, str) and _POSITIVE.match(value.strip()):
        found = Decimal(value.strip().replace(",", "."))
        return found if found > 0 else None
    return None


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Round half away from zero to that many decimals."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def plain(value: Decimal, *, least: int = 0) -> str:
    """Write a decimal without exponent and trailing zeros, with at least ``least`` decimals.

    Exact computes with binary floats and sends what comes out, such as 0.15000000000000002 for 15 %. A float is exact
    to 15 digits; what a fraction holds beyond them is left out.
    """
    shown = format(value.normalize(), "f") if value else "0"
    if len(shown) > _FLOAT_DIGITS and 0 < shown.find(".") < _FLOAT_DIGITS - 2:
        shown = format(_FLOAT.plus(value).normalize(), "f")
    whole, _, fraction = shown.partition(".")
    fraction = fraction.ljust(least, "0")
    return f"{whole}.{fraction}" if fraction else whole
