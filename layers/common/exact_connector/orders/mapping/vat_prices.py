"""VAT in the prices of order lines: added, taken out, or left as it is."""

from __future__ import annotations

from decimal import Decimal

from exact_connector.orders.model.references import OrderItem
from exact_connector.settings.model import Settings

HUNDRED = Decimal(100)
ONE = Decimal(1)


def converts_vat(settings: Settings) -> bool:
    """Return whether a setting may change prices by VAT at all."""
    return settings.NetPriceIncludingVat or settings.NetPriceBasedOnVatLiability


def vat_factor(item: OrderItem, settings: Settings, *, liable: bool) -> tuple[Decimal, Decimal]:
    """Return what a price of the item is multiplied with and divided by; (1, 1) leaves it alone.

    ``liable``: the customer is charged VAT. An item whose VAT code is unknown keeps its prices.
    """
    if item.vat_percentage is None:
        return ONE, ONE
    rate = ONE + item.vat_percentage / HUNDRED
    if settings.NetPriceBasedOnVatLiability and not liable:
        return (ONE, rate) if item.vat_included else (ONE, ONE)
    if settings.NetPriceIncludingVat:
        return (ONE, ONE) if item.vat_included else (rate, ONE)
    return ONE, ONE
