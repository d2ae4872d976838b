"""The one route that Exact's webhooks call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.routes import Answer, Route


def routes(receive: Callable[[str, bytes], list[str]]) -> Sequence[Route]:
    """Return the route; it is open because every notification carries a signature of its own."""

    def notify(request: Request) -> Response:
        return json_response(200, {"due": receive(request.params["tenant"], request.body)})

    return (
        Route(
            "POST",
            "/v1/webhooks/exact/{tenant}",
            "receiveWebhook",
            "Take a notification of Exact; an empty body is Exact's validation call.",
            "webhooks",
            None,
            notify,
            {
                200: Answer("It was taken; the streams it made due.", {"type": "object"}),
                403: Answer("It is about another administration."),
                422: Answer("The signature is wrong, or the body is not a notification."),
                409: Answer("The tenant is not linked."),
            },
        ),
    )
