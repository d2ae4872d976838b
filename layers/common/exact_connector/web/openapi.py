"""The OpenAPI 3.1 document, generated from the routes and the types of what they take and answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from exact_connector.documents.models.problems import Problem
from exact_connector.web.examples import example_of
from exact_connector.web.http import PROBLEM, Json
from exact_connector.web.routes import Answer, Route

_SHARED: Mapping[int, tuple[str, str, tuple[str, ...]]] = {
    400: ("MalformedBody", "The body is not JSON, or names something twice.", ()),
    401: ("Unauthenticated", "No key, or one that is not known.", ("WWW-Authenticate",)),
    403: ("Forbidden", "The key does not carry the scope, or belongs to another tenant.", ()),
    404: ("NotFound", "The named thing does not exist for this caller, or an operator's tenant does not.", ()),
    405: ("MethodNotAllowed", "Nothing is served here for this method; see Allow.", ("Allow",)),
    413: ("BodyTooLarge", "The body is too large.", ()),
    422: ("InvalidInput", "Something in the request is wrong; see errors.", ()),
    500: ("Internal", "A fault of ours; the detail names the request.", ()),
    503: ("Unavailable", "Something that passes: try again after Retry-After.", ("Retry-After",)),
}
"""Status -> the answer that routes share: its name, its words, its headers."""

TAGS: Mapping[str, str] = {
    "catalogue": "Items, prices, stock, reference lists, documents for purchase planning, files and exports.",
    "customers": "Customers: their relation card, and those that platforms create and edit.",
    "orders": "Sales orders, quotations, invoices and returns, on their way into Exact.",
    "purchasing": "Purchase orders on their way into Exact.",
    "feed": "The change feed, and how fresh the copy is.",
    "tenants": "Tenants, their connection, webhook and audit trail.",
    "settings": "The settings of a tenant.",
    "sync": "Starting and steering the synchronisation.",
    "keys": "API keys.",
    "linking": "The way to Exact's consent page and back.",
    "webhooks": "Notifications of Exact.",
    "service": "The service itself.",
}
"""What each tag is about, in the order in which a reader meets them."""


def document(routes: Iterable[Route], *, version: str, models: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI document of the routes. ``models``: the types that signatures name, by name."""
    ordered = sorted(routes, key=lambda route: (route.path, route.method))
    schemas = _Schemas(ordered, models)
    paths: dict[str, dict[str, Any]] = {}
    for route in ordered:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Exact Connector",
            "version": version,
            "description": "Catalogue, customers and orders of companies that work with Exact Online.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The address under which this document is served."}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "responses": {name: _problem(words, headers) for name, words, headers in _SHARED.values()},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key, or the operator's."}
            },
        },
    }


def answered_type(route: Route, models: Mapping[str, Any]) -> Any:
    """Return the type of the body of a good answer, as the handler's signature says it; None where it has none.

    Handlers import those types for the type checker alone, so that none is loaded at run time.
    """
    found = get_type_hints(route.handler, localns=dict(models)).get("return")
    for part in (found, *get_args(found)):
        if get_origin(part) is Json:
            return get_args(part)[0]
    return None


class _Schemas:
    """The JSON Schemas of every type that routes name: `definitions` by name, and of each type its schema."""

    def __init__(self, routes: Iterable[Route], models: Mapping[str, Any]) -> None:
        types: dict[Any, None] = {Problem: None}
        self._models = models
        for route in routes:
            for found in (route.body, *(self.answered(route, *each) for each in route.answers.items())):
                if found is not None and not isinstance(found, Mapping):
                    types[found] = None
        schemas, defined = TypeAdapter.json_schemas(
            [(place, "validation", TypeAdapter(found)) for place, found in enumerate(types)],
            ref_template="#/components/schemas/{model}",
        )
        self.definitions: dict[str, Any] = defined.get("$defs", {})
        self._of = {found: schemas[place, "validation"] for place, found in enumerate(types)}

    def of(self, found: Any) -> Mapping[str, Any]:
        """Return the schema of a type, or a schema that was written out."""
        return found if isinstance(found, Mapping) else self._of[found]

    def answered(self, route: Route, status: int, answer: Answer) -> Any:
        """Return the type or schema of an answer: its own, else for a good one that of the signature."""
        has_body = 200 <= status < 300 and status != 204
        if answer.schema is None:
            return answered_type(route, self._models) if has_body else None
        return self._models[answer.schema] if isinstance(answer.schema, str) else answer.schema


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.tag],
        "security": [] if route.scope is None else [{"key": []}],
        "parameters": [*_path_parameters(route.path), *_parameters(route)],
        "responses": _responses(route, schemas),
    }
    if route.scope is not None:
        operation["x-scope"] = route.scope.value
    if route.body is not None:
        content: dict[str, Any] = {"schema": schemas.of(route.body)}
        if route.example is not None:
            content["example"] = route.example
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {"application/json": content},
        }
    return operation


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    found = {status: {"$ref": f"#/components/responses/{_SHARED[status][0]}"} for status in shared_answers(route)}
    found |= {status: _answer(route, answer, status, schemas) for status, answer in route.answers.items()}
    return {str(status): found[status] for status in sorted(found)}


def shared_answers(route: Route) -> frozenset[int]:
    """Return the statuses of the problems that a route has in common with others."""
    shared = {405, 500, 503}
    if route.scope is not None:
        shared |= {401, 403, 404}
    if "{" in route.path:
        shared.add(404)
    if route.body is not None:
        shared |= {400, 413}
    if not route.any_query:
        shared.add(422)
    return frozenset(shared)


def _answer(route: Route, answer: Answer, status: int, schemas: _Schemas) -> dict[str, Any]:
    body = schemas.answered(route, status, answer)
    if body is None:
        return _problem(answer.description, answer.headers) if status >= 400 else _described(answer)
    schema = schemas.of(body)
    content: dict[str, Any] = {"schema": schema}
    if isinstance(body, type):
        content["example"] = example_of(schema, schemas.definitions)
    return {**_described(answer), "content": {answer.content_type: content}}


def _described(answer: Answer) -> dict[str, Any]:
    return {"description": answer.description, **_headers(answer.headers)}


def _headers(names: Iterable[str]) -> dict[str, Any]:
    found = {name: {"schema": {"type": "string"}} for name in names}
    return {"headers": found} if found else {}


def _problem(text: str, headers: Iterable[str] = ()) -> dict[str, Any]:
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, **_headers(headers), "content": content}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": parameter.place,
            "required": parameter.required,
            "description": parameter.description,
            "schema": dict(parameter.schema),
        }
        for parameter in route.parameters
    ]
