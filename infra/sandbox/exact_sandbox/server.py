"""The HTTP face of the sandbox: routing, faults and the mapping of errors to answers.

request ─ fault? ─ token (401) ─ call limits (429) ─ velocity block ─ company (403) ─ scope (403) ─ method (405)
        ─ read or write ─ latency ─ answer, counted
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web

from exact_sandbox.admin import routes
from exact_sandbox.admin.switches import switch_routes
from exact_sandbox.auth.oauth import OAuth, OldTokenForm, TokenAnswer, no_chain, with_credentials
from exact_sandbox.auth.oauth_web import AuthorizePages, listed, page
from exact_sandbox.clock import SandboxClock
from exact_sandbox.faults import Rule
from exact_sandbox.protocol import atom, paths, writes
from exact_sandbox.protocol.answers import (
    ATOM_TYPE,
    JSON_TYPE,
    SECURITY_HEADERS,
    XML_TYPE,
    Answer,
    Rejected,
    accepted,
    error_answer,
    plain_response,
    reset,
    send,
    wants_atom,
)
from exact_sandbox.protocol.guard import VELOCITY_HEADERS, Guard, Identity
from exact_sandbox.protocol.limits import Allowance, CallLimits, VelocityKey
from exact_sandbox.protocol.odata import ODataError, Selection, parse_options
from exact_sandbox.protocol.read_sources import SOURCES, translate
from exact_sandbox.protocol.reads import Call, Reader, parse_key
from exact_sandbox.protocol.render import Page, entity_json, page_json
from exact_sandbox.protocol.schema import Endpoint, Field
from exact_sandbox.protocol.switches import Switches
from exact_sandbox.webhooks import Courier
from exact_sandbox.world import files
from exact_sandbox.world.store import Refusal, User, World

_LOG = logging.getLogger(__name__)

MAX_URL = 6000
MAX_BODY = 38 * 1024 * 1024

UNEXPECTED = "A problem has occurred. The cause of this issue will be investigated as soon as possible."

NOT_AN_OBJECT = "Error processing request stream. The request should be a valid top-level resource object."


@dataclass(frozen=True)
class Rules:
    """How strict the sandbox is; the defaults are Exact's."""

    switches: Switches = field(default_factory=Switches)
    allow_loopback: bool = False
    strict_case: bool = False
    old_token_form: OldTokenForm = "unauthorized_client"
    velocity_status: int = 403
    allowance: Allowance = field(default_factory=Allowance)


