"""How a synchronisation comes in: read from a tenant's status, drawn as bars on a terminal, as lines elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from exact_local.calls import Refused
from exact_local.screen import Screen

_PLAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class FamilyProgress:
    """One family of streams: how many of them are through, and what they read in this run or the last one."""

    name: str
    ready: int
    streams: int
    rows: int
    pages: int
    done: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The watched families at one moment, and the calls that Exact still allows."""

    families: tuple[FamilyProgress, ...]
    running: tuple[str, ...]
    minute_left: int | None
    day_left: int | None
    problems: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether everything was read and is served."""
        return bool(self.families) and all(family.done for family in self.families)


Status = Mapping[str, Any]
Runs = Mapping[str, str | None]


def last_runs(status: Status) -> dict[str, str | None]:
    """Return when each stream of a status ran last."""
    return {stream["name"]: stream["last_run_at"] for stream in status["streams"]}


def read_progress(status: Status, watched: Sequence[str], before: Runs) -> Progress:
    """Read the answer of ``GET /v1/tenants/{tenant}/status``.

    ``before``: when each stream had run last before this synchronisation; a stream is through once that has changed, a
    family once its streams are through and its light is blue again.
    """
    streams = [stream for stream in status["streams"] if stream["family"] in watched]
    lights = {family["family"]: family for family in status["families"]}
    calls = status.get("calls_left") or {}
    return Progress(
        families=tuple(
            _family(name, [stream for stream in streams if stream["family"] == name], lights.get(name), before)
            for name in watched
        ),
        running=tuple(stream["name"] for stream in streams if stream["running"]),
        minute_left=calls.get("minute"),
        day_left=calls.get("day"),
        problems=tuple(
            f"{name}: {lights[name]['reason']}"
            for name in watched
            if name in lights and lights[name]["light"] == "orange"
        ),
    )


def _family(
    name: str, streams: Sequence[Mapping[str, Any]], light: Mapping[str, Any] | None, before: Runs
) -> FamilyProgress:
    through = [stream for stream in streams if stream["last_run_at"] not in (None, before.get(stream["name"]))]
    # A stream that has not begun yet still tells of its run before.
    begun = [stream for stream in streams if stream["running"] or stream in through]
    return FamilyProgress(
        name=name,
        ready=len(through),
        streams=len(streams),
        rows=sum(stream["rows"] for stream in begun),
        pages=sum(stream["pages"] for stream in begun),
        # A family that makes no documents of its own has no light.
        done=len(through) == len(streams) and (light is None or light["light"] == "blue"),
    )


async def show_progress(
    screen: Screen, progress: Callable[[], Awaitable[Progress]], pause: float, longest: float
) -> Progress:
    """Show the progress until it is done or has problems; return the last one. Raises Refused after ``longest``."""
    started = time.monotonic()
    view: _Live | _Lines = _Live(screen) if screen.live else _Lines(screen)
    with view:
        while True:
            now = await progress()
            seconds = time.monotonic() - started
            view.show(now, seconds)
            if now.done or now.problems:
                return now
            if seconds > longest:
                raise Refused(f"The synchronisation is not complete after {longest:.0f} s.")
            await asyncio.sleep(pause)


def calls_text(progress: Progress) -> str:
    """Say how many calls Exact still allows."""
    if progress.minute_left is None:
        return "calls left: not known yet"
    return f"calls left: {progress.minute_left} this minute, {progress.day_left} today"


class _Live:
    """Bars that are drawn again and again."""

    def __init__(self, screen: Screen) -> None:
        self._bars = Bars(
            TextColumn("{task.description:<11}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total} streams"),
            TextColumn("{task.fields[rows]:>9,} rows {task.fields[pages]:>4} pages {task.fields[speed]:>8,.0f} rows/s"),
        )
        self._below = Text()
        self._live = Live(Group(self._bars, self._below), console=screen.console, refresh_per_second=4)
        self._tasks: dict[str, TaskID] = {}
        self._ended: dict[str, float] = {}

    def __enter__(self) -> _Live:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, progress: Progress, seconds: float) -> None:
        """Draw the progress after so many seconds."""
        for family in progress.families:
            if family.name not in self._tasks:
                self._tasks[family.name] = self._bars.add_task(family.name, rows=0, pages=0, speed=0.0)
            if family.done:
                self._ended.setdefault(family.name, seconds)
            self._bars.update(
                self._tasks[family.name],
                total=family.streams,
                completed=family.ready,
                rows=family.rows,
                pages=family.pages,
                speed=family.rows / max(self._ended.get(family.name, seconds), 0.1),
            )
        self._below.plain = f"{calls_text(progress)}\n{', '.join(progress.running)}"


class _Lines:
    """A line now and then, for logs and pipes."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._last = -_PLAIN_SECONDS

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, progress: Progress, seconds: float) -> None:
        """Print the progress when it is time for a line."""
        if seconds - self._last < _PLAIN_SECONDS and not progress.done:
            return
        self._last = seconds
        families = [
            f"{each.name} {each.rows:,} rows, {each.pages} pages, {each.ready}/{each.streams} streams"
            for each in progress.families
        ]
        speed = sum(each.rows for each in progress.families) / max(seconds, 0.1)
        self._screen.step(f"{'; '.join(families)}; {speed:,.0f} rows/s; {calls_text(progress)}")
