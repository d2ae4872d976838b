"""OAuth 2 as Exact Online does it: codes, rotating refresh tokens, the 570-second rule, expiry.

    code ── 3 minutes, once ──> tokens A ── 570 s: refusal ── 570..600 s: refresh ──> tokens B, A's refresh token dead
    a dead refresh token: 401 unauthorized_client (or 400 invalid_grant); 30 days unused: 400 invalid_request

The bodies and headers are byte for byte those that clients of Exact recorded. This module decides; the pages and
HTTP are in `oauth_web.py`. What is granted is journalled before it is answered.
"""

from __future__ import annotations

import base64
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from exact_sandbox.protocol.limits import VelocityKey
from exact_sandbox.protocol.render import dump
from exact_sandbox.world.store import App, User, World

CODE_LIFE_S = 180
ACCESS_LIFE_S = 600
EARLIEST_REFRESH_S = 570
REFRESH_LIFE_S = 30 * 24 * 3600

TOO_EARLY_TEXT = "Rate limit exceeded: access_token not expired"
TOO_EARLY_BODY = b'{ "error":"access_denied","error_description":"Rate limit exceeded: access_token not expired" }'

NO_CHAIN_TEXT = "Token is not allowed, because of invalid or empty chainId"
NO_CHAIN_BODY = f'{{ "error":"invalid_grant","error_description":"{NO_CHAIN_TEXT}" }}'.encode()

OldTokenForm = Literal["unauthorized_client", "invalid_grant"]


class AuthorizeRefused(Exception):
    """The authorisation request cannot be trusted, so nothing is sent to its redirect address."""


@dataclass(frozen=True)
class AuthorizeRequest:
    """A checked authorisation request."""

    app: App
    redirect_uri: str
    response_type: str
    state: str | None
    force_login: bool


@dataclass(frozen=True)
class Grant:
    """What a user allowed an app: the companies by code."""

    client_id: str
    user_name: str
    divisions: tuple[int, ...]


@dataclass
class Code:
    """An authorisation code that was handed out."""

    grant: Grant
    redirect_uri: str
    issued: float


@dataclass
class Chain:
    """The tokens of one authorisation, from the first pair to the present one."""

    grant: Grant
    access: str
    refresh: str
    issued: float


