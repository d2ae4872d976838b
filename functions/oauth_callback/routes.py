"""The way to Exact's consent page and back, with answers in words for browsers and as problems for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from exact_connector.errors import ConnectorError, InvalidInput
from exact_connector.tenants.receipts import SECONDS
from exact_connector.web.auth import Scope
from exact_connector.web.http import HTML, Request, Response
from exact_connector.web.parameters import flag, text
from exact_connector.web.problem import problem, status_of
from exact_connector.web.routes import Answer, Route, route, routes_of

if TYPE_CHECKING:
    from exact_connector.wiring.container import Container

_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
_MOVED = Answer("Where to go on.", headers=("Location",))
TENANT = text("tenant", "The tenant to link; a key names its own.")
DIVISION_CHANGE = flag("allow_division_change", "`true` lets another administration be linked than before.")


class LinkingRoutes:
    """Linking a tenant to an administration."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "GET /oauth/start",
        "startLinking",
        "Go to Exact's consent page.",
        tag="linking",
        scope=Scope.TENANT_ADMIN,
        answers={
            302: _MOVED,
            404: "There is no such tenant.",
            409: "The tenant is in a state that does not allow this, or has no application.",
        },
        parameters=(TENANT, DIVISION_CHANGE),
    )
    def start(self, request: Request) -> Response:
        """Redirect to the consent page."""
        named = TENANT.of(request.query)
        tenant = request.principal.tenant or named
        if not tenant:
            raise InvalidInput("Name the tenant: /oauth/start?tenant=<id>.", code="TENANT_MISSING")
        if named is not None and named != tenant:
            raise InvalidInput("This key belongs to another tenant; leave the parameter out.", code="TENANT_MISMATCH")
        started = self._box.administration.service.authorize(
            tenant,
            who=request.principal.name,
            allow_division_change=bool(DIVISION_CHANGE.of(request.query)),
        )
        return Response(302, "", headers={"Location": started.url})

    @route(
        "GET /oauth/callback",
        "finishLinking",
        "Come back from Exact's consent page.",
        tag="linking",
        scope=None,
        answers={
            302: _MOVED,
            400: "The link is used, old or forged, or the consent was refused.",
            409: "Another administration than before.",
            422: "Exact did not accept the code.",
        },
        parameters=(
            text("state", "The state of the start."),
            text("code", "The authorisation code."),
            text("error", "Why there is no code."),
        ),
        any_query=True,  # Exact's login writes this address, and may add to it
    )
    def callback(self, request: Request) -> Response:
        """Finish linking and go on to the console."""
        query = request.query
        try:
            linked = self._box.administration.service.callback(
                state=query.get("state"), code=query.get("code"), error=query.get("error")
            )
        except ConnectorError as error:
            return self._failed(request.headers, error)
        base_url = self._box.environment.PUBLIC_BASE_URL.rstrip("/")
        address = f"{base_url}/console/tenants/{quote(linked.tenant)}?ExactOnlineCallback=True"
        secure = "; Secure" if base_url.startswith("https:") else ""
        receipt = self._box.tenants.receipts.issue(linked.tenant)
        cookie = f"linked={receipt}; Path=/console; Max-Age={SECONDS}; HttpOnly; SameSite=Lax{secure}"
        return Response(302, "", headers={"Location": address}, cookies=(cookie,))

    def _failed(self, headers: Mapping[str, str], error: ConnectorError) -> Response:
        if "text/html" not in headers.get("accept", ""):
            return problem(error, now=self._box.clock.now())
        return page(status_of(error), "Not linked", [error.message], code=error.code)


def routes(box: Container) -> Sequence[Route]:
    """Return the routes over the product."""
    return routes_of(LinkingRoutes(box))


def page(status: int, title: str, paragraphs: Sequence[str], *, code: str = "") -> Response:
    """Return a small page in words; everything in it is escaped."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    shown_code = f"<p><small>{escape(code)}</small></p>" if code else ""
    body = (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)} - Exact Connector</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{text}{shown_code}</main></body></html>"
    )
    return Response(status, body, HTML, _SECURITY_HEADERS)


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f6f8;color:#1c2733}"
    "main{max-width:36rem;margin:12vh auto;background:#fff;padding:2rem;border-radius:8px;"
    "box-shadow:0 1px 4px #0002}h1{margin:0 0 1rem;font-size:1.4rem}p{white-space:pre-wrap}small{color:#667}"
)
