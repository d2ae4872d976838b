"""Query and header parameters as values: their words and schema for the document, and how their text is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from exact_connector.errors import Fault, InvalidInput
from exact_connector.fields import positive

T = TypeVar("T")
Schema = Mapping[str, Any]

_FLAGS = {"true": True, "false": False, "1": True, "0": False}
_LONGEST = 1_000
_LONGEST_NUMBER = 40
_MOST_DIGITS = 15


class WrongForm(ValueError):
    """The text of a parameter cannot be read; the message says what to send instead."""


@dataclass(frozen=True, slots=True)
class Parameter(Generic[T]):
    """One parameter. ``read`` makes its value from its text, or raises WrongForm."""

    name: str
    description: str
    schema: Schema
    read: Callable[[str], T]
    place: Literal["query", "header"] = "query"
    required: bool = False

    def of(self, values: Mapping[str, str]) -> T | None:
        """Return the value that was sent, None without one; raises InvalidInput."""
        found = self.fault(values)
        if found is not None:
            raise wrong_parameters([found])
        text = values.get(self.name)
        return None if text is None else self.read(text)

    def fault(self, values: Mapping[str, str]) -> Fault | None:
        """Return what is wrong with the text that was sent, None where nothing is."""
        text = values.get(self.name)
        if text is None:
            return (
                Fault(f"?{self.name}", "MISSING", f"Send {self.name}=; {self.description}") if self.required else None
            )
        try:
            self.read(text)
        except WrongForm as error:
            return Fault(f"?{self.name}", self.name.upper(), str(error))
        return None

    def needed(self) -> Parameter[T]:
        """Return the same parameter as one that has to be sent."""
        return replace(self, required=True)


def query_faults(known: Sequence[Parameter[Any]], query: Mapping[str, str]) -> list[Fault]:
    """Return what is wrong with a query: parameters that do not exist here, and texts that cannot be read."""
    of_query = [parameter for parameter in known if parameter.place == "query"]
    names = [parameter.name for parameter in of_query]
    there = f"The known ones are {', '.join(names)}." if names else "This address takes none."
    unknown = [
        Fault(f"?{name[:60]}", "UNKNOWN_PARAMETER", f"There is no such parameter. {there}")
        for name in query
        if name not in names
    ]
    return unknown + [found for parameter in of_query if (found := parameter.fault(query)) is not None]


def wrong_parameters(faults: Sequence[Fault]) -> InvalidInput:
    """Return the error about parameters that are wrong."""
    named = ", ".join(fault.pointer for fault in faults)
    return InvalidInput(f"{len(faults)} parameter(s) are wrong ({named}); see errors.", faults)


def text(name: str, description: str) -> Parameter[str]:
    """Return a parameter of any text."""

    def read(value: str) -> str:
        if len(value) > _LONGEST:
            raise WrongForm(f"Send at most {_LONGEST} characters.")
        return value

    return Parameter(name, description, {"type": "string", "maxLength": _LONGEST}, read)


def header(name: str, description: str) -> Parameter[str]:
    """Return a header, for the document; whoever needs it reads it."""
    return Parameter(name, description, {"type": "string"}, str, place="header")


def flag(name: str, description: str) -> Parameter[bool]:
    """Return a parameter that is true or false."""

    def read(value: str) -> bool:
        found = _FLAGS.get(value.lower())
        if found is None:
            raise WrongForm("Send true or false.")
        return found

    return Parameter(name, description, {"type": "boolean"}, read)


def whole(name: str, description: str, *, least: int, most: int | None = None, say: str = "") -> Parameter[int]:
    """Return a parameter that is a whole number; ``say``: what to send, where that is not simply a number."""
    asked = say or (f"Send a whole number from {least} to {most}." if most is not None else "Send a whole number.")

    def read(value: str) -> int:
        usable = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
        if not usable or int(value) < least or (most is not None and int(value) > most):
            raise WrongForm(asked)
        return int(value)

    schema: dict[str, Any] = {"type": "integer", "minimum": least, "maximum": most or 10**_MOST_DIGITS - 1}
    return Parameter(name, description, schema, read)


def choice(name: str, description: str, values: Sequence[str], *, fold: Callable[[str], str] = str) -> Parameter[str]:
    """Return a parameter that is one of some texts; ``fold`` makes their form of what was sent."""

    def read(value: str) -> str:
        if fold(value) not in values:
            raise WrongForm(f"Send one of {', '.join(values)}.")
        return fold(value)

    return Parameter(name, description, {"type": "string", "enum": [*values]}, read)


def choices(name: str, description: str, values: Sequence[str]) -> Parameter[tuple[str, ...]]:
    """Return a parameter that is some of a number of texts, separated by commas."""

    def read(value: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in value.split(",") if part.strip())
        if not found or not set(found) <= set(values):
            raise WrongForm(f"Send some of {', '.join(values)}, separated by commas.")
        return found

    one = "|".join(values)
    return Parameter(name, description, {"type": "string", "pattern": f"^({one})(,({one}))*$"}, read)


def moment(name: str, description: str) -> Parameter[datetime]:
    """Return a parameter that is a moment with an offset (RFC 3339)."""

    def read(value: str) -> datetime:
        try:
            # An unescaped plus sign arrives as a blank.
            found = datetime.fromisoformat(value.replace(" ", "+"))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise WrongForm("Send an RFC 3339 moment with an offset: 2026-06-10T08:00:00Z.")
        return found

    return Parameter(name, description, {"type": "string", "format": "date-time"}, read)


def day(name: str, description: str) -> Parameter[date]:
    """Return a parameter that is a calendar date."""

    def read(value: str) -> date:
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
        if found is None or len(value) != len("2026-06-10"):
            raise WrongForm("Send a date as YYYY-MM-DD.")
        return found

    return Parameter(name, description, {"type": "string", "format": "date"}, read)


def quantity(name: str, description: str, *, most: Decimal) -> Parameter[Decimal]:
    """Return a parameter that is a number above 0."""

    def read(value: str) -> Decimal:
        found = positive(value.strip()) if len(value) <= _LONGEST_NUMBER else None
        if found is None or found > most:
            raise WrongForm("Send a number above 0, such as 12 or 2.5.")
        return found

    return Parameter(name, description, {"type": "string", "pattern": r"^[0-9]+([.,][0-9]+)?$"}, read)
