"""OAuth 2.0 with Exact: the address to send an administrator to, the callback, and the token endpoint.

Building and reading is Authlib's (RFC 6749); sending is the project's own. Source:
Exact's OAuth pages and "API limits".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from authlib.oauth2.rfc6749.parameters import (
    prepare_grant_uri,
    prepare_token_request,
)

from exact_connector.clock import Clock, later
from exact_connector.errors import ExactUnavailable, InvalidInput, TenantMisconfigured
from exact_connector.exact.http.transport import HttpRequest, HttpSender
from exact_connector.exact.limits.headers import pause_until

LIFETIME = 600


class TokenResult(Enum):
    """What the token endpoint's answer means for the tokens that are stored."""

    ISSUED = "issued"
    TOO_EARLY = "too early"
    """The access token is younger than 570 s; the stored pair stays valid."""
    OLD = "old"
    """The refresh token (or the code) is not the current one any more."""
    CHAIN = "chain"
    """Exact says that the chain of tokens is invalid or empty. Seen after many token calls: it may pass by itself."""
    EXPIRED = "expired"
    """The refresh token lay unused for 30 days."""
    CREDENTIALS = "credentials"
    """The application's own id or secret is wrong; the tokens are untouched."""
    BUSY = "busy"
    """A limit is reached, or Exact is closed for maintenance (503); the tokens are untouched."""
    REFUSED = "refused"
    """Refused for a reason not known here; the tokens are untouched."""
    NOT_SENT = "not sent"
    LOST = "lost"
    """No usable answer: whether the tokens were rotated is not known."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What Exact issued. ``issued_at`` is the latest moment, on our clock, at which it can have been issued (the 570 s
    count from there), ``expires_at`` the earliest at which the access token can end."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """One answer of the token endpoint: the pair if one was issued, a ``text`` free of secrets, and for BUSY the
    moment (seconds since 1970) after which to ask again."""

    result: TokenResult
    pair: TokenPair | None = None
    text: str = ""
    wait_until: float | None = None


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The registered application of a country site, or the tenant's own."""

    client_id: str
    client_secret: str = field(repr=False)


def authorization_url(base_url: str, client_id: str, redirect_uri: str, state: str, *, force_login: bool = True) -> str:
    """Return the address at which an administrator logs in and chooses the administrations.

    ``force_login`` asks for the log-in even if the browser has a session, so that no one links with a colleague's.
    """
    return str(
        prepare_grant_uri(
            f"{base_url.rstrip('/')}/api/oauth2/auth",
            client_id,
            "code",
            redirect_uri=redirect_uri,
            state=state,
            force_login="1" if force_login else "0",
        )
    )


def read_token_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, sent_at: datetime, received_at: datetime
) -> TokenAnswer:
    """Return what an answer of the token endpoint means. Pure; header names in lower case."""
    data = _json(body)
    if 200 <= status < 300:
        return _issued(data, sent_at, received_at)
    text = f"{data.get('error', '')}: {data.get('error_description', '')}".strip(": ")[:300]
    if status == 429:
        return TokenAnswer(TokenResult.BUSY, text=text, wait_until=pause_until(headers, received_at.timestamp()))
    if status == 503:
        # Exact is closed, as it is every night: nothing was done, unlike behind a gateway's 502 or 504.
        return TokenAnswer(TokenResult.BUSY, text="HTTP 503")
    if status in (400, 401, 403):
        return TokenAnswer(_refusal(status, text, headers.get("reason", "")), text=text or f"HTTP {status}")
    if 400 <= status < 500 and status != 408:
        return TokenAnswer(TokenResult.REFUSED, text=text or f"HTTP {status}")
    return TokenAnswer(TokenResult.LOST, text=f"HTTP {status}")


