"""The routes of tenants: what each answers, and nothing about how it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from exact_connector.errors import Fault, InvalidInput
from exact_connector.settings.schema import settings_schema
from exact_connector.tenants.keys import ApiKey
from exact_connector.tenants.model import Tenant, TenantInput, TenantPatch
from exact_connector.tenants.service import TenantService
from exact_connector.tenants.settings_store import Saved, plain
from exact_connector.web.auth import TENANT_SCOPES, Scope
from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.paging import decode_cursor, limit_of, next_link
from exact_connector.web.routes import Answer, Parameter, Route

_OBJECT: dict[str, Any] = {"type": "object"}
_PAGE = (
    Parameter("cursor", "The cursor of the previous page."),
    Parameter("limit", "Rows per page.", {"type": "integer", "minimum": 1, "maximum": 1000}),
)
_CONFLICT = Answer("The tenant is in a state that does not allow this.")


class KeyInput(BaseModel):
    """A new API key."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=100)] = "key"
    scopes: Annotated[list[Scope], Field(min_length=1)] = Field(
        default_factory=lambda: [Scope.CATALOG_READ, Scope.ORDERS_READ, Scope.ORDERS_WRITE],
        description="What the key may do.",
    )


class AuthorizeInput(BaseModel):
    """How to link."""

    model_config = ConfigDict(extra="forbid")

    allow_division_change: bool = Field(
        default=False, description="Let the tenant be linked to another administration than before."
    )


class EndpointInput(BaseModel):
    """Which endpoint."""

    model_config = ConfigDict(extra="forbid")

    endpoint: Annotated[str, Field(min_length=1, max_length=200)]


class StartInput(BaseModel):
    """How to synchronise."""

    model_config = ConfigDict(extra="forbid")

    full: bool = Field(default=False, description="Load everything again instead of what changed.")


