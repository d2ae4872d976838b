"""The service ports on AWS."""

from __future__ import annotations

import json

import boto3
import pytest

from exact_connector.aws.services import EventBridgeBus, S3Blobs, SecretsManagerSecrets, SqsQueue, SsmParameters
from exact_connector.errors import StoreUnavailable


@pytest.mark.usefixtures("aws")
def test_a_parameter_keeps_its_versions() -> None:
    parameters = SsmParameters(kms_key_id=None)
    assert parameters.get("/t/a") is None
    first = parameters.put("/t/a", "one", secure=True)
    second = parameters.put("/t/a", "two", secure=True)
    newest, oldest = parameters.get("/t/a"), parameters.get("/t/a", version=first)
    assert newest is not None
    assert (newest.value, newest.version) == ("two", second)
    assert oldest is not None
    assert oldest.value == "one"
    parameters.delete("/t/a")
    parameters.delete("/t/a")
    assert parameters.get("/t/a") is None


@pytest.mark.usefixtures("aws")
def test_a_secret_is_read_and_a_missing_one_is_none() -> None:
    boto3.client("secretsmanager").create_secret(Name="app", SecretString="value")
    secrets = SecretsManagerSecrets()
    assert secrets.get("app") == "value"
    assert secrets.get("other") is None


@pytest.mark.usefixtures("aws")
def test_a_message_reaches_the_queue_with_its_tenant_as_group() -> None:
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="work")["QueueUrl"]
    SqsQueue(url).send({"tenant": "t1"}, group="t1")
    (message,) = client.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"tenant": "t1"}


@pytest.mark.usefixtures("aws")
def test_an_event_is_published_on_the_bus() -> None:
    boto3.client("events").create_event_bus(Name="connector")
    EventBridgeBus("connector").publish("order.submitted", {"order_id": "1"})


@pytest.mark.usefixtures("aws")
def test_objects_are_stored_read_linked_and_removed_by_prefix() -> None:
    boto3.client("s3").create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    blobs = S3Blobs("assets")
    blobs.put("t1/a.png", b"x", content_type="image/png")
    blobs.put("t2/b.png", b"y", content_type="image/png")
    assert blobs.get("t1/a.png") == b"x"
    assert blobs.get("t1/none") is None
    assert "t1/a.png" in blobs.signed_url("t1/a.png", seconds=60, filename="a.png")
    assert blobs.delete_prefix("t1/") == 1
    assert blobs.get("t2/b.png") == b"y"


def test_an_aws_that_does_not_answer_is_a_passing_fault(monkeypatch: pytest.MonkeyPatch, unused_port: int) -> None:
    from exact_connector.aws import clients

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused_port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    clients.ssm.cache_clear()
    with pytest.raises(StoreUnavailable, match="SSM did not answer"):
        SsmParameters(kms_key_id=None).get("/t/a")
    clients.ssm.cache_clear()


@pytest.fixture
def unused_port() -> int:
    """Return a loopback port on which no one listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
