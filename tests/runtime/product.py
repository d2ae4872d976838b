"""The running product, started and stopped by a test."""

from __future__ import annotations

import io
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from exact_local import run
from exact_local.options import Options
from exact_local.running import Running
from exact_local.screen import Screen
from runtime.conftest import LoopThread


def probes(checkout: Path, state: Path, port: int) -> Options:
    """Return the options of a product whose functions are probes and that talks to no Exact."""
    return Options(
        port=port,
        state=state,
        root=checkout,
        demo=False,
        exact_url="http://127.0.0.1:9",
        client_id="client",
        client_secret="secret",
    )


class Product:
    """The product while it runs."""

    def __init__(self, loop: LoopThread, options: Options) -> None:
        self._loop = loop
        self._stack = AsyncExitStack()
        self.options = options
        self._printed = io.StringIO()
        self.screen = Screen(Console(file=self._printed, width=200))
        self.running: Running = loop.run(run.start(self._stack, options, self.screen), 180)
        self.http = httpx.Client(base_url=self.running.url, timeout=40)

    @property
    def printed(self) -> str:
        """What it has said so far."""
        return self._printed.getvalue()

    def client(self, service: str) -> Any:
        """Return a client of one service of the local AWS."""
        return self.running.aws.client(service)

    def __enter__(self) -> Product:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self._loop.run(self._stack.aclose(), 120)
