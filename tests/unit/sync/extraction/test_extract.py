"""Extraction of one stream: pages, resuming, deletions, late rows, faults."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.errors import (
    BudgetExhausted,
    EndpointParked,
    ExactRejected,
    ExactUnavailable,
    ReauthorizationRequired,
)
from exact_connector.exact.http.query import Query
from exact_connector.storage.table import Key
from exact_connector.sync.streams.catalogue import stream
from unit.sync.sync_model import TENANT, FeedPage, Ground, guid, wanted_rows

ITEMS = "sync/Logistics/Items"
PRICES = "sync/Logistics/SalesItemPrices"
CONTACTS = "sync/CRM/Contacts"


@pytest.fixture
def ground() -> Ground:
    ground = Ground()
    ground.plan("items", "sales_prices", "contacts", "deleted", "units", "division")
    return ground


def fill(ground: Ground, count: int) -> None:
    for number in range(count):
        ground.feed.put(ITEMS, guid(number), Code=f"A{number}", Description=f"Article {number}")


def test_a_first_load_stores_every_row_of_every_page(ground: Ground) -> None:
    fill(ground, 8)
    result = ground.run("items")
    assert (result.outcome, result.pages, result.rows) == ("finished", 3, 8)
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))


def test_the_watermark_is_committed_only_after_the_last_page(ground: Ground) -> None:
    fill(ground, 8)
    ground.with_sync(chunk_rows=3)
    assert ground.run("items").outcome == "more"
    assert ground.checkpoint("items").watermark == 0
    while ground.run("items").outcome == "more":
        pass
    assert ground.checkpoint("items").watermark == ground.feed.version


def test_a_second_run_makes_one_call_and_stores_nothing(ground: Ground) -> None:
    fill(ground, 2)
    ground.run("items")
    before = ground.database["records"].all_rows()
    ground.feed.calls.clear()
    assert ground.run("items").rows == 0
    assert len(ground.feed.calls) == 1
    assert ground.database["records"].all_rows() == before
    assert ground.extractor.affected.of_family(TENANT, "items")[1:] == []


def test_a_changed_row_is_read_alone(ground: Ground) -> None:
    fill(ground, 2)
    ground.run("items")
    ground.feed.put(ITEMS, guid(1), Description="New name")
    assert ground.run("items").rows == 1
    assert ground.stored("items", "item")[guid(1)]["Description"] == "New name"


def test_a_row_that_became_visible_late_is_still_seen(ground: Ground) -> None:
    fill(ground, 3)
    ground.feed.put_late(ITEMS, guid(50), Code="LATE")
    ground.feed.put(ITEMS, guid(51), Code="EARLY")
    ground.run("items")
    ground.feed.show()
    ground.run("items")
    assert ground.stored("items", "item")[guid(50)]["Code"] == "LATE"


def test_a_killed_worker_costs_at_most_the_page_it_was_at(ground: Ground) -> None:
    fill(ground, 9)
    ground.feed.before_fetch = lambda _: _fail_at(ground, 3)
    with pytest.raises(KeyboardInterrupt):
        ground.run("items")
    ground.feed.before_fetch = None
    ground.clock.advance(100)
    ground.feed.calls.clear()
    assert ground.run("items").outcome == "finished"
    assert len(ground.feed.calls) == 1
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))


def _fail_at(ground: Ground, call: int) -> None:
    if len(ground.feed.calls) == call:
        raise KeyboardInterrupt


def test_a_second_worker_stays_away_while_the_lease_holds(ground: Ground) -> None:
    fill(ground, 3)
    claimed = ground.extractor.checkpoints.claim(TENANT, "items", "other", ground.clock.now())
    assert claimed is not None
    assert ground.run("items").outcome == "busy"
    ground.clock.advance(91)
    assert ground.run("items").outcome == "finished"


def test_a_worker_that_lost_its_lease_changes_no_checkpoint(ground: Ground) -> None:
    fill(ground, 6)
    thief = ground.worker("w2")

    def steal(_: str) -> None:
        if len(ground.feed.calls) == 2:
            ground.feed.before_fetch = None
            ground.clock.advance(91)
            assert thief.checkpoints.claim(TENANT, "items", "w2", ground.clock.now()) is not None

    ground.feed.before_fetch = steal
    assert ground.run("items").outcome == "lost"
    assert ground.checkpoint("items").pages_run == 1


def test_a_row_deleted_between_reading_and_storing_is_not_kept(ground: Ground) -> None:
    ground.feed.put(PRICES, guid(1, 1), Item=guid(1), Price=10)
    ground.feed.put(PRICES, guid(2, 1), Item=guid(2), Price=20)
    original = ground.feed.fetch

    def deleted_meanwhile(query: object, cursor: str | None = None) -> object:
        page = original(query, cursor)  # type: ignore[arg-type]
        if getattr(query, "path", "") == PRICES:
            ground.feed.fetch = original  # type: ignore[method-assign]
            ground.feed.delete(PRICES, guid(1, 1))
            ground.run("deleted", extractor=ground.worker("w2"))
        return page

    ground.feed.fetch = deleted_meanwhile  # type: ignore[method-assign,assignment]
    assert ground.run("sales_prices").outcome == "finished"
    assert set(ground.stored("items", "sales_price")) == {guid(2, 1)}


def test_a_deletion_reaches_rows_of_every_family(ground: Ground) -> None:
    fill(ground, 2)
    ground.feed.put(PRICES, guid(1, 1), Item=guid(1), Price=10)
    ground.feed.put(CONTACTS, guid(1, 2), Account=guid(9), FullName="N.N.")
    for name in ("items", "sales_prices", "contacts"):
        ground.run(name)
    ground.feed.delete(ITEMS, guid(0))
    ground.feed.delete(PRICES, guid(1, 1))
    ground.feed.delete(CONTACTS, guid(1, 2))
    result = ground.run("deleted")
    assert result.families == {"items", "customers"}
    assert set(ground.stored("items", "item")) == {guid(1)}
    assert ground.stored("items", "sales_price") == {}
    assert ground.stored("customers", "contact") == {}


def test_a_row_that_moved_to_another_owner_lies_there_alone(ground: Ground) -> None:
    ground.feed.put(CONTACTS, guid(1, 2), Account=guid(9))
    ground.run("contacts")
    ground.feed.put(CONTACTS, guid(1, 2), Account=guid(8))
    ground.run("contacts")
    assert ground.stored("customers", "contact")[guid(1, 2)]["Account"] == guid(8)
    ground.feed.put(CONTACTS, guid(1, 2), Account=guid(9))
    ground.run("contacts")
    assert ground.stored("customers", "contact")[guid(1, 2)]["Account"] == guid(9)


def test_an_outage_leaves_a_row_that_goes_on_later(ground: Ground) -> None:
    fill(ground, 2)
    ground.feed.faults = [ExactUnavailable("503")]
    result = ground.run("items")
    assert len(ground.feed.calls) == 1
    assert result.outcome == "waiting"
    assert result.due_at == ground.clock.now() + timedelta(minutes=1)
    assert ground.checkpoint("items").error_code == "EXACT_UNAVAILABLE"


def test_a_poison_row_is_reported_and_the_rest_goes_on(ground: Ground) -> None:
    fill(ground, 2)
    ground.feed.faults = [lambda rows: [*rows, {"ID": guid(77)}, "nonsense", {"Timestamp": 9}]]
    assert ground.run("items").rows == 2
    codes = {line.code for line in ground.extractor.reports.of(TENANT)}
    assert codes == {"ROW_WITHOUT_TIMESTAMP", "ROW_NOT_AN_OBJECT", "ROW_WITHOUT_KEY"}
    assert ground.checkpoint("items").skipped_last == 3


def test_a_reported_row_that_comes_whole_is_reported_no_more(ground: Ground) -> None:
    fill(ground, 2)
    ground.feed.faults = [lambda rows: [*rows, {"ID": guid(77)}, {"ID": guid(78)}]]
    ground.run("items")
    assert len(ground.extractor.reports.of(TENANT)) == 2
    ground.feed.put(ITEMS, guid(77), Code="A77")
    ground.run("items")
    assert [line.key for line in ground.extractor.reports.of(TENANT)] == [guid(78)]


def test_a_spent_minute_is_waited_for_within_the_chunk(ground: Ground) -> None:
    fill(ground, 2)
    ground.feed.faults = [BudgetExhausted("minute", retry_after=ground.clock.now() + timedelta(seconds=40))]
    assert ground.run("items").outcome == "finished"
    assert ground.clock.slept == [40.0]


def test_a_spent_day_is_a_pause_with_a_due_time(ground: Ground) -> None:
    fill(ground, 2)
    tomorrow = ground.clock.now() + timedelta(hours=9)
    ground.feed.faults = [BudgetExhausted("day", retry_after=tomorrow)]
    result = ground.run("items")
    assert (result.outcome, result.due_at) == ("waiting", tomorrow)
    assert ground.checkpoint("items").error_code is None


def test_a_parked_endpoint_says_when_and_why(ground: Ground) -> None:
    later = ground.clock.now() + timedelta(hours=1)
    ground.feed.faults = [EndpointParked("six errors within the hour", retry_after=later)]
    assert ground.run("items").due_at == later
    assert ground.checkpoint("items").error_message == "six errors within the hour"


def test_a_dead_connection_parks_the_stream_until_a_person_acts(ground: Ground) -> None:
    ground.feed.faults = [ReauthorizationRequired("consent again")]
    result = ground.run("items")
    assert (result.outcome, result.due_at) == ("parked", None)
    assert ground.database["sync"].due("sync", "9999") != []
    assert all(row["sk"] != "items" for row in ground.database["sync"].due("sync", "9999"))


def test_a_refused_cursor_starts_the_run_over_before_it_parks(ground: Ground) -> None:
    fill(ground, 5)
    ground.with_sync(chunk_rows=3)
    ground.run("items")
    ground.feed.faults = [ExactRejected("bad skip token", status=400)]
    assert ground.run("items").outcome == "more"
    while ground.run("items").outcome == "more":
        pass
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))


def test_a_pause_stops_and_a_resume_goes_on_at_the_page(ground: Ground) -> None:
    fill(ground, 6)
    ground.with_sync(chunk_rows=3)
    ground.run("items")
    ground.extractor.checkpoints.request(TENANT, "items", "pause", ground.clock.now())
    assert ground.run("items").outcome == "paused"
    assert ground.run("items").outcome == "not_due"
    ground.extractor.checkpoints.request(TENANT, "items", "resume", ground.clock.now())
    ground.feed.calls.clear()
    assert ground.run("items").outcome == "finished"
    assert len(ground.feed.calls) == 1


def test_a_cancelled_run_commits_no_watermark(ground: Ground) -> None:
    fill(ground, 6)
    ground.with_sync(chunk_rows=3)
    ground.run("items")
    ground.extractor.checkpoints.request(TENANT, "items", "cancel", ground.clock.now())
    assert ground.run("items").outcome == "finished"
    assert (ground.checkpoint("items").watermark, ground.checkpoint("items").phase) == (0, "")


def test_a_request_in_the_middle_of_a_chunk_is_applied_at_the_next_page(ground: Ground) -> None:
    fill(ground, 9)

    def ask(_: str) -> None:
        if len(ground.feed.calls) == 2:
            ground.extractor.checkpoints.request(TENANT, "items", "pause", ground.clock.now())

    ground.feed.before_fetch = ask
    assert ground.run("items").outcome == "paused"
    assert ground.checkpoint("items").pages_run == 1


def test_rows_not_seen_in_a_full_load_vanish_below_the_safety_share(ground: Ground) -> None:
    fill(ground, 10)
    ground.run("items")
    del ground.feed.tables[ITEMS][guid(3)]
    ground.extractor.checkpoints.request(TENANT, "items", "full", ground.clock.now())
    assert ground.run("items").outcome == "finished"
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))


def test_a_mass_deletion_is_refused_with_an_alarm(ground: Ground) -> None:
    fill(ground, 20)
    ground.run("items")
    for number in range(12):
        del ground.feed.tables[ITEMS][guid(number)]
    ground.extractor.checkpoints.request(TENANT, "items", "full", ground.clock.now())
    assert ground.run("items").outcome == "finished"
    assert len(ground.stored("items", "item")) == 20
    assert ground.checkpoint("items").error_code == "MASS_DELETION_REFUSED"
    assert [kind for kind, _ in ground.events.events] == ["sync.mass_deletion_refused"]


@pytest.mark.parametrize(("name", "days"), [("purchase_item_prices", 1), ("items", 7)])
def test_what_no_deletion_names_is_compared_every_day_and_the_rest_every_week(
    ground: Ground, name: str, days: int
) -> None:
    path = stream(name).path
    ground.plan(name)
    for number in range(4):
        ground.feed.put(path, guid(number), Item=guid(number, 1))
    ground.run(name)
    del ground.feed.tables[path][guid(2)]
    ground.clock.advance(days * 86_400 - 60)
    ground.run(name)
    assert len(ground.stored("items", stream(name).kind)) == 4
    ground.clock.advance(60)
    ground.run(name)
    assert len(ground.stored("items", stream(name).kind)) == 3


def test_a_reference_set_is_replaced_as_a_whole(ground: Ground) -> None:
    ground.feed.put("logistics/Units", guid(1), Code="pc      ")
    ground.feed.put("logistics/Units", guid(2), Code="box     ")
    ground.run("units")
    del ground.feed.tables["logistics/Units"][guid(2)]
    ground.feed.put("logistics/Units", guid(1), Code="piece   ")
    ground.run("units")
    assert ground.stored("reference", "unit") == wanted_rows(ground.feed.rows("logistics/Units"))


@pytest.mark.parametrize(
    ("days", "calls"), [pytest.param(49, 1, id="49 days: what changed"), pytest.param(51, 3, id="51 days: everything")]
)
def test_a_long_absence_loads_everything_again(ground: Ground, days: int, calls: int) -> None:
    fill(ground, 3)
    ground.feed.page_size = 1
    ground.run("items")
    ground.extractor.slack = lambda _: False
    ground.clock.advance(days * 86_400)
    ground.feed.page_size = 10 if calls == 1 else 1
    ground.feed.calls.clear()
    ground.run("items")
    assert (len(ground.feed.calls), ground.checkpoint("items").generation) == (calls, 1 if calls == 1 else 2)


@pytest.mark.parametrize("mark", ["DivisionMoveDate", "DivisionHRLinkUnlinkDate"])
@pytest.mark.parametrize("before", [None, "/Date(1600000000000)/"], ids=["for the first time", "once more"])
def test_new_row_versions_of_an_administration_load_everything_again(
    ground: Ground, mark: str, before: str | None
) -> None:
    fill(ground, 3)
    ground.feed.put("system/Divisions", "123456", Code=123456, **{mark: before})
    for name in ("division", "items"):
        ground.run(name)
    renumbered(ground, **{mark: "/Date(1772000000000)/"})
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))
    assert ground.checkpoint("items").watermark == newest(ground)


def newest(ground: Ground) -> int:
    return max(int(row["Timestamp"]) for row in ground.feed.rows(ITEMS))


def renumbered(ground: Ground, **marks: str) -> None:
    """Move the administration to another database: its row versions begin again far below the old ones."""
    ground.feed.version = 1
    fill(ground, 4)
    ground.feed.put("system/Divisions", "123456", Code=123456, **marks)
    for name in ("division", "items"):
        ground.run(name)


def test_a_stream_that_began_before_the_division_was_known_loads_everything_when_it_moved(ground: Ground) -> None:
    fill(ground, 3)
    ground.run("items")
    renumbered(ground, DivisionMoveDate="/Date(1772000000000)/")
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))
    assert ground.checkpoint("items").watermark == newest(ground)
    ground.run("items")
    assert ground.checkpoint("items").generation == 2


def test_a_date_that_an_earlier_version_did_not_store_costs_no_full_load(ground: Ground) -> None:
    moved = "/Date(1600000000000)/"
    ground.feed.put("system/Divisions", "123456", Code=123456, DivisionMoveDate=moved)
    fill(ground, 3)
    for name in ("division", "items"):
        ground.run(name)
    ground.database["sync"].update(Key(f"stream#{TENANT}", "items"), set={"moved": moved})
    ground.run("items")
    assert ground.checkpoint("items").generation == 1
    renumbered(ground, DivisionMoveDate=moved, DivisionHRLinkUnlinkDate="/Date(1772000000000)/")
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))


def test_a_message_that_comes_early_does_nothing(ground: Ground) -> None:
    ground.run("items")
    deadline = ground.clock.now() + timedelta(seconds=600)
    assert ground.extractor.run_chunk(ground.view, "items", deadline).outcome == "not_due"


def test_fetching_ahead_gives_the_same_rows() -> None:
    ground = Ground(ahead=True)
    ground.plan("items")
    fill(ground, 20)
    assert ground.run("items").outcome == "finished"
    assert ground.stored("items", "item") == wanted_rows(ground.feed.rows(ITEMS))
    assert len(ground.feed.calls) == 7


FIELDS = "read/logistics/ItemExtraField"


def labelled(ground: Ground) -> None:
    """Let the feed answer look-ups with one labelled field per item."""
    original = ground.feed.fetch

    def fetch(query: Query, cursor: str | None = None) -> FeedPage:
        if query.path != FIELDS:
            return original(query, cursor)
        ground.feed.calls.append(query.path)
        item = query.params["itemId"][5:-1]
        rows = [{"ItemID": item, "Number": 1, "Description": "Colour", "Value": f"red {item[-2:]}"}]
        return FeedPage(rows, None, 1)

    ground.feed.fetch = fetch  # type: ignore[method-assign]


def test_labels_are_asked_for_once_and_then_only_for_changed_items_with_free_values(ground: Ground) -> None:
    ground.plan("extra_fields")
    labelled(ground)
    fill(ground, 3)
    ground.feed.put(ITEMS, guid(7), Code="A7", FreeTextField_01="red")
    ground.feed.put(ITEMS, guid(8), Code="A8", FreeTextField_01="red")
    ground.run("items")
    assert ground.run("extra_fields").outcome == "finished"
    asked = ground.feed.calls.count(FIELDS)
    assert asked in (2, 3)
    assert ground.stored("reference", "extra_field")["1"] == {"Number": 1, "Description": "Colour"}
    ground.run("extra_fields")
    assert ground.feed.calls.count(FIELDS) == asked
    ground.feed.put(ITEMS, guid(8), FreeTextField_01="blue")
    for name in ("items", "extra_fields"):
        ground.run(name)
    assert ground.feed.calls.count(FIELDS) == asked + 1


def test_look_ups_stop_at_a_spent_day_and_keep_what_was_answered(ground: Ground) -> None:
    ground.plan("extra_fields")
    labelled(ground)
    for number in range(6):
        ground.feed.put(ITEMS, guid(number), FreeTextField_01="red")
    ground.run("items")
    inner = ground.feed.fetch

    def spent(query: Query, cursor: str | None = None) -> FeedPage:
        if ground.feed.calls.count(FIELDS) == 3:
            raise BudgetExhausted("day", retry_after=ground.clock.now() + timedelta(hours=5))
        return inner(query, cursor)

    ground.feed.fetch = spent  # type: ignore[method-assign]
    assert ground.run("extra_fields").outcome == "waiting"
    ground.feed.fetch = inner  # type: ignore[method-assign]
    assert ground.run("extra_fields").outcome == "finished"
    assert ground.feed.calls.count(FIELDS) == 6


def test_a_refused_mass_deletion_is_shown_until_a_full_load_settles_it(ground: Ground) -> None:
    fill(ground, 20)
    ground.run("items")
    for number in range(12):
        del ground.feed.tables[ITEMS][guid(number)]
    ground.extractor.checkpoints.request(TENANT, "items", "full", ground.clock.now())
    ground.run("items")
    ground.run("items")
    assert ground.checkpoint("items").error_code == "MASS_DELETION_REFUSED"
    ground.with_sync(safety_share=1.0)
    ground.extractor.checkpoints.request(TENANT, "items", "full", ground.clock.now())
    ground.run("items")
    assert ground.checkpoint("items").error_code is None
    assert len(ground.stored("items", "item")) == 8
