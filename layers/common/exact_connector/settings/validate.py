"""Validation of a settings document without asking Exact: types, values, conflicts and warnings.

Total: any JSON value gives an answer, never an exception. Any problem rejects the whole document, so that what is
stored is always whole.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType

from exact_connector.settings.catalogue import BY_KEY, ENTRIES
from exact_connector.settings.constraints import refuse_unprintable
from exact_connector.settings.document import size_problem
from exact_connector.settings.entry import Entry
from exact_connector.settings.model import DEFAULTS, KEYS, Settings, SettingValue
from exact_connector.settings.problems import Code, Problem, Refused, kind_of, show
from exact_connector.settings.relations import conflicts, warnings_of

MAX_COUNT = 2_147_483_647
"""The largest number that Exact takes for `$top`, a 32-bit integer."""

MAX_KEYS = 500
"""More keys than this get one answer for all: no document of settings has so many."""

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_DIGITS = re.compile(r"-?[0-9]{1,20}")
_LONGEST_KEY = 200

CORRECT_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "purchasepackagesizeindex": "PurchasePackeSizeIndex",
        "purchasepacksizeindex": "PurchasePackeSizeIndex",
        "skipdiscountforstaffelitems": "SkipDiscountForStafflItems",
        "sendhousenumberandadditionseparate": "SendHouseNumberAndAdditionSeperate",
        "sendhousenumberandadditionseparately": "SendHouseNumberAndAdditionSeperate",
    }
)
"""Case-folded correct spelling of an oddly spelt key -> the key."""

_BY_FOLDED_KEY = {key.casefold(): key for key in KEYS}
_SECRET_WORDS = ("secret", "token", "password")


@dataclass(frozen=True, slots=True)
class Validated:
    """The outcome: the settings when the document is accepted (None otherwise), its problems and its warnings."""

    settings: Settings | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def validate(document: object) -> Validated:
    """Read a settings document `{key: value}`; absent keys have their default.

    `problems` has every fault in the order of the document, then conflicts between settings; `warnings` never block.
    """
    if not isinstance(document, Mapping):
        message = f"the settings are {kind_of(document)}; send a JSON object of key to value"
        return Validated(None, (Problem("", Code.INVALID_TYPE, message),), ())
    if len(document) > MAX_KEYS:
        message = f"the document has {len(document)} keys; there are {len(ENTRIES)} settings, send only those"
        return Validated(None, (Problem("", Code.UNKNOWN_SETTING, message),), ())
    accepted: dict[str, SettingValue] = {}
    problems: list[Problem] = []
    for key, value in document.items():
        outcome = _read(key, value)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            accepted[key] = outcome
    settings = replace(DEFAULTS, **accepted)  # type: ignore[arg-type]
    problems += conflicts(settings)
    if too_large := size_problem(settings):
        problems.append(too_large)
    return Validated(None if problems else settings, tuple(problems), tuple(warnings_of(settings)))


def _read(key: object, value: object) -> SettingValue | Problem:
    entry = BY_KEY.get(key) if isinstance(key, str) else None
    if entry is None:
        return _unknown(key if isinstance(key, str) else kind_of(key))
    if entry.type_name == "bool":
        return _read_bool(entry.key, value)
    if entry.type_name == "int":
        return _read_count(entry.key, value)
    return _read_text(entry, value)


def _read_bool(key: str, value: object) -> SettingValue | Problem:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().casefold() in _BOOLEANS:
        return _BOOLEANS[value.strip().casefold()]
    return Problem(key, Code.INVALID_TYPE, f"{key} is {_seen(value)}; give true or false")


def _read_count(key: str, value: object) -> SettingValue | Problem:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return Problem(key, Code.INVALID_TYPE, f"{key} is {kind_of(value)}; give a whole number")
    number = _whole(value)
    if number is None:
        return Problem(key, Code.INVALID_VALUE, f"{key} is {_seen(value)}, not a whole number; give 0 or more")
    if not 0 <= number <= MAX_COUNT:
        seen = "negative" if number < 0 else "too large"
        return Problem(key, Code.INVALID_VALUE, f"{key} is {seen}; give a number from 0 to {MAX_COUNT}")
    return number


def _whole(value: float | str) -> int | None:
    if isinstance(value, str):
        return int(value.strip()) if _DIGITS.fullmatch(value.strip()) else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    return value


def _read_text(entry: Entry, value: object) -> SettingValue | Problem:
    key = entry.key
    if not isinstance(value, str):
        return Problem(key, Code.INVALID_TYPE, f"{key} is {kind_of(value)}; give a text")
    text = value.strip() if entry.trimmed else value
    if not text or entry.constraint is None:
        return text
    outcome = refuse_unprintable(text) or entry.constraint.check(text)
    if isinstance(outcome, Refused):
        return Problem(key, Code.INVALID_VALUE, f"{key}: {outcome.message}")
    return outcome


def _seen(value: object) -> str:
    return show(value) if isinstance(value, str) else kind_of(value)


def _unknown(key: str) -> Problem:
    return Problem(key, Code.UNKNOWN_SETTING, f"{show(key)} is not a setting; {_hint(key)}")


def _hint(key: str) -> str:
    folded = key.strip().casefold()
    if folded in _BY_FOLDED_KEY:
        return f"write it as {_BY_FOLDED_KEY[folded]}, capitals and spaces count"
    if folded in CORRECT_SPELLINGS:
        return f"this one is spelt {CORRECT_SPELLINGS[folded]}"
    if any(word in folded for word in _SECRET_WORDS):
        return "secrets and tokens are never settings; give the app's secret where the company is linked"
    # Likeness is quadratic in the length, and no key is that long.
    close = get_close_matches(folded, _BY_FOLDED_KEY, n=1, cutoff=0.8) if len(folded) <= _LONGEST_KEY else []
    if close:
        return f"did you mean {_BY_FOLDED_KEY[close[0]]}?"
    return f"remove it; the {len(ENTRIES)} settings are in the settings schema"
