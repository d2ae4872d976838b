"""The JSON Schema of the settings document, made from the catalogue.

The schema is for forms and for early help: it accepts everything that validation accepts, and refuses wrong types,
unknown keys and the forms that a pattern can tell. Conflicts and JSON inside a text are left to validation.
"""

from __future__ import annotations

from typing import Any

from exact_connector.settings.catalogue import ENTRIES
from exact_connector.settings.entry import Entry
from exact_connector.settings.validate import MAX_COUNT

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_BOOL: dict[str, Any] = {
    "anyOf": [
        {"type": "boolean"},
        {"type": "string", "pattern": r"^\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|0|1)\s*$"},
    ]
}
_COUNT: dict[str, Any] = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": MAX_COUNT}, {"type": "string", "pattern": r"^\s*[0-9]+\s*$"}]
}


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document `{key: value}`; no key is required.

    Each property carries `x-area`, `x-type` (bool, int, string), `x-form`, `x-shapes` and, where codes are looked up
    in Exact, `x-reference`.
    """
    return {
        "$schema": DIALECT,
        "title": "Connector settings",
        "description": "Only keys that differ from their default need to be there.",
        "type": "object",
        "properties": {entry.key: _property(entry) for entry in ENTRIES},
        "additionalProperties": False,
    }


def _property(entry: Entry) -> dict[str, Any]:
    described: dict[str, Any] = {
        "title": entry.label,
        "description": entry.help,
        "default": entry.default,
        "x-area": entry.area.value,
        "x-type": entry.type_name,
        "x-shapes": sorted(entry.shapes),
    }
    if entry.constraint is not None:
        described["x-form"] = entry.constraint.form
    if entry.reference is not None:
        described["x-reference"] = entry.reference.value
    return {**_type(entry), **described}


def _type(entry: Entry) -> dict[str, Any]:
    if entry.type_name == "bool":
        return _BOOL
    if entry.type_name == "int":
        return _COUNT
    return {"type": "string", **(entry.constraint.schema if entry.constraint else {})}
