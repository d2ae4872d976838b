"""What must hold for every resource of the template, whoever adds the next one."""

from __future__ import annotations

import ast
import re
import string
from typing import Any

import pytest

from exact_local.template import load_document
from template.conftest import ROOT, Resources, of_type

ENVIRONMENT = {
    "STAGE",
    "CONTROL_TABLE",
    "SYNC_TABLE",
    "RECORDS_TABLE",
    "CATALOG_TABLE",
    "ORDERS_TABLE",
    "ASSETS_BUCKET",
    "EVENT_BUS",
    "ITEMS_QUEUE_URL",
    "CUSTOMERS_QUEUE_URL",
    "DOCUMENTS_QUEUE_URL",
    "ASSETS_QUEUE_URL",
    "ORDERS_QUEUE_URL",
    "EXACT_HOSTS",
    "TOKEN_BACKEND",
    "PUBLIC_BASE_URL",
    "OPERATOR_KEY_SECRET",
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "LOG_LEVEL",
    "KMS_KEY_ID",
    "APPLICATION_SECRET_PREFIX",
    "CONSOLE_SESSION_SECRET",
    "CLOCK_RATE",
    "CLOCK_ORIGIN",
    "CLOCK_OFFSET",
    "OIDC_ISSUER",
    "OIDC_AUDIENCE",
}
# AWS's own policies that the SAM transform attaches: own log streams, own queue.
MANAGED_BY_AWS = {"AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole"}


def functions(resources: Resources) -> Resources:
    return of_type(resources, "AWS::Lambda::Function")


def names_dimension(alarm: dict[str, Any], logical_id: str) -> bool:
    return any(
        dimension["Value"] in ({"Ref": logical_id}, {"Fn::GetAtt": [logical_id, "QueueName"]})
        for dimension in alarm["Dimensions"]
    )


