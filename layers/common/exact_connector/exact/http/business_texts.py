"""Exact's Dutch and English texts -> a stable code and what to fix, where.

Exact gives no codes, answers in the language of the user, and joins several problems by line breaks. The status
decides what happens (``error_table.py``); these texts only explain it, so an unknown text loses nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """One problem in Exact's words: a stable code, the field it names (if any), what to fix and where."""

    code: str
    remedy: str
    original: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    pattern: re.Pattern[str]
    code: str
    remedy: str


def _known(pattern: str, code: str, remedy: str) -> _Known:
    return _Known(re.compile(pattern, re.IGNORECASE | re.DOTALL), code, remedy)


# The first pattern that fits wins, so the special ones stand above the general ones.
_KNOWN = (
    _known(
        r"inkoopprijs.*niet gevonden|purchase price.*not found",
        "PURCHASE_PRICE_MISSING",
        "Give the item a purchase price for this supplier: item card, tab Purchase, Suppliers.",
    ),
    _known(
        r"(?:verplicht|mandatory|required)\s*:\s*(?P<field>inkoop|purchase)\s*$",
        "ITEM_NOT_PURCHASED",
        "Tick Purchase on the item card, tab Basics.",
    ),
    _known(
        r"(?:verplicht|mandatory|required)\s*:\s*(?P<field>.+)",
        "FIELD_MANDATORY",
        "Fill in the named field in the document, or give it a default in Exact.",
    ),
    _known(
        r"(?:artikel|item).*(?:niet actief|toekomstig|not active|inactive|future)",
        "ITEM_NOT_ACTIVE",
        "Check the start and end date of the item: item card, tab Basics.",
    ),
    _known(
        r"(?:klant|debiteur|relatie|leverancier|customer|account|supplier).*(?:niet actief|not active|inactive)",
        "ACCOUNT_NOT_ACTIVE",
        "Check the start and end date and the status of the relation on its card.",
    ),
    _known(
        r"(?:btw-?code|vat code).*(?:geblokkeerd|blocked)|(?:geblokkeerd|blocked).*(?:btw-?code|vat code)",
        "VAT_CODE_BLOCKED",
        "Unblock the VAT code or choose another one: Master data, VAT codes.",
    ),
    _known(
        r"(?:klant|debiteur|relatie|leverancier|customer|account|supplier).*(?:geblokkeerd|blocked)"
        r"|(?:geblokkeerd|blocked)\s*:\s*(?:klant|debiteur|relatie|leverancier|customer|account|supplier|besteld door"
        r"|ordered by|factuur voor|invoice to)",
        "ACCOUNT_BLOCKED",
        "Unblock the relation on its card, tab Basics.",
    ),
    _known(
        r"(?:artikel|item).*(?:geblokkeerd|blocked)|(?:geblokkeerd|blocked)\s*:\s*(?:artikel|item)",
        "ITEM_BLOCKED",
        "Unblock the item on its card.",
    ),
    _known(
        r"(?:magazijn|warehouse).*(?:niet gekoppeld|not linked|niet gevonden|not found)"
        r"|(?:niet gekoppeld|not linked).*(?:magazijn|warehouse)",
        "ITEM_NOT_IN_WAREHOUSE",
        "Link the item to the warehouse: item card, tab Warehouses.",
    ),
    _known(
        r"(?:leverancier|supplier).*(?:niet gekoppeld|not linked|niet gevonden|not found)"
        r"|(?:niet gekoppeld|not linked).*(?:leverancier|supplier)",
        "ITEM_NOT_AT_SUPPLIER",
        "Link the item to the supplier: item card, tab Purchase, Suppliers.",
    ),
    _known(
        r"kredietlimiet|credit (?:limit|line)",
        "CREDIT_LIMIT",
        "The customer's credit line is used up: raise it or let an invoice be paid first.",
    ),
    _known(
        r"(?:voorraad|stock).*(?:onvoldoende|niet toereikend|insufficient|not enough)"
        r"|(?:onvoldoende|insufficient).*(?:voorraad|stock)",
        "STOCK_INSUFFICIENT",
        "There is too little stock in the warehouse, and negative stock is off: adjust the stock or the quantity.",
    ),
    _known(
        r"bestaat (?:reeds|al)|already exists",
        "ALREADY_EXISTS",
        "A record with this code exists already: use that one, or another code.",
    ),
    _known(
        r"not allow(?:ed)? to update in (?P<edition>\w+)\s*:\s*(?P<field>.+)"
        r"|niet toegestaan .* in (?P<edition_nl>\w+)\s*:\s*(?P<field_nl>.+)",
        "NOT_IN_EDITION",
        "The edition of Exact Online has no such field: turn the setting that sends it off.",
    ),
    _known(
        r"periode.*afgesloten|period.*(?:closed|is locked)",
        "PERIOD_CLOSED",
        "The period of the document's date is closed: open it in Exact or change the date.",
    ),
    _known(
        r"post to callback url endpoint",
        "CALLBACK_REFUSED",
        "Exact could not reach the webhook's address: check that it is public and answers 200 to an empty POST.",
    ),
    _known(
        r"(?:ongeldig|invalid)\s*:\s*(?P<field>.+)",
        "REFERENCE_INVALID",
        "The named value does not exist or does not fit in this administration: choose another one.",
    ),
    _known(
        r"(?:niet gevonden|bestaat niet|not found|does not exist)",
        "REFERENCE_NOT_FOUND",
        "Something that the document refers to is not in this administration (any more): synchronise and try again.",
    ),
    _known(
        r"error processing request stream",
        "REQUEST_MALFORMED",
        "The document was built wrongly: this is a fault of the connector, report it with the text.",
    ),
)

_UNKNOWN_REMEDY = "Read Exact's own text; the same entry made by hand in Exact shows the same message."


def explain(text: str) -> list[Explanation]:
    """Return an explanation for each problem in an error text, in its order; an empty text has none."""
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text)]
    return [_explain_line(line) for line in lines if line]


def first_code(text: str, *, otherwise: str = "EXACT_REJECTED") -> str:
    """Return the code of the first problem that is known, for an error that can carry one code only."""
    return next((found.code for found in explain(text) if found.code != "EXACT_REJECTED"), otherwise)


def _explain_line(line: str) -> Explanation:
    for known in _KNOWN:
        match = known.pattern.search(line)
        if match:
            groups = match.groupdict()
            named = groups.get("field") or groups.get("field_nl")
            return Explanation(known.code, known.remedy, line, named.strip() if named else None)
    return Explanation("EXACT_REJECTED", _UNKNOWN_REMEDY, line)
