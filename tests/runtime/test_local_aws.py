"""The template on the local AWS: served, scheduled, kept over a hard kill, and what the local AWS leaves out."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exact_local.aws import LocalAws, prepare_environment
from exact_local.permissions import to_json
from exact_local.state import StateFolder
from runtime.conftest import ROOT, LoopThread
from runtime.product import Product, probes

pytestmark = pytest.mark.slow

NO_ROLES = to_json({}, (), "eu-west-1")
ROW = {"pk": {"S": "tenant#a"}, "sk": {"S": "profile"}}


@pytest.fixture(scope="module")
def product(
    loop: LoopThread, checkout: Path, tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]
) -> Iterator[Product]:
    with Product(loop, probes(checkout, tmp_path_factory.mktemp("state"), free_port())) as product:
        yield product


@pytest.mark.parametrize(
    ("method", "path", "function"),
    [
        pytest.param("GET", "/health", "tenant-api", id="health"),
        pytest.param("GET", "/oauth/start", "oauth-callback", id="start of the consent"),
        pytest.param("GET", "/oauth/callback", "oauth-callback", id="callback"),
        pytest.param("GET", "/v1/tenants", "tenant-api", id="tenants"),
        pytest.param("POST", "/v1/tenants/a/sync/items", "tenant-api", id="start of a sync"),
        pytest.param("GET", "/v1/settings/schema", "tenant-api", id="schema of the settings"),
        pytest.param("POST", "/v1/orders", "submit-order", id="orders"),
        pytest.param("POST", "/v1/orders/1/resend", "submit-order", id="one order"),
        pytest.param("POST", "/v1/purchase-orders", "submit-order", id="purchase orders"),
        pytest.param("POST", "/v1/webhooks/exact/a", "receive-webhook", id="webhook"),
        pytest.param("GET", "/v1/items/A-1", "catalog-api", id="an item"),
        pytest.param("GET", "/v1/changes", "catalog-api", id="feed"),
        pytest.param("GET", "/console", "console", id="console"),
        pytest.param("GET", "/console/tenants/a", "console", id="page of the console"),
    ],
)
def test_an_address_reaches_its_function(product: Product, method: str, path: str, function: str) -> None:
    # A tenant's own address is what the probe uses as a store.
    if path.startswith("/v1/tenants/"):
        assert product.http.request(method, path).status_code == 404
        return
    answer = product.http.request(method, path)
    assert (answer.status_code, answer.json()["function"]) == (200, f"exact-local-{function}")


def test_an_unknown_address_is_not_found(product: Product) -> None:
    assert product.http.get("/v2/items").status_code == 404


def test_query_headers_and_encoded_paths_arrive_as_sent(product: Product) -> None:
    answer = product.http.get("/v1/items/A%2F1?code=abc%21x&kind=a&kind=b", headers={"Authorization": "Bearer k"})
    seen = answer.json()
    assert seen["query"] == "code=abc%21x&kind=a&kind=b"
    assert seen["headers"]["authorization"] == "Bearer k"
    assert seen["headers"]["x-forwarded-host"] == f"127.0.0.1:{product.options.port}"


def test_a_redirect_stays_on_the_front_address(product: Product) -> None:
    answer = product.http.get("/oauth/redirect")
    assert (answer.status_code, answer.headers["location"]) == (302, "/console?ExactOnlineCallback=True")


def test_each_cookie_has_a_line_of_its_own(product: Product) -> None:
    assert product.http.get("/health").headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_bytes_arrive_as_bytes(product: Product) -> None:
    answer = product.http.get("/v1/picture")
    assert (answer.headers["content-type"], answer.content) == ("image/png", bytes(range(256)))


@pytest.mark.parametrize(
    ("function", "service", "operation", "arguments", "answer"),
    [
        pytest.param(
            "console", "dynamodb", "get_item", {"TableName": "exact-local-control", "Key": ROW}, "done", id="granted"
        ),
        pytest.param(
            "sync-items",
            "dynamodb",
            "get_item",
            {"TableName": "exact-local-orders", "Key": ROW},
            "AccessDeniedException",
            id="another table",
        ),
        pytest.param(
            "sync-items",
            "dynamodb",
            "scan",
            {"TableName": "exact-local-control"},
            "AccessDeniedException",
            id="another action",
        ),
        pytest.param(
            "sync-items",
            "ssm",
            "get_parameter",
            {"Name": "/prod/tenants/a/tokens"},
            "AccessDeniedException",
            id="a parameter of another stage",
        ),
        pytest.param(
            "sync-items",
            "s3",
            "put_object",
            {"Bucket": "exact-local-artifacts", "Key": "code.zip", "Body": b"x"},
            "AccessDenied",
            id="another bucket",
        ),
    ],
)
def test_a_handler_may_do_what_its_role_grants_and_nothing_else(
    product: Product, function: str, service: str, operation: str, arguments: dict[str, Any], answer: str
) -> None:
    event = {"do": "call", "service": service, "operation": operation, "arguments": arguments}
    payload = json.dumps(event, default=lambda value: value.decode()).encode()
    done = product.client("lambda").invoke(FunctionName=f"exact-local-{function}", Payload=payload)
    assert json.loads(done["Payload"].read()) == answer


def test_a_message_reaches_its_worker_and_a_failed_one_comes_back(product: Product) -> None:
    sqs = product.client("sqs")
    queue = sqs.get_queue_url(QueueName="exact-local-items")["QueueUrl"]
    answers = sqs.create_queue(QueueName="answers")["QueueUrl"]
    for fail in (False, True):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"answer_to": answers, "fail": fail}))
    seen: list[bool] = []
    while len(seen) < 2:
        received = sqs.receive_message(QueueUrl=answers, WaitTimeSeconds=10, MaxNumberOfMessages=10)["Messages"]
        seen += [json.loads(message["Body"])["fail"] for message in received]
    assert sorted(seen) == [False, True]
    # The one that failed is still there, out of sight until its time is over.
    left = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert int(left["ApproximateNumberOfMessages"]) + int(left["ApproximateNumberOfMessagesNotVisible"]) == 1


def test_the_dispatcher_is_scheduled(product: Product) -> None:
    rule = product.client("events").describe_rule(Name="exact-local-dispatch-sync")
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")


def test_the_operator_key_is_made_by_the_deployment(product: Product) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]{48}", product.running.operator_key)


def test_what_the_local_aws_leaves_out_is_known(product: Product) -> None:
    """The template is checked for these on its own; when one is served after an upgrade, take it off this list."""
    assert {name for name, served in _served(product).items() if not served} == {
        "bucket encryption",
        "point-in-time recovery",
        "table encryption",
        "throttling of the API",
        "time to live",
    }


def _served(product: Product) -> dict[str, bool]:
    dynamodb, s3 = product.client("dynamodb"), product.client("s3")
    table = "exact-local-control"
    described = dynamodb.describe_table(TableName=table)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    (bucket,) = [b["Name"] for b in s3.list_buckets()["Buckets"] if "assets" in b["Name"]]
    (api,) = product.client("apigatewayv2").get_apis()["Items"]
    stage = product.client("apigatewayv2").get_stage(ApiId=api["ApiId"], StageName="$default")
    (mapping,) = product.client("lambda").list_event_source_mappings(FunctionName="exact-local-sync-items")[
        "EventSourceMappings"
    ]
    queue = product.client("sqs").get_queue_url(QueueName="exact-local-items")["QueueUrl"]
    attributes = product.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    group = product.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/exact-local-sync-items")
    return {
        "index of what is due": [
            index["IndexName"]
            for index in dynamodb.describe_table(TableName="exact-local-sync")["Table"]["GlobalSecondaryIndexes"]
        ]
        == ["due"],
        "time to live": dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"]
        == "ENABLED",
        "point-in-time recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "table encryption": described.get("SSEDescription", {}).get("SSEType") == "KMS",
        "bucket encryption": _bucket_algorithm(s3, bucket) == "aws:kms",
        "closed bucket": s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"][
            "RestrictPublicBuckets"
        ],
        "throttling of the API": stage.get("DefaultRouteSettings", {}).get("ThrottlingBurstLimit") == 400,
        "partial answers of a batch": mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"],
        "limit of concurrent chunks": mapping["ScalingConfig"]["MaximumConcurrency"] == 2,
        "dead letters": "deadLetterTargetArn" in attributes["RedrivePolicy"],
        "retention of logs": group["logGroups"][0].get("retentionInDays") == 30,
        "alarms": len(product.client("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]) >= 15,
    }


def _bucket_algorithm(s3: Any, bucket: str) -> str:
    configuration = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    algorithm: str = configuration["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
    return algorithm


def test_a_restart_keeps_everything_and_a_changed_template_is_brought_in(
    loop: LoopThread, checkout: Path, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    with Product(loop, probes(checkout, tmp_path, port)) as first:
        key = first.running.operator_key
        first.http.put("/v1/tenants/kept", json="before the restart")
        first.client("s3").put_object(Bucket=_assets(first), Key="a/picture.png", Body=b"png")

    with Product(loop, probes(checkout, tmp_path, port)) as second:
        assert "(unchanged," in second.printed
        assert second.running.operator_key == key
        assert second.http.get("/v1/tenants/kept").json() == "before the restart"
        assert second.client("s3").get_object(Bucket=_assets(second), Key="a/picture.png")["Body"].read() == b"png"

    changed = tmp_path / "changed"
    shutil.copytree(checkout, changed)
    template = changed / "template.yaml"
    template.write_text(template.read_text().replace("MemorySize: 1769", "MemorySize: 2048"))
    with Product(loop, probes(changed, tmp_path, port)) as third:
        assert "(updated," in third.printed
        configuration = third.client("lambda").get_function_configuration(FunctionName="exact-local-sync-items")
        assert configuration["MemorySize"] == 2048
        assert third.http.get("/v1/tenants/kept").json() == "before the restart"


def _assets(product: Product) -> str:
    (bucket,) = [b["Name"] for b in product.client("s3").list_buckets()["Buckets"] if "assets" in b["Name"]]
    return str(bucket)


def test_a_hard_kill_loses_nothing_older_than_the_last_snapshot(
    loop: LoopThread, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    python = loop.run(prepare_environment(ROOT / "infra/local/ministack"))
    state, port = StateFolder(tmp_path), free_port()

    def start() -> LocalAws:
        return loop.run(LocalAws.start(state, port, python, {}, NO_ROLES, pause=0.05))

    aws = start()
    aws.keep_state()
    ssm = aws.client("ssm")
    current = state.aws / "CURRENT"
    for number in range(3):
        ssm.put_parameter(Name=f"/kept/{number}", Value="x", Type="SecureString")
    _until_snapshot_after_change(ssm, current)
    loop.run(aws.kill())

    again = start()
    names = [again.client("ssm").get_parameter(Name=f"/kept/{number}")["Parameter"]["Name"] for number in range(3)]
    assert names == ["/kept/0", "/kept/1", "/kept/2"]
    loop.run(again.stop())
    state.close()


def _until_snapshot_after_change(ssm: Any, current: Path) -> None:
    # Two new snapshots after the last write: the second one began after it.
    seen: list[str] = []
    while len(set(seen)) < 3:
        ssm.put_parameter(Name="/more", Value=str(len(seen)), Type="String", Overwrite=True)
        seen.append(current.read_text() if current.exists() else "")