def routes(service: TenantService) -> Sequence[Route]:
    """Return the routes over a service."""
    api = _TenantRoutes(service)
    tenant, settings = "/v1/tenants/{tenant}", "/v1/tenants/{tenant}/settings"
    operator, admin = Scope.OPERATOR, Scope.TENANT_ADMIN
    one = {200: Answer("The tenant.", _OBJECT)}
    saved = {200: Answer("The settings as they are now.", _OBJECT)}
    return (
        Route(
            "GET",
            "/health",
            "health",
            "Tell that the service answers.",
            "service",
            None,
            api.health,
            {200: Answer("It answers.", _OBJECT)},
        ),
        Route(
            "POST",
            "/v1/tenants",
            "createTenant",
            "Make a tenant.",
            "tenants",
            operator,
            api.create,
            {201: Answer("The new tenant.", _OBJECT, headers=("Location",)), 409: _CONFLICT},
            TenantInput,
            example={"name": "Groothandel", "country": "nl", "administration": "De Groothandel B.V."},
        ),
        Route(
            "GET",
            "/v1/tenants",
            "listTenants",
            "List the tenants.",
            "tenants",
            operator,
            api.list,
            {200: Answer("A page of tenants.", _OBJECT)},
            parameters=_PAGE,
        ),
        Route("GET", tenant, "getTenant", "Read a tenant.", "tenants", admin, api.get, one),
        Route(
            "PATCH",
            tenant,
            "changeTenant",
            "Change a tenant.",
            "tenants",
            admin,
            api.patch,
            {**one, 409: _CONFLICT},
            TenantPatch,
        ),
        Route(
            "DELETE",
            tenant,
            "deleteTenant",
            "Remove a tenant with all its data.",
            "tenants",
            operator,
            api.delete,
            {200: Answer("What was removed.", _OBJECT)},
        ),
        Route(
            "GET",
            tenant + "/status",
            "tenantStatus",
            "Tell how the connection and each stream stand.",
            "tenants",
            admin,
            api.status,
            {200: Answer("The status.", _OBJECT)},
        ),
        Route(
            "POST",
            tenant + "/authorize",
            "authorizeTenant",
            "Start linking: get the address of Exact's consent page.",
            "tenants",
            admin,
            api.authorize,
            {200: Answer("The address to send the administrator to.", _OBJECT), 409: _CONFLICT},
            AuthorizeInput,
            example={},
        ),
        Route(
            "GET",
            tenant + "/divisions",
            "tenantDivisions",
            "List the administrations that the connection may use.",
            "tenants",
            admin,
            api.divisions,
            {200: Answer("The administrations.", _OBJECT), 409: _CONFLICT, 502: Answer("Exact's answer is not known.")},
        ),
        Route("GET", settings, "getSettings", "Read all 106 settings.", "settings", admin, api.settings, saved),
        Route(
            "PUT",
            settings,
            "replaceSettings",
            "Replace the settings; absent keys get their default.",
            "settings",
            admin,
            api.put_settings,
            saved,
            _OBJECT,
            example={"CheckIfItemIsActive": True},
        ),
        Route(
            "PATCH",
            settings,
            "changeSettings",
            "Change the named settings; null puts one back to its default.",
            "settings",
            admin,
            api.patch_settings,
            saved,
            _OBJECT,
            example={"GetProspects": True},
        ),
        Route(
            "POST",
            settings + "/check",
            "checkSettings",
            "Look the codes that the settings name up in Exact.",
            "settings",
            admin,
            api.check_settings,
            {200: Answer("Problems and warnings.", _OBJECT), 409: _CONFLICT},
        ),
        Route(
            "GET",
            settings + "/history",
            "settingsHistory",
            "Tell who changed what and when.",
            "settings",
            admin,
            api.history,
            {200: Answer("The newest changes first.", _OBJECT)},
            parameters=_PAGE[1:],
        ),
        Route(
            "GET",
            "/v1/settings/schema",
            "settingsSchema",
            "Read the JSON Schema of the settings.",
            "settings",
            Scope.TENANT_ADMIN,
            api.schema,
            {200: Answer("The schema.", _OBJECT)},
        ),
        Route(
            "POST",
            tenant + "/sync/{family}",
            "startSync",
            "Synchronise items, customers or documents now.",
            "sync",
            admin,
            api.sync,
            {202: Answer("What was made due.", _OBJECT), 409: _CONFLICT},
            StartInput,
            example={},
        ),
        Route(
            "POST",
            tenant + "/sync/{family}/{action}",
            "controlSync",
            "Pause, resume or cancel a family of streams.",
            "sync",
            admin,
            api.control_sync,
            {200: Answer("What was changed.", _OBJECT), 409: _CONFLICT, 422: Answer("The action is not known.")},
        ),
        Route(
            "GET",
            tenant + "/forecast",
            "forecastCalls",
            "Estimate the calls to Exact per day for the settings.",
            "sync",
            admin,
            api.forecast,
            {200: Answer("The estimate.", _OBJECT)},
        ),
        Route(
            "POST",
            tenant + "/endpoints/reset",
            "resetEndpoint",
            "Let an endpoint of Exact that rests after too many errors be called again at once.",
            "sync",
            admin,
            api.reset_endpoint,
            {200: Answer("How the endpoints stand.", _OBJECT)},
            EndpointInput,
            example={"endpoint": "sync/Logistics/Items"},
        ),
        Route(
            "GET",
            tenant + "/keys",
            "listKeys",
            "List the API keys.",
            "keys",
            admin,
            api.keys,
            {200: Answer("The keys.", _OBJECT)},
        ),
        Route(
            "POST",
            tenant + "/keys",
            "createKey",
            "Make an API key; it is shown once.",
            "keys",
            admin,
            api.create_key,
            {201: Answer("The key.", _OBJECT)},
            KeyInput,
            example={"label": "webshop", "scopes": ["catalog:read"]},
        ),
        Route(
            "DELETE",
            tenant + "/keys/{key}",
            "revokeKey",
            "Revoke an API key.",
            "keys",
            admin,
            api.revoke_key,
            {204: Answer("It is revoked.")},
        ),
        Route(
            "GET",
            tenant + "/events",
            "tenantEvents",
            "Read the audit trail.",
            "tenants",
            admin,
            api.events,
            {200: Answer("The newest events first.", _OBJECT)},
            parameters=_PAGE[1:],
        ),
    )


