"""The price fields of an order line: which of unit price, net price, discount and price list are sent.

PriorWrite 0 drops the discount of a tier price, step 1 picks the mode, step 2 handles VAT, step 3 rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.orders.mapping.plan import Body
from exact_connector.orders.mapping.vat_prices import HUNDRED, ONE, vat_factor
from exact_connector.orders.model.canonical import OrderLine
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.references import AGREEMENT, OrderItem, Tier
from exact_connector.settings.model import Settings

PRICE_DECIMALS = 6
CENTS = 2
DISCOUNT_DECIMALS = 9
ZERO = Decimal(0)
PRICE_LIST_KINDS = frozenset({OrderKind.ORDER, OrderKind.INVOICE})
"""The documents whose lines carry a price list."""


class PriceMode(StrEnum):
    """What a line sends to Exact about its price; the first mode whose condition holds is used."""

    PRICE_LIST = "price list"
    DISCOUNT = "discount alone"
    ORIGINAL_AND_NET = "original price and net price"
    UNIT_AND_DISCOUNT = "unit price and discount"
    NET = "net price"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """The amounts of a line as the client means them: prices per unit, discount 0-100. None is unknown."""

    unit: Decimal | None
    original: Decimal | None
    net: Decimal | None
    discount: Decimal | None


def line_amounts(line: OrderLine, *, skip_discount: bool = False) -> LineAmounts:
    """Return net price and discount of a line; ``skip_discount`` is for a tier price that takes no discount.

    A net price without a discount implies one, as far as it is no surcharge.
    """
    unit = line.unit_price
    if skip_discount:
        net = unit if unit is not None else line.net_price
        return LineAmounts(unit, line.original_price, net, ZERO)
    given = line.discount_percentage
    if line.net_price is None:
        net = None if unit is None else unit * (ONE - (given or ZERO) / HUNDRED)
        return LineAmounts(unit, line.original_price, net, given or ZERO)
    discount = given if given is not None else _implied_discount(unit, line.net_price)
    return LineAmounts(unit, line.original_price, line.net_price, discount)


def _implied_discount(unit: Decimal | None, net: Decimal) -> Decimal | None:
    if unit is None or unit == net:
        return ZERO
    share = ONE - net / unit if unit else Decimal(-1)
    return fields.round_half_up(share, DISCOUNT_DECIMALS) * HUNDRED if ZERO <= share <= ONE else None


def is_tier(line: OrderLine, item: OrderItem, list_code: str | None) -> bool:
    """Return whether a line has a tier price: the client says so, or its unit price is a tier that it reached.

    ``list_code`` is the price list of the line. Looked at are that list, the customer's agreement and the standard
    prices.
    """
    if line.price_source is not None:
        return line.price_source == "tier"
    sources = (item.tiers.get(key, ()) for key in (code_key(list_code), AGREEMENT, ""))
    reached = (_reached(tiers, abs(line.quantity)) for tiers in sources)
    return any(tier is not None and tier.price == line.unit_price for tier in reached)


def _reached(tiers: tuple[Tier, ...], quantity: Decimal) -> Tier | None:
    possible = [tier for tier in tiers if ONE < tier.min_quantity <= quantity]
    return max(possible, key=lambda tier: tier.min_quantity, default=None)


def is_unchanged(line: OrderLine) -> bool:
    """Return whether the rep left price and discount as they were; without the originals that is not known."""
    if line.unit_price is None or line.original_price is None or line.original_discount_percentage is None:
        return False
    same_discount = (line.discount_percentage or ZERO) == line.original_discount_percentage
    return line.unit_price == line.original_price and same_discount and not contradicts_net(line)


def contradicts_net(line: OrderLine) -> bool:
    """Return whether the client's net price is not the unit price less the discount, beyond a rounding to cents."""
    if line.unit_price is None or line.net_price is None:
        return False
    expected = line.unit_price * (ONE - (line.discount_percentage or ZERO) / HUNDRED)
    return abs(expected - line.net_price) > Decimal("0.01")


def price_mode(
    line: OrderLine, amounts: LineAmounts, settings: Settings, kind: OrderKind, *, tier: bool, has_list: bool
) -> PriceMode:
    """Pick the price mode of a line. ``has_list``: the line has a price list that Exact knows."""
    by_list = settings.DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged and kind in PRICE_LIST_KINDS
    if by_list and has_list and not tier and is_unchanged(line):
        return PriceMode.PRICE_LIST
    if settings.UseDiscountWithoutPriceOnOrder:
        return PriceMode.DISCOUNT
    if amounts.net is None:
        # No price at all: Exact prices the line, less the discount that the client gave.
        return PriceMode.DISCOUNT if amounts.discount else PriceMode.NOTHING
    if settings.SetOriginalPriceOnUnitPrice:
        return PriceMode.ORIGINAL_AND_NET
    if settings.SetUnitPrice and amounts.unit is not None and amounts.discount is not None:
        return PriceMode.UNIT_AND_DISCOUNT
    return PriceMode.NET


def price_fields(
    mode: PriceMode,
    amounts: LineAmounts,
    item: OrderItem,
    settings: Settings,
    *,
    liable: bool,
    price_list_id: str | None = None,
) -> Body:
    """Return the price fields of a line in its mode; ``liable``: the customer is charged VAT."""
    if mode is PriceMode.PRICE_LIST:
        return {"Pricelist": price_list_id}
    body: Body = {}
    original = amounts.original if amounts.original is not None else amounts.unit
    unit = {PriceMode.ORIGINAL_AND_NET: original, PriceMode.UNIT_AND_DISCOUNT: amounts.unit}.get(mode)
    if unit is not None:
        body["UnitPrice"] = price_sent(unit, item, settings, liable=liable)
    if mode in (PriceMode.ORIGINAL_AND_NET, PriceMode.NET) and amounts.net is not None:
        body["NetPrice"] = price_sent(amounts.net, item, settings, liable=liable)
    if mode in (PriceMode.DISCOUNT, PriceMode.UNIT_AND_DISCOUNT):
        body["Discount"] = (amounts.discount or ZERO) / HUNDRED
    return body


def price_sent(price: Decimal, item: OrderItem, settings: Settings, *, liable: bool) -> Decimal:
    """Return a price as it is sent: VAT handled, then rounded half away from zero to 6 decimals or to cents."""
    multiply, divide = vat_factor(item, settings, liable=liable)
    places = CENTS if settings.RoundOrderLinePricesToTwoDecimals else PRICE_DECIMALS
    return fields.round_half_up(price * multiply / divide, places)
