"""The HTTP face of the sandbox: authorisation, limits, routing, faults and the mapping of errors to answers.

request ─ fault? ─ token (401) ─ velocity block ─ call limits (429) ─ company (403) ─ scope (403) ─ method (405)
        ─ read or write ─ latency ─ answer, counted
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web

from . import atom, paths
from .faults import Rule
from .limits import Allowance, Caller, CallLimits, ErrorVelocity, VelocityKey
from .oauth import OAuth, OldTokenForm, TokenAnswer
from .oauth_web import AuthorizePages
from .odata import ODataError, parse_options
from .read_sources import SOURCES, translate
from .reads import Call, Reader
from .render import Page, entity_json, error_json, page_json
from .schema import Endpoint
from .store import Division, Refusal, Row, User, World

MAX_URL = 6000
MAX_BODY = 38 * 1024 * 1024

JSON_TYPE = "application/json"
ATOM_TYPE = "application/atom+xml"


@dataclass(frozen=True)
class Rules:
    """How strict the sandbox is; the defaults are Exact's."""

    lenient_filter: bool = False
    allow_loopback: bool = False
    strict_case: bool = False
    old_token_form: OldTokenForm = "unauthorized_client"
    velocity_status: int = 403
    allowance: Allowance = field(default_factory=Allowance)


