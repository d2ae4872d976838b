"""Rows and packs that are larger than a table row: stored in pieces, whole again when read, gone when outlived."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exact_connector.storage.table import Key, Row
from exact_connector.sync.stores.records import Gone, Records, StoredRow, merge, to_packs, to_tombstone
from fakes.tables import MemoryDatabase
from unit.sync.sync_model import TENANT

LARGEST = 400 * 1024
CHANCE = random.Random(3)
VERSION = (1, 5)


def row(row_id: str, size: int, version: tuple[int, int] = VERSION) -> StoredRow:
    """A row with text that no compression makes much smaller."""
    return StoredRow("items", "o", "item", row_id, version, {"ID": row_id, "Notes": CHANCE.randbytes(size // 2).hex()})


def largest(packs: list[Row]) -> int:
    return max(len(each["body"]) for each in packs if isinstance(each["body"], bytes))


@pytest.mark.parametrize("size", [600_000, 3_000_000, 12_000_000])
def test_one_row_of_any_size_is_stored_in_pieces_and_read_whole(size: int) -> None:
    large = row("a", size)
    packs = to_packs(TENANT, [large])
    assert len(packs) > 1
    assert largest(packs) < LARGEST
    assert merge("o", packs).rows["item"]["a"] == large


def test_many_rows_of_one_owner_are_divided_among_packs_that_fit() -> None:
    rows = [row(f"{number:03d}", 40_000) for number in range(150)]
    packs = to_packs(TENANT, rows)
    assert 9 < len(packs) < 40
    assert largest(packs) < LARGEST
    assert merge("o", packs).rows["item"] == {each.row_id: each for each in rows}


def test_the_same_rows_always_give_the_same_table_rows() -> None:
    rows = [row("a", 900_000), row("b", 10), row("c", 500_000)]
    assert to_packs(TENANT, rows) == to_packs(TENANT, list(reversed(rows)))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.randoms())
def test_a_row_of_which_pieces_lack_does_not_count_and_is_not_removed(there: int, chance: random.Random) -> None:
    old, new = row("a", 10, (1, 4)), row("a", 2_600_000)
    packs, pieces = to_packs(TENANT, [old]), to_packs(TENANT, [new])
    assert len(pieces) == 5
    found = merge("o", [*packs, *chance.sample(pieces, there)])
    assert found.rows["item"]["a"] == old
    assert found.superseded == ()


def test_pieces_go_when_a_newer_version_counts_whole_or_not() -> None:
    pieces, newer = to_packs(TENANT, [row("a", 900_000)]), to_packs(TENANT, [row("a", 10, (1, 6))])
    for left in (pieces, pieces[1:]):
        found = merge("o", [*left, *newer])
        assert set(found.superseded) == {Key(str(each["pk"]), str(each["sk"])) for each in left}


@pytest.mark.parametrize(("before", "goes"), [(None, True), ((1, 6), True), ((1, 5), False)])
def test_pieces_of_a_deleted_row_go_but_not_those_of_one_that_came_back(
    before: tuple[int, int] | None, goes: bool
) -> None:
    pieces = to_packs(TENANT, [row("a", 900_000)])[:2]  # the third is still to be written
    gone = to_tombstone(TENANT, Gone("items", "o", "item", "a", before), "2026")
    assert bool(merge("o", [*pieces, gone]).superseded) is goes


def test_large_rows_go_through_the_table_and_leave_nothing_behind() -> None:
    table = MemoryDatabase()["records"]
    records = Records(table)
    for number in range(1, 6):
        large = row("a", 1_400_000, (1, number))
        records.write(TENANT, [large, row("b", 10, (1, number))])
        (owner,) = records.owners(TENANT, "items", ["o"])
        assert owner.rows["item"]["a"] == large
        records.remove(owner.superseded)
    assert len(table.all_rows()) == 4  # three pieces, and the pack of the small one
