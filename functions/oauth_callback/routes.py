"""The way to Exact's consent page and back, with answers in words for browsers and as problems for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote

from exact_connector.errors import ConnectorError, InvalidInput
from exact_connector.tenants.service import TenantService
from exact_connector.web.auth import Scope
from exact_connector.web.http import HTML, Request, Response
from exact_connector.web.problem import problem, status_of
from exact_connector.web.routes import Answer, Parameter, Route

_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
_MOVED = Answer("Where to go on.", None, headers=("Location",))


def routes(service: TenantService, base_url: str, now: Callable[[], datetime]) -> Sequence[Route]:
    """Return the two routes of linking over a service."""
    api = _OauthRoutes(service, base_url.rstrip("/"), now)
    return (
        Route(
            "GET",
            "/oauth/start",
            "startLinking",
            "Go to Exact's consent page.",
            "linking",
            Scope.TENANT_ADMIN,
            api.start,
            {
                302: _MOVED,
                404: Answer("There is no such tenant."),
                409: Answer("The tenant is in a state that does not allow this, or has no application."),
            },
            parameters=(
                Parameter("tenant", "The tenant to link; a key names its own."),
                Parameter("allow_division_change", "`true` lets another administration be linked than before."),
            ),
        ),
        Route(
            "GET",
            "/oauth/callback",
            "finishLinking",
            "Come back from Exact's consent page.",
            "linking",
            None,
            api.callback,
            {
                302: _MOVED,
                400: Answer("The link is used, old or forged, or the consent was refused."),
                409: Answer("Another administration than before."),
                422: Answer("Exact did not accept the code."),
            },
            parameters=(
                Parameter("state", "The state of the start."),
                Parameter("code", "The authorisation code."),
                Parameter("error", "Why there is no code."),
            ),
        ),
    )


class _OauthRoutes:
    def __init__(self, service: TenantService, base_url: str, now: Callable[[], datetime]) -> None:
        self._service = service
        self._base_url = base_url
        self._now = now

    def start(self, request: Request) -> Response:
        tenant = request.principal.tenant or request.query.get("tenant")
        if not tenant:
            raise InvalidInput("Name the tenant: /oauth/start?tenant=<id>.", code="TENANT_MISSING")
        if request.query.get("tenant", tenant) != tenant:
            raise InvalidInput("This key belongs to another tenant; leave the parameter out.", code="TENANT_MISMATCH")
        started = self._service.authorize(
            tenant,
            who=request.principal.name,
            allow_division_change=request.query.get("allow_division_change", "").lower() in ("true", "1"),
        )
        return Response(302, "", headers={"Location": started.url})

    def callback(self, request: Request) -> Response:
        try:
            linked = self._service.callback(
                state=request.query.get("state"), code=request.query.get("code"), error=request.query.get("error")
            )
        except ConnectorError as error:
            return self._failed(request.headers, error)
        address = f"{self._base_url}/console/tenants/{quote(linked.tenant)}?ExactOnlineCallback=True"
        return Response(302, "", headers={"Location": address})

    def _failed(self, headers: Mapping[str, str], error: ConnectorError) -> Response:
        if "text/html" not in headers.get("accept", ""):
            return problem(error, now=self._now())
        return page(status_of(error), "Not linked", [error.message], code=error.code)


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
