"""Compressed JSON as it lies in the tables: Exact rows with exact decimals, lists of keys."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exact_connector.storage.table import Value

_LEVEL = 1
_LARGEST_SMALL = 16_384
"""Up to this many bytes the compressor is made small: clearing its usual tables takes longer than the work."""


def pack(value: object) -> bytes:
    """Return compact JSON, compressed. Exact's numbers are doubles, so writing decimals as floats loses nothing."""
    return compress(_encode(value).encode())


def pack_posted(value: object) -> bytes:
    """Return compact JSON of what a client posted, compressed; fractions become texts, so every digit is kept."""
    return compress(json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str).encode())


def unpack(value: Value) -> Any:
    """Read what ``pack`` wrote; fractions come back as Decimal."""
    if not isinstance(value, bytes):
        raise TypeError(f"a packed value must be bytes, got {type(value).__name__}")
    return _decode(zlib.decompress(value).decode())


def compress(text: bytes) -> bytes:
    """Return bytes that ``zlib.decompress`` reads, made with tables no larger than the text needs."""
    if len(text) > _LARGEST_SMALL:
        return zlib.compress(text, _LEVEL)
    # A window reaches back to its size less 262 bytes, so it is made to hold the text twice.
    window = max(10, min(15, len(text).bit_length() + 1))
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, window, 5)
    return compressor.compress(text) + compressor.flush()


def slim(row: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: empty fields, the row's own address, collections that were not fetched."""
    return {
        name: value
        for name, value in row.items()
        if value is not None and name != "__metadata" and not (isinstance(value, dict) and "__deferred" in value)
    }


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"cannot store a {type(value).__name__} in a row")


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=_number).encode
_decode = json.JSONDecoder(parse_float=Decimal).decode
