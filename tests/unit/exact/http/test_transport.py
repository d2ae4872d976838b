"""Sending over the wire: an answer is whole or it is none, and what never left is known."""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import Iterator

import pytest

from exact_connector.errors import ExactUnavailable
from exact_connector.exact.http.transport import HttpRequest, HttpxSender, describe, process_sender
from fakes.loopback import answer, serving


@pytest.fixture
def sender() -> Iterator[HttpxSender]:
    sender = HttpxSender()
    yield sender
    sender.close()


def get(base: str, body_limit: int = 10_000) -> HttpRequest:
    return HttpRequest(
        "GET", base + "/api/v1/1/crm/Accounts?$filter=Name%20eq%20'Jansen'", {}, timeout=5, body_limit=body_limit
    )


def test_an_answer_carries_status_headers_in_lower_case_and_body(sender: HttpxSender) -> None:
    with serving(answer(b"{}", status="404 Not Found", headers="X-RateLimit-Limit: 5000\r\n")) as wire:
        found = sender.send(get(wire.base))
    assert (found.status, found.headers["x-ratelimit-limit"], found.body) == (404, "5000", b"{}")


def test_a_post_arrives_with_its_headers_and_body(sender: HttpxSender) -> None:
    with serving(answer(b"", status="204 No Content")) as wire:
        sender.send(HttpRequest("POST", wire.base + "/x", {"Authorization": "Bearer t"}, b"body", timeout=5))
    (request,) = wire.requests
    assert request.startswith(b"POST /x ")
    assert b"authorization: bearer t" in request.lower()
    assert request.endswith(b"\r\n\r\nbody")


def test_gzip_is_asked_for_and_inflated(sender: HttpxSender) -> None:
    packed = gzip.compress(b'{"d":[]}')
    with serving(answer(packed, headers="Content-Encoding: gzip\r\n")) as wire:
        assert sender.send(get(wire.base)).body == b'{"d":[]}'
    assert b"accept-encoding: gzip\r\n" in wire.requests[0].lower()


def test_calls_share_one_connection(sender: HttpxSender) -> None:
    with serving(answer(b"1"), answer(b"2"), answer(b"3")) as wire:
        assert [sender.send(get(wire.base)).body for _ in range(3)] == [b"1", b"2", b"3"]
    assert wire.connections == 1


def test_a_process_has_one_sender() -> None:
    assert process_sender() is process_sender()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(answer(b"half", length=8), id="a body shorter than announced"),
        pytest.param(
            answer(gzip.compress(bytes(range(256)))[:-12], headers="Content-Encoding: gzip\r\n"), id="a cut gzip body"
        ),
        pytest.param(answer(b"not gzip", headers="Content-Encoding: gzip\r\n"), id="a damaged gzip body"),
        pytest.param(answer(b"?", headers="Content-Encoding: br\r\n"), id="an encoding that was not asked for"),
        pytest.param(answer(b"x" * 2001), id="a body over the limit"),
        pytest.param(answer(gzip.compress(b"x" * 900_000), headers="Content-Encoding: gzip\r\n"), id="a gzip bomb"),
        pytest.param(b"HTTP/1.1 nonsense\r\n\r\n", id="no HTTP at all"),
        pytest.param(b"", id="a connection closed without an answer"),
    ],
)
def test_what_is_no_whole_answer_is_unavailable_and_may_have_been_carried_out(
    wrong: bytes, sender: HttpxSender
) -> None:
    def write(connection: socket.socket) -> None:
        connection.sendall(wrong)

    with serving(write) as wire, pytest.raises(ExactUnavailable) as caught:
        sender.send(get(wire.base, body_limit=2000))
    assert caught.value.sent is True


def test_a_reset_connection_leaves_doubt(sender: HttpxSender) -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(reset) as wire, pytest.raises(ExactUnavailable) as caught:
        sender.send(get(wire.base))
    assert caught.value.sent is True


def test_a_refused_connection_is_known_not_to_have_been_sent(sender: HttpxSender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ExactUnavailable) as caught:
        sender.send(get(f"http://127.0.0.1:{port}"))
    assert caught.value.sent is False


def test_a_silent_server_is_given_up_on(sender: HttpxSender) -> None:
    def silent(connection: socket.socket) -> None:
        connection.recv(1)

    with serving(silent) as wire, pytest.raises(ExactUnavailable, match="ReadTimeout") as caught:
        sender.send(HttpRequest("GET", wire.base + "/x", timeout=0.05))
    assert caught.value.sent is True


def test_a_trickling_answer_is_given_up_on_after_its_whole_time() -> None:
    ticks = iter(range(0, 1000, 70))
    sender = HttpxSender(monotonic=lambda: float(next(ticks)))
    with serving(answer(b"slow")) as wire, pytest.raises(ExactUnavailable, match="longer than 60 s"):
        sender.send(HttpRequest("GET", wire.base + "/x", timeout=5, total=60))
    sender.close()


def test_redirects_are_not_followed(sender: HttpxSender) -> None:
    with serving(answer(b"", status="302 Found", headers="Location: https://elsewhere.example/\r\n")) as wire:
        assert sender.send(get(wire.base)).status == 302


def test_messages_name_a_request_without_its_query() -> None:
    assert describe(get("https://start.exactonline.nl")) == "GET start.exactonline.nl/api/v1/1/crm/Accounts"


def test_secrets_do_not_show_in_the_repr_of_a_request() -> None:
    shown = repr(HttpRequest("POST", "https://x/y", {"Authorization": "Bearer abc"}, b"client_secret=def"))
    assert "abc" not in shown
    assert "def" not in shown
