"""Projection and the change feed: first load, changes, settings, dates, taken-over keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exact_connector.catalog.projection import OwnerRows, Projection, Warning
from exact_connector.documents.changes import Change
from exact_connector.documents.owned import OwnedDocuments, compare
from exact_connector.errors import ConfigurationError
from exact_connector.sync.ports import FamilyProjection
from unit.sync.engine_model import ITEM_KINDS, Connector, Follower
from unit.sync.sync_model import TENANT, document_of, guid

ITEMS = "sync/Logistics/Items"
PRICES = "sync/Logistics/SalesItemPrices"
STOCK = "sync/Inventory/StockPositions"


@pytest.fixture
def connector() -> Connector:
    connector = Connector()
    fill(connector, 7)
    return connector


def fill(connector: Connector, count: int) -> None:
    feed = connector.ground.feed
    for number in range(count):
        feed.put(ITEMS, guid(number), Code=f"A{number}", Description=f"Article {number}")
        feed.put(PRICES, guid(number, 1), Item=guid(number), Price=number)
        for warehouse in range(2):
            feed.put(STOCK, guid(10 * number + warehouse, 2), ItemId=guid(number), CurrentStock=5)
    feed.put("logistics/Units", guid(1, 9), Code="pc")


def ops(connector: Connector, since: int = 0) -> list[tuple[str, str]]:
    return [(entry.op, entry.key) for entry in connector.feed.read(TENANT, since=since, limit=1000).entries]


def test_a_first_load_ends_in_one_reset_entry(connector: Connector) -> None:
    connector.load()
    assert connector.documents() == connector.expected()
    assert ops(connector) == [("reset", "*")]


def test_nothing_is_projected_before_all_streams_of_the_family_are_loaded(connector: Connector) -> None:
    connector.engine.plan(TENANT)
    for name in ("items", "sales_prices", "units"):
        connector.message(name)
    assert connector.documents() == {}
    assert ops(connector) == []


def test_a_second_run_changes_nothing(connector: Connector) -> None:
    connector.load()
    before = connector.ground.database["catalog"].all_rows()
    connector.again()
    assert [row for row in connector.ground.database["catalog"].all_rows() if row["pk"] != f"head#{TENANT}"] == [
        row for row in before if row["pk"] != f"head#{TENANT}"
    ]
    assert connector.feed.head(TENANT) == 1


def test_a_changed_and_a_deleted_item_arrive_in_the_feed(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.put(STOCK, guid(10, 2), CurrentStock=50)
    connector.ground.feed.delete(ITEMS, guid(3))
    connector.again("stock", "deleted")
    assert ops(connector, since=1) == [("upsert", "A1"), ("delete", "A3")]
    assert connector.documents() == connector.expected()


def test_a_follower_that_reads_in_small_pages_has_the_same_documents(connector: Connector) -> None:
    follower = Follower(connector)
    connector.load()
    follower.follow()
    for number in range(5):
        connector.ground.feed.put(ITEMS, guid(number), Description="changed")
    connector.ground.feed.delete(ITEMS, guid(6))
    connector.again("items", "deleted")
    follower.follow(limit=2)
    assert follower.copy == connector.documents() == connector.expected()
    assert follower.seen == list(range(1, connector.feed.head(TENANT) + 1))


def test_a_settings_change_projects_again_without_any_call_to_exact(connector: Connector) -> None:
    connector.load()
    connector.settings("other")
    connector.ground.feed.calls.clear()
    connector.engine.plan(TENANT)
    connector.message("projection:items")
    assert connector.ground.feed.calls == []
    assert connector.documents() == connector.expected()
    assert len(ops(connector, since=1)) == 7


def test_changed_reference_rows_project_again(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.put("logistics/Units", guid(2, 9), Code="box")
    connector.again("units")
    connector.message("projection:items")
    assert connector.documents() == connector.expected()


def test_a_pass_that_runs_out_of_time_goes_on_where_it_was(connector: Connector) -> None:
    connector.load()
    connector.settings("other")
    real = connector.ground.clock.now
    calls = iter(range(1_000_000))

    def hurried() -> Any:
        return real() + timedelta(seconds=next(calls) * 0.5)

    connector.ground.clock.now = hurried  # type: ignore[method-assign]
    result = connector.message("projection:items", seconds=40).projections[0]
    assert result.outcome == "more"
    connector.ground.clock.now = real  # type: ignore[method-assign]
    connector.message("projection:items")
    assert connector.documents() == connector.expected()


def test_a_document_that_depends_on_the_date_changes_on_its_day(connector: Connector) -> None:
    connector.ground.feed.put(ITEMS, guid(1), ChangesOn="2026-03-03")
    looked_at: list[str] = []

    def recorded(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        looked_at.append(rows.owner)
        return document_of(rows, context)

    connector.projection = FamilyProjection(ITEM_KINDS, recorded)
    connector.engine = connector.process("w2")
    connector.load()
    looked_at.clear()
    connector.ground.clock.advance(86_400)
    connector.message("projection:items")
    assert looked_at == [guid(1)]


def test_two_items_that_swap_their_codes_keep_both_documents(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.put(ITEMS, guid(1), Code="A2")
    connector.ground.feed.put(ITEMS, guid(2), Code="A1")
    connector.again("items")
    assert connector.documents() == connector.expected()
    assert connector.documents()["A1"]["name"] == "Article 2"


def test_a_code_that_moves_in_a_later_run_is_not_deleted_by_its_old_owner(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.put(ITEMS, guid(1), Code="A2")
    connector.again("items")
    connector.ground.feed.put(ITEMS, guid(2), Code="A9")
    connector.again("items")
    assert connector.documents() == connector.expected()


def test_an_item_without_prices_left_has_none_in_its_document(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.delete(PRICES, guid(4, 1))
    connector.again("deleted")
    assert connector.documents()["A4"]["prices"] == []


def test_an_owner_with_more_documents_than_a_transaction_holds_is_written_whole() -> None:
    def many(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        main = rows.one("item")
        count = 0 if main is None else int(main["Count"])
        return [Projection("item", f"{rows.owner[-4:]}/{number:03d}", {"n": number}) for number in range(count)]

    connector = Connector(projection=FamilyProjection(ITEM_KINDS, many))
    connector.ground.feed.put(ITEMS, guid(1), Count=150)
    connector.load()
    assert len(connector.documents()) == 150
    connector.ground.feed.put(ITEMS, guid(1), Count=20)
    connector.again("items")
    assert len(connector.documents()) == 20
    head = connector.ground.database["catalog"].get(_head())
    assert head is not None
    assert head["count_item"] == 20


def _head() -> Any:
    from exact_connector.documents.feed import head_key

    return head_key(TENANT)


def test_an_item_that_cannot_be_projected_is_reported_and_blocks_nobody(connector: Connector) -> None:
    def fragile(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        if rows.owner == guid(2):
            raise ValueError("broken")
        return document_of(rows, context)

    connector.projection = FamilyProjection(ITEM_KINDS, fragile)
    connector.engine = connector.process("w2")
    connector.load()
    assert set(connector.documents()) == {"A0", "A1", "A3", "A4", "A5", "A6"}
    lines = connector.engine.projector.reports.of(TENANT, source="items")
    assert [(line.code, line.key) for line in lines] == [("PROJECTION_FAILED", guid(2))]


@pytest.mark.parametrize("how", ["its row changed", "the settings changed", "it was deleted"])
def test_what_was_reported_goes_when_it_is_set_right(connector: Connector, how: str) -> None:
    def warning(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        found = [*document_of(rows, context)]
        odd = [
            each for each in found if each.document and each.document["name"] == "odd" and "other" not in str(context)
        ]
        return [replace(each, warnings=(Warning("ODD_NAME", "it is odd"),)) if each in odd else each for each in found]

    def reported() -> list[str]:
        return [line.key for line in connector.engine.projector.reports.of(TENANT, source="items")]

    connector.projection = FamilyProjection(ITEM_KINDS, warning)
    connector.engine = connector.process("w2")
    for number in (2, 3):
        connector.ground.feed.put(ITEMS, guid(number), Description="odd")
    connector.load()
    assert reported() == ["A2", "A3"]
    if how == "the settings changed":
        connector.settings("other")
        connector.message("projection:items")
    elif how == "it was deleted":
        connector.ground.feed.delete(ITEMS, guid(2))
        connector.again("deleted")
    else:
        connector.ground.feed.put(ITEMS, guid(2), Description="plain")
        connector.again("items")
    assert reported() == ([] if how == "the settings changed" else ["A3"])


def test_a_wrong_setting_stops_the_family_and_says_so(connector: Connector) -> None:
    def refuses(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        raise ConfigurationError("the field Nonsense does not exist")

    connector.load()
    connector.projection = FamilyProjection(ITEM_KINDS, refuses)
    connector.engine = connector.process("w2")
    connector.settings("other")
    assert connector.message("projection:items").projections[0].outcome == "parked"
    state = connector.engine.projector.states.get(TENANT, "items")
    assert state.error_message == "the field Nonsense does not exist"
    assert len(connector.documents()) == 7
    assert connector.ground.events.events[-1][0] == "sync.projection_stopped"


def test_warnings_of_projections_are_reported(connector: Connector) -> None:
    def warns(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        return [
            Projection(each.kind, each.key, each.document, None, (Warning("ODD", "seen"),))
            for each in document_of(rows, context)
        ]

    connector.projection = FamilyProjection(ITEM_KINDS, warns)
    connector.engine = connector.process("w2")
    connector.load()
    assert connector.engine.projector.states.get(TENANT, "items").warnings == 7


def test_superseded_rows_are_removed_after_projection(connector: Connector) -> None:
    connector.load()
    size = len(connector.ground.database["records"].all_rows())
    for _ in range(3):
        connector.ground.feed.put(ITEMS, guid(1), Description="again")
        connector.again("items")
    assert len(connector.ground.database["records"].all_rows()) <= size + 1


class OnlyNames:
    """A rule: readers hear of a new name, as a partial change, and of nothing else."""

    def applies(self, context: Any) -> bool:
        return True

    def change(
        self, kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, context: Any
    ) -> Change | None:
        if before is None or after is None:
            return Change("upsert")
        return None if before["name"] == after["name"] else Change("partial", {"name": after["name"]})


def test_a_rule_may_make_a_change_partial_or_silent(connector: Connector) -> None:
    connector.projection = FamilyProjection(ITEM_KINDS, document_of, rule=OnlyNames())
    connector.engine = connector.process("w2")
    connector.load()
    connector.ground.feed.put(ITEMS, guid(1), Description="New")
    connector.ground.feed.put(STOCK, guid(20, 2), CurrentStock=99)
    connector.again("items", "stock")
    (entry,) = connector.feed.read(TENANT, since=1).entries
    assert (entry.op, entry.key, entry.fields) == ("partial", "A1", {"name": "New"})
    assert connector.documents() == connector.expected()


def test_a_kept_document_stays_as_it_was_delivered() -> None:
    previous = OwnedDocuments("o", ({("item", "A"): "h", ("stock", "A"): "s"},))
    changes = compare(previous, [Projection("item", "A", None, keep=True)])
    assert (dict(changes.puts), changes.deletes) == ({}, (("stock", "A"),))


def test_a_feed_position_from_another_life_asks_for_a_reset(connector: Connector) -> None:
    connector.load()
    assert connector.feed.read(TENANT, since=999).reset


def test_a_reader_that_is_further_behind_than_the_feed_is_kept_reads_everything_anew(connector: Connector) -> None:
    connector.load()
    connector.ground.clock.advance(100 * 86_400)
    connector.ground.feed.put(ITEMS, guid(1), Description="New")
    connector.again("items")
    connector.engine.plan(TENANT)
    behind = connector.feed.read(TENANT, since=0)
    assert (behind.reset, behind.next_since) == (True, 2)
    assert [each.key for each in connector.feed.read(TENANT, since=1).entries] == ["A1"]


def test_the_feed_can_be_read_by_kind(connector: Connector) -> None:
    connector.load()
    connector.ground.feed.put(ITEMS, guid(1), Description="New")
    connector.again("items")
    assert [each.op for each in connector.feed.read(TENANT, kinds=["item"]).entries] == ["reset", "upsert"]
    page = connector.feed.read(TENANT, kinds=["customer"])
    assert (page.entries, page.next_since) == ((), 2)


def test_documents_are_listed_in_pages(connector: Connector) -> None:
    connector.load()
    first = connector.catalog.list(TENANT, "item", limit=4)
    second = connector.catalog.list(TENANT, "item", limit=4, cursor=first.cursor)
    assert [each.key for each in (*first.documents, *second.documents)] == [f"A{number}" for number in range(7)]
    assert second.cursor is None
    assert set(connector.catalog.batch(TENANT, "item", ["A1", "A5", "none"])) == {"A1", "A5"}


def test_a_document_that_no_table_takes_is_reported_and_the_others_are_served() -> None:
    def long_keys(rows: OwnerRows, context: Any) -> Sequence[Projection]:
        found = document_of(rows, context)
        return [*found, *(replace(each, key=each.key * 600) for each in found if each.key == "A3")]

    connector = Connector(projection=FamilyProjection(ITEM_KINDS, long_keys))
    fill(connector, 7)
    connector.load()
    assert connector.documents() == connector.expected()
    (line,) = connector.engine.projector.reports.of(TENANT, source="items")
    assert (line.code, line.key) == ("DOCUMENT_TOO_LARGE", ("A3" * 600)[:200])
    assert connector.check().healthy


def test_a_document_that_cannot_be_served_is_reported_by_its_key_until_it_is_shorter() -> None:
    connector = Connector()
    fill(connector, 7)
    connector.ground.feed.put(ITEMS, guid(3), Description="x" * 5_100_000)
    connector.load()
    assert connector.documents().keys() == {f"A{number}" for number in range(7)} - {"A3"}
    (line,) = connector.engine.projector.reports.of(TENANT, source="items")
    assert (line.code, line.key) == ("DOCUMENT_TOO_LARGE", "A3")
    assert connector.counts() == {"count_item": 6}
    connector.ground.feed.put(ITEMS, guid(3), Description="short")
    connector.ground.feed.put(ITEMS, guid(4), Description="other")
    connector.again("items")
    assert connector.documents() == connector.expected()
    assert connector.engine.projector.reports.of(TENANT, source="items") == []
