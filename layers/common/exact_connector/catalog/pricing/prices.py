"""The prices of one item: standard prices, agreements and price lists, chosen from the stored rows for one date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from exact_connector import fields
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.dates import earliest, next_boundary
from exact_connector.catalog.pricing.price_lists import PriceList, PriceListBook
from exact_connector.catalog.pricing.price_points import (
    PRICE_DECIMALS,
    PricePoint,
    in_unit,
    list_price,
    order,
    percentage,
    read_sales_price,
    row_price,
    same_unit,
    tiers,
)
from exact_connector.catalog.projection import OwnerRows
from exact_connector.fields import Row


@dataclass(frozen=True, slots=True)
class ItemPoints:
    """All price rows of an item as points, whatever their dates: general ones, agreements, and rows per price list."""

    general: Sequence[PricePoint]
    agreements: Sequence[PricePoint]
    lists: Mapping[str, Sequence[PricePoint]]
    standard_sales_price: PricePoint | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Priced:
    """One price and its tiers, as one list, one customer or one currency has them."""

    price: PricePoint | None
    tiers: Sequence[PricePoint] = ()


def read_points(rows: OwnerRows, context: ProjectionContext) -> ItemPoints:
    """Read an item's price rows: `SalesItemPrice`, `SalesPriceListVolumeDiscount`, `Item.StandardSalesPrice`."""
    item = rows.one("item") or {}
    unit = fields.text(item, "Unit")
    general: list[PricePoint] = []
    agreements: list[PricePoint] = []
    for row in rows.of("sales_price"):
        point = read_sales_price(row, context.base_currency)
        if point is not None:
            (general if point.account is None else agreements).append(point)
    return ItemPoints(
        general=general,
        agreements=agreements,
        lists=read_list_points(rows.of("volume_discount"), context.price_lists),
        standard_sales_price=_standard_sales_price(rows.one("standard_price") or item, unit, context.base_currency),
        unit=unit,
    )


def read_list_points(rows: Iterable[Row], book: PriceListBook) -> dict[str, list[PricePoint]]:
    """Read the rows of price lists that exist for the tenant, by the list's ID; the dates are those of the period."""
    found: dict[str, list[PricePoint]] = {}
    for row in rows:
        period = book.periods.get(fields.guid(row, "PriceListPeriod") or "")
        entry = book.known.get(period.list_id) if period else None
        price = row_price(row) if entry else None
        if period is None or entry is None or price is None:
            continue
        point = PricePoint(
            row_id=fields.guid(row, "ID") or "",
            currency=entry.currency,
            unit=fields.text(row, "Unit"),
            quantity=fields.number(row, "Quantity") or Decimal(0),
            price=price,
            discount=percentage(row, "Discount"),
            start=period.start,
            end=period.end,
            special=period.special,
        )
        found.setdefault(entry.list_id, []).append(point)
    return found


def active(points: Sequence[PricePoint], points_unit: str | None, context: ProjectionContext) -> Sequence[PricePoint]:
    """Keep the points that hold today, in the item's unit where the setting asks for that."""
    valid = [point for point in points if point.holds_on(context.today)]
    return in_unit(valid, points_unit, only=context.settings.GetPriceBasedOnItemUnit)


def standard_prices(points: ItemPoints, context: ProjectionContext) -> list[PricePoint]:
    """Return the standard price per currency: base currency first, others when they are asked for, in order of code."""
    general = active(points.general, points.unit, context)
    base = standard_price(general, context.base_currency, points.standard_sales_price)
    found = [base] if base else []
    if context.settings.VariantCurrency:
        others = {point.currency for point in general} - {context.base_currency}
        found.extend(point for currency in sorted(others) if (point := standard_price(general, currency, None)))
    return found


def standard_price(general: Iterable[PricePoint], currency: str, fallback: PricePoint | None) -> PricePoint | None:
    """Choose the standard price in a currency: the row of lowest quantity; the fallback only where there is no row.

    So the answer does not hang on whether the fallback was ever read: Exact is asked for it only when no row holds.
    """
    return min((point for point in general if point.currency == currency), key=order, default=fallback)


