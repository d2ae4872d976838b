"""Customers as clients post and edit them: read strictly, every fault named with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from exact_connector.client_values import WrongValueError, country_value, flag_value, text_value
from exact_connector.errors import Fault, InvalidInput

NAME, STATUS, VAT_LIABLE, EXTERNAL_ID = "name", "status", "vat_liable", "external_id"
ADDRESS_LINE_FIELDS = ("street", "house_number", "house_number_addition", "address_line2", "address_line3")
STATUSES = ("C", "P", "S")
TEXT = 255
"""The longest text of a customer."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2}([-_][A-Za-z]{2})?")


@dataclass(frozen=True, slots=True)
class CustomerInput:
    """What a client sent about a customer: field -> trimmed value, None where it sent null or blanks.

    A field that was not sent is not in `values`; for an edit that means "leave it as it is".
    """

    values: Mapping[str, str | bool | None]

    def has(self, name: str) -> bool:
        """Return whether the client sent the field."""
        return name in self.values

    def text(self, name: str) -> str | None:
        """Return a text field, None when it was not sent or is empty."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    @property
    def vat_liable(self) -> bool | None:
        """Return what the client said about VAT liability, None when it said nothing."""
        value = self.values.get(VAT_LIABLE)
        return value if isinstance(value, bool) else None


def read_new_customer(body: Mapping[str, Any]) -> CustomerInput:
    """Read a posted customer. Raises InvalidInput with a fault for each field that is wrong; a name is needed."""
    found = _read(body, _FIELDS)
    faults = list(found.faults)
    if not found.faults_at(NAME) and not found.values.get(NAME):
        faults.append(Fault("/name", "REQUIRED", "a customer needs a name; give one"))
    return _accepted(found.values, faults)


def content_of(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a posted customer says, however it is written; None where it cannot be read."""
    found = _read(body, _FIELDS)
    if found.faults:
        return None
    return {name: value for name, value in found.values.items() if value is not None}


def read_customer_edit(body: Mapping[str, Any]) -> CustomerInput:
    """Read the changed fields of a customer. Raises InvalidInput; name, country and status cannot be emptied."""
    found = _read(body, _EDIT_FIELDS)
    emptied = [
        Fault(f"/{name}", "REQUIRED", f"the {name} of a customer cannot be emptied; leave it out or give a value")
        for name in (NAME, "country", STATUS)
        if name in found.values and found.values[name] is None
    ]
    return _accepted(found.values, [*found.faults, *emptied])


@dataclass(frozen=True, slots=True)
class _Found:
    values: dict[str, str | bool | None]
    faults: tuple[Fault, ...]

    def faults_at(self, name: str) -> bool:
        return any(fault.pointer == f"/{name}" for fault in self.faults)


def _accepted(values: Mapping[str, str | bool | None], faults: list[Fault]) -> CustomerInput:
    if faults:
        raise InvalidInput(f"{len(faults)} field(s) of the customer are wrong; see the faults", faults)
    return CustomerInput(MappingProxyType(dict(values)))


Reader = Callable[[object], str | bool | None]


def _read(body: Mapping[str, Any], readers: Mapping[str, Reader]) -> _Found:
    values: dict[str, str | bool | None] = {}
    faults: list[Fault] = []
    for name, value in body.items():
        reader = readers.get(name)
        if reader is None:
            faults.append(Fault(_pointer(name), "UNKNOWN_FIELD", f"this field is not known; give {', '.join(readers)}"))
            continue
        try:
            values[name] = reader(value)
        except WrongValueError as wrong:
            faults.append(Fault(_pointer(name), "INVALID_VALUE", str(wrong)))
    return _Found(values, tuple(faults))


def _pointer(name: str) -> str:
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def _text(value: object) -> str | None:
    return text_value(value, limit=TEXT)


def _text_or_number(value: object) -> str | None:
    return text_value(value, limit=TEXT, numbers=True)


def _language(value: object) -> str | None:
    """Read the code of a language; WordPress and PHP write nl_NL for the Dutch of the Netherlands."""
    text = _text(value)
    if text is None:
        return None
    if not _LANGUAGE.fullmatch(text):
        raise WrongValueError("a language is a code such as nl or FR-BE")
    language, _, region = text.replace("_", "-").partition("-")
    return language if region.casefold() in ("", language.casefold()) else f"{language}-{region}"


def _matching(pattern: re.Pattern[str], wanted: str, *, capitals: bool = False) -> Reader:
    def read(value: object) -> str | None:
        text = _text(value)
        if text is None:
            return None
        found = text.upper() if capitals else text
        if pattern.fullmatch(found):
            return found
        raise WrongValueError(wanted)

    return read


_FIELDS: Mapping[str, Reader] = MappingProxyType(
    {
        NAME: _text,
        "country": country_value,
        VAT_LIABLE: flag_value,
        "vat_number": _text,
        "email": _matching(_EMAIL, "this is no e-mail address; give one such as name@example.com"),
        "phone": _text,
        "street": _text,
        "house_number": _text_or_number,
        "house_number_addition": _text_or_number,
        "address_line2": _text,
        "address_line3": _text,
        "postcode": _text,
        "city": _text,
        "language_code": _language,
        STATUS: _matching(re.compile("[CPS]"), "a status is C, P or S", capitals=True),
        EXTERNAL_ID: _text_or_number,
    }
)
_EDIT_FIELDS: Mapping[str, Reader] = MappingProxyType(
    {name: reader for name, reader in _FIELDS.items() if name != EXTERNAL_ID}
)
