"""Delivery dates of order lines from live stock: when the goods that a line asks for will be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from exact_connector.catalog.codes import code_key
from exact_connector.orders.mapping.context import PlacedLine
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.references import OrderItem, StockPosition

ZERO = Decimal(0)


def stock_dates(
    lines: Sequence[PlacedLine], positions: Mapping[str, StockPosition], requested: date
) -> dict[int, date | None]:
    """Return the delivery date per line, by its place in the order, lines taken in posting order.

    Each line consumes what is there or expected, so a later line of the same item waits for the rest. Never before
    ``requested``; None where no expected receipt covers the demand. Lines of items without stock, and lines that give
    goods back (negative quantity), are not in the answer.
    """
    demand: dict[str, Decimal] = {}
    found: dict[int, date | None] = {}
    for placed in lines:
        if not placed.item.is_stock_item or placed.line.quantity <= 0:
            continue
        item_id = placed.item.item_id
        demand[item_id] = demand.get(item_id, ZERO) + placed.line.quantity
        position = positions.get(item_id)
        found[placed.place] = None if position is None else covered_on(position, demand[item_id], requested)
    return found


def covered_on(position: StockPosition, demand: Decimal, requested: date) -> date | None:
    """Return the first date on which stock and receipts cover a demand, not before ``requested``; None for never."""
    covered = available(position)
    if covered >= demand:
        return requested
    for receipt in position.receipts:
        covered += receipt.quantity
        if covered >= demand:
            return max(receipt.on, requested)
    return None


def stock_demand(order: CanonicalOrder, items: Mapping[str, OrderItem]) -> dict[str, Decimal]:
    """Return how much an order takes of each item that has stock, by item ID: the items whose stock has to be read."""
    demand: dict[str, Decimal] = {}
    for line in order.lines:
        item = items.get(code_key(line.item_code))
        if item is not None and item.is_stock_item and line.quantity > 0:
            demand[item.item_id] = demand.get(item.item_id, ZERO) + line.quantity
    return demand


def falls_short(demand: Mapping[str, Decimal], positions: Mapping[str, StockPosition]) -> frozenset[str]:
    """Return the IDs of the items whose stock does not cover the demand, so whose expected receipts have to be read."""
    return frozenset(item_id for item_id, wanted in demand.items() if available(positions.get(item_id)) < wanted)


def available(position: StockPosition | None) -> Decimal:
    """Return what can still be promised: the shelf less what is to be delivered."""
    return ZERO if position is None else position.levels.shelf - position.levels.to_be_delivered
