"""Running sandboxes for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from exact_sandbox.server import Rules, Sandbox
from functional.sandbox.core.small_world import Connected, Running, ServerThread, frozen_clock, small_world

Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start sandboxes over the small world; the arguments are the rules that differ from Exact's."""
    stops: list[Callable[[], None]] = []

    def start_one(**changes: Any) -> Running:
        clock = frozen_clock()
        sandbox = Sandbox(small_world(clock), Rules(**changes))
        server = ServerThread(sandbox.application())
        http = httpx.Client(timeout=10)
        stops.extend((http.close, server.stop))
        return Running(sandbox, clock, server.base, http)

    yield start_one
    for stop in stops:
        stop()


@pytest.fixture
def running(start: Start) -> Running:
    """Start one strict sandbox."""
    return start()


@pytest.fixture
def exact(running: Running) -> Connected:
    """Sign in to a strict sandbox for every company."""
    return running.connect()
