"""Where Exact's refusal of a requested customer points: the fields of what the platform posted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exact_connector.customer_requests.input import ADDRESS_LINE_FIELDS, NAME, STATUS
from exact_connector.errors import ConnectorError
from exact_connector.exact.http.business_terms import Subject
from exact_connector.exact.http.business_texts import Explanation
from exact_connector.exactly_once import refusals

_FIELDS: Mapping[Subject, Sequence[str]] = {
    Subject.NAME: (NAME,),
    Subject.ACCOUNT: (NAME,),
    Subject.CUSTOMER: (NAME,),
    Subject.EMAIL: ("email",),
    Subject.PHONE: ("phone",),
    Subject.STREET: ADDRESS_LINE_FIELDS,
    Subject.ADDRESS: ADDRESS_LINE_FIELDS,
    Subject.POSTCODE: ("postcode",),
    Subject.CITY: ("city",),
    Subject.COUNTRY: ("country",),
    Subject.LANGUAGE: ("language_code",),
    Subject.VAT_NUMBER: ("vat_number",),
    Subject.STATUS: (STATUS,),
}
"""What a refusal is about -> the fields that it may have come from, the likeliest first."""


def refusal_reasons(error: ConnectorError, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return why a customer with this body was refused; one reason for each problem in Exact's text."""
    return refusals.refusal_reasons(error, lambda problem: _pointer(problem, body))


def _pointer(problem: Explanation, body: Mapping[str, Any]) -> str:
    """Return the field that was sent, or the one that is missing."""
    names = () if problem.subject is None else _FIELDS.get(problem.subject, ())
    missing = names[0] if names and problem.code == "FIELD_MANDATORY" else None
    name = next((name for name in names if body.get(name)), missing)
    return "" if name is None else f"/{name}"
