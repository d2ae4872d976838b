"""The processes of the tests really die where they are told to, and what they did before stays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from exact_connector.storage.table import Action, ConditionFailed, Key, Present, Put
from fakes.crashing import Crash, Process, WatchedDatabase
from fakes.tables import MemoryDatabase


def write(tables: WatchedDatabase, *names: str) -> None:
    for name in names:
        tables["orders"].put({"pk": "a", "sk": name})


def stored(database: MemoryDatabase) -> list[str]:
    return sorted(str(row["sk"]) for row in database["orders"].all_rows())


@pytest.mark.parametrize(
    ("late", "left"), [(False, ["1"]), (True, ["1", "2"])], ids=["before the operation", "after it"]
)
def test_a_process_dies_at_its_operation_and_does_nothing_more(late: bool, left: Sequence[str]) -> None:
    process, database = Process(), MemoryDatabase()
    tables = WatchedDatabase(process, database)
    process.arm(2, late=late)
    with pytest.raises(Crash):
        write(tables, "1", "2", "3")
    with pytest.raises(Crash):
        write(tables, "4")
    assert stored(database) == left
    process.revive()
    write(tables, "5")
    assert stored(database) == [*left, "5"]


def test_a_process_may_die_after_an_operation_that_failed() -> None:
    process = Process()
    table = WatchedDatabase(process, MemoryDatabase())["orders"]
    process.arm(1, late=True)
    with pytest.raises(Crash):
        table.put({"pk": "a", "sk": "1"}, Present())
    process.revive()
    with pytest.raises(ConditionFailed):
        table.put({"pk": "a", "sk": "1"}, Present())


def test_a_batch_write_is_interrupted_between_its_rows() -> None:
    process, database = Process(), MemoryDatabase()
    process.arm(3, late=False)
    with pytest.raises(Crash):
        WatchedDatabase(process, database)["orders"].batch_write([{"pk": "a", "sk": str(each)} for each in range(5)])
    assert stored(database) == ["0", "1"]


def test_a_transaction_is_one_operation() -> None:
    process, database = Process(), MemoryDatabase()
    actions: list[Action] = [Put("orders", {"pk": "a", "sk": each}) for each in "12"]
    WatchedDatabase(process, database).transact(actions)
    assert process.count == 1
    assert database["orders"].get(Key("a", "2")) is not None


def test_others_are_let_in_once_and_may_prepare_what_happens_next() -> None:
    process, database, heard = Process(), MemoryDatabase(), list[str]()
    tables = WatchedDatabase(process, database)

    def meanwhile() -> None:
        heard.append("others")
        write(tables, "0")
        process.arm(2, late=False)

    process.arm(2, late=False, then=meanwhile)
    with pytest.raises(Crash):
        write(tables, "1", "2", "3", "4")
    assert heard == ["others"]
    assert stored(database) == ["0", "1", "2", "3"]
