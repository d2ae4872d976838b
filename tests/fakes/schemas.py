"""Validate answers against the types of `documents.models`: strictly, so that a key that no type names is found."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator
from pydantic import TypeAdapter

from catalog_api.openapi_build import models


def faults(name: str, document: object) -> list[str]:
    """Return where and how a document differs from its type; the document is looked at as clients get it, as JSON."""
    read = json.loads(json.dumps(document, default=str))
    found = validator(name).iter_errors(read)
    return [f"{name}/{'/'.join(map(str, each.absolute_path))}: {each.message[:300]}" for each in found]


def _is_moment(value: object) -> bool:
    """Say whether a text is a moment with an offset."""
    return datetime.fromisoformat(str(value)).tzinfo is not None


FORMATS = FormatChecker(["date"])
FORMATS.checks("date-time", raises=ValueError)(_is_moment)


@cache
def validator(name: str) -> Validator:
    """Return the validator of a type, with no keys allowed but those that it names."""
    schema = closed(TypeAdapter(models()[name]).json_schema())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FORMATS)


def closed(schema: Any) -> Any:
    """Return a schema in which no object may have keys that its properties do not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    if "properties" in schema and "type" in schema:
        found.setdefault("additionalProperties", False)
    return found
