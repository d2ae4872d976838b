"""What repositories build on the key-value port: transactions that meet others, and partitions that are emptied."""

from __future__ import annotations

import pytest

from exact_connector.errors import StoreUnavailable
from exact_connector.storage.table import (
    Absent,
    ConditionFailed,
    Contended,
    Equals,
    Key,
    Put,
    Row,
    TransactionCancelled,
    clear,
    compare_and_set,
    paginate,
    query_rows,
    read_page,
    transact,
)
from fakes.tables import BusyDatabase, ContendedTable, MemoryDatabase, MemoryTable

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


COUNTER = Key("a", "1")


def increment(table: MemoryTable, reads: list[str], *, use_current: bool = False) -> int:
    """Add one to a counter that others may change."""

    def read() -> Row | None:
        reads.append("read")
        return table.get(COUNTER)

    def change(row: Row | None) -> int:
        number = 1 if row is None else int(str(row["number"])) + 1
        condition = Absent() if row is None else Equals("number", number - 1)
        table.put({"pk": COUNTER.pk, "sk": COUNTER.sk, "number": number}, condition)
        return number

    return compare_and_set(read, change, what="the counter", current=(lambda row: row) if use_current else None)


@pytest.mark.parametrize("meetings", [0, 1, 19])
def test_a_row_is_changed_as_it_is_by_then(meetings: int) -> None:
    table, reads = ContendedTable(meetings), list[str]()
    assert increment(table, reads) == 1
    assert len(reads) == meetings + 1


def test_the_row_in_the_way_saves_reading_it() -> None:
    table, reads = ContendedTable(), list[str]()
    increment(table, reads)
    table.meetings, reads = 5, []
    assert increment(table, reads, use_current=True) == 2
    assert reads == ["read"]


def test_a_row_that_is_always_changed_by_others_is_named() -> None:
    with pytest.raises(Contended, match="the counter is changed by others"):
        increment(ContendedTable(1_000), [])


def test_what_else_goes_wrong_ends_a_change_at_once() -> None:
    tries = []

    def change(state: int) -> int:
        tries.append(state)
        raise StoreUnavailable("no answer")

    with pytest.raises(StoreUnavailable, match="no answer"):
        compare_and_set(lambda: 1, change, what="a row")
    assert tries == [1]


def test_a_failed_condition_that_names_no_row_is_read_again() -> None:
    reads = iter([1, 2])

    def change(state: int) -> int:
        if state == 1:
            raise ConditionFailed
        return state

    assert compare_and_set(lambda: next(reads), change, what="a row", current=lambda row: 7) == 2


@pytest.fixture
def numbered() -> MemoryTable:
    """Return a table with the rows 0 to 6 of one partition."""
    table = MemoryDatabase()["orders"]
    for number in range(7):
        table.put({"pk": "p", "sk": str(number)})
    return table


def test_pages_follow_each_other_and_are_fetched_when_they_are_asked_for(numbered: MemoryTable) -> None:
    pages = paginate(numbered, "p", size=3)
    assert [row["sk"] for row in next(pages).rows] == ["0", "1", "2"]
    numbered.put({"pk": "p", "sk": "35"})
    assert [[row["sk"] for row in page.rows] for page in pages] == [["3", "35", "4"], ["5", "6"]]


def test_pages_begin_after_a_key_and_run_backwards(numbered: MemoryTable) -> None:
    assert [row["sk"] for page in paginate(numbered, "p", after=Key("p", "4")) for row in page.rows] == ["5", "6"]
    assert [row["sk"] for row in query_rows(numbered, "p", low="1", high="3", size=2, reverse=True)] == ["3", "2", "1"]


def test_a_query_without_rows_has_one_empty_page() -> None:
    assert [page.rows for page in paginate(MemoryDatabase()["orders"], "p")] == [[]]


def test_a_page_has_as_many_rows_as_asked_for_however_short_the_table_s_own_pages_are() -> None:
    table = MemoryDatabase()["orders"]
    table.batch_write([{"pk": "p", "sk": f"{number:02}", "body": "x" * 90_000} for number in range(30)])
    assert len(table.query("p", limit=25).rows) < 25
    first = read_page(table, "p", 25)
    assert ([row["sk"] for row in first.rows], first.next) == ([f"{n:02}" for n in range(25)], Key("p", "24"))
    rest = read_page(table, "p", 25, after=first.next)
    assert ([row["sk"] for row in rest.rows], rest.next) == ([f"{n:02}" for n in range(25, 30)], None)


@pytest.mark.parametrize(
    ("limit", "rows", "following"),
    [(3, ["6", "5", "4"], Key("p", "4")), (7, list("6543210"), None), (9, list("6543210"), None)],
)
def test_a_page_backwards_ends_where_the_partition_ends(
    numbered: MemoryTable, limit: int, rows: list[str], following: Key | None
) -> None:
    page = read_page(numbered, "p", limit, reverse=True)
    assert ([row["sk"] for row in page.rows], page.next) == (rows, following)
