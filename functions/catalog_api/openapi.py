"""The OpenAPI document as it was generated at build time from the routes of every function."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def whole_document() -> dict[str, Any]:
    """Return the committed document."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "openapi.json").read_text(encoding="utf-8"))
    return found
