"""The key-value port on DynamoDB, through the low-level client with its own fast type conversion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from exact_connector.aws import clients
from exact_connector.errors import StoreUnavailable
from exact_connector.storage.table import (
    Absent,
    Action,
    AllOf,
    AnyOf,
    AtLeast,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Key,
    Less,
    Missing,
    Page,
    Present,
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
_UNPROCESSED_ROUNDS = 8

T = TypeVar("T")
Wire = dict[str, Any]


def to_wire(value: Value) -> Wire:
    """Write one value in DynamoDB's typed JSON."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | Decimal():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list():
            return {"L": [to_wire(part) for part in value]}
        case dict():
            return {"M": {name: to_wire(part) for name, part in value.items()}}


def from_wire(wire: Mapping[str, Any]) -> Value:
    """Read one value from DynamoDB's typed JSON; whole numbers become int."""
    ((kind, value),) = wire.items()
    match kind:
        case "S" | "BOOL":
            return value  # type: ignore[no-any-return]
        case "N":
            number = Decimal(value)
            return int(number) if number == number.to_integral_value() else number
        case "B":
            return bytes(value)
        case "NULL":
            return None
        case "L":
            return [from_wire(part) for part in value]
        case "M":
            return {name: from_wire(part) for name, part in value.items()}
    raise ValueError(f"a row holds the DynamoDB type {kind}, which the connector never writes")


def row_to_wire(row: Mapping[str, Value]) -> Wire:
    """Write a row."""
    return {name: to_wire(value) for name, value in row.items()}


def row_from_wire(item: Mapping[str, Any]) -> Row:
    """Read a row."""
    return {name: from_wire(value) for name, value in item.items()}


class Expression:
    """Collects names and values while a condition or an update is written as a DynamoDB expression."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: Wire = {}

    def name(self, attribute: str) -> str:
        """Return the placeholder of an attribute."""
        for placeholder, known in self.names.items():
            if known == attribute:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = attribute
        return placeholder

    def value(self, value: Value) -> str:
        """Return a placeholder for a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = to_wire(value)
        return placeholder

    def condition(self, condition: Condition) -> str:
        """Write a condition."""
        match condition:
            case Absent():
                return f"attribute_not_exists({self.name('pk')})"
            case Present():
                return f"attribute_exists({self.name('pk')})"
            case Missing(attribute):
                return f"attribute_not_exists({self.name(attribute)})"
            case Equals(attribute, value):
                return f"{self.name(attribute)} = {self.value(value)}"
            case Less(attribute, value):
                return f"{self.name(attribute)} < {self.value(value)}"
            case AtLeast(attribute, value):
                return f"{self.name(attribute)} >= {self.value(value)}"
            case AllOf(parts):
                return "(" + " AND ".join(self.condition(part) for part in parts) + ")"
            case AnyOf(parts):
                return "(" + " OR ".join(self.condition(part) for part in parts) + ")"

    def update(self, set_: Mapping[str, Value], add: Mapping[str, int], remove: Sequence[str]) -> str:
        """Write the clauses of an update."""
        clauses = []
        if set_:
            clauses.append(
                "SET " + ", ".join(f"{self.name(name)} = {self.value(value)}" for name, value in set_.items())
            )
        if add:
            clauses.append("ADD " + ", ".join(f"{self.name(name)} {self.value(value)}" for name, value in add.items()))
        if remove:
            clauses.append("REMOVE " + ", ".join(self.name(name) for name in remove))
        return " ".join(clauses)

    def arguments(self) -> Wire:
        """Return the placeholders as arguments of a call."""
        found: Wire = {}
        if self.names:
            found["ExpressionAttributeNames"] = self.names
        if self.values:
            found["ExpressionAttributeValues"] = self.values
        return found


