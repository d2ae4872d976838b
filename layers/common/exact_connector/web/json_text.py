"""Read JSON strictly: one meaning per text, and every refusal in our own words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from exact_connector.errors import InvalidInput

MOST_DIGITS = 400
"""Digits of a whole number; no field takes more than a few dozen."""


class MalformedBody(InvalidInput):
    """The body is not JSON, or JSON that readers understand in different ways; answered with 400."""

    code = "MALFORMED_JSON"


def read_json(content: bytes, *, decimals: bool = True) -> Any:
    """Return a text as JSON, fractions as Decimal (or float); raises MalformedBody.

    A name that occurs twice in one object is refused: readers disagree on which of the two counts.
    """
    try:
        text = content.decode("utf-8")
        document = json.loads(
            text,
            parse_float=Decimal if decimals else float,
            parse_int=_whole,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
        if "\\u" in text:
            write_json(document).encode("utf-8")
    except RecursionError as error:
        raise MalformedBody("The body is nested too deeply to be read; send a plain JSON object.") from error
    except InvalidOperation as error:
        raise MalformedBody("The body holds a number that is too large to be read; correct it.") from error
    except UnicodeEncodeError as error:
        raise MalformedBody("The body holds half of a character (a lone surrogate); send whole ones.") from error
    except UnicodeDecodeError as error:
        raise MalformedBody(f"The body is not UTF-8 from byte {error.start} on; send JSON in UTF-8.") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedBody(f"The body is not valid JSON at {place}; send one JSON value.") from error
    return document


def write_json(document: object) -> str:
    """Write JSON; decimals become strings."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise MalformedBody(f"The body holds a whole number of {len(text)} digits; {MOST_DIGITS} is the most.")
    return int(text)


def _refuse_constant(name: str) -> None:
    raise MalformedBody(f"The body holds {name}, which is not a JSON number; send a number or null.")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedBody(
            f"The name {twice[:60]!r} occurs more than once in one object; send it once.", code="DUPLICATE_NAME"
        )
    return found
