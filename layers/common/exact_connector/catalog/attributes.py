"""The full attribute map of an item: every property Exact has for it, under one naming rule, in plain types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from exact_connector import fields
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

Reader = Callable[[Row, str], Attribute | None]


def attribute_name(property_name: str) -> str:
    """Return the attribute's name for a property: ``GLCostsCode`` -> ``gl_costs_code``."""
    return _WORD.sub("_", property_name).replace("__", "_").lower()


def _decimal(row: Row, name: str) -> str | None:
    value = fields.number(row, name)
    return None if value is None else fields.plain(value)


def _date(row: Row, name: str) -> str | None:
    value = fields.day(row, name)
    return None if value is None else value.isoformat()


def _moment(row: Row, name: str) -> str | None:
    value = fields.moment(row, name)
    return None if value is None else value.isoformat(timespec="milliseconds")


def _reader(name: str) -> Reader:
    if name in _DECIMALS or name.startswith("FreeNumberField"):
        return _decimal
    if name in _DATES or name.startswith("FreeDateField"):
        return _date
    if name in _FLAGS or name.startswith(("Is", "FreeBoolField")):
        return fields.flag
    if name in _INTEGERS:
        return fields.integer
    if name in _GUIDS:
        return fields.guid
    return _moment if name in _MOMENTS else fields.text


_READERS: tuple[tuple[str, str, Reader], ...] = tuple(
    sorted((attribute_name(name), name, _reader(name)) for name in ITEM_PROPERTIES.values() if name not in _LEFT_OUT)
)
ITEM_ATTRIBUTES: tuple[str, ...] = tuple(attribute for attribute, _, _ in _READERS)
"""The names of all attributes of an item, sorted."""


def item_attributes(item: Row) -> dict[str, Attribute]:
    """Return the filled attributes of an item: decimals as text, flags as booleans, dates and moments as text."""
    found: dict[str, Attribute] = {}
    for attribute, name, read in _READERS:
        if item.get(name) is not None:
            value = read(item, name)
            if value is not None:
                found[attribute] = value
    return found


def complete(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored attribute map with every attribute present, null where Exact has no value."""
    return {name: attributes.get(name) for name in ITEM_ATTRIBUTES}
