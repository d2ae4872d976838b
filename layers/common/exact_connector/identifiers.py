"""Names that nobody can guess."""

from __future__ import annotations

import secrets
import string
from datetime import datetime

_ALPHABET = string.ascii_letters + string.digits


def order_id(now: datetime) -> str:
    """Return a new order id: milliseconds in time order, then unguessable letters."""
    return f"o{int(now.timestamp() * 1000):012x}{random_text(8).lower()}"


def random_text(length: int) -> str:
    """Return unguessable letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
