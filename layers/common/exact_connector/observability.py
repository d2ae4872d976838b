"""Logs and metrics: structured, without bodies, tokens, secrets or personal data."""

from __future__ import annotations

import logging
import re
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import PurePath
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "ExactConnector"
_FRAMES = 25
_CORRELATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/=+-]{2,127}")
_correlation: ContextVar[str | None] = ContextVar("correlation", default=None)

LambdaHandler = Callable[[Any, Any], Any]


@cache
def logger() -> Logger:
    """Return the process's logger; the service name comes from POWERTOOLS_SERVICE_NAME."""
    for noisy in ("httpx", "httpcore", "botocore", "boto3", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return Logger()


@cache
def metrics() -> Metrics:
    """Return the process's metrics (CloudWatch EMF) per service; a tenant as dimension would cost a metric for each."""
    return Metrics(namespace=NAMESPACE)


def count(**values: float) -> None:
    """Add to counters, such as ``count(SyncRows=1000)``; they leave with the invocation's log."""
    for name, value in values.items():
        metrics().add_metric(name, MetricUnit.Count, value)


def instrumented(handler: LambdaHandler) -> LambdaHandler:
    """Return a Lambda handler whose log lines carry the invocation's keys, and whose metrics leave at its end."""

    def handle(event: Any, context: Any) -> Any:
        return handler(event, context)

    logged: LambdaHandler = logger().inject_lambda_context(handle, clear_state=True)
    measured: LambdaHandler = metrics().log_metrics(
        logged, capture_cold_start_metric=True, raise_on_empty_metrics=False
    )
    return measured


def correlation_id() -> str | None:
    """Return the id under which the current request or message is found in logs and stored transitions."""
    return _correlation.get()


@contextmanager
def correlated(*candidates: object) -> Iterator[str]:
    """Give every log line within the block one id: the first candidate of a usable form, else a new one."""
    usable = (text for text in candidates if isinstance(text, str) and _CORRELATION_ID.fullmatch(text))
    identity = next(usable, None) or str(uuid.uuid4())
    token = _correlation.set(identity)
    before = logger().get_correlation_id()
    logger().set_correlation_id(identity)
    try:
        yield identity
    finally:
        _correlation.reset(token)
        logger().set_correlation_id(before)


def trace_of(error: BaseException) -> dict[str, Any]:
    """Return the fields by which a log line describes a fault of ours: the types of the chain of errors, and where.

    Never their messages: those of Python and of libraries quote what was being worked on, such as a customer's name.
    """
    chain = list(_chain(error))
    frames = [frame for each in reversed(chain) for frame in traceback.extract_tb(each.__traceback__)]
    places = [f"{'/'.join(PurePath(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
    return {"errors": [type(each).__qualname__ for each in chain], "trace": places[-_FRAMES:]}


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__
