"""Requests of every kind to every route: never a fault of ours, and only answers that the document names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fakes.product import OPERATOR_KEY, ROOT
from functional.fuzz.served import Gateway, served
from functional.product.company import Company, linked_company

DOCUMENT = json.loads((ROOT / "functions" / "catalog_api" / "openapi.json").read_text("utf-8"))
FOUND = [each.ok() for each in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations() if isinstance(each, Ok)]
OPERATIONS = {each.label: each for each in FOUND}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    ignored_auth,
]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
"""Requests of each kind for each route; more of them for a longer search."""
ORDERS = ("POST /v1/orders", "POST /v1/purchase-orders")
WRITTEN_FOR = {"DELETE /v1/tenants/{tenant}": "leaver"}
OF_LINKED_TENANT = ("/sync/", "/settings/check", "/endpoints/", "/divisions", "/status", "/events", "/forecast")
WAITS = st.sampled_from([None, "wait=1", "wait=", "wait=-1", "respond-async, wait=2;x", "return=minimal"])


def deterministic(examples: int) -> settings:
    """Return settings under which every run asks the same."""
    silent = list(HealthCheck)
    return settings(max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=silent)


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """A linked company with everything to read, a tenant that is not linked, and one to be removed."""
    with linked_company() as found:
        options = {"supplier_links": True, "bills_of_material": True, "item_rule": "purchase"}
        found.ok("PATCH", "/v1/tenants/acme", {"options": options})
        found.ok("PATCH", "/v1/tenants/acme/settings", {"AutoSyncPriceLists": True})
        found.work()
        for tenant in ("spare", "leaver"):
            found.ok("POST", "/v1/tenants", {"id": tenant, "name": tenant, "country": "nl", "division_code": 7})
        yield found


@pytest.fixture(scope="module")
def gateway(company: Company) -> Iterator[Gateway]:
    """The company's API on the loopback interface."""
    with served(company) as found:
        yield found


@pytest.fixture(scope="module")
def known(company: Company) -> Mapping[str, list[str]]:
    """Keys of what is there, by the collection's address."""
    found: dict[str, list[str]] = {}
    for path, operations in DOCUMENT["paths"].items():
        if path.endswith("/{key}") and "get" in operations:
            found[path] = [row["key"] for row in keys_of(company, path.removesuffix("/{key}"))]
    return found


def keys_of(company: Company, path: str) -> list[dict[str, Any]]:
    """Return the first documents of a collection as the change feed names them."""
    kind = path.rpartition("/")[2].replace("-", "_")
    singular = {"stock": "stock", "bills_of_material": "bill_of_material"}.get(kind, kind.removesuffix("s"))
    page = company.ok("GET", "/v1/changes", query={"since": "0", "limit": "1000", "kind": singular})
    return [row for row in page["changes"] if row["op"] == "upsert"][:5]


def with_known_names(case: Any, label: str, known: Mapping[str, list[str]], number: int) -> None:
    """Put names of things that exist into the path."""
    path = label.partition(" ")[2]
    linked = any(part in path for part in OF_LINKED_TENANT) or label.startswith("GET")
    for name in list(case.path_parameters or ()):
        if name == "tenant":
            case.path_parameters[name] = WRITTEN_FOR.get(label, "acme" if linked else "spare")
        elif name == "family":
            case.path_parameters[name] = ("items", "customers", "documents", "reference")[number % 4]
        elif name == "key" and (keys := known.get(path.partition("/{key}")[0] + "/{key}")):
            case.path_parameters[name] = keys[number % len(keys)].replace("/", "%2F").replace(" ", "%20")


def can_be_wrong(label: str) -> bool:
    """Tell whether there is anything in a request to this route that its document can call wrong."""
    described = OPERATIONS[label].definition.raw
    queried = any(each["in"] != "path" for each in described.get("parameters", ()))
    return bool(described.get("security") or queried or "requestBody" in described)


ASKED = [
    pytest.param(label, mode, id=f"{label} {mode.value}")
    for label in OPERATIONS
    for mode in schemathesis.GenerationMode
    if mode is schemathesis.GenerationMode.POSITIVE or can_be_wrong(label)
]


@pytest.mark.slow
@pytest.mark.parametrize(("label", "mode"), ASKED)
def test_a_route_answers_any_request_as_its_document_says(
    gateway: Gateway, known: Mapping[str, list[str]], label: str, mode: Any
) -> None:
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode), number=st.integers(0, 19))
    @deterministic(EXAMPLES)
    def ask(case: Any, number: int) -> None:
        if number < 15:
            with_known_names(case, label, known, number)
        headers = {"Authorization": f"Bearer {OPERATOR_KEY}", "X-Tenant-Id": "acme"}
        case.call_and_validate(base_url=gateway.address, headers=headers, checks=CHECKS)

    ask()


@pytest.mark.slow
@pytest.mark.parametrize("label", ORDERS)
def test_the_order_intake_takes_or_refuses_any_order_about_things_that_exist(
    gateway: Gateway, company: Company, label: str
) -> None:
    codes = [each["item_code"] for each in company.served("/v1/items")][:8]
    buyers = [each["customer_id"] for each in company.served("/v1/customers")][:4]
    sellers = [each["supplier_id"] for each in company.served("/v1/suppliers")][:4]

    @given(case=OPERATIONS[label].as_strategy(), number=st.integers(0, 1000), prefer=WAITS)
    @deterministic(EXAMPLES * 10)
    def ask(case: Any, number: int, prefer: str | None) -> None:
        body = case.body
        if label == ORDERS[0]:
            body |= {"customer_id": buyers[number % 4]}
            body.pop("customer_code", None)
        else:
            body |= {"supplier_id": sellers[number % 4]}
            body.pop("supplier_code", None)
        for place, line in enumerate(body.get("lines") or ()):
            line["item_code"] = codes[(number + place) % 8]
        headers = {"Authorization": f"Bearer {OPERATOR_KEY}", "X-Tenant-Id": "acme"}
        headers |= {"Prefer": prefer} if prefer else {}
        case.call_and_validate(base_url=gateway.address, headers=headers, checks=CHECKS)

    ask()


