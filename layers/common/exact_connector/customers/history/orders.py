"""Orders on the relation card: Exact's own or those of the platform, cut and totalled as the tenant wants.

Steps: newest first, at most so many orders, only lines in back order, next delivery dates, totals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.projection import Warning
from exact_connector.fields import Row
from exact_connector.settings.model import Settings
from exact_connector.settings.problems import Code

if TYPE_CHECKING:
    from exact_connector.documents.models.history import HistoryLine as LineDocument
    from exact_connector.documents.models.history import HistoryOrder as OrderDocument

ORDER_STATUSES = {12: "open", 20: "partial", 21: "complete", 45: "cancelled"}
"""`SalesOrder.Status` in words."""

NOTHING_TO_DELIVER = frozenset({21, 45})
"""Delivery statuses of a line that has no back order: complete and cancelled."""

ORDER_FIELDS = (
    *("OrderID", "OrderNumber", "OrderDate", "DeliveryDate", "Description", "YourRef", "Status", "Currency"),
    *("AmountFC", "AmountFCExclVat", "OrderedBy"),
)
"""The properties of `salesorder/SalesOrders` that the history reads."""

ORDER_LINE_FIELDS = (
    *("ID", "OrderID", "LineNumber", "ItemCode", "Description", "ItemDescription", "Quantity", "QuantityDelivered"),
    *("NetPrice", "UnitPrice", "Discount", "AmountFC", "VATAmount", "DeliveryDate", "DeliveryStatus"),
)
"""The properties of `salesorder/SalesOrderLines` that the history reads."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount with and without VAT, in the currency of the document."""

    including: Decimal | None
    excluding: Decimal | None

    def shown(self, *, excluding_vat: bool) -> str | None:
        """Return the wanted amount as text."""
        wanted = self.excluding if excluding_vat else self.including
        return None if wanted is None else fields.plain(wanted)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of an order. `delivered` and `back_order` are None where nobody knows (orders not read from Exact)."""

    line_id: str
    line_number: int | None
    item_code: str | None
    description: str | None
    quantity: Decimal
    delivered: Decimal | None
    back_order: Decimal | None
    unit_price: Decimal | None
    discount_percentage: Decimal
    total: Amount
    delivery_date: date | None


@dataclass(frozen=True, slots=True)
class HistoryOrder:
    """One order of a customer."""

    order_id: str
    order_number: int | None
    order_date: date | None
    delivery_date: date | None
    description: str | None
    your_ref: str | None
    status: str | None
    currency: str | None
    total: Amount
    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """The orders as they are shown, newest first, and settings that had no effect."""

    orders: tuple[OrderDocument, ...]
    warnings: tuple[Warning, ...]


def history_source(settings: Settings) -> Literal["exact", "own"]:
    """Tell where the orders on the card come from; only `exact` needs calls to Exact."""
    return "exact" if settings.OrderHistoryBackoffice else "own"


def history_orders(
    settings: Settings,
    *,
    from_exact: Callable[[], Iterable[HistoryOrder]],
    own: Callable[[], Iterable[HistoryOrder]],
) -> Iterable[HistoryOrder]:
    """Read the orders from the source that the tenant wants; the other one is not touched."""
    return from_exact() if history_source(settings) == "exact" else own()


def exact_orders(headers: Iterable[Row], lines: Iterable[Row]) -> list[HistoryOrder]:
    """Read orders from rows of `salesorder/SalesOrders` and `salesorder/SalesOrderLines`, joined by order ID."""
    by_order: dict[str, list[Row]] = {}
    for line in lines:
        by_order.setdefault(fields.guid(line, "OrderID") or "", []).append(line)
    read = (_exact_order(header, by_order.get(fields.guid(header, "OrderID") or "", ())) for header in headers)
    return list({order.order_id: order for order in read}.values())


def order_history(
    orders: Iterable[HistoryOrder], settings: Settings, next_delivery_dates: Mapping[str, str | None]
) -> OrderHistory:
    """Return the orders of one customer as the relation card shows them.

    `orders` come from `history_orders`: `exact_orders` while `OrderHistoryBackoffice` is on, else `own_orders`.
    `next_delivery_dates` maps an item code (trimmed, in capitals) to the stored next delivery date.
    """
    shown = newest_first(orders)[: settings.OrderSelectTop or None]
    if settings.OrderHistoryBackoffice and settings.ShowOnlyBackOrderLines:
        shown = [cut for order in shown if (cut := only_back_orders(order)).lines]
    with_dates = _shows_next_dates(settings)
    dates = {code_key(code): day for code, day in next_delivery_dates.items()} if with_dates else {}
    documents = tuple(_order_document(order, settings, dates) for order in shown)
    return OrderHistory(documents, ignored_settings(settings))


def newest_first(orders: Iterable[HistoryOrder]) -> list[HistoryOrder]:
    """Order by date, then number, newest first; an order without a date comes last."""
    by_id = sorted(orders, key=lambda order: order.order_id)
    return sorted(by_id, key=lambda order: (order.order_date or date.min, order.order_number or 0), reverse=True)


def only_back_orders(order: HistoryOrder) -> HistoryOrder:
    """Keep only the lines with something still to deliver; the total stays that of the whole order."""
    return replace(order, lines=tuple(line for line in order.lines if line.back_order))


def back_order_quantity(line: Row) -> Decimal:
    """Return what is still to be delivered of a row of `salesorder/SalesOrderLines`, never below 0."""
    if fields.integer(line, "DeliveryStatus") in NOTHING_TO_DELIVER:
        return Decimal(0)
    ordered = fields.number(line, "Quantity") or Decimal(0)
    return max(ordered - (fields.number(line, "QuantityDelivered") or Decimal(0)), Decimal(0))


def ignored_settings(settings: Settings) -> tuple[Warning, ...]:
    """Return the history settings that are on and cannot have an effect with the others as they are."""
    found = []
    for key in ("ShowOnlyBackOrderLines", "ShowNextDeliveryDateOnBackOrderLines"):
        if getattr(settings, key) and not settings.OrderHistoryBackoffice:
            found.append(_ignored(key, "OrderHistoryBackoffice"))
    if settings.ShowNextDeliveryDateOnBackOrderLines and not settings.SyncNextDeliveryDate:
        found.append(_ignored("ShowNextDeliveryDateOnBackOrderLines", "SyncNextDeliveryDate"))
    return tuple(found)


def _ignored(key: str, needed: str) -> Warning:
    return Warning(Code.IGNORED_SETTING.value, f"{key} has no effect without {needed}; switch that on or this off")


def _shows_next_dates(settings: Settings) -> bool:
    return (
        settings.OrderHistoryBackoffice
        and settings.SyncNextDeliveryDate
        and settings.ShowNextDeliveryDateOnBackOrderLines
    )


def _exact_order(header: Row, lines: Sequence[Row]) -> HistoryOrder:
    read = sorted(
        (_exact_line(line) for line in lines),
        key=lambda line: (line.line_number is None, line.line_number, line.line_id),
    )
    status = fields.integer(header, "Status")
    return HistoryOrder(
        order_id=fields.guid(header, "OrderID") or "",
        order_number=fields.integer(header, "OrderNumber"),
        order_date=fields.day(header, "OrderDate"),
        delivery_date=fields.day(header, "DeliveryDate"),
        description=fields.text(header, "Description"),
        your_ref=fields.text(header, "YourRef"),
        status=None if status is None else ORDER_STATUSES.get(status, str(status)),
        currency=fields.text(header, "Currency"),
        total=_exact_total(header, lines),
        lines=tuple(read),
    )


def _exact_total(header: Row, lines: Sequence[Row]) -> Amount:
    including = fields.number(header, "AmountFC")
    excluding = fields.number(header, "AmountFCExclVat")
    if excluding is None and including is not None:
        excluding = including - sum((fields.number(line, "VATAmount") or Decimal(0) for line in lines), Decimal(0))
    return Amount(including, excluding)


def _exact_line(line: Row) -> HistoryLine:
    amount = fields.number(line, "AmountFC")
    vat = fields.number(line, "VATAmount") or Decimal(0)
    unit_price = fields.number(line, "UnitPrice")
    return HistoryLine(
        line_id=fields.guid(line, "ID") or "",
        line_number=fields.integer(line, "LineNumber"),
        item_code=fields.text(line, "ItemCode"),
        description=fields.text(line, "Description") or fields.text(line, "ItemDescription"),
        quantity=fields.number(line, "Quantity") or Decimal(0),
        delivered=fields.number(line, "QuantityDelivered") or Decimal(0),
        back_order=back_order_quantity(line),
        # Orders that were posted with a net price only have a unit price of 0 in Exact.
        unit_price=unit_price or fields.number(line, "NetPrice") or unit_price,
        discount_percentage=(fields.number(line, "Discount") or Decimal(0)) * 100,
        total=Amount(None if amount is None else amount + vat, amount),
        delivery_date=fields.day(line, "DeliveryDate"),
    )


def _order_document(order: HistoryOrder, settings: Settings, dates: Mapping[str, str | None]) -> OrderDocument:
    excluding = settings.ExcludeVatFromHistoryTotals
    return {
        "order_id": order.order_id,
        "order_number": order.order_number,
        "order_date": _text(order.order_date),
        "delivery_date": _text(order.delivery_date),
        "description": order.description,
        "your_ref": order.your_ref,
        "status": order.status,
        "currency": order.currency,
        "total": order.total.shown(excluding_vat=excluding),
        "vat_included": not excluding,
        "lines": [_line_document(line, dates, excluding_vat=excluding) for line in order.lines],
    }


def _line_document(line: HistoryLine, dates: Mapping[str, str | None], *, excluding_vat: bool) -> LineDocument:
    return {
        "line_number": line.line_number,
        "item_code": line.item_code,
        "description": line.description,
        "quantity": fields.plain(line.quantity),
        "quantity_delivered": _plain(line.delivered),
        "back_order_quantity": _plain(line.back_order),
        "unit_price": _plain(line.unit_price),
        "discount_percentage": fields.plain(line.discount_percentage),
        "total": line.total.shown(excluding_vat=excluding_vat),
        "delivery_date": _text(line.delivery_date),
        "next_delivery_date": dates.get(code_key(line.item_code)) if line.back_order else None,
    }


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else fields.plain(value)


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
