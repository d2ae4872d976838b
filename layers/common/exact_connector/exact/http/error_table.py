"""One table: what an answer of Exact means, from its status, headers and body. Pure; ``client.py`` carries it out.

Sources: Exact's pages "API limits" (429, error velocity), "REST API Restrictions", the ``Reason`` header of refusals.
A 500 carries business refusals, so its text decides: one that is known to judge the record is a refusal, any other
leaves it open whether Exact acted. An answer that is not Exact's own (a proxy's page) is never a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from exact_connector.exact.http.business_texts import first_code, is_technical, judges_record
from exact_connector.exact.http.envelope import is_foreign, read_error

_CREATED_OR_LESS = range(200, 300)
_VELOCITY = re.compile(r"too many errors|error ?velocity", re.IGNORECASE)


class Outcome(Enum):
    """What to do about an answer."""

    OK = "ok"
    RETRY = "retry"
    """No verdict: a reading call may be repeated; whether a write was carried out is not known."""
    PAUSE = "pause"
    """Nothing was done, a limit was hit: go on after the window."""
    TOKEN = "token"  # noqa: S105 - an outcome, not a secret
    """The access token was refused: look for a newer one, then the rules of refreshing."""
    REJECT = "reject"
    """Exact refused what was asked; the same request is refused again."""
    REAUTHORIZE = "re-authorise"
    """The consent does not cover this: an administrator must grant access (again)."""
    BUG = "bug"
    """The connector asked wrongly; nothing is said about a record."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of one answer: the outcome, a stable code, and Exact's own text where it gave one.

    ``judges_record`` is True only where Exact refused the very record that was sent, not the connection or the way it
    was asked.
    """

    outcome: Outcome
    code: str
    text: str = ""
    judges_record: bool = False


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

# Texts that say how the connector asked wrongly, whatever the status.
_MISASKED: tuple[tuple[str, str], ...] = (
    (r"add a \$select or a \$top=1", "SELECT_MISSING"),
    (r"mandatory filter|must (?:contain|have|include) a (?:\$)?filter|add a \$filter", "FILTER_MISSING"),
    (r"filtering on these fields is not supported|\$filter parameter is not supported", "FILTER_REFUSED"),
    (r"error in query syntax|syntax error", "QUERY_SYNTAX"),
    (
        r"does not have a property named|could not find a property named|no property (?:named|called)"
        r"|is not a valid (?:property|field)",
        "PROPERTY_UNKNOWN",
    ),
)

_BY_STATUS: dict[int, tuple[Outcome, str]] = {
    404: (Outcome.REJECT, "NOT_FOUND"),
    405: (Outcome.BUG, "METHOD_NOT_ALLOWED"),
    406: (Outcome.BUG, "NOT_ACCEPTABLE"),
    408: (Outcome.RETRY, "TIMED_OUT"),
    411: (Outcome.BUG, "LENGTH_MISSING"),
    413: (Outcome.REJECT, "TOO_LARGE"),
    414: (Outcome.BUG, "URL_TOO_LONG"),
    415: (Outcome.BUG, "MEDIA_TYPE"),
}


def judge(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Return what an answer means; header names in lower case."""
    if status in _CREATED_OR_LESS:
        return Verdict(Outcome.OK, "OK")
    text = read_error(body)
    if status == 401:
        return Verdict(Outcome.TOKEN, "TOKEN_REFUSED", text)
    if status == 429:
        return _limited(text, headers.get("reason", ""))
    if status < 400 or status > 500:
        # A redirect is the log-in or the maintenance page, which an API call never wants.
        return Verdict(Outcome.RETRY, "UNAVAILABLE", text)
    asked_wrongly = next((code for pattern, code in _MISASKED if re.search(pattern, text, re.IGNORECASE)), None)
    if asked_wrongly is not None:
        return Verdict(Outcome.BUG, asked_wrongly, text)
    if status == 403:
        return _forbidden(text, headers.get("reason", ""), body)
    if is_foreign(body):
        return Verdict(Outcome.RETRY, "FOREIGN_ANSWER")
    return _refused(status, text)


def judge_file(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Return what an answer to the download of a file means: there, Exact refuses with pages of HTML."""
    verdict = judge(status, headers, body)
    if verdict.code != "FOREIGN_ANSWER" or status >= 500:
        return verdict
    return Verdict(Outcome.REJECT, {403: "ACCESS_DENIED", 404: "NOT_FOUND"}.get(status, "BAD_REQUEST"))


def _refused(status: int, text: str) -> Verdict:
    if status in _BY_STATUS:
        outcome, code = _BY_STATUS[status]
        return Verdict(outcome, code, text, judges_record=status == 413 or judges_record(text))
    if judges_record(text):
        return Verdict(Outcome.REJECT, first_code(text), text, judges_record=True)
    if status == 500 or is_technical(text):
        return Verdict(Outcome.RETRY, "UNRECOGNISED_FAILURE" if text else "UNAVAILABLE", text)
    # A request that Exact calls bad was not carried out; without a word about it, the record is not judged.
    return Verdict(Outcome.REJECT, first_code(text, otherwise="BAD_REQUEST"), text, judges_record=bool(text))


def _limited(text: str, reason: str) -> Verdict:
    if _VELOCITY.search(f"{reason} {text}"):
        return Verdict(Outcome.PAUSE, "ENDPOINT_BLOCKED", text or reason)
    return Verdict(Outcome.PAUSE, "RATE_LIMITED", text)


def _forbidden(text: str, reason: str, body: bytes) -> Verdict:
    shown = text or reason or body[:300].decode("utf-8", "replace").strip()
    for pattern, outcome, code in _FORBIDDEN:
        if re.search(pattern, f"{reason} {shown}", re.IGNORECASE):
            return Verdict(outcome, code, shown)
    if is_foreign(body) and not reason and body.lstrip()[:1] in (b"<", b"{"):
        return Verdict(Outcome.RETRY, "FOREIGN_ANSWER")
    return Verdict(Outcome.REJECT, "ACCESS_DENIED", shown)
