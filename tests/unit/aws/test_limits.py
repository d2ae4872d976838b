"""What is larger than DynamoDB takes is refused with its key before it is sent, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from exact_connector.aws.dynamodb import DynamoDatabase, DynamoTable
from exact_connector.storage.limits import (
    PAGE_BYTES,
    ROW_BYTES,
    TRANSACTION_BYTES,
    StorageLimitExceeded,
    row_bytes,
)
from exact_connector.storage.table import (
    Action,
    Check,
    Database,
    Delete,
    Key,
    Present,
    Put,
    Row,
    Table,
    Update,
    query_all,
)
from fakes.tables import MemoryDatabase

MOTO_ROW_BYTES = 400_000
"""moto counts a row a little differently and ends at 405,000."""


def row_of(size: int, sk: str = "s") -> Row:
    row: Row = {"pk": "p", "sk": sk, "body": ""}
    return {**row, "body": "x" * (size - row_bytes(row))}


LARGER = row_of(ROW_BYTES + 1)


class Store(NamedTuple):
    """A table, its database and a row of the largest size."""

    table: Table
    database: Database
    largest: Row


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        database = MemoryDatabase(("first",))
        return Store(database["first"], database, row_of(ROW_BYTES))
    request.getfixturevalue("tables")
    return Store(DynamoTable("first"), DynamoDatabase(), row_of(MOTO_ROW_BYTES))


WRITES: dict[str, Callable[[Table, Database, Row], object]] = {
    "put": lambda table, _, row: table.put(row),
    "update": lambda table, _, row: table.update(Key("p", "s"), set={"body": row["body"]}),
    "batch_write": lambda table, _, row: table.batch_write([{"pk": "p", "sk": "first"}, row]),
    "transact put": lambda table, database, row: database.transact([Put(table.name, row)]),
    "transact update": lambda table, database, row: database.transact(
        [Update(table.name, Key("p", "s"), set={"body": row["body"]})]
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_row_of_the_largest_size_is_written(store: Store, write: Callable[[Table, Database, Row], object]) -> None:
    write(store.table, store.database, store.largest)
    assert store.table.get(Key("p", "s")) == store.largest


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_row_that_is_one_byte_larger_is_refused_with_its_key(
    store: Store, write: Callable[[Table, Database, Row], object]
) -> None:
    table, database, _ = store
    with pytest.raises(StorageLimitExceeded, match="store it in parts") as caught:
        write(table, database, LARGER)
    assert (caught.value.table, caught.value.key) == ("first", Key("p", "s"))
    assert (caught.value.size, caught.value.limit) == (ROW_BYTES + 1, ROW_BYTES)
    assert query_all(table, "p") == []


GROWTH: Row = {"more": "x" * 10_000}
GROWING: dict[str, Callable[[Table, Database], object]] = {
    "alone": lambda table, _: table.update(Key("p", "s"), set=GROWTH),
    "in a transaction": lambda table, database: database.transact([Update(table.name, Key("p", "s"), set=GROWTH)]),
}


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
def test_a_row_that_grows_too_large_stays_as_it_was(store: Store, grow: Callable[[Table, Database], object]) -> None:
    table, database, largest = store
    table.put(largest)
    with pytest.raises(StorageLimitExceeded) as caught:
        grow(table, database)
    assert caught.value.key == Key("p", "s")
    assert table.get(Key("p", "s")) == largest


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        pytest.param(Key("k" * 2048, "s" * 1024), True, id="largest"),
        pytest.param(Key("k" * 2049, "s"), False, id="partition key"),
        pytest.param(Key("k", "s" * 1025), False, id="sort key"),
        pytest.param(Key("k", "é" * 513), False, id="counted in bytes"),
        pytest.param(Key("k", ""), False, id="empty"),
    ],
)
def test_a_key_has_its_limits_too(store: Store, key: Key, *, fits: bool) -> None:
    table, database, _ = store
    row: Row = {"pk": key.pk, "sk": key.sk}
    writes: list[Callable[[], object]] = [
        lambda: table.put(row),
        lambda: table.update(key, set={"a": 1}),
        lambda: table.batch_write([row]),
        lambda: database.transact([Put("first", row)]),
        lambda: database.transact([Check("first", key, Present())]),
        lambda: database.transact([Delete("first", key)]),
        lambda: table.batch_write(deletes=[key]),
        lambda: table.delete(key),
    ]
    for write in writes:
        if fits:
            write()
            continue
        with pytest.raises(StorageLimitExceeded) as caught:
            write()
        assert caught.value.key == key
    assert table.get(key) is None
    assert table.batch_get([key]) == []
    assert table.query(key.pk, prefix=key.sk or None).rows == []


def test_a_transaction_takes_four_megabytes_and_not_more(store: Store) -> None:
    table, database, _ = store
    rows = [row_of(MOTO_ROW_BYTES, f"{number:02}") for number in range(11)]
    assert sum(map(row_bytes, rows)) > TRANSACTION_BYTES > sum(map(row_bytes, rows[:10]))
    with pytest.raises(StorageLimitExceeded) as caught:
        database.transact([Put("first", row) for row in rows])
    assert caught.value.limit == TRANSACTION_BYTES
    assert query_all(table, "p") == []
    database.transact([Put("first", row) for row in rows[:10]])
    assert len(query_all(table, "p")) == 10


def test_a_transaction_takes_a_hundred_actions_and_not_more(store: Store) -> None:
    table, database, _ = store
    actions: list[Action] = [Put("first", {"pk": "p", "sk": f"{number:03}"}) for number in range(101)]
    with pytest.raises(StorageLimitExceeded):
        database.transact(actions)
    database.transact(actions[:100])
    assert len(query_all(table, "p")) == 100


def test_a_page_of_a_query_ends_at_a_megabyte(store: Store) -> None:
    table, _, _ = store
    rows = [row_of(90_000, f"{number:02}") for number in range(30)]
    table.batch_write(rows)
    page = table.query("p", limit=25)
    assert len(page.rows) == PAGE_BYTES // 90_000
    assert page.next == Key("p", str(page.rows[-1]["sk"]))
    assert query_all(table, "p") == rows
