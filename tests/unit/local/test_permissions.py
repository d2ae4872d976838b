"""What a call needs is what AWS checks for it, and a role covers exactly what its statements grant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exact_local.permissions import Judge, Need, Role, Statement, encrypted_services, from_json, roles_of, to_json
from exact_local.template import load_document

ROOT = Path(__file__).resolve().parents[3]
REGION = "eu-west-1"
TABLE = "arn:aws:dynamodb:eu-west-1:000000000000:table/exact-local-"
DOCUMENT = load_document((ROOT / "template.yaml").read_text())
JUDGE = Judge(REGION, encrypted_services(DOCUMENT, "local", REGION))


def needs(service: str, target: str, body: Any, *, method: str = "POST", path: str = "/", query: str = "") -> set[str]:
    """Return the needs of a call as texts, resources shortened."""
    found = JUDGE.needs(service, method, path, query, f"X.{target}", json.dumps(body).encode())
    return {f"{need.action} {need.resource.rpartition(':')[2]}" for need in found}


KEY = {"Key": {"pk": {"S": "tenant#a"}, "sk": {"S": "profile"}}}


@pytest.mark.parametrize(
    ("service", "target", "body", "expected"),
    [
        pytest.param(
            "dynamodb",
            "GetItem",
            {"TableName": "exact-local-records", **KEY},
            {"dynamodb:GetItem table/exact-local-records"},
            id="a row of a table with AWS's key",
        ),
        pytest.param(
            "dynamodb",
            "GetItem",
            {"TableName": "exact-local-control", **KEY},
            {"dynamodb:GetItem table/exact-local-control", "kms:Decrypt key/*"},
            id="a row of a table with the deployment's key",
        ),
        pytest.param(
            "dynamodb",
            "Query",
            {"TableName": "exact-local-sync", "IndexName": "due"},
            {"dynamodb:Query table/exact-local-sync/index/due"},
            id="an index",
        ),
        pytest.param(
            "dynamodb",
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "exact-local-sync", "Item": KEY["Key"]}},
                    {"ConditionCheck": {"TableName": "exact-local-catalog", **KEY}},
                    {"Delete": {"TableName": "exact-local-records", **KEY}},
                ]
            },
            {
                "dynamodb:PutItem table/exact-local-sync",
                "dynamodb:ConditionCheckItem table/exact-local-catalog",
                "dynamodb:DeleteItem table/exact-local-records",
            },
            id="each action of a transaction",
        ),
        pytest.param(
            "dynamodb",
            "BatchWriteItem",
            {"RequestItems": {"exact-local-records": [{"PutRequest": {"Item": KEY["Key"]}}, {"DeleteRequest": KEY}]}},
            {"dynamodb:BatchWriteItem table/exact-local-records"},
            id="a batch",
        ),
        pytest.param(
            "ssm",
            "GetParameter",
            {"Name": "/local/tenants/a/tokens:3"},
            {"ssm:GetParameter parameter/local/tenants/a/tokens", "kms:Decrypt key/*"},
            id="a version of a parameter",
        ),
        pytest.param(
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "http://127.0.0.1:1/000000000000/exact-local-items"},
            {"sqs:SendMessage exact-local-items"},
            id="messages",
        ),
    ],
)
def test_a_call_needs_what_aws_checks(service: str, target: str, body: Any, expected: set[str]) -> None:
    assert needs(service, target, body) == expected


def test_a_signed_link_to_a_file_needs_the_file_and_the_key() -> None:
    (bucket,) = (arn for arn in encrypted_services(DOCUMENT, "local", REGION) if ":s3:" in arn)
    found = JUDGE.needs("s3", "GET", f"/{bucket.rpartition(':')[2]}/exports/a/1.ndjson.gz", "", "", b"")
    assert [need.action for need in found] == ["s3:GetObject", "kms:Decrypt"]


def test_a_call_of_an_unknown_service_is_not_judged_but_refused() -> None:
    with pytest.raises(ValueError, match="no handler uses"):
        JUDGE.needs("ec2", "POST", "/", "", "DescribeInstances", b"{}")


@pytest.mark.parametrize(
    ("need", "allowed"),
    [
        pytest.param(Need("dynamodb:PutItem", TABLE + "orders", ("outbox#a",)), True, id="a key of the pattern"),
        pytest.param(Need("dynamodb:PutItem", TABLE + "orders", ("outbox#a", "order#a")), False, id="one other key"),
        pytest.param(Need("dynamodb:PutItem", TABLE + "control", ("outbox#a",)), False, id="another table"),
        pytest.param(Need("dynamodb:DeleteItem", TABLE + "orders", ("outbox#a",)), False, id="another action"),
    ],
)
def test_a_statement_covers_action_resource_and_keys(need: Need, *, allowed: bool) -> None:
    role = Role([Statement("p", ("dynamodb:PutItem",), (TABLE + "orders",), ("outbox#*",))])
    assert role.missing([need]) == ([] if allowed else [need])


def test_every_function_of_the_template_has_a_role_that_survives_being_written() -> None:
    roles = roles_of(DOCUMENT, "local", REGION)
    read, _ = from_json(to_json(roles, (), REGION))
    assert len(roles) == 12
    assert {name: role.statements for name, role in read.items()} == {
        name: role.statements for name, role in roles.items()
    }


def test_a_condition_that_cannot_be_judged_is_an_error() -> None:
    document = json.loads(json.dumps(DOCUMENT))
    statement = document["Resources"]["ConnectionPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    statement["Condition"] = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    with pytest.raises(ValueError, match="cannot judge"):
        roles_of(document, "local", REGION)
