"""Queue workers: the one place that turns the outcome of a message into SQS's partial batch answer.

The due row is the truth and a message only a hint, so what cannot be done now is acknowledged: its row stays due and
the dispatcher sends it again. Only where even the row could not be written (an AWS service is away) or a fault of ours
struck does the message go back, and after some receives to the dead letters, where an alarm waits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from exact_connector.clock import Clock
from exact_connector.errors import ConnectorError, StoreUnavailable
from exact_connector.observability import correlated, count, trace_of

SAFETY_SECONDS = 10.0
"""Kept free at the end of an invocation, so that a chunk always ends by itself."""


class LambdaContext(Protocol):
    """What a worker asks of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still run, in real milliseconds."""
        ...


def deadline(clock: Clock, context: LambdaContext, *, rate: float = 1.0) -> datetime:
    """Return the moment of ``clock`` by which work must end, a margin before Lambda ends the invocation."""
    seconds = max(0.0, context.get_remaining_time_in_millis() / 1000 - SAFETY_SECONDS)
    return clock.now() + timedelta(seconds=seconds * rate)


def handle_batch(
    event: Mapping[str, Any], process: Callable[[Mapping[str, str]], None], logger: Logger
) -> dict[str, list[dict[str, str]]]:
    """Process every message and name those that SQS shall deliver again."""
    failures = []
    for record in event.get("Records", []):
        if not _processed(record, process, logger):
            failures.append({"itemIdentifier": str(record["messageId"])})
    return {"batchItemFailures": failures}


def _processed(record: Mapping[str, Any], process: Callable[[Mapping[str, str]], None], logger: Logger) -> bool:
    try:
        body = json.loads(record["body"])
    except ValueError:
        logger.error("a message that is not JSON was dropped", message_id=record.get("messageId"))
        count(MessagesDropped=1)
        return True
    with correlated(_sender_id(record), record.get("messageId")):
        try:
            process(body)
        except StoreUnavailable as error:
            logger.warning("a message goes back to its queue", code=error.code, reason=error.message)
            count(MessagesReturned=1)
            return False
        except ConnectorError as error:
            logger.info("a message could not be carried out now; its due row remains", code=error.code)
            count(MessagesPostponed=1)
            return True
        except Exception as error:
            logger.error("a message failed by a fault of ours", **trace_of(error))
            count(Faults=1)
            return False
    return True


def _sender_id(record: Mapping[str, Any]) -> object:
    """Return the correlation id of the request that sent a message, where it had one."""
    attribute = (record.get("messageAttributes") or {}).get("correlation_id") or {}
    return attribute.get("stringValue")
