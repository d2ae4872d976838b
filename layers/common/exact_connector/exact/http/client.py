"""Talk to Exact for one tenant: read pages, create, change, remove, download; each call under token and budgets.

    ready?  -> error budget of the endpoint -> access token -> call budget (the last step before the wire) -> send
    answer  -> call budget learns the headers -> error table -> result or one of the classes of ``errors.py``

Reading calls are repeated here, and only here, when no usable answer came. A create is never repeated: where its
outcome is in doubt ``ExactAnswerUnknown`` is raised and the caller looks before it sends again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from exact_connector.clock import EXACT_ZONE, Clock, later
from exact_connector.errors import (
    BudgetExhausted,
    EndpointParked,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    ExactUnavailable,
    NotConnected,
)
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.business_texts import explain
from exact_connector.exact.http.envelope import read_entity, read_page
from exact_connector.exact.http.error_table import Outcome, Verdict, judge, judge_file
from exact_connector.exact.http.paging import FetchedPage, check_next, pages_ahead
from exact_connector.exact.http.query import Query, has_division, record_path, resource_url
from exact_connector.exact.http.transport import JSON_BODY_LIMIT, HttpAnswer, HttpRequest, HttpSender
from exact_connector.exact.limits.call_budget import Purpose, Sending
from exact_connector.exact.limits.headers import asked_until
from exact_connector.observability import count, logger

T = TypeVar("T")

_PAUSES = (1.0, 3.0)
"""Seconds between the tries of a reading call, so three tries in all."""

_TOKEN_PAUSE = 60.0
_BLOCKED_PAUSE = 3600.0
_COUNTED = frozenset({400, 401, 403, 404})
DOWNLOAD_LIMIT = 30 * 1024 * 1024


class TokenSource(Protocol):
    """Gives access tokens; ``TokenKeeper`` is the real one."""

    def access_token(self, *, division: int | None = None) -> str:
        """Return a token that Exact takes now; ``division`` must still be the linked one."""
        ...

    def refused(self, token: str) -> None:
        """Take notice that Exact refused a token."""
        ...


class Budget(Protocol):
    """Counts calls; ``CallBudget`` is the real one."""

    def take(self, purpose: Purpose, stream: str = "") -> Sending:
        """Take one call or raise BudgetExhausted."""
        ...

    def observe(self, headers: Mapping[str, str], *, limited: bool = False, sending: Sending | None = None) -> None:
        """Learn from the headers of an answer."""
        ...

    def refused(self, headers: Mapping[str, str]) -> BudgetExhausted:
        """Return the error that says when to go on after a 429."""
        ...

    def release_unused(self) -> None:
        """Return what was taken in advance and not used."""
        ...


class Breaker(Protocol):
    """Counts errors per endpoint; ``ErrorBudget`` is the real one."""

    def check(self, endpoint: str) -> None:
        """Raise EndpointParked while the endpoint rests."""
        ...

    def failed(self, endpoint: str, *, status: int, text: str, record: str = "") -> None:
        """Count an answer that Exact counts as an error."""
        ...

    def succeeded(self, endpoint: str) -> None:
        """Take notice of a good answer, which ends a probe."""
        ...


@dataclass(frozen=True, slots=True)
class Download:
    """The bytes of a picture, logo or attachment."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    endpoint: str
    headers: Mapping[str, str]
    counted: bool = True
    body: bytes | None = None
    record: str = ""
    body_limit: int | None = None
    judge: Callable[[int, Mapping[str, str], bytes], Verdict] = judge


