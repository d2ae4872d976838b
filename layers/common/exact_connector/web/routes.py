"""Routes as data: what is served where, under which scope, with which bodies; and the Lambda handler over them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver
from aws_lambda_powertools.event_handler import Response as GatewayResponse
from pydantic import BaseModel

from exact_connector import errors
from exact_connector.clock import Clock
from exact_connector.observability import correlated, correlation_id, count, trace_of
from exact_connector.web.auth import ANONYMOUS, Authenticator, Scope
from exact_connector.web.http import Request, Response
from exact_connector.web.problem import internal_problem, problem, status_of

Handler = Callable[[Request], Response]
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query or header parameter, for the document and for a reader."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    place: str = "query"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented answer: words, and the schema or model of its body."""

    description: str
    schema: Schema | type[BaseModel] | None = None
    content_type: str = "application/json"
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. ``scope`` None marks one of the few open routes."""

    method: str
    path: str
    operation: str
    summary: str
    tag: str
    scope: Scope | None
    handler: Handler
    answers: Mapping[int, Answer]
    body: type[BaseModel] | Schema | None = None
    parameters: Sequence[Parameter] = ()
    example: object = None


class Api:
    """All routes of one function, behind one Lambda handler that understands both event forms of API Gateway.

    ``there_is`` tells whether there is a tenant; it is asked once a request about a tenant that an operator names.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        authenticator: Authenticator,
        clock: Clock,
        logger: Logger,
        *,
        there_is: Callable[[str], bool],
    ) -> None:
        self.routes = tuple(routes)
        self._authenticator = authenticator
        self._clock = clock
        self._logger = logger
        self._there_is = there_is
        self._resolvers: dict[str, APIGatewayRestResolver | APIGatewayHttpResolver] = {}

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Serve one API Gateway event (payload form 1.0 or 2.0)."""
        version = str(event.get("version", "1.0"))
        if version not in self._resolvers:
            self._resolvers[version] = self._resolver(version)
        count(ApiRequests=1)
        with correlated(_request_id(event), getattr(context, "aws_request_id", None)):
            return self._resolvers[version].resolve(event, context)

    def serve(self, route: Route, request: Request) -> Response:
        """Authenticate, check the scope, run the handler, and turn every error into a problem document."""
        try:
            if route.scope is None:
                return route.handler(request)
            principal = self._authenticator.principal(request.headers)
            principal.require(route.scope)
            return route.handler(replace(request, principal=principal, there_is=cache(self._there_is)))
        except errors.ConnectorError as error:
            self._log(route, error)
            return problem(error, now=self._clock.now())
        except Exception as error:
            self._logger.error("a request failed", operation=route.operation, **trace_of(error))
            count(Faults=1)
            return internal_problem(correlation_id() or "-")

    def _log(self, route: Route, error: errors.ConnectorError) -> None:
        status = status_of(error)
        write = self._logger.error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else self._logger.info
        write("a request was refused", operation=route.operation, status=status, code=error.code)
        count(ApiRefused=1)

    def _resolver(self, version: str) -> APIGatewayRestResolver | APIGatewayHttpResolver:
        resolver = APIGatewayHttpResolver() if version == "2.0" else APIGatewayRestResolver()
        for route in self.routes:
            resolver.route(_powertools_path(route.path), route.method)(self._adapter(resolver, route))
        resolver.not_found(self._not_found)
        return resolver

    def _adapter(self, resolver: Any, route: Route) -> Callable[..., GatewayResponse[str]]:
        def serve(**params: str) -> GatewayResponse[str]:
            request = _request(resolver.current_event, params)
            return _gateway_response(self.serve(route, request))

        return serve

    def _not_found(self, _error: Exception) -> GatewayResponse[str]:
        error = errors.NotFound("There is nothing at this address; see /v1/openapi.json for what there is.")
        return _gateway_response(problem(error, now=self._clock.now()))


def _request_id(event: Mapping[str, Any]) -> object:
    """Return the id that the client gave its request, else the API gateway's."""
    given = {name.lower(): value for name, value in (event.get("headers") or {}).items()}.get("x-request-id")
    return given or (event.get("requestContext") or {}).get("requestId")


def _powertools_path(path: str) -> str:
    return path.replace("{", "<").replace("}", ">")


def _request(event: Any, params: Mapping[str, str]) -> Request:
    raw: Mapping[str, Any] = event.raw_event
    body = raw.get("body") or ""
    content = base64.b64decode(body) if raw.get("isBase64Encoded") else str(body).encode()
    query = {name: str(value) for name, value in (raw.get("queryStringParameters") or {}).items() if value is not None}
    headers = {name.lower(): str(value) for name, value in (raw.get("headers") or {}).items()}
    if raw.get("cookies") and "cookie" not in headers:
        headers["cookie"] = "; ".join(raw["cookies"])
    return Request(event.http_method, event.path, _decoded(params), query, headers, content, ANONYMOUS)


def _decoded(params: Mapping[str, str]) -> dict[str, str]:
    from urllib.parse import unquote

    return {name: unquote(value) for name, value in params.items()}


def _gateway_response(response: Response) -> GatewayResponse[str]:
    headers: dict[str, str | list[str]] = {**response.headers}
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if (identity := correlation_id()) is not None:
        headers["X-Request-Id"] = identity
    if response.cookies:
        headers["Set-Cookie"] = list(response.cookies)
    return GatewayResponse(response.status, response.content_type, response.body, headers)
