"""What can be wrong with a settings document: codes and findings, each with what was seen and what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_SHOWN = 60


class Code(StrEnum):
    """Stable codes of findings; the first four and `TOO_LARGE` reject a document, the others come from the check."""

    UNKNOWN_SETTING = "CONFIG_UNKNOWN_SETTING"
    INVALID_TYPE = "CONFIG_INVALID_TYPE"
    INVALID_VALUE = "CONFIG_INVALID_VALUE"
    CONFLICT = "CONFIG_CONFLICT"
    TOO_LARGE = "CONFIG_TOO_LARGE"
    REFERENCE_NOT_FOUND = "CONFIG_REFERENCE_NOT_FOUND"
    IGNORED_SETTING = "CONFIG_IGNORED_SETTING"
    DOUBLE_USE = "CONFIG_DOUBLE_USE"
    NOT_CHECKED = "CONFIG_NOT_CHECKED"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one key; `key` is empty when the document as a whole is meant."""

    key: str
    code: Code
    message: str

    def as_dict(self) -> dict[str, str]:
        """Return the finding as the API shows it."""
        return {"key": self.key, "code": self.code.value, "message": self.message}


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer of a constraint that does not accept a text: what was seen and what to do."""

    message: str


def show(text: str) -> str:
    """Quote a text for a message: escaped, at most 60 characters of it."""
    clipped = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return ascii(clipped) if _has_surrogate(clipped) else repr(clipped)


def kind_of(value: object) -> str:
    """Name the JSON type of a value for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, float) and not math.isfinite(value):
        return "not a number"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else "no JSON value"


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
