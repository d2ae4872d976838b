"""Prices as canonical documents: price objects, rows per price list, agreements per customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exact_connector import fields
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.pricing.price_lists import STANDARD, generated_code
from exact_connector.catalog.pricing.price_points import PricePoint, converted, list_price
from exact_connector.catalog.pricing.price_points import tiers as choose_tiers
from exact_connector.catalog.pricing.prices import (
    ItemPoints,
    Priced,
    active,
    agreement_prices,
    list_prices,
    standard_price,
)
from exact_connector.catalog.projection import Projection

if TYPE_CHECKING:
    from exact_connector.documents.models.prices import Agreement, Price, PriceListRows


@dataclass(frozen=True, slots=True)
class PricedItem:
    """What every price object of an item repeats: its code, ID, unit, and whether its prices include VAT."""

    item_id: str
    item_code: str
    unit: str | None
    vat_included: bool


def price_document(point: PricePoint, item: PricedItem, list_code: str = "", customer_id: str | None = None) -> Price:
    """Write one Price; a tier carries ``min_quantity`` besides."""
    document: Price = {
        "item_code": item.item_code,
        "price_list_code": list_code,
        "currency": point.currency,
        "unit": point.unit or item.unit,
        "price": fields.plain(point.price),
        "discount_percentage": None if point.discount is None else fields.plain(point.discount),
        "valid_from": point.start.isoformat() if point.start else None,
        "valid_to": point.end.isoformat() if point.end else None,
        "vat_included": item.vat_included,
    }
    if customer_id is not None:
        document["customer_id"] = customer_id
    if point.is_tier:
        document["min_quantity"] = fields.plain(point.quantity)
    return document


def list_row_projections(
    points: ItemPoints, standard: Sequence[PricePoint], item: PricedItem, context: ProjectionContext
) -> list[Projection]:
    """Return a `price_list_rows` document per delivered or generated list that says something about the item."""
    book = context.price_lists
    found: list[Projection] = []
    for entry in book.delivered.values():
        priced = list_prices(points, entry, standard, context) if entry.list_id in points.lists else None
        if priced is None:
            continue
        found.append(_rows_projection(entry.code, entry.currency, priced, item))
        for currency in book.generated.get(entry.code, ()) if entry.currency == context.base_currency else ():
            twin = _converted(priced, currency, context)
            found.append(_rows_projection(generated_code(entry.code, currency), currency, twin, item))
    found.extend(_standard_rows(points, standard, item, context))
    return found


def agreement_projections(points: ItemPoints, item: PricedItem, context: ProjectionContext) -> list[Projection]:
    """Return an `agreement` document per customer with a price of his own for the item."""
    return [
        Projection("agreement", f"{item.item_code}/{customer}", _agreement(customer, priced, item))
        for customer, priced in agreement_prices(points, context).items()
    ]


def _agreement(customer: str, priced: Sequence[Priced], item: PricedItem) -> Agreement:
    prices = [entry.price for entry in priced if entry.price]
    tiers = [tier for entry in priced for tier in entry.tiers]
    return {
        "item_id": item.item_id,
        "item_code": item.item_code,
        "customer_id": customer,
        "prices": [price_document(point, item, customer_id=customer) for point in prices],
        "tier_prices": [price_document(tier, item, customer_id=customer) for tier in tiers],
    }


def _rows_projection(code: str, currency: str, priced: Priced, item: PricedItem) -> Projection:
    document: PriceListRows = {
        "price_list_code": code,
        "item_id": item.item_id,
        "item_code": item.item_code,
        "currency": currency,
        "prices": [price_document(priced.price, item, code)] if priced.price else [],
        "tier_prices": [price_document(tier, item, code) for tier in priced.tiers],
    }
    return Projection("price_list_rows", f"{code}/{item.item_code}", document)


def _converted(priced: Priced, currency: str, context: ProjectionContext) -> Priced:
    rate = context.price_lists.rates[currency]
    price = converted(priced.price, currency, rate) if priced.price else None
    return Priced(price, [converted(tier, currency, rate) for tier in priced.tiers])


def _standard_rows(
    points: ItemPoints, standard: Sequence[PricePoint], item: PricedItem, context: ProjectionContext
) -> Iterable[Projection]:
    """Return the standard prices in generated currencies; a row of Exact in that currency beats a converted price."""
    currencies = context.price_lists.generated.get(STANDARD, ())
    if not currencies:
        return []
    base = next((point for point in standard if point.currency == context.base_currency), None)
    general = active(points.general, points.unit, context)
    with_tiers = context.settings.EnableOfflineTierPrices
    in_base = choose_tiers(p for p in general if p.currency == context.base_currency) if with_tiers else []
    found = []
    for currency in currencies:
        real = [point for point in general if point.currency == currency]
        twin = _converted(Priced(base, in_base), currency, context)
        tiers = _merged(twin.tiers, choose_tiers(real) if with_tiers else [])
        # As in any list, a price from a quantity upward is not the price of one while there is another.
        one = list_price(real) or twin.price or standard_price(real, currency, None)
        priced = Priced(one, tiers)
        if priced.price or priced.tiers:
            found.append(_rows_projection(generated_code(STANDARD, currency), currency, priced, item))
    return found


def _merged(generated: Sequence[PricePoint], real: Sequence[PricePoint]) -> list[PricePoint]:
    best: Mapping[Any, PricePoint] = {tier.quantity: tier for tier in (*generated, *real)}
    return [best[quantity] for quantity in sorted(best)]
