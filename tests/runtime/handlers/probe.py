"""Handlers with which the local runtime is tested: each does what its event says."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from typing import Any

if os.environ.get("BREAK_AT_INIT"):
    raise RuntimeError("no settings today")


def handler(event: dict[str, Any], context: Any) -> Any:
    """Do one of the things that handlers do, well or badly."""
    match event.get("do"):
        case "echo":
            return {"event": event, "pid": os.getpid(), "python": sys.executable}
        case "left":
            return context.get_remaining_time_in_millis()
        case "raise":
            raise ValueError("this order has no lines")
        case "exit":
            os._exit(7)
        case "hang":
            time.sleep(600)
        case "meet":
            return _meet(event)
        case "call":
            return _call(event)
        case "large":
            return "x" * int(event["size"])
        case _:
            return _http(event)
    return None


def _meet(event: dict[str, Any]) -> str:
    """Return once two processes are in here at the same time: each waits for the other's file."""
    for name in event["files"]:
        if name.endswith(event["mine"]):
            os.close(os.open(name, os.O_CREAT))
    while not all(os.path.exists(name) for name in event["files"]):
        time.sleep(0.01)
    return "met"


def _http(event: dict[str, Any]) -> dict[str, Any]:
    if "requestContext" not in event:
        return _queue(event)
    path = event["rawPath"]
    if path == "/oauth/redirect":
        return {"statusCode": 302, "headers": {"location": "/console?ExactOnlineCallback=True"}}
    if path == "/v1/picture":
        return {
            "statusCode": 200,
            "headers": {"content-type": "image/png"},
            "body": base64.b64encode(bytes(range(256))).decode(),
            "isBase64Encoded": True,
        }
    if path.startswith("/v1/tenants/") and event["requestContext"]["http"]["method"] == "PUT":
        _table().put_item(Item={"pk": "probe", "sk": path, "body": event["body"]})
        return {"statusCode": 204}
    if path.startswith("/v1/tenants/"):
        item = _table().get_item(Key={"pk": "probe", "sk": path}, ConsistentRead=True).get("Item", {})
        return {"statusCode": 200 if item else 404, "body": item.get("body", "")}
    answer = {
        "path": path,
        "query": event["rawQueryString"],
        "headers": event["headers"],
        "function": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
    }
    return {"statusCode": 200, "cookies": ["a=1", "b=2"], "body": json.dumps(answer)}


def _queue(event: dict[str, Any]) -> dict[str, Any]:
    """Pass each message on to the queue that it names; a message that says so has failed."""
    import boto3

    failures = []
    for record in event.get("Records", []):
        message = json.loads(record["body"])
        if message.get("fail"):
            failures.append({"itemIdentifier": record["messageId"]})
        # The queue of the answers is the test's own, so this is sent as the operator of the machine.
        sqs = boto3.client("sqs", aws_access_key_id="local", aws_secret_access_key="local")
        sqs.send_message(QueueUrl=message["answer_to"], MessageBody=record["body"])
    return {"batchItemFailures": failures}


def _call(event: dict[str, Any]) -> str:
    """Make one AWS call with the function's own role; return its error code or "done"."""
    import boto3
    from botocore.exceptions import ClientError

    try:
        getattr(boto3.client(event["service"]), event["operation"])(**event["arguments"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def _table() -> Any:
    import boto3

    return boto3.resource("dynamodb").Table(os.environ["CONTROL_TABLE"])
