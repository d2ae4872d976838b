"""What Exact's refusal of an order is to its client: each problem with a pointer into the order, a code and a remedy.

Exact names no place, only words; a place is told where the words and the order leave one. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from exact_connector.errors import ConnectorError, ExactRejected
from exact_connector.exact.http.business_texts import Explanation, explain
from exact_connector.exactly_once.attempts import reasons_of

_PARTNER_CODES = frozenset({"ACCOUNT_BLOCKED", "ACCOUNT_NOT_ACTIVE", "CREDIT_LIMIT"})
_ITEM_CODES = frozenset(
    {
        "ITEM_BLOCKED",
        "ITEM_NOT_ACTIVE",
        "ITEM_NOT_AT_SUPPLIER",
        "ITEM_NOT_IN_WAREHOUSE",
        "ITEM_NOT_PURCHASED",
        "PURCHASE_PRICE_MISSING",
        "STOCK_INSUFFICIENT",
    }
)
_PARTNER_FIELDS = ("customer_id", "customer_code", "supplier_id", "supplier_code")
_WORDS: Sequence[tuple[str, tuple[str, ...]]] = (
    (r"grootboek|g/?l ?account", ()),
    (r"magazijn|warehouse", ("warehouse_code",)),
    (r"verzend|leveringswijze|shipping", ("delivery_method_code",)),
    (r"valuta|currency", ("currency",)),
    (r"prijslijst|price ?list", ("price_list_code",)),
    (r"adres|address", ("delivery_address_id", "alternative_delivery_address")),
    (r"contact", ("contact_person_id", "alternative_contact_person")),
    (r"kostenplaats|kostendrager|cost ?(?:cent|unit)|verkoper|vertegenwoordiger|sales ?person", ("sales_rep",)),
    (r"leverdatum|delivery ?date", ("delivery_date",)),
    (r"datum|(?<!up)date|periode|period", ("order_date",)),
    (r"klant|relatie|besteld door|leverancier|customer|account|ordered by|supplier", _PARTNER_FIELDS),
)
_FIELDS = tuple((re.compile(words, re.IGNORECASE), names) for words, names in _WORDS)
"""What Exact calls a field, in Dutch or English -> the fields of the order that it came from."""
_ITEM = re.compile(r"artikel|item|product|hoeveelheid|aantal|quantity|regel|line", re.IGNORECASE)


def refusal_reasons(error: ConnectorError, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return why an order with this body was refused; one reason for each problem in Exact's text.

    A text that says nothing of the order (the connection, the edition, rights) stays one reason for the whole.
    """
    if not isinstance(error, ExactRejected):
        return reasons_of(error)
    problems = explain(error.exact_text)
    if error.code not in {each.code for each in problems}:
        return reasons_of(error)
    return [_reason(each, body) for each in problems]


def _reason(problem: Explanation, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "pointer": _pointer(problem, body),
        "code": problem.code,
        "message": f"Exact refused it: {problem.original.rstrip('.')}. {problem.remedy}",
        "exact_text": problem.original,
    }


def _pointer(problem: Explanation, body: Mapping[str, Any]) -> str:
    if problem.code in _ITEM_CODES:
        return _line(problem.original, body)
    if problem.code in _PARTNER_CODES:
        return _first(_PARTNER_FIELDS, body)
    words = problem.field or problem.original
    for pattern, names in _FIELDS:
        if pattern.search(words):
            return _first(names, body)
    return _line(problem.original, body) if _ITEM.search(words) else ""


def _first(names: Sequence[str], body: Mapping[str, Any]) -> str:
    return next((f"/{name}" for name in names if body.get(name)), "")


def _line(text: str, body: Mapping[str, Any]) -> str:
    """Return the one line that the text names by its item's code, or the only line that there is; else all of them."""
    codes = [str(line["item_code"]).strip() for line in body.get("lines") or () if "item_code" in line]
    named = [place for place, code in enumerate(codes) if code and _holds(text, code)]
    places = named or list(range(len(codes)))
    return f"/lines/{places[0]}/item_code" if len(places) == 1 else "/lines"


def _holds(text: str, code: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", text, re.IGNORECASE) is not None
