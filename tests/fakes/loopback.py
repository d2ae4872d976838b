"""A loopback server that writes the exact bytes a test wants, connection by connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


class Wire:
    """Where the server listens, and what it has received."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.requests: list[bytes] = []
        self.connections = 0


@contextmanager
def serving(*answers: bytes | Callable[[socket.socket], None]) -> Iterator[Wire]:
    """Serve one answer per request, over as few connections as the client opens; then close."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)
    wire = Wire(listener.getsockname()[1])
    thread = threading.Thread(target=_serve, args=(listener, wire, list(answers)))
    thread.start()
    try:
        yield wire
    finally:
        listener.close()
        thread.join(5)


def _serve(listener: socket.socket, wire: Wire, answers: Sequence[bytes | Callable[[socket.socket], None]]) -> None:
    left = list(answers)
    while left:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        wire.connections += 1
        with connection:
            connection.settimeout(5)
            while left:
                try:
                    request = _receive(connection)
                except OSError:
                    break
                if not request:
                    break
                wire.requests.append(request)
                answer = left.pop(0)
                if callable(answer):
                    answer(connection)
                    break
                connection.sendall(answer)


def _receive(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, *, status: str = "200 OK", headers: str = "", length: int | None = None) -> bytes:
    """Return the bytes of an HTTP answer; ``length`` may lie about the body."""
    said = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {said}\r\n{headers}\r\n".encode() + body
