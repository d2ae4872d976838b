"""The routes of a tenant's API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from exact_connector.errors import Fault, InvalidInput
from exact_connector.web.auth import TENANT_SCOPES, Scope
from exact_connector.web.bodies import Body, Line
from exact_connector.web.http import Json, Request, Response
from exact_connector.web.routes import route
from tenant_api.tenant_routes import TENANT

if TYPE_CHECKING:
    from exact_connector.documents.models.tenants import ApiKey as ApiKeyDocument
    from exact_connector.documents.models.tenants import ApiKeys, NewApiKey
    from exact_connector.tenants.keys import ApiKey
    from exact_connector.tenants.service import TenantService
    from exact_connector.wiring.container import Container


class KeyInput(Body):
    """A new API key."""

    label: Annotated[Line, Field(min_length=1, max_length=100)] = "key"
    scopes: Annotated[list[Scope], Field(min_length=1)] = Field(
        default_factory=lambda: [Scope.CATALOG_READ, Scope.ORDERS_READ, Scope.ORDERS_WRITE],
        description="What the key may do.",
    )


class KeyRoutes:
    """Keys: listed, made, revoked."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @property
    def _service(self) -> TenantService:
        return self._box.administration.service

    @route(
        f"GET {TENANT}/keys",
        "listKeys",
        "List the API keys.",
        tag="keys",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The keys."},
    )
    def list(self, request: Request) -> Json[ApiKeys]:
        """Return the keys, without the keys themselves."""
        return Json({"keys": [to_response(key) for key in self._service.keys(request.tenant)]})

    @route(
        f"POST {TENANT}/keys",
        "createKey",
        "Make an API key; it is shown once.",
        tag="keys",
        scope=Scope.TENANT_ADMIN,
        answers={201: "The key."},
        body=KeyInput,
        example={"label": "webshop", "scopes": ["catalog:read"]},
    )
    def create(self, request: Request) -> Json[NewApiKey]:
        """Make a key."""
        wanted = request.model(KeyInput)
        if not set(wanted.scopes) <= TENANT_SCOPES:
            fault = Fault("/scopes", "SCOPE", "A tenant's key cannot carry the scope operator; leave it out.")
            raise InvalidInput("A scope is not allowed on this key.", [fault])
        key, secret = self._service.create_key(request.tenant, wanted.label, wanted.scopes, who=request.principal.name)
        return Json({**to_response(key), "key": secret}, 201)

    @route(
        f"DELETE {TENANT}/keys/{{key}}",
        "revokeKey",
        "Revoke an API key.",
        tag="keys",
        scope=Scope.TENANT_ADMIN,
        answers={204: "It is revoked."},
    )
    def revoke(self, request: Request) -> Response:
        """Revoke a key."""
        self._service.revoke_key(request.tenant, request.params["key"], who=request.principal.name)
        return Response(204, "")


def to_response(key: ApiKey) -> ApiKeyDocument:
    """Return a key as it is shown; never the key itself."""
    return {
        "id": key.key_id,
        "label": key.label,
        "scopes": sorted(scope.value for scope in key.scopes),
        "created_at": key.created_at.isoformat().replace("+00:00", "Z"),
    }
