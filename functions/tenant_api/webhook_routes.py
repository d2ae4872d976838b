"""The routes of a tenant's own webhook for outgoing events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from exact_connector.clock import to_text
from exact_connector.web.auth import Scope
from exact_connector.web.bodies import Body, Line
from exact_connector.web.http import Json, Request, Response
from exact_connector.web.routes import route
from tenant_api.tenant_routes import TENANT

if TYPE_CHECKING:
    from exact_connector.documents.models.tenants import NewWebhook, Webhook
    from exact_connector.tenants.webhook import TenantWebhook, TenantWebhooks
    from exact_connector.wiring.container import Container

WEBHOOK = f"{TENANT}/webhook"


class WebhookInput(Body):
    """Where the events go."""

    url: Annotated[Line, Field(min_length=1, max_length=2000)]


class WebhookRoutes:
    """The one webhook of a tenant."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @property
    def _webhooks(self) -> TenantWebhooks:
        return self._box.tenants.webhooks

    @route(
        f"PUT {WEBHOOK}",
        "putWebhook",
        "Register where events of orders are posted, signed with a secret that is shown once.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The webhook with its new secret."},
        body=WebhookInput,
        example={"url": "https://shop.example.com/exact-events"},
    )
    def put(self, request: Request) -> Json[NewWebhook]:
        """Register a webhook."""
        wanted = request.model(WebhookInput)
        webhook = self._webhooks.register(request.tenant, wanted.url, who=request.principal.name)
        return Json({**to_response(webhook), "secret": webhook.secret})

    @route(
        f"GET {WEBHOOK}",
        "getWebhook",
        "Read the registered webhook, without its secret.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The webhook."},
    )
    def get(self, request: Request) -> Json[Webhook]:
        """Return the webhook."""
        return Json(to_response(self._webhooks.get(request.tenant)))

    @route(
        f"DELETE {WEBHOOK}",
        "deleteWebhook",
        "Stop posting events.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={204: "There is no webhook any more."},
    )
    def delete(self, request: Request) -> Response:
        """Remove the webhook."""
        self._webhooks.remove(request.tenant, who=request.principal.name)
        return Response(204, "")


def to_response(webhook: TenantWebhook) -> Webhook:
    """Return a webhook as it is shown; never its secret."""
    return {"url": webhook.url, "created_at": to_text(webhook.created_at)}
