"""Errors as RFC 9457 problem documents: the one place that maps an error to an HTTP status."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from exact_connector import errors
from exact_connector.storage.limits import StorageLimitExceeded
from exact_connector.web.http import PROBLEM, BodyTooLarge, MethodNotAllowed, Response
from exact_connector.web.json_text import MalformedBody, write_json

if TYPE_CHECKING:
    from exact_connector.documents.models.problems import Problem, ProblemFault

_STATUS: tuple[tuple[type[errors.ConnectorError], int], ...] = (
    (MalformedBody, 400),
    (MethodNotAllowed, 405),
    (BodyTooLarge, 413),
    (errors.InvalidInput, 422),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.ReauthorizationRequired, 409),
    (errors.NotConnected, 409),
    (errors.ExactRejected, 422),
    (errors.ExactQueryRefused, 502),
    (errors.ExactAnswerUnknown, 502),
    (errors.BudgetExhausted, 503),
    (errors.EndpointParked, 503),
    (errors.ExactUnavailable, 503),
    (errors.TransientError, 503),
    (errors.TenantMisconfigured, 409),
    (errors.ConfigurationError, 500),
    (StorageLimitExceeded, 413),
    (errors.TerminalError, 400),
)


def status_of(error: errors.ConnectorError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(error: errors.ConnectorError, *, now: datetime) -> Response:
    """Return the answer for an error: title, status, stable code, what to do, faults with pointers."""
    status = status_of(error)
    document: Problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "detail": error.message,
    }
    if isinstance(error, errors.InvalidInput) and error.faults:
        document["errors"] = [_fault(fault) for fault in error.faults]
    if isinstance(error, (errors.ExactRejected, errors.ExactQueryRefused)) and error.exact_text:
        document["exact_text"] = error.exact_text
    headers = {}
    if isinstance(error, errors.TransientError) and error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round((error.retry_after - now).total_seconds())))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    return Response(status, write_json(document), PROBLEM, headers)


def _fault(fault: errors.Fault) -> ProblemFault:
    found: ProblemFault = {"pointer": fault.pointer, "code": fault.code, "message": fault.message}
    if fault.key is not None:
        found["key"] = fault.key
    return found


def internal_problem(request_id: str) -> Response:
    """Return the answer for a fault of ours, with the id under which the log has it."""
    document: Problem = {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "code": "INTERNAL",
        "detail": f"Something went wrong on our side. Nothing you sent is to blame; name request {request_id}.",
    }
    return Response(500, write_json(document), PROBLEM)
