"""The product's API handlers behind a small HTTP server on the loopback interface, as API Gateway would call them."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fakes.product import CONTEXT, Product, _function_of


class Gateway(ThreadingHTTPServer):
    """Turns HTTP requests into events of API Gateway (payload form 2.0) and answers back, one at a time."""

    daemon_threads = True

    def __init__(self, product: Product) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.product = product
        self.turn = threading.Lock()

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        event = _event(self.command, parts.path, parts.query, dict(self.headers.items()), body)
        with self.server.turn:
            found = self.server.product._apis[_function_of(parts.path)](event, CONTEXT)
        self._send(found)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

    def _send(self, found: Mapping[str, Any]) -> None:
        body = str(found.get("body") or "").encode()
        self.send_response(found["statusCode"])
        for name, value in found.get("headers", {}).items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and found["statusCode"] not in (204, 304):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


def _event(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        given[name] = f"{given[name]},{value}" if name in given else value
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in headers.items()},
        "queryStringParameters": given,
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "body": text or None,
        "isBase64Encoded": encoded,
    }


@contextmanager
def served(product: Product) -> Iterator[Gateway]:
    """Serve a product for the time of a block."""
    gateway = Gateway(product)
    thread = threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.shutdown()
        gateway.server_close()
        thread.join()
