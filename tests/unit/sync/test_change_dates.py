"""Streams without row versions: what changed is found by the date of change, of which many rows can have the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.clock import EXACT_ZONE
from unit.sync.sync_model import TENANT, Ground, guid

NOTES = "activities/CommunicationNotes"


@pytest.fixture
def ground() -> Ground:
    ground = Ground()
    ground.plan("notes")
    return ground


@pytest.mark.parametrize(
    ("hours", "calls", "stored"),
    [
        pytest.param(3, 1, 100, id="settled when the last run began: nothing is read again"),
        pytest.param(0, 34, 101, id="just written: a late one may still show up"),
    ],
)
def test_many_rows_of_one_second_are_read_again_only_while_it_is_fresh(
    ground: Ground, hours: int, calls: int, stored: int
) -> None:
    at = ground.clock.now().astimezone(EXACT_ZONE) - timedelta(hours=hours)
    written = at.replace(tzinfo=None).isoformat(timespec="seconds")
    for number in range(100):
        ground.feed.put(NOTES, guid(number, 3), Account=guid(1, 7), Modified=written)
    ground.run("notes")
    ground.feed.put(NOTES, guid(100, 3), Account=guid(1, 7), Modified=written)
    ground.feed.calls.clear()
    ground.run("notes")
    assert len(ground.feed.calls) == calls
    assert len(ground.stored("customers", "note")) == stored


def test_a_row_changed_after_a_settled_second_is_read(ground: Ground) -> None:
    for number in range(60):
        ground.feed.put(NOTES, guid(number, 3), Account=guid(1, 7), Modified="2026-03-02T05:00:00")
    ground.run("notes")
    ground.feed.put(NOTES, guid(3, 3), Modified="2026-03-02T05:00:01", Subject="new")
    ground.run("notes")
    assert ground.stored("customers", "note")[guid(3, 3)]["Subject"] == "new"


def test_a_second_whose_reading_was_broken_off_is_read_to_its_end(ground: Ground) -> None:
    ground.feed.put(NOTES, guid(0, 3), Account=guid(1, 7), Modified="2026-03-01T05:00:00")
    ground.run("notes")
    for number in range(1, 101):
        ground.feed.put(NOTES, guid(number, 3), Account=guid(1, 7), Modified="2026-03-02T05:00:00")
    ground.clock.advance(900)
    ground.with_sync(chunk_rows=60)
    assert ground.run("notes").outcome == "more"
    ground.extractor.checkpoints.request(TENANT, "notes", "cancel", ground.clock.now())
    ground.run("notes")
    ground.with_sync(chunk_rows=50_000)
    assert ground.run("notes").outcome == "finished"
    assert len(ground.stored("customers", "note")) == 101
