"""Routes as data: what is served where, under which scope, with which bodies; written beside the handler of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from exact_connector.web.auth import Scope
from exact_connector.web.http import JSON, Json, Request, Response
from exact_connector.web.parameters import Parameter, Schema

if TYPE_CHECKING:
    from pydantic import BaseModel

Handler = Callable[[Request], Response | Json[Any]]
Method = TypeVar("Method", bound=Callable[..., Response | Json[Any]])

_MARK = "__route__"


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented answer: words, and the type of its body where the handler's signature does not say it.

    ``schema`` may be the name of a type of `documents.models`.
    """

    description: str
    schema: Schema | type | str | None = None
    content_type: str = JSON
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. ``scope`` None marks one of the few open routes.

    The type of a good answer's body is that of the handler's result. ``any_query``: parameters that are not named are
    ignored, where somebody else decides on them. ``or_scope``: a second scope that is enough.
    """

    method: str
    path: str
    operation: str
    summary: str
    tag: str
    scope: Scope | None
    handler: Handler
    answers: Mapping[int, Answer]
    body: type[BaseModel] | Schema | None = None
    parameters: Sequence[Parameter[Any]] = ()
    example: object = None
    any_query: bool = field(default=False, kw_only=True)
    body_optional: bool = field(default=False, kw_only=True)
    or_scope: Scope | None = field(default=None, kw_only=True)


def route(
    method_and_path: str,
    operation: str,
    summary: str,
    *,
    tag: str,
    scope: Scope | None,
    answers: Mapping[int, Answer | str],
    body: type[BaseModel] | Schema | None = None,
    parameters: Sequence[Parameter[Any]] = (),
    example: object = None,
    any_query: bool = False,
    body_optional: bool = False,
    or_scope: Scope | None = None,
) -> Callable[[Method], Method]:
    """Mark a method as the handler of a route, such as ``GET /v1/items``; `routes_of` finds it."""
    verb, _, path = method_and_path.partition(" ")
    documented = {status: Answer(found) if isinstance(found, str) else found for status, found in answers.items()}

    def mark(handler: Method) -> Method:
        found = Route(
            verb,
            path,
            operation,
            summary,
            tag,
            scope,
            handler,
            documented,
            body,
            parameters,
            example,
            any_query=any_query,
            body_optional=body_optional,
            or_scope=or_scope,
        )
        setattr(handler, _MARK, found)
        return handler

    return mark


def routes_of(owner: object) -> Sequence[Route]:
    """Return the marked routes of an object, in the order in which they are written; of a class, for the document."""
    kind = owner if isinstance(owner, type) else type(owner)
    marked = {
        name: found
        for each in reversed(kind.__mro__)
        for name, member in vars(each).items()
        if isinstance(found := getattr(member, _MARK, None), Route)
    }
    return [replace(found, handler=getattr(owner, name)) for name, found in marked.items()]
