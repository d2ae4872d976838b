"""Killing workers in the middle changes nothing in what is stored and served at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.product import running_sandbox
from functional.sync_kills.workers import run, set_clock

pytestmark = pytest.mark.slow

ITEMS, KILLS, RATE = 3_000, 8, 15.0
CALLS_LOST = 2
"""A kill loses the page that is being stored and the one that is fetched ahead meanwhile."""


def test_eight_killed_workers_end_in_the_state_of_an_undisturbed_run(tmp_path: Path) -> None:
    wide = ("--minute-limit", "100000", "--day-limit", "1000000", "--born", "2026-01-05")
    with running_sandbox("--items", str(ITEMS), "--customers", "60", "--orders", "30", *wide) as exact:
        clock = set_clock(exact, RATE, "2026-01-05T07:00:00Z")
        exact.control("PUT", "/latency", {"match": "/api/v1/", "ms": 200, "per_rows": 1000})
        calm = run(exact, clock, tmp_path / "calm.db", kills=0, pause=(0, 0))
        wild = run(exact, clock, tmp_path / "wild.db", kills=KILLS, pause=(0.1, 1.2))
    calls, more = sum(calm.calls.values()), sum(wild.calls.values())
    print(f"{calm.seconds:.0f} s and {calls} calls in peace, {wild.seconds:.0f} s and {more} with {wild.kills} kills")
    assert wild.kills == KILLS
    assert wild.documents == calm.documents
    assert wild.stored == calm.stored
    assert wild.served == calm.served
    assert (calm.faults, wild.faults) == (0, 0)
    assert 0 < calls <= more <= calls + CALLS_LOST * KILLS
