"""Settings that name an item field: a property of Exact's item by name, else the label of a free field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.dates import day_of
from exact_connector.fields import Row
from exact_connector.settings.parsed import FieldReference

FieldValue = str | bool | Decimal | date | None

_FALSE_TEXTS = frozenset({"", "0", "false", "no", "nee", "n"})
_DATES = frozenset(
    {"StartDate", "EndDate", "Created", "Modified", *(f"FreeDateField_{number:02d}" for number in range(1, 6))}
)
_FIELD_OF_NUMBER = {
    **{number: f"FreeTextField_{number:02d}" for number in range(1, 11)},
    **{number: f"FreeNumberField_{number - 10:02d}" for number in range(11, 19)},
    **{number: f"FreeDateField_{number - 18:02d}" for number in range(19, 24)},
    **{number: f"FreeBoolField_{number - 23:02d}" for number in range(24, 29)},
}


Labels = Mapping[str, str | None]
"""Folded label of a free field -> the property behind it, None for a number that is not known."""


def read_labels(rows: Iterable[Row]) -> Labels:
    """Return the labels of free fields from rows with `Number` and `Description`; of two the lower number counts."""
    numbered = sorted(
        ((fields.integer(row, "Number") or 0, fields.text(row, "Description")) for row in rows), reverse=True
    )
    return {fold(label): _FIELD_OF_NUMBER.get(number) for number, label in numbered if label}


def value_of(reference: FieldReference | None, item: Row, extra_fields: Sequence[Row], labels: Labels) -> FieldValue:
    """Return the value of the field, None when it is empty or there is no such field.

    A label takes its value, a text, from the item's `ItemExtraField` rows. While those were not read yet, it is the
    value of the property that the number of the label stands for.
    """
    if reference is None:
        return None
    if reference.kind == "property":
        return property_value(item, reference.name)
    label = fold(reference.name)
    if not extra_fields:
        name = labels.get(label)
        return (as_text(property_value(item, name) or None)) if name is not None else None
    row = labelled(label, extra_fields)
    return None if row is None else fields.text(row, "Value")


def property_value(item: Row, name: str) -> FieldValue:
    """Return a property of an item by Exact's name: dates as dates, numbers as decimals, texts trimmed, or None."""
    value = item.get(name)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return day_of(item, name) if name in _DATES else value.strip() or None
    return fields.number(item, name)


def labelled(label: str, extra_fields: Sequence[Row]) -> Row | None:
    """Return the free field with that folded label; of two with one label the one with the lowest number."""
    found = [row for row in extra_fields if fold(fields.text(row, "Description") or "") == label]
    return min(found, key=lambda row: (fields.integer(row, "Number") or 0, str(row.get("Value"))), default=None)


def property_of_label(label: str, extra_fields: Sequence[Row], labels: Labels) -> str | None:
    """Return the property behind a folded label, by the number of the free field; None when there is none."""
    if not extra_fields:
        return labels.get(label)
    row = labelled(label, extra_fields)
    return None if row is None else _FIELD_OF_NUMBER.get(fields.integer(row, "Number") or 0)


def fold(name: str) -> str:
    """Return a name as names are compared: trimmed, without regard to capitals."""
    return name.strip().casefold()


def as_text(value: FieldValue) -> str | None:
    """Write a field value as text: no trailing zeros, dates ``yyyy-MM-dd``, booleans ``1`` and ``0``."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else fields.plain(value)


def is_true(value: FieldValue) -> bool:
    """Tell whether a field says yes: true, not 0, a date, or a text that is not empty, 0, false, no, nee or n."""
    if isinstance(value, str):
        return value.strip().casefold() not in _FALSE_TEXTS
    return value is not None and (isinstance(value, date) or bool(value))
