"""The one price of an item for a customer, a quantity, a date and a currency, with the rules that won and lost.

Order of the rules: price agreement of the customer, the price list linked to the customer (item rows, then discounts on
item groups), standard price in the asked currency, standard price converted to it, standard price in the base currency.
Within a rule: the highest quantity that was reached, special offer, latest start, smallest ID.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, cast

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.context import ProjectionContext
from exact_connector.catalog.pricing.price_lists import Link, NoList
from exact_connector.catalog.pricing.price_points import (
    HUNDRED,
    ONE,
    PRICE_DECIMALS,
    PricePoint,
    converted,
    order,
    percentage,
    same_unit,
)
from exact_connector.catalog.pricing.prices import ItemPoints, read_points, standard_price
from exact_connector.catalog.projection import OwnerRows
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.prices import Quote as QuoteDocument
    from exact_connector.documents.models.prices import QuotedRule, RuleName


class Rule(IntEnum):
    """Where a price comes from; the lower value wins."""

    AGREEMENT = 1
    PRICE_LIST = 2
    ITEM_GROUP_DISCOUNT = 3
    STANDARD_IN_CURRENCY = 4
    STANDARD_CONVERTED = 5
    STANDARD = 6


@dataclass(frozen=True, slots=True)
class Buyer:
    """For whom a price is asked: nobody in particular, or an account with its price list and currency.

    ``price_list_id`` is `Account.PriceList`; ``currency`` None is the base currency of the administration.
    """

    customer_id: str | None = None
    price_list_id: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One price that was looked at. ``reason`` says why it lost, empty for the one that won."""

    rule: Rule
    point: PricePoint
    price_list_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer: ``won`` None means that the item has no price at all for this question."""

    item_code: str
    buyer: Buyer
    quantity: Decimal
    on: date
    currency: str
    item_unit: str | None
    vat_percentage: Decimal | None
    vat_included: bool
    won: Candidate | None
    lost: tuple[Candidate, ...]
    link_reason: NoList | None


def quote(rows: OwnerRows, context: ProjectionContext, buyer: Buyer, quantity: Decimal, currency: str = "") -> Quote:
    """Resolve the price of one item from its stored rows, for ``context.today``; total for any rows.

    ``quantity`` is in the item's unit. ``currency`` defaults to the buyer's, else the base currency.
    """
    item = rows.one("item") or {}
    wanted = (currency or buyer.currency or context.base_currency).upper()
    points = read_points(rows, context)
    link = context.price_lists.link(
        buyer.price_list_id, wanted, check_currency=not context.settings.DisableCurrencyPriceListCheck
    )
    candidates = [
        _checked(candidate, quantity, points.unit, context)
        for candidate in _candidates(item, points, link, buyer, wanted, context)
    ]
    eligible = sorted((candidate for candidate in candidates if not candidate.reason), key=lambda c: _rank(c, wanted))
    won = eligible[0] if eligible else None
    beaten = [replace(candidate, reason=_beaten_by(won, candidate)) for candidate in eligible[1:] if won]
    refused = sorted((candidate for candidate in candidates if candidate.reason), key=lambda c: _rank(c, wanted))
    rate = context.vat_rates.get(code_key(item.get("SalesVatCode")))
    return Quote(
        item_code=fields.text(item, "Code") or "",
        buyer=buyer,
        quantity=quantity,
        on=context.today,
        currency=wanted,
        item_unit=points.unit,
        vat_percentage=rate.percentage if rate else None,
        vat_included=rate is not None and rate.included,
        won=won,
        lost=(*beaten, *refused),
        link_reason=link.reason,
    )


def quote_document(answer: Quote) -> QuoteDocument:
    """Write a quote as JSON: the price, the rule that won, and each rule that lost with the reason."""
    won = answer.won
    return {
        "item_code": answer.item_code,
        "customer_id": answer.buyer.customer_id,
        "quantity": fields.plain(answer.quantity),
        "date": answer.on.isoformat(),
        "price": None if won is None else fields.plain(won.point.price),
        "currency": answer.currency if won is None else won.point.currency,
        "unit": None if won is None else won.point.unit or answer.item_unit,
        "vat_percentage": None if answer.vat_percentage is None else fields.plain(answer.vat_percentage),
        "vat_included": answer.vat_included,
        "price_source": None if won is None else _source(won),
        "rule": None if won is None else _candidate_document(won),
        "lost": [{**_candidate_document(candidate), "reason": candidate.reason} for candidate in answer.lost],
        "price_list_reason": answer.link_reason,
    }


def _source(won: Candidate) -> Literal["agreement", "tier", "price_list", "default"]:
    """Return the price source as an order line names it: ``tier`` for any price above one, else what it is."""
    if won.rule == Rule.AGREEMENT:
        return "agreement"
    if won.point.is_tier:
        return "tier"
    return "price_list" if won.rule in (Rule.PRICE_LIST, Rule.ITEM_GROUP_DISCOUNT) else "default"


def _candidate_document(candidate: Candidate) -> QuotedRule:
    point = candidate.point
    return {
        "rule": cast("RuleName", candidate.rule.name.lower()),
        "price_list_code": candidate.price_list_code,
        "price": fields.plain(point.price),
        "currency": point.currency,
        "unit": point.unit,
        "min_quantity": fields.plain(max(point.quantity, ONE)),
        "discount_percentage": None if point.discount is None else fields.plain(point.discount),
        "special_offer": point.special,
        "valid_from": point.start.isoformat() if point.start else None,
        "valid_to": point.end.isoformat() if point.end else None,
    }


def _candidates(
    item: Row, points: ItemPoints, link: Link, buyer: Buyer, currency: str, context: ProjectionContext
) -> Iterator[Candidate]:
    mine = (buyer.customer_id or "").lower()
    yield from (Candidate(Rule.AGREEMENT, point) for point in points.agreements if mine and point.account == mine)
    standard = list(_standard(points, currency, context))
    if link.price_list is not None:
        code, of_list = link.code or "", points.lists.get(link.price_list.list_id, ())
        in_list = [(Rule.PRICE_LIST, point) for point in of_list]
        if link.price_list.for_item_groups:
            base = _best_for_one(standard, link.price_list.currency, context)
            in_list += [(Rule.ITEM_GROUP_DISCOUNT, point) for point in _group_points(item, link, base, context)]
        for rule, point in in_list:
            shown = converted(point, link.currency or currency, link.rate) if link.rate is not None else point
            yield Candidate(rule, shown, code)
    yield from standard


def _standard(points: ItemPoints, currency: str, context: ProjectionContext) -> Iterator[Candidate]:
    """Yield the standard prices: in the asked currency where other currencies are served, converted, and base."""
    base_currency = context.base_currency
    in_base = _with_fallback(points, base_currency, points.standard_sales_price, context)
    if currency != base_currency:
        if context.settings.VariantCurrency:
            real = _with_fallback(points, currency, None, context)
            yield from (Candidate(Rule.STANDARD_IN_CURRENCY, point) for point in real)
        elif context.settings.GenerateCurrencyPriceLists:
            # Below the quantity of such a row the converted price counts, as in the generated list.
            real = [point for point in points.general if point.currency == currency]
            yield from (Candidate(Rule.STANDARD_IN_CURRENCY, point) for point in real)
        rate = context.price_lists.rates.get(currency)
        if rate is not None:
            yield from (Candidate(Rule.STANDARD_CONVERTED, converted(point, currency, rate)) for point in in_base)
    yield from (Candidate(Rule.STANDARD, point) for point in in_base)


def _with_fallback(
    points: ItemPoints, currency: str, fallback: PricePoint | None, context: ProjectionContext
) -> Sequence[PricePoint]:
    """Return the general prices of a currency; one that stands in for a missing price of one unit needs no quantity."""
    rows = [point for point in points.general if point.currency == currency]
    usable = [point for point in rows if point.holds_on(context.today)]
    if context.settings.GetPriceBasedOnItemUnit:
        usable = [point for point in usable if same_unit(point.unit, points.unit)]
    chosen = standard_price(usable, currency, fallback)
    if chosen is not None and chosen is fallback:
        return [*rows, chosen]
    return [*rows, chosen._replace(quantity=Decimal(0))] if chosen is not None and chosen.is_tier else rows


def _best_for_one(standard: Iterable[Candidate], currency: str, context: ProjectionContext) -> PricePoint | None:
    points = (candidate.point for candidate in standard)
    usable = [p for p in points if p.currency == currency and not p.is_tier and p.holds_on(context.today)]
    return min(usable, key=order, default=None)


def _group_points(item: Row, link: Link, base: PricePoint | None, context: ProjectionContext) -> Iterator[PricePoint]:
    """Yield the prices that discounts on the item's group give, off its standard price."""
    group = context.group_key(fields.text(item, "ItemGroupCode"), fields.text(item, "ItemGroupDescription"))
    if base is None or group is None or link.price_list is None:
        return
    for row in context.reference.get("group_discount", ()):
        period = context.price_lists.periods.get(fields.guid(row, "PriceListPeriod") or "")
        key = context.group_key(fields.text(row, "ItemGroupCode"), fields.text(row, "ItemGroupDescription"))
        if period is None or period.list_id != link.price_list.list_id or key != group:
            continue
        discount = percentage(row, "Discount") or Decimal(0)
        yield base._replace(
            row_id=fields.guid(row, "ID") or "",
            quantity=fields.number(row, "Quantity") or Decimal(0),
            price=fields.round_half_up(base.price * (ONE - discount / HUNDRED), PRICE_DECIMALS),
            discount=discount,
            start=period.start,
            end=period.end,
            special=period.special,
        )


