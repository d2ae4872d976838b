"""A request becomes an answer: authentication, scopes, bodies, problems, and both event forms of API Gateway."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from openapi_spec_validator import validate
from pydantic import BaseModel, ConfigDict

from exact_connector import errors
from exact_connector.storage.limits import StorageLimitExceeded
from exact_connector.storage.table import Key
from exact_connector.web.api import Api
from exact_connector.web.auth import Authenticator, Principal, Scope
from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.openapi import document
from exact_connector.web.paging import decode_cursor, encode_cursor, limit_of, next_link
from exact_connector.web.parameters import text
from exact_connector.web.routes import Answer, Route
from fakes.clocks import ManualClock

CONTEXT = SimpleNamespace(
    aws_request_id="r-1",
    function_name="f",
    memory_limit_in_mb=128,
    invoked_function_arn="arn:aws:lambda:eu-west-1:1:function:f",
)
CLOCK = ManualClock()
IT = Answer("It.", {})
QUERY = (text("q", "A query."),)


class Thing(BaseModel):
    """A body."""

    model_config = ConfigDict(extra="forbid")

    name: str
    count: int = 1


class OneKey:
    """Knows one key."""

    def find(self, key: str) -> Principal | None:
        """Return the principal of the key."""
        return Principal("acme", frozenset({Scope.CATALOG_READ}), "key 1") if key == "exk_good" else None


def api(
    handler: Callable[[Request], Response],
    scope: Scope | None = Scope.CATALOG_READ,
    tenant_exists: Callable[[str], bool] = lambda _: True,
) -> Api:
    """Return an API with one route for every method used here."""
    routes = [
        Route("GET", "/v1/things/{thing}", "getThing", "Get.", "t", scope, handler, {200: IT}, None, QUERY),
        Route("POST", "/v1/things", "makeThing", "Make.", "t", scope, handler, {201: IT}, Thing, QUERY),
    ]
    authenticator = Authenticator(OneKey(), lambda: "operator-key")
    return Api(routes, authenticator, CLOCK, Logger(service="test"), tenant_exists=tenant_exists)


def event(
    method: str = "GET",
    path: str = "/v1/things/a",
    *,
    key: str | None = "exk_good",
    body: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return an event of the form 1.0."""
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"Authorization": f"Bearer {key}"})
    return {
        "httpMethod": method,
        "path": path,
        "headers": headers,
        "queryStringParameters": {"q": "1"},
        "requestContext": {"stage": "x"},
        "body": body,
        "isBase64Encoded": False,
        **more,
    }


def call(handler: Callable[[Request], Response], **arguments: Any) -> tuple[int, dict[str, Any]]:
    """Call the handler and return status and parsed body."""
    answer = api(handler)(event(**arguments), CONTEXT)
    return answer["statusCode"], json.loads(answer["body"])


def echo(request: Request) -> Response:
    """Answer with what was understood."""
    return json_response(200, {"params": request.params, "query": request.query, "tenant": request.tenant})


def test_a_known_key_with_the_scope_reaches_the_handler() -> None:
    assert call(echo, path="/v1/things/A%20B") == (
        200,
        {"params": {"thing": "A B"}, "query": {"q": "1"}, "tenant": "acme"},
    )


def test_the_newer_event_form_is_understood_as_well() -> None:
    newer = {
        "version": "2.0",
        "rawPath": "/v1/things/a",
        "headers": {"authorization": "Bearer exk_good"},
        "queryStringParameters": {"q": "1"},
        "requestContext": {"http": {"method": "GET", "path": "/v1/things/a"}, "stage": "$default"},
        "isBase64Encoded": False,
    }
    assert api(echo)(newer, CONTEXT)["statusCode"] == 200


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        pytest.param(None, 401, "UNAUTHENTICATED", id="no-key"),
        pytest.param("exk_bad", 401, "UNAUTHENTICATED", id="unknown-key"),
    ],
)
def test_without_a_known_key_nothing_is_done(key: str | None, status: int, code: str) -> None:
    def never(_request: Request) -> Response:
        raise AssertionError("the handler was reached")

    found, problem = call(never, key=key)
    assert (found, problem["code"]) == (status, code)


def test_a_key_without_the_scope_is_refused_and_the_operator_is_not() -> None:
    strict = api(lambda _request: json_response(200, {}), Scope.TENANT_ADMIN)
    assert strict(event(), CONTEXT)["statusCode"] == 403
    assert strict(event(key="operator-key"), CONTEXT)["statusCode"] == 200


def test_an_operator_names_the_tenant_in_a_header() -> None:
    headers = {"Authorization": "Bearer operator-key", "X-Tenant-Id": "other"}
    assert json.loads(api(echo)(event() | {"headers": headers}, CONTEXT)["body"])["tenant"] == "other"
    status, problem = call(echo, key="operator-key")
    assert (status, problem["code"]) == (422, "TENANT_MISSING")


def test_a_tenant_that_an_operator_names_is_looked_for_once_a_request() -> None:
    asked: list[str] = []

    def tenant_exists(tenant: str) -> bool:
        asked.append(tenant)
        return tenant == "other"

    def twice(request: Request) -> Response:
        return json_response(200, {"same": request.tenant == request.tenant})

    found = api(twice, tenant_exists=tenant_exists)
    named = {"Authorization": "Bearer operator-key", "X-Tenant-Id": "other"}
    assert found(event() | {"headers": named}, CONTEXT)["statusCode"] == 200
    answer = found(event() | {"headers": named | {"X-Tenant-Id": "nobody"}}, CONTEXT)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"]) == (404, "NOT_FOUND")
    assert problem["detail"] == "There is no tenant 'nobody'; GET /v1/tenants lists them."
    assert asked == ["other", "nobody"]


