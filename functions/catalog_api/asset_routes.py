"""The route by which platforms fetch pictures and logos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exact_connector.web.auth import Scope
from exact_connector.web.http import Request, Response
from exact_connector.web.parameters import text
from exact_connector.web.routes import Answer, route

if TYPE_CHECKING:
    from exact_connector.wiring.container import Container

_ORIGINAL = "original"
_KEPT_SECONDS = 300
"""How long a client may keep a link; half as long as it is good."""

SIZE = text("size", "`original`, or the longest side in pixels of a smaller copy.")


class AssetRoutes:
    """Files that documents name."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "GET /v1/assets/{asset}",
        "getAsset",
        "Fetch a picture or logo that a document names; follow the redirection.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={302: Answer("A link to the file, good for some minutes.", headers=("Location",))},
        parameters=(SIZE,),
    )
    def fetch(self, request: Request) -> Response:
        """Redirect to the file."""
        size = SIZE.of(request.query) or _ORIGINAL
        link = self._box.assets.library.link(request.tenant, request.params["asset"], size)
        headers = {"Location": link, "Cache-Control": f"private, max-age={_KEPT_SECONDS}"}
        return Response(302, "", headers=headers)
