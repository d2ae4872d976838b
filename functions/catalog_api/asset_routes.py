"""The route by which platforms fetch pictures and logos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from exact_connector.web.auth import Scope
from exact_connector.web.http import Request, Response
from exact_connector.web.routes import Answer, Parameter, Route

_ORIGINAL = "original"
_KEPT_SECONDS = 300
"""How long a client may keep a link; half as long as it is good."""


class Library(Protocol):
    """Gives links to files."""

    def link(self, tenant: str, asset: str, size: str) -> str:
        """Return a link to one copy of a file; raises NotFound, InvalidInput."""
        ...


def routes(library: Library) -> Sequence[Route]:
    """Return the route over the files."""

    def fetch(request: Request) -> Response:
        link = library.link(request.tenant, request.params["asset"], request.query.get("size", _ORIGINAL))
        headers = {"Location": link, "Cache-Control": f"private, max-age={_KEPT_SECONDS}"}
        return Response(302, "", headers=headers)

    return [
        Route(
            "GET",
            "/v1/assets/{asset}",
            "getAsset",
            "Fetch a picture or logo that a document names; follow the redirection.",
            "catalogue",
            Scope.CATALOG_READ,
            fetch,
            {302: Answer("A link to the file, good for some minutes.", headers=("Location",))},
            parameters=(Parameter("size", "`original`, or the longest side in pixels of a smaller copy."),),
        )
    ]
