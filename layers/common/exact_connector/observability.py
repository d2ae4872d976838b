"""Logs and metrics: structured, without bodies, tokens, secrets or personal data."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath
from typing import Any

from aws_lambda_powertools import Logger

NAMESPACE = "ExactConnector"
_FRAMES = 25


@cache
def logger() -> Logger:
    """Return the process's logger; the service name comes from POWERTOOLS_SERVICE_NAME."""
    for noisy in ("httpx", "httpcore", "botocore", "boto3", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return Logger()


def trace_of(error: BaseException) -> dict[str, Any]:
    """Return the fields by which a log line tells of a fault of ours: the types of the chain of errors, and where.

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
