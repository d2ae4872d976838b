"""What a table takes at most, as DynamoDB sets it, and the one error for what is larger.

    row          409,600 bytes with its attribute names         key   2,048 bytes (pk), 1,024 bytes (sk), never empty
    transaction  4,194,304 bytes, 100 actions                   page  1,048,576 bytes of a query

A store that may meet a large record asks ``row_bytes`` first and writes it in parts; whatever still is too large raises
``StorageLimitExceeded`` with the key before anything is sent, so that the one record is reported and the rest goes on.
Source: Amazon DynamoDB Developer Guide, "Quotas" and "Item sizes and formats".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from exact_connector.errors import TerminalError
from exact_connector.storage.table import Action, Key, Put, Row, Update, Value

ROW_BYTES = 400 * 1024
TRANSACTION_BYTES = 4 * 1024 * 1024
TRANSACTION_ACTIONS = 100
PAGE_BYTES = 1024 * 1024
PARTITION_KEY_BYTES = 2048
SORT_KEY_BYTES = 1024
_NUMBER_BYTES = 21
_COLLECTION_BYTES = 3


class StorageLimitExceeded(TerminalError):
    """A row, key or transaction is larger than a table takes; nothing of it was written.

    ``table`` and ``key`` name the row (of a transaction its largest), ``size`` is what it has and ``limit`` what is
    taken, in bytes or actions.
    """

    code = "STORAGE_LIMIT"

    def __init__(self, what: str, *, table: str, key: Key, size: int, limit: int) -> None:
        super().__init__(
            f"{what} of table {table} has {size}, the table takes {limit}: make the record smaller or store it in parts"
        )
        self.table = table
        self.key = key
        self.size = size
        self.limit = limit


def row_bytes(row: Mapping[str, Value]) -> int:
    """Return the size of a row as DynamoDB counts it, in bytes; never less than it counts."""
    size = 0
    for name, value in row.items():
        size += len(name) if name.isascii() else text_bytes(name)
        # Nearly everything is a text or packed bytes, and every write comes by here.
        if isinstance(value, str):
            size += len(value) if value.isascii() else text_bytes(value)
        elif isinstance(value, bytes):
            size += len(value)
        else:
            size += _value_bytes(value)
    return size


def _value_bytes(value: Value) -> int:
    match value:
        case str():
            return text_bytes(value)
        case bytes():
            return len(value)
        case None | bool():
            return 1
        case int() | Decimal():
            return min(_NUMBER_BYTES, len(str(value)) // 2 + 2)
        case list():
            return _COLLECTION_BYTES + sum(1 + _value_bytes(part) for part in value)
        case dict():
            return _COLLECTION_BYTES + len(value) + row_bytes(value)


def text_bytes(text: str) -> int:
    """Return the length of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def may_exist(key: Key) -> bool:
    """Return whether a row can have this key at all."""
    return 0 < text_bytes(key.pk) <= PARTITION_KEY_BYTES and 0 < text_bytes(key.sk) <= SORT_KEY_BYTES


def check_key(table: str, key: Key) -> None:
    """Raise StorageLimitExceeded for a key that no row can have."""
    for name, text, limit in (("partition key", key.pk, PARTITION_KEY_BYTES), ("sort key", key.sk, SORT_KEY_BYTES)):
        size = text_bytes(text)
        if not 0 < size <= limit:
            raise StorageLimitExceeded(f"the {name} of a row", table=table, key=key, size=size, limit=limit)


def check_row(table: str, row: Row) -> int:
    """Return the size of a row in bytes; raises StorageLimitExceeded when it or its key is too large."""
    size = row_bytes(row)
    if size <= SORT_KEY_BYTES and row["pk"] and row["sk"]:
        return size
    key = Key(str(row["pk"]), str(row["sk"]))
    check_key(table, key)
    if size > ROW_BYTES:
        raise too_large(table, key, size)
    return size


def check_rows(table: str, rows: Iterable[Row]) -> None:
    """Raise StorageLimitExceeded for the first row that is too large."""
    for row in rows:
        check_row(table, row)


def check_actions(actions: Sequence[Action]) -> None:
    """Raise StorageLimitExceeded for a transaction with too many or too large actions, or with too large a row."""
    size = sum(map(_action_bytes, actions))
    if len(actions) > TRANSACTION_ACTIONS:
        raise transaction_too_large(actions, len(actions), TRANSACTION_ACTIONS)
    if size > TRANSACTION_BYTES:
        raise transaction_too_large(actions, size, TRANSACTION_BYTES)


def transaction_too_large(actions: Sequence[Action], size: int, limit: int) -> StorageLimitExceeded:
    """Return the error for a transaction; it names the row of its largest action."""
    largest = max(actions, key=_action_bytes)
    return StorageLimitExceeded("a transaction", table=largest.table, key=key_of(largest), size=size, limit=limit)


def too_large(table: str, key: Key, size: int) -> StorageLimitExceeded:
    """Return the error for a row of this size."""
    return StorageLimitExceeded("a row", table=table, key=key, size=size, limit=ROW_BYTES)


def key_of(action: Action) -> Key:
    """Return the key of the row that an action is about."""
    return Key(str(action.row["pk"]), str(action.row["sk"])) if isinstance(action, Put) else action.key


def _action_bytes(action: Action) -> int:
    if isinstance(action, Put):
        return check_row(action.table, action.row)
    check_key(action.table, action.key)
    size = row_bytes({"pk": action.key.pk, "sk": action.key.sk})
    if isinstance(action, Update):
        size += row_bytes(action.set)
        if size > ROW_BYTES:
            raise too_large(action.table, action.key, size)
    return size
