"""Rows and conditions in DynamoDB's typed JSON: written and read fast, as the low-level client takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from exact_connector.storage.table import (
    Absent,
    AllOf,
    AnyOf,
    AtLeast,
    Condition,
    Equals,
    Key,
    Less,
    Missing,
    Present,
    Row,
    Value,
)

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
    raise ValueError(f"a row contains the DynamoDB type {kind}, which the connector never writes")


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
        for placeholder, name in self.names.items():
            if name == attribute:
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
        arguments: Wire = {}
        if self.names:
            arguments["ExpressionAttributeNames"] = self.names
        if self.values:
            arguments["ExpressionAttributeValues"] = self.values
        return arguments


def condition_arguments(condition: Condition | None) -> Wire:
    """Return the arguments of a single write under a condition; a failed one answers the row in the way."""
    if condition is None:
        return {}
    expression = Expression()
    text = expression.condition(condition)
    return {
        "ConditionExpression": text,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **expression.arguments(),
    }


def key_range(expression: Expression, pk: str, prefix: str | None, low: str | None, high: str | None) -> str:
    """Write the key condition of a query."""
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


def key_to_wire(key: Key) -> Wire:
    """Write a primary key."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
