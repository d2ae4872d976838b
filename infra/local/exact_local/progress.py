"""How a synchronisation comes in: read from a tenant's status, drawn as bars on a terminal, as lines elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from exact_local.calls import Refused
from exact_local.screen import Screen

_PLAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class StreamProgress:
    """One stream: rows and pages of the run that goes on, or of the last one."""

    name: str
    rows: int
    pages: int
    done: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """All streams of a tenant at one moment, and the calls that Exact still allows."""

    streams: tuple[StreamProgress, ...]
    waiting: tuple[str, ...]
    minute_left: int | None
    day_left: int | None
    problems: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows read by all streams."""
        return sum(stream.rows for stream in self.streams)

    @property
    def pages(self) -> int:
        """Pages read by all streams."""
        return sum(stream.pages for stream in self.streams)

    @property
    def done(self) -> bool:
        """Whether everything was read and is served."""
        return bool(self.streams) and all(stream.done for stream in self.streams) and not self.waiting


def read_progress(status: Mapping[str, Any]) -> Progress:
    """Read the answer of ``GET /v1/tenants/{tenant}/status``."""
    streams = tuple(_stream(stream) for stream in status["streams"])
    calls = status.get("calls_left") or {}
    return Progress(
        streams=streams,
        waiting=tuple(name for name, family in sorted(status.get("families", {}).items()) if family.get("pending")),
        minute_left=calls.get("minute_left"),
        day_left=calls.get("day_left"),
        problems=tuple(
            f"{stream['stream']}: {(stream.get('error') or {}).get('message', 'no reason given')}"
            for stream in status["streams"]
            if stream["status"] == "parked"
        ),
    )


def _stream(stream: Mapping[str, Any]) -> StreamProgress:
    running = stream["status"] in ("running", "waiting")
    return StreamProgress(
        name=stream["stream"],
        rows=int(stream["rows_run"] if running else stream["rows_last"]),
        pages=int(stream["pages_run"] if running else stream["pages_last"]),
        done=bool(stream["first_loaded"]) and not running,
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
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[rows]:>9,} rows {task.fields[pages]:>4} pages {task.fields[speed]:>8,.0f} rows/s"),
        )
        self._calls = Text()
        self._live = Live(Group(self._bars, self._calls), console=screen.console, refresh_per_second=8)
        self._tasks: dict[str, Any] = {}
        self._ended: dict[str, float] = {}

    def __enter__(self) -> _Live:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, progress: Progress, seconds: float) -> None:
        """Draw the progress after so many seconds."""
        for stream in progress.streams:
            if stream.name not in self._tasks:
                self._tasks[stream.name] = self._bars.add_task(stream.name, total=None, rows=0, pages=0, speed=0.0)
            if stream.done:
                self._ended.setdefault(stream.name, seconds)
            speed = stream.rows / max(self._ended.get(stream.name, seconds), 0.1)
            total = max(stream.rows, 1) if stream.done else None
            self._bars.update(
                self._tasks[stream.name],
                total=total,
                completed=total or stream.rows,
                rows=stream.rows,
                pages=stream.pages,
                speed=speed,
            )
        self._calls.plain = f"{calls_text(progress)}{_waiting(progress)}"


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
        ready = sum(stream.done for stream in progress.streams)
        self._screen.step(
            f"{progress.rows:,} rows, {progress.pages} pages, {progress.rows / max(seconds, 0.1):,.0f} rows/s;"
            f" {ready} of {len(progress.streams)} streams ready{_waiting(progress)}; {calls_text(progress)}"
        )


def _waiting(progress: Progress) -> str:
    return f"; preparing {', '.join(progress.waiting)}" if progress.waiting else ""
