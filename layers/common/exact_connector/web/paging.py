"""Cursor paging: an opaque text that says where the next page starts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import urlencode

from exact_connector.errors import Fault, InvalidInput

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


def limit_of(query: Mapping[str, str], *, default: int = DEFAULT_LIMIT, most: int = MAX_LIMIT) -> int:
    """Return the page size asked for; raises InvalidInput."""
    text = query.get("limit")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= most:
        fault = Fault("?limit", "LIMIT", f"Send a whole number from 1 to {most}.")
        raise InvalidInput(f"The limit {text[:20]!r} is not allowed.", [fault])
    return int(text)


def encode_cursor(position: str) -> str:
    """Wrap a position in a text that is safe in a URL."""
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def decode_cursor(query: Mapping[str, str]) -> str | None:
    """Return the position of the page asked for, None for the first page; raises InvalidInput."""
    text = query.get("cursor")
    if not text:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        fault = Fault(
            "?cursor", "CURSOR", "Send the cursor of the previous answer unchanged, or none for the first page."
        )
        raise InvalidInput("The cursor is not one of ours.", [fault]) from error


def next_link(path: str, query: Mapping[str, str], position: str | None) -> str | None:
    """Return the relative link to the next page, None on the last one."""
    if position is None:
        return None
    return f"{path}?{urlencode({**query, 'cursor': encode_cursor(position)})}"
