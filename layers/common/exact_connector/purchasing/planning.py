"""The documents that purchase planning gets beside an item: its suppliers' products and its bill of material."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.purchasing.bills import bill_of_material, split_over_components
from exact_connector.purchasing.suppliers import supplier_products


def project_planning(rows: OwnerRows, context: ProjectionContext) -> list[Projection]:
    """Return the planning documents of one item: kinds `supplier_product` and `bill_of_material`.

    The rows are those of the item's own projection; the options of the tenant say which of them are wanted.
    """
    return [*supplier_products(rows, context), *bill_of_material(rows, context)]


@dataclass(frozen=True, slots=True)
class SoldQuantity:
    """What was sold of an item on a date: by itself, and as a component of others."""

    item_code: str
    date: str | None
    sold: Decimal
    as_component: Decimal


def sold_quantities(
    sales: Iterable[Mapping[str, Any]], bills: Mapping[str, Mapping[str, Any]]
) -> tuple[SoldQuantity, ...]:
    """Add up `sale` documents per item and date, divided over components where `bills` has a bill of material.

    `bills` maps the item code (trimmed, in capitals) to a complete `bill_of_material` document; pass none to leave
    sales with the items that were sold. The answer does not depend on the order of the sales.
    """
    totals: dict[tuple[str, str], list[Decimal]] = {}
    for sale in sales:
        day = sale.get("date") or ""
        for line in sale.get("lines", ()):
            if line.get("item_code"):
                _add(totals, day, line["item_code"], Decimal(line["quantity_sold"]), bills)
    return tuple(
        SoldQuantity(code, day or None, sold, as_component)
        for (code, day), (sold, as_component) in sorted(totals.items())
    )


def _add(
    totals: dict[tuple[str, str], list[Decimal]],
    day: str,
    item_code: str,
    quantity: Decimal,
    bills: Mapping[str, Mapping[str, Any]],
) -> None:
    for demand in split_over_components(item_code, quantity, bills):
        entry = totals.setdefault((demand.item_code, day), [Decimal(0), Decimal(0)])
        entry[0 if demand.via is None else 1] += demand.quantity
