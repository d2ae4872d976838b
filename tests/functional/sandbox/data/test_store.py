"""The store: row versions, late commits, deletions, indexes and the flat streams."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exact_sandbox.clock import SandboxClock
from exact_sandbox.world.store import FIRST_VERSION, Division, Options, Refusal, World
from functional.sandbox.data.worlds import Office, counter_guids, small_world, still_clock


def empty_division() -> Division:
    world = World(clock=still_clock(), options=Options(), guid_source=counter_guids())
    world.users = small_world(items=1, customers=1, orders=0).users
    return Division(world, {"Code": 1, "Description": "Test"})


@pytest.fixture
def division() -> Division:
    return empty_division()


def keys(division: Division, after: int = 0) -> list[str]:
    return [row["ID"] for row in division.table("Items").scan_by_timestamp(after)]


def test_row_versions_start_beyond_32_bits_and_rise(division: Division) -> None:
    items = division.table("Items")
    versions = [items.insert({"ID": key, "Code": key})["Timestamp"] for key in "abc"]
    assert versions[0] > FIRST_VERSION > 2**31
    assert versions == sorted(set(versions))


def test_an_update_moves_a_row_to_the_end_of_the_stream_and_keeps_its_key(division: Division) -> None:
    items = division.table("Items")
    for key in "abc":
        items.insert({"ID": key, "Code": key})
    items.update("a", {"Code": "changed"})
    assert keys(division) == ["b", "c", "a"]
    assert items.get("a") == {**(items.get("a") or {}), "ID": "a", "Code": "changed"}


def test_several_changes_of_one_row_collapse_into_the_last(division: Division) -> None:
    items = division.table("Items")
    items.insert({"ID": "a", "Code": "1"})
    for code in "234":
        items.update("a", {"Code": code})
    assert [(row["ID"], row["Code"]) for row in items.scan_by_timestamp(0)] == [("a", "4")]


def test_a_null_in_an_update_empties_the_field(division: Division) -> None:
    division.table("Items").insert({"ID": "a", "Code": "1", "Notes": "x"})
    assert "Notes" not in division.table("Items").update("a", {"Notes": None})


def test_reading_starts_beyond_the_given_version(division: Division) -> None:
    items = division.table("Items")
    first = items.insert({"ID": "a"})["Timestamp"]
    items.insert({"ID": "b"})
    assert keys(division, first) == ["b"]
    assert keys(division, first + 1) == []


def test_a_deletion_leaves_a_record_in_the_deleted_stream(division: Division) -> None:
    division.table("Items").insert({"ID": "a"})
    division.table("Items").delete("a")
    (deleted,) = division.table("Deleted").scan_by_timestamp(0)
    assert (deleted["EntityType"], deleted["EntityKey"]) == (9, "a")
    assert division.table("Items").get("a") is None
    assert deleted["Timestamp"] == division.version


def test_deletions_are_forgotten_after_two_months(division: Division) -> None:
    division.table("Items").insert({"ID": "a"})
    division.table("Items").delete("a")
    clock = cast(SandboxClock, division.world.clock)
    clock.advance(60 * 86400)
    assert len(list(division.table("Deleted").scan_by_timestamp(0))) == 1
    clock.advance(2 * 86400)
    assert list(division.table("Deleted").scan_by_timestamp(0)) == []


def test_a_key_cannot_be_inserted_twice(division: Division) -> None:
    division.table("Items").insert({"ID": "a"})
    with pytest.raises(Refusal, match="Gegeven bestaat reeds"):
        division.table("Items").insert({"ID": "a"})


def test_a_late_commit_becomes_visible_below_what_was_read_meanwhile(division: Division) -> None:
    items, clock = division.table("Items"), cast(SandboxClock, division.world.clock)
    with division.transaction(late_s=5):
        items.insert({"ID": "late"})
    on_time = items.insert({"ID": "on time"})
    assert keys(division) == ["on time"]
    assert items.get("late") is None
    assert items.lookup("ID", "late") == []
    clock.advance(5)
    assert keys(division) == ["late", "on time"]
    assert keys(division, on_time["Timestamp"]) == []
    assert [row["ID"] for row in items.scan_by_key()] == ["late", "on time"]


def test_a_late_update_shows_the_old_row_until_it_is_visible(division: Division) -> None:
    items, clock = division.table("Items"), cast(SandboxClock, division.world.clock)
    items.insert({"ID": "a", "Code": "old"})
    with division.transaction(late_s=2):
        items.update("a", {"Code": "new"})
    assert (items.get("a") or {})["Code"] == "old"
    clock.advance(2)
    assert (items.get("a") or {})["Code"] == "new"


def test_an_index_follows_inserts_updates_and_deletes(division: Division) -> None:
    items = division.table("Items")
    items.insert({"ID": "a", "Code": "1"})
    assert items.first("Code", "1") == items.get("a")
    items.update("a", {"Code": "2"})
    assert items.lookup("Code", "1") == []
    assert [row["ID"] for row in items.lookup("Code", "2") or []] == ["a"]
    items.delete("a")
    assert items.lookup("Code", "2") == []


def test_a_field_without_index_is_not_looked_up(division: Division) -> None:
    assert division.table("Items").lookup("Notes", "x") is None


def test_a_row_that_moves_while_somebody_pages_comes_again_later(division: Division) -> None:
    items = division.table("Items")
    for key in "abc":
        items.insert({"ID": key})
    page = [row["ID"] for row in items.scan_by_timestamp(0)][:2]
    items.restamp("a")
    rest = keys(division, (items.get("b") or {})["Timestamp"])
    assert page + rest == ["a", "b", "c", "a"]


def test_a_row_that_was_handed_out_does_not_change(division: Division) -> None:
    items = division.table("Items")
    before = items.insert({"ID": "a", "Code": "1"})
    items.update("a", {"Code": "2"})
    assert before["Code"] == "1"


def test_a_moved_company_has_new_and_lower_versions_in_the_same_order(division: Division) -> None:
    items = division.table("Items")
    for key in "abc":
        items.insert({"ID": key})
    items.update("a", {"Code": "x"})
    items.delete("c")
    before = division.version
    division.move_database()
    assert keys(division) == ["b", "a"]
    assert keys(division, before) == []
    assert list(division.table("Deleted").scan_by_timestamp(0)) == []
    assert items.insert({"ID": "d"})["Timestamp"] == division.version < before
    assert keys(division) == ["b", "a", "d"]


@pytest.mark.parametrize(
    ("stream", "lines", "link"),
    [
        pytest.param("SalesInvoices", "SalesInvoiceLines", "InvoiceID", id="invoices"),
        pytest.param("PurchaseOrders", "PurchaseOrderLines", "PurchaseOrderID", id="purchase orders"),
    ],
)
def test_flat_streams_give_one_row_per_line_with_its_header(
    shared_world: World, stream: str, lines: str, link: str
) -> None:
    office = Office(shared_world)
    rows = [row for row in office.division.sync_rows(stream) if 0 < row["LineNumber"] < 9999]
    assert len(rows) == len(office.division.table(lines)) > 0
    for row in rows:
        header = office.division.table(stream).get(row[link]) or {}
        line = office.division.table(lines).get(row["ID"]) or {}
        assert row["Currency"] == header["Currency"]
        assert (row["ItemCode"], row["Timestamp"]) == (line["ItemCode"], line["Timestamp"])
    heads = [row for row in office.division.sync_rows(stream) if row["LineNumber"] == 0]
    assert [row[link] for row in heads] == [row[link] for row in office.division.table(stream).scan_by_timestamp()]


class Model:
    """What the store should hold, kept the slow and obvious way."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[int, int]] = {}

    def stream(self) -> list[tuple[str, int]]:
        return [(key, value) for key, (_, value) in sorted(self.rows.items(), key=lambda entry: entry[1][0])]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["put", "delete", "restamp"]), st.integers(0, 9))))
def test_the_store_agrees_with_a_simple_model(steps: list[tuple[str, str, int]]) -> None:
    division = empty_division()
    items, model = division.table("Items"), Model()
    for key, what, value in steps:
        if what == "put" and key in model.rows:
            row = items.update(key, {"SecurityLevel": value})
            model.rows[key] = (row["Timestamp"], value)
        elif what == "put":
            row = items.insert({"ID": key, "SecurityLevel": value})
            model.rows[key] = (row["Timestamp"], value)
        elif what == "delete" and key in model.rows:
            items.delete(key)
            del model.rows[key]
        elif key in model.rows:
            items.restamp(key)
            model.rows[key] = ((items.get(key) or {})["Timestamp"], model.rows[key][1])
    assert [(row["ID"], row["SecurityLevel"]) for row in items.scan_by_timestamp(0)] == model.stream()
    assert [row["ID"] for row in items.scan_by_key()] == sorted(model.rows)
    assert len(items) == len(model.rows)
