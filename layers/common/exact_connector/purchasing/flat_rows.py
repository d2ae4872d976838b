"""The flat sync streams of sales invoices and purchase orders: which rows are lines, which one is the header. Pure.

    LineNumber     0   the header: the facts and the amount of the whole document
    LineNumber  1..9998 the lines; each repeats the facts of the header
    LineNumber  9999   VAT

Streams without the rows 0 and 9999 were seen too. The amounts of the rows 1 to 9999 were seen with the sign turned, so
they are taken by magnitude and get the sign of what they mean. Source: reference of the API, section 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from exact_connector import fields
from exact_connector.fields import Row

HEADER_LINE, VAT_LINE = 0, 9999
ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class FlatRows:
    """The rows of one document. ``header`` is row 0, or the first line where there is none; ``has_header`` says which,
    because only row 0 has the amount of the whole document."""

    header: Row
    lines: tuple[Row, ...]
    vat: Row | None
    has_header: bool


def flat_rows(rows: Iterable[Row]) -> FlatRows | None:
    """Divide the rows of one document; None without a line, because Exact keeps no document without one."""
    ordered = numbered(rows)
    lines = tuple(row for row in ordered if _is_line(row))
    if not lines:
        return None
    by_number = {fields.integer(row, "LineNumber"): row for row in reversed(ordered)}
    header = by_number.get(HEADER_LINE)
    return FlatRows(lines[0] if header is None else header, lines, by_number.get(VAT_LINE), header is not None)


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order of their line numbers."""
    return sorted(rows, key=lambda row: (fields.integer(row, "LineNumber") or 0, fields.guid(row, "ID") or ""))


def signed_amount(row: Row, name: str, *, is_credit: bool) -> Decimal | None:
    """Return the amount of a line with the sign of its quantity and its price, turned on a credit note."""
    amount = fields.number(row, name)
    if not amount:
        return amount
    quantity, price = fields.number(row, "Quantity") or ZERO, fields.number(row, "NetPrice") or ZERO
    negative = is_credit or quantity < 0
    return -abs(amount) if negative != (price < 0) else abs(amount)


def amounts_agree(flat: FlatRows, *, is_credit: bool) -> bool | None:
    """Return whether the lines add up to the header; None where the header does not say.

    Compared without VAT where the header has that amount, else with VAT; a discount of the whole document may be taken
    off the header only. Cents may differ by the rounding of each line.
    """
    if not flat.has_header:
        return None
    for currency in ("FC", "DC"):
        total = _total(flat, f"Amount{currency}", is_credit=is_credit)
        stated = _stated(flat, currency)
        if total is not None and stated is not None:
            allowed = _CENT * (len(flat.lines) + 1)
            amount, added, discounts = stated
            return any(abs(abs(total) + added - off - amount) <= allowed for off in discounts)
    return None


def _is_line(row: Row) -> bool:
    number = fields.integer(row, "LineNumber")
    return fields.guid(row, "Item") is not None if number is None else HEADER_LINE < number < VAT_LINE


def _total(flat: FlatRows, name: str, *, is_credit: bool) -> Decimal | None:
    """Add up the lines; None where one of them has no amount."""
    amounts = [signed_amount(row, name, is_credit=is_credit) for row in flat.lines]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def _stated(flat: FlatRows, currency: str) -> tuple[Decimal, Decimal, tuple[Decimal, ...]] | None:
    """Return the header's amount, what has to be added to the lines for it, and the discounts that it may lack."""
    excluding = _magnitude(flat.header, "AmountFCExclVat") if currency == "FC" else None
    if excluding is not None:
        return excluding, ZERO, (ZERO, _magnitude(flat.header, "AmountDiscountExclVat") or ZERO)
    including, vat = _magnitude(flat.header, f"Amount{currency}"), _vat(flat, currency)
    if including is None or vat is None:
        return None
    return including, vat, (ZERO, _magnitude(flat.header, "AmountDiscount") or ZERO)


def _vat(flat: FlatRows, currency: str) -> Decimal | None:
    if flat.vat is not None:
        return _magnitude(flat.vat, f"Amount{currency}")
    on_header = _magnitude(flat.header, f"VATAmount{currency}")
    return _magnitude(flat.header, "VATAmount") if on_header is None and currency == "FC" else on_header


def _magnitude(row: Row, name: str) -> Decimal | None:
    value = fields.number(row, name)
    return None if value is None else abs(value)
