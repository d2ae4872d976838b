"""How the fields of served documents are described: words, unit, source in Exact, when null, and an example.

The words stand in the type of a field (`Annotated`). mypy and the running product read the type alone; pydantic asks
them for their part of the JSON Schema when the API's document is made, so nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

JsonSchema = dict[str, Any]
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class About:
    """What a field holds.

    ``source``: the property of Exact that it comes from, or the rule. ``null``: when it is null; ``absent``: when it is
    not there at all. ``unit``: what a number counts.
    """

    words: str
    source: str = ""
    null: str = ""
    absent: str = ""
    unit: str = ""
    example: Any = _NOTHING

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Callable[[Any], JsonSchema]) -> JsonSchema:
        """Add the description to the schema of the field."""
        found = {**handler(core_schema), "description": self.sentence()}
        facts = {"x-source": self.source, "x-null": self.null, "x-absent": self.absent, "x-unit": self.unit}
        found |= {name: value for name, value in facts.items() if value}
        if self.example is not _NOTHING:
            found["examples"] = [self.example]
        return found

    def sentence(self) -> str:
        """Return the whole description, as readers of the API see it."""
        parts = [self.words.rstrip(".")]
        parts += [f"In {self.unit}"] if self.unit else []
        parts += [f"Null {self.null}"] if self.null else []
        parts += [f"Absent {self.absent}"] if self.absent else []
        return ". ".join(parts) + "."


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a text: a `format` or `pattern` of JSON Schema, and an example of it."""

    keywords: tuple[tuple[str, str], ...]
    example: str

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Callable[[Any], JsonSchema]) -> JsonSchema:
        """Add the form to the schema of the text."""
        return {**handler(core_schema), **dict(self.keywords), "examples": [self.example]}


def _form(example: str, **keywords: str) -> Form:
    return Form(tuple(keywords.items()), example)


DecimalText = Annotated[str, _form("12.5", pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
"""An exact decimal number, written as text so that no reader rounds it."""

DayText = Annotated[str, _form("2026-06-19", format="date")]
"""A calendar date in Europe/Amsterdam."""

MomentText = Annotated[str, _form("2026-06-10T08:00:00.000000Z", format="date-time")]
"""A moment with its offset."""

GuidText = Annotated[
    str, _form("5a07a2a9-bf1a-4b41-a8ba-98fc2687dfe9", pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
]
"""An ID of Exact in lower case."""

CurrencyText = Annotated[str, _form("EUR", pattern="^[A-Z]{3}$")]
"""The code of a currency (ISO 4217)."""

Attribute = str | bool | int
"""A value of one of Exact's own properties: decimals as text, dates `YYYY-MM-DD`, moments as RFC 3339."""

Attributes = Mapping[str, Attribute | None]