class ExactClient:
    """One tenant's calls for one purpose. Safe for the two threads of prefetching; close it to give calls back.

    ``seconds`` bounds the whole of one call, in real seconds by ``monotonic``; a call that is sent once more with a
    newer token has what the first sending left of them.
    """

    def __init__(
        self,
        connection: Connection,
        tokens: TokenSource,
        budget: Budget,
        errors: Breaker,
        sender: HttpSender,
        clock: Clock,
        *,
        purpose: Purpose,
        seconds: float = 120.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._connection = connection
        self._tokens = tokens
        self._budget = budget
        self._errors = errors
        self._sender = sender
        self._clock = clock
        self._purpose = purpose

    @property
    def connection(self) -> Connection:
        """The connection that this client works for."""
        return self._connection

    def prepare(self) -> None:
        """Make sure of an access token, so that the next call is sent without waiting for one."""
        self._tokens.access_token(division=self._connection.division)

    def fetch(self, query: Query, cursor: str | None = None) -> FetchedPage:
        """Return one page: the first of ``query``, or the one at ``cursor``, an earlier page's ``next_url``.

        Raises ExactUnavailable after three tries without a usable answer, BudgetExhausted, EndpointParked,
        ExactRejected, ReauthorizationRequired.
        """
        division = self._connection.division
        scope = division if has_division(query.path) else None
        base_url = self._base_url()
        if cursor is None:
            url = query.url(base_url, division)
        else:
            url = check_next(cursor, base_url=base_url, division=scope, current="") or ""
        call = _Call(
            "GET", url, query.endpoint, dict(query.headers), counted=has_division(query.path), record=query.path
        )

        def read(answer: HttpAnswer) -> FetchedPage:
            content = read_page(answer.body)
            following = check_next(content.next_url, base_url=base_url, division=scope, current=url)
            return FetchedPage(content.rows, following, len(answer.body))

        return self._reading(call, read)

    def pages(
        self, query: Query, cursor: str | None = None, *, ahead: Callable[[], bool] = lambda: True
    ) -> Generator[FetchedPage, None, None]:
        """Yield page after page, each next one fetched while the caller works on the last; see ``pages_ahead``."""
        return pages_ahead(lambda at: self.fetch(query, at), cursor, ahead=ahead)

    def rows(self, query: Query) -> list[dict[str, Any]]:
        """Return every row of a small set, all pages."""
        return [row for page in self.pages(query) for row in page.rows]

    def create(self, path: str, body: Mapping[str, Any], *, record: str = "") -> dict[str, Any]:
        """POST a new record and return the entity as Exact filled it in. Sent at most once.

        ``record`` names it in the reason of a parked endpoint (an own number, never a person's name). Raises
        ExactRejected with Exact's text, ExactAnswerUnknown where the outcome is in doubt, and transient errors only
        where nothing was sent or Exact said that it did nothing.
        """
        headers = {"Content-Type": "application/json", "Prefer": "return=representation"}
        call = self._write("POST", path, path, body, headers, record)
        try:
            answer = self._judged(call)
            return read_entity(answer.body) or {}
        except ExactUnavailable as error:
            if not error.sent:
                raise
            raise ExactAnswerUnknown(
                f"a document was sent to {path} and no clear answer came ({error.message}); "
                "it is looked up in Exact before it is sent again",
                status=error.status,
                exact_text=error.exact_text,
            ) from error

    def change(self, path: str, key: str | int, body: Mapping[str, Any]) -> None:
        """PUT fields of one record. Repeating the same change is harmless, so doubt is an ExactUnavailable."""
        headers = {"Content-Type": "application/json"}
        _without_page(self._judged(self._write("PUT", record_path(path, key), path, body, headers, str(key))))

    def remove(self, path: str, key: str | int) -> None:
        """DELETE one record; one that is already gone counts as removed."""
        call = self._write("DELETE", record_path(path, key), path, None, {}, str(key))
        try:
            _without_page(self._judged(call))
        except ExactRejected as error:
            if error.status != 404:
                raise

    def download(self, url: str, *, limit: int = DOWNLOAD_LIMIT) -> Download:
        """Return the bytes at an address on the tenant's own site (pictures, logos, attachments), with the token."""
        own, asked = urlsplit(self._base_url()), urlsplit(url)
        if (asked.scheme, asked.netloc.lower()) != (own.scheme, own.netloc.lower()):
            raise ExactRejected(
                f"a file is said to be on {asked.netloc}, which is not the connection's site; it is not fetched",
                status=0,
                code="FOREIGN_FILE",
            )
        call = _Call(
            "GET",
            url,
            asked.path.lstrip("/"),
            headers={"Accept": "*/*"},
            record="file",
            body_limit=limit,
            judge=judge_file,
        )
        return self._reading(
            call,
            lambda answer: Download(answer.body, answer.headers.get("content-type", "application/octet-stream")),
        )

    def close(self) -> None:
        """Give calls that were taken in advance back to the others."""
        self._budget.release_unused()

    def __enter__(self) -> ExactClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _base_url(self) -> str:
        if not self._connection.base_url:
            raise NotConnected(f"tenant {self._connection.tenant} is not linked to Exact; start the authorisation")
        return self._connection.base_url

    def _write(
        self,
        method: str,
        path: str,
        endpoint: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        record: str,
    ) -> _Call:
        url = resource_url(self._base_url(), self._connection.division, path)
        raw = None if body is None else json.dumps(body, default=_plain, ensure_ascii=False).encode()
        return _Call(method, url, endpoint, headers, body=raw, record=record)

    def _reading(self, call: _Call, read: Callable[[HttpAnswer], T]) -> T:
        """Send a reading call and read its answer whole; repeated while no usable answer comes."""
        for pause in _PAUSES:
            try:
                return read(self._judged(call))
            except ExactUnavailable as error:
                if error.retry_after is not None:
                    raise
                self._clock.sleep(pause)
        return read(self._judged(call))

    def _judged(self, call: _Call) -> HttpAnswer:
        """Send one call and return its answer if it is a good one; a token that was replaced is sent once more."""
        until = self._monotonic() + self._seconds
        token = self._tokens.access_token(division=self._connection.division)
        answer, verdict = self._sent(call, token, until)
        if verdict.outcome is Outcome.TOKEN:
            newer = self._tokens.access_token(division=self._connection.division)
            if newer == token:
                raise ExactUnavailable(
                    "Exact refuses the access token before its time and no newer one exists yet; it is tried again",
                    sent=False,
                    retry_after=later(self._clock.now(), _TOKEN_PAUSE),
                )
            answer, verdict = self._sent(call, newer, until)
        if verdict.outcome is not Outcome.OK:
            raise self._error(call, answer, verdict)
        self._errors.succeeded(call.endpoint)
        return answer

    def _sent(self, call: _Call, token: str, until: float) -> tuple[HttpAnswer, Verdict]:
        self._errors.check(call.endpoint)
        sending = self._budget.take(self._purpose, call.endpoint) if call.counted else None
        started = self._monotonic()
        answer = self._sender.send(self._request(call, token, until))
        verdict = call.judge(answer.status, answer.headers, answer.body)
        self._note(call, answer, self._monotonic() - started)
        if call.counted:
            # A block of one endpoint says nothing about the windows, even where it comes as a 429.
            limited = verdict.code == "RATE_LIMITED"
            self._budget.observe(answer.headers, limited=limited, sending=sending)
        if verdict.outcome is Outcome.TOKEN:
            self._tokens.refused(token)
        if answer.status in _COUNTED:
            self._errors.failed(call.endpoint, status=answer.status, text=verdict.text, record=call.record)
        return answer, verdict

    def _note(self, call: _Call, answer: HttpAnswer, seconds: float) -> None:
        count(ExactCalls=1, ExactLimited=float(answer.status == HTTPStatus.TOO_MANY_REQUESTS))
        logger().info(
            "Exact answered",
            method=call.method,
            endpoint=call.endpoint,
            status=answer.status,
            milliseconds=round(seconds * 1000),
        )

    def _request(self, call: _Call, token: str, until: float) -> HttpRequest:
        left = until - self._monotonic()
        if left <= 0:
            # Whatever was sent before was refused for its token, so nothing of this call was carried out.
            raise ExactUnavailable(
                f"the {self._seconds:g} s of {call.method} {call.endpoint} ended while it waited for a token or for its"
                " turn; it is tried again",
                sent=False,
            )
        return HttpRequest(
            call.method,
            call.url,
            {"Accept": "application/json", **call.headers, "Authorization": f"Bearer {token}"},
            call.body,
            timeout=min(30.0, left),
            total=left,
            body_limit=call.body_limit or JSON_BODY_LIMIT,
        )

    def _error(self, call: _Call, answer: HttpAnswer, verdict: Verdict) -> Exception:
        if verdict.code == "ENDPOINT_BLOCKED":
            return EndpointParked(_words(call, answer, verdict), retry_after=later(self._clock.now(), _BLOCKED_PAUSE))
        if verdict.outcome is Outcome.PAUSE:
            return self._budget.refused(answer.headers)
        if verdict.outcome is Outcome.RETRY:
            return self._without_verdict(call, answer, verdict)
        if verdict.outcome is Outcome.TOKEN:
            return ExactUnavailable(
                "Exact refuses a fresh access token; it is tried again, and an administrator should look at the link",
                sent=False,
                retry_after=later(self._clock.now(), _TOKEN_PAUSE),
            )
        message = _words(call, answer, verdict)
        if verdict.outcome is Outcome.BUG:
            return ExactQueryRefused(message, status=answer.status, exact_text=verdict.text, code=verdict.code)
        return ExactRejected(
            message,
            status=answer.status,
            exact_text=verdict.text,
            code=verdict.code,
            judges_record=verdict.judges_record,
        )

    def _without_verdict(self, call: _Call, answer: HttpAnswer, verdict: Verdict) -> ExactUnavailable:
        said = f": {_joined(verdict.text)}" if verdict.text else " without a result"
        whose = "A page that is not Exact's own" if verdict.code == "FOREIGN_ANSWER" else "Exact"
        now = self._clock.now()
        until = asked_until(answer.headers, now)
        if until is None and answer.status in _COUNTED:
            # What Exact counts as an error is not asked again within the same minute.
            until = later(now, _TOKEN_PAUSE)
        return ExactUnavailable(
            f"{whose} answered {answer.status} to {call.method} {call.endpoint}{said}",
            retry_after=until,
            status=answer.status,
            exact_text=verdict.text,
        )


def _without_page(answer: HttpAnswer) -> None:
    """Refuse a success that carries a page: a write has no answer, or JSON. Raises ExactUnavailable."""
    if answer.body.lstrip().startswith(b"<"):
        raise ExactUnavailable(
            f"the answer {answer.status} to a change is no answer of Exact's own; whether Exact acted is not known",
            status=answer.status,
        )


def _joined(text: str) -> str:
    """Write Exact's text on one line; it joins several problems by line ends, and ends some sentences itself."""
    return "; ".join(text.split("\r\n")).rstrip(". ")


def _words(call: _Call, answer: HttpAnswer, verdict: Verdict) -> str:
    said = f"Exact refused {call.method} {call.endpoint} ({answer.status}): {_joined(verdict.text) or 'without a text'}"
    if verdict.outcome is Outcome.BUG:
        return f"{said}. {_MISASKED_REMEDY}"
    remedies = dict.fromkeys(problem.remedy for problem in explain(verdict.text))
    remedy = _REMEDIES.get(verdict.code) or " ".join(remedies)
    return f"{said}. {remedy}".rstrip()


_MISASKED_REMEDY = "This is a fault of the connector: report it with this text; no record is refused because of it."

_REMEDIES = {
    "DIVISION_FORBIDDEN": "The consent does not cover this administration: authorise again and tick it.",
    "SCOPE_MISSING": "The app's registration lacks this permission: add it in Exact's App Center and authorise again.",
    "DIVISION_BLOCKED": "The administration is blocked in Exact: an administrator must free it there.",
    "USER_BLOCKED": "The user who gave consent is blocked or inactive: authorise again with another user.",
    "LICENSE_BLOCKED": "The customer's Exact account is blocked: it must be settled with Exact.",
    "LICENSE_EXPIRED": "The customer's Exact licence has expired: it must be renewed with Exact.",
    "ACCESS_DENIED": "The user who gave consent lacks the right, or the edition of Exact Online has no such part.",
    "NOT_FOUND": "The record is not in this administration (any more).",
    "ENDPOINT_BLOCKED": "Exact blocks this resource for an hour after too many errors; it is tried again by itself.",
    "TOO_LARGE": "The document is larger than Exact takes: split it or make its attachments smaller.",
}


def _plain(value: object) -> object:
    """Write what JSON has no type for: exact decimals as numbers, dates without a zone in Dutch wall time."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        wall = value.astimezone(EXACT_ZONE).replace(tzinfo=None) if value.tzinfo else value
        return wall.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be written into a document for Exact")
