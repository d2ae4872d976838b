"""Child processes: started in a session of their own, stopped by their own id, their output in a log file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import aiohttp

from exact_local.failures import LocalRunError

_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


def base_environment(**more: str) -> dict[str, str]:
    """Return the environment of a child: a few harmless variables of ours, and what is given."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


async def answers(url: str) -> bool:
    """Tell whether a server of this machine answers a GET with 200 by now."""
    try:
        async with aiohttp.ClientSession() as session, session.get(url, timeout=aiohttp.ClientTimeout(2)) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


class Child:
    """One running child process."""

    def __init__(self, name: str, process: Process, log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, *, tethered: bool = True
    ) -> Child:
        """Start a command. ``tethered``: its standard input is a pipe that closes when we go."""
        with log.open("ab") as output:
            # A session of its own: a Ctrl-C in the terminal reaches only us, and we stop the children in order.
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE if tethered else DEVNULL,
                stdout=output,
                stderr=STDOUT,
                env=dict(environment),
                start_new_session=True,
            )
        return cls(name, process, log)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.returncode is None

    def tell(self, line: str) -> None:
        """Write one line to the child's standard input."""
        if self.process.stdin is not None and self.alive:
            self.process.stdin.write(line.encode() + b"\n")

    async def wait_until(self, ready: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Wait until ``ready`` says so. Raises LocalRunError when the child dies or the time is over."""
        deadline = time.monotonic() + seconds
        while not await ready():
            if not self.alive:
                raise LocalRunError(
                    f"{self.name} stopped at once (exit code {self.process.returncode}): {last_line(self.log)}"
                    f" (all of it: {self.log})"
                )
            if time.monotonic() > deadline:
                raise LocalRunError(f"{self.name} did not answer within {seconds:.0f} s: see {self.log}.")
            await asyncio.sleep(0.03)

    async def close_input_and_wait(self, seconds: float) -> None:
        """Let the child end by itself at the end of its input, then by force."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), seconds)
        await self.stop(seconds=2)

    async def stop(self, *, seconds: float = 5) -> None:
        """Ask the process to end; after ``seconds`` it is killed."""
        if not self.alive:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Kill the process at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


def tethered_module(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a Python module as a child that ends with us."""
    return [sys.executable, "-m", "exact_local.tether", module, *arguments]


def last_line(log: Path) -> str:
    """Return the last line of a log that says something."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it wrote nothing"