def _checked(candidate: Candidate, quantity: Decimal, item_unit: str | None, context: ProjectionContext) -> Candidate:
    """Mark a candidate that cannot be used at all with the reason."""
    point = candidate.point
    reason = ""
    if point.start is not None and point.start > context.today:
        reason = "not_yet_valid"
    elif not point.holds_on(context.today):
        reason = "expired"
    elif context.settings.GetPriceBasedOnItemUnit and not same_unit(point.unit, item_unit):
        reason = "other_unit"
    elif point.is_tier and point.quantity > quantity:
        reason = "quantity_not_reached"
    return replace(candidate, reason=reason) if reason else candidate


def _rank(candidate: Candidate, currency: str) -> tuple[Any, ...]:
    point = candidate.point
    reached = point.quantity if point.is_tier else Decimal(0)
    return (candidate.rule, point.currency != currency, -reached, *order(point), candidate.price_list_code, point.price)


def _beaten_by(won: Candidate | None, candidate: Candidate) -> str:
    """Return why a usable candidate lost against the winner."""
    if won is None or candidate.rule != won.rule:
        return f"beaten_by_{won.rule.name.lower()}" if won else ""
    if candidate.point.currency != won.point.currency:
        return "other_currency"
    if won.point.is_tier and candidate.point.quantity < won.point.quantity:
        return "higher_quantity_reached"
    if won.point.special and not candidate.point.special:
        return "beaten_by_special_offer"
    return "older_or_later_row"
