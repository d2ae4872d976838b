"""How rows lie in the table: versions, tombstones, the owner index, the overlap, the decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exact_connector.storage.packing import pack, slim, unpack
from exact_connector.sync.extraction.overlap import Overlap, version_digest
from exact_connector.sync.stores.ids import OwnerIndex
from exact_connector.sync.stores.records import Gone, Records, StoredRow, merge, to_packs, to_tombstone
from fakes.tables import MemoryDatabase
from unit.sync.sync_model import TENANT, Ground, guid


def row(row_id: str, number: int, *, generation: int = 1, owner: str = "o", value: int = 0) -> StoredRow:
    return StoredRow("items", owner, "sales_price", row_id, (generation, number), {"ID": row_id, "value": value})


versions = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.integers(1, 9)), min_size=1)


@given(versions, st.randoms())
def test_the_newest_version_wins_in_whatever_order_packs_were_written(
    given_versions: list[tuple[str, int, int]], chance: object
) -> None:
    rows = [row(key, number, generation=generation, value=number) for key, generation, number in given_versions]
    packs = [each for one in rows for each in to_packs(TENANT, [one])]
    chance.shuffle(packs)  # type: ignore[attr-defined]
    found = merge("o", packs).rows["sales_price"]
    for key in {each.row_id for each in rows}:
        assert found[key].version == max(each.version for each in rows if each.row_id == key)


@given(versions)
def test_removing_superseded_packs_changes_nothing(given_versions: list[tuple[str, int, int]]) -> None:
    rows = [row(key, number, generation=generation) for key, generation, number in given_versions]
    packs = {str(each["sk"]): each for one in rows for each in to_packs(TENANT, [one])}
    before = merge("o", packs.values())
    doomed = {key.sk for key in before.superseded}
    after = merge("o", [each for name, each in packs.items() if name not in doomed])
    assert after.rows == before.rows
    assert after.superseded == ()


def test_a_tombstone_holds_against_every_later_version() -> None:
    gone = to_tombstone(TENANT, Gone("items", "o", "sales_price", "a"), "2026")
    assert merge("o", [*to_packs(TENANT, [row("a", 99), row("b", 1)]), gone]).rows["sales_price"].keys() == {"b"}


def test_a_row_that_came_back_to_an_owner_counts_again() -> None:
    gone = to_tombstone(TENANT, Gone("items", "o", "sales_price", "a", (1, 5)), "2026")
    assert "a" not in merge("o", [*to_packs(TENANT, [row("a", 4)]), gone]).rows["sales_price"]
    assert "a" in merge("o", [*to_packs(TENANT, [row("a", 5)]), gone]).rows["sales_price"]


@pytest.mark.parametrize("count", [3, 40], ids=["a query each", "one range"])
def test_owners_are_read_in_either_way(count: int) -> None:
    records = Records(MemoryDatabase()["records"])
    names = [guid(number) for number in range(600)]
    records.write(TENANT, [row(name, 1, owner=name) for name in names])
    wanted = [*names[:count], guid(9_999)]
    found = {owner.owner: set(owner.rows.get("sales_price", {})) for owner in records.owners(TENANT, "items", wanted)}
    assert found == {**{name: {name} for name in names[:count]}, guid(9_999): set()}


def test_the_owner_index_joins_its_chunks_without_losing_a_pair() -> None:
    table = MemoryDatabase()["records"]
    index = OwnerIndex(table)
    for number in range(1_500):
        index.add(TENANT, "contact", {guid(number % 500): guid(number)})
    everything = {guid(number) for number in range(500)}
    first = index.find(TENANT, "contact", everything)
    assert len(table.all_rows()) < 100
    assert index.find(TENANT, "contact", everything) == first
    assert first[guid(7)] == {guid(7), guid(507), guid(1_007)}


def test_the_index_answers_nothing_for_a_row_that_was_never_stored() -> None:
    assert OwnerIndex(MemoryDatabase()["records"]).find(TENANT, "contact", [guid(1)]) == {}


@given(st.lists(st.tuples(st.integers(1, 2**62), st.sampled_from("abcd")), max_size=40))
def test_an_overlap_survives_being_written(seen: list[tuple[int, str]]) -> None:
    overlap = Overlap(10).extended((mark, version_digest(key, mark)) for mark, key in seen)
    assert Overlap.from_bytes(overlap.to_bytes(), 10) == overlap
    assert len(overlap.entries) <= 10


def test_an_overlap_keeps_the_newest_rows_and_starts_at_the_oldest_of_them() -> None:
    overlap = Overlap(3).extended((mark, b"____") for mark in (5, 9, 1, 7))
    assert overlap.start == 5
    assert overlap.knows(9, b"____")
    assert not overlap.knows(1, b"____")


def test_everything_is_read_again_while_it_fits_in_the_overlap() -> None:
    assert Overlap(3).extended([(5, b"____")]).start is None


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_decimals_of_exact_come_back_as_they_were(value: Decimal) -> None:
    assert unpack(pack({"Price": value}))["Price"] == value


def test_what_says_nothing_is_not_stored() -> None:
    lines = {"__deferred": {"uri": "..."}}
    assert slim({"ID": "1", "Notes": None, "__metadata": {}, "Lines": lines, "Flag": False}) == {
        "ID": "1",
        "Flag": False,
    }


@pytest.mark.parametrize("key", [guid(1, 5), guid(1, 4)], ids=["the line's key", "the document's key"])
def test_an_order_line_is_deleted_under_its_own_key_or_the_documents(key: str) -> None:
    ground = Ground()
    ground.plan("purchase_orders", "deleted")
    path = "sync/PurchaseOrder/PurchaseOrders"
    ground.feed.put(path, guid(1, 5), PurchaseOrderID=guid(1, 4))
    ground.run("purchase_orders")
    ground.feed.delete(path, key, 22)
    ground.run("deleted")
    assert ground.stored("documents", "purchase_order_line") == {}


@pytest.mark.parametrize("key", [guid(1, 5), guid(1, 4)], ids=["the row's id", "the order's id"])
def test_an_order_header_is_deleted_under_either_of_its_ids(key: str) -> None:
    ground = Ground()
    ground.plan("sales_order_headers", "deleted")
    path = "sync/SalesOrder/SalesOrderHeaders"
    ground.feed.put(path, guid(1, 5), OrderID=guid(1, 4))
    ground.run("sales_order_headers")
    ground.feed.delete(path, key, 32)
    ground.run("deleted")
    assert ground.stored("documents", "sales_order") == {}