def standard_tiers(points: ItemPoints, context: ProjectionContext) -> list[PricePoint]:
    """Return the standard tiers to deliver: none unless they are switched on; other currencies as for prices."""
    if not context.settings.EnableOfflineTierPrices:
        return []
    general = active(points.general, points.unit, context)
    currencies = {context.base_currency}
    if context.settings.VariantCurrency:
        currencies |= {point.currency for point in general}
    ordered = sorted(currencies, key=lambda currency: (currency != context.base_currency, currency))
    return [tier for currency in ordered for tier in tiers(p for p in general if p.currency == currency)]


def list_prices(
    points: ItemPoints, entry: PriceList, standard: Sequence[PricePoint], context: ProjectionContext
) -> Priced | None:
    """Return what a delivered list says about the item, None when nothing is left to deliver.

    A price equal to the delivered standard price in the same currency and unit is left out unless the setting keeps it.
    """
    valid = active(points.lists.get(entry.list_id, ()), points.unit, context)
    price = list_price(valid)
    keep_equal = context.settings.DontDeletePriceListPricesSameAsDefaultPrice
    if price is not None and not keep_equal and any(_equal(price, other, points.unit) for other in standard):
        price = None
    found = tiers(valid) if context.settings.EnableOfflineTierPrices else []
    return Priced(price, found) if price or found else None


def agreement_prices(points: ItemPoints, context: ProjectionContext) -> dict[str, list[Priced]]:
    """Return the price agreements by customer: one price and its tiers per currency, in order of currency."""
    grouped: dict[str, dict[str, list[PricePoint]]] = {}
    for point in active(points.agreements, points.unit, context):
        grouped.setdefault(point.account or "", {}).setdefault(point.currency, []).append(point)
    return {
        customer: found
        for customer, currencies in sorted(grouped.items())
        if (found := [priced for _, mine in sorted(currencies.items()) if (priced := _priced(mine, context))])
    }


def staffel_text(points: ItemPoints, context: ProjectionContext) -> str | None:
    """Return the tiers of the list that the setting names as ``10: 9.50; 50: 8.75``; None when there are none."""
    entry = context.price_lists.staffel
    if entry is None:
        return None
    valid = active(points.lists.get(entry.list_id, ()), points.unit, context)
    return "; ".join(f"{fields.plain(t.quantity)}: {fields.plain(t.price, least=2)}" for t in tiers(valid)) or None


def smallest_unit_factor(points: ItemPoints, today: date) -> Decimal | None:
    """Return the smallest number of items above one that an active general price is for."""
    factors = [point.factor for point in points.general if point.factor and point.factor > 1 and point.holds_on(today)]
    return min(factors, default=None)


def changes_on(points: ItemPoints, context: ProjectionContext) -> date | None:
    """Return the next date on which one of the item's prices starts or ends."""
    everything = [*points.general, *points.agreements, *(point for rows in points.lists.values() for point in rows)]
    if not everything:
        return None
    return earliest(*(next_boundary(point.start, point.end, context.today) for point in everything))


def needs_standard_sales_price(rows: OwnerRows, context: ProjectionContext) -> bool:
    """Tell whether an item has no usable standard price row in the base currency: Exact must be asked for it."""
    points = read_points(rows, context)
    return not any(p.currency == context.base_currency for p in active(points.general, points.unit, context))


def _priced(mine: Sequence[PricePoint], context: ProjectionContext) -> Priced | None:
    price = list_price(mine)
    found = tiers(mine) if context.settings.EnableOfflineTierPrices else []
    return Priced(price, found) if price or found else None


def _equal(price: PricePoint, standard: PricePoint, item_unit: str | None) -> bool:
    alike = price.currency == standard.currency and price.price == standard.price
    return alike and same_unit(price.unit or item_unit, standard.unit or item_unit)


def _standard_sales_price(row: Row, unit: str | None, currency: str) -> PricePoint | None:
    price = fields.number(row, "StandardSalesPrice")
    if price is None:
        return None
    rounded = fields.round_half_up(price, PRICE_DECIMALS)
    return PricePoint("", currency, unit, Decimal(0), rounded, None, None, None)
