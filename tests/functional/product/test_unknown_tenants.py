"""An operator who names a tenant that there is not is told so on every route; nothing is read or written for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog_api.openapi_build import all_routes
from exact_connector.web.routes import Route
from fakes.product import running_sandbox
from functional.product.company import MANY_CALLS, SMALL, Company, unlinked_company

OF_NO_TENANT = {"POST /v1/tenants", "GET /v1/tenants", "GET /v1/settings/schema", "GET /v1/openapi.json"}
ROUTES = {
    label: route
    for route in all_routes()
    if route.scope is not None and (label := f"{route.method} {route.path}") not in OF_NO_TENANT
}


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """A product with a tenant that is not the one that is named."""
    with running_sandbox(*SMALL, *MANY_CALLS) as sandbox, unlinked_company(sandbox) as found:
        found.ok("POST", "/v1/tenants", {"id": "acme", "name": "Acme", "country": "nl", "division_code": 7})
        found.tenant = "nobody"
        yield found


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_a_tenant_that_there_is_not_is_told_on_every_route(company: Company, route: Route) -> None:
    path = route.path.replace("{tenant}", "nobody").replace("{family}", "items").replace("{action}", "pause")
    for name in ("key", "order", "request", "export", "asset"):
        path = path.replace("{" + name + "}", "1")
    before = company.rows()
    body = {} if route.example is None else route.example
    asked = {"tenant": "nobody", "item": "1"}
    query = {each.name: asked[each.name] for each in route.parameters if each.name in asked}
    status, found, headers = company.call(route.method, path, body, query=query)
    assert (status, headers["Content-Type"]) == (404, "application/problem+json"), found
    assert found["detail"].startswith("There is no tenant 'nobody'; ")
    assert company.rows() == before


def test_a_tenant_that_was_removed_is_unknown_at_once(company: Company) -> None:
    company.ok("POST", "/v1/tenants", {"id": "leaver", "name": "Leaver", "country": "nl", "division_code": 7})
    names = {"x-tenant-id": "leaver"}
    assert company.call("GET", "/v1/orders", headers=names)[0] == 200
    company.ok("DELETE", "/v1/tenants/leaver")
    assert company.call("GET", "/v1/orders", headers=names)[0] == 404