class _TenantRoutes:
    def __init__(self, service: TenantService) -> None:
        self._service = service

    def health(self, _request: Request) -> Response:
        return json_response(200, {"status": "ok"})

    def create(self, request: Request) -> Response:
        tenant = self._service.create(request.model(TenantInput), who=request.principal.name)
        return json_response(201, shown(tenant), headers={"Location": f"/v1/tenants/{tenant.tenant}"})

    def list(self, request: Request) -> Response:
        tenants, position = self._service.page(decode_cursor(request.query), limit_of(request.query))
        following = next_link(request.path, request.query, position)
        return json_response(200, {"tenants": [shown(tenant) for tenant in tenants], "next": following})

    def get(self, request: Request) -> Response:
        return json_response(200, self._service.describe(request.tenant))

    def patch(self, request: Request) -> Response:
        patch = request.model(TenantPatch)
        return json_response(200, shown(self._service.change(request.tenant, patch, who=request.principal.name)))

    def delete(self, request: Request) -> Response:
        return json_response(200, self._service.remove(request.tenant, who=request.principal.name))

    def status(self, request: Request) -> Response:
        return json_response(200, self._service.status(request.tenant))

    def authorize(self, request: Request) -> Response:
        wanted = request.model(AuthorizeInput) if request.body.strip() else AuthorizeInput()
        started = self._service.authorize(
            request.tenant, who=request.principal.name, allow_division_change=wanted.allow_division_change
        )
        return json_response(200, {"authorize_url": started.url, "expires_at": started.expires_at})

    def divisions(self, request: Request) -> Response:
        return json_response(200, {"divisions": self._service.divisions(request.tenant)})

    def settings(self, request: Request) -> Response:
        return json_response(200, {"settings": plain(self._service.settings(request.tenant))})

    def put_settings(self, request: Request) -> Response:
        values = request.json(decimals=False)
        return _saved(self._service.put_settings(request.tenant, values, who=request.principal.name))

    def patch_settings(self, request: Request) -> Response:
        values = request.json(decimals=False)
        return _saved(self._service.patch_settings(request.tenant, values, who=request.principal.name))

    def check_settings(self, request: Request) -> Response:
        return json_response(200, self._service.check_settings(request.tenant))

    def history(self, request: Request) -> Response:
        rows = self._service.settings_history(request.tenant, limit=limit_of(request.query))
        shown_rows = [{name: row[name] for name in ("at", "who", "changes")} for row in rows]
        return json_response(200, {"history": shown_rows})

    def schema(self, _request: Request) -> Response:
        return json_response(200, settings_schema())

    def sync(self, request: Request) -> Response:
        wanted = request.model(StartInput) if request.body.strip() else StartInput()
        family = request.params["family"]
        return json_response(202, self._service.start_sync(request.tenant, family, full=wanted.full))

    def control_sync(self, request: Request) -> Response:
        return json_response(
            200, self._service.control_sync(request.tenant, request.params["family"], request.params["action"])
        )

    def forecast(self, request: Request) -> Response:
        return json_response(200, self._service.forecast(request.tenant))

    def reset_endpoint(self, request: Request) -> Response:
        wanted = request.model(EndpointInput)
        found = self._service.reset_endpoint(request.tenant, wanted.endpoint, who=request.principal.name)
        return json_response(200, {"endpoints": found})

    def keys(self, request: Request) -> Response:
        return json_response(200, {"keys": [_shown_key(key) for key in self._service.keys(request.tenant)]})

    def create_key(self, request: Request) -> Response:
        wanted = request.model(KeyInput)
        if not set(wanted.scopes) <= TENANT_SCOPES:
            fault = Fault("/scopes", "SCOPE", "A tenant's key cannot carry the scope operator; leave it out.")
            raise InvalidInput("A scope is not allowed on this key.", [fault])
        key, secret = self._service.create_key(request.tenant, wanted.label, wanted.scopes, who=request.principal.name)
        return json_response(201, {**_shown_key(key), "key": secret})

    def revoke_key(self, request: Request) -> Response:
        self._service.revoke_key(request.tenant, request.params["key"], who=request.principal.name)
        return Response(204, "")

    def events(self, request: Request) -> Response:
        rows = self._service.events(request.tenant, limit=limit_of(request.query))
        return json_response(
            200, {"events": [{name: row[name] for name in ("at", "kind", "who", "detail")} for row in rows]}
        )


def shown(tenant: Tenant) -> dict[str, object]:
    """Return a tenant as it is shown; never a secret."""
    return {
        "id": tenant.tenant,
        "name": tenant.name,
        "country": tenant.country,
        "administration": tenant.administration,
        "division_code": tenant.division_code,
        "own_application": tenant.own_client_id,
        "created_at": tenant.created_at.isoformat().replace("+00:00", "Z"),
        "options": asdict(tenant.options),
        "sync": asdict(tenant.sync),
    }


def _saved(saved: Saved) -> Response:
    warnings = [
        {"key": problem.key, "code": problem.code.value, "message": problem.message} for problem in saved.warnings
    ]
    return json_response(200, {"settings": plain(saved.settings), "warnings": warnings})


def _shown_key(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.key_id,
        "label": key.label,
        "scopes": sorted(scope.value for scope in key.scopes),
        "created_at": key.created_at.isoformat().replace("+00:00", "Z"),
    }
