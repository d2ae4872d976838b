"""The routes of a tenant's own webhook for outgoing events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from exact_connector.clock import to_text
from exact_connector.tenants.webhook import TenantWebhook, TenantWebhooks
from exact_connector.web.auth import Scope
from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.routes import Answer, Route

_OBJECT: dict[str, Any] = {"type": "object"}
_PATH = "/v1/tenants/{tenant}/webhook"
_EXAMPLE = {"url": "https://shop.example.com/exact-events"}


class WebhookInput(BaseModel):
    """Where the events go."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=2000)]


def routes(webhooks: TenantWebhooks) -> Sequence[Route]:
    """Return the routes over the registered webhooks."""
    api = _WebhookRoutes(webhooks)
    admin = Scope.TENANT_ADMIN
    return (
        Route(
            "PUT",
            _PATH,
            "putWebhook",
            "Register where events of orders are posted, signed with a secret that is shown once.",
            "tenants",
            admin,
            api.put,
            {200: Answer("The webhook with its new secret.", _OBJECT)},
            WebhookInput,
            example=_EXAMPLE,
        ),
        Route(
            "GET",
            _PATH,
            "getWebhook",
            "Read the registered webhook, without its secret.",
            "tenants",
            admin,
            api.get,
            {200: Answer("The webhook.", _OBJECT)},
        ),
        Route(
            "DELETE",
            _PATH,
            "deleteWebhook",
            "Stop posting events.",
            "tenants",
            admin,
            api.delete,
            {204: Answer("There is no webhook any more.")},
        ),
    )


class _WebhookRoutes:
    def __init__(self, webhooks: TenantWebhooks) -> None:
        self._webhooks = webhooks

    def put(self, request: Request) -> Response:
        wanted = request.model(WebhookInput)
        made = self._webhooks.register(request.tenant, wanted.url, who=request.principal.name)
        return json_response(200, {**_shown(made), "secret": made.secret})

    def get(self, request: Request) -> Response:
        return json_response(200, _shown(self._webhooks.get(request.tenant)))

    def delete(self, request: Request) -> Response:
        self._webhooks.remove(request.tenant, who=request.principal.name)
        return Response(204, "")


def _shown(webhook: TenantWebhook) -> dict[str, object]:
    return {"url": webhook.url, "created_at": to_text(webhook.created_at)}
