"""What the logs tell of a fault of ours: where it struck, never what it struck on."""

from __future__ import annotations

import io
import json
import logging

import pytest
from aws_lambda_powertools import Logger

from exact_connector.observability import trace_of
from exact_connector.workers import handle_batch

PERSON = "Evangeline Vossenberg"


def fail() -> None:
    """Fail as code does that meets what it did not expect."""
    try:
        dict[str, str]()[PERSON]
    except KeyError as error:
        raise ValueError(f"{PERSON} has no address") from error


def test_the_types_of_the_whole_chain_and_the_places_are_told_and_no_message() -> None:
    with pytest.raises(ValueError, match="no address") as caught:
        fail()
    told = trace_of(caught.value)

    assert told["errors"] == ["ValueError", "KeyError"]
    assert any(place.startswith("unit/observability/test_trace.py:") and "fail" in place for place in told["trace"])
    assert PERSON not in str(told)


def test_a_chain_that_bites_its_tail_ends() -> None:
    error = ValueError("a")
    error.__cause__ = TypeError("b")
    error.__cause__.__context__ = error

    assert trace_of(error)["errors"] == ["ValueError", "TypeError"]


def test_a_workers_fault_is_logged_without_what_it_worked_on() -> None:
    lines = io.StringIO()
    logger = Logger(service="trace-of-a-worker", logger_handler=logging.StreamHandler(lines))

    def process(_body: object) -> None:
        fail()

    answer = handle_batch({"Records": [{"messageId": "1", "body": "{}"}]}, process, logger)
    told = json.loads(lines.getvalue())

    assert answer["batchItemFailures"] == [{"itemIdentifier": "1"}]
    assert told["errors"] == ["ValueError", "KeyError"]
    assert PERSON not in lines.getvalue()
