"""The parts of the local runtime, driven from ordinary tests."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
HANDLERS = Path(__file__).with_name("handlers")


class LoopThread:
    """An event loop in a thread of its own, so that a test can call into it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 60) -> T:
        """Run a coroutine there and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def close(self) -> None:
        """Stop the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    """An event loop in a thread."""
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """A way to get a loopback port that nobody uses."""

    def choose() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return choose


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the product's template, whose functions are all the probe handler."""
    root = tmp_path_factory.mktemp("checkout")
    template = (ROOT / "template.yaml").read_text()
    (root / "template.yaml").write_text(template)
    packages = {
        line.split()[1].removesuffix(".handler")
        for line in template.splitlines()
        if line.strip().startswith("Handler: ")
    }
    for module in packages:
        path = root / "functions" / (module.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((HANDLERS / "probe.py").read_text())
    return root
