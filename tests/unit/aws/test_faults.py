"""What the adapters make of each error code of AWS, for every operation of the key-value port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from exact_connector.aws import clients
from exact_connector.aws.dynamodb import DynamoDatabase, DynamoTable, Pauses
from exact_connector.aws.faults import DECISIONS, Decision
from exact_connector.errors import StoreUnavailable
from exact_connector.storage.limits import StorageLimitExceeded
from exact_connector.storage.table import Absent, ConditionFailed, Key, Put, Row, TransactionCancelled

KEY = Key("p", "s")
ROW: Row = {"pk": "p", "sk": "s", "n": 1}
WIRE = {"pk": {"S": "p"}, "sk": {"S": "s"}, "n": {"N": "1"}}
USED = {
    "dynamodb": ("GetItem PutItem UpdateItem DeleteItem Query BatchGetItem BatchWriteItem TransactWriteItems"),
    "ssm": "GetParameter PutParameter DeleteParameter",
    "secretsmanager": "GetSecretValue",
    "sqs": "SendMessage SendMessageBatch",
    "events": "PutEvents",
    "s3": "PutObject GetObject ListObjectsV2 DeleteObject",
    "kms": "GenerateDataKey Decrypt",
}
PASSING = sorted(code for code, decision in DECISIONS.items() if decision is Decision.PASSING)


class Dynamo:
    """DynamoDB that answers what a test says, and a table and a database over it."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.stub = Stubber(clients.dynamodb())
        self.table = DynamoTable("first", pauses=Pauses(self.slept.append, lambda: 0.0))
        self.database = DynamoDatabase()

    def fails(self, operation: str, code: str, message: str = "", status: int = 400, **more: Any) -> None:
        """Let the next call of an operation fail."""
        self.stub.add_client_error(operation, code, message, http_status_code=status, modeled_fields=more)

    def answers(self, operation: str, answer: dict[str, Any]) -> None:
        """Let the next call of an operation answer."""
        self.stub.add_response(operation, answer)


@pytest.fixture
def dynamo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dynamo]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    clients.dynamodb.cache_clear()
    found = Dynamo()
    with found.stub:
        yield found
        found.stub.assert_no_pending_responses()
    clients.dynamodb.cache_clear()


WRITES: dict[str, tuple[str, Callable[[Dynamo], object]]] = {
    "put": ("put_item", lambda dynamo: dynamo.table.put(ROW)),
    "update": ("update_item", lambda dynamo: dynamo.table.update(KEY, set={"n": 1})),
    "delete": ("delete_item", lambda dynamo: dynamo.table.delete(KEY)),
}
OTHERS: dict[str, tuple[str, Callable[[Dynamo], object]]] = {
    "get": ("get_item", lambda dynamo: dynamo.table.get(KEY)),
    "query": ("query", lambda dynamo: dynamo.table.query("p")),
    "due": ("query", lambda dynamo: dynamo.table.due("sync", "2026")),
    "batch_get": ("batch_get_item", lambda dynamo: dynamo.table.batch_get([KEY])),
    "batch_write": ("batch_write_item", lambda dynamo: dynamo.table.batch_write([ROW])),
    "transact": ("transact_write_items", lambda dynamo: dynamo.database.transact([Put("first", ROW)])),
}
OPERATIONS = WRITES | OTHERS
operations = pytest.mark.parametrize(("operation", "call"), OPERATIONS.values(), ids=OPERATIONS)
writes = pytest.mark.parametrize(("operation", "call"), WRITES.values(), ids=WRITES)


@pytest.mark.parametrize("service", USED)
def test_every_error_of_an_operation_that_is_used_has_a_decision(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    shapes = [shape for name in USED[service].split() for shape in model.operation_model(name).error_shapes]
    codes = {str(shape.metadata.get("error", {}).get("code", shape.name)) for shape in shapes}
    assert codes - set(DECISIONS) == set()


@operations
@pytest.mark.parametrize("code", PASSING)
def test_a_passing_error_is_tried_again_later(
    dynamo: Dynamo, operation: str, call: Callable[[Dynamo], object], code: str
) -> None:
    dynamo.fails(operation, code)
    with pytest.raises(StoreUnavailable, match=code):
        call(dynamo)


@operations
@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_unknown_error_of_a_server_passes(
    dynamo: Dynamo, operation: str, call: Callable[[Dynamo], object], status: int
) -> None:
    dynamo.fails(operation, "SomethingNew", status=status)
    with pytest.raises(StoreUnavailable):
        call(dynamo)


@operations
@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "SomethingNew"])
def test_a_fault_of_the_deployment_goes_up_as_it_came(
    dynamo: Dynamo, operation: str, call: Callable[[Dynamo], object], code: str
) -> None:
    dynamo.fails(operation, code)
    with pytest.raises(ClientError, match=code):
        call(dynamo)


@writes
@pytest.mark.parametrize("code", ["TransactionConflictException", "ReplicatedWriteConflictException"])
def test_a_write_that_meets_a_transaction_is_repeated_after_growing_pauses(
    dynamo: Dynamo, operation: str, call: Callable[[Dynamo], object], code: str
) -> None:
    for _ in range(3):
        dynamo.fails(operation, code)
    dynamo.answers(operation, {"Attributes": WIRE} if operation == "update_item" else {})
    call(dynamo)
    assert dynamo.slept == [0.05, 0.1, 0.2]


