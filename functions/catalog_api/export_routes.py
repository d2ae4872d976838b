"""The routes by which platforms fetch a whole kind of documents at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exact_connector.serving.exports import KINDS, Exports
from exact_connector.web.auth import Scope
from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.routes import Answer, Route

_OBJECT: dict[str, Any] = {"type": "object"}
_BODY = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"type": "string", "enum": list(KINDS)},
        "view": {"type": "string", "enum": ["default", "full"]},
    },
}


def routes(exports: Exports) -> Sequence[Route]:
    """Return the routes over the exports."""
    api = _ExportRoutes(exports)
    return [
        Route(
            "POST",
            "/v1/exports",
            "requestExport",
            "Have all documents of a kind written to compressed NDJSON files.",
            "catalogue",
            Scope.CATALOG_READ,
            api.request,
            {202: Answer("The export; read its state until it is READY.", _OBJECT, headers=("Location",))},
            _BODY,
            example={"kind": "items", "view": "full"},
        ),
        Route(
            "GET",
            "/v1/exports/{export}",
            "getExport",
            "Read how far an export is; once READY with links to its files, gzip of one JSON document per line. "
            "Follow the change feed from its `since` afterwards.",
            "catalogue",
            Scope.CATALOG_READ,
            api.get,
            {200: Answer("The export.", _OBJECT)},
        ),
    ]


class _ExportRoutes:
    def __init__(self, exports: Exports) -> None:
        self._exports = exports

    def request(self, request: Request) -> Response:
        export = self._exports.request(request.tenant, request.json())
        place = {"Location": f"/v1/exports/{export.export_id}"}
        return json_response(202, self._exports.shown(export), headers=place)

    def get(self, request: Request) -> Response:
        return json_response(200, self._exports.shown(self._exports.get(request.tenant, request.params["export"])))
