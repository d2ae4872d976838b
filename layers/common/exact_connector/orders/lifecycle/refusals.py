"""What Exact's refusal of an order is to its client: each problem with a pointer into the order, a code and a remedy.

Exact names no place, only words; a place is told where the words and the order leave one. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from exact_connector.errors import ConnectorError
from exact_connector.exact.http.business_terms import Subject
from exact_connector.exact.http.business_texts import Explanation
from exact_connector.exactly_once import refusals

_PARTNER_CODES = frozenset({"ACCOUNT_BLOCKED", "ACCOUNT_NOT_ACTIVE", "CREDIT_LIMIT"})
_ITEM_CODES = frozenset(
    {
        "ITEM_BLOCKED",
        "ITEM_NOT_ACTIVE",
        "ITEM_NOT_AT_SUPPLIER",
        "ITEM_NOT_IN_WAREHOUSE",
        "ITEM_NOT_PURCHASED",
        "ITEM_NOT_SOLD",
        "PURCHASE_PRICE_MISSING",
        "STOCK_INSUFFICIENT",
    }
)
_PARTNER = ("customer_id", "customer_code", "supplier_id", "supplier_code")
_DELIVERY = ("delivery_address_id", "alternative_delivery_address")
_FIELDS: Mapping[Subject, tuple[str, ...]] = {
    Subject.CUSTOMER: _PARTNER,
    Subject.SUPPLIER: _PARTNER,
    Subject.ACCOUNT: _PARTNER,
    Subject.CREDIT_LIMIT: _PARTNER,
    Subject.INVOICE_TO: ("alternative_invoice_address",),
    Subject.DELIVER_TO: (*_DELIVERY, *_PARTNER),
    Subject.CONTACT: ("contact_person_id", "alternative_contact_person"),
    Subject.DELIVERY_ADDRESS: _DELIVERY,
    Subject.ADDRESS: (*_DELIVERY, "alternative_invoice_address"),
    Subject.WAREHOUSE: ("warehouse_code",),
    Subject.SHIPPING_METHOD: ("delivery_method_code",),
    Subject.CURRENCY: ("currency",),
    Subject.EXCHANGE_RATE: ("currency",),
    Subject.PRICE_LIST: ("price_list_code",),
    Subject.REFERENCE: ("your_reference", "reference"),
    Subject.DESCRIPTION: ("description", "reference", "notes"),
    Subject.NOTES: ("notes",),
    Subject.DELIVERY_DATE: ("delivery_date", "receipt_date"),
    Subject.RECEIPT_DATE: ("receipt_date", "delivery_date"),
    Subject.ORDER_DATE: ("order_date",),
    Subject.DATE: ("order_date",),
    Subject.PERIOD: ("order_date",),
    Subject.DISCOUNT: ("discount_percentage",),
    Subject.SALESPERSON: ("sales_rep",),
    Subject.COST_CENTER: ("sales_rep",),
    Subject.COST_UNIT: ("sales_rep",),
    Subject.ORDER_NUMBER: ("original_order_number",),
}
"""What a refusal is about -> the fields of the order that it may have come from, the likeliest first."""
_OF_LINES = frozenset(
    {
        Subject.ITEM,
        Subject.LINE,
        Subject.QUANTITY,
        Subject.UNIT,
        Subject.PRICE,
        Subject.PURCHASE_PRICE,
        Subject.DISCOUNT,
        Subject.PURCHASE,
        Subject.SALE,
        Subject.STOCK,
    }
)
"""Subjects of single lines, where the header has no field for them."""


def refusal_reasons(error: ConnectorError, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return why an order with this body was refused; one reason for each problem in Exact's text."""
    return refusals.refusal_reasons(error, lambda problem: _pointer(problem, body))


def _pointer(problem: Explanation, body: Mapping[str, Any]) -> str:
    if problem.code in _ITEM_CODES:
        return _line(problem.original, body)
    if problem.code in _PARTNER_CODES:
        return _first((*_FIELDS.get(problem.subject or Subject.CUSTOMER, ()), *_PARTNER), body)
    if problem.subject is None:
        return ""
    place = _first(_FIELDS.get(problem.subject, ()), body)
    return place or (_line(problem.original, body) if problem.subject in _OF_LINES else "")


def _first(names: Sequence[str], body: Mapping[str, Any]) -> str:
    return next((f"/{name}" for name in names if body.get(name)), "")


def _line(text: str, body: Mapping[str, Any]) -> str:
    """Return the one line that the text names by its item's code, or the only line that there is; else all of them."""
    codes = [str(line["item_code"]).strip() for line in body.get("lines") or () if "item_code" in line]
    named = [number for number, code in enumerate(codes) if code and _names(text, code)]
    numbers = named or list(range(len(codes)))
    return f"/lines/{numbers[0]}/item_code" if len(numbers) == 1 else "/lines"


def _names(text: str, code: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", text, re.IGNORECASE) is not None