@dataclass(frozen=True)
class TokenAnswer:
    """An answer of the token endpoint; `rotated` tells whether tokens were handed out."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    rotated: bool = False
    user_name: str = ""


def _random_text(length: int) -> str:
    return secrets.token_urlsafe(length)


@dataclass
class OAuth:
    """The authorisation server of one world. Times are the sandbox's, in epoch seconds."""

    world: World
    allow_loopback: bool = False
    old_token_form: OldTokenForm = "unauthorized_client"
    random_text: Callable[[int], str] = _random_text
    codes: dict[str, Code] = field(default_factory=dict)
    chains: dict[int, Chain] = field(default_factory=dict)
    _access: dict[str, tuple[Grant, float]] = field(default_factory=dict)
    _refresh: dict[str, int] = field(default_factory=dict)
    _dead: dict[str, str] = field(default_factory=dict)
    """Refresh tokens that were used, each with its user."""

    def __post_init__(self) -> None:
        self.world.replayers["oauth"] = self.replay

    # --- the user's side ------------------------------------------------------------------------------------

    def check_request(self, params: Mapping[str, str]) -> AuthorizeRequest:
        """Check the parameters of an authorisation request; AuthorizeRefused says what is wrong."""
        app = self.world.apps.get(_client_id(params))
        if app is None:
            raise AuthorizeRefused(f"Client with identifier '{params.get('client_id', '')}' not found.")
        redirect_uri = params.get("redirect_uri", "")
        self._check_redirect(app, redirect_uri)
        response_type = params.get("response_type", "")
        if response_type not in ("code", "token"):
            raise AuthorizeRefused("The response_type must be code or token.")
        return AuthorizeRequest(app, redirect_uri, response_type, params.get("state"), params.get("force_login") == "1")

    def sign_in(self, user_name: str, password: str) -> User | None:
        """Return the user with this name and password, or None."""
        user = self.world.users.get(user_name)
        return user if user is not None and secrets.compare_digest(user.password, password) else None

    def allow(self, request: AuthorizeRequest, user: User, divisions: tuple[int, ...]) -> str:
        """Note the user's consent for these companies and return where the browser goes."""
        grant = Grant(request.app.client_id, user.user_name, divisions)
        if request.response_type == "token":
            access = self._new_token()
            self._keep("implicit", grant=asdict(grant), access=access, at=self._now())
            fragment = {"access_token": access, "token_type": "bearer", "expires_in": str(ACCESS_LIFE_S)}
            return _redirect(request, fragment, mark="#")
        code = self._new_token()
        self._keep("code", grant=asdict(grant), code=code, redirect_uri=request.redirect_uri, at=self._now())
        self.world.tokens.codes_issued += 1
        return _redirect(request, {"code": code})

    def deny(self, request: AuthorizeRequest) -> str:
        """Return where the browser goes after the user refused."""
        return _redirect(request, {"error": "access_denied"}, mark="#" if request.response_type == "token" else "?")

    # --- the application's side -----------------------------------------------------------------------------

    def token(self, form: Mapping[str, str]) -> TokenAnswer:
        """Answer a request to the token endpoint."""
        app = self.world.apps.get(_client_id(form))
        if app is None or not secrets.compare_digest(app.client_secret, form.get("client_secret", "")):
            self.world.tokens.bad_client += 1
            return _error(400, {"error": "invalid_request"})
        if form.get("grant_type") == "authorization_code":
            return self._exchange(app, form)
        if form.get("grant_type") == "refresh_token" and form.get("refresh_token"):
            return self._rotate(app, form["refresh_token"])
        return _error(400, {"error": "invalid_request"})

    def owner(self, form: Mapping[str, str]) -> VelocityKey:
        """Return under what the errors of a token request are counted: the app and, when known, the user."""
        refresh, code = form.get("refresh_token", ""), self.codes.get(form.get("code", ""))
        number = self._refresh.get(refresh)
        user = self._dead.get(refresh, "") if number is None else self.chains[number].grant.user_name
        user = user if code is None else code.grant.user_name
        return (_client_id(form), user, None, "oauth2/token")

    def bearer(self, access_token: str) -> tuple[Grant, bool] | None:
        """Return the grant of an access token and whether it is still valid; None when it was never issued."""
        found = self._access.get(access_token)
        if found is None:
            return None
        grant, issued = found
        return grant, self._now() - issued < ACCESS_LIFE_S

    def _exchange(self, app: App, form: Mapping[str, str]) -> TokenAnswer:
        code = self.codes.get(form.get("code", ""))
        if code is None or code.grant.client_id != app.client_id or code.redirect_uri != form.get("redirect_uri"):
            self.world.tokens.bad_code += 1
            return no_chain()
        self._keep("code_used", code=form["code"])
        if self._now() - code.issued >= CODE_LIFE_S:
            self.world.tokens.bad_code += 1
            return no_chain()
        self.world.tokens.code_exchanges += 1
        return self._issue(max(self.chains, default=0) + 1, code.grant)

    def _rotate(self, app: App, refresh: str) -> TokenAnswer:
        number = self._refresh.get(refresh)
        if refresh in self._dead:
            self.world.tokens.old_token_used += 1
            return self._old_token()
        if number is None or self.chains[number].grant.client_id != app.client_id:
            return no_chain()
        chain, now = self.chains[number], self._now()
        if now - chain.issued >= REFRESH_LIFE_S:
            self.world.tokens.expired_token_used += 1
            return _expired(chain.issued + REFRESH_LIFE_S, now)
        if 0 <= now - chain.issued < EARLIEST_REFRESH_S:
            self.world.tokens.refused_early += 1
            reason = {"Reason": f"TooEarlyToRefreshTokens: {TOO_EARLY_TEXT}"}
            return TokenAnswer(400, TOO_EARLY_BODY, reason, user_name=chain.grant.user_name)
        self.world.tokens.refreshes += 1
        return self._issue(number, chain.grant)

    def _old_token(self) -> TokenAnswer:
        if self.old_token_form == "invalid_grant":
            return no_chain()
        return _error(401, {"error": "unauthorized_client", "error_description": "Old refresh token used."})

    def _issue(self, number: int, grant: Grant) -> TokenAnswer:
        access, refresh = self._new_token(), self._new_token()
        self._keep("tokens", chain=number, grant=asdict(grant), access=access, refresh=refresh, at=self._now())
        body = {
            "access_token": access,
            "token_type": "bearer",
            "expires_in": str(ACCESS_LIFE_S),
            "refresh_token": refresh,
        }
        return TokenAnswer(200, dump(body), rotated=True, user_name=grant.user_name)

    # --- what is kept ---------------------------------------------------------------------------------------

    def replay(self, event: dict[str, Any]) -> None:
        """Take up one event of the journal; the only place that changes what is granted."""
        grant = event.get("grant")
        given = Grant(grant["client_id"], grant["user_name"], tuple(grant["divisions"])) if grant else None
        if event["what"] == "code_used":
            self.codes.pop(event["code"], None)
        elif given is None:
            raise ValueError(f"The journal holds an OAuth event of kind {event['what']!r} without a grant.")
        elif event["what"] == "code":
            self.codes[event["code"]] = Code(given, event["redirect_uri"], event["at"])
        elif event["what"] == "implicit":
            self._access[event["access"]] = (given, event["at"])
        else:
            self._install(event["chain"], Chain(given, event["access"], event["refresh"], event["at"]))

    def _install(self, number: int, chain: Chain) -> None:
        old = self.chains.get(number)
        if old is not None:
            self._refresh.pop(old.refresh, None)
            self._dead[old.refresh] = old.grant.user_name
        self.chains[number] = chain
        self._refresh[chain.refresh] = number
        self._access[chain.access] = (chain.grant, chain.issued)

    def _keep(self, what: str, **event: Any) -> None:
        self.world.record("oauth", {"what": what, **event})
        self.replay({"what": what, **event})

    def _new_token(self) -> str:
        return f"{self.random_text(6)}!{self.random_text(96)}"

    def _now(self) -> float:
        return self.world.clock.now().timestamp()

    def _check_redirect(self, app: App, uri: str) -> None:
        parts = urlsplit(uri)
        loopback = is_loopback(parts.hostname)
        if loopback and self.allow_loopback:
            paths = {urlsplit(known).path for known in app.redirect_uris}
            if uri in app.redirect_uris or "*" in app.redirect_uris or parts.path in paths:
                return
        elif uri not in app.redirect_uris:
            raise AuthorizeRefused("The redirect_uri is not the registered one.")
        elif parts.scheme == "https" and not loopback:
            return
        raise AuthorizeRefused(
            "The redirect_uri is not the registered one."
            if self.allow_loopback
            else "The redirect_uri must be a public HTTPS address; --allow-loopback lets this machine's own pass."
        )


