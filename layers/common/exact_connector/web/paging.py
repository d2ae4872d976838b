"""Cursor paging: an opaque text that says where the next page starts, and pages that fit what a function may answer."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from exact_connector.errors import Fault, InvalidInput
from exact_connector.web.json_text import write_json
from exact_connector.web.parameters import Parameter, WrongForm, whole

T = TypeVar("T")

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

MOST_BYTES = 4_500_000
"""Bytes of the documents on one page, as they leave the function. Lambda takes 6 MB, with the body as a JSON text."""

LIMIT = whole("limit", "Rows per page; a page also ends where it would get too large.", least=1, most=MAX_LIMIT)


def _position(text: str) -> str | None:
    if not text:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise WrongForm("Send the cursor of the previous answer unchanged, or none for the first page.") from error


CURSOR = Parameter("cursor", "The cursor of the previous page's `next`.", {"type": "string"}, _position)
PAGE: tuple[Parameter[Any], ...] = (CURSOR, LIMIT)


def limit_of(query: Mapping[str, str], *, default: int = DEFAULT_LIMIT) -> int:
    """Return the page size asked for; raises InvalidInput."""
    return LIMIT.of(query) or default


def encode_cursor(position: str) -> str:
    """Wrap a position in a text that is safe in a URL."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode_cursor(query: Mapping[str, str]) -> str | None:
    """Return the position of the page asked for, None for the first page; raises InvalidInput."""
    return CURSOR.of(query)


def next_link(path: str, query: Mapping[str, str], position: str | None) -> str | None:
    """Return the relative link to the next page, None on the last one."""
    if position is None:
        return None
    return f"{path}?{urlencode({**query, 'cursor': encode_cursor(position)})}"


def cut(rows: Sequence[T], positions: Sequence[str], position: str | None) -> tuple[Sequence[T], str | None]:
    """Return the rows that fit on a page, one at least, and the position after them.

    ``positions``: where to go on after each row; ``position``: after all of them, None at the end.
    """
    left = MOST_BYTES
    for number, row in enumerate(rows):
        left -= sent_bytes(row)
        if left < 0 < number:
            return rows[:number], positions[number - 1]
    return rows, position


def index_after(positions: Sequence[str], cursor: str | None) -> int:
    """Return the index of the first row behind a cursor in a list that is read whole; raises InvalidInput."""
    if cursor is None:
        return 0
    if cursor not in positions:
        fault = Fault("?cursor", "CURSOR", "The list has changed since; begin with its first page again.")
        raise InvalidInput("The row that the page would go on after is not in the list any more.", [fault])
    return positions.index(cursor) + 1


def sent_bytes(document: object) -> int:
    """Return how many bytes a document takes in a function's answer, where its body is a JSON text once more."""
    return len(json.dumps(write_json(document)))
