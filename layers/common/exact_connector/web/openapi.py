"""The OpenAPI 3.1 document, generated from the routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from exact_connector.web.http import PROBLEM
from exact_connector.web.routes import Answer, Route

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable code of the cause."},
        "detail": {"type": "string", "description": "What was seen and what to do about it."},
        "exact_text": {"type": "string", "description": "The original text of Exact, where it refused."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "key": {"type": "string", "description": "The setting that is wrong, in answers about settings."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

_ALWAYS = {
    "500": "A fault of ours; the detail names the request.",
    "503": "Something that passes: try again after Retry-After.",
}
_SECURED = {"401": "No key, or one that is not known.", "403": "The key does not carry the scope."}


def document(routes: Iterable[Route], *, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of the routes."""
    ordered = sorted(routes, key=lambda route: (route.path, route.method))
    paths: dict[str, dict[str, Any]] = {}
    models = {model for route in ordered for model in _models(route)}
    for route in ordered:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    _, definitions = models_json_schema(
        [(model, "validation") for model in sorted(models, key=lambda model: model.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Exact Connector",
            "version": version,
            "description": "Catalogue, customers and orders of companies that work with Exact Online.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM_SCHEMA, **definitions.get("$defs", {})},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.tag],
        "security": [] if route.scope is None else [{"key": []}],
        "parameters": [*_path_parameters(route.path), *_parameters(route)],
        "responses": _responses(route),
    }
    if route.scope is not None:
        operation["x-scope"] = route.scope.value
    if route.body is not None:
        content: dict[str, Any] = {"schema": _schema(route.body)}
        if route.example is not None:
            content["example"] = route.example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _responses(route: Route) -> dict[str, Any]:
    problems = {**_ALWAYS, **({} if route.scope is None else _SECURED)}
    if route.scope is not None:
        problems["422"] = "An operator named no tenant, or not in the form of an id."
        problems["404"] = "An operator named a tenant that there is not."
    if "{" in route.path:
        problems["404"] = "The named thing does not exist for this caller, or an operator's tenant does not."
    if route.body is not None:
        problems |= {"400": "The body is not JSON.", "422": "Something in the request is wrong; see errors."}
    elif route.parameters:
        problems["422"] = "A parameter is wrong; see errors."
    found = {status: _problem(text) for status, text in problems.items()}
    found |= {str(status): _answer(answer, status) for status, answer in route.answers.items()}
    return dict(sorted(found.items()))


def _answer(answer: Answer, status: int) -> dict[str, Any]:
    found: dict[str, Any]
    if answer.schema is None:
        found = _problem(answer.description) if status >= 400 else {"description": answer.description}
    else:
        found = {
            "description": answer.description,
            "content": {answer.content_type: {"schema": _schema(answer.schema)}},
        }
    if answer.headers:
        found["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    return found


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _schema(schema: type[BaseModel] | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(schema, type):
        return {"$ref": f"#/components/schemas/{schema.__name__}"}
    return schema


def _models(route: Route) -> Iterable[type[BaseModel]]:
    if isinstance(route.body, type):
        yield route.body
    for answer in route.answers.values():
        if isinstance(answer.schema, type):
            yield answer.schema


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
