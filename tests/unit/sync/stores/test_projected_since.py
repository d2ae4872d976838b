"""Since which moment everything of some streams is known to be read and projected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exact_connector.sync.stores.checkpoints import Checkpoint, Status, projected_since

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def ran(began: float, ended: float | None, *, status: Status = "idle", error: str | None = None) -> Checkpoint:
    """A stream whose last run began and ended so many minutes before noon."""
    last = None if ended is None else NOON - timedelta(minutes=ended)
    started = NOON - timedelta(minutes=began)
    return Checkpoint("acme", "x", status=status, error_code=error, started_at=started, last_run_at=last)


CASES: dict[str, tuple[list[Checkpoint | None], float | None]] = {
    "one that was read": ([ran(20, 10)], 20),
    "the earliest of several": ([ran(20, 10), ran(40, 30)], 40),
    "one that was never planned": ([ran(20, 10), None], 20),
    "one that Exact refuses": ([ran(20, 10), ran(90, None, status="parked", error="EXACT_REJECTED")], 20),
    "one that was never read": ([ran(20, 10), ran(5, None)], None),
    "one that is being read": ([ran(20, 10), ran(5, 30)], None),
    "one that may not be projected yet": ([ran(8, 4)], None),
    "none": ([None], None),
}


@pytest.mark.parametrize(("streams", "minutes"), CASES.values(), ids=CASES.keys())
def test_everything_is_known_since_the_earliest_complete_run(
    streams: list[Checkpoint | None], minutes: float | None
) -> None:
    expected = None if minutes is None else NOON - timedelta(minutes=minutes)
    assert projected_since(streams, NOON) == expected
