"""How single values of a posted order are read: texts, codes, decimals, dates. Each refusal says what to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from exact_connector import fields

T = TypeVar("T")

LONG_TEXT = 10_000
TEXT = 255
CODE = 60
LARGEST = Decimal("1e12")
QUANTITY_DECIMALS = 6
MOST_DECIMALS = 12

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_NO_GUID = "00000000-0000-0000-0000-000000000000"


def _wrong(message: str) -> PydanticCustomError:
    # Braces would be read as places to fill in.
    return PydanticCustomError("order_value", "{detail}", {"detail": message})


def _text(limit: int) -> Callable[[object], str | None]:
    def read(value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            raise _wrong("must be a text in quotes; codes are texts too, since leading zeros count")
        trimmed = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if _UNPRINTABLE.search(trimmed):
            raise _wrong("holds characters that cannot be printed; remove them")
        if len(trimmed) > limit:
            raise _wrong(f"is {len(trimmed)} characters long; at most {limit} are taken")
        return trimmed or None

    return read


def _one_line(limit: int) -> Callable[[object], str | None]:
    read = _text(limit)

    def read_line(value: object) -> str | None:
        found = read(value)
        return None if found is None else " ".join(found.split())

    return read_line


def _matching(pattern: str, what: str) -> Callable[[object], str | None]:
    compiled, read = re.compile(pattern), _text(CODE)

    def read_code(value: object) -> str | None:
        found = read(value)
        if found is not None and not compiled.fullmatch(found.upper()):
            raise _wrong(what)
        return None if found is None else found.upper()

    return read_code


def _guid(value: object) -> str | None:
    found = _text(CODE)(value)
    if found is None:
        return None
    match = _GUID.fullmatch(found)
    if match is None:
        raise _wrong("must be an ID of the form 3f2504e0-4f89-11d3-9a0c-0305e82c3301")
    return None if match[1] == _NO_GUID else match[1].lower()


def _decimal(value: object) -> Decimal | None:
    """Read a number or a text with a decimal point; a JSON number that came as a float counts as it is written.

    What lies beyond 12 decimals is rounded away: a binary fraction may bring 16 of them, and none is ever sent.
    """
    if value is None:
        return None
    found = _as_decimal(value)
    if found is None or not found.is_finite():
        raise _wrong('must be a number with a decimal point, best as a text, say "12.50"')
    if abs(found) >= LARGEST:
        raise _wrong("is larger than 12 digits before the point; check the number")
    return found if found == round(found, MOST_DECIMALS) else fields.round_half_up(found, MOST_DECIMALS)


def _as_decimal(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None


def _quantity(value: object) -> Decimal | None:
    found = _decimal(value)
    if found is not None and found != round(found, QUANTITY_DECIMALS):
        raise _wrong(f"has more than {QUANTITY_DECIMALS} decimals; round it")
    return found


def _percentage(value: object) -> Decimal | None:
    found = _decimal(value)
    if found is not None and not 0 <= found <= 100:
        raise _wrong("must lie between 0 and 100")
    return found


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise _wrong("must be a date that exists, written YYYY-MM-DD")


def _moment(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    found = value if isinstance(value, datetime) else _parsed_moment(value)
    if found is None or found.tzinfo is None:
        raise _wrong("must be a date with a time and an offset, say 2025-06-10T09:30:00+02:00")
    return found


def _parsed_moment(value: object) -> datetime | None:
    if not isinstance(value, str) or "T" not in value.upper():
        return None
    try:
        return datetime.fromisoformat(value.strip().upper().replace("Z", "+00:00"))
    except ValueError:
        return None


def _order_number(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found = _text(CODE)(value)
    if found is not None and not re.fullmatch(r"[0-9]{1,10}", found):
        raise _wrong("must be the number of a sales order in Exact, digits only")
    return None if found is None else str(int(found))


def _needed(read: Callable[[object], T | None]) -> Callable[[object], T]:
    def read_needed(value: object) -> T:
        found = read(value)
        if found is None:
            raise _wrong("is empty; give a value")
        return found

    return read_needed


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else fields.plain(value)


def _decimal_schema(description: str) -> Any:
    number: dict[str, Any] = {"type": ["string", "number", "null"], "description": description}
    return WithJsonSchema(number)


def _text_schema(limit: int, **more: Any) -> Any:
    return WithJsonSchema({"type": ["string", "null"], "maxLength": limit, **more})


_AS_TEXT = PlainSerializer(_plain, return_type=str | None)

LongText = Annotated[str | None, BeforeValidator(_text(LONG_TEXT)), _text_schema(LONG_TEXT), Field(default=None)]
"""A text of several lines; blank is None."""
Text = Annotated[str | None, BeforeValidator(_one_line(TEXT)), _text_schema(TEXT), Field(default=None)]
"""A text on one line; blank is None, runs of white space are one space."""
CodeText = Annotated[str | None, BeforeValidator(_one_line(CODE)), _text_schema(CODE), Field(default=None)]
"""A code, trimmed; blank is None."""
NeededCode = Annotated[
    str,
    BeforeValidator(_needed(_one_line(CODE))),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": CODE}),
]
ExternalId = Annotated[str | None, BeforeValidator(_one_line(100)), _text_schema(100), Field(default=None)]
"""The client's own number of an order."""
Guid = Annotated[str | None, BeforeValidator(_guid), _text_schema(38, format="uuid"), Field(default=None)]
"""An ID of Exact in small letters; the all-zero one is None."""
Currency = Annotated[
    str | None,
    BeforeValidator(_matching("[A-Z]{3}", "must be a currency code of three letters, say EUR")),
    _text_schema(3),
    Field(default=None),
]
Country = Annotated[
    str | None,
    BeforeValidator(_matching("[A-Z]{2}", "must be a country code of two letters, say NL")),
    _text_schema(2),
    Field(default=None),
]
OrderNumber = Annotated[
    str | None, BeforeValidator(_order_number), WithJsonSchema({"type": ["string", "integer", "null"]})
]
Money = Annotated[Decimal | None, BeforeValidator(_decimal), _AS_TEXT, _decimal_schema("an amount of money")]
Quantity = Annotated[Decimal | None, BeforeValidator(_quantity), _AS_TEXT, _decimal_schema("a quantity")]
NeededQuantity = Annotated[
    Decimal,
    BeforeValidator(_needed(_quantity)),
    _AS_TEXT,
    WithJsonSchema({"type": ["string", "number"], "description": "a quantity"}),
]
Percentage = Annotated[Decimal | None, BeforeValidator(_percentage), _AS_TEXT, _decimal_schema("0 to 100")]
Day = Annotated[date | None, BeforeValidator(_day), WithJsonSchema({"type": ["string", "null"], "format": "date"})]
Moment = Annotated[
    datetime | None, BeforeValidator(_moment), WithJsonSchema({"type": ["string", "null"], "format": "date-time"})
]
