"""Money of document lines and headers: amounts without VAT, VAT and totals, rounded half away from zero."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]


def cents(amount: float, digits: int = 2) -> float:
    """Round an amount half away from zero."""
    return float(Decimal(repr(amount)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def line_amounts(quantity: float, net_price: float, vat: Row | None, rate: float) -> Row:
    """Return AmountFC (without VAT), VATAmount, VATPercentage (None without a VAT code) and AmountDC of a line.

    `net_price` is in the basis of the VAT code: Type I means it includes VAT. `rate` is company currency per unit.
    """
    fraction = float(vat.get("Percentage", 0.0)) if vat else 0.0
    gross = quantity * net_price
    if vat is not None and vat.get("Type") == "I":
        excluding = cents(gross / (1 + fraction))
        tax = cents(cents(gross) - excluding)
    else:
        excluding = cents(gross)
        tax = cents(excluding * fraction)
    return {
        "AmountFC": excluding,
        "AmountDC": cents(excluding * rate),
        "VATAmount": tax,
        "VATPercentage": None if vat is None else fraction,
    }


def header_amounts(lines: Iterable[Row], discount: float, rate: float, vat_field: str = "VATAmount") -> Row:
    """Return the totals of a header: AmountFC includes VAT, the header discount (a fraction) is taken off both."""
    lines = list(lines)
    excluding = sum(line.get("AmountFC", 0.0) for line in lines)
    including = excluding + sum(line.get(vat_field, 0.0) for line in lines)
    off, off_excluding = cents(including * discount), cents(excluding * discount)
    total = cents(including - off)
    return {
        "AmountFC": total,
        "AmountFCExclVat": cents(excluding - off_excluding),
        "AmountDC": cents(total * rate),
        "AmountDiscount": off,
        "AmountDiscountExclVat": off_excluding,
    }
