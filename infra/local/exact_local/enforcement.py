"""Refuses calls of handlers that their roles do not allow, as AWS does; wraps the ASGI application of the local AWS.

A handler signs its calls with the name of its function as access key, so the role is known from the signature: of the
header, or of a signed link that a browser follows. Who signs as ``local`` is this machine's operator and may do all.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from exact_local.links import fault_of_link, is_signed_link, without_signature
from exact_local.permissions import Need, from_json

OPERATOR = "local"
_AS_OPERATOR = b"AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0"
"""A link was judged here; the local AWS looks at headers only to see who calls."""

_OLD_SIGNATURE = "Requests for objects encrypted with AWS KMS keys require AWS Signature Version 4."
PERMISSIONS = "permissions.json"
PERMISSIONS_USED = "permissions-used.json"
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/[^/]+/([a-z0-9-]+)/aws4_request")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Enforcement:
    """Judges every signed call. What was used is written to ``used``, so that a test finds grants that no run needs."""

    def __init__(self, app: Asgi, policies: Path, used: Path) -> None:
        self._app = app
        self._roles, self._judge = from_json(policies.read_text())
        self._used_file = used
        self._used: dict[str, dict[str, list[str]]] = {}
        self._denied: Counter[tuple[str, str, str]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call that is allowed, refuse the others."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string", b"").decode("latin-1")
        if "AWSAccessKeyId=" in query and "Signature=" in query:
            await _answer(send, "s3", _OLD_SIGNATURE)
            return
        caller = signer(headers, query)
        if caller is None or caller[0] == OPERATOR:
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        refusal = self._refusal(caller, scope, headers, body)
        if refusal is None and is_signed_link(query):
            path = scope["raw_path"].decode("latin-1").partition("?")[0]
            refusal = fault_of_link(scope["method"], path, query, headers.get("host", ""), datetime.now(UTC))
            scope = {
                **scope,
                "query_string": without_signature(query).encode(),
                "headers": [*scope["headers"], (b"authorization", _AS_OPERATOR)],
            }
        if refusal is None:
            await self._app(scope, _replayed(body, receive), send)
        else:
            await _answer(send, caller[1], refusal)

    def _refusal(self, caller: tuple[str, str], scope: Scope, headers: Mapping[str, str], body: bytes) -> str | None:
        function, service = caller
        role = self._roles.get(function)
        if role is None:
            return f"The security token of {function} is invalid."
        path, query = scope["raw_path"].decode("latin-1").partition("?")[0], scope["query_string"].decode("latin-1")
        try:
            needs = self._judge.needs(service, scope["method"], path, query, headers.get("x-amz-target", ""), body)
        except (ValueError, KeyError) as error:
            needs = [Need(f"{service}:{headers.get('x-amz-target', scope['method'])}", f"? ({error})")]
        missing = role.missing(needs)
        if missing:
            return self._deny(function, missing[0])
        self._note(function, needs)
        return None

    def _deny(self, function: str, need: Need) -> str:
        self._denied[function, need.action, need.resource] += 1
        if self._denied[function, need.action, need.resource] == 1:
            keys = f" for keys such as {need.leading_keys[0]!r}" if need.leading_keys else ""
            print(
                f"DENIED {function}: its role lacks Allow {need.action} on {need.resource}{keys}",
                file=sys.stderr,
                flush=True,
            )
        return f"User: {function} is not authorized to perform: {need.action} on resource: {need.resource}"

    def _note(self, function: str, needs: list[Need]) -> None:
        known = self._used.setdefault(function, {})
        fresh = [need for need in needs if _shape(need.resource) not in known.get(need.action, [])]
        for need in fresh:
            known.setdefault(need.action, []).append(_shape(need.resource))
        if fresh:
            self._used_file.write_text(json.dumps(self._used, indent=1, sort_keys=True))


def signer(headers: Mapping[str, str], query: str) -> tuple[str, str] | None:
    """Return who signed a call, and for which service; None for a call without a signature."""
    match = _CREDENTIAL.search(headers.get("authorization", ""))
    if match is None:
        credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
        match = _CREDENTIAL.search(f"Credential={credential}")
    return None if match is None else (match[1], match[2])


def _shape(resource: str) -> str:
    """Return a resource without the part that names a tenant's own data, so that the record stays small."""
    service = resource.split(":")[2]
    if service == "s3":
        return resource.partition("/")[0] + ("/*" if "/" in resource else "")
    return re.sub(r"(parameter/[^/]+/tenants/).*", r"\1*", resource)


async def _whole_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _answer(send: Send, service: str, message: str) -> None:
    if service == "s3":
        status, kind = 403, b"application/xml"
        body = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    else:
        status, kind = 400, b"application/x-amz-json-1.1"
        body = json.dumps({"__type": "com.amazonaws.core#AccessDeniedException", "message": message})
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body.encode()})