def with_credentials(form: Mapping[str, str], authorization: str) -> dict[str, str]:
    """Return the form of a token request, completed by the client id and secret of a Basic `Authorization` header.

    OAuth libraries send the credentials there by default; what the form itself holds counts.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return dict(form)
    try:
        client_id, mark, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return dict(form)
    return {"client_id": client_id, "client_secret": secret, **form} if mark else dict(form)


def _client_id(form: Mapping[str, str]) -> str:
    return form.get("client_id", "").strip("{}").lower()


def is_loopback(host: str | None) -> bool:
    """Tell whether a host name or address is this machine."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _redirect(request: AuthorizeRequest, answer: Mapping[str, str], mark: str = "?") -> str:
    if request.state is not None:
        answer = {**answer, "state": request.state}
    joined = "&".join(f"{name}={quote(value, safe='')}" for name, value in answer.items())
    uri = request.redirect_uri
    return f"{uri}{'&' if mark == '?' and '?' in uri else mark}{joined}"


def no_chain() -> TokenAnswer:
    """Return the answer to a code or refresh token that is not, or no longer, part of a chain."""
    return TokenAnswer(400, NO_CHAIN_BODY, {"Reason": f"Unknown: {NO_CHAIN_TEXT}"})


def _error(status: int, body: Mapping[str, str]) -> TokenAnswer:
    return TokenAnswer(status, dump(body))


def _expired(at: float, now: float) -> TokenAnswer:
    text = f"The refresh token expired at {_american(at)} and it is now {_american(now)}."
    body = dump({"error": "invalid_request", "error_description": text}).replace(b"/", rb"\/")
    return TokenAnswer(400, body)


def _american(epoch: float) -> str:
    moment = datetime.fromtimestamp(epoch, UTC)
    hour = moment.hour % 12 or 12
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.month}/{moment.day}/{moment.year} {hour}:{moment:%M:%S} {half}"
