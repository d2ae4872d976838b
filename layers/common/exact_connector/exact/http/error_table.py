"""One table: what an answer of Exact means, from its status, headers and body. Pure; ``client.py`` carries it out.

Sources: Exact's pages "API limits" (429, error velocity), "REST API Restrictions", the ``Reason`` header of refusals.
A 500 carries business refusals, so the body decides: with a text of its own it is a refusal, without one a failure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from exact_connector.exact.http.business_texts import first_code
from exact_connector.exact.http.envelope import read_error

_CREATED_OR_LESS = range(200, 300)
_GENERIC_FAILURE = re.compile(
    r"a problem has occurred|er is een probleem opgetreden|investigated as soon as possible|"
    r"unexpected error|onverwachte fout",
    re.IGNORECASE,
)
_VELOCITY = re.compile(r"too many errors|error ?velocity", re.IGNORECASE)


class Outcome(Enum):
    """What to do about an answer."""

    OK = "ok"
    RETRY = "retry"
    """No usable answer: a reading call may be repeated; for a create the outcome is unknown."""
    PAUSE = "pause"
    """Nothing was done, a limit was hit: go on after the window."""
    TOKEN = "token"  # noqa: S105 - an outcome, not a secret
    """The access token was refused: look for a newer one, then the rules of refreshing."""
    REJECT = "reject"
    """Exact refused what was asked; the same request is refused again."""
    REAUTHORIZE = "re-authorise"
    """The consent does not cover this: an administrator must grant access (again)."""
    BUG = "bug"
    """The connector built the request wrongly."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of one answer: the outcome, a stable code, and Exact's own text where it gave one."""

    outcome: Outcome
    code: str
    text: str = ""


# The `Reason` header and the texts of a 403; the first that fits wins.
_FORBIDDEN: tuple[tuple[str, Outcome, str], ...] = (
    (r"NoDivisionAccess|WrongDivision", Outcome.REAUTHORIZE, "DIVISION_FORBIDDEN"),
    (r"Application Scope Violated", Outcome.REAUTHORIZE, "SCOPE_MISSING"),
    (r"DivisionBlocked", Outcome.REJECT, "DIVISION_BLOCKED"),
    (r"BlockedUser|InactiveUser", Outcome.REJECT, "USER_BLOCKED"),
    (r"BlockedCustomer", Outcome.REJECT, "LICENSE_BLOCKED"),
    (r"LicenseExpired", Outcome.REJECT, "LICENSE_EXPIRED"),
    (_VELOCITY.pattern, Outcome.PAUSE, "ENDPOINT_BLOCKED"),
)

# Texts of a 400 that say the connector asked wrongly.
_MISBUILT: tuple[tuple[str, str], ...] = (
    (r"add a \$select or a \$top=1", "SELECT_MISSING"),
    (r"mandatory filter|must (?:contain|have|include) a (?:\$)?filter|add a \$filter", "FILTER_MISSING"),
    (r"error processing request stream", "REQUEST_MALFORMED"),
    (r"could not find a property named|no property|syntax error|is not a valid (?:property|field)", "QUERY_INVALID"),
)

_BY_STATUS: dict[int, tuple[Outcome, str]] = {
    401: (Outcome.TOKEN, "TOKEN_REFUSED"),
    404: (Outcome.REJECT, "NOT_FOUND"),
    405: (Outcome.BUG, "METHOD_NOT_ALLOWED"),
    406: (Outcome.BUG, "NOT_ACCEPTABLE"),
    408: (Outcome.RETRY, "TIMED_OUT"),
    411: (Outcome.BUG, "LENGTH_MISSING"),
    413: (Outcome.REJECT, "TOO_LARGE"),
    414: (Outcome.BUG, "URL_TOO_LONG"),
    415: (Outcome.BUG, "MEDIA_TYPE"),
    429: (Outcome.PAUSE, "RATE_LIMITED"),
}


def judge(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Return what an answer means; header names in lower case."""
    if status in _CREATED_OR_LESS:
        return Verdict(Outcome.OK, "OK")
    text = read_error(body)
    if status == 429 and _VELOCITY.search(f"{headers.get('reason', '')} {text}"):
        return Verdict(Outcome.PAUSE, "ENDPOINT_BLOCKED", text or headers.get("reason", ""))
    if status in _BY_STATUS:
        outcome, code = _BY_STATUS[status]
        return Verdict(outcome, code, text)
    if status == 400:
        return _bad_request(text)
    if status == 403:
        return _forbidden(text, headers.get("reason", ""), body)
    if status == 500 and text and not _GENERIC_FAILURE.search(text):
        return Verdict(Outcome.REJECT, first_code(text), text)
    if status >= 500 or status < 400:
        # A redirect is the log-in or the maintenance page, which an API call never wants.
        return Verdict(Outcome.RETRY, "UNAVAILABLE", text)
    return Verdict(Outcome.REJECT, first_code(text), text)


def _bad_request(text: str) -> Verdict:
    for pattern, code in _MISBUILT:
        if re.search(pattern, text, re.IGNORECASE):
            return Verdict(Outcome.BUG, code, text)
    return Verdict(Outcome.REJECT, first_code(text, otherwise="BAD_REQUEST"), text)


def _forbidden(text: str, reason: str, body: bytes) -> Verdict:
    shown = text or reason or body[:300].decode("utf-8", "replace").strip()
    for pattern, outcome, code in _FORBIDDEN:
        if re.search(pattern, f"{reason} {shown}", re.IGNORECASE):
            return Verdict(outcome, code, shown)
    return Verdict(Outcome.REJECT, "ACCESS_DENIED", shown)
