"""The key-value port behaves the same in memory and on DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

import pytest

from exact_connector.aws.dynamodb import DynamoDatabase, DynamoTable
from exact_connector.storage.table import (
    Absent,
    Action,
    AtLeast,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Equals,
    Key,
    Less,
    Missing,
    Present,
    Put,
    Row,
    Table,
    TransactionCancelled,
    Update,
    all_of,
    any_of,
    query_all,
)
from fakes.tables import MemoryDatabase


class Transacting(Protocol):
    """Something that carries out transactions."""

    def transact(self, actions: Sequence[Action]) -> None:
        """Carry out all actions or none."""
        ...


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> tuple[Table, Table, Transacting]:
    """Return two tables and their database."""
    if request.param == "memory":
        database = MemoryDatabase(("first", "second"))
        return database["first"], database["second"], database
    request.getfixturevalue("tables")
    return DynamoTable("first"), DynamoTable("second"), DynamoDatabase()


Store = tuple[Table, Table, Transacting]

ROW: Row = {
    "pk": "p",
    "sk": "s",
    "text": "é",
    "whole": 3,
    "money": Decimal("12.345678"),
    "flag": True,
    "none": None,
    "bytes": b"\x00\x01",
    "list": [1, "a"],
    "map": {"inner": [Decimal("0.5")]},
}


def test_a_row_comes_back_as_it_was_written(store: Store) -> None:
    table, _, _ = store
    table.put(ROW)
    assert table.get(Key("p", "s")) == ROW
    assert table.get(Key("p", "other")) is None


@pytest.mark.parametrize(
    ("condition", "accepted"),
    [
        pytest.param(Absent(), False, id="absent-fails-on-a-row"),
        pytest.param(Present(), True, id="present"),
        pytest.param(Missing("other"), True, id="missing-attribute"),
        pytest.param(Missing("whole"), False, id="attribute-is-there"),
        pytest.param(Equals("whole", 3), True, id="equal"),
        pytest.param(Equals("none", None), True, id="null-equals-null"),
        pytest.param(Equals("other", 3), False, id="missing-is-never-equal"),
        pytest.param(Less("whole", 4), True, id="less"),
        pytest.param(Less("other", 4), False, id="missing-is-never-less"),
        pytest.param(AtLeast("text", "z"), True, id="texts-compare-by-bytes"),
        pytest.param(all_of(Present(), Equals("whole", 4)), False, id="and"),
        pytest.param(any_of(Missing("whole"), all_of(Equals("whole", 3), Less("whole", 9))), True, id="or"),
    ],
)
def test_a_conditional_write_takes_place_only_when_its_condition_holds(
    store: Store, condition: Condition, accepted: bool
) -> None:
    table, _, _ = store
    table.put(ROW)
    changed = {**ROW, "whole": 99}
    if accepted:
        table.put(changed, condition)
        assert table.get(Key("p", "s")) == changed
    else:
        with pytest.raises(ConditionFailed) as caught:
            table.put(changed, condition)
        assert caught.value.current == ROW
        assert table.get(Key("p", "s")) == ROW


def test_a_failed_condition_on_a_missing_row_names_no_row(store: Store) -> None:
    table, _, _ = store
    with pytest.raises(ConditionFailed) as caught:
        table.update(Key("p", "s"), set={"a": 1}, condition=Present())
    assert caught.value.current is None


def test_an_update_sets_adds_and_removes_and_returns_the_new_row(store: Store) -> None:
    table, _, _ = store
    table.update(Key("p", "s"), set={"a": "x", "gone": 1}, add={"n": 2})
    row = table.update(Key("p", "s"), set={"a": "y"}, add={"n": 3}, remove=["gone"])
    assert row == {"pk": "p", "sk": "s", "a": "y", "n": 5}


def test_a_delete_removes_the_row_and_may_be_repeated(store: Store) -> None:
    table, _, _ = store
    table.put(ROW)
    table.delete(Key("p", "s"))
    table.delete(Key("p", "s"))
    assert table.get(Key("p", "s")) is None


def test_a_query_returns_one_partition_in_order_and_continues_where_it_stopped(store: Store) -> None:
    table, _, _ = store
    rows: list[Row] = [{"pk": "p", "sk": f"a{n:03}"} for n in range(60)]
    table.batch_write([*rows, {"pk": "q", "sk": "a000"}])
    first = table.query("p", prefix="a", limit=25)
    assert [row["sk"] for row in first.rows] == [f"a{n:03}" for n in range(25)]
    rest = table.query("p", prefix="a", after=first.next)
    assert [row["sk"] for row in rest.rows] == [f"a{n:03}" for n in range(25, 60)]
    assert len(query_all(table, "p")) == 60


def test_a_query_between_two_keys_includes_both_and_can_run_backwards(store: Store) -> None:
    table, _, _ = store
    table.batch_write([{"pk": "p", "sk": f"{n}"} for n in range(8)])
    page = table.query("p", low="2", high="5", reverse=True)
    assert [row["sk"] for row in page.rows] == ["5", "4", "3", "2"]


def test_the_due_index_lists_what_is_due_oldest_first(store: Store) -> None:
    table, _, _ = store
    for sk, due_at in (("a", "2026-01-02"), ("b", "2026-01-01"), ("c", "2026-01-09")):
        table.put({"pk": "p", "sk": sk, "due_shard": "sync", "due_at": due_at})
    table.put({"pk": "p", "sk": "never"})
    assert [row["sk"] for row in table.due("sync", "2026-01-05")] == ["b", "a"]


def test_the_due_index_goes_on_after_a_full_answer_up_to_the_limit(store: Store) -> None:
    table, _, _ = store
    body = b"x" * 90_000
    for number in range(30):
        table.put({"pk": "p", "sk": f"{number:02}", "due_shard": "sync", "due_at": f"{number:02}", "body": body})
    assert [row["sk"] for row in table.due("sync", "99", limit=25)] == [f"{number:02}" for number in range(25)]


def test_batches_read_what_exists_and_delete_what_is_named(store: Store) -> None:
    table, _, _ = store
    keys = [Key("p", f"{n:03}") for n in range(130)]
    table.batch_write([{"pk": key.pk, "sk": key.sk} for key in keys])
    table.batch_write(deletes=keys[:100])
    assert sorted(str(row["sk"]) for row in table.batch_get(keys)) == [key.sk for key in keys[100:]]


def test_a_transaction_over_two_tables_is_all_or_none(store: Store) -> None:
    table, other, database = store
    table.put({"pk": "p", "sk": "old", "v": 1})
    actions: list[Action] = [
        Put(table.name, {"pk": "p", "sk": "new"}, Absent()),
        Update(other.name, Key("p", "count"), add={"n": 1}),
        Delete(table.name, Key("p", "old"), Equals("v", 2)),
        Check(other.name, Key("p", "none"), Absent()),
    ]
    with pytest.raises(TransactionCancelled) as caught:
        database.transact(actions)
    assert caught.value.failed == (2,)
    assert table.get(Key("p", "new")) is None
    actions[2] = Delete(table.name, Key("p", "old"), Equals("v", 1))
    database.transact(actions)
    assert table.get(Key("p", "old")) is None
    assert other.get(Key("p", "count")) == {"pk": "p", "sk": "count", "n": 1}