class DynamoTable:
    """One DynamoDB table with the keys ``pk`` and ``sk``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._client = clients.dynamodb()

    @property
    def name(self) -> str:
        """The table's name."""
        return self._name

    def get(self, key: Key) -> Row | None:
        """Return the row or None, strongly consistent."""
        with clients.passing_faults("DynamoDB"):
            answer = self._client.get_item(TableName=self._name, Key=_wire_key(key), ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else row_from_wire(item)

    def put(self, row: Row, condition: Condition | None = None) -> None:
        """Write a whole row; raises ConditionFailed."""
        with _conditional():
            self._client.put_item(TableName=self._name, Item=row_to_wire(row), **_condition(condition))

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Value] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        """Change attributes and return the whole new row; raises ConditionFailed."""
        expression = Expression()
        arguments: Wire = {"UpdateExpression": expression.update(set or {}, add or {}, remove)}
        if condition is not None:
            arguments["ConditionExpression"] = expression.condition(condition)
            arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        with _conditional():
            answer = self._client.update_item(
                TableName=self._name,
                Key=_wire_key(key),
                ReturnValues="ALL_NEW",
                **arguments,
                **expression.arguments(),
            )
        return row_from_wire(answer["Attributes"])

    def delete(self, key: Key, condition: Condition | None = None) -> None:
        """Remove a row; raises ConditionFailed."""
        with _conditional():
            self._client.delete_item(TableName=self._name, Key=_wire_key(key), **_condition(condition))

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
        expression = Expression()
        condition = _range(expression, pk, prefix, low, high)
        arguments = expression.arguments()
        if limit is not None:
            arguments["Limit"] = limit
        if after is not None:
            arguments["ExclusiveStartKey"] = _wire_key(after)
        with clients.passing_faults("DynamoDB"):
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
            with clients.passing_faults("DynamoDB"):
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
        for chunk in _chunks(dict.fromkeys(keys), _BATCH_GET):
            rows.extend(self._get_chunk(chunk))
        return rows

    def batch_write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Write and delete many rows without conditions, several requests side by side."""
        requests: list[Wire] = [{"PutRequest": {"Item": row_to_wire(row)}} for row in puts]
        requests.extend({"DeleteRequest": {"Key": _wire_key(key)}} for key in deletes)
        chunks = list(_chunks(requests, _BATCH_WRITE))
        if len(chunks) <= 1:
            for chunk in chunks:
                self._write_chunk(chunk)
            return
        with ThreadPoolExecutor(_BATCH_THREADS) as pool:
            list(pool.map(self._write_chunk, chunks))

    def _get_chunk(self, keys: list[Key]) -> Iterator[Row]:
        request: Wire = {self._name: {"Keys": [_wire_key(key) for key in keys], "ConsistentRead": True}}
        for _ in range(_UNPROCESSED_ROUNDS):
            with clients.passing_faults("DynamoDB"):
                answer = self._client.batch_get_item(RequestItems=request)
            yield from (row_from_wire(item) for item in answer["Responses"].get(self._name, []))
            request = dict(answer.get("UnprocessedKeys") or {})
            if not request:
                return
        raise StoreUnavailable("DynamoDB left keys of a batch unread; the work is tried again later.")

    def _write_chunk(self, requests: list[Wire]) -> None:
        pending: Any = {self._name: requests}
        for _ in range(_UNPROCESSED_ROUNDS):
            with clients.passing_faults("DynamoDB"):
                answer = self._client.batch_write_item(RequestItems=pending)
            pending = answer.get("UnprocessedItems")
            if not pending:
                return
        raise StoreUnavailable("DynamoDB left rows of a batch unwritten; the work is tried again later.")


class DynamoDatabase:
    """Transactions over all tables."""

    def __init__(self) -> None:
        self._client = clients.dynamodb()

    def transact(self, actions: Sequence[Action]) -> None:
        """Carry out up to 100 actions on distinct keys, all or none; raises TransactionCancelled."""
        with clients.passing_faults("DynamoDB"):
            try:
                self._client.transact_write_items(TransactItems=[_transaction_item(action) for action in actions])
            except ClientError as error:
                if clients.error_code(error) != "TransactionCanceledException":
                    raise
                codes = [reason.get("Code") for reason in clients.reasons(error)]
                failed = [index for index, code in enumerate(codes) if code == "ConditionalCheckFailed"]
                raise TransactionCancelled(failed) from error


def _transaction_item(action: Action) -> Any:
    expression = Expression()
    match action:
        case Put():
            return {"Put": {"TableName": action.table, "Item": row_to_wire(action.row), **_condition(action.condition)}}
        case Delete():
            return {"Delete": {"TableName": action.table, "Key": _wire_key(action.key), **_condition(action.condition)}}
        case Check():
            arguments = {"ConditionExpression": expression.condition(action.condition), **expression.arguments()}
            return {"ConditionCheck": {"TableName": action.table, "Key": _wire_key(action.key), **arguments}}
        case Update():
            arguments = {"UpdateExpression": expression.update(action.set, action.add, action.remove)}
            if action.condition is not None:
                arguments["ConditionExpression"] = expression.condition(action.condition)
            return {
                "Update": {
                    "TableName": action.table,
                    "Key": _wire_key(action.key),
                    **arguments,
                    **expression.arguments(),
                }
            }


@contextmanager
def _conditional() -> Iterator[None]:
    """Turn a failed condition into ConditionFailed with the row in the way, passing faults into StoreUnavailable."""
    with clients.passing_faults("DynamoDB"):
        try:
            yield
        except ClientError as error:
            if clients.error_code(error) != "ConditionalCheckFailedException":
                raise
            item: Any = error.response.get("Item")
            raise ConditionFailed(row_from_wire(item) if item else None) from error


def _condition(condition: Condition | None) -> Wire:
    if condition is None:
        return {}
    expression = Expression()
    text = expression.condition(condition)
    return {
        "ConditionExpression": text,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **expression.arguments(),
    }


def _range(expression: Expression, pk: str, prefix: str | None, low: str | None, high: str | None) -> str:
    text = f"{expression.name('pk')} = {expression.value(pk)}"
    sk = expression.name("sk") if prefix is not None or low is not None or high is not None else ""
    if prefix is not None:
        return f"{text} AND begins_with({sk}, {expression.value(prefix)})"
    if low is not None and high is not None:
        return f"{text} AND {sk} BETWEEN {expression.value(low)} AND {expression.value(high)}"
    if low is not None:
        return f"{text} AND {sk} >= {expression.value(low)}"
    if high is not None:
        return f"{text} AND {sk} <= {expression.value(high)}"
    return text


def _wire_key(key: Key) -> Wire:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
