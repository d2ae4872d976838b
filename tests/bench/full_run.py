"""The whole synchronisation by worker processes that measure themselves, over a store in a file outside of them."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measuring import PAGE_SECONDS, Measured, Meter
from exact_connector.clock import SystemClock
from fakes.product import SandboxProcess
from functional.sync_kills.workers import (
    TENANT,
    Crew,
    SharedContainer,
    SharedProduct,
    calls_of,
    finished,
    handle_one,
    prepared_context,
    row_counts,
)


@dataclass(frozen=True)
class FullRun:
    """One run. ``latency``: the seconds that Exact's pages took together; ``extracted``: when all rows were stored."""

    items: int
    rows: int
    requests: int
    documents: int
    latency: float
    extracted: float
    wall: float
    workers: tuple[Measured, ...]

    @property
    def cpu(self) -> float:
        """Seconds of processor time, all workers."""
        return sum(each.cpu for each in self.workers)

    @property
    def peak_mb(self) -> float:
        """The memory of the largest worker."""
        return max(each.peak_mb for each in self.workers)


def work_measured(crew: Crew, stop: Any, out: Any) -> None:
    """Take messages until told to stop, then tell what that used."""
    box = SharedContainer(crew.path, crew.base, crew.clock)
    busy = multiprocessing.Value("i", 0)
    meter = Meter()
    while not stop.is_set():
        handle_one(box, busy)
    out.put(meter.result(0))


def full_run(exact: SandboxProcess, path: Path, items: int, *, count: int, limit: float = 3600) -> FullRun:
    """Link a tenant over a new file and let that many workers load, store and project everything."""
    clock = SystemClock()
    product = SharedProduct(exact, path, clock)
    status, answer, _ = product.link()
    assert status < 400, answer
    exact.control("DELETE", "/counters")
    context = prepared_context("bench.full_run")
    stop, out = context.Event(), context.Queue()
    crew = Crew(path, exact.base, clock)
    processes = [context.Process(target=work_measured, args=(crew, stop, out), daemon=True) for _ in range(count)]
    began = time.monotonic()
    for process in processes:
        process.start()
    extracted = 0.0
    try:
        while not finished(product.box):
            assert time.monotonic() < began + limit, "the run did not come to an end"
            assert all(process.exitcode is None for process in processes), "a worker ended by itself"
            product.box.sync.engine.dispatch(clock.now())
            if not extracted and _loaded(product.box):
                extracted = time.monotonic() - began
            time.sleep(0.02)
        wall = time.monotonic() - began
        stop.set()
        used = tuple(out.get(timeout=60) for _ in processes)
    finally:
        stop.set()
        for process in processes:
            process.join(30)
        out.close()
    rows, documents = row_counts(product.box)
    requests = sum(calls_of(exact).values())
    product.box.close()
    # A page of up to a thousand rows takes as long as a full one.
    latency = requests * PAGE_SECONDS
    return FullRun(items, rows, requests, documents, latency, extracted, wall, used)


def _loaded(box: SharedContainer) -> bool:
    streams = box.sync.engine.checkpoints.of_tenant(TENANT)
    return bool(streams) and all(each.first_loaded for each in streams if each.status != "off")
