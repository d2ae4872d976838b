"""The key-value port on DynamoDB, through the low-level client with its own fast type conversion."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from exact_connector.aws import clients
from exact_connector.aws.faults import (
    DECISIONS,
    Decision,
    busy,
    decide,
    error_code,
    is_too_large,
    passing_faults,
    reasons,
)
from exact_connector.aws.wire import (
    Expression,
    Wire,
    condition_arguments,
    key_range,
    key_to_wire,
    row_from_wire,
    row_to_wire,
)
from exact_connector.errors import StoreUnavailable
from exact_connector.storage import limits
from exact_connector.storage.table import (
    Action,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Key,
    Page,
    Put,
    Row,
    TransactionCancelled,
    Update,
    Value,
)

DUE_INDEX = "due"
_BATCH_WRITE = 25
_BATCH_GET = 100
_BATCH_THREADS = 4
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_UNPROCESSED_ROUNDS = 8
_CONFLICT_ROUNDS = 6

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pauses:
    """Pauses between tries, in seconds: doubled each time up to 2 s, and cut at random by up to half."""

    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def after(self, tries: int) -> None:
        """Pause after so many tries."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (tries - 1))
        self.sleep(longest * (1 - self.chance() / 2))


class DynamoTable:
    """One DynamoDB table with the keys ``pk`` and ``sk``.

    What is larger than DynamoDB takes raises StorageLimitExceeded before it is sent; a key that is too long has no row.
    A write that meets a transaction at its row is repeated after short pauses.
    """

    def __init__(self, name: str, *, pauses: Pauses | None = None) -> None:
        self._name = name
        self._client = clients.dynamodb()
        self._pauses = pauses or Pauses()

    @property
    def name(self) -> str:
        """The table's name."""
        return self._name

    def get(self, key: Key) -> Row | None:
        """Return the row or None, strongly consistent."""
        if not limits.may_exist(key):
            return None
        with passing_faults("DynamoDB"):
            answer = self._client.get_item(TableName=self._name, Key=key_to_wire(key), ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else row_from_wire(item)

    def put(self, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row; raises ConditionFailed, StorageLimitExceeded."""
        limits.check_row(self._name, row)
        item, arguments = row_to_wire(row), condition_arguments(condition)
        self._written(
            Key(str(row["pk"]), str(row["sk"])),
            lambda: self._client.put_item(TableName=self._name, Item=item, **arguments),
        )

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        """Change attributes and return the whole new row; raises ConditionFailed, StorageLimitExceeded."""
        limits.check_actions([Update(self._name, key, set or {}, add or {}, remove)])
        expression = Expression()
        arguments: Wire = {"UpdateExpression": expression.update(set or {}, add or {}, remove)}
        if condition is not None:
            arguments["ConditionExpression"] = expression.condition(condition)
            arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        arguments.update(expression.arguments())
        answer = self._written(
            key,
            lambda: self._client.update_item(
                TableName=self._name, Key=key_to_wire(key), ReturnValues="ALL_NEW", **arguments
            ),
        )
        return row_from_wire(answer["Attributes"])

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        """Remove a row; raises ConditionFailed, StorageLimitExceeded."""
        limits.check_key(self._name, key)
        arguments = condition_arguments(condition)
        self._written(key, lambda: self._client.delete_item(TableName=self._name, Key=key_to_wire(key), **arguments))

    def query(
        self,
        pk: str,
        *,
        prefix: str | None = None,
        low: str | None = None,
        high: str | None = None,
        limit: int | None = None,
        after: Key | None = None,
        reverse: bool = False,
    ) -> Page:
        """Return rows of one partition in the order of ``sk``, strongly consistent."""
        if not limits.may_exist(Key(pk, prefix or low or high or "-")):
            return Page([], None)
        expression = Expression()
        condition = key_range(expression, pk, prefix, low, high)
        arguments = expression.arguments()
        if limit is not None:
            arguments["Limit"] = limit
        if after is not None:
            arguments["ExclusiveStartKey"] = key_to_wire(after)
        with passing_faults("DynamoDB"):
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression=condition,
                ConsistentRead=True,
                ScanIndexForward=not reverse,
                **arguments,
            )
        last = answer.get("LastEvaluatedKey")
        following = Key(str(last["pk"]["S"]), str(last["sk"]["S"])) if last else None
        return Page([row_from_wire(item) for item in answer["Items"]], following)

    def due(self, shard: str, until: str, *, limit: int = 100) -> list[Row]:
        """Return rows of the due index up to a moment, oldest first; eventually consistent."""
        rows: list[Row] = []
        start: Wire = {}
        while True:
            with passing_faults("DynamoDB"):
                answer = self._client.query(
                    TableName=self._name,
                    IndexName=DUE_INDEX,
                    KeyConditionExpression="due_shard = :shard AND due_at <= :until",
                    ExpressionAttributeValues={":shard": {"S": shard}, ":until": {"S": until}},
                    Limit=limit - len(rows),
                    **start,
                )
            rows.extend(row_from_wire(item) for item in answer["Items"])
            last = answer.get("LastEvaluatedKey")
            if not last or len(rows) >= limit:
                return rows
            start = {"ExclusiveStartKey": last}

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        """Return the rows that exist, strongly consistent."""
        rows: list[Row] = []
        possible = dict.fromkeys(key for key in keys if limits.may_exist(key))
        for chunk in _chunks(possible, _BATCH_GET):
            rows.extend(self._get_chunk(chunk))
        return rows

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Write and delete many rows without conditions, several requests side by side; raises StorageLimitExceeded.

        A row that is named twice has the last of what was asked: DynamoDB refuses two requests for one row in a batch.
        """
        requests: dict[Key, Wire] = {}
        for row in puts:
            limits.check_row(self._name, row)
            requests[Key(str(row["pk"]), str(row["sk"]))] = {"PutRequest": {"Item": row_to_wire(row)}}
        for key in deletes:
            limits.check_key(self._name, key)
            requests[key] = {"DeleteRequest": {"Key": key_to_wire(key)}}
        chunks = list(_chunks(requests.values(), _BATCH_WRITE))
        if len(chunks) <= 1:
            for chunk in chunks:
                self._write_chunk(chunk)
            return
        with ThreadPoolExecutor(_BATCH_THREADS) as pool:
            list(pool.map(self._write_chunk, chunks))

    def _get_chunk(self, keys: list[Key]) -> Iterator[Row]:
        request: Wire = {self._name: {"Keys": [key_to_wire(key) for key in keys], "ConsistentRead": True}}
        for tries in range(1, _UNPROCESSED_ROUNDS + 1):
            with passing_faults("DynamoDB"):
                answer = self._client.batch_get_item(RequestItems=request)
            yield from (row_from_wire(item) for item in answer["Responses"].get(self._name, []))
            request = dict(answer.get("UnprocessedKeys") or {})
            if not request:
                return
            if tries < _UNPROCESSED_ROUNDS:
                self._pauses.after(tries)
        raise StoreUnavailable("DynamoDB left keys of a batch unread; the work is tried again later.")

    def _write_chunk(self, requests: list[Wire]) -> None:
        pending: Any = {self._name: requests}
        for tries in range(1, _UNPROCESSED_ROUNDS + 1):
            with passing_faults("DynamoDB"):
                answer = self._client.batch_write_item(RequestItems=pending)
            pending = answer.get("UnprocessedItems")
            if not pending:
                return
            if tries < _UNPROCESSED_ROUNDS:
                self._pauses.after(tries)
        raise StoreUnavailable("DynamoDB left rows of a batch unwritten; the work is tried again later.")

    def _written(self, key: Key, write: Callable[[], T]) -> T:
        """Carry out one write; repeated while a transaction is at its row, which then has not changed it."""
        for tries in range(1, _CONFLICT_ROUNDS + 1):
            try:
                with passing_faults("DynamoDB"):
                    return write()
            except ClientError as error:
                match decide(error):
                    case Decision.CONDITION:
                        item: Any = error.response.get("Item")
                        raise ConditionFailed(row_from_wire(item) if item else None) from error
                    case Decision.LIMIT:
                        raise limits.too_large(self._name, key, limits.ROW_BYTES + 1) from error
                    case Decision.CONFLICT if tries < _CONFLICT_ROUNDS:
                        self._pauses.after(tries)
                    case Decision.CONFLICT:
                        raise busy("DynamoDB", error_code(error)) from error
                    case _:
                        raise
        raise AssertionError("the last try returns or raises")


class DynamoDatabase:
    """Transactions over all tables."""

    def __init__(self) -> None:
        self._client = clients.dynamodb()

    def transact(self, actions: Sequence[Action]) -> None:
        """Carry out up to 100 actions on distinct keys, all or none.

        Raises TransactionCancelled, StorageLimitExceeded, StoreUnavailable.
        """
        limits.check_actions(actions)
        with passing_faults("DynamoDB"):
            try:
                self._client.transact_write_items(TransactItems=[_transaction_item(action) for action in actions])
            except ClientError as error:
                decision = decide(error)
                if decision is Decision.CANCELLED:
                    raise _cancelled(actions, reasons(error)) or error from error
                if decision is Decision.CONFLICT:
                    raise TransactionCancelled from error
                if decision is Decision.LIMIT:
                    raise limits.transaction_too_large(
                        actions, limits.TRANSACTION_BYTES + 1, limits.TRANSACTION_BYTES
                    ) from error
                raise


def _cancelled(actions: Sequence[Action], why: Sequence[Mapping[str, Any]]) -> Exception | None:
    """Return what a cancelled transaction means by the reasons of its actions; None where it is a fault of ours."""
    codes = [str(reason.get("Code") or "None") for reason in why]
    decisions = [DECISIONS.get(code, Decision.FAULT) for code in codes]
    failed = [number for number, decision in enumerate(decisions) if decision is Decision.CONDITION]
    if failed:
        return TransactionCancelled(failed)
    for action, code, reason in zip(actions, codes, why, strict=False):
        if code.startswith("Validation") and is_too_large(str(reason.get("Message", ""))):
            return limits.too_large(action.table, limits.key_of(action), limits.ROW_BYTES + 1)
        if DECISIONS.get(code) is Decision.LIMIT:
            return limits.too_large(action.table, limits.key_of(action), limits.ROW_BYTES + 1)
    passing = next(
        (code for code, decision in zip(codes, decisions, strict=True) if decision is Decision.PASSING), None
    )
    if passing is not None:
        return busy("DynamoDB", passing)
    return TransactionCancelled() if Decision.CONFLICT in decisions else None


def _transaction_item(action: Action) -> Any:
    expression = Expression()
    match action:
        case Put():
            return {
                "Put": {
                    "TableName": action.table,
                    "Item": row_to_wire(action.row),
                    **condition_arguments(action.condition),
                }
            }
        case Delete():
            return {
                "Delete": {
                    "TableName": action.table,
                    "Key": key_to_wire(action.key),
                    **condition_arguments(action.condition),
                }
            }
        case Check():
            arguments = {"ConditionExpression": expression.condition(action.condition), **expression.arguments()}
            return {"ConditionCheck": {"TableName": action.table, "Key": key_to_wire(action.key), **arguments}}
        case Update():
            arguments = {"UpdateExpression": expression.update(action.set, action.add, action.remove)}
            if action.condition is not None:
                arguments["ConditionExpression"] = expression.condition(action.condition)
            return {
                "Update": {
                    "TableName": action.table,
                    "Key": key_to_wire(action.key),
                    **arguments,
                    **expression.arguments(),
                }
            }


def _chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
