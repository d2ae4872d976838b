"""Properties of Exact that a tenant maps on custom fields, or on fields of the canonical document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from exact_connector import fields
from exact_connector.catalog.projection import Warning
from exact_connector.fields import Row
from exact_connector.settings import parsed
from exact_connector.settings.mappings import CustomField, ObjectName, PropertyType
from exact_connector.settings.model import Settings

if TYPE_CHECKING:
    from exact_connector.documents.models.terms import Attribute

_NUMBER = re.compile(r"^[+-]?[0-9]+([.,][0-9]+)?$")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class NotConvertibleError(ValueError):
    """A value that has no meaning in the wanted type."""


@dataclass(frozen=True, slots=True)
class MappedFields:
    """The values of mapped properties: `own` by the name that the tenant gave, `canonical` by the field of the document
    that each of them replaces, as texts; and what could not be converted."""

    own: Mapping[str, Attribute | None]
    canonical: Mapping[str, str | None]
    warnings: tuple[Warning, ...]


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """The mapped properties of one object: customer, contact person or address."""

    object_name: ObjectName
    custom_fields: tuple[CustomField, ...] = ()

    @property
    def properties(self) -> tuple[str, ...]:
        """Return the properties of Exact that have to be read for it."""
        return tuple(field.property_name for field in self.custom_fields)

    def read(self, row: Row) -> MappedFields:
        """Return the values of the mapped properties, and what could not be converted."""
        warnings: list[Warning] = []
        own: dict[str, Attribute | None] = {}
        canonical: dict[str, str | None] = {}
        for field in self.custom_fields:
            value: Attribute | None = None
            try:
                value = convert(row.get(field.property_name), field.property_type)
            except NotConvertibleError:
                warnings.append(_warning(field))
            if field.entity_field is None:
                own[field.name_in_app] = value
            else:
                canonical[field.entity_field] = None if value is None else _as_text(value)
        return MappedFields(own, canonical, tuple(warnings))


def field_mappings(settings: Settings) -> Mapping[ObjectName, FieldMapping]:
    """Read `CustomCustomerFieldsMapping` by object; a text that cannot be read maps nothing (saving it is refused)."""
    found = parsed.custom_fields(settings)
    names: tuple[ObjectName, ...] = ("Customer", "ContactPerson", "Address")
    return {name: FieldMapping(name, tuple(field for field in found if field.object_name == name)) for name in names}


def convert(value: object, wanted: PropertyType) -> Attribute | None:
    """Convert a value of Exact to a JSON value; decimals become text, dates `YYYY-MM-DD`, null and blanks None.

    Raises NotConvertibleError when the value cannot be read as the wanted type.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _CONVERTERS[wanted](value)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        wall = fields.wall_time(value) if value.startswith("/Date(") else None
        return wall.date().isoformat() if wall else value.strip()
    return fields.plain(_number(value))


def _as_int(value: object) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise NotConvertibleError
    return int(number)


def _as_decimal(value: object) -> str:
    return fields.plain(_number(value))


def _as_bool(value: object) -> bool:
    key = str(value).strip().casefold()
    if key not in _FLAGS:
        raise NotConvertibleError
    return _FLAGS[key]


def _as_date(value: object) -> str:
    wall = fields.wall_time(value.strip()) if isinstance(value, str) else None
    if wall is None:
        raise NotConvertibleError
    return wall.date().isoformat()


def _number(value: object) -> Decimal:
    if isinstance(value, bool):
        return Decimal(int(value))
    text = str(value).strip()
    if isinstance(value, str) and not _NUMBER.match(text):
        raise NotConvertibleError
    number = fields.number({"value": text.replace(",", ".")}, "value")
    if number is None or not number.is_finite():
        raise NotConvertibleError
    return number


_CONVERTERS: Mapping[PropertyType, Callable[[object], Attribute]] = {
    "string": _as_text,
    "int": _as_int,
    "decimal": _as_decimal,
    "bool": _as_bool,
    "date": _as_date,
}


def _warning(field: CustomField) -> Warning:
    # The value may be personal data, so the message names the property only.
    return Warning(
        "CUSTOM_FIELD_NOT_CONVERTED",
        f"{field.object_name}.{field.property_name} is no {field.property_type}; "
        f"correct the value in Exact or choose another PropertyType for {field.name_in_app}",
    )
