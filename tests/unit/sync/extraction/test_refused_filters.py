"""Filters that Exact may refuse: the stream reads the whole set by itself, and tries the filter a day later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.errors import ExactQueryRefused
from exact_connector.exact.http.query import Query
from exact_connector.sync.streams.catalogue import STREAMS, Mode, Stream, stream
from unit.sync.sync_model import DIVISION, TENANT, FeedPage, Ground, guid

TEXTS = "item_texts:DE"
FILTERED = sorted(name for name in (*STREAMS, TEXTS) if stream(name).mode is Mode.MODIFIED)


def refuse(ground: Ground, refused: str) -> None:
    """Let the feed refuse filters on a property, as Exact does."""
    original = ground.feed.fetch

    def fetch(query: Query, cursor: str | None = None) -> FeedPage:
        if cursor is None and f"{refused} " in (query.filter or ""):
            ground.feed.calls.append(f"refused {query.path}")
            message = f"Filtering on these fields is not supported: {refused}"
            raise ExactQueryRefused(message, status=400, exact_text=message, code="FILTER_REFUSED")
        return original(query, cursor)

    ground.feed.fetch = fetch  # type: ignore[method-assign]


def ground_with(name: str, count: int) -> tuple[Ground, Stream]:
    ground, each = Ground(), stream(name)
    ground.plan(name)
    for number in range(count):
        put(ground, each, number, "2026-01-01T00:00:00")
    return ground, each


def put(ground: Ground, each: Stream, number: int, modified: str) -> None:
    row = {each.owner: guid(number, 1), each.row_id: guid(number)}
    ground.feed.put(each.path, guid(number), **{**row, "Modified": modified})


def finish(ground: Ground, name: str) -> None:
    while ground.run(name).outcome == "more":
        pass


@pytest.mark.parametrize("name", FILTERED)
def test_changes_are_found_in_the_whole_set_where_the_date_of_change_may_not_be_filtered(name: str) -> None:
    ground, each = ground_with(name, 7)
    refuse(ground, "Modified")
    finish(ground, name)
    assert len(ground.stored(each.family, each.kind)) == 7
    assert ground.feed.calls.count(f"refused {each.path}") == 1
    put(ground, each, 3, "2026-03-02T10:00:00")
    put(ground, each, 9, "2026-03-02T10:00:01")
    finish(ground, name)
    assert len(ground.stored(each.family, each.kind)) == 8
    assert ground.stored(each.family, each.kind)[guid(3)]["Modified"] == "2026-03-02T10:00:00"
    assert ground.checkpoint(name).error_code is None
    assert ground.feed.calls.count(f"refused {each.path}") == 1


@pytest.mark.parametrize("name", FILTERED)
def test_a_run_over_the_whole_set_stores_only_what_changed(name: str) -> None:
    ground, each = ground_with(name, 60)
    ground.feed.page_size = 25
    refuse(ground, "Modified")
    finish(ground, name)
    put(ground, each, 3, "2026-03-02T10:00:00")
    put(ground, each, 61, "2026-03-02T10:00:01")
    ground.run(name)
    assert ground.checkpoint(name).rows_last == 2


def test_the_filter_is_tried_again_after_a_day() -> None:
    ground, each = ground_with("notes", 3)
    refuse(ground, "Modified")
    finish(ground, "notes")
    ground.clock.advance(timedelta(hours=25).total_seconds())
    finish(ground, "notes")
    assert ground.feed.calls.count(f"refused {each.path}") == 2


def test_the_division_is_picked_out_of_all_where_its_number_may_not_be_filtered() -> None:
    ground = Ground()
    ground.plan("division")
    for code in (DIVISION - 1, DIVISION, DIVISION + 1):
        ground.feed.put("system/Divisions", str(code), Code=code, DivisionMoveDate=f"/Date({code})/")
    refuse(ground, "Code")
    finish(ground, "division")
    assert list(ground.stored("reference", "division")) == [str(DIVISION)]
    assert ground.checkpoint("division").moved == f"/Date({DIVISION})/ -"


def test_standard_prices_are_picked_out_of_all_where_the_id_may_not_be_filtered() -> None:
    ground = Ground()
    ground.plan("standard_prices")
    for number in range(10):
        ground.feed.put("bulk/Logistics/Items", guid(number), StandardSalesPrice=number, Modified="2026-01-01")
    refuse(ground, "ID")
    affected, now = ground.extractor.affected, ground.clock.now()
    affected.request(TENANT, "standard_prices", [f"{guid(number)} 1 5" for number in (2, 4, 77)], now=now, name="a")
    finish(ground, "standard_prices")
    assert sorted(ground.stored("items", "standard_price")) == [guid(2), guid(4)]
    assert affected.ready(TENANT, "standard_prices") == []


def test_a_refusal_of_the_filter_that_has_no_second_way_parks_the_stream() -> None:
    ground, each = ground_with("items", 3)
    refuse(ground, "Timestamp")
    assert ground.run("items").outcome == "parked"
    assert ground.feed.calls == [f"refused {each.path}"]


def test_a_fault_that_is_no_refused_filter_parks_the_stream() -> None:
    ground, each = ground_with("notes", 3)
    ground.feed.refusals[each.path] = ExactQueryRefused("no such field", status=400, code="PROPERTY_UNKNOWN")
    assert ground.run("notes").outcome == "parked"
    assert ground.checkpoint("notes").unfiltered_until is None
