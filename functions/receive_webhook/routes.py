"""The one route that Exact's webhooks call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from exact_connector.web.http import Json, Request
from exact_connector.web.routes import Route, route, routes_of

if TYPE_CHECKING:
    from exact_connector.documents.models.tenants import WebhookTaken
    from exact_connector.wiring.container import Container


class WebhookRoutes:
    """Notifications of Exact; the route is open because every one of them carries a signature of its own."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "POST /v1/webhooks/exact/{tenant}",
        "receiveWebhook",
        "Take a notification of Exact; an empty body is Exact's validation call.",
        tag="webhooks",
        scope=None,
        answers={
            200: "It was taken; the streams it made due.",
            403: "It is about another administration.",
            409: "The tenant is not linked.",
            422: "The signature is wrong, or the body is not a notification.",
        },
        any_query=True,  # the address is registered at Exact, which may add to it
    )
    def notify(self, request: Request) -> Json[WebhookTaken]:
        """Make due what the notification is about."""
        return Json({"due": self._box.sync.webhooks.receive(request.params["tenant"], request.body)})


def routes(box: Container) -> Sequence[Route]:
    """Return the routes over the product."""
    return routes_of(WebhookRoutes(box))
