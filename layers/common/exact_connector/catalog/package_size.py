"""The multiple in which customers order an item, from the first source that gives a positive number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.field_reference import value_of
from exact_connector.catalog.item_rules import ItemRules
from exact_connector.catalog.projection import OwnerRows
from exact_connector.fields import Row

ONE = Decimal(1)


def package_size(rows: OwnerRows, unit_factor: Decimal | None, context: ProjectionContext) -> Decimal:
    """Return the purchase package size of an item, 1 when no source gives one.

    Sources in order: the free field, the search code, the (split) extra description, the reorder quantity of a
    warehouse, and ``unit_factor``, the smallest factor of an active standard price.
    """
    item, settings, rules = rows.one("item") or {}, context.settings, context.rules
    found: Decimal | None = None
    if rules.package_field is not None:
        value = value_of(rules.package_field, item, rows.of("extra_field"), context.labels)
        # A date or a flag is no number of pieces; positive() refuses both.
        found = fields.positive(value)
    if found is None and settings.GetPurchasePackageSizeFromSearchCode:
        found = fields.positive(item.get("SearchCode"))
    if found is None and settings.GetPurchasePackageSizeOnExtraItemDescription:
        found = fields.positive(extra_description_part(str(item.get("ExtraDescription") or ""), rules))
    if found is None and rules.package_warehouse:
        found = _reorder_quantity(rows.of("item_warehouse"), rules.package_warehouse)
    if found is None and settings.UnitFactorAsPurchasePackageSize:
        found = unit_factor
    return found or ONE


def extra_description_part(text: str, rules: ItemRules) -> str | None:
    """Return the part of the extra description that holds the size, counted from 0; None when there is no such part.

    The text is cut as Exact gives it: white space in front may be a part of its own where it is what splits.
    """
    parts = text.split(rules.package_split) if rules.package_split else [text]
    return parts[rules.package_index] if rules.package_index < len(parts) else None


def _reorder_quantity(rows: Sequence[Row], warehouse: str) -> Decimal | None:
    found = [row for row in rows if code_key(row.get("WarehouseCode")) == warehouse]
    sizes = [size for row in found if (size := fields.positive(fields.number(row, "ReorderQuantity")))]
    return min(sizes, default=None)
