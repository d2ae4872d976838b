"""Write the OpenAPI document of all functions: ``python -m catalog_api.openapi_build FILE [FILE ...]``."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import catalog_api.routes
import submit_order.routes
import tenant_api.routes
from catalog_api.collections import collection_routes
from console.routes import ConsoleRoutes
from exact_connector.documents import models as served
from exact_connector.web.openapi import document
from exact_connector.web.routes import Route, routes_of
from oauth_callback.routes import LinkingRoutes
from receive_webhook.routes import WebhookRoutes

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


ROUTES: Sequence[type] = (
    *tenant_api.routes.ROUTES,
    LinkingRoutes,
    *catalog_api.routes.ROUTES,
    *submit_order.routes.ROUTES,
    WebhookRoutes,
    ConsoleRoutes,
)


def all_routes() -> Sequence[Route]:
    """Return the routes of every function, with nothing behind them."""
    return [*collection_routes(), *(route for kind in ROUTES for route in routes_of(kind))]


def models() -> dict[str, Any]:
    """Return every type of `documents.models`, by name."""
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(served.__path__):
        loaded = importlib.import_module(f"{served.__name__}.{module.name}")
        found |= {name: value for name, value in vars(loaded).items() if not name.startswith("_")}
    return found


def version() -> str:
    """Return the version of the project, which stands in `pyproject.toml` alone."""
    return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def text() -> str:
    """Return the document as it is committed."""
    return (
        json.dumps(
            document(all_routes(), version=version(), models=models()), indent=1, sort_keys=True, ensure_ascii=False
        )
        + "\n"
    )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(text(), encoding="utf-8")
