"""Single values as clients write them, read into one form: texts, numbers, dates, flags, IDs, countries.

PHP, .NET, Java and JavaScript write the same value in several ways: 12, 12.0 or "12.00"; 1, "true" or true; a date with
a time and a zone; a letter composed or decomposed, or as an HTML entity. Whatever has one meaning is taken. What has
none or two (1,5 or 05/06/2025) is refused, and the message says what to write. An empty text counts as absent.
"""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from html.entities import html5

from exact_connector import fields
from exact_connector.clock import EXACT_ZONE
from exact_connector.countries import country_code

LARGEST = Decimal("1e12")
SMALLEST_EXPONENT = -30
MOST_DECIMALS = 12
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Dates outside are mistakes: .NET writes the year 1 for "no date", and 9999 for "never"."""

_SHOWN = 30
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_GUID = re.compile(r"\{?([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})\}?")
_NO_GUID = "00000000-0000-0000-0000-000000000000"
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,4})?")
_THOUSANDS_COMMA = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+")
_COMMA_DECIMALS = re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]{3})+|[+-]?[0-9]+),([0-9]+)")
_POINT_DECIMALS = re.compile(r"([+-]?[0-9]{1,3}(?:,[0-9]{3})+)\.([0-9]+)")
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_ZONE_NAME = re.compile(r"\[[A-Za-z_/+-]+\]$")
_CLOCK = re.compile(r"[T ]([0-9:.,]+)\s*(Z|[+-][0-9]{2}:?[0-9]{2})?", re.IGNORECASE)
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class WrongValueError(ValueError):
    """A value that cannot be taken; the message says what was seen and what to write."""


def cleaned(text: str) -> str:
    """Return a text in one form: composed letters, real characters for HTML entities, line feeds, no blanks around."""
    found = _ENTITY.sub(_character, text) if "&" in text else text
    found = unicodedata.normalize("NFC", found).translate(_INVISIBLE).replace("\u00a0", " ")
    return found.replace("\r\n", "\n").replace("\r", "\n").strip()


def _character(entity: re.Match[str]) -> str:
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]


def text_value(value: object, *, limit: int, numbers: bool = False, one_line: bool = True) -> str | None:
    """Return a text, None for a blank one; ``numbers``: a whole number is taken as its digits.

    On one line runs of white space become one space. Raises WrongValueError.
    """
    if value is None:
        return None
    found = cleaned(_as_text(value, numbers=numbers))
    if _UNPRINTABLE.search(found):
        raise WrongValueError("contains characters that cannot be printed; remove them")
    found = " ".join(found.split()) if one_line else found
    if len(found) > limit:
        raise WrongValueError(f"is {len(found)} characters long; at most {limit} are taken")
    return found or None


def _as_text(value: object, *, numbers: bool) -> str:
    if isinstance(value, str):
        return value
    whole = _whole(value)
    if whole is None:
        raise WrongValueError("must be a text in quotes")
    if not numbers:
        raise WrongValueError(
            f'is the number {whole}; write a text in quotes, "{whole}", with its leading zeros if it has any'
        )
    return str(whole)


def _whole(value: object) -> int | None:
    """Return a whole number of at most 30 digits, also one that is written as 12.0; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    found = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    small = found.is_finite() and found.adjusted() < -SMALLEST_EXPONENT
    return int(found) if small and found == found.to_integral_value() else None


def guid_value(value: object) -> str | None:
    """Return an ID of Exact in small letters with dashes, None for a blank or all-zero one; raises WrongValueError."""
    found = text_value(value, limit=60)
    if found is None:
        return None
    match = _GUID.fullmatch(found)
    if match is None:
        raise WrongValueError("must be an ID of the form 3f2504e0-4f89-11d3-9a0c-0305e82c3301")
    joined = "-".join(match.groups()).lower()
    return None if joined == _NO_GUID else joined


def decimal_value(value: object) -> Decimal | None:
    """Return a number, None for a blank one; a float counts as it is written. Raises WrongValueError.

    What lies beyond 12 decimals is rounded away: a binary fraction may bring 16 of them, and none is ever sent.
    """
    if value is None:
        return None
    found = _as_decimal(value)
    if found is None:
        return None
    if not found.is_finite():
        raise WrongValueError(_no_number(value))
    if found and found.adjusted() >= LARGEST.adjusted():
        raise WrongValueError("is larger than 12 digits before the point; check the number")
    if found.adjusted() < SMALLEST_EXPONENT:
        return Decimal(0)
    return found if found == round(found, MOST_DECIMALS) else fields.round_half_up(found, MOST_DECIMALS)


