"""Small builders of Exact rows and contexts for the tests of purchasing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from exact_connector.catalog.context import Options, ProjectionContext, build_context
from exact_connector.catalog.projection import OwnerRows
from exact_connector.fields import Row
from exact_connector.settings.model import Settings

TODAY = date(2025, 6, 10)
PLANNING = Options(item_rule="purchase", supplier_links=True, bills_of_material=True)


def guid(number: int) -> str:
    """Return a GUID that shows its number."""
    return f"00000000-0000-0000-0000-{number:012d}"


def exact_date(day: date) -> str:
    """Write a date as Exact does."""
    return f"/Date({int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)})/"


def context_of(options: Options = PLANNING, *, today: date = TODAY, **changes: Any) -> ProjectionContext:
    """Return the context of a tenant that plans purchases; `changes` are options."""
    division: Row = {"Code": 1, "Country": "NL ", "Currency": "EUR"}
    return build_context(Settings(), replace(options, **changes), today, {"division": (division,)})


def item(**values: Any) -> Row:
    """Return an item that is purchased."""
    return {
        "ID": guid(1),
        "Code": "CHAIR",
        "Description": "Chair",
        "Unit": "pc ",
        "IsPurchaseItem": True,
        "IsSalesItem": True,
        **values,
    }


def supplier_item(number: int = 10, supplier: int = 50, **values: Any) -> Row:
    """Return the link of the item with a supplier, ordered in boxes of 12."""
    return {
        "ID": guid(number),
        "Item": guid(1),
        "Supplier": guid(supplier).upper(),
        "SupplierCode": f"{supplier}".rjust(18),
        "SupplierDescription": f"Supplier {supplier}",
        "MainSupplier": True,
        "PurchasePrice": Decimal("60.00"),
        "PurchaseUnit": "box",
        "PurchaseUnitFactor": 12,
        **values,
    }


def rows_of(item_row: Row | None = None, **kinds: Sequence[Row]) -> OwnerRows:
    """Return the rows of the item."""
    return OwnerRows(guid(1), {"item": (item_row or item(),), **kinds})
