"""The routes of a tenant's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.paging import PAGE, cut, decode_cursor, limit_of, next_link
from exact_connector.web.routes import Answer, route
from tenant_api.tenant_routes import CONFLICT, TENANT

if TYPE_CHECKING:
    from exact_connector.documents.models.settings import (
        SavedSettings,
        SettingsCheck,
        SettingsDocument,
        SettingsHistory,
    )
    from exact_connector.tenants.service import TenantService
    from exact_connector.tenants.settings_store import Saved
    from exact_connector.wiring.container import Container

SETTINGS = f"{TENANT}/settings"
_OBJECT: dict[str, Any] = {"type": "object"}


class SettingsRoutes:
    """The 106 settings: read, replaced, changed, checked."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @property
    def _service(self) -> TenantService:
        return self._box.administration.service

    @route(
        f"GET {SETTINGS}",
        "getSettings",
        "Read all 106 settings.",
        tag="settings",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The settings as they are now."},
    )
    def get(self, request: Request) -> Json[SettingsDocument]:
        """Return all settings."""
        from exact_connector.tenants.settings_store import as_dict

        return Json({"settings": as_dict(self._service.settings(request.tenant))})

    @route(
        f"PUT {SETTINGS}",
        "replaceSettings",
        "Replace the settings; absent keys get their default.",
        tag="settings",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The settings as they are now."},
        body=_OBJECT,
        example={"CheckIfItemIsActive": True},
    )
    def replace(self, request: Request) -> Json[SavedSettings]:
        """Replace the settings."""
        values = request.json(decimals=False)
        return _saved(self._service.put_settings(request.tenant, values, who=request.principal.name))

    @route(
        f"PATCH {SETTINGS}",
        "changeSettings",
        "Change the named settings; null puts one back to its default.",
        tag="settings",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The settings as they are now."},
        body=_OBJECT,
        example={"GetProspects": True},
    )
    def change(self, request: Request) -> Json[SavedSettings]:
        """Change some settings."""
        values = request.json(decimals=False)
        return _saved(self._service.patch_settings(request.tenant, values, who=request.principal.name))

    @route(
        f"POST {SETTINGS}/check",
        "checkSettings",
        "Look the codes that the settings name up in Exact.",
        tag="settings",
        scope=Scope.TENANT_ADMIN,
        answers={200: "Problems and warnings.", 409: CONFLICT},
    )
    def check(self, request: Request) -> Json[SettingsCheck]:
        """Look up the codes."""
        return Json(self._service.check_settings(request.tenant))

    @route(
        f"GET {SETTINGS}/history",
        "settingsHistory",
        "Read who changed what and when.",
        tag="settings",
        scope=Scope.TENANT_ADMIN,
        answers={200: "The newest changes first."},
        parameters=PAGE,
    )
    def history(self, request: Request) -> Json[SettingsHistory]:
        """Return the newest changes."""
        after, limit = decode_cursor(request.query), limit_of(request.query)
        saves, places, position = self._service.settings_history(request.tenant, after=after, limit=limit)
        rows, position = cut(saves, places, position)
        return Json({"history": [*rows], "next": next_link(request.path, request.query, position)})

    @route(
        "GET /v1/settings/schema",
        "settingsSchema",
        "Read the JSON Schema of the settings.",
        tag="settings",
        scope=Scope.TENANT_ADMIN,
        answers={200: Answer("The schema.", _OBJECT)},
    )
    def schema(self, _request: Request) -> Json[dict[str, Any]]:
        """Return the schema."""
        from exact_connector.settings.schema import settings_schema

        return Json(settings_schema())


def _saved(saved: Saved) -> Json[SavedSettings]:
    from exact_connector.tenants.service import problem_response
    from exact_connector.tenants.settings_store import as_dict

    warnings = [problem_response(problem) for problem in saved.warnings]
    return Json({"settings": as_dict(saved.settings), "warnings": warnings})
