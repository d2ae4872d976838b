"""What goes back over HTTP: answers, content negotiation, the two forms of errors, and broken answers on demand."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web

from exact_sandbox.faults import Rule
from exact_sandbox.protocol import atom
from exact_sandbox.protocol.odata import ODataError
from exact_sandbox.protocol.render import error_json
from exact_sandbox.world.store import Row

JSON_TYPE = "application/json"
ATOM_TYPE = "application/atom+xml"
XML_TYPE = "application/xml"

SECURITY_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
"""Headers that were recorded on every answer of Exact (picqer/exact-php-client issue 609)."""

MALFORMED = b"<html><body>Runtime Error</bo"


class Rejected(Exception):
    """A call that is refused before its address is looked at: status, text and headers of the answer."""

    def __init__(
        self, status: int, message: str = "", headers: Mapping[str, str] | None = None, reason: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.reason = reason


@dataclass
class Answer:
    """What goes back: status, body, type, headers, and for reads the stored rows that it shows."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    table: str = ""
    reason: str | None = None
    """The words behind the status, where they are Exact's own."""


def accepted(request: web.Request) -> list[str]:
    """Return the media types of the Accept header without their parameters, in the order given."""
    every = ",".join(request.headers.getall("Accept", []))
    return [part.split(";")[0].strip().lower() for part in every.split(",") if part.strip()]


def wants_atom(request: web.Request) -> bool:
    """Tell whether the answer is Atom (no Accept header, or a fitting one); 415 when neither form is accepted."""
    types = accepted(request)
    for each in types:
        if each == JSON_TYPE:
            return False
        if each in ("*/*", ATOM_TYPE, "application/*"):
            return True
    if types:
        raise ODataError("Unsupported media type requested.", 415)
    return True


def error_answer(request: web.Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Write an error in the form that the caller reads; a 429 has no body."""
    if status == 429:
        return Answer(429, headers=dict(headers or {}))
    types = accepted(request) or ["*/*"]
    if JSON_TYPE not in types and any(each in ("*/*", ATOM_TYPE) for each in types):
        return Answer(status, atom.error(message), XML_TYPE, dict(headers or {}))
    return Answer(status, error_json(message), JSON_TYPE, dict(headers or {}))


def reset(request: web.Request) -> web.Response:
    """Break the connection off with a TCP reset; the response returned is never seen."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=499)


def plain_response(answer: Answer) -> web.Response:
    """Return an answer as a response, whole."""
    return web.Response(status=answer.status, body=answer.body or None, headers=_headers(answer), reason=answer.reason)


def _headers(answer: Answer) -> dict[str, str]:
    if not answer.content_type:
        return dict(answer.headers)
    return {**answer.headers, "Content-Type": f"{answer.content_type};charset=utf-8"}


async def send(request: web.Request, answer: Answer, rules: Sequence[Rule]) -> web.StreamResponse:
    """Send an answer, whole or (by a fault) malformed or cut in half under its full length."""
    kinds = {rule.kind for rule in rules}
    body = MALFORMED if "malform" in kinds else answer.body
    if "truncate" not in kinds:
        return plain_response(replace(answer, body=body))
    headers = {**_headers(answer), "Content-Length": str(len(body))}
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