def statements(resources: Resources) -> list[tuple[str, dict[str, Any]]]:
    """Every statement that a role of ours gets, with the name of the resource that holds it."""
    policies = [(name, p["PolicyDocument"]) for name, p in of_type(resources, "AWS::IAM::ManagedPolicy").items()]
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        policies += [(name, policy["PolicyDocument"]) for policy in role.get("Policies", [])]
    return [(name, statement) for name, document in policies for statement in document["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_cfn_lint_has_nothing_to_say(source: str) -> None:
    from cfnlint.api import ManualArgs, lint

    assert [str(match) for match in lint(source, config=ManualArgs(regions=["eu-west-1"]))] == []


def test_every_function_has_a_log_group_of_its_name_with_retention(resources: Resources) -> None:
    groups = {
        str(group["LogGroupName"]["Fn::Sub"]): group for group in of_type(resources, "AWS::Logs::LogGroup").values()
    }
    for function in functions(resources).values():
        group = groups["/aws/lambda/" + function["FunctionName"]["Fn::Sub"]]
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_function_has_an_alarm_for_its_errors(resources: Resources) -> None:
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    for name in functions(resources):
        assert any(alarm["MetricName"] == "Errors" and names_dimension(alarm, name) for alarm in alarms), name


def test_every_function_gets_all_variables_that_the_wiring_reads(resources: Resources) -> None:
    for name, function in functions(resources).items():
        assert set(function["Environment"]["Variables"]) == ENVIRONMENT, name


def test_every_function_runs_on_arm_with_python_3_13_and_the_common_layer(resources: Resources) -> None:
    for name, function in functions(resources).items():
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"]), name
        assert len(function["Layers"]) == 1, name


def test_every_alarm_tells_the_topic_when_there_is_one(resources: Resources) -> None:
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"]["Fn::If"][0] == "HasAlarmTopic", name


def test_every_queue_that_a_function_reads_has_dead_letters_with_an_alarm(resources: Resources) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    for mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").values():
        queue = mapping["EventSourceArn"]["Fn::GetAtt"][0]
        dead_letters = queues[queue]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert dead_letters in queues
        assert any(names_dimension(alarm, dead_letters) for alarm in alarms), dead_letters


def test_every_queue_is_encrypted_and_read_by_a_function_or_holds_dead_letters(resources: Resources) -> None:
    read = {
        mapping["EventSourceArn"]["Fn::GetAtt"][0]
        for mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    }
    for name, queue in of_type(resources, "AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True, name
        assert name in read or name.endswith("DeadLetters"), name


def test_workers_take_one_message_report_failures_and_are_given_time(resources: Resources) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    for mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").values():
        function = functions(resources)[mapping["FunctionName"]["Ref"]]
        queue = queues[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
        assert mapping["BatchSize"] == 1
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"]
        assert queue["VisibilityTimeout"] > function["Timeout"]


@pytest.mark.parametrize(
    ("table", "own_key", "recoverable", "kept"),
    [
        pytest.param("control", True, True, True, id="control"),
        pytest.param("sync", False, True, False, id="sync"),
        pytest.param("records", False, False, False, id="records"),
        pytest.param("catalog", False, False, False, id="catalog"),
        pytest.param("orders", True, True, True, id="orders"),
    ],
)
def test_a_table_is_protected_as_what_it_holds_deserves(
    resources: Resources, table: str, *, own_key: bool, recoverable: bool, kept: bool
) -> None:
    resource = resources[f"{table.title()}Table"]
    properties = resource["Properties"]
    encryption = properties.get("SSESpecification", {})
    assert (encryption.get("KMSMasterKeyId") == {"Fn::GetAtt": ["DataKey", "Arn"]}) is own_key
    assert (
        properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False) is recoverable
    )
    policy = "Retain" if kept else "Delete"
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (policy, policy)
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_no_table_was_forgotten_in_the_protection_test(resources: Resources) -> None:
    names = {table["TableName"]["Fn::Sub"] for table in of_type(resources, "AWS::DynamoDB::Table").values()}
    assert names == {f"exact-${{Stage}}-{name}" for name in ("control", "sync", "records", "catalog", "orders")}


def test_the_due_index_is_keyed_by_shard_and_moment(resources: Resources) -> None:
    tables = of_type(resources, "AWS::DynamoDB::Table")
    with_index = {
        name: table["GlobalSecondaryIndexes"] for name, table in tables.items() if "GlobalSecondaryIndexes" in table
    }
    assert set(with_index) == {"SyncTable", "OrdersTable"}
    for (index,) in with_index.values():
        assert index["IndexName"] == "due"
        assert [key["AttributeName"] for key in index["KeySchema"]] == ["due_shard", "due_at"]
        assert index["Projection"] == {"ProjectionType": "ALL"}


def test_the_bucket_is_closed_encrypted_and_kept(resources: Resources) -> None:
    bucket = resources["AssetsBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert resources["AssetsBucket"]["DeletionPolicy"] == "Retain"


def test_every_secret_is_encrypted_with_the_own_key_and_kept(resources: Resources) -> None:
    for name, secret in of_type(resources, "AWS::SecretsManager::Secret").items():
        assert secret["KmsKeyId"] == {"Ref": "DataKey"}, name
        assert resources[name]["DeletionPolicy"] == "Retain", name


def test_generated_secrets_hold_letters_and_digits_only(resources: Resources) -> None:
    generated = [
        secret["GenerateSecretString"]
        for secret in of_type(resources, "AWS::SecretsManager::Secret").values()
        if "GenerateSecretString" in secret
    ]
    assert len(generated) == 2
    for secret in generated:
        assert set(secret["ExcludeCharacters"]) == set(string.punctuation)
        assert secret["PasswordLength"] >= 48


def test_no_statement_allows_every_action_or_every_resource(resources: Resources) -> None:
    assert len(statements(resources)) > 10
    for name, statement in statements(resources):
        assert all("*" not in action for action in as_list(statement["Action"])), name
        assert "*" not in as_list(statement["Resource"]), name


def test_every_statement_of_a_policy_says_why_in_a_comment(source: str) -> None:
    section = source[source.index("- permissions,") : source.index("- functions behind")]
    lines = section.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\s+- Effect: Allow", line) and "Statement:" not in lines[number - 1]:
            assert lines[number - 1].strip().startswith("#"), lines[number + 2]


def test_roles_get_no_broad_policies_of_aws(resources: Resources) -> None:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        texts = [
            str(arn) for arn in role["ManagedPolicyArns"] if "Ref" not in arn and "TableTokensPolicy" not in str(arn)
        ]
        for text in texts:
            assert any(allowed in text for allowed in MANAGED_BY_AWS), (name, text)


def test_every_route_reaches_a_function_that_the_api_may_call(resources: Resources) -> None:
    integrations = of_type(resources, "AWS::ApiGatewayV2::Integration")
    called = {
        p["FunctionName"]["Ref"]
        for p in of_type(resources, "AWS::Lambda::Permission").values()
        if "Ref" in p["FunctionName"]
    }
    for route in of_type(resources, "AWS::ApiGatewayV2::Route").values():
        target = re.fullmatch(r"integrations/\$\{(\w+)\}", route["Target"]["Fn::Sub"])
        assert target
        function = integrations[target[1]]["IntegrationUri"]["Fn::GetAtt"][0]
        assert function in functions(resources)
        assert function in called


def test_no_two_routes_are_alike(resources: Resources) -> None:
    keys = [route["RouteKey"] for route in of_type(resources, "AWS::ApiGatewayV2::Route").values()]
    assert len(set(keys)) == len(keys)


def test_functions_answer_before_the_api_gives_up(resources: Resources) -> None:
    for integration in of_type(resources, "AWS::ApiGatewayV2::Integration").values():
        function = functions(resources)[integration["IntegrationUri"]["Fn::GetAtt"][0]]
        assert function["Timeout"] * 1000 < integration["TimeoutInMillis"] <= 30_000


def test_the_dispatcher_is_called_every_minute(resources: Resources) -> None:
    rules = of_type(resources, "AWS::Events::Rule").values()
    (rule,) = [rule for rule in rules if "ScheduleExpression" in rule]
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert rule["Targets"][0]["Arn"] == {"Fn::GetAtt": ["DispatchSyncFunction", "Arn"]}


TROUBLE = {
    "connection.reauthorize",
    "connection.expiring",
    "order.overdue",
    "order.missing",
    "order.lines_differ",
    "sync.parked",
    "sync.projection_stopped",
    "sync.mass_deletion_refused",
}


def test_every_event_that_needs_a_person_raises_an_alarm(resources: Resources) -> None:
    rules = of_type(resources, "AWS::Events::Rule")
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    watched = {
        dimension["Value"]["Ref"]
        for alarm in alarms
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "RuleName"
    }
    counted = {kind for name in watched for kind in rules[name]["EventPattern"]["detail-type"]}
    assert counted == TROUBLE


def test_access_logs_hold_neither_query_nor_headers(resources: Resources) -> None:
    (stage,) = of_type(resources, "AWS::ApiGatewayV2::Stage").values()
    assert "$context.path" not in stage["AccessLogSettings"]["Format"]
    assert "header" not in stage["AccessLogSettings"]["Format"].lower()


def test_only_country_sites_over_https_are_allowed_by_default(source: str) -> None:
    hosts = load_document(source)["Parameters"]["ExactHosts"]["Default"]
    pairs = dict(pair.split("=", 1) for pair in hosts.split(","))
    assert list(pairs) == ["nl", "be", "de", "uk", "fr", "es", "us"]
    assert all(re.fullmatch(r"https://start\.exactonline\.[a-z.]+", address) for address in pairs.values())


def test_every_country_site_has_a_secret_for_its_application(resources: Resources, source: str) -> None:
    hosts = load_document(source)["Parameters"]["ExactHosts"]["Default"]
    names = {str(secret["Name"]["Fn::Sub"]) for secret in of_type(resources, "AWS::SecretsManager::Secret").values()}
    for pair in hosts.split(","):
        assert f"/${{Stage}}/exact/applications/{pair.partition('=')[0]}" in names


def test_the_layer_requirements_name_pinned_versions_only() -> None:
    for line in (ROOT / "layers/common/requirements.txt").read_text().splitlines():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; .*)?", line), line


def test_every_handler_is_a_function_of_a_package_that_is_there(resources: Resources) -> None:
    for name, function in functions(resources).items():
        module, _, attribute = function["Handler"].rpartition(".")
        tree = ast.parse((ROOT / "functions" / (module.replace(".", "/") + ".py")).read_text())
        assert attribute in {found for node in tree.body for found in _defined(node)}, name


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def test_every_package_of_functions_is_deployed(resources: Resources) -> None:
    deployed = {function["Handler"].split(".")[0] for function in functions(resources).values()}
    assert deployed == {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
