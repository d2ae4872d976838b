"""The committed OpenAPI document is the one that the routes make, and only the known few routes are open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from catalog_api.openapi_build import all_routes, text
from exact_connector.web.routes import Route

COMMITTED = Path(__file__).resolve().parents[3] / "functions" / "catalog_api" / "openapi.json"
OPEN = {"/health", "/oauth/callback", "/v1/webhooks/exact/{tenant}"}
PAGES = {"/console/tenants/{tenant}"}
ROUTES = {f"{route.method} {route.path}": route for route in all_routes()}


def test_the_committed_document_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), "run make openapi"


def test_the_document_is_valid() -> None:
    validate(json.loads(text()))


def test_every_operation_has_its_own_name() -> None:
    names = [route.operation for route in all_routes()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_a_route_needs_a_scope_unless_it_is_one_of_the_few_open_ones(route: Route) -> None:
    assert (route.scope is None) == (route.path in OPEN | PAGES)
