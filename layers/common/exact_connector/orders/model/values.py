"""How single values of a posted order are read, as field types: texts, codes, decimals, dates.

The reading itself is `client_values`; here stand the limits, what each field takes, and its JSON schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from exact_connector import client_values, fields
from exact_connector.client_values import WrongValueError

T = TypeVar("T")

LONG_TEXT = 10_000
TEXT = 255
CODE = 60
EXTERNAL_ID = 100
QUANTITY_DECIMALS = 6


def _reader(read: Callable[[object], T]) -> BeforeValidator:
    """Return a validator whose refusal carries the message as it is."""

    def validate(value: object) -> T:
        try:
            return read(value)
        except WrongValueError as error:
            # Braces would be read as places to fill in.
            raise PydanticCustomError("order_value", "{detail}", {"detail": str(error)}) from None

    return BeforeValidator(validate)


def _text(limit: int, *, one_line: bool = True, numbers: bool = False) -> Callable[[object], str | None]:
    def read(value: object) -> str | None:
        return client_values.text_value(value, limit=limit, numbers=numbers, one_line=one_line)

    return read


def _matching(pattern: str, what: str) -> Callable[[object], str | None]:
    compiled, read = re.compile(pattern), _text(CODE)

    def read_code(value: object) -> str | None:
        found = read(value)
        if found is not None and not compiled.fullmatch(found.upper()):
            raise WrongValueError(what)
        return None if found is None else found.upper()

    return read_code


def _quantity(value: object) -> Decimal | None:
    found = client_values.decimal_value(value)
    if found is not None and found != round(found, QUANTITY_DECIMALS):
        rounded = fields.plain(fields.round_half_up(found, QUANTITY_DECIMALS))
        raise WrongValueError(f'has more than {QUANTITY_DECIMALS} decimals; round it, say to "{rounded}"')
    return found


def _percentage(value: object) -> Decimal | None:
    found = client_values.decimal_value(value)
    if found is not None and not 0 <= found <= 100:
        raise WrongValueError("must lie between 0 and 100")
    return found


def _order_number(value: object) -> str | None:
    found = _text(CODE, numbers=True)(value)
    if found is not None and not re.fullmatch(r"[0-9]{1,10}", found):
        raise WrongValueError("must be the number of a sales order in Exact, digits only")
    return None if found is None else str(int(found))


def _needed(read: Callable[[object], T | None]) -> Callable[[object], T]:
    def read_needed(value: object) -> T:
        found = read(value)
        if found is None:
            raise WrongValueError("is empty; give a value")
        return found

    return read_needed


def _word(value: object) -> object:
    """Return a word of a fixed set in small letters; what is no text is refused by the set itself."""
    return client_values.cleaned(value).casefold() if isinstance(value, str) else value


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else fields.plain(value)


def _decimal_schema(description: str) -> Any:
    number: dict[str, Any] = {"type": ["string", "number", "null"], "description": description}
    return WithJsonSchema(number)


def _text_schema(limit: int, *, numbers: bool = False, **more: Any) -> Any:
    types = ["string", "integer", "null"] if numbers else ["string", "null"]
    return WithJsonSchema({"type": types, "maxLength": limit, **more})


_AS_TEXT = PlainSerializer(_plain, return_type=str | None)

LongText = Annotated[
    str | None,
    _reader(_text(LONG_TEXT, one_line=False, numbers=True)),
    _text_schema(LONG_TEXT, numbers=True),
    Field(default=None),
]
"""A text of several lines, or a whole number; blank is None."""
Text = Annotated[str | None, _reader(_text(TEXT)), _text_schema(TEXT), Field(default=None)]
"""A text on one line; blank is None, runs of white space are one space."""
TextOrNumber = Annotated[
    str | None, _reader(_text(TEXT, numbers=True)), _text_schema(TEXT, numbers=True), Field(default=None)
]
"""A text on one line in which a number loses nothing: a reference, a house number."""
CodeText = Annotated[str | None, _reader(_text(CODE)), _text_schema(CODE), Field(default=None)]
"""A code, trimmed; blank is None. A number is refused, since leading zeros count."""
AccountCode = Annotated[
    str | None, _reader(_text(CODE, numbers=True)), _text_schema(CODE, numbers=True), Field(default=None)
]
"""The code of a customer or supplier, which Exact keeps as a number padded with blanks."""
NeededCode = Annotated[
    str,
    _reader(_needed(_text(CODE))),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": CODE}),
]
ExternalId = Annotated[
    str | None,
    _reader(_text(EXTERNAL_ID, numbers=True)),
    _text_schema(EXTERNAL_ID, numbers=True),
    Field(default=None),
]
"""The client's own number of an order."""
Guid = Annotated[str | None, _reader(client_values.guid_value), _text_schema(38, format="uuid"), Field(default=None)]
"""An ID of Exact in small letters; the all-zero one is None."""
Currency = Annotated[
    str | None,
    _reader(_matching("[A-Z]{3}", "must be a currency code of three letters, say EUR")),
    _text_schema(3),
    Field(default=None),
]
Country = Annotated[
    str | None,
    _reader(client_values.country_value),
    _text_schema(60, description="A country by its code of ISO 3166-1, say NL; usual names are known."),
    Field(default=None),
]
OrderNumber = Annotated[
    str | None,
    _reader(_order_number),
    WithJsonSchema({"type": ["string", "integer", "null"]}),
    Field(default=None),
]
Money = Annotated[Decimal | None, _reader(client_values.decimal_value), _AS_TEXT, _decimal_schema("an amount of money")]
Quantity = Annotated[Decimal | None, _reader(_quantity), _AS_TEXT, _decimal_schema("a quantity")]
NeededQuantity = Annotated[
    Decimal,
    _reader(_needed(_quantity)),
    _AS_TEXT,
    WithJsonSchema({"type": ["string", "number"], "description": "a quantity"}),
]
Percentage = Annotated[Decimal | None, _reader(_percentage), _AS_TEXT, _decimal_schema("0 to 100")]
Day = Annotated[
    date | None, _reader(client_values.day_value), WithJsonSchema({"type": ["string", "null"], "format": "date"})
]
Moment = Annotated[
    datetime | None,
    _reader(client_values.moment_value),
    WithJsonSchema({"type": ["string", "null"], "format": "date-time"}),
]
Word = BeforeValidator(_word)
"""A word of a fixed set, whatever its capitals."""
