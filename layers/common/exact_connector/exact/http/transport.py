"""Send HTTP requests to Exact over one pooled client and read each answer whole or not at all.

Nothing here knows Exact's meaning of a status: an answer is any complete HTTP answer. What is not a complete answer
is ``ExactUnavailable``, with ``sent=False`` only where the request provably never left this machine.
"""

from __future__ import annotations

import functools
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from exact_connector.errors import ExactUnavailable

JSON_BODY_LIMIT = 40 * 1024 * 1024
"""Bytes of a decoded answer; Exact's own messages end at 38 MB."""

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request: ``timeout`` is the longest silence and ``total`` the longest whole duration, in real seconds."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeout: float = 30.0
    total: float = 120.0
    body_limit: int = JSON_BODY_LIMIT


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One complete answer: header names in lower case, the body decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class HttpSender(Protocol):
    """Sends one request; replaced in tests by small fakes of Exact."""

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Return the complete answer, whatever its status; raises ExactUnavailable."""
        ...


class HttpxSender:
    """The sender over ``httpx``: pooled keep-alive connections, gzip, no redirects, no proxies of the environment."""

    def __init__(
        self,
        client: httpx.Client | None = None,
        *,
        connections: int = 10,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client or httpx.Client(
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(
                max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30.0
            ),
        )
        self._monotonic = monotonic

    def send(self, request: HttpRequest) -> HttpAnswer:
        """Send and read the whole answer; raises ExactUnavailable for anything less."""
        until = self._monotonic() + request.total
        try:
            with self._client.stream(
                request.method,
                request.url,
                headers={"Accept-Encoding": "gzip", **request.headers},
                content=request.body,
                timeout=httpx.Timeout(request.timeout, connect=min(10.0, request.timeout)),
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = _read(response.iter_raw(), headers, request, until, self._monotonic)
                return HttpAnswer(response.status_code, headers, body)
        except _NEVER_SENT as error:
            raise ExactUnavailable(
                f"{describe(request)} could not be sent ({type(error).__name__}); it is tried again later", sent=False
            ) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ExactUnavailable(
                f"{describe(request)} got no complete answer ({type(error).__name__}); whether Exact acted is not known"
            ) from error

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.close()


@functools.cache
def process_sender() -> HttpxSender:
    """Return the one sender, so the one connection pool, of this process."""
    return HttpxSender()


def describe(request: HttpRequest) -> str:
    """Name a request in a message by method, host and path; never its query, which may hold a person's data."""
    parts = urlsplit(request.url)
    return f"{request.method} {parts.hostname}{parts.path}"


def _read(
    chunks: Iterable[bytes],
    headers: Mapping[str, str],
    request: HttpRequest,
    until: float,
    monotonic: Callable[[], float],
) -> bytes:
    decode = _decoder(headers.get("content-encoding", "identity").strip().lower(), request)
    body = bytearray()
    for chunk in chunks:
        body += decode.feed(chunk, request.body_limit + 1 - len(body))
        if len(body) > request.body_limit:
            raise ExactUnavailable(
                f"the answer to {describe(request)} is larger than {request.body_limit} bytes and was dropped"
            )
        if monotonic() > until:
            raise ExactUnavailable(f"the answer to {describe(request)} took longer than {request.total:g} s")
    if not decode.complete():
        raise ExactUnavailable(f"the answer to {describe(request)} ended early: its compressed body is cut off")
    return bytes(body)


class _Plain:
    def feed(self, chunk: bytes, room: int) -> bytes:
        return chunk[:room]

    def complete(self) -> bool:
        return True


class _Gzip:
    """Inflates with a limit, and knows whether the end of the stream was seen (httpx itself does not say)."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP)
        self._any = False

    def feed(self, chunk: bytes, room: int) -> bytes:
        self._any = self._any or bool(chunk)
        try:
            return self._inflate.decompress(chunk, max(room, 1))
        except zlib.error as error:
            raise ExactUnavailable("the compressed body of an answer is damaged; it is read again") from error

    def complete(self) -> bool:
        return not self._any or self._inflate.eof


def _decoder(encoding: str, request: HttpRequest) -> _Plain | _Gzip:
    if encoding in ("identity", ""):
        return _Plain()
    if encoding in ("gzip", "x-gzip"):
        return _Gzip()
    raise ExactUnavailable(f"the answer to {describe(request)} came in the encoding {encoding!r}, only gzip was asked")
