"""A tiny Exact token endpoint written from its documentation, stores that fail on order, and a keeper over both.

The endpoint rotates on each success, refuses a refresh within 570 s, and remembers what was done wrong to it. Nothing
in it knows how the keeper works.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs

from exact_connector.clock import to_text
from exact_connector.errors import ExactUnavailable, StoreUnavailable
from exact_connector.exact.auth.oauth import ClientCredentials, TokenEndpoint, TokenPair
from exact_connector.exact.auth.token_manager import TokenKeeper
from exact_connector.exact.auth.token_store import ParameterTokenStore
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.transport import HttpAnswer, HttpRequest
from exact_connector.storage.ports import Parameter
from exact_connector.storage.table import Key, Row
from fakes.clocks import ManualClock
from fakes.crashing import Crash, WatchedTable
from fakes.ports import MemoryEvents, MemoryParameters
from fakes.tables import MemoryDatabase

T = TypeVar("T")

TENANT = "acme"
DIVISION = 123456
BASE = "https://start.exactonline.nl"
CLIENT = ClientCredentials("client", "secret")


@dataclass
class TokenModel:
    """Exact's side: the current pair, and the record of what came in."""

    clock: ManualClock
    number: int = 0
    issued_at: datetime | None = None
    faults: list[str] = field(default_factory=list)
    during: Callable[[], None] | None = None
    early: int = 0
    old_uses: list[tuple[int, float]] = field(default_factory=list)
    """For each use of an old refresh token: the pair that was current, and its age in seconds."""
    rotations: int = 0
    posts: int = 0
    latency: float = 0.0

    def consent(self) -> TokenPair:
        """An administrator consents again: a new chain, whose first pair is given out."""
        self._issue()
        return TokenPair(self.access, self.refresh, self.clock.now(), self.clock.now() + timedelta(seconds=600))

    @property
    def access(self) -> str:
        return f"access-{self.number}"

    @property
    def refresh(self) -> str:
        return f"refresh-{self.number}"

    def accepts(self, token: str) -> bool:
        """Tell whether a data call with this access token would pass now."""
        return any(
            token == f"access-{number}" and self.clock.now() < at + timedelta(seconds=600)
            for number, at in self._access
        )

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Answer one POST to the token endpoint, with the next fault in line if there is one."""
        assert request.url == f"{BASE}/api/oauth2/token"
        self.posts += 1
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "not_sent":
            raise ExactUnavailable("connection refused", sent=False)
        if fault == "lost_before":
            raise ExactUnavailable("reset before anything was done")
        if fault in ("503", "500", "502", "408"):
            return HttpAnswer(int(fault), {}, b"")
        if fault == "429":
            return HttpAnswer(429, {}, b"")
        if fault == "credentials":
            return HttpAnswer(400, {}, b'{"error":"invalid_request"}')
        if fault == "html":
            return HttpAnswer(403, {}, b"<html>blocked</html>")
        answer = self._answer(parse_qs((request.body or b"").decode()))
        during, self.during = self.during, None
        if during is not None:
            during()
        self.clock.sleep(self.latency)
        if fault == "lost_after":
            raise ExactUnavailable("reset after the work was done")
        if fault == "502_after":
            return HttpAnswer(502, {}, b"<html>bad gateway</html>")
        if fault == "truncated":
            return HttpAnswer(answer.status, {}, answer.body[: len(answer.body) // 2])
        if fault == "crash_after":
            raise Crash
        return answer

    def _answer(self, form: Mapping[str, list[str]]) -> HttpAnswer:
        assert form["client_id"] == ["client"]
        assert form["client_secret"] == ["secret"]
        assert form["grant_type"] == ["refresh_token"]
        assert self.issued_at is not None
        age = (self.clock.now() - self.issued_at).total_seconds()
        if form["refresh_token"] != [self.refresh]:
            self.old_uses.append((self.number, age))
            return _json(401, {"error": "unauthorized_client", "error_description": "Old refresh token used."})
        if age < 570:
            self.early += 1
            said = "Rate limit exceeded: access_token not expired"
            headers = {"reason": f"TooEarlyToRefreshTokens: {said}"}
            return _json(400, {"error": "access_denied", "error_description": said}, headers)
        if age > 30 * 86400:
            return _json(
                400, {"error": "invalid_request", "error_description": "The refresh token expired at 10/11/2022."}
            )
        self._issue()
        self.rotations += 1
        return _json(
            200,
            {
                "access_token": self.access,
                "refresh_token": self.refresh,
                "token_type": "bearer",
                "expires_in": "600",
            },
        )

    def _issue(self) -> None:
        self.number += 1
        self.issued_at = self.clock.now()
        self._access = [*getattr(self, "_access", []), (self.number, self.issued_at)][-3:]


def _json(status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> HttpAnswer:
    return HttpAnswer(status, headers or {}, json.dumps(body).encode())


@dataclass
class Trouble:
    """Counts store operations and strikes at the chosen one: ``crash``, ``fail`` (nothing done) or ``blur`` (done, but
    the answer is lost), for ``length`` operations."""

    at: int = -1
    kind: str = ""
    length: int = 1
    count: int = 0

    def arm(self, kind: str, at: int, length: int = 1) -> None:
        self.kind, self.at, self.length, self.count = kind, at, length, 0

    def disarm(self) -> None:
        self.kind = ""

    def around(self, operation: Callable[[], T]) -> T:
        index, self.count = self.count, self.count + 1
        struck = bool(self.kind) and self.at <= index < self.at + self.length
        if struck and self.kind == "crash":
            raise Crash
        if struck and self.kind == "fail":
            raise StoreUnavailable("the store does not answer")
        result = operation()
        if struck and self.kind == "crash_after":
            raise Crash
        if struck and self.kind == "blur":
            raise StoreUnavailable("the store did its work and does not answer")
        return result


class TroubledParameters:
    """Parameters whose operations strike as ordered."""

    def __init__(self, parameters: MemoryParameters, trouble: Trouble) -> None:
        self._parameters = parameters
        self._trouble = trouble

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        return self._trouble.around(lambda: self._parameters.get(name, version=version))

    def put(self, name: str, value: str, *, secure: bool) -> int:
        assert secure
        return self._trouble.around(lambda: self._parameters.put(name, value, secure=secure))

    def delete(self, name: str) -> None:
        self._trouble.around(lambda: self._parameters.delete(name))


class Bench:
    """One tenant, Exact's token endpoint, and as many keepers (processes) over the same stores as asked for."""

    def __init__(self, *, linked: bool = True) -> None:
        self.clock = ManualClock()
        self.exact = TokenModel(self.clock)
        self.database = MemoryDatabase()
        self.parameters = MemoryParameters()
        self.events = MemoryEvents()
        self.trouble = Trouble()
        self._ids = 0
        if linked:
            self.link()

    def keeper(self) -> TokenKeeper:
        """A new process."""
        return TokenKeeper(
            TENANT,
            WatchedTable(self.trouble, self.database["control"]),
            ParameterTokenStore(TroubledParameters(self.parameters, self.trouble), "test"),
            TokenEndpoint(self.exact, self.clock),
            lambda connection: CLIENT,
            self.events,
            self.clock,
            new_id=self._new_id,
        )

    def link(self, division: int = DIVISION, *, allow_other_division: bool = False) -> Connection:
        """Consent and link."""
        return self.keeper().link(
            self.exact.consent(),
            base_url=BASE,
            client_id="client",
            division=division,
            allow_other_division=allow_other_division,
        )

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.sleep(seconds)

    def kinds(self) -> list[str]:
        """The kinds of the events so far."""
        return [kind for kind, _ in self.events.events]

    def row(self) -> Row:
        """The pointer row."""
        row = self.database["control"].get(Key(f"tenant#{TENANT}", "connection"))
        assert row is not None
        return row

    def stored_tokens(self) -> str:
        """Everything that the token store holds, as one text."""
        name = f"/test/tenants/{TENANT}/tokens"
        newest = self.parameters.get(name)
        versions = range(1, newest.version + 1) if newest else range(0)
        found = [self.parameters.get(name, version=version) for version in versions]
        return "\n".join(each.value for each in found if each is not None)

    def moment(self) -> str:
        """Now, as the row writes moments."""
        return to_text(self.clock.now())

    def _new_id(self) -> str:
        self._ids += 1
        return f"attempt-{self._ids}"
