"""moto serves the single-threaded checks of the AWS adapters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from exact_connector.aws import clients

MAKERS = (
    clients.dynamodb,
    clients.ssm,
    clients.secretsmanager,
    clients.sqs,
    clients.events,
    clients.s3,
    clients.kms,
)


@pytest.fixture(scope="package")
def fake_clients() -> Iterator[None]:
    """Make the process's clients once for all tests here: making one takes longer than most tests."""
    for maker in MAKERS:
        maker.cache_clear()
    yield
    for maker in MAKERS:
        maker.cache_clear()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, fake_clients: None) -> Iterator[None]:
    """Give a test an empty AWS in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield


@pytest.fixture
def tables(aws: None) -> tuple[str, str]:
    """Create two tables as the template does and return their names."""
    client = clients.dynamodb()
    for name in ("first", "second"):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("pk", "sk", "due_shard", "due_at")
            ],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "due",
                    "KeySchema": [
                        {"AttributeName": "due_shard", "KeyType": "HASH"},
                        {"AttributeName": "due_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
    return "first", "second"
