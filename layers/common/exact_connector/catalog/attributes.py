"""The full attribute map of an item: every property Exact has for it, under one naming rule, in plain types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from exact_connector import fields
from exact_connector.catalog.dates import day_of_text
from exact_connector.fields import Row
from exact_connector.settings.properties import ITEM_PROPERTIES

Attribute = str | bool | int

# Addresses at Exact need Exact's token: pictures are served under our own addresses, custom fields are no value at all.
_LEFT_OUT = frozenset({"PictureUrl", "PictureThumbnailUrl", "CustomField"})
_INTEGERS = frozenset({"AssembledLeadDays", "SecurityLevel", "Division"})
_DECIMALS = frozenset(
    {
        *("AverageCost", "BatchQuantity", "CostPriceNew", "CostPriceStandard", "GrossWeight", "NetWeight"),
        *("StandardSalesPrice", "StatisticalNetWeight", "StatisticalUnits", "StatisticalValue", "Stock"),
    }
)
_GUIDS = frozenset(
    {
        *("ID", "Creator", "Modifier", "ItemGroup", "GLCosts", "GLCostsWorkInProgress", "GLRevenue"),
        *("GLRevenueWorkInProgress", "GLStock"),
    }
)
_DATES = frozenset({"StartDate", "EndDate"})
_MOMENTS = frozenset({"Created", "Modified"})
_FLAGS = frozenset({"CopyRemarks", "UseExplosion"})
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

Converter = Callable[[Any], Attribute | None]


def attribute_name(property_name: str) -> str:
    """Return the attribute's name for a property: ``GLCostsCode`` -> ``gl_costs_code``."""
    return _WORD.sub("_", property_name).replace("__", "_").lower()


def _decimal(value: Any) -> str | None:
    number = value if isinstance(value, Decimal) else fields.number({"value": value}, "value")
    return None if number is None else fields.plain(number)


def _date(value: Any) -> str | None:
    found = day_of_text(value) if isinstance(value, str) else None
    return None if found is None else found.isoformat()


def _moment(value: Any) -> str | None:
    found = fields.moment({"value": value}, "value")
    return None if found is None else found.isoformat(timespec="milliseconds")


def _flag(value: Any) -> bool:
    return fields.flag({"value": value}, "value")


def _integer(value: Any) -> int | None:
    return fields.integer({"value": value}, "value")


def _guid(value: Any) -> str | None:
    return fields.guid({"value": value}, "value")


def _text(value: Any) -> str | None:
    return str(value).strip() or None


def _converter(name: str) -> Converter:
    if name in _DECIMALS or name.startswith("FreeNumberField"):
        return _decimal
    if name in _DATES or name.startswith("FreeDateField"):
        return _date
    if name in _FLAGS or name.startswith(("Is", "FreeBoolField")):
        return _flag
    if name in _INTEGERS:
        return _integer
    if name in _GUIDS:
        return _guid
    return _moment if name in _MOMENTS else _text


_ATTRIBUTES: tuple[tuple[str, str, Converter], ...] = tuple(
    sorted((attribute_name(name), name, _converter(name)) for name in ITEM_PROPERTIES.values() if name not in _LEFT_OUT)
)
ITEM_ATTRIBUTES: tuple[str, ...] = tuple(attribute for attribute, _, _ in _ATTRIBUTES)
"""The names of all attributes of an item, sorted."""


def item_attributes(item: Row) -> dict[str, Attribute]:
    """Return the filled attributes of an item: decimals as text, flags as booleans, dates and moments as text."""
    found: dict[str, Attribute] = {}
    # This loop is most of the work of a projection: a value is looked up once and converted without a detour.
    for attribute, name, convert in _ATTRIBUTES:
        value = item.get(name)
        if value is not None:
            converted = convert(value)
            if converted is not None:
                found[attribute] = converted
    return found


def complete(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored attribute map with every attribute present, null where Exact has no value."""
    return {name: attributes.get(name) for name in ITEM_ATTRIBUTES}
