"""The Lambda handler over routes: both event forms of API Gateway in, typed answers and problem documents out."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger

from exact_connector import errors
from exact_connector.clock import Clock
from exact_connector.observability import correlated, correlation_id, count, trace_of
from exact_connector.web.auth import Authenticator
from exact_connector.web.http import BodyTooLarge, Json, Request, Response
from exact_connector.web.matching import Router
from exact_connector.web.parameters import query_faults, wrong_parameters
from exact_connector.web.problem import internal_problem, problem, status_of
from exact_connector.web.routes import Route

LARGEST_BODY = 4_000_000
"""Bytes of a body. An order of 500 lines with long notes has some 2 MB; the gateway cuts off at 10 MB."""

REQUEST_SECONDS = 26.0
"""How long a request may take; API Gateway ends it after 29."""

_NEWER_FORM = "2.0"


class Api:
    """All routes of one function, behind one Lambda handler that understands both event forms of API Gateway.

    ``tenant_exists`` says whether there is a tenant; it is asked once a request about a tenant that an operator names.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        authenticator: Authenticator,
        clock: Clock,
        logger: Logger,
        *,
        tenant_exists: Callable[[str], bool],
    ) -> None:
        self.routes = tuple(routes)
        self._router = Router(routes)
        self._authenticator = authenticator
        self._clock = clock
        self._logger = logger
        self._tenant_exists = tenant_exists

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Serve one API Gateway event (payload form 1.0 or 2.0)."""
        count(ApiRequests=1)
        with correlated(_request_id(event), getattr(context, "aws_request_id", None)):
            response = self.respond(_request(event))
            return _gateway_response(response, newer=event.get("version") == _NEWER_FORM)

    def respond(self, request: Request) -> Response:
        """Find the route, authenticate, run the handler, and turn every error into a problem document."""
        operation = "-"
        try:
            matched = self._router.match(request.method, request.path)
            operation = matched.route.operation
            found = self._serve(matched.route, replace(request, path=matched.path, params=matched.params))
        except errors.ConnectorError as error:
            self._log(operation, error)
            return problem(error, now=self._clock.now())
        except Exception as error:
            self._logger.error("a request failed", operation=operation, **trace_of(error))
            count(Faults=1)
            return internal_problem(correlation_id() or "-")
        return found.to_response() if isinstance(found, Json) else found

    def _serve(self, route: Route, request: Request) -> Response | Json[Any]:
        if route.scope is not None:
            principal = self._authenticator.principal(request.headers)
            principal.require(route.scope, route.or_scope)
            request = replace(request, principal=principal, tenant_exists=cache(self._tenant_exists))
        if len(request.body) > LARGEST_BODY:
            raise BodyTooLarge(
                f"The body has {len(request.body)} bytes, {LARGEST_BODY} are the most; send it in several requests."
            )
        faults = [] if route.any_query else query_faults(route.parameters, request.query)
        if faults:
            raise wrong_parameters(faults)
        return route.handler(request)

    def _log(self, operation: str, error: errors.ConnectorError) -> None:
        status = status_of(error)
        write = self._logger.error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else self._logger.info
        write("a request was refused", operation=operation, status=status, code=error.code)
        count(ApiRefused=1)


def _request_id(event: Mapping[str, Any]) -> object:
    """Return the id that the client gave its request, else the API gateway's."""
    given = {name.lower(): value for name, value in (event.get("headers") or {}).items()}.get("x-request-id")
    return given or (event.get("requestContext") or {}).get("requestId")


def _request(event: Mapping[str, Any]) -> Request:
    body = event.get("body") or ""
    content = base64.b64decode(body) if event.get("isBase64Encoded") else str(body).encode(errors="replace")
    query = event.get("queryStringParameters") or {}
    headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    if event.get("cookies") and "cookie" not in headers:
        headers["cookie"] = "; ".join(event["cookies"])
    method, path = _method_and_path(event)
    return Request(
        method,
        path,
        query={name: str(value) for name, value in query.items() if value is not None},
        headers=headers,
        body=content,
    )


def _method_and_path(event: Mapping[str, Any]) -> tuple[str, str]:
    if event.get("version") != _NEWER_FORM:
        return str(event["httpMethod"]), str(event["path"])
    context, path = event["requestContext"], str(event["rawPath"])
    stage = f"/{context.get('stage', '$default')}"
    within = path.removeprefix(stage) if path.startswith(f"{stage}/") else path
    return str(context["http"]["method"]), within


def _gateway_response(response: Response, *, newer: bool) -> dict[str, Any]:
    headers = {
        "Content-Type": response.content_type,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **response.headers,
    }
    if (identity := correlation_id()) is not None:
        headers["X-Request-Id"] = identity
    answer: dict[str, Any] = {"statusCode": response.status, "body": response.body, "isBase64Encoded": False}
    if newer:
        return {**answer, "headers": headers, "cookies": [*response.cookies]}
    several = {name: [value] for name, value in headers.items()}
    return {**answer, "multiValueHeaders": several | ({"Set-Cookie": [*response.cookies]} if response.cookies else {})}


def request_deadline(clock: Clock, rate: float) -> datetime:
    """Return when the current request has to be answered; ``rate``: seconds of the clock in a real second."""
    return clock.now() + timedelta(seconds=REQUEST_SECONDS * rate)