class TokenEndpoint:
    """Posts to the token endpoint of a country site, once per call.

    ``seconds`` bounds a call, in real seconds: long, because an answer that is given up on may have rotated the tokens.
    """

    def __init__(self, sender: HttpSender, clock: Clock, *, seconds: float = 25.0) -> None:
        self._sender = sender
        self._clock = clock
        self._seconds = seconds

    def exchange(self, base_url: str, client: ClientCredentials, code: str, redirect_uri: str) -> TokenPair:
        """Change an authorisation code into the first pair of tokens.

        Raises InvalidInput when the code is used or older than 3 minutes, TenantMisconfigured for a wrong application,
        ExactUnavailable otherwise; in each case nothing was linked and the administrator starts again.
        """
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            client_id=client.client_id,
            client_secret=client.client_secret,
        )
        answer = self._post(base_url, body)
        if answer.pair is not None:
            return answer.pair
        if answer.result is TokenResult.CREDENTIALS:
            raise wrong_credentials(client.client_id, answer.text)
        if answer.result in (TokenResult.OLD, TokenResult.CHAIN, TokenResult.EXPIRED, TokenResult.REFUSED):
            raise InvalidInput(
                f"Exact did not take the authorisation code ({answer.text}); it works once and for 3 minutes: "
                "start again",
                code="CODE_REFUSED",
            )
        raise ExactUnavailable(f"Exact gave no tokens for the authorisation code ({answer.text}); start again")

    def refresh(self, base_url: str, client: ClientCredentials, refresh_token: str) -> TokenAnswer:
        """Change a refresh token into the next pair; the old one is dead from then on."""
        body = prepare_token_request(
            "refresh_token",
            refresh_token=refresh_token,
            client_id=client.client_id,
            client_secret=client.client_secret,
        )
        return self._post(base_url, body)

    def _post(self, base_url: str, body: Any) -> TokenAnswer:
        request = HttpRequest(
            "POST",
            f"{base_url.rstrip('/')}/api/oauth2/token",
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            str(body).encode(),
            timeout=self._seconds,
            total=self._seconds,
            body_limit=256 * 1024,
        )
        sent_at = self._clock.now()
        try:
            answer = self._sender.send(request)
        except ExactUnavailable as error:
            result = TokenResult.LOST if error.sent else TokenResult.NOT_SENT
            return TokenAnswer(result, text=error.message)
        return read_token_answer(
            answer.status, answer.headers, answer.body, sent_at=sent_at, received_at=self._clock.now()
        )


def wrong_credentials(client_id: str, text: str) -> TenantMisconfigured:
    """Return the error for an application that Exact does not know."""
    return TenantMisconfigured(
        f"Exact does not take the id or secret of application {client_id} ({text}): correct the application's secret; "
        "the tokens are kept",
        code="OAUTH_CLIENT",
    )


def _issued(data: Mapping[str, Any], sent_at: datetime, received_at: datetime) -> TokenAnswer:
    access, refresh = data.get("access_token"), data.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        return TokenAnswer(TokenResult.LOST, text="the answer contains no pair of tokens")
    # Exact writes the life time as a text.
    life = str(data.get("expires_in", LIFETIME))
    seconds = int(life) if life.isdigit() else LIFETIME
    return TokenAnswer(TokenResult.ISSUED, TokenPair(access, refresh, received_at, later(sent_at, seconds)))


def _refusal(status: int, text: str, reason: str) -> TokenResult:
    said = f"{reason} {text}".lower()
    if "tooearlytorefresh" in said or "access_token not expired" in said:
        return TokenResult.TOO_EARLY
    if re.search(r"refresh token expired", said):
        return TokenResult.EXPIRED
    if re.search(r"invalid or empty chain ?id", said):
        return TokenResult.CHAIN
    if "old refresh token" in said or "invalid_grant" in said:
        return TokenResult.OLD
    if "invalid_client" in said or "unauthorized_client" in said or (status == 400 and "invalid_request" in said):
        return TokenResult.CREDENTIALS
    return TokenResult.REFUSED


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
