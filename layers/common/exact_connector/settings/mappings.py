"""The two settings in JSON: renamed free fields and custom customer fields."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from exact_connector.settings.problems import Refused, kind_of, show
from exact_connector.settings.properties import FREE_FIELD_PROPERTIES, PROPERTIES_BY_OBJECT

ObjectName = Literal["Customer", "ContactPerson", "Address"]
PropertyType = Literal["string", "int", "decimal", "bool", "date"]

PROPERTY_TYPES: tuple[str, ...] = ("string", "int", "decimal", "bool", "date")

ENTITY_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Customer": (
            *("customer_name", "manager", "classification", "discount_percentage", "currency", "vat_number"),
            *("country", "language_code", "email", "phone"),
        ),
        "ContactPerson": ("full_name", "first_name", "last_name", "email", "phone"),
        "Address": ("address_line1", "address_line2", "address_line3", "postcode", "city", "country"),
    }
)
"""The canonical fields that a mapping may fill; keys, links and what other settings decide stay out."""

_KEYS = ("ObjectName", "PropertyName", "XmlName", "NameInApp", "PropertyType", "IsEntityField")


@dataclass(frozen=True, slots=True)
class CustomField:
    """One property of Exact delivered as a custom field, or as the canonical field `entity_field` when that is set."""

    object_name: ObjectName
    property_name: str
    xml_name: str
    name_in_app: str
    property_type: PropertyType
    entity_field: str | None


def parse_renaming(text: str) -> dict[str, str] | Refused:
    """Read the renaming object: present name or label -> new name, both trimmed; empty text is no renaming."""
    if not text:
        return {}
    document = _json(text)
    if isinstance(document, Refused):
        return document
    if not isinstance(document, dict):
        return Refused(f"the JSON is {kind_of(document)}; give an object of present name to new name")
    for source, target in document.items():
        if not source.strip() or not isinstance(target, str) or not target.strip():
            return Refused(f"{show(source)} has no usable new name; give a non-empty text on both sides")
    pairs = [(source.strip(), str(target).strip()) for source, target in document.items()]
    return _without_collision(pairs)


def _without_collision(pairs: list[tuple[str, str]]) -> dict[str, str] | Refused:
    if twice := _repeated(source for source, _ in pairs):
        return Refused(f"{show(twice)} is renamed twice; keep one line for it")
    if twice := _repeated(target for _, target in pairs):
        return Refused(f"two fields would be called {show(twice)}; give each its own name")
    renamed = {source.casefold() for source, _ in pairs}
    kept = {name.casefold() for name in FREE_FIELD_PROPERTIES} - renamed
    for source, target in pairs:
        if target.casefold() in kept:
            return Refused(f"{show(source)} would take the name of {target}, which keeps it; choose another name")
    return dict(pairs)


def parse_custom_fields(text: str) -> tuple[CustomField, ...] | Refused:
    """Read the list of field mappings; a refusal names the position (from 0) and the key that is wrong."""
    if not text:
        return ()
    document = _json(text)
    if isinstance(document, Refused):
        return document
    if not isinstance(document, list):
        return Refused(f"the JSON is {kind_of(document)}; give a list of mappings")
    fields: list[CustomField] = []
    for index, row in enumerate(document):
        parsed = _custom_field(index, row)
        if isinstance(parsed, Refused):
            return parsed
        fields.append(parsed)
    targets = (f"{field.object_name} {field.entity_field or field.name_in_app}" for field in fields)
    if twice := _repeated(targets):
        return Refused(f"two mappings deliver {show(twice)}; give each its own name")
    return tuple(fields)


def _custom_field(index: int, row: object) -> CustomField | Refused:
    if not isinstance(row, dict):
        return Refused(f"mapping {index} is {kind_of(row)}; give an object with {', '.join(_KEYS)}")
    for key in _KEYS:
        if key not in row:
            return Refused(f"mapping {index}: {key} is missing; add it")
    texts: dict[str, str] = {}
    for key in _KEYS[:-1]:
        value = row[key]
        if not isinstance(value, str) or not value.strip():
            return Refused(f"mapping {index}: {key} is {_seen(value)}; give a non-empty text")
        texts[key] = value.strip()
    return _resolved(index, texts, row["IsEntityField"])


def _resolved(index: int, texts: Mapping[str, str], is_entity_field: object) -> CustomField | Refused:
    object_name = _canonical(texts["ObjectName"], PROPERTIES_BY_OBJECT)
    if object_name is None:
        return _unknown(index, "ObjectName", texts, PROPERTIES_BY_OBJECT)
    property_name = PROPERTIES_BY_OBJECT[object_name].get(texts["PropertyName"].casefold())
    if property_name is None:
        seen = show(texts["PropertyName"])
        return Refused(f"mapping {index}: PropertyName {seen} is no property of {object_name} in Exact; check its name")
    property_type = _canonical(texts["PropertyType"], PROPERTY_TYPES)
    if property_type is None:
        return _unknown(index, "PropertyType", texts, PROPERTY_TYPES)
    fills = _truth(is_entity_field)
    if fills is None:
        return Refused(f"mapping {index}: IsEntityField is {_seen(is_entity_field)}; give true or false")
    entity_field = _entity_field(object_name, texts["XmlName"]) if fills else None
    if fills and entity_field is None:
        return _unknown(index, "XmlName", texts, ENTITY_FIELDS[object_name])
    return CustomField(
        object_name=cast(ObjectName, object_name),
        property_name=property_name,
        xml_name=texts["XmlName"],
        name_in_app=texts["NameInApp"],
        property_type=cast(PropertyType, property_type),
        entity_field=entity_field,
    )


def _truth(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().casefold())
    return value if isinstance(value, bool) else None


def _entity_field(object_name: str, xml_name: str) -> str | None:
    plain = xml_name.replace("_", "").casefold()
    return next((name for name in ENTITY_FIELDS[object_name] if name.replace("_", "") == plain), None)


def _canonical(text: str, names: Iterable[str]) -> str | None:
    return next((name for name in names if name.casefold() == text.casefold()), None)


def _unknown(index: int, key: str, texts: Mapping[str, str], names: Iterable[str]) -> Refused:
    return Refused(f"mapping {index}: {key} {show(texts[key])} is not known; give one of {', '.join(names)}")


def _seen(value: object) -> str:
    return show(value) if isinstance(value, str) else kind_of(value)


def _repeated(names: Iterable[str]) -> str | None:
    seen = Counter[str]()
    for name in names:
        seen[name.casefold()] += 1
        if seen[name.casefold()] > 1:
            return name
    return None


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except _RepeatedKeyError as error:
        return Refused(f"the key {show(str(error))} stands there twice; keep one")
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        return Refused(f"the text is not valid JSON{where}; check quotes, commas and brackets")


class _RepeatedKeyError(Exception):
    """A JSON object that names one key twice, where Python would silently keep the last."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if twice := next((key for key, count in Counter(key for key, _ in pairs).items() if count > 1), None):
        raise _RepeatedKeyError(twice)
    return dict(pairs)