@writes
def test_a_write_that_always_meets_transactions_is_tried_again_later(
    dynamo: Dynamo, operation: str, call: Callable[[Dynamo], object]
) -> None:
    for _ in range(6):
        dynamo.fails(operation, "TransactionConflictException")
    with pytest.raises(StoreUnavailable, match="TransactionConflictException"):
        call(dynamo)


@writes
def test_a_failed_condition_names_the_row_in_the_way(
    dynamo: Dynamo, operation: str, call: Callable[[Dynamo], object]
) -> None:
    dynamo.stub.add_client_error(
        operation, "ConditionalCheckFailedException", response_meta=None, modeled_fields={"Item": WIRE}
    )
    with pytest.raises(ConditionFailed) as caught:
        call(dynamo)
    assert caught.value.current == ROW


@writes
def test_a_row_that_dynamodb_finds_too_large_is_named(
    dynamo: Dynamo, operation: str, call: Callable[[Dynamo], object]
) -> None:
    dynamo.fails(operation, "ValidationException", "Item size to update has exceeded the maximum allowed size")
    with pytest.raises(StorageLimitExceeded) as caught:
        call(dynamo)
    assert caught.value.key == KEY


def reason(code: str, message: str = "") -> dict[str, str]:
    return {"Code": code, "Message": message}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        pytest.param(["None", "ConditionalCheckFailed"], (1,), id="a condition"),
        pytest.param(["TransactionConflict", "ConditionalCheckFailed"], (1,), id="a condition beside a conflict"),
        pytest.param(["TransactionConflict", "None"], (), id="a conflict"),
    ],
)
def test_a_cancelled_transaction_says_which_conditions_failed(
    dynamo: Dynamo, codes: list[str], expected: tuple[int, ...]
) -> None:
    dynamo.fails("transact_write_items", "TransactionCanceledException", CancellationReasons=list(map(reason, codes)))
    with pytest.raises(TransactionCancelled) as caught:
        dynamo.database.transact([Put("first", ROW, Absent()), Put("first", {**ROW, "sk": "t"}, Absent())])
    assert caught.value.failed == expected


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_is_tried_again_later(dynamo: Dynamo, code: str) -> None:
    why = [reason("None"), reason(code), reason("TransactionConflict")]
    dynamo.fails("transact_write_items", "TransactionCanceledException", CancellationReasons=why)
    with pytest.raises(StoreUnavailable, match=code):
        dynamo.database.transact([Put("first", {**ROW, "sk": sk}) for sk in "abc"])


def test_a_transaction_names_the_row_that_is_too_large(dynamo: Dynamo) -> None:
    why = [reason("None"), reason("ValidationError", "Item size to update has exceeded the maximum allowed size")]
    dynamo.fails("transact_write_items", "TransactionCanceledException", CancellationReasons=why)
    with pytest.raises(StorageLimitExceeded) as caught:
        dynamo.database.transact([Put("first", ROW), Put("first", {**ROW, "sk": "large"})])
    assert caught.value.key == Key("p", "large")


def test_a_transaction_that_was_written_wrongly_goes_up_as_it_came(dynamo: Dynamo) -> None:
    why = [reason("ValidationError", "The provided key element does not match the schema")]
    dynamo.fails("transact_write_items", "TransactionCanceledException", CancellationReasons=why)
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamo.database.transact([Put("first", ROW)])


UNPROCESSED = {"first": [{"PutRequest": {"Item": WIRE}}]}


def test_rows_of_a_batch_that_stay_are_written_after_growing_pauses(dynamo: Dynamo) -> None:
    for _ in range(3):
        dynamo.answers("batch_write_item", {"UnprocessedItems": UNPROCESSED})
    dynamo.answers("batch_write_item", {})
    dynamo.table.batch_write([ROW])
    assert dynamo.slept == [0.05, 0.1, 0.2]


def test_keys_of_a_batch_that_stay_are_read_after_growing_pauses(dynamo: Dynamo) -> None:
    unread = {"first": {"Keys": [{"pk": {"S": "p"}, "sk": {"S": "s"}}]}}
    for _ in range(2):
        dynamo.answers("batch_get_item", {"Responses": {}, "UnprocessedKeys": unread})
    dynamo.answers("batch_get_item", {"Responses": {"first": [WIRE]}})
    assert dynamo.table.batch_get([KEY]) == [ROW]
    assert dynamo.slept == [0.05, 0.1]


def test_a_batch_that_is_never_done_is_tried_again_later(dynamo: Dynamo) -> None:
    for _ in range(8):
        dynamo.answers("batch_write_item", {"UnprocessedItems": UNPROCESSED})
    with pytest.raises(StoreUnavailable, match="unwritten"):
        dynamo.table.batch_write([ROW])
    assert len(dynamo.slept) == 7
    assert max(dynamo.slept) == 2.0


def test_chance_shortens_a_pause_by_up_to_half() -> None:
    slept: list[float] = []
    for chance in (0.0, 0.5, 1.0):
        Pauses(slept.append, lambda chance=chance: chance).after(1)  # type: ignore[misc]
    assert slept == pytest.approx([0.05, 0.0375, 0.025])


def test_a_row_that_is_named_twice_in_a_batch_is_asked_for_once(dynamo: Dynamo) -> None:
    dynamo.stub.add_response(
        "batch_write_item", {}, {"RequestItems": {"first": [{"PutRequest": {"Item": {**WIRE, "n": {"N": "2"}}}}]}}
    )
    dynamo.table.batch_write([ROW, {**ROW, "n": 2}])
