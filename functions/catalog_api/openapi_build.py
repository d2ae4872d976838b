"""Write the OpenAPI document of all functions: ``python -m catalog_api.openapi_build FILE [FILE ...]``."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import catalog_api.asset_routes
import catalog_api.customer_routes
import catalog_api.export_routes
import catalog_api.routes
import console.routes
import oauth_callback.routes
import receive_webhook.routes
import submit_order.routes
import tenant_api.routes
import tenant_api.webhook_routes
from exact_connector.web.openapi import document
from exact_connector.web.routes import Route

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def all_routes() -> Sequence[Route]:
    """Return the routes of every function. Their handlers are only named, so no service is needed behind them."""
    nothing = cast("Any", None)
    return [
        *tenant_api.routes.routes(nothing),
        *tenant_api.webhook_routes.routes(nothing),
        *oauth_callback.routes.routes(nothing, "", nothing),
        *catalog_api.routes.routes(nothing, nothing, nothing, nothing, nothing, nothing),
        *catalog_api.customer_routes.routes(nothing, nothing),
        *catalog_api.asset_routes.routes(nothing),
        *catalog_api.export_routes.routes(nothing),
        *submit_order.routes.routes(nothing, nothing),
        *receive_webhook.routes.routes(nothing),
        *console.routes.routes(),
    ]


def version() -> str:
    """Return the version of the project, which stands in `pyproject.toml` alone."""
    return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(all_routes(), version=version()), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(text(), encoding="utf-8")
