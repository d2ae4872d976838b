"""How a synchronisation is read from the status and shown."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from exact_local.calls import Refused
from exact_local.progress import Progress, last_runs, read_progress, show_progress
from exact_local.screen import Screen
from runtime.conftest import LoopThread

WATCHED = ("items", "customers")


def stream(name: str, family: str, last_run_at: str | None, rows: int = 0, pages: int = 0) -> dict[str, Any]:
    return {
        "name": name,
        "family": family,
        "running": last_run_at is None,
        "rows": rows,
        "pages": pages,
        "last_run_at": last_run_at,
    }


def status(*streams: dict[str, Any], items: str = "blue", customers: str = "blue") -> dict[str, Any]:
    families = [{"family": "items", "light": items, "reason": None}]
    families += [{"family": "customers", "light": customers, "reason": "Exact refuses VATCode"}]
    return {
        "streams": list(streams),
        "families": families,
        "calls_left": {"minute": 51, "minute_limit": 60, "day": 4980, "day_limit": 5000},
    }


FIRST = status(
    stream("items", "items", None, 3000, 3),
    stream("stock", "items", "10:01", 500, 1),
    stream("accounts", "customers", "10:01", 1000, 1),
    stream("orders", "documents", None),
    items="red",
)
COMPLETE = status(
    stream("items", "items", "10:02", 5000, 5),
    stream("stock", "items", "10:01", 500, 1),
    stream("accounts", "customers", "10:01", 1000, 1),
    stream("orders", "documents", None),
)


def test_a_family_counts_its_own_streams_rows_and_pages() -> None:
    items, customers = read_progress(FIRST, WATCHED, {}).families
    assert (items.ready, items.streams, items.rows, items.pages, items.done) == (1, 2, 3500, 4, False)
    assert (customers.ready, customers.rows, customers.done) == (1, 1000, True)


def test_families_that_nobody_asked_for_are_not_waited_for() -> None:
    progress = read_progress(COMPLETE, WATCHED, {})
    assert progress.done
    assert progress.running == ()


def test_a_stream_that_ran_before_must_run_again() -> None:
    before = last_runs(COMPLETE)
    assert not read_progress(COMPLETE, WATCHED, before).done
    assert read_progress(COMPLETE, WATCHED, {**before, "items": "09:00", "stock": None, "accounts": "09:00"}).done


def test_rows_of_the_run_before_do_not_count() -> None:
    items, _ = read_progress(COMPLETE, WATCHED, {"items": "10:02", "stock": "09:00", "accounts": "09:00"}).families
    assert (items.ready, items.rows, items.pages) == (1, 500, 1)


def test_documents_that_are_still_made_are_waited_for() -> None:
    assert not read_progress({**COMPLETE, "families": [{"family": "items", "light": "red"}]}, ("items",), {}).done


def test_a_family_that_waits_for_a_person_is_a_problem_with_its_reason() -> None:
    progress = read_progress({**COMPLETE, **_families("orange")}, WATCHED, {})
    assert progress.problems == ("customers: Exact refuses VATCode",)


def _families(light: str) -> dict[str, Any]:
    return {"families": status(customers=light)["families"]}


def test_nothing_planned_yet_is_not_done() -> None:
    assert not read_progress(status(items="grey", customers="grey"), WATCHED, {}).done


class Steps:
    """A progress that takes one step at every look."""

    def __init__(self, *steps: dict[str, Any]) -> None:
        self._steps = list(steps)

    async def look(self) -> Progress:
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        return read_progress(step, WATCHED, {})


@pytest.mark.parametrize("terminal", [False, True], ids=["lines", "bars"])
def test_the_progress_is_shown_until_it_is_done(loop: LoopThread, *, terminal: bool) -> None:
    printed = io.StringIO()
    screen = Screen(Console(file=printed, force_terminal=terminal, width=200))
    last = loop.run(show_progress(screen, Steps(FIRST, COMPLETE).look, 0.01, 10))
    assert last.done
    for words in ("5,500 rows", "6 pages", "51 this minute, 4980 today"):
        assert words in printed.getvalue()


def test_a_synchronisation_that_takes_too_long_is_given_up(loop: LoopThread) -> None:
    screen = Screen(Console(file=io.StringIO()))
    with pytest.raises(Refused, match="not complete after"):
        loop.run(show_progress(screen, Steps(FIRST).look, 0.01, 0.05))