@dataclass
class Sandbox:
    """One running sandbox: the world and everything that guards and shows it."""

    world: World
    rules: Rules = field(default_factory=Rules)
    base_url: str | None = None
    """The address in `__next` and `__metadata`; None takes the host of each request."""
    oauth: OAuth = field(init=False)
    guard: Guard = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        rules = self.rules
        self.oauth = OAuth(self.world, rules.allow_loopback, rules.old_token_form)
        self.guard = Guard(
            self.world,
            self.oauth,
            CallLimits(rules.allowance),
            velocity_status=rules.velocity_status,
            switches=rules.switches,
        )
        self.reader = Reader(rules.switches, dict(SOURCES), translate)
        clock = self.world.clock
        if isinstance(clock, SandboxClock):
            self.world.replayers["clock"] = clock.restore
            clock.changed = lambda: self.world.record("clock", clock.state())

    def application(self) -> web.Application:
        """Build the web application."""
        app = web.Application(client_max_size=MAX_BODY)
        pages = AuthorizePages(self.oauth)
        app.router.add_get("/", self.home)
        app.router.add_get("/api/oauth2/auth", pages.handle)
        app.router.add_post("/api/oauth2/auth", pages.handle)
        app.router.add_post("/api/oauth2/token", self.token)
        app.router.add_route("*", "/api/v1/{tail:.*}", self.api)
        app.router.add_get("/{slash:/?}docs/{tail:.*}", self.docs)
        app.add_routes(routes.routes(self.world))
        app.add_routes(switch_routes(self.rules.switches))
        app.router.add_get("/sandbox/limits", self.show_limits)
        app.router.add_delete("/sandbox/limits", self.reset_limits)
        app.cleanup_ctx.append(self._courier)
        app.on_response_prepare.append(self._date)
        return app

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Send the sandbox's own time, from which clients learn Exact's, and the headers of every answer."""
        response.headers["Date"] = format_datetime(self.world.clock.now(), usegmt=True)
        response.headers.update(SECURITY_HEADERS)

    async def _courier(self, _app: web.Application) -> AsyncIterator[None]:
        courier = Courier(self.world)
        courier.start()
        yield
        await courier.stop()

    async def home(self, _: web.Request) -> web.Response:
        """Tell a person what runs here."""
        world = self.world
        companies = [f"{each.code} {each.description}" for each in world.divisions.values()]
        users = [f"{user.user_name} / {user.password}" for user in world.users.values()]
        return page("home", "Exact Online sandbox", markup={"companies": listed(companies), "users": listed(users)})

    # --- control --------------------------------------------------------------------------------------------

    async def show_limits(self, _: web.Request) -> web.Response:
        """Tell what every app used of its minute and day, and the errors and blocks of every key."""
        now = self.world.clock.now().timestamp()
        shown = {"calls": self.guard.limits.used(int(now * 1000)), "errors": self.guard.velocity.listing(now)}
        return web.json_response(shown)

    async def reset_limits(self, request: web.Request) -> web.Response:
        """Start every minute, day and error count anew."""
        self.guard.limits.reset()
        self.guard.velocity.reset()
        return await self.show_limits(request)

    # --- tokens ---------------------------------------------------------------------------------------------

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Answer the token endpoint, with its faults."""
        rules = self.world.faults.strike(request.method, request.path, None)
        early = self._instead(request, rules)
        if early is not None:
            return early
        posted = {name: str(value) for name, value in (await request.post()).items()}
        form = with_credentials(posted, request.headers.get("Authorization", ""))
        refused = any(rule.kind == "chain" for rule in rules)
        answer = no_chain() if refused else self._token_answer(form)
        self.world.counters.count(None, request.method, "oauth2/token", answer.status)
        await self._wait(request.path, 0, rules)
        dropped = any(rule.kind == "drop" or (rule.kind == "rotate_drop" and answer.rotated) for rule in rules)
        if dropped:
            self.world.tokens.rotated_and_dropped += answer.rotated
            return reset(request)
        headers = {"Cache-Control": "no-store", **answer.headers}
        return await send(request, Answer(answer.status, answer.body, JSON_TYPE, headers), rules)

    def _token_answer(self, form: Mapping[str, str]) -> TokenAnswer:
        key, now = self.oauth.owner(form), self.world.clock.now().timestamp()
        if self.guard.velocity.blocked_for(key, now):
            return TokenAnswer(self.rules.velocity_status, b"", VELOCITY_HEADERS)
        answer = self.oauth.token(form)
        self.guard.note(key, answer.status)
        return answer

    # --- pictures and attachments ---------------------------------------------------------------------------

    async def docs(self, request: web.Request) -> web.StreamResponse:
        """Answer pictures and attachments under `/docs/`, with the faults of every other address."""
        rules = self.world.faults.strike(request.method, request.path, None)
        early = self._instead(request, rules)
        if early is not None:
            return early
        found = await files.handler(self.world, self._owner)(request)
        self.world.counters.count(None, request.method, request.path.removeprefix("/"), found.status)
        await self._wait(request.path, 0, rules)
        if any(rule.kind == "drop" for rule in rules):
            return reset(request)
        if not isinstance(found, web.Response) or not isinstance(found.body, bytes):
            return found
        headers = {name: value for name, value in found.headers.items() if name not in ("Content-Length",)}
        return await send(request, Answer(found.status, found.body, headers=headers), rules)

    def _owner(self, request: web.Request) -> User | None:
        try:
            who = self.guard.identify(request, paths.Place("", None, "docs"))
        except Rejected:
            return None
        return replace(who.user, divisions=[code for code in who.user.divisions if code in who.granted])

    # --- the API --------------------------------------------------------------------------------------------

    async def api(self, request: web.Request) -> web.StreamResponse:
        """Answer one call under `/api/v1/`."""
        place = paths.parse(unquote(urlsplit(request.raw_path).path))
        rules = self.world.faults.strike(request.method, request.path, place.division)
        early = self._instead(request, rules)
        if early is not None:
            self.world.counters.count(place.division, request.method, place.endpoint, early.status)
            return early
        body = await request.read() if request.method in ("POST", "PUT") else b""
        answer = await self._answer(request, place, body, _late_seconds(rules))
        self.world.counters.count(place.division, request.method, place.endpoint, answer.status)
        self._move(place, answer, rules)
        await self._wait(request.path, len(answer.rows), rules)
        if any(rule.kind == "drop" for rule in rules):
            return reset(request)
        return await send(request, answer, rules)

    async def _answer(self, request: web.Request, place: paths.Place, body: bytes, late_s: float) -> Answer:
        headers: dict[str, str] = {}
        key: VelocityKey | None = None
        try:
            who = self.guard.identify(request, place)
            headers = self.guard.admit(place, who.client_id)
            self.guard.check_velocity(self.guard.velocity_key(who, place))
            key = self.guard.velocity_key(who, place)
            answer = await self._handle(request, place, body, late_s, who)
        except Rejected as refusal:
            answer = error_answer(request, refusal.status, refusal.message, refusal.headers)
            answer.reason = refusal.reason
        except ODataError as error:
            answer = error_answer(request, error.status, error.message)
        except Refusal as error:
            status = self.rules.switches.refusal_status if error.status == 500 else error.status
            answer = error_answer(request, status, error.text)
        except Exception:
            _LOG.exception("The sandbox failed on %s %s", request.method, place.endpoint)
            answer = error_answer(request, 500, UNEXPECTED)
        if key is not None:
            self.guard.note(key, answer.status)
        answer.headers.update(headers)
        return answer

    async def _handle(
        self, request: web.Request, place: paths.Place, body: bytes, late_s: float, who: Identity
    ) -> Answer:
        base = self.base_url or f"{request.scheme}://{request.host}"
        if len(base) + len(request.raw_path) > MAX_URL:
            raise ODataError(f"The length of the URL exceeds {MAX_URL} characters.")
        division = self.guard.division(place, who)
        if place.special == "$metadata":
            return _metadata(place)
        if place.special == "$batch":
            raise ODataError("The $batch endpoint is not supported.")
        endpoint = paths.endpoint_of(place, strict_case=self.rules.strict_case)
        self.guard.check_scope(endpoint, who.client_id, write=request.method != "GET")
        self.guard.check_edition(endpoint, division)
        if request.method not in endpoint.methods:
            allowed = ", ".join(sorted(endpoint.methods))
            raise Rejected(405, f"The method '{request.method}' is not allowed here.", {"Allow": allowed})
        pairs = parse_qsl(urlsplit(request.raw_path).query, keep_blank_values=True)
        language = request.headers.get("CustomDescriptionLanguage")
        call = Call(self.world, division, who.user, who.granted, f"{base}{place.root}", language, dict(pairs))
        if request.method == "GET":
            return self._read(request, place, call, endpoint, pairs)
        if request.method == "POST":
            return await self._create(request, place, call, endpoint, _Write(body, late_s, who.client_id))
        return await self._change(request, place, call, endpoint, _Write(body, late_s, who.client_id))

    # --- reading --------------------------------------------------------------------------------------------

    def _read(
        self,
        request: web.Request,
        place: paths.Place,
        call: Call,
        endpoint: Endpoint,
        pairs: Sequence[tuple[str, str]],
    ) -> Answer:
        if place.special == "$count":
            return self._count(request, call, endpoint, pairs)
        as_atom = wants_atom(request)
        if place.key is not None and place.rest:
            parent = self.reader.row(call, endpoint, place.key)
            target, shown = self.reader.children(call, endpoint, parent, place.rest, pairs)
            return self._page(target, call, shown, as_atom=as_atom)
        options = parse_options(endpoint, pairs, single=place.key is not None)
        if place.key is None:
            shown, rows = self.reader.collection(call, endpoint, options)
            answer = self._page(endpoint, call, shown, as_atom=as_atom)
            answer.rows, answer.table = rows, endpoint.entity.name
            return answer
        row = self.reader.row(call, endpoint, place.key)
        return self._entity(endpoint, self.reader.entity(call, endpoint, options.selection, row), as_atom=as_atom)

    def _page(self, endpoint: Endpoint, call: Call, shown: Page, *, as_atom: bool) -> Answer:
        if as_atom:
            kind = XML_TYPE if endpoint.entity.name in atom.VALUES_WITHOUT_KEY else ATOM_TYPE
            return Answer(200, atom.collection(endpoint, call.base, shown, self._stamp()), kind)
        return Answer(200, page_json(shown), JSON_TYPE)

    def _entity(self, endpoint: Endpoint, shown: Mapping[str, Any], *, as_atom: bool) -> Answer:
        if as_atom:
            return Answer(200, atom.entry_document(endpoint, shown, self._stamp()), ATOM_TYPE)
        return Answer(200, entity_json(shown), JSON_TYPE)

    def _count(self, request: web.Request, call: Call, endpoint: Endpoint, pairs: Sequence[tuple[str, str]]) -> Answer:
        types = accepted(request)
        if types and not any(each in ("*/*", "text/*", "text/plain") for each in types):
            raise ODataError("Unsupported media type requested.", 415)
        options = parse_options(endpoint, pairs, single=True)
        return Answer(200, str(self.reader.count(call, endpoint, options)).encode(), "text/plain")

    def _stamp(self) -> str:
        return self.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    # --- writing --------------------------------------------------------------------------------------------

    async def _create(
        self, request: web.Request, place: paths.Place, call: Call, endpoint: Endpoint, write: _Write
    ) -> Answer:
        if place.key is not None:
            raise Rejected(405, "A new entity is posted to its collection.", {"Allow": "GET, PUT, DELETE"})
        as_atom = wants_atom(request)
        created = await writes.create(
            self.world,
            call.division,
            endpoint.entity.name,
            _json_body(request, write.body),
            call.user,
            representation="return=representation" in request.headers.get("Prefer", "").replace(" ", "").lower(),
            late_s=write.late_s,
            client_id=write.client_id,
        )
        shown = self.reader.entity(call, endpoint, Selection(), created.row)
        if created.only is not None:
            shown = {name: _kept(endpoint.fields.get(name), value, created.only) for name, value in shown.items()}
        answer = self._entity(endpoint, shown, as_atom=as_atom)
        answer.status, answer.headers["Location"] = self.rules.switches.post_status, shown["__metadata"]["uri"]
        return answer

    async def _change(
        self, request: web.Request, place: paths.Place, call: Call, endpoint: Endpoint, write: _Write
    ) -> Answer:
        if place.key is None:
            raise Rejected(405, f"{request.method} wants the key of an entity.", {"Allow": "GET, POST"})
        key, name = parse_key(endpoint, place.key), endpoint.entity.name
        if request.method == "DELETE":
            await writes.delete(self.world, call.division, name, key, call.user, late_s=write.late_s)
        else:
            body = _json_body(request, write.body)
            await writes.update(self.world, call.division, name, key, body, call.user, late_s=write.late_s)
        return Answer(204)

    # --- faults ---------------------------------------------------------------------------------------------

    def _instead(self, request: web.Request, rules: Sequence[Rule]) -> web.StreamResponse | None:
        for rule in rules:
            if rule.kind == "reset":
                return reset(request)
            if rule.kind == "status":
                return web.Response(status=rule.status, text=rule.body)
            if rule.kind == "forbidden":
                return plain_response(error_answer(request, 403, f"Forbidden - {rule.reason}", {"Reason": rule.reason}))
            if rule.kind == "storm":
                now_ms = int(self.world.clock.now().timestamp() * 1000)
                return web.Response(status=429, headers=self.guard.refused(self.guard.limits.storm(now_ms)))
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
            table = self.reader.table(division, answer.table)
            for row in answer.rows[:moving]:
                table.restamp(row[table.spec.key])


@dataclass(frozen=True)
class _Write:
    body: bytes
    late_s: float
    client_id: str


def _json_body(request: web.Request, body: bytes) -> object:
    if request.content_type != JSON_TYPE:
        raise ODataError("Unsupported media type requested.", 415)
    try:
        return json.loads(body)
    except ValueError:
        raise ODataError(NOT_AN_OBJECT) from None


def _kept(known: Field | None, value: object, only: frozenset[str]) -> object:
    """Return what a POST shows of a property that it answers with little else: flags are 0 or false, the rest null."""
    if known is None or known.name in only or isinstance(value, dict):
        return value
    return known.empty if known.never_null else None


def _metadata(place: paths.Place) -> Answer:
    described = atom.metadata(place.endpoint)
    if described is None:
        raise ODataError(f"Resource not found for the segment '{place.endpoint}'.", 404)
    return Answer(200, described, XML_TYPE)


def _late_seconds(rules: Sequence[Rule]) -> float:
    return max((rule.delay_ms / 1000 for rule in rules if rule.kind == "late"), default=0.0)
