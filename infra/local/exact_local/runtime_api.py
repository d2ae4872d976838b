"""Lambda's Runtime API for one worker process, and the worker.

    supervisor            this server                      worker (awslambdaric)
        |                     |<---- GET invocation/next -------|   idle
        |---- invoke -------->|----- event, headers ----------->|   busy
        |                     |<---- POST .../response ---------|
        |<--- outcome --------|<---- GET invocation/next -------|   idle again

One process serves one invocation at a time, as on AWS.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from exact_local.children import Child, base_environment
from exact_local.state import LOOPBACK

_VERSION = "/2018-06-01/runtime"
# Lambda refuses larger answers of a synchronous invocation.
LARGEST_ANSWER = 6 * 1024 * 1024
_INIT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invocation gave: the handler's JSON, or an error document with its kind."""

    body: bytes
    failed: bool = False


def failure(kind: str, message: str) -> Outcome:
    """Return the outcome of an invocation that the handler did not answer."""
    return Outcome(json.dumps({"errorType": kind, "errorMessage": message}).encode(), failed=True)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event on its way to a handler."""

    event: bytes
    function_arn: str
    deadline_ms: int
    answer: asyncio.Future[Outcome]
    request_id: str


class Worker:
    """One handler process with the Runtime API that it talks to."""

    def __init__(self, function: str, on_idle: Callable[[Worker], None]) -> None:
        self.function = function
        self._on_idle = on_idle
        self._next: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        self._runner = web.ServerRunner(web.Server(self._serve, handler_cancellation=True), shutdown_timeout=0.1)
        self._child: Child | None = None
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.init_error: str | None = None
        self.started = asyncio.Event()
        self._closed = False

    async def start(self, handler: str, environment: Mapping[str, str], log: Path) -> None:
        """Start the server and the process."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self._child = await Child.start(
            self.function,
            [sys.executable, "-m", "awslambdaric", handler],
            base_environment(**environment, AWS_LAMBDA_RUNTIME_API=f"{LOOPBACK}:{port}"),
            log,
            tethered=False,
        )
        self._watcher = asyncio.create_task(self._watch(self._child))

    async def invoke(self, event: bytes, function_arn: str, seconds: float) -> Outcome:
        """Run one event; the process is killed when it takes longer than ``seconds``."""
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        invocation = Invocation(event, function_arn, int((time.time() + seconds) * 1000), answer, str(uuid.uuid4()))
        self._current = invocation
        self._next.put_nowait(invocation)
        ends: list[asyncio.Future[Any]] = [answer, self.gone]
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        self._current = None
        if answer.done():
            return answer.result()
        if self.gone.done():
            return failure(*self._cause_of_death())
        await self.close()
        return failure("Sandbox.Timedout", f"{self.function} timed out after {seconds:.2f} seconds")

    def _cause_of_death(self) -> tuple[str, str]:
        if self.init_error is not None:
            return "Runtime.InitError", self.init_error
        return "Runtime.ExitError", f"{self.function} stopped without an answer: {self.gone.result()}"

    async def wait_until_started(self) -> None:
        """Wait until the handler is loaded, or cannot be."""
        started = asyncio.create_task(self.started.wait())
        ends: list[asyncio.Future[Any]] = [started, self.gone]
        await asyncio.wait(ends, timeout=_INIT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()

    async def close(self) -> None:
        """Stop the process and the server."""
        if self._closed:
            return
        self._closed = True
        if self._child is not None and self._child.alive:
            await self._child.kill()
        await self._runner.cleanup()

    async def _watch(self, child: Child) -> None:
        code = await child.process.wait()
        self.gone.set_result(f"exit code {code}")

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.removeprefix(_VERSION)
        if path == "/invocation/next":
            return await self._hand_out()
        # Not request.read(): that one stops at a megabyte.
        body = await request.content.read()
        if path == "/init/error":
            self.init_error = _message_of(body)
        elif path.endswith("/response"):
            self._settle(path, _checked(body))
        elif path.endswith("/error"):
            self._settle(path, Outcome(body, failed=True))
        else:
            return web.Response(status=404)
        return web.Response(status=202, text='{"status":"OK"}', content_type="application/json")

    async def _hand_out(self) -> web.Response:
        self.started.set()
        self._on_idle(self)
        invocation = await self._next.get()
        return web.Response(
            body=invocation.event,
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            },
        )

    def _settle(self, path: str, outcome: Outcome) -> None:
        current = self._current
        # An answer to an invocation that was given up is nobody's.
        if current is not None and f"/{current.request_id}/" in path and not current.answer.done():
            current.answer.set_result(outcome)


def _checked(body: bytes) -> Outcome:
    if len(body) > LARGEST_ANSWER:
        return failure(
            "Function.ResponseSizeTooLarge", f"Response payload size ({len(body)} bytes) exceeded {LARGEST_ANSWER}"
        )
    return Outcome(body)


def _message_of(body: bytes) -> str:
    try:
        document = json.loads(body)
        return f"{document['errorType']}: {document['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:500]