def _as_decimal(value: object) -> Decimal | None:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(str(value))
    if not isinstance(value, str):
        raise WrongValueError(_no_number(value))
    text = cleaned(value)
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise WrongValueError(_no_number(text))
    return Decimal(text)


def _no_number(value: object) -> str:
    wanted = 'write a number with a decimal point and nothing else, best as a text, say "12.50"'
    if not isinstance(value, str):
        return f"is no number; {wanted}"
    seen = shown(value)
    bare = re.sub(r"[\s%€$£']|EUR|USD|GBP", "", value)
    if _THOUSANDS_COMMA.fullmatch(bare) and bare.count(",") == 1:
        whole, _, rest = bare.partition(",")
        return f"is {seen}, which may mean {whole}.{rest} or {whole}{rest}; {wanted}"
    for pattern in (_COMMA_DECIMALS, _POINT_DECIMALS):
        if match := pattern.fullmatch(bare):
            digits = re.sub("[.,]", "", match[1])
            return f'is {seen}; write a decimal point and no thousands separators: "{digits}.{match[2]}"'
    if _NUMBER.fullmatch(bare):
        return f'is {seen}; write the number alone: "{bare}"'
    return f"is {seen}, no number; {wanted}"


def flag_value(value: object) -> bool | None:
    """Return a flag from true, 1, "true", "yes" and their opposites, None for a blank; raises WrongValueError."""
    if value is None or isinstance(value, bool):
        return value
    whole = _whole(value)
    text = str(whole) if whole is not None else value.strip().casefold() if isinstance(value, str) else "?"
    if text and text not in _FLAGS:
        raise WrongValueError("must be true, false or null")
    return _FLAGS.get(text)


def day_value(value: object) -> date | None:
    """Return a calendar date in Europe/Amsterdam, None for a blank; raises WrongValueError.

    A date with a time and a zone is the day on which that moment falls in Amsterdam; midnight of any zone is the date
    as it is written, since that is how programs write a date without a time.
    """
    if value is None or value == "":
        return None
    found = value if isinstance(value, date) and not isinstance(value, datetime) else _written_day(value)
    if found is None:
        raise WrongValueError(f"must be a date that exists, written YYYY-MM-DD{_day_hint(value)}")
    return _in_range(found)


def _in_range(found: date) -> date:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise WrongValueError(
            f"is in the year {found.year}; send a date from {FIRST_YEAR} to {LAST_YEAR}, or leave the field out"
        )
    return found


def _written_day(value: object) -> date | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _DAY.fullmatch(text):
        return _date(*(int(part) for part in _DAY.fullmatch(text).groups()))  # type: ignore[union-attr]
    moment = _written_moment(text)
    if moment is None:
        return None
    midnight = moment.time() == time()
    return moment.date() if moment.tzinfo is None or midnight else moment.astimezone(EXACT_ZONE).date()


def _written_moment(text: str) -> datetime | None:
    """Read a date with a time, with or without a zone; None for anything else."""
    if not _CLOCK.search(text) or not _DAY.match(text):
        return None
    bare = _ZONE_NAME.sub("", text).upper().replace("Z", "+00:00").replace(" +", "+")
    try:
        return datetime.fromisoformat(bare)
    except ValueError:
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_hint(value: object) -> str:
    match = _DAY_FIRST.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return ""
    found = _date(int(match[3]), int(match[2]), int(match[1]))
    # 05/06/2025 is June to some and May to others.
    return f", say {found.isoformat()}" if found is not None and found.day > 12 else ""


def moment_value(value: object) -> datetime | None:
    """Return a moment with its offset, None for a blank; raises WrongValueError."""
    if value is None or value == "":
        return None
    found = value if isinstance(value, datetime) else _written_moment(value.strip()) if isinstance(value, str) else None
    if found is None or found.tzinfo is None:
        raise WrongValueError("must be a date with a time and an offset, say 2025-06-10T09:30:00+02:00")
    _in_range(found.date())
    return found


def country_value(value: object) -> str | None:
    """Return the ISO code of a country, None for a blank; UK is GB, EL is GR, usual names are known.

    Raises WrongValueError for what is no country.
    """
    text = text_value(value, limit=60)
    if text is None:
        return None
    code = country_code(text)
    if code is None:
        raise WrongValueError(f"is {shown(text)}, no country; write its code of two letters (ISO 3166-1), say NL")
    return code


def shown(text: str) -> str:
    """Quote what was seen, at most 30 characters of it."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
