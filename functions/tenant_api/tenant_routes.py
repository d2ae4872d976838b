"""The routes of tenants: make, read, change, link and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from exact_connector.tenants.model import TenantInput, TenantPatch
from exact_connector.tenants.service import to_response
from exact_connector.web.auth import Scope
from exact_connector.web.bodies import Body, Flag
from exact_connector.web.http import Json, Request
from exact_connector.web.paging import PAGE, cut, decode_cursor, limit_of, next_link
from exact_connector.web.routes import Answer, route

if TYPE_CHECKING:
    from exact_connector.documents.models.sync import TenantStatus
    from exact_connector.documents.models.tenants import (
        Administrations,
        AuditTrail,
        Health,
        RemovedTenant,
        StartedLinking,
        Tenant,
        TenantPage,
        TenantWithConnection,
    )
    from exact_connector.tenants.service import TenantService
    from exact_connector.wiring.container import Container

TENANT = "/v1/tenants/{tenant}"
CONFLICT = Answer("The tenant is in a state that does not allow this.")


class AuthorizeInput(Body):
    """How to link."""

    allow_division_change: Flag = Field(
        default=False, description="Let the tenant be linked to another administration than before."
    )


class TenantRoutes:
    """Tenants and their connection."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @property
    def _service(self) -> TenantService:
        return self._box.administration.service

    @route(
        "GET /health",
        "health",
        "Say that the service answers.",
        tag="service",
        scope=None,
        answers={200: "It answers."},
    )
    def health(self, _request: Request) -> Json[Health]:
        """Answer."""
        return Json({"status": "ok"})

    @route(
        "POST /v1/tenants",
        "createTenant",
        "Make a tenant.",
        tag="tenants",
        scope=Scope.OPERATOR,
        answers={201: Answer("The new tenant.", headers=("Location",)), 409: CONFLICT},
        body=TenantInput,
        example={"name": "Groothandel", "country": "nl", "administration": "De Groothandel B.V."},
    )
    def create(self, request: Request) -> Json[Tenant]:
        """Make a tenant."""
        tenant = self._service.create(request.model(TenantInput), who=request.principal.name)
        return Json(to_response(tenant), 201, {"Location": f"/v1/tenants/{tenant.tenant}"})

    @route(
        "GET /v1/tenants",
        "listTenants",
        "List the tenants.",
        tag="tenants",
        scope=Scope.OPERATOR,
        answers={200: "A page of tenants."},
        parameters=PAGE,
    )
    def list(self, request: Request) -> Json[TenantPage]:
        """Return a page of tenants."""
        tenants, position = self._service.page(decode_cursor(request.query), limit_of(request.query))
        rows, position = cut([to_response(each) for each in tenants], [each.tenant for each in tenants], position)
        return Json({"tenants": [*rows], "next": next_link(request.path, request.query, position)})

    @route(
        f"GET {TENANT}",
        "getTenant",
        "Read a tenant.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The tenant."},
    )
    def get(self, request: Request) -> Json[TenantWithConnection]:
        """Return a tenant with its connection."""
        return Json(self._service.describe(request.tenant))

    @route(
        f"PATCH {TENANT}",
        "changeTenant",
        "Change a tenant.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The tenant.", 409: CONFLICT},
        body=TenantPatch,
        example={"options": {"supplier_links": True}},
    )
    def change(self, request: Request) -> Json[Tenant]:
        """Change what was sent."""
        patch = request.model(TenantPatch)
        return Json(to_response(self._service.change(request.tenant, patch, who=request.principal.name)))

    @route(
        f"DELETE {TENANT}",
        "deleteTenant",
        "Remove a tenant with all its data.",
        tag="tenants",
        scope=Scope.OPERATOR,
        answers={200: "What was removed."},
    )
    def delete(self, request: Request) -> Json[RemovedTenant]:
        """Remove a tenant."""
        return Json(self._service.remove(request.tenant, who=request.principal.name))

    @route(
        f"GET {TENANT}/status",
        "tenantStatus",
        "Read the state of the connection and of each stream.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The status."},
    )
    def status(self, request: Request) -> Json[TenantStatus]:
        """Return the status."""
        return Json(self._service.status(request.tenant))

    @route(
        f"POST {TENANT}/authorize",
        "authorizeTenant",
        "Start linking: get the address of Exact's consent page.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The address to send the administrator to.", 409: CONFLICT},
        body=AuthorizeInput,
        body_optional=True,
        example={},
    )
    def authorize(self, request: Request) -> Json[StartedLinking]:
        """Start linking."""
        wanted = request.model(AuthorizeInput, may_be_empty=True)
        started = self._service.authorize(
            request.tenant, who=request.principal.name, allow_division_change=wanted.allow_division_change
        )
        return Json({"authorize_url": started.url, "expires_at": started.expires_at})

    @route(
        f"GET {TENANT}/divisions",
        "tenantDivisions",
        "List the administrations that the connection may use.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The administrations.", 409: CONFLICT, 502: Answer("Exact's answer is not known.")},
    )
    def divisions(self, request: Request) -> Json[Administrations]:
        """Return the administrations."""
        return Json({"divisions": self._service.divisions(request.tenant)})

    @route(
        f"GET {TENANT}/events",
        "tenantEvents",
        "Read the audit trail.",
        tag="tenants",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The newest events first."},
        parameters=PAGE,
    )
    def events(self, request: Request) -> Json[AuditTrail]:
        """Return the newest events."""
        after, limit = decode_cursor(request.query), limit_of(request.query)
        events, places, position = self._service.events(request.tenant, after=after, limit=limit)
        rows, position = cut(events, places, position)
        return Json({"events": [*rows], "next": next_link(request.path, request.query, position)})
