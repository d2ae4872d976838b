"""Which accounts are delivered as customers or suppliers, and on which date that changes by itself."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from exact_connector import fields
from exact_connector.catalog.dates import next_boundary
from exact_connector.fields import Row
from exact_connector.settings.model import Settings
from exact_connector.settings.parsed import customer_statuses


class NotDelivered(StrEnum):
    """Why an account is not delivered."""

    STATUS = "status"
    NO_DEALER = "no_dealer"
    NO_SUPPLIER = "no_supplier"
    ENDED = "ended"


def status_of(account: Row) -> str | None:
    """Return the status letter of an account in capitals."""
    status = fields.text(account, "Status")
    return status.upper() if status else None


def why_no_customer(account: Row, settings: Settings, today: date) -> NotDelivered | None:
    """Tell why an account is not delivered as a customer, None when it is."""
    if status_of(account) not in customer_statuses(settings):
        return NotDelivered.STATUS
    if settings.OnlyLoadDealers and not fields.flag(account, "IsReseller"):
        return NotDelivered.NO_DEALER
    return None if is_running(account, today) else NotDelivered.ENDED


def why_no_supplier(account: Row, today: date) -> NotDelivered | None:
    """Tell why an account is not delivered as a supplier, None when it is."""
    if not fields.flag(account, "IsSupplier"):
        return NotDelivered.NO_SUPPLIER
    return None if is_running(account, today) else NotDelivered.ENDED


def is_running(account: Row, today: date) -> bool:
    """Tell whether an account has not ended; the end date itself is still active."""
    end = fields.day(account, "EndDate")
    return end is None or end >= today


def ends_on(account: Row, today: date) -> date | None:
    """Return the day on which a running account is no longer delivered, None when it never ends or already did."""
    return next_boundary(None, fields.day(account, "EndDate"), today)
