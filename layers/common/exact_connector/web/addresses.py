"""Keys in addresses: codes of Exact may hold any character, and not all of them survive the way through a gateway.

API Gateway's HTTP APIs decode a path before a function sees it: `%2F` arrives as a slash, and what follows a `%3F` does
not arrive at all. REST APIs and function URLs leave a path as it was sent. So every address is understood in both
forms, and the addresses that we write ourselves use a third one that no gateway touches: `~2F` stands for the byte 2F,
and `~7E` for the tilde itself.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_ESCAPED = re.compile(r"~([0-9A-F]{2})")


def safe(key: str) -> str:
    """Return a key as it stands in the addresses that we write: letters, digits, `-`, `.`, `_` and `~XX`."""
    written = "".join("~7E" if part == "~" else quote(part, safe="", errors="replace") for part in re.split("(~)", key))
    # A segment of dots alone would be taken for a way up.
    dotted = written.replace(".", "~2E") if set(written) == {"."} else written
    return dotted.replace("%", "~")


def decoded(segment: str) -> str:
    """Return a segment of a path as it was meant before it was percent-encoded."""
    return unquote(segment)


def names_in(segment: str) -> tuple[str, ...]:
    """Return what a decoded segment may name: what its `~XX` stand for first, then the segment as it is."""
    try:
        meant = unquote(_ESCAPED.sub(r"%\1", segment.replace("%", "%25")), errors="strict")
    except UnicodeDecodeError:
        return (segment,)
    return (segment,) if meant == segment else (meant, segment)
