"""Stock in the scope of some warehouses, and the dates on which more is expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from exact_connector import fields
from exact_connector.catalog.dates import day_after
from exact_connector.catalog.item_rules import EVERYWHERE, StockScope
from exact_connector.fields import Row
from exact_connector.settings import Settings

if TYPE_CHECKING:
    from exact_connector.documents.models.stock import StockLevels as LevelsDocument
    from exact_connector.documents.models.stock import WarehouseStock

RECEIPT_TYPES = frozenset({130, 140, 147, 160, 161})
TRANSFER_RECEIPT_TYPE = 134
ZERO = Decimal(0)


class StockLevels(NamedTuple):
    """Quantities in the item's unit."""

    shelf: Decimal
    to_be_delivered: Decimal
    to_be_received: Decimal


class Position(NamedTuple):
    """The stock of one item in one warehouse."""

    warehouse: str
    levels: StockLevels


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is expected on one date, over all warehouses of the scope."""

    on: date
    quantity: Decimal


def levels(rows: Iterable[Row], scope: StockScope) -> StockLevels:
    """Sum the stock rows of an item over the warehouses of a scope; no rows are zero."""
    return total(read_positions(rows), scope)


def read_positions(rows: Iterable[Row]) -> list[Position]:
    """Read the stock rows of an item.

    Rows are `sync/Inventory/StockPositions` (``PlanningOut``, ``PlanningIn``) or `inventory/ItemWarehouses`
    (``PlannedStockOut``, ``PlannedStockIn``).
    """
    return [Position(fields.text(row, "WarehouseCode") or "", row_levels(row)) for row in rows]


def total(positions: Iterable[Position], scope: StockScope) -> StockLevels:
    """Sum what was read over the warehouses of a scope."""
    shelf = out = expected = ZERO
    for position in positions:
        if scope.holds(position.warehouse):
            one = position.levels
            shelf, out, expected = shelf + one.shelf, out + one.to_be_delivered, expected + one.to_be_received
    return StockLevels(shelf, out, expected)


def row_levels(row: Row) -> StockLevels:
    """Read the quantities of one item in one warehouse."""
    out, expected = ("PlanningOut", "PlanningIn") if "PlanningOut" in row else ("PlannedStockOut", "PlannedStockIn")
    return StockLevels(
        fields.number(row, "CurrentStock") or ZERO,
        fields.number(row, out) or ZERO,
        fields.number(row, expected) or ZERO,
    )


def last_available(found: StockLevels, settings: Settings) -> Decimal:
    """Return what can still be sold: the shelf less what is to be delivered, or the shelf alone when set so."""
    if settings.UseCurrentQuantityAsLastAvailableStock:
        return found.shelf
    return found.shelf - found.to_be_delivered


def receipts(plans: Iterable[Row], scope: StockScope, today: date) -> list[Receipt]:
    """Return the expected receipts from today on, summed per date, ascending; transfers count only within a scope.

    Rows are `ItemWarehousePlanningDetail`: purchase, production, return and assembly receipts.
    """
    found: dict[date, Decimal] = {}
    for row in plans:
        kind, on = fields.integer(row, "PlanningType"), fields.day(row, "PlannedDate")
        quantity = fields.number(row, "PlannedQuantity") or ZERO
        counts = kind in RECEIPT_TYPES or (kind == TRANSFER_RECEIPT_TYPE and scope.keys is not None)
        if counts and on is not None and on >= today and quantity > 0 and scope.holds(row.get("WarehouseCode")):
            found[on] = found.get(on, ZERO) + quantity
    return [Receipt(on, found[on]) for on in sorted(found)]


def receipts_text(expected: Sequence[Receipt]) -> str | None:
    """Write the expected receipts as ``2025-07-01: 100; 2025-08-01: 5``, None when there are none."""
    return "; ".join(f"{receipt.on.isoformat()}: {fields.plain(receipt.quantity)}" for receipt in expected) or None


def changes_on(expected: Sequence[Receipt]) -> date | None:
    """Return the day after the first expected receipt, when it no longer lies ahead."""
    return day_after(expected[0].on) if expected else None


def warehouse_documents(positions: Iterable[Position]) -> list[WarehouseStock]:
    """Return the stock of an item per warehouse, in order of code."""
    by_code: dict[str, list[Position]] = {}
    for position in positions:
        by_code.setdefault(position.warehouse, []).append(position)
    return [{"code": code, **levels_document(total(by_code[code], EVERYWHERE))} for code in sorted(by_code) if code]


def levels_document(found: StockLevels) -> LevelsDocument:
    """Write stock quantities."""
    return {
        "shelf": fields.plain(found.shelf),
        "to_be_delivered": fields.plain(found.to_be_delivered),
        "to_be_received": fields.plain(found.to_be_received),
    }
