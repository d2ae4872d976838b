"""What the whole run costs: every stream read and stored, every document made and written, of companies of three sizes.

Two worker processes, as many as the local deployment gives a worker function; the store is a SQLite file outside them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.full_run import FullRun, full_run
from bench.measuring import PAGE_ROWS, PAGE_SECONDS, table
from fakes.product import running_sandbox

MOST_MB = 512
HEAD = (
    *("items", "rows", "requests", "documents", "pages s", "extracted s", "wall s", "wall/pages"),
    *("CPU s", "CPU ms/item", "peak MB"),
)


def run_of(items: int, folder: Path) -> FullRun:
    """Run once over a fresh sandbox and a fresh file."""
    wide = ("--minute-limit", "100000", "--day-limit", "1000000")
    with running_sandbox("--items", str(items), "--customers", "100", "--orders", "30", *wide) as exact:
        rule = {"match": "/api/v1/", "ms": int(1000 * PAGE_SECONDS), "per_rows": PAGE_ROWS}
        exact.control("PUT", "/latency", rule)
        return full_run(exact, folder / f"{items}.db", items, count=2)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, FullRun]:
    """One run of each size, shown as a table."""
    folder = tmp_path_factory.mktemp("runs")
    found = {items: run_of(items, folder) for items in (5_000, 10_000, 100_000)}
    print(table("The full run with two workers", HEAD, [line(run) for run in found.values()]))
    return found


def line(run: FullRun) -> tuple[object, ...]:
    """Return a run as a line of the table."""
    return (
        *(run.items, run.rows, run.requests, run.documents, run.latency, run.extracted, run.wall),
        *(run.wall / run.latency, run.cpu, 1000 * run.cpu / run.items, run.peak_mb),
    )


def test_a_worker_stays_below_512_mb_at_any_size(runs: dict[int, FullRun]) -> None:
    assert max(run.peak_mb for run in runs.values()) < MOST_MB


def test_a_hundred_thousand_items_cost_no_more_each_than_ten_thousand(runs: dict[int, FullRun]) -> None:
    small, large = runs[10_000], runs[100_000]
    assert large.cpu / large.items <= 1.3 * small.cpu / small.items


def test_a_full_run_takes_little_longer_than_the_pages_of_exact(runs: dict[int, FullRun]) -> None:
    assert max(run.wall / run.latency for run in runs.values()) <= 1.3


def test_every_thousand_rows_take_about_one_call(runs: dict[int, FullRun]) -> None:
    for run in runs.values():
        # One item in twenty has its price only on itself: these are asked for by id, some 75 in a call.
        assert run.requests <= run.rows / PAGE_ROWS + 0.06 * run.items / 75 + 60