BODIES: list[Any] = [
    pytest.param("", id="nothing"),
    pytest.param("null", id="null"),
    pytest.param("[]", id="a list"),
    pytest.param("[" * 100_000, id="a deep list"),
    pytest.param('{"lines":' + "[" * 5_000 + "]" * 5_000 + "}", id="deep lines"),
    pytest.param('{"a":NaN}', id="not a number"),
    pytest.param('{"lines":[{"item_code":"A","quantity":1e400}]}', id="an endless number"),
    pytest.param('{"lines":[{"item_code":"A","quantity":1e999999999999999999999}]}', id="a number beyond decimals"),
    pytest.param('{"lines":[{"item_code":"A","quantity":' + "9" * 6_000 + "}]}", id="a number of 6,000 digits"),
    pytest.param('{"external_id":"\\ud800"}', id="half a character"),
    pytest.param('{"external_id":"\\u0000"}', id="a null character"),
    pytest.param('{"' + "k" * 100_000 + '":1}', id="a long name"),
    pytest.param('{"lines":[' + ",".join(['{"item_code":"A","quantity":1}'] * 2_000) + "]}", id="2,000 lines"),
    pytest.param('{"name":1,"name":2}', id="a name twice"),
    pytest.param("\xff\xfe", id="other bytes"),
]
WRITING = sorted(label for label, each in OPERATIONS.items() if "requestBody" in each.definition.raw)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("label", WRITING)
def test_a_body_that_is_no_good_is_refused_with_a_problem(company: Company, label: str, body: str) -> None:
    method, _, path = label.partition(" ")
    place = path.replace("{tenant}", "spare").replace("{family}", "items").replace("{key}", "none")
    status, found, headers = company.call(method, place, body)

    documented = {int(code) for code in OPERATIONS[label].definition.raw["responses"]}
    assert status in documented, found
    assert status < 500, found
    if status >= 400:
        assert headers["Content-Type"] == "application/problem+json"
        assert {"title", "status", "code", "detail"} <= set(found)


ODD_CALLS: list[Any] = [
    pytest.param("PUT", "/v1/items", id="another method"),
    pytest.param("GET", "/v1/nothing", id="another address"),
    pytest.param("GET", "/v1/items/", id="a slash too much"),
    pytest.param("GET", "//v1//items", id="empty parts"),
    pytest.param("GET", "/v1/items/..%2F..%2Ftenants", id="a way up"),
    pytest.param("GET", "/v1/items/%00", id="a null character"),
    pytest.param("GET", "/v1/items/%ff%fe", id="other bytes"),
    pytest.param("GET", "/v1/items/" + "a" * 4_000, id="a long key"),
    pytest.param("GET", "/v1/tenants/%2e%2e/settings", id="a tenant that is none"),
    pytest.param("POST", "/v1/orders/x/cancel", id="an order that is none"),
]


@pytest.mark.parametrize(("method", "path"), ODD_CALLS)
def test_an_odd_call_gets_a_problem(company: Company, method: str, path: str) -> None:
    status, found, headers = company.call(method, path)

    assert status in (404, 405, 422), found
    assert headers["Content-Type"] == "application/problem+json"


HEADERS: list[Any] = [
    pytest.param({"authorization": "Bearer "}, 401, id="an empty key"),
    pytest.param({"authorization": "Basic eDp5"}, 401, id="another scheme"),
    pytest.param({"authorization": "Bearer exk_\u2603"}, 401, id="a key beyond ASCII"),
    pytest.param({"authorization": "Bearer a.b.c"}, 401, id="something like a JWT"),
    pytest.param({"authorization": "Bearer " + "k" * 9_000}, 401, id="a long key"),
    pytest.param({"x-tenant-id": ""}, 422, id="no tenant"),
    pytest.param({"x-tenant-id": "acme#x/../y"}, 422, id="a tenant with marks"),
]


@pytest.mark.parametrize(("headers", "status"), HEADERS)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/items", "/v1/status"])
def test_odd_headers_get_a_problem(company: Company, path: str, headers: dict[str, str], status: int) -> None:
    assert company.call("GET", path, headers=headers)[0] == status


@pytest.mark.parametrize("field", ["name", "country"])
def test_a_tenant_keeps_its_name_and_country(company: Company, field: str) -> None:
    status, found, _ = company.call("PATCH", "/v1/tenants/spare", {field: None})

    assert (status, found["errors"][0]["pointer"]) == (422, f"/{field}")
    assert company.ok("GET", "/v1/tenants/acme")[field]


def test_a_change_of_one_option_keeps_the_others(company: Company) -> None:
    before = company.ok("GET", "/v1/tenants/acme")
    company.ok("PATCH", "/v1/tenants/acme", {"options": {"stock_warehouse": "all"}, "sync": {"batch_rows": 2000}})
    after = company.ok("GET", "/v1/tenants/acme")

    assert before["options"]["supplier_links"]
    assert after["options"] == {**before["options"], "stock_warehouse": "all"}
    assert after["sync"] == {**before["sync"], "batch_rows": 2000}
