"""Logs and metrics: structured, without bodies, tokens, secrets or personal data."""

from __future__ import annotations

import logging
from functools import cache

from aws_lambda_powertools import Logger

NAMESPACE = "ExactConnector"


@cache
def logger() -> Logger:
    """Return the process's logger; the service name comes from POWERTOOLS_SERVICE_NAME."""
    for noisy in ("httpx", "httpcore", "botocore", "boto3", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return Logger()
