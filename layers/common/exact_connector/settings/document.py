"""The storage form of settings: only values that differ from the default, as canonical JSON of at most 8 kB."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from exact_connector.settings.catalogue import shaping
from exact_connector.settings.entry import FAMILIES, Family
from exact_connector.settings.model import DEFAULTS, KEYS, Settings, SettingValue
from exact_connector.settings.problems import Code, Problem

MAX_BYTES = 8192
"""The most that fits one parameter of the parameter store."""

_NAMED_KEYS = 3


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One changed setting, for the history."""

    key: str
    old: SettingValue
    new: SettingValue


def document(settings: Settings) -> dict[str, SettingValue]:
    """Return the settings that differ from their default; `validate` of it gives the same settings."""
    defaults = DEFAULTS.as_dict()
    return {key: value for key, value in settings.items() if value != defaults[key]}


def to_json(settings: Settings) -> str:
    """Write the storage form: sorted keys, no spaces, ASCII only, so that bytes and characters are the same number.

    Doubled braces stand only inside texts; one of each pair is escaped, because the parameter store refuses them as a
    reference to another parameter.
    """
    return _canonical(document(settings)).replace("{{", r"{\u007b").replace("}}", r"}\u007d")


def size(settings: Settings) -> int:
    """Return the size of the storage form in bytes."""
    return len(to_json(settings))


def size_problem(settings: Settings) -> Problem | None:
    """Return a problem when the storage form is too large; it names the keys that take most of it."""
    total = size(settings)
    if total <= MAX_BYTES:
        return None
    sizes = {key: len(_canonical({key: value})) for key, value in document(settings).items()}
    largest = sorted(sizes, key=lambda key: (-sizes[key], key))[:_NAMED_KEYS]
    named = ", ".join(f"{key} ({sizes[key]} bytes)" for key in largest)
    message = f"the settings take {total} bytes and {MAX_BYTES} is the most; shorten the largest: {named}"
    return Problem(largest[0], Code.TOO_LARGE, message)


def merge(current: Mapping[str, object], patch: Mapping[str, object]) -> dict[str, object]:
    """Apply a partial document: named keys are replaced, null puts a key back to its default; validate the result.

    A key that is no setting stays, null or not, so that validation reports it.
    """
    merged = {**current, **patch}
    return {key: value for key, value in merged.items() if not (value is None and key in patch and key in KEYS)}


def diff(old: Settings, new: Settings) -> tuple[SettingChange, ...]:
    """Return what changed between two settings, in the order of the catalogue."""
    after = new.as_dict()
    return tuple(SettingChange(key, value, after[key]) for key, value in old.items() if value != after[key])


def fingerprint(settings: Settings, family: Family) -> str:
    """Return a hash of the settings that shape a family; another hash means the family is to be projected again."""
    values = {entry.key: getattr(settings, entry.key) for entry in shaping(family)}
    return hashlib.sha256(_canonical(values).encode()).hexdigest()


def fingerprints(settings: Settings) -> Mapping[Family, str]:
    """Return the fingerprint of every family."""
    return MappingProxyType({family: fingerprint(settings, family) for family in FAMILIES})


def _canonical(values: Mapping[str, object]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
