"""The demo: what an administrator and a platform do with a new company, on the running product."""

from __future__ import annotations

import httpx

from exact_local.options import Options
from exact_local.running import Running
from exact_local.screen import Screen


async def show(running: Running, options: Options, screen: Screen) -> int:  # noqa: ARG001
    """Run the demo; return the exit code."""
    async with httpx.AsyncClient(base_url=running.url, timeout=40) as client:
        answer = await client.get("/health")
    screen.step(f"GET {running.url}/health -> {answer.status_code}")
    return 0 if answer.status_code == 200 else 1
