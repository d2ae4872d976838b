"""Deploy ``template.yaml`` to the local AWS: made at the first start, updated when it changed, reused otherwise."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError

from exact_local.aws import LocalAws
from exact_local.failures import LocalRunError

_ARTIFACTS = "exact-local-artifacts"
_DEPLOY_SECONDS = 180
# What `sam build` and `sam package` replace by the address of an uploaded archive.
_LOCAL_CODE = re.compile(r"^(\s*(?:CodeUri|ContentUri): )(?!s3:)(\S+)$", re.MULTILINE)


class Deployment(Enum):
    """What a deployment did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack."""

    deployment: Deployment
    outputs: Mapping[str, str]


def packaged(template: str, bucket: str, key: str) -> str:
    """Return the template with its code folders replaced by one uploaded archive."""
    return _LOCAL_CODE.sub(rf"\1s3://{bucket}/{key}", template)


def deploy(aws: LocalAws, name: str, template: str, parameters: Mapping[str, str]) -> Stack:
    """Bring the stack to this template and these parameters. Raises LocalRunError saying why not."""
    cloudformation, url = aws.client("cloudformation"), _upload(aws, template)
    request: dict[str, Any] = {
        "StackName": name,
        "TemplateURL": url,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    existing = _describe(cloudformation, name)
    try:
        if existing is None:
            cloudformation.create_stack(**request, OnFailure="DO_NOTHING")
            deployment = Deployment.CREATED
        else:
            cloudformation.update_stack(**request)
            deployment = Deployment.UPDATED
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise LocalRunError(f"template.yaml is refused: {_text(error)}") from None
        return Stack(Deployment.UNCHANGED, _outputs(existing))
    return Stack(deployment, _outputs(_wait(cloudformation, name)))


def _upload(aws: LocalAws, template: str) -> str:
    s3 = aws.client("s3")
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=_ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    archive = _code_archive()
    code_key = f"code-{hashlib.sha256(archive).hexdigest()[:16]}.zip"
    s3.put_object(Bucket=_ARTIFACTS, Key=code_key, Body=archive)
    text = packaged(template, _ARTIFACTS, code_key)
    s3.put_object(Bucket=_ARTIFACTS, Key="template.yaml", Body=text.encode())
    return f"{aws.url}/{_ARTIFACTS}/template.yaml"


def _code_archive() -> bytes:
    # The handlers run from the checkout, under AWS's runtime client; the archive only stands for them.
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("README", (2020, 1, 1, 0, 0, 0)), "Handlers run from the checkout.\n")
    return buffer.getvalue()


def _describe(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        stacks: list[dict[str, Any]] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return None
    return stacks[0] if stacks and stacks[0]["StackStatus"] != "DELETE_COMPLETE" else None


def _wait(cloudformation: Any, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = _describe(cloudformation, name)
        status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
        if stack and status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return stack
        if not status.endswith("_IN_PROGRESS"):
            raise LocalRunError(f"template.yaml cannot be deployed ({status}): {_reason(cloudformation, name)}")
        time.sleep(0.1)
    raise LocalRunError(f"template.yaml was not deployed within {_DEPLOY_SECONDS} s.")


def _reason(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    # Events come newest first; the first failure is the cause, the others follow from it.
    for event in reversed(failed):
        reason = " ".join(event.get("ResourceStatusReason", "no reason given").split())
        return f"{event['LogicalResourceId']}: {reason}"
    return "no resource says why"


def _outputs(stack: dict[str, Any] | None) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in (stack or {}).get("Outputs", [])}


def _text(error: ClientError) -> str:
    return " ".join(str(error.response.get("Error", {}).get("Message", error)).split())