class Rejected(Exception):
    """A call that is refused before its address is looked at: status, text and headers of the answer."""

    def __init__(self, status: int, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


@dataclass
class Answer:
    """What goes back: status, body, type, headers, and for reads the stored rows that it shows."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    table: str = ""


@dataclass
class Sandbox:
    """One running sandbox: the world and everything that guards and shows it."""

    world: World
    rules: Rules = field(default_factory=Rules)
    oauth: OAuth = field(init=False)
    limits: CallLimits = field(init=False)
    velocity: ErrorVelocity = field(default_factory=ErrorVelocity)
    reader: Reader = field(init=False)
    base_url: str | None = None
    """The address in `__next` and `__metadata`; None takes the host of each request."""

    def __post_init__(self) -> None:
        rules = self.rules
        self.oauth = OAuth(self.world, rules.allow_loopback, rules.old_token_form)
        self.limits = CallLimits(rules.allowance)
        self.reader = Reader(rules.lenient_filter, dict(SOURCES), translate)

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(client_max_size=MAX_BODY)
        pages = AuthorizePages(self.oauth)
        app.router.add_get("/api/oauth2/auth", pages.handle)
        app.router.add_post("/api/oauth2/auth", pages.handle)
        app.router.add_post("/api/oauth2/token", self.token)
        app.router.add_route("*", "/api/v1/{tail:.*}", self.api)
        return app

    # --- tokens ---------------------------------------------------------------------------------------------

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Answer the token endpoint, with its faults."""
        rules = self.world.faults.strike(request.method, request.path, None)
        early = await self._before(request, rules)
        if early is not None:
            return early
        form = {name: str(value) for name, value in (await request.post()).items()}
        answer = self._token_answer(form)
        if answer.rotated and any(rule.kind == "rotate_drop" for rule in rules):
            self.world.tokens.rotated_and_dropped += 1
            return _reset(request)
        shown = Answer(answer.status, answer.body, headers={"Cache-Control": "no-store", **answer.headers})
        self.world.counters.count(None, request.method, "oauth2/token", answer.status)
        await self._wait(request.path, 0, rules)
        return await _send(request, shown, rules)

    def _token_answer(self, form: Mapping[str, str]) -> TokenAnswer:
        client_id, now = form.get("client_id", "").strip("{}").lower(), self.world.clock.now().timestamp()
        key: VelocityKey = (client_id, "", None, "oauth2/token")
        if self.velocity.blocked_for(key, now):
            return TokenAnswer(self.rules.velocity_status, b"", _velocity_headers())
        answer = self.oauth.token(form)
        self.velocity.count(key, answer.status, now)
        return answer

    # --- the API --------------------------------------------------------------------------------------------

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer one call under `/api/v1/`."""
        place = paths.parse(unquote(urlsplit(request.raw_path).path))
        rules = self.world.faults.strike(request.method, request.path, place.division)
        early = await self._before(request, rules)
        if early is not None:
            self.world.counters.count(place.division, request.method, place.endpoint, early.status)
            return early
        body = await request.read() if request.method in ("POST", "PUT") else b""
        answer = self._answer(request, place, body, _late_seconds(rules))
        self.world.counters.count(place.division, request.method, place.endpoint, answer.status)
        if any(rule.kind == "drop" for rule in rules):
            return _reset(request)
        self._move(place, answer, rules)
        await self._wait(request.path, len(answer.rows), rules)
        return await _send(request, answer, rules)

    def _answer(self, request: web.Request, place: paths.Place, body: bytes, late_s: float) -> Answer:
        headers: dict[str, str] = {}
        key: VelocityKey | None = None
        try:
            user, grant_client, granted = self._authenticate(request, place)
            now = self.world.clock.now().timestamp()
            key = (grant_client, user.user_name, place.division, place.endpoint)
            if self.velocity.blocked_for(key, now):
                raise Rejected(self.rules.velocity_status, "Forbidden - Error velocity", _velocity_headers())
            headers = self._admit(place, grant_client)
            answer = self._handle(request, place, body, late_s, (user, grant_client, granted))
        except Rejected as refusal:
            answer = _error_answer(request, refusal.status, refusal.message, refusal.headers)
        except ODataError as error:
            answer = _error_answer(request, error.status, error.message)
        except Refusal as error:
            answer = _error_answer(request, error.status, error.text)
        if key is not None and not answer.headers.get("Reason", "").startswith("ErrorVelocity"):
            self.velocity.count(key, answer.status, self.world.clock.now().timestamp())
        answer.headers.update(headers)
        return answer

    def _authenticate(self, request: web.Request, place: paths.Place) -> tuple[User, str, tuple[int, ...]]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        found = self.oauth.bearer(token.strip()) if scheme.lower() == "bearer" else None
        unauthorized = Rejected(401, "Unauthorized", {"WWW-Authenticate": "Bearer"})
        if found is None:
            raise unauthorized
        grant, valid = found
        user = self.world.users.get(grant.user_name)
        if user is None or not valid:
            key = (grant.client_id, grant.user_name, place.division, place.endpoint)
            self.velocity.count(key, 401, self.world.clock.now().timestamp())
            raise unauthorized
        return user, grant.client_id, grant.divisions

    def _admit(self, place: paths.Place, client_id: str) -> dict[str, str]:
        if place.division is None:
            return {}
        division = self.world.divisions.get(place.division)
        caller = Caller(
            client_id,
            place.division,
            contract=str(division.info.get("CustomerCode", "")) if division else "",
            premium=division is not None and division.edition == "premium" and self.rules.allowance.premium,
        )
        verdict = self.limits.admit(caller, int(self.world.clock.now().timestamp() * 1000))
        if not verdict.allowed:
            raise Rejected(429, "", verdict.headers)
        return verdict.headers

    def _handle(
        self,
        request: web.Request,
        place: paths.Place,
        body: bytes,
        late_s: float,
        who: tuple[User, str, tuple[int, ...]],
    ) -> Answer:
        user, client_id, granted = who
        base = self.base_url or f"{request.scheme}://{request.host}"
        if len(base) + len(request.raw_path) > MAX_URL:
            raise ODataError(f"The length of the URL exceeds {MAX_URL} characters.")
        division = self._division(place, user, granted)
        call = Call(
            self.world,
            division,
            user,
            granted,
            f"{base}{place.root}",
            request.headers.get("CustomDescriptionLanguage"),
        )
        if place.special == "$metadata":
            return _metadata(place)
        if place.special == "$batch":
            raise ODataError("The $batch endpoint is not supported.")
        endpoint = paths.endpoint_of(place, strict_case=self.rules.strict_case)
        self._check_scope(endpoint, client_id, write=request.method != "GET")
        _check_edition(endpoint, division)
        if request.method not in endpoint.methods:
            allowed = ", ".join(sorted(endpoint.methods))
            raise Rejected(405, f"The method '{request.method}' is not allowed here.", {"Allow": allowed})
        if request.method == "GET":
            return self._read(request, place, call, endpoint)
        with division.transaction(late_s=late_s):
            return self._write(request, place, call, endpoint, body)

    def _division(self, place: paths.Place, user: User, granted: tuple[int, ...]) -> Division:
        code = user.current_division if place.division is None else place.division
        division = self.world.divisions.get(code)
        if division is None or code not in user.divisions or (place.division is not None and code not in granted):
            raise Rejected(403, "Forbidden - WrongDivision")
        if place.division is not None and division.info.get("BlockingStatus", 0) != 0:
            raise Rejected(403, "Forbidden - DivisionBlocked", {"Reason": "DivisionBlocked"})
        return division

    def _check_scope(self, endpoint: Endpoint, client_id: str, *, write: bool) -> None:
        scopes = self.world.apps[client_id].scopes
        wanted = endpoint.entity.scopes
        if scopes is None or not wanted:
            return
        held = {scope for scope in scopes if not write or not scope.endswith(":read")}
        if not any(scope in held or (not write and f"{scope}:read" in held) for scope in wanted):
            action = "manage" if write else "read"
            raise Rejected(403, f"Forbidden - Application Scope Violated. Cannot {action} '{wanted[0]}' scope.")

    # --- reading --------------------------------------------------------------------------------------------

    def _read(self, request: web.Request, place: paths.Place, call: Call, endpoint: Endpoint) -> Answer:
        pairs = parse_qsl(urlsplit(request.raw_path).query, keep_blank_values=True)
        if place.special == "$count":
            return self._count(request, call, endpoint, pairs)
        wants_atom = _wants_atom(request)
        call = replace(call, params=dict(pairs))
        options = parse_options(endpoint, pairs, single=place.key is not None)
        if place.key is None:
            page, rows = self.reader.collection(call, endpoint, options)
            body = atom.feed(endpoint, call.base, page, self._stamp()) if wants_atom else page_json(page)
            return Answer(200, body, _type(wants_atom=wants_atom), rows=rows, table=endpoint.entity.name)
        row = self.reader.row(call, endpoint, place.key)
        if place.rest:
            children = self.reader.children(call, endpoint, row, place.rest, pairs)
            return self._children(call, endpoint, children, wants_atom=wants_atom)
        shown = self.reader.entity(call, endpoint, options, row)
        body = atom.entry_document(endpoint, shown, self._stamp()) if wants_atom else entity_json(shown)
        return Answer(200, body, _type(wants_atom=wants_atom), rows=[row])

    def _children(self, call: Call, endpoint: Endpoint, page: Page, *, wants_atom: bool) -> Answer:
        body = atom.feed(endpoint, call.base, page, self._stamp()) if wants_atom else page_json(page)
        return Answer(200, body, _type(wants_atom=wants_atom))

    def _count(self, request: web.Request, call: Call, endpoint: Endpoint, pairs: Sequence[tuple[str, str]]) -> Answer:
        accepted = _accepted(request)
        if accepted and not any(each in ("*/*", "text/*", "text/plain") for each in accepted):
            raise ODataError("Unsupported media type requested.", 415)
        options = parse_options(endpoint, pairs, single=True)
        return Answer(200, str(self.reader.count(call, endpoint, options)).encode(), "text/plain")

    def _stamp(self) -> str:
        return self.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    # --- writing --------------------------------------------------------------------------------------------

    def _write(self, request: web.Request, place: paths.Place, call: Call, endpoint: Endpoint, body: bytes) -> Answer:
        raise ODataError("Not implemented", 501)

    # --- faults ---------------------------------------------------------------------------------------------

    async def _before(self, request: web.Request, rules: Sequence[Rule]) -> web.StreamResponse | None:
        for rule in rules:
            if rule.kind == "reset":
                return _reset(request)
            if rule.kind == "status":
                return web.Response(status=rule.status, text=rule.body)
            if rule.kind == "storm":
                now_ms = int(self.world.clock.now().timestamp() * 1000)
                return web.Response(status=429, headers=self.limits.storm(now_ms))
        return None

    async def _wait(self, path: str, rows: int, rules: Sequence[Rule]) -> None:
        seconds = self.world.faults.latency_s(path, rows)
        seconds += sum(rule.delay_ms for rule in rules if rule.kind == "delay") / 1000
        if seconds > 0:
            await asyncio.sleep(seconds)

    def _move(self, place: paths.Place, answer: Answer, rules: Sequence[Rule]) -> None:
        moving = sum(rule.rows for rule in rules if rule.kind == "move")
        division = self.world.divisions.get(place.division or 0)
        if moving and division is not None and answer.table:
            table = division.table(answer.table)
            for row in answer.rows[:moving]:
                table.restamp(row[table.spec.key])


def _metadata(place: paths.Place) -> Answer:
    described = atom.metadata(place.endpoint)
    if described is None:
        raise ODataError(f"Resource not found for the segment '{place.endpoint}'.", 404)
    return Answer(200, described, "application/xml")


def _late_seconds(rules: Sequence[Rule]) -> float:
    return max((rule.delay_ms / 1000 for rule in rules if rule.kind == "late"), default=0.0)


def _velocity_headers() -> dict[str, str]:
    return {"Reason": "ErrorVelocityExceeded"}


HIDDEN_IN_BASIC = ("logistics/SupplierItem", "manufacturing/", "sync/Manufacturing/", "sync/Logistics/SupplierItem")


def _check_edition(endpoint: Endpoint, division: Division) -> None:
    if division.edition == "basic" and endpoint.path.startswith(HIDDEN_IN_BASIC):
        raise Rejected(403, "Forbidden - Not available in your edition.")


def _accepted(request: web.Request) -> list[str]:
    every = ",".join(request.headers.getall("Accept", []))
    return [part.split(";")[0].strip().lower() for part in every.split(",") if part.strip()]


def _wants_atom(request: web.Request) -> bool:
    accepted = _accepted(request)
    for each in accepted:
        if each == JSON_TYPE:
            return False
        if each in ("*/*", ATOM_TYPE, "application/*"):
            return True
    if accepted:
        raise ODataError("Unsupported media type requested.", 415)
    return True


def _type(*, wants_atom: bool) -> str:
    return ATOM_TYPE if wants_atom else JSON_TYPE


def _error_answer(request: web.Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    if status == 429:
        return Answer(429, b"", "", dict(headers or {}))
    accepted = _accepted(request)
    if JSON_TYPE in accepted or not any(each in ("*/*", ATOM_TYPE) for each in accepted or ["*/*"]):
        return Answer(status, error_json(message), JSON_TYPE, dict(headers or {}))
    return Answer(status, atom.error(message), "application/xml", dict(headers or {}))


def _reset(request: web.Request) -> web.Response:
    """Break the connection off with a TCP reset; the response returned is never seen."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=499)


async def _send(request: web.Request, answer: Answer, rules: Sequence[Rule]) -> web.StreamResponse:
    kinds = {rule.kind for rule in rules}
    headers = dict(answer.headers)
    if answer.content_type:
        headers["Content-Type"] = f"{answer.content_type}; charset=utf-8"
    body = b"<html><body>Runtime Error</bo" if "malform" in kinds else answer.body
    if "truncate" not in kinds:
        return web.Response(status=answer.status, body=body or None, headers=headers)
    response = web.StreamResponse(status=answer.status, headers={**headers, "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
