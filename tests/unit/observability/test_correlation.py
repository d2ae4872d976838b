"""One id leads from a request or message to its log lines, its answer and the messages that it sends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from exact_connector.errors import NotConnected
from exact_connector.observability import correlated, correlation_id, count, instrumented, logger
from exact_connector.web.api import Api
from exact_connector.web.auth import Authenticator
from exact_connector.web.http import Request, Response
from exact_connector.web.routes import Answer, Route
from exact_connector.workers import handle_batch
from fakes.clocks import ManualClock

GIVEN = "shop-7f3a9c21"
CONTEXT = SimpleNamespace(
    aws_request_id="11111111-2222-3333-4444-555555555555",
    function_name="test",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-central-1:1:function:test",
)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    stream = io.StringIO()
    monkeypatch.setattr(logger().registered_handler, "stream", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def api(handler: Callable[[Request], Response]) -> Api:
    route = Route("GET", "/v1/thing", "thing", "Thing.", "things", None, handler, {200: Answer("It.")})
    nothing = SimpleNamespace(find=lambda _: None)
    return Api(
        [route], Authenticator(nothing, lambda: None, None), ManualClock(), logger(), tenant_exists=lambda _: True
    )


def event(**headers: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawPath": "/v1/thing",
        "headers": headers,
        "requestContext": {
            "http": {"method": "GET", "path": "/v1/thing"},
            "stage": "$default",
            "requestId": "gate=way1",
        },
    }


def refuse(_request: Request) -> Response:
    raise NotConnected("The tenant is not linked.")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"X-Request-Id": GIVEN}, GIVEN, id="of the client"),
        pytest.param({}, "gate=way1", id="of the gateway"),
        pytest.param({"x-request-id": "a b\nc" * 9}, CONTEXT.aws_request_id, id="of the invocation"),
    ],
)
def test_an_answer_and_the_log_of_its_refusal_carry_one_id(
    lines: Callable[[], list[dict[str, Any]]], headers: dict[str, str], expected: str
) -> None:
    answer = api(refuse)(event(**headers), CONTEXT)

    assert answer["statusCode"] == 409
    assert answer["headers"]["X-Request-Id"] == expected
    (line,) = lines()
    assert (line["message"], line["correlation_id"]) == ("a request was refused", expected)


def test_a_fault_of_ours_names_the_id_in_its_answer_and_in_the_log(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    def fail(_request: Request) -> Response:
        raise ZeroDivisionError

    answer = api(fail)(event(**{"x-request-id": GIVEN}), CONTEXT)

    assert GIVEN in json.loads(answer["body"])["detail"]
    assert [line["correlation_id"] for line in lines()] == [GIVEN]


def test_a_message_is_worked_on_under_the_id_of_the_request_that_sent_it(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    seen: list[str | None] = []

    def process(_body: object) -> None:
        seen.append(correlation_id())
        logger().info("worked")

    sent = {"messageAttributes": {"correlation_id": {"stringValue": GIVEN, "dataType": "String"}}}
    records = [{"messageId": "message-1", "body": "{}", **sent}, {"messageId": "message-2", "body": "{}"}]
    handle_batch({"Records": records}, process, logger())

    assert seen == [GIVEN, "message-2"]
    assert [line["correlation_id"] for line in lines()] == [GIVEN, "message-2"]


def test_an_id_ends_with_its_block() -> None:
    with correlated("outer-block"):
        with correlated("inner-block"):
            assert correlation_id() == "inner-block"
        assert correlation_id() == "outer-block"
    assert correlation_id() is None


def test_metrics_leave_with_the_invocation_and_name_the_service_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_event: object, _context: object) -> str:
        count(SyncRows=1000, SyncDocuments=3)
        return "done"

    assert instrumented(work)({}, CONTEXT) == "done"

    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    counted = next(each for each in written if "SyncRows" in each)
    (directive,) = counted["_aws"]["CloudWatchMetrics"]
    assert counted["SyncRows"] == [1000.0]
    assert directive["Namespace"] == "ExactConnector"
    assert directive["Dimensions"] in ([[]], [["service"]])
