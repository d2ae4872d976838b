"""The committed OpenAPI document is the one that the routes make, and only the known few routes are open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from catalog_api import data_model
from catalog_api.openapi_build import all_routes, text
from exact_connector.web.openapi import TAGS
from exact_connector.web.routes import Route
from fakes.schemas import FORMATS, closed

COMMITTED = Path(__file__).resolve().parents[3] / "functions" / "catalog_api" / "openapi.json"
OPEN = {"/health", "/oauth/callback", "/v1/webhooks/exact/{tenant}"}
PAGES = {"/console/tenants/{tenant}"}
ROUTES = {f"{route.method} {route.path}": route for route in all_routes()}


def test_the_committed_document_is_the_generated_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), "run make openapi"


def test_the_committed_data_model_is_the_generated_one() -> None:
    committed = COMMITTED.parents[2] / "docs" / "data-model.md"
    assert committed.read_text(encoding="utf-8") == data_model.text(), "run make openapi"


def test_the_document_is_valid() -> None:
    validate(json.loads(text()))


def test_every_operation_has_its_own_name() -> None:
    names = [route.operation for route in all_routes()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_a_route_needs_a_scope_unless_it_is_one_of_the_few_open_ones(route: Route) -> None:
    assert (route.scope is None) == (route.path in OPEN | PAGES)


DOCUMENT = json.loads(COMMITTED.read_text(encoding="utf-8"))
OPERATIONS = {
    operation["operationId"]: operation for methods in DOCUMENT["paths"].values() for operation in methods.values()
}
UNTYPED = {"openapi", "settingsSchema", "linkedPage"}
"""Operations whose answer is a document, a schema or a page."""


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the body of a request and of each good answer, with where it is."""
    if "requestBody" in operation:
        yield "request", operation["requestBody"]["content"]["application/json"]
    for status, answer in operation["responses"].items():
        if status.startswith("2") and "content" in answer:
            yield status, next(iter(answer["content"].values()))


TYPED = {
    f"{name} {place}": content
    for name, operation in OPERATIONS.items()
    for place, content in contents(operation)
    if name not in UNTYPED
}


@pytest.mark.parametrize("content", TYPED.values(), ids=TYPED.keys())
def test_every_body_has_an_example_that_its_schema_accepts(content: dict[str, Any]) -> None:
    schema = closed({**content["schema"], "components": DOCUMENT["components"]})
    found = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(content["example"])
    assert [error.message for error in found] == []


def test_every_good_answer_says_its_type() -> None:
    loose = {
        f"{name} {place}"
        for name, operation in OPERATIONS.items()
        for place, content in contents(operation)
        if place != "request" and "$ref" not in content["schema"]
    }
    assert {each.partition(" ")[0] for each in loose} == UNTYPED


def test_every_tag_is_described() -> None:
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == set(TAGS)


def test_problems_that_routes_share_are_written_once() -> None:
    used = {
        answer["$ref"].rpartition("/")[2]
        for operation in OPERATIONS.values()
        for answer in operation["responses"].values()
        if "$ref" in answer
    }
    assert used == set(DOCUMENT["components"]["responses"])