def test_the_tenant_of_a_key_costs_no_look() -> None:
    assert api(echo, tenant_exists=lambda _: False)(event(), CONTEXT)["statusCode"] == 200


def test_a_key_cannot_reach_another_tenant() -> None:
    headers = {"Authorization": "Bearer exk_good", "X-Tenant-Id": "other"}
    assert api(echo)(event() | {"headers": headers}, CONTEXT)["statusCode"] == 403


@pytest.mark.parametrize(
    ("body", "status", "pointers"),
    [
        pytest.param("{", 400, None, id="not-json"),
        pytest.param('{"name": NaN}', 400, None, id="not-a-json-number"),
        pytest.param("[" * 100_000, 400, None, id="nested-too-deeply"),
        pytest.param("[]", 422, [""], id="not-an-object"),
        pytest.param('{"count": "x", "extra/a": 1}', 422, ["/name", "/count", "/extra~1a"], id="three-faults"),
    ],
)
def test_a_wrong_body_is_answered_with_a_pointer_for_each_fault(
    body: str, status: int, pointers: list[str] | None
) -> None:
    found, problem = call(
        lambda request: json_response(201, request.model(Thing).model_dump()),
        method="POST",
        path="/v1/things",
        body=body,
    )
    assert found == status
    if pointers is not None:
        assert sorted(fault["pointer"] for fault in problem["errors"]) == sorted(pointers)


def test_a_body_in_base64_is_read() -> None:
    encoded = base64.b64encode(b'{"name": "caf\xc3\xa9"}').decode()
    found = api(lambda request: json_response(201, request.model(Thing).model_dump()))(
        event("POST", "/v1/things", body=encoded) | {"isBase64Encoded": True}, CONTEXT
    )
    assert json.loads(found["body"]) == {"name": "café", "count": 1}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(errors.NotFound("x"), 404, id="not-found"),
        pytest.param(errors.Conflict("x"), 409, id="conflict"),
        pytest.param(errors.ReauthorizationRequired("x"), 409, id="reauthorize"),
        pytest.param(errors.ExactRejected("x", status=500, exact_text="Bestaat"), 422, id="rejected-by-exact"),
        pytest.param(errors.ExactUnavailable("x"), 503, id="exact-is-away"),
        pytest.param(errors.ConfigurationError("x"), 500, id="our-configuration"),
    ],
)
def test_an_error_becomes_its_status(error: errors.ConnectorError, status: int) -> None:
    def fail(_request: Request) -> Response:
        raise error

    found, problem = call(fail)
    assert (found, problem["status"], problem["code"], problem["detail"]) == (status, status, error.code, "x")


def test_what_is_too_large_to_be_stored_is_413_with_its_size() -> None:
    def fail(_request: Request) -> Response:
        raise StorageLimitExceeded("a row", table="orders", key=Key("p", "s"), size=500_000, limit=409_600)

    status, problem = call(fail)
    assert (status, problem["code"]) == (413, "STORAGE_LIMIT")
    assert "make the record smaller" in problem["detail"]


def test_a_refused_query_is_502_with_exact_s_text() -> None:
    def fail(_request: Request) -> Response:
        raise errors.ExactQueryRefused("x", status=400, exact_text="not supported", code="FILTER_REFUSED")

    status, problem = call(fail)
    assert (status, problem["code"], problem["exact_text"]) == (502, "FILTER_REFUSED", "not supported")


def test_a_passing_error_says_when_to_come_back() -> None:
    def fail(_request: Request) -> Response:
        raise errors.BudgetExhausted("x", retry_after=CLOCK.now() + timedelta(seconds=42))

    answer = api(fail)(event(), CONTEXT)
    assert answer["statusCode"] == 503
    assert "42" in str(answer["multiValueHeaders"]["Retry-After"])


def test_a_fault_of_ours_shows_nothing_of_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_request: Request) -> Response:
        raise RuntimeError("password=hunter2")

    status, problem = call(fail)
    assert status == 500
    assert "hunter2" not in json.dumps(problem)
    assert "r-1" in problem["detail"]


def test_an_unknown_address_is_a_problem_document() -> None:
    status, problem = call(echo, path="/v1/nothing")
    assert (status, problem["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("position", ["", "a", "é/…", "x" * 300])
def test_a_cursor_comes_back_as_it_was_given_out(position: str) -> None:
    assert decode_cursor({"cursor": encode_cursor(position)}) == (position or None)


@pytest.mark.parametrize("cursor", ["!", "ü", "a" * 5])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(errors.InvalidInput):
        decode_cursor({"cursor": cursor})


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5", "٣", "9" * 30])
def test_a_limit_outside_the_range_is_refused(limit: str) -> None:
    with pytest.raises(errors.InvalidInput):
        limit_of({"limit": limit})


def test_the_next_link_keeps_the_other_parameters() -> None:
    assert next_link("/v1/items", {"q": "a b", "cursor": "old"}, None) is None
    link = next_link("/v1/items", {"q": "a b", "cursor": "old"}, "A1")
    assert link == f"/v1/items?q=a+b&cursor={encode_cursor('A1')}"


def test_the_document_of_the_routes_is_valid_openapi() -> None:
    routes = [
        *api(echo).routes,
        Route(
            "GET",
            "/open",
            "open",
            "Open.",
            "t",
            None,
            echo,
            {200: Answer("It.", Thing)},
            parameters=(text("q", "A query."),),
        ),
    ]
    found = document(routes, version="1.0", models={})
    validate(found)
    assert set(found["paths"]) == {"/v1/things", "/v1/things/{thing}", "/open"}
    assert found["paths"]["/v1/things"]["post"]["x-scope"] == "catalog:read"
    assert found["paths"]["/open"]["get"]["security"] == []
