"""Orders of the relation card from the connector's own store, for tenants that do not show Exact's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.customers.history.orders import Amount, HistoryLine, HistoryOrder

CENTS = 2


@dataclass(frozen=True, slots=True)
class ItemVat:
    """How an item is taxed: the percentage (0-100), and whether its prices include VAT already."""

    percentage: Decimal
    included: bool


NO_VAT = ItemVat(Decimal(0), included=False)


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order as a client posted it (`order` is the canonical order), with what became of it."""

    order_id: str
    status: str
    order: Mapping[str, Any]
    order_number: int | None = None


def own_orders(orders: Iterable[OwnOrder], vat_by_item: Mapping[str, ItemVat]) -> list[HistoryOrder]:
    """Read orders that were posted through the connector.

    Amounts are computed from quantity and net price, cents per line, with the header discount; `vat_by_item` maps an
    item code (trimmed, in capitals) to its VAT, an unknown item counts without VAT. What was delivered is not known.
    """
    return [_own_order(order, vat_by_item) for order in orders]


def _own_order(own: OwnOrder, vat_by_item: Mapping[str, ItemVat]) -> HistoryOrder:
    order = own.order
    factor = 1 - (_number(order, "discount_percentage") or Decimal(0)) / 100
    lines = tuple(_own_line(number, line, vat_by_item) for number, line in enumerate(order.get("lines", ()), start=1))
    return HistoryOrder(
        order_id=own.order_id,
        order_number=own.order_number,
        order_date=_day(order, "order_date") or _day(order, "created_at"),
        delivery_date=_day(order, "delivery_date"),
        description=fields.text(order, "reference"),
        your_ref=fields.text(order, "your_reference"),
        status=own.status,
        currency=fields.text(order, "currency"),
        total=Amount(
            _total((line.total.including for line in lines), factor),
            _total((line.total.excluding for line in lines), factor),
        ),
        lines=lines,
    )


def _own_line(number: int, line: Mapping[str, Any], vat_by_item: Mapping[str, ItemVat]) -> HistoryLine:
    quantity = _number(line, "quantity") or Decimal(0)
    discount = _number(line, "discount_percentage") or Decimal(0)
    price = _number(line, "unit_price")
    net = _number(line, "net_price")
    if net is None and price is not None:
        net = price * (1 - discount / 100)
    vat = vat_by_item.get(code_key(line.get("item_code")), NO_VAT)
    return HistoryLine(
        line_id=str(number),
        line_number=number,
        item_code=fields.text(line, "item_code"),
        description=fields.text(line, "description"),
        quantity=quantity,
        delivered=None,
        back_order=None,
        unit_price=price if price is not None else net,
        discount_percentage=discount,
        total=_line_total(None if net is None else net * quantity, vat),
        delivery_date=_day(line, "delivery_date"),
    )


def _line_total(amount: Decimal | None, vat: ItemVat) -> Amount:
    if amount is None:
        return Amount(None, None)
    factor = 1 + vat.percentage / 100
    including, excluding = (amount, amount / factor) if vat.included else (amount * factor, amount)
    return Amount(fields.round_half_up(including, CENTS), fields.round_half_up(excluding, CENTS))


def _total(amounts: Iterable[Decimal | None], factor: Decimal) -> Decimal | None:
    known = list(amounts)
    if any(amount is None for amount in known):
        return None
    return fields.round_half_up(sum((amount for amount in known if amount is not None), Decimal(0)) * factor, CENTS)


def _number(values: Mapping[str, Any], name: str) -> Decimal | None:
    value = values.get(name)
    try:
        found = None if value is None or isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _day(values: Mapping[str, Any], name: str) -> date | None:
    value = values.get(name)
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
