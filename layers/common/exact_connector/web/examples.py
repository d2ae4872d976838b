"""Examples of whole documents, put together from the examples that the fields of their types carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_PREFIX = "#/components/schemas/"
_PLAIN: Mapping[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.0,
    "boolean": False,
    "null": None,
    "object": {},
}


def example_of(schema: Schema, definitions: Mapping[str, Schema]) -> Any:
    """Return an example of a schema: its own, else one made of those of its parts; only what is required is in it."""
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    if "const" in schema:
        return schema["const"]
    if "$ref" in schema:
        return example_of(definitions[schema["$ref"].removeprefix(_PREFIX)], definitions)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], definitions)
    if schema.get("type") == "array":
        return [example_of(schema["items"], definitions)] if schema.get("items") else []
    if "properties" in schema:
        required = schema.get("required", ())
        return {
            name: example_of(schema["properties"][name], definitions)
            for name in schema["properties"]
            if name in required
        }
    return _PLAIN[schema.get("type", "object")]
