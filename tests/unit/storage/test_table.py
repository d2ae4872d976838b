"""What repositories build on the key-value port: transactions that meet others, and partitions that are emptied."""

from __future__ import annotations

import pytest

from exact_connector.errors import StoreUnavailable
from exact_connector.storage.table import Absent, Key, Put, Row, TransactionCancelled, clear, transact
from fakes.tables import BusyDatabase, MemoryDatabase

ROW: Row = {"pk": "a", "sk": "1"}


@pytest.mark.parametrize("meetings", [0, 1, 5])
def test_a_transaction_that_meets_others_is_tried_again_after_pauses(meetings: int) -> None:
    database, pauses = BusyDatabase(meetings), list[float]()
    transact(database, [Put("orders", ROW, Absent())], pauses.append)
    assert database["orders"].get(Key("a", "1")) == ROW
    assert len(pauses) == meetings
    assert pauses == sorted(pauses)


def test_a_transaction_whose_rows_stay_busy_says_so() -> None:
    database = BusyDatabase(100)
    with pytest.raises(StoreUnavailable, match="busy"):
        transact(database, [Put("orders", ROW, Absent())], lambda seconds: None)
    assert database["orders"].get(Key("a", "1")) is None


def test_a_transaction_whose_condition_fails_is_not_tried_again() -> None:
    database, pauses = MemoryDatabase(), list[float]()
    database["orders"].put(ROW)
    with pytest.raises(TransactionCancelled) as cancelled:
        transact(database, [Put("orders", ROW, Absent())], pauses.append)
    assert cancelled.value.failed == (0,)
    assert pauses == []


def test_a_partition_is_emptied_and_the_others_stay() -> None:
    table = MemoryDatabase()["orders"]
    for pk, sk in [("a", "1"), ("a", "2"), ("b", "1")]:
        table.put({"pk": pk, "sk": sk})
    assert clear(table, "a") == 2
    assert [row["pk"] for row in table.all_rows()] == ["b"]
    assert clear(table, "a") == 0
