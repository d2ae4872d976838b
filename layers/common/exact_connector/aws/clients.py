"""boto3 clients with time-outs that fit a Lambda function, made once per process."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

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
    """Return the process's S3 client.

    Links are signed with Signature Version 4 in every region. In the oldest regions botocore still takes version 2 for
    links, which S3 refuses for objects that are encrypted with a KMS key.
    """
    return boto3.client("s3", config=_CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "path"})))


@cache
def kms() -> KMSClient:
    """Return the process's KMS client."""
    return boto3.client("kms", config=_CONFIG)
