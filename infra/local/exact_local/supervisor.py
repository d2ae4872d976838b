"""Runs the deployed handlers: a pool of worker processes per function, behind one invoke address.

The local AWS sends every invocation here (function name in a header, event as body), as it would hand it to Lambda.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from exact_local.runtime_api import Outcome, Worker, failure
from exact_local.state import LOOPBACK

INVOKE_PATH = "/invoke"
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployed function: how to start it and how many processes it may have."""

    name: str
    handler: str
    timeout: int
    processes: int
    environment: Mapping[str, str]


class Pool:
    """The worker processes of one function, started when they are needed."""

    def __init__(self, function: Deployed, log: Path, report: Report) -> None:
        self._function = function
        self._log = log
        self._report = report
        self._workers: set[Worker] = set()
        self._idle: deque[Worker] = deque()
        self._waiting: deque[asyncio.Future[Worker]] = deque()
        self._housework: set[asyncio.Task[None]] = set()
        self._told: str | None = None

    async def invoke(self, event: bytes, function_arn: str) -> Outcome:
        """Run one event on a free worker, within the function's time-out."""
        started = time.monotonic()
        try:
            worker = await asyncio.wait_for(self._free_worker(), self._function.timeout)
        except TimeoutError:
            return failure("TooManyRequestsException", f"all processes of {self._function.name} were busy")
        seconds = self._function.timeout - (time.monotonic() - started)
        outcome = await worker.invoke(event, function_arn, max(seconds, 0.1))
        self._show_init_error(worker)
        return outcome

    async def warm_up(self) -> None:
        """Start one process ahead of the first event."""
        if not self._workers:
            await (await self._start_worker()).wait_until_started()

    async def close(self) -> None:
        """Stop all processes."""
        await asyncio.gather(*(worker.close() for worker in list(self._workers)))

    async def _free_worker(self) -> Worker:
        while self._idle:
            worker = self._idle.popleft()
            if not worker.gone.done():
                return worker
        ready: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append(ready)
        # Workers that are still starting will take waiting events, so only as many more as nobody is starting for.
        if len(self._workers) < self._function.processes:
            await self._start_worker()
        return await ready

    async def _start_worker(self) -> Worker:
        worker = Worker(self._function.name, self._on_idle)
        self._workers.add(worker)
        await worker.start(self._function.handler, self._function.environment, self._log)
        task = asyncio.create_task(self._bury(worker))
        self._housework.add(task)
        task.add_done_callback(self._housework.discard)
        return worker

    def _on_idle(self, worker: Worker) -> None:
        if not self._give_to_waiting(worker):
            self._idle.append(worker)

    async def _bury(self, worker: Worker) -> None:
        await worker.gone
        self._workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        await worker.close()
        if not worker.started.is_set():
            # It never asked for work: one who waits for it hears the reason.
            self._show_init_error(worker)
            self._give_to_waiting(worker)
        elif any(not ready.done() for ready in self._waiting) and len(self._workers) < self._function.processes:
            await self._start_worker()

    def _give_to_waiting(self, worker: Worker) -> bool:
        while self._waiting:
            ready = self._waiting.popleft()
            if not ready.done():
                ready.set_result(worker)
                return True
        return False

    def _show_init_error(self, worker: Worker) -> None:
        if worker.init_error is not None and worker.init_error != self._told:
            self._told = worker.init_error
            self._report(f"{self._function.name} cannot start: {worker.init_error} (see {self._log})")


class Supervisor:
    """The invoke address with the pools behind it."""

    def __init__(self, port: int, logs: Path, report: Report) -> None:
        self._port = port
        self._logs = logs
        self._report = report
        self._pools: dict[str, Pool] = {}
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_post(INVOKE_PATH, self._invoke)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)

    @property
    def url(self) -> str:
        """The address that invocations are sent to."""
        return f"http://{LOOPBACK}:{self._port}{INVOKE_PATH}"

    async def start(self) -> None:
        """Open the invoke address."""
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self._port).start()

    async def deploy(self, functions: list[Deployed]) -> None:
        """Replace the pools by those of a new deployment."""
        old, self._pools = (
            self._pools,
            {
                function.name: Pool(function, self._logs / f"{function.name}.log", self._report)
                for function in functions
            },
        )
        await asyncio.gather(*(pool.close() for pool in old.values()))

    async def warm_up(self, names: list[str]) -> None:
        """Start one process for each of these functions, those that are deployed."""
        await asyncio.gather(*(self._pools[name].warm_up() for name in names if name in self._pools))

    async def close(self) -> None:
        """Stop everything."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        await self._runner.cleanup()

    async def _invoke(self, request: web.Request) -> web.Response:
        name = request.headers.get("X-Amzn-Lambda-Function-Name", "")
        pool = self._pools.get(name)
        if pool is None:
            outcome = failure("ResourceNotFoundException", f"no function {name!r} is deployed")
        else:
            outcome = await pool.invoke(await request.read(), request.headers.get("X-Amzn-Lambda-Function-Arn", name))
        return web.Response(status=500 if outcome.failed else 200, body=outcome.body, content_type="application/json")
