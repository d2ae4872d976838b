"""How a posted order or customer is recognised when it is posted again: its keys, and a hash of its body."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any

from exact_connector.client_values import WrongValueError, text_value
from exact_connector.errors import Fault, InvalidInput

KEY_LENGTH = 255

_PRINTABLE = range(0x20, 0x7F)
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def check_key(key: str | None) -> None:
    """Refuse an Idempotency-Key that cannot be kept; raises InvalidInput. None is no key, and fine."""
    if key is not None and not (0 < len(key) <= KEY_LENGTH and all(ord(each) in _PRINTABLE for each in key)):
        message = f"Send 1 to {KEY_LENGTH} printable ASCII characters."
        raise InvalidInput("The Idempotency-Key is not usable.", [Fault("Idempotency-Key", "IDEMPOTENCY_KEY", message)])


def external_ids(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the client's own id for what it posts: as it is read, then as it was written where that differs.

    A number counts as its digits. Before ids were read like other texts, records were kept under the trimmed text.
    """
    value = body.get("external_id")
    written = value.strip() if isinstance(value, str) else ""
    try:
        read = text_value(value, limit=KEY_LENGTH, numbers=True)
    except WrongValueError:
        read = None
    return tuple(dict.fromkeys(each for each in (read, written) if each))


def keys_of(kind: str, key: str | None, own_ids: Sequence[str]) -> list[str]:
    """Return the keys of what a client posts: the Idempotency-Key, and each of its own ids under ``kind``."""
    found = (hashed({"key": key, kind: own_id}) for own_id in own_ids or (None,))
    return list(dict.fromkeys(each for keys in found for each in keys))


def hashed(named: Mapping[str, str | None]) -> list[str]:
    """Return the keys that are there, by kind, each hashed so that any text fits a row key."""
    return [
        f"{name}#{hashlib.sha256(value.encode()).hexdigest()}" for name, value in named.items() if value is not None
    ]


def body_hash(body: object) -> str:
    """Return a hash of a body that does not depend on the sequence of its fields or on how numbers are written."""
    text = json.dumps(_plain(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    match value:
        case bool() | None | str():
            return value
        case int() | Decimal():
            return {"": str(_EXACT.normalize(Decimal(value)))}
        case Mapping():
            return {str(name): _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return str(value)
