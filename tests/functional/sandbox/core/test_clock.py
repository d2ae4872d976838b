"""The sandbox's clock: moving it, its rate, Dutch wall time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from exact_sandbox.clock import SandboxClock


@dataclass
class Wall:
    """Real time, turned by hand."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_it_runs_with_the_wall_clock() -> None:
    wall = Wall()
    clock = SandboxClock(wall)
    wall.now += 5
    assert clock.epoch() == 1_000_005.0


def test_a_rate_counts_from_the_moment_it_is_set() -> None:
    wall = Wall()
    clock = SandboxClock(wall)
    wall.now += 10
    clock.set_rate(60)
    wall.now += 10
    assert clock.epoch() == 1_000_610.0
    clock.set_rate(0)
    wall.now += 10
    assert clock.epoch() == 1_000_610.0


def test_moving_it_keeps_the_rate() -> None:
    wall = Wall()
    clock = SandboxClock(wall, rate=2)
    clock.advance(100)
    wall.now += 1
    assert (clock.epoch(), clock.offset) == (1_000_102.0, 101.0)


def test_a_negative_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        SandboxClock(Wall()).set_rate(-1)


def test_a_restored_clock_goes_on_as_if_it_had_run() -> None:
    wall = Wall()
    clock = SandboxClock(wall, rate=10)
    clock.advance(100)
    wall.now += 7
    other = SandboxClock(wall)
    other.restore(clock.state())
    assert other.epoch() == clock.epoch() == 1_000_170.0


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        (datetime(2026, 1, 1, 12, tzinfo=UTC), "2026-01-01T13:00:00"),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), "2026-07-01T14:00:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00"),
    ],
    ids=["winter", "summer", "before the change", "after the change"],
)
def test_exact_shows_dutch_wall_time(moment: datetime, local: str) -> None:
    clock = SandboxClock(lambda: moment.timestamp())
    assert clock.local().isoformat() == local
