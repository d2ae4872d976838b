"""Exact's refusals in words -> for each problem a stable code, what it is about, what to fix, whether it is a verdict.

Exact gives no codes, answers in the language of the user, and joins several problems by line breaks:

    text ── line ── "Ongeldig: Besteld door (Einddatum)"   problem, field, detail    verdict
                 ── "Artikel: Non actief"                  field, state              verdict
                 ── "Klant is geblokkeerd"                 a sentence with both      verdict
                 ── "Timeout expired. ..."                 none of these             no verdict

Only a text that is recognised judges the record. Any other text in a failure leaves it open whether Exact acted
(``error_table.py``). The words are in ``business_terms.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from exact_connector.exact.http.business_terms import (
    PROBLEM_WORDS,
    SUBJECT_WORDS,
    TECHNICAL_WORDS,
    Problem,
    Subject,
    plain,
    words_of,
)

Term = TypeVar("Term", Problem, Subject)

UNRECOGNISED = "EXACT_REJECTED"
"""The code of a text that is not recognised."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One problem in Exact's words (``original``): a stable code and what to fix.

    ``field`` is what Exact calls the field, ``subject`` what that is in terms of the connector; None where the words
    name none. ``judges_record`` is False for words that are not known to judge a record.
    """

    code: str
    remedy: str
    original: str
    field: str | None = None
    subject: Subject | None = None
    judges_record: bool = True


def explain(text: str) -> list[Explanation]:
    """Return an explanation for each problem in an error text, in its order; an empty text has none."""
    return [_explain_line(line) for line in _lines(text)]


def judges_record(text: str) -> bool:
    """Return whether a text is known to judge the record that was sent; False for anything else, and for no text."""
    return any(explanation.judges_record for explanation in explain(text))


def is_technical(text: str) -> bool:
    """Return whether a text is what a server says of itself when it stumbles, in any of the languages."""
    return _technical().search(plain(text)) is not None


def first_code(text: str, *, otherwise: str = UNRECOGNISED) -> str:
    """Return the code of the first problem that is recognised, for an error that can carry one code only."""
    return next((line.code for line in explain(text) if line.code != UNRECOGNISED), otherwise)


@dataclass(frozen=True, slots=True)
class _Vocabulary(Generic[Term]):
    """The words of one table: a pattern that finds any of them, the longest at a place, and what each means."""

    pattern: re.Pattern[str]
    meaning: Mapping[str, Term]

    @classmethod
    def of(cls, table: Mapping[Term, str]) -> _Vocabulary[Term]:
        """Read a table; where two entries share a word, the first has it."""
        meaning: dict[str, Term] = {}
        for term, words in table.items():
            for word in words_of(words):
                meaning.setdefault(word, term)
        longest_first = sorted(meaning, key=lambda word: (-len(word), word))
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
        return cls(pattern, meaning)


# Made when the first text has to be explained: it takes 50 ms, which no cold start should pay.
@cache
def _problems() -> _Vocabulary[Problem]:
    return _Vocabulary.of(PROBLEM_WORDS)


@cache
def _subjects() -> _Vocabulary[Subject]:
    return _Vocabulary.of(SUBJECT_WORDS)


@cache
def _technical() -> re.Pattern[str]:
    return re.compile(TECHNICAL_WORDS)


_NEXT_LABEL = re.compile(
    r"(?:[;/]|\s-)?\s+(?=(?:Verplicht|Ongeldig|Geblokkeerd|Bestaat reeds|Bestaat al|Niet gevonden|In gebruik|Te lang"
    r"|Niet toegestaan|Mandatory|Invalid|Blocked|Already exists|Not found|In use|Too long|Not allowed)\s?:)"
)
_TOPIC = re.compile(r"^[^:]*\[\w+\]['\"]?\s+(?=\S)")
"""What the XML interface writes before a problem: ``Onderwerp [GLTransactions] Verplicht: Dagboek``."""

_PARTNERS = frozenset(
    {Subject.CUSTOMER, Subject.SUPPLIER, Subject.ACCOUNT, Subject.INVOICE_TO, Subject.DELIVER_TO, Subject.CONTACT}
)
_VAGUE = frozenset(
    {Subject.CODE, Subject.TYPE, Subject.STATUS, Subject.RECORD, Subject.LINE, Subject.DATE, Subject.STATE}
)
"""Words that a sentence may hold without being about that field."""
_CLEAR = frozenset(Subject) - _VAGUE
_RECORDS = _CLEAR | {Subject.RECORD, Subject.CODE}

_SENTENCES: Mapping[Problem, frozenset[Subject]] = {
    Problem.MANDATORY: _CLEAR,
    Problem.BLOCKED: _CLEAR,
    Problem.EXISTS: _RECORDS,
    Problem.IN_USE: _RECORDS,
    Problem.NOT_FOUND: _CLEAR,
    Problem.INACTIVE: _CLEAR,
    Problem.FUTURE: _CLEAR,
    Problem.TOO_LONG: _CLEAR,
    Problem.NOT_ALLOWED: _CLEAR,
    Problem.NOT_LINKED: frozenset({Subject.WAREHOUSE, Subject.SUPPLIER}),
    Problem.CLOSED: frozenset({Subject.PERIOD, Subject.JOURNAL}),
    Problem.EXCEEDED: frozenset({Subject.CREDIT_LIMIT}),
    Problem.INSUFFICIENT: frozenset({Subject.STOCK}),
}
"""Problems that are read from a sentence, and the subjects that it has to name."""
_LONGEST_SENTENCE = 20
_FAILURE = re.compile(r"\b(?:error|failed|fout|mislukt|erreur|echec|fehler|fehlgeschlagen)\b")

_EDITION = re.compile(
    r"not allow(?:ed)? to update in (?P<edition>\w+)\s*:\s*(?P<field>.+)"
    r"|niet toegestaan .*\bin (?P<edition_nl>\w+)\s*:\s*(?P<field_nl>.+)",
    re.IGNORECASE,
)
_CALLBACK = re.compile(r"post to callback url endpoint", re.IGNORECASE)
_MALFORMED = re.compile(r"error processing request stream|error (?:encountered )?in converting (?:the )?value", re.I)
_NOT_PURCHASED = re.compile(
    r"(?:geen|not an?|pas un|kein|no es un) (?:inkoopartikel|purchase item|article d achat"
    r"|einkaufsartikel|articulo de compra)"
)
_NOT_SOLD = re.compile(
    r"(?:geen|not an?|pas un|kein|no es un) (?:verkoopartikel|sales item|article de vente"
    r"|verkaufsartikel|articulo de venta)"
)


def _lines(text: str) -> list[str]:
    raw = (_TOPIC.sub("", line) for line in re.split(r"\r\n|\n|\r", text))
    lines = [part.strip() for line in raw for part in _NEXT_LABEL.split(line)]
    return [line for line in lines if line]


def _explain_line(line: str) -> Explanation:
    special = _special(line)
    if special is not None:
        return special
    words = plain(line)
    if not _technical().search(words):
        recognised = _labelled(line) or _stated(line) or _sentence(words)
        if recognised is not None:
            problem, subject, name = recognised
            return _explanation(line, problem, subject, name)
    return Explanation(UNRECOGNISED, _UNKNOWN_REMEDY, line, judges_record=False)


def _special(line: str) -> Explanation | None:
    """Return the explanation of a text that follows none of the three forms."""
    if _CALLBACK.search(line):
        return _coded("CALLBACK_REFUSED", line)
    if _MALFORMED.search(line):
        return _coded("REQUEST_MALFORMED", line)
    edition = _EDITION.search(line)
    if edition:
        name = (edition["field"] or edition["field_nl"]).strip()
        return _coded("NOT_IN_EDITION", line, _subject(plain(name)), name)
    return None


def _labelled(line: str) -> tuple[Problem, Subject | None, str | None] | None:
    """Read ``<problem>: <field>``, ``<problem> - <field>: <value>`` and ``Ongeldig grootboekrekeningtype``."""
    head, colon, tail = line.partition(":")
    words = plain(head)
    match = _problems().pattern.match(words)
    if match is None:
        return None
    problem, rest = _problems().meaning[match[0]], words[match.end() :].strip()
    if colon and not rest:
        name = tail.strip()
        return _refined(problem, name)
    subject = _subject(rest)
    return None if subject is None else (problem, subject, rest)


def _refined(problem: Problem, name: str) -> tuple[Problem, Subject | None, str]:
    """Look into what follows a label: "Ongeldig: Artikel - Niet actief", "Ongeldig: Besteld door (Einddatum)"."""
    words = plain(name)
    subject = _subject(words)
    if problem is Problem.INVALID:
        if _NOT_PURCHASED.search(words):
            return Problem.MANDATORY, Subject.PURCHASE, name
        if _NOT_SOLD.search(words):
            return Problem.MANDATORY, Subject.SALE, name
        detail = next(_problems_in(words), None)
        if detail in (Problem.INACTIVE, Problem.FUTURE, Problem.BLOCKED):
            return detail, subject, name
        if subject in _PARTNERS | {Subject.ITEM} and _subject(words.partition("(")[2]) in _VALIDITY:
            return Problem.INACTIVE, subject, name
    return problem, subject, name


_VALIDITY = (Subject.START_DATE, Subject.END_DATE)


def _stated(line: str) -> tuple[Problem, Subject | None, str | None] | None:
    """Read ``<field>: <state>``, such as "Artikel: Non actief"."""
    head, colon, tail = line.partition(":")
    match = _problems().pattern.match(plain(tail))
    subject = _subject(plain(head))
    if not colon or match is None or subject is None:
        return None
    return _problems().meaning[match[0]], subject, head.strip()


def _sentence(words: str) -> tuple[Problem, Subject | None, str | None] | None:
    """Read a sentence that names a field and a problem; one that is not surely about a record is left alone."""
    if _FAILURE.search(words) or len(words.split()) > _LONGEST_SENTENCE:
        return None
    subjects = list(_subjects_in(words))
    for problem in _problems_in(words):
        if problem is Problem.PROCESSED:
            return problem, next(iter(subjects), None), None
        subject = next((subject for subject in subjects if subject in _SENTENCES.get(problem, ())), None)
        if subject is not None:
            return problem, subject, None
    return None


def _subject(words: str) -> Subject | None:
    return next(_subjects_in(words), None)


def _subjects_in(words: str) -> Iterator[Subject]:
    return (_subjects().meaning[match[0]] for match in _subjects().pattern.finditer(words))


def _problems_in(words: str) -> Iterator[Problem]:
    return (_problems().meaning[match[0]] for match in _problems().pattern.finditer(words))


def _explanation(line: str, problem: Problem, subject: Subject | None, name: str | None) -> Explanation:
    return _coded(_code(problem, subject), line, subject, name)


def _coded(code: str, line: str, subject: Subject | None = None, name: str | None = None) -> Explanation:
    called = subject.value if subject is not None else "named field"
    return Explanation(code, _REMEDIES[code].format(field=called), line, name, subject)


def _code(problem: Problem, subject: Subject | None) -> str:
    special = None if subject is None else _SPECIAL.get((problem, subject))
    if special is not None:
        return special
    if problem in (Problem.INACTIVE, Problem.FUTURE, Problem.BLOCKED) and subject in _PARTNERS:
        return "ACCOUNT_BLOCKED" if problem is Problem.BLOCKED else "ACCOUNT_NOT_ACTIVE"
    return _GENERAL[problem]


_SPECIAL: Mapping[tuple[Problem, Subject], str] = {
    (Problem.MANDATORY, Subject.PURCHASE): "ITEM_NOT_PURCHASED",
    (Problem.MANDATORY, Subject.SALE): "ITEM_NOT_SOLD",
    (Problem.MANDATORY, Subject.PURCHASE_PRICE): "PURCHASE_PRICE_MISSING",
    (Problem.NOT_FOUND, Subject.PURCHASE_PRICE): "PURCHASE_PRICE_MISSING",
    (Problem.INACTIVE, Subject.ITEM): "ITEM_NOT_ACTIVE",
    (Problem.FUTURE, Subject.ITEM): "ITEM_NOT_ACTIVE",
    (Problem.BLOCKED, Subject.ITEM): "ITEM_BLOCKED",
    (Problem.BLOCKED, Subject.VAT_CODE): "VAT_CODE_BLOCKED",
    (Problem.BLOCKED, Subject.PERIOD): "PERIOD_CLOSED",
    (Problem.NOT_LINKED, Subject.WAREHOUSE): "ITEM_NOT_IN_WAREHOUSE",
    (Problem.NOT_LINKED, Subject.SUPPLIER): "ITEM_NOT_AT_SUPPLIER",
    (Problem.INSUFFICIENT, Subject.STOCK): "STOCK_INSUFFICIENT",
    (Problem.EXCEEDED, Subject.CREDIT_LIMIT): "CREDIT_LIMIT",
}
"""What a problem means for one subject in particular."""

_GENERAL: Mapping[Problem, str] = {
    Problem.MANDATORY: "FIELD_MANDATORY",
    Problem.INVALID_REFERENCE: "REFERENCE_INVALID",
    Problem.INVALID: "REFERENCE_INVALID",
    Problem.TOO_LONG: "FIELD_TOO_LONG",
    Problem.TOO_SHORT: "FIELD_OUT_OF_RANGE",
    Problem.OUT_OF_RANGE: "FIELD_OUT_OF_RANGE",
    Problem.BLOCKED: "REFERENCE_BLOCKED",
    Problem.EXISTS: "ALREADY_EXISTS",
    Problem.IN_USE: "ALREADY_EXISTS",
    Problem.NOT_FOUND: "REFERENCE_NOT_FOUND",
    Problem.INACTIVE: "REFERENCE_NOT_ACTIVE",
    Problem.FUTURE: "REFERENCE_NOT_ACTIVE",
    Problem.NOT_ALLOWED: "FIELD_NOT_ALLOWED",
    Problem.NOT_LINKED: "REFERENCE_INVALID",
    Problem.CLOSED: "PERIOD_CLOSED",
    Problem.EXCEEDED: "FIELD_OUT_OF_RANGE",
    Problem.INSUFFICIENT: "FIELD_OUT_OF_RANGE",
    Problem.PROCESSED: "ALREADY_PROCESSED",
}
"""What a problem means for any other subject."""

_REMEDIES: Mapping[str, str] = {
    "PURCHASE_PRICE_MISSING": "Give the item a purchase price for this supplier: item card, tab Purchase, Suppliers.",
    "ITEM_NOT_PURCHASED": "Tick Purchase on the item card, tab Basics.",
    "ITEM_NOT_SOLD": "Tick Sales on the item card, tab Basics.",
    "FIELD_MANDATORY": "Fill in the {field} in the document, or give it a default in Exact.",
    "FIELD_TOO_LONG": "Shorten the {field}.",
    "FIELD_OUT_OF_RANGE": "Correct the value of the {field}: it is outside of what Exact takes.",
    "FIELD_NOT_ALLOWED": "Leave the {field} out, or allow it in Exact's settings.",
    "ITEM_NOT_ACTIVE": "Check the start and end date of the item: item card, tab Basics.",
    "ITEM_BLOCKED": "Unblock the item on its card.",
    "ACCOUNT_NOT_ACTIVE": "Check the start and end date and the status of the relation on its card.",
    "ACCOUNT_BLOCKED": "Unblock the relation on its card, tab Basics.",
    "VAT_CODE_BLOCKED": "Unblock the VAT code or choose another one: Master data, VAT codes.",
    "ITEM_NOT_IN_WAREHOUSE": "Link the item to the warehouse: item card, tab Warehouses.",
    "ITEM_NOT_AT_SUPPLIER": "Link the item to the supplier: item card, tab Purchase, Suppliers.",
    "CREDIT_LIMIT": "The customer's credit line is used up: raise it or let an invoice be paid first.",
    "STOCK_INSUFFICIENT": (
        "There is too little stock in the warehouse, and negative stock is off: adjust the stock or the quantity."
    ),
    "ALREADY_EXISTS": "A record with this {field} exists already: use that record, or another value.",
    "ALREADY_PROCESSED": "The document is processed in Exact already: it cannot be changed any more.",
    "NOT_IN_EDITION": "The edition of Exact Online has no such field: turn the setting that sends it off.",
    "PERIOD_CLOSED": "The period of the document's date is closed: open it in Exact or change the date.",
    "CALLBACK_REFUSED": (
        "Exact could not reach the webhook's address: check that it is public and answers 200 to an empty POST."
    ),
    "REFERENCE_INVALID": ("The {field} does not exist or does not fit in this administration: choose another one."),
    "REFERENCE_BLOCKED": "The {field} is blocked in Exact: unblock it or choose another one.",
    "REFERENCE_NOT_ACTIVE": "The {field} is not active in Exact on the date of the document: check its dates.",
    "REFERENCE_NOT_FOUND": "The {field} is not in this administration: synchronise, and choose one that exists.",
    "REQUEST_MALFORMED": "The document was built wrongly: this is a fault of the connector, report it with the text.",
}

_UNKNOWN_REMEDY = "Read Exact's own text; the same entry made by hand in Exact shows the same message."
