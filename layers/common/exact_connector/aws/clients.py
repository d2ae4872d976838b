"""boto3 clients with time-outs that fit a Lambda function, made once per process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from exact_connector.errors import StoreUnavailable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_kms import KMSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient
    from types_boto3_ssm import SSMClient

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=20,
    tcp_keepalive=True,
    # Our own types are checked by mypy; botocore's check of every value costs half of writing a batch.
    parameter_validation=False,
)

_PASSING_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
        "TransactionInProgressException",
    }
)


@cache
def dynamodb() -> DynamoDBClient:
    """Return the process's DynamoDB client."""
    return boto3.client("dynamodb", config=_CONFIG)


@cache
def ssm() -> SSMClient:
    """Return the process's Systems Manager client."""
    return boto3.client("ssm", config=_CONFIG)


@cache
def secretsmanager() -> SecretsManagerClient:
    """Return the process's Secrets Manager client."""
    return boto3.client("secretsmanager", config=_CONFIG)


@cache
def sqs() -> SQSClient:
    """Return the process's SQS client."""
    return boto3.client("sqs", config=_CONFIG)


@cache
def events() -> EventBridgeClient:
    """Return the process's EventBridge client."""
    return boto3.client("events", config=_CONFIG)


@cache
def s3() -> S3Client:
    """Return the process's S3 client."""
    return boto3.client("s3", config=_CONFIG.merge(Config(s3={"addressing_style": "path"})))


@cache
def kms() -> KMSClient:
    """Return the process's KMS client."""
    return boto3.client("kms", config=_CONFIG)


def error_code(error: ClientError) -> str:
    """Return the code of an error that an AWS service answered."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def passing_faults(service: str) -> Iterator[None]:
    """Turn time-outs, refused connections and throttling of an AWS service into StoreUnavailable."""
    try:
        yield
    except ClientError as error:
        code = error_code(error)
        if code in _PASSING_CODES:
            raise StoreUnavailable(f"{service} is busy ({code}); the work is tried again later.") from error
        raise
    except BotoCoreError as error:
        kind = type(error).__name__
        raise StoreUnavailable(f"{service} did not answer ({kind}); the work is tried again later.") from error


def reasons(error: ClientError) -> list[dict[str, Any]]:
    """Return the reasons of a cancelled transaction, one per action."""
    response: Any = error.response
    return list(response.get("CancellationReasons", []))
