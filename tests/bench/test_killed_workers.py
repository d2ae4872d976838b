"""A company of 100,000 items whose workers are killed fifty times: the end is that of an undisturbed run."""

from __future__ import annotations

import os
from pathlib import Path

from bench.measuring import table
from fakes.product import running_sandbox
from functional.sync_kills.workers import run, set_clock

ITEMS = int(os.environ.get("BENCH_KILL_ITEMS", "100000"))
KILLS, RATE = 50, 10.0
CALLS_LOST = 2


def test_fifty_killed_workers_end_in_the_state_of_an_undisturbed_run(tmp_path: Path) -> None:
    wide = ("--minute-limit", "100000", "--day-limit", "1000000", "--born", "2026-01-05")
    with running_sandbox("--items", str(ITEMS), "--customers", "100", "--orders", "30", *wide) as exact:
        clock = set_clock(exact, RATE, "2026-01-05T07:00:00Z")
        exact.control("PUT", "/latency", {"match": "/api/v1/", "ms": 300, "per_rows": 1000})
        calm = run(exact, clock, tmp_path / "calm.db", kills=0, pause=(0, 0))
        # Spread over the time that the undisturbed run took.
        most = max(0.2, 1.6 * calm.seconds / KILLS)
        wild = run(exact, clock, tmp_path / "wild.db", kills=KILLS, pause=(0.05, most))
    calls, more = sum(calm.calls.values()), sum(wild.calls.values())
    lines = [
        ("in peace", calm.kills, calm.seconds, calls, sum(calm.documents.values()), calm.consents),
        ("killed", wild.kills, wild.seconds, more, sum(wild.documents.values()), wild.consents),
    ]
    head = ("run", "kills", "seconds", "calls", "documents", "consents again")
    print(table(f"{ITEMS:,} items, two workers", head, lines))
    print(f"{(more - calls) / KILLS:.2f} calls more for each kill")
    assert wild.kills == KILLS
    assert wild.documents == calm.documents
    assert wild.stored == calm.stored
    assert wild.served == calm.served
    assert calls <= more <= calls + CALLS_LOST * KILLS
