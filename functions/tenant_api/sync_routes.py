"""The routes that start and steer the synchronisation of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from exact_connector.web.auth import Scope
from exact_connector.web.bodies import Body, Flag, Line
from exact_connector.web.http import Json, Request
from exact_connector.web.routes import route
from tenant_api.tenant_routes import CONFLICT, TENANT

if TYPE_CHECKING:
    from exact_connector.documents.models.sync import (
        CallForecast,
        ControlledSync,
        DocumentsCheck,
        EndpointStates,
        StartedSync,
    )
    from exact_connector.tenants.service import TenantService
    from exact_connector.wiring.container import Container


class StartInput(Body):
    """How to synchronise."""

    full: Flag = Field(default=False, description="Load everything again instead of what changed.")


class EndpointInput(Body):
    """Which endpoint."""

    endpoint: Annotated[Line, Field(min_length=1, max_length=200, description="As the status names it.")]


class SyncRoutes:
    """Starting, pausing, forecasting."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @property
    def _service(self) -> TenantService:
        return self._box.administration.service

    @route(
        f"POST {TENANT}/sync/{{family}}",
        "startSync",
        "Synchronise items, customers or documents now.",
        tag="sync",
        scope=Scope.TENANT_ADMIN,
        answers={202: "What was made due.", 409: CONFLICT},
        body=StartInput,
        body_optional=True,
        example={},
    )
    def start(self, request: Request) -> Json[StartedSync]:
        """Make a family due."""
        wanted = request.model(StartInput, may_be_empty=True)
        return Json(self._service.start_sync(request.tenant, request.params["family"], full=wanted.full), 202)

    @route(
        f"POST {TENANT}/sync/{{family}}/{{action}}",
        "controlSync",
        "Pause, resume or cancel a family of streams.",
        tag="sync",
        scope=Scope.TENANT_ADMIN,
        answers={200: "What was changed.", 409: CONFLICT, 422: "The action is not known."},
    )
    def control(self, request: Request) -> Json[ControlledSync]:
        """Pause, resume or cancel."""
        params = request.params
        return Json(self._service.control_sync(request.tenant, params["family"], params["action"]))

    @route(
        f"GET {TENANT}/forecast",
        "forecastCalls",
        "Estimate the calls to Exact per day for the settings.",
        tag="sync",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The estimate."},
    )
    def forecast(self, request: Request) -> Json[CallForecast]:
        """Return the estimate."""
        return Json(self._service.forecast(request.tenant))

    @route(
        f"POST {TENANT}/documents/check",
        "checkDocuments",
        "Compare the served documents with what their owners have; reads every document and repairs nothing.",
        tag="sync",
        scope=Scope.TENANT_ADMIN,
        answers={200: "Counts of each kind of document, and the first hundred differences."},
    )
    def check_documents(self, request: Request) -> Json[DocumentsCheck]:
        """Return the report of a check."""
        return Json(self._service.check_documents(request.tenant))

    @route(
        f"POST {TENANT}/endpoints/reset",
        "resetEndpoint",
        "Let an endpoint of Exact that rests after too many errors be called again at once.",
        tag="sync",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The state of the endpoints."},
        body=EndpointInput,
        example={"endpoint": "sync/Logistics/Items"},
    )
    def reset_endpoint(self, request: Request) -> Json[EndpointStates]:
        """Let an endpoint be called again."""
        wanted = request.model(EndpointInput)
        endpoints = self._service.reset_endpoint(request.tenant, wanted.endpoint, who=request.principal.name)
        return Json({"endpoints": endpoints})
