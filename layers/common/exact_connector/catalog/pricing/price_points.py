"""The rows that prices come from, read once, and the order in which one of several is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from exact_connector import fields
from exact_connector.catalog.dates import day_of, holds
from exact_connector.fields import Row

ONE = Decimal(1)
HUNDRED = Decimal(100)
PRICE_DECIMALS = 6
GENERATED_DECIMALS = 4


class PricePoint(NamedTuple):
    """One price from a quantity upward, in one currency and unit, within a window of dates.

    ``unit`` None means the item's own unit. ``discount`` is a percentage 0-100. ``special`` marks a special offer.
    ``factor`` is the number of item units in the price's unit. ``row_id`` is the Exact row it comes from.
    """

    row_id: str
    currency: str
    unit: str | None
    quantity: Decimal
    price: Decimal
    discount: Decimal | None
    start: date | None
    end: date | None
    special: bool = False
    factor: Decimal | None = None
    account: str | None = None

    @property
    def is_tier(self) -> bool:
        """Tell whether the price needs more than one unit."""
        return self.quantity > ONE

    def holds_on(self, today: date) -> bool:
        """Tell whether a date lies in the price's window."""
        return holds(self.start, self.end, today)


def read_sales_price(row: Row, base_currency: str) -> PricePoint | None:
    """Read a `SalesItemPrice`; None when it has no price. A row without currency is in the base currency."""
    price = fields.number(row, "Price")
    if price is None:
        return None
    return PricePoint(
        row_id=fields.guid(row, "ID") or "",
        currency=(fields.text(row, "Currency") or base_currency).upper(),
        unit=fields.text(row, "Unit"),
        quantity=fields.number(row, "Quantity") or Decimal(0),
        price=fields.round_half_up(price, PRICE_DECIMALS),
        discount=None,
        start=day_of(row, "StartDate"),
        end=day_of(row, "EndDate"),
        factor=fields.number(row, "NumberOfItemsPerUnit"),
        account=fields.guid(row, "Account"),
    )


def row_price(row: Row) -> Decimal | None:
    """Return the price of a `SalesPriceListVolumeDiscount`: the entered price, or the base price less the discount.

    ``EntryMethod`` 2 takes ``NewPrice``; 1 takes ``BasePriceAmount`` x (1 - ``Discount``), a fraction. None when the
    field that leads is empty.
    """
    if fields.integer(row, "EntryMethod") == 1:
        base = fields.number(row, "BasePriceAmount")
        price = None if base is None else base * (ONE - (fields.number(row, "Discount") or Decimal(0)))
    else:
        price = fields.number(row, "NewPrice")
    return None if price is None else fields.round_half_up(price, PRICE_DECIMALS)


def percentage(row: Row, name: str) -> Decimal | None:
    """Return one of Exact's fractions as a percentage 0-100."""
    value = fields.number(row, name)
    return None if value is None else value * HUNDRED


def order(point: PricePoint) -> tuple[bool, Decimal, int, str]:
    """Return the sort key among prices of one quantity: special offers, lowest quantity, latest start, smallest ID."""
    return (not point.special, point.quantity, -point.start.toordinal() if point.start else 0, point.row_id)


def list_price(points: Iterable[PricePoint]) -> PricePoint | None:
    """Choose the price for one unit: the best of those that need no more than one."""
    return min((point for point in points if not point.is_tier), key=order, default=None)


def tiers(points: Iterable[PricePoint]) -> list[PricePoint]:
    """Choose one price per quantity above one, ascending."""
    best: dict[Decimal, PricePoint] = {}
    for point in points:
        held = best.get(point.quantity)
        if point.is_tier and (held is None or order(point) < order(held)):
            best[point.quantity] = point
    return [best[quantity] for quantity in sorted(best)]


def in_unit(points: Sequence[PricePoint], unit: str | None, *, only: bool) -> Sequence[PricePoint]:
    """Keep the prices in the item's unit when ``only`` is set; all of them otherwise."""
    return [point for point in points if same_unit(point.unit, unit)] if only else points


def same_unit(unit: str | None, item_unit: str | None) -> bool:
    """Tell whether a price's unit (None: the item's own) is the item's unit."""
    return unit is None or (item_unit is not None and unit.casefold() == item_unit.casefold())


def converted(point: PricePoint, currency: str, rate: Decimal) -> PricePoint:
    """Return the price in another currency, of which one unit of the base currency is 1 / ``rate``."""
    return point._replace(currency=currency, price=fields.round_half_up(point.price / rate, GENERATED_DECIMALS))
