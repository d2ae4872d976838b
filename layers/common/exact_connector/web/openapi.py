"""The OpenAPI 3.1 document, generated from the routes and the types of what they take and answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from exact_connector.web.http import PROBLEM, Json
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
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body; `?name` for a query parameter.",
                    },
                    "key": {"type": "string", "description": "The setting that is wrong, in answers about settings."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

_ALWAYS = {
    "405": "Nothing is served at this address for this method; see the header Allow.",
    "422": "Something in the request is wrong; see errors.",
    "500": "A fault of ours; the detail names the request.",
    "503": "Something that passes: try again after Retry-After.",
}
_SECURED = {"401": "No key, or one that is not known.", "403": "The key does not carry the scope."}


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
        },
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM_SCHEMA, **schemas.definitions},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
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
        types: dict[Any, None] = {}
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
    problems = {**_ALWAYS, **({} if route.scope is None else _SECURED)}
    if route.any_query and route.scope is None and 422 not in route.answers:
        del problems["422"]
    if route.scope is not None:
        problems["404"] = "An operator named a tenant that there is not."
    if "{" in route.path:
        problems["404"] = "The named thing does not exist for this caller, or an operator's tenant does not."
    if route.body is not None:
        problems |= {"400": "The body is not JSON.", "413": "The body is too large."}
    found = {status: _problem(text) for status, text in problems.items()}
    found |= {str(status): _answer(route, answer, status, schemas) for status, answer in route.answers.items()}
    return dict(sorted(found.items()))


def _answer(route: Route, answer: Answer, status: int, schemas: _Schemas) -> dict[str, Any]:
    found: dict[str, Any]
    body = schemas.answered(route, status, answer)
    if body is None:
        found = _problem(answer.description) if status >= 400 else {"description": answer.description}
    else:
        found = {"description": answer.description, "content": {answer.content_type: {"schema": schemas.of(body)}}}
    if answer.headers:
        found["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    return found


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


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
