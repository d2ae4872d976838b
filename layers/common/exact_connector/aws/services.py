"""The service ports on AWS: parameters, secrets, queues, events and objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from exact_connector.aws import clients
from exact_connector.aws.faults import Decision, decide, error_code, passing_faults
from exact_connector.errors import StoreUnavailable
from exact_connector.observability import correlation_id
from exact_connector.storage.ports import Parameter


class SsmParameters:
    """SSM Parameter Store; secure values are encrypted with the deployment's key."""

    def __init__(self, *, kms_key_id: str | None) -> None:
        self._client = clients.ssm()
        self._kms_key_id = kms_key_id

    def get(self, name: str, *, version: int | None = None) -> Parameter | None:
        """Return the newest (or the named) version, decrypted; None when there is none."""
        selector = name if version is None else f"{name}:{version}"
        with passing_faults("SSM"):
            try:
                answer = self._client.get_parameter(Name=selector, WithDecryption=True)
            except ClientError as error:
                if decide(error) is Decision.ABSENT:
                    return None
                raise
        parameter = answer["Parameter"]
        return Parameter(parameter["Value"], int(parameter["Version"]))

    def put(self, name: str, value: str, *, secure: bool) -> int:
        """Store a new version and return its number."""
        key = {"KeyId": self._kms_key_id} if secure and self._kms_key_id else {}
        with passing_faults("SSM"):
            answer = self._client.put_parameter(
                Name=name,
                Value=value,
                Type="SecureString" if secure else "String",
                Overwrite=True,
                Tier="Intelligent-Tiering",
                **key,  # type: ignore[arg-type]
            )
        return int(answer["Version"])

    def delete(self, name: str) -> None:
        """Remove every version; a missing parameter is no error."""
        with passing_faults("SSM"):
            try:
                self._client.delete_parameter(Name=name)
            except ClientError as error:
                if decide(error) is not Decision.ABSENT:
                    raise


class SecretsManagerSecrets:
    """Secrets Manager, read only."""

    def __init__(self) -> None:
        self._client = clients.secretsmanager()

    def get(self, name: str) -> str | None:
        """Return the current value of a secret, None when there is none."""
        with passing_faults("Secrets Manager"):
            try:
                return self._client.get_secret_value(SecretId=name).get("SecretString")
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return None
                raise


class SqsQueue:
    """One SQS queue; on a standard queue the message group gives each tenant a fair turn."""

    def __init__(self, url: str) -> None:
        self._client = clients.sqs()
        self._url = url

    def send(self, body: Mapping[str, str], *, group: str) -> None:
        """Send one small JSON message."""
        identity = correlation_id()
        attributes: Any = {"correlation_id": {"DataType": "String", "StringValue": identity}} if identity else {}
        with passing_faults("SQS"):
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps(body), MessageGroupId=group, MessageAttributes=attributes
            )


class EventBridgeBus:
    """Outgoing events on the deployment's own bus."""

    def __init__(self, bus: str) -> None:
        self._client = clients.events()
        self._bus = bus

    def publish(self, kind: str, detail: Mapping[str, object]) -> None:
        """Publish one event."""
        entry = {
            "EventBusName": self._bus,
            "Source": "exact-connector",
            "DetailType": kind,
            "Detail": json.dumps(detail, default=str),
        }
        with passing_faults("EventBridge"):
            answer = self._client.put_events(Entries=[entry])  # type: ignore[list-item]
        if answer.get("FailedEntryCount"):
            raise StoreUnavailable("EventBridge did not take an event; it is published again later.")


class S3Blobs:
    """One S3 bucket."""

    def __init__(self, bucket: str) -> None:
        self._client = clients.s3()
        self._bucket = bucket

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Store a whole object."""
        with passing_faults("S3"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def get(self, key: str) -> bytes | None:
        """Return an object's bytes, None when absent."""
        with passing_faults("S3"):
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as error:
                if decide(error) is Decision.ABSENT:
                    return None
                raise

    def delete_prefix(self, prefix: str) -> int:
        """Remove every object below a prefix and return how many."""
        count = 0
        with passing_faults("S3"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                for entry in page.get("Contents", []):
                    self._client.delete_object(Bucket=self._bucket, Key=entry["Key"])
                    count += 1
        return count

    def signed_url(self, key: str, *, seconds: int, filename: str | None = None) -> str:
        """Return a link that fetches the object without credentials for that long."""
        arguments = {"Bucket": self._bucket, "Key": key}
        if filename is not None:
            arguments["ResponseContentDisposition"] = f'attachment; filename="{filename}"'
        return self._client.generate_presigned_url("get_object", Params=arguments, ExpiresIn=seconds)
