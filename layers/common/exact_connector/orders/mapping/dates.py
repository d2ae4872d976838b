"""The dates of a document: order date, delivery date of the header, delivery date of a line. Calendar dates only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from exact_connector.clock import EXACT_ZONE
from exact_connector.orders.model.canonical import CanonicalOrder, OrderLine
from exact_connector.settings.model import Settings

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_DUTCH = re.compile(r"(?P<day>\d{2})(?P<mark>[-/])(?P<month>\d{2})(?P=mark)(?P<year>\d{4})")


@dataclass(frozen=True, slots=True)
class HeaderDates:
    """Order date, and the delivery date where there is one. ``automatic``: dates may be set that no client sent."""

    order_date: date
    delivery_date: date | None
    automatic: bool

    @property
    def requested(self) -> date:
        """Return the date on which the customer wants the goods."""
        return self.delivery_date or self.order_date


def header_dates(order: CanonicalOrder, settings: Settings, today: date) -> HeaderDates:
    """Decide the header's dates; an order without a date is of today and counts as unchanged."""
    chosen = order.order_date or today
    automatic = not (settings.OnlySetDeliveryDateForUnchangedOrderDate and _date_was_changed(order))
    if settings.UseDateAsDeliveryDate and automatic:
        return HeaderDates(today, order.delivery_date or chosen, automatic)
    return HeaderDates(chosen, order.delivery_date, automatic)


def _date_was_changed(order: CanonicalOrder) -> bool:
    if order.order_date is None or order.created_at is None:
        return False
    return order.order_date != order.created_at.astimezone(EXACT_ZONE).date()


def instruction_date(instruction: str | None) -> date | None:
    """Read an instruction that is nothing but a date: yyyy-MM-dd, dd-MM-yyyy or dd/MM/yyyy; None for any other text."""
    text = (instruction or "").strip()
    match = _ISO.fullmatch(text) or _DUTCH.fullmatch(text)
    if match is None or not text.isascii():
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class LineDate:
    """The date that a line names itself, and whether its instruction was that date and so is no note."""

    delivery_date: date | None
    from_instruction: bool


def explicit_line_date(line: OrderLine, settings: Settings) -> LineDate:
    """Return the delivery date that a line names: its own, else an instruction that is a date."""
    if line.delivery_date is not None:
        return LineDate(line.delivery_date, from_instruction=False)
    if settings.DisableInstructionAsOrderLineDeliveryDate:
        return LineDate(None, from_instruction=False)
    found = instruction_date(line.instruction)
    return LineDate(found, from_instruction=found is not None)
