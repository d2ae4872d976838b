"""The routes by which platforms fetch a whole kind of documents at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exact_connector.documents.models.exports import ExportKind, ExportView
from exact_connector.web.auth import Scope
from exact_connector.web.bodies import Body
from exact_connector.web.http import Json, Request
from exact_connector.web.routes import Answer, route

if TYPE_CHECKING:
    from exact_connector.documents.models.exports import Export
    from exact_connector.wiring.container import Container


class ExportInput(Body):
    """Which documents, and how much of each."""

    kind: ExportKind
    view: ExportView = "default"


class ExportRoutes:
    """Exports of a tenant."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "POST /v1/exports",
        "requestExport",
        "Have all documents of a kind written to compressed NDJSON files.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={202: Answer("The export; read its state until it is READY.", headers=("Location",))},
        body=ExportInput,
        example={"kind": "items", "view": "full"},
    )
    def request(self, request: Request) -> Json[Export]:
        """Take an export in."""
        wanted = request.model(ExportInput)
        exports = self._box.serving.exports
        export = exports.request(request.tenant, wanted.kind, full=wanted.view == "full")
        return Json(exports.to_response(export), 202, {"Location": f"/v1/exports/{export.export_id}"})

    @route(
        "GET /v1/exports/{export}",
        "getExport",
        "Read how far an export is; once READY with links to its files, gzip of one JSON document per line. "
        "Follow the change feed from its `since` afterwards.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={200: "The export."},
    )
    def get(self, request: Request) -> Json[Export]:
        """Show an export."""
        exports = self._box.serving.exports
        return Json(exports.to_response(exports.get(request.tenant, request.params["export"])))
