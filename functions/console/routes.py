"""The page on which an administrator lands after linking."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from exact_connector.web.http import HTML, Request, Response
from exact_connector.web.parameters import text
from exact_connector.web.routes import Answer, Route, route, routes_of

if TYPE_CHECKING:
    from exact_connector.wiring.container import Container

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f6f8;color:#1c2733}"
    "main{max-width:36rem;margin:12vh auto;background:#fff;padding:2rem;border-radius:8px;"
    "box-shadow:0 1px 4px #0002}h1{margin:0 0 1rem;font-size:1.4rem}code{background:#eef;padding:.1rem .3rem}"
)


CALLBACK = text("ExactOnlineCallback", "`True` after the way back from Exact's consent page.")


class ConsoleRoutes:
    """The page after linking; it holds nothing of the tenant but the id in its own address."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "GET /console/tenants/{tenant}",
        "linkedPage",
        "Show that the linking went well.",
        tag="linking",
        scope=None,
        answers={200: Answer("The page.", {"type": "string"}, "text/html")},
        parameters=(CALLBACK,),
    )
    def linked(self, request: Request) -> Response:
        """Return the page after linking; only the browser that linked the tenant is shown that it works."""
        tenant = escape(request.params["tenant"])
        returned = CALLBACK.of(request.query) == "True"
        if returned and self._box.tenants.receipts.tenant_of(_receipt(request)) == request.params["tenant"]:
            title = "The connection to Exact Online works"
            text = "The first synchronisation has begun. You can close this window."
        else:
            title = "Exact Connector"
            text = "The state of this connection is served by the API."
        body = (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width, initial-scale=1'>"
            f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1><p>{text}</p>"
            f"<p>State: <code>GET /v1/tenants/{tenant}/status</code></p></main></body></html>"
        )
        return Response(200, body, HTML, _HEADERS)


def routes(box: Container) -> Sequence[Route]:
    """Return the routes over the product."""
    return routes_of(ConsoleRoutes(box))


def _receipt(request: Request) -> str:
    """Return what the callback left in this browser."""
    cookie = SimpleCookie()
    try:
        cookie.load(request.headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookie["linked"].value if "linked" in cookie else ""
