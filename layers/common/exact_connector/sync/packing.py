"""Compressed JSON as it lies in the tables: Exact rows with exact decimals, lists of keys."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exact_connector.store import Value

_LEVEL = 1


def pack(value: object) -> bytes:
    """Return compact JSON, compressed. Exact's numbers are doubles, so writing decimals as floats loses nothing."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_number)
    return zlib.compress(text.encode(), _LEVEL)


def unpack(value: Value) -> Any:
    """Read what ``pack`` wrote; fractions come back as Decimal."""
    if not isinstance(value, bytes):
        raise TypeError(f"a packed value must be bytes, got {type(value).__name__}")
    return json.loads(zlib.decompress(value), parse_float=Decimal)


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
