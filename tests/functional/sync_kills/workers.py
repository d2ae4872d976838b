"""Worker processes of the whole product over one shared file and the real sandbox, and how they are killed at random.

worker A   takes a message ── works ── SIGKILL
worker A'                              starts at once; the stream of A is leased for 90 seconds of the clock
worker B   takes other messages meanwhile; the dispatcher sends A's again when the lease has run out
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from exact_connector.clock import SystemClock, to_text
from exact_connector.documents.check import check_documents
from exact_connector.exact.auth.oauth import TokenEndpoint
from exact_connector.exact.auth.token_manager import KeeperTimes
from exact_connector.exact.connection import ConnectionState
from exact_connector.exact.http.transport import HttpxSender
from exact_connector.storage.buckets import buckets
from exact_connector.sync.ports import SyncOptions, TenantView
from exact_connector.sync.stores.checkpoints import DUE_SHARD
from exact_connector.sync.streams.catalogue import BASE
from exact_connector.tenants.views import TenantViews
from exact_connector.wiring.exact import build_connections
from exact_connector.wiring.tenants import TenantParts
from fakes.product import QUEUES, MemoryContainer, Product, SandboxProcess, _apis
from functional.exact.processes import WithoutDate
from functional.sync_kills.sqlite_store import SqliteDatabase, SqliteParameters, SqliteQueue

SYNC_QUEUES = ("items", "customers", "documents")
CHUNK_SECONDS = 840.0
"""Real seconds that a message may take, as in Lambda."""

TENANT = "acme"
FAR = 30 * 24 * 3600


class SeldomDue(TenantViews):
    """Tenants whose streams, once read, are not due again while a test lasts."""

    def view(self, tenant: str) -> TenantView | None:
        """Return the tenant with long intervals."""
        found = super().view(tenant)
        if found is None:
            return None
        names = {*found.streams, *BASE}
        return replace(found, sync=SyncOptions(intervals=dict.fromkeys(names, FAR)))


class SeldomTenants(TenantParts):
    """Tenants whose streams are read once."""

    @cached_property
    def views(self) -> TenantViews:
        """Tenants whose streams are read once."""
        return SeldomDue(self.store, self.settings, self.connection)


class SharedContainer(MemoryContainer):
    """The composition root over a shared file and a clock that may run fast.

    A tenant's tokens wait seven real seconds after a refresh that was killed.
    """

    def __init__(self, path: Path, exact_url: str, clock: SystemClock) -> None:
        super().__init__(exact_url, clock=clock)
        self.shared = SqliteDatabase(path)
        self.wire = HttpxSender()
        self.take_from = {name: SqliteQueue(name, self.shared) for name in QUEUES}
        platform = self.platform
        platform.environment = platform.environment.model_copy(update={"CLOCK_RATE": clock.rate})
        platform.__dict__.update(
            database=self.shared,
            control_table=self.shared["control"],
            sync_table=self.shared["sync"],
            records_table=self.shared["records"],
            catalog_table=self.shared["catalog"],
            orders_table=self.shared["orders"],
            parameters=SqliteParameters(self.shared),
            queues=self.take_from,
            sender=self.wire if clock.rate == 1 else WithoutDate(self.wire),
        )
        tenants = SeldomTenants(platform)
        exact = build_connections(
            platform,
            tenants,
            endpoint=TokenEndpoint(platform.sender, clock, seconds=4.5),
            times=KeeperTimes(post=5, saving=2, waiting=5, poll=0.05, fresh=0.5),
        )
        self.__dict__.update(tenants=tenants, exact=exact)

    def close(self) -> None:
        """Close the file and the connections to Exact."""
        self.shared.close()
        self.wire.close()


class SharedProduct(Product):
    """The product over a shared file, driven through its HTTP routes; its workers are other processes."""

    def __init__(self, sandbox: SandboxProcess, path: Path, clock: SystemClock) -> None:
        super().__init__(sandbox, clock=clock)
        self.box: SharedContainer = SharedContainer(path, sandbox.base, clock)
        self._apis = _apis(self.box)


@dataclass(frozen=True)
class Crew:
    """What a worker process needs."""

    path: Path
    base: str
    clock: SystemClock


def work(crew: Crew, busy: Any) -> None:
    """Take messages and do what they hint at, for ever; ``busy`` tells whether something is being done."""
    box = SharedContainer(crew.path, crew.base, crew.clock)
    while True:
        handle_one(box, busy)


def handle_one(box: SharedContainer, busy: Any) -> None:
    """Do what the oldest message hints at; wait a moment when there is none."""
    body = next((found for name in SYNC_QUEUES if (found := box.take_from[name].take())), None)
    if body is None:
        time.sleep(0.02)
        return
    busy.value = 1
    until = box.clock.now() + timedelta(seconds=CHUNK_SECONDS * box.environment.CLOCK_RATE)
    box.sync.engine.run_worker(body["tenant"], body["stream"], until)
    box.exact.release_unused()
    busy.value = 0


def prepared_context(module: str) -> Any:
    """Return a context whose processes are forked from one that has the module imported, so that each costs little."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([module])
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return context


class Workers:
    """Some worker processes, each started again when it was killed."""

    def __init__(self, crew: Crew, count: int) -> None:
        self._crew = crew
        self._context = prepared_context("functional.sync_kills.workers")
        self._running = [self._start() for _ in range(count)]

    def kill(self, chance: random.Random) -> bool:
        """Kill a worker that is at work with SIGKILL and start another; False when none is at work."""
        at_work = [place for place, (_, busy) in enumerate(self._running) if busy.value]
        if not at_work:
            return False
        place = chance.choice(at_work)
        process, _ = self._running[place]
        process.kill()
        process.join()
        self._running[place] = self._start()
        return True

    def look(self) -> None:
        """Raise when a worker ended by itself."""
        for process, _ in self._running:
            if process.exitcode is not None:
                raise AssertionError(f"a worker ended by itself with {process.exitcode}")

    def stop(self) -> None:
        """End all of them."""
        for process, _ in self._running:
            process.kill()
            process.join()

    def _start(self) -> tuple[Any, Any]:
        busy = self._context.Value("i", 0)
        process = self._context.Process(target=work, args=(self._crew, busy), daemon=True)
        process.start()
        return process, busy


def set_clock(exact: SandboxProcess, rate: float, now: str) -> SystemClock:
    """Set the sandbox's clock and return the connector's that goes with it."""
    exact.control("PUT", "/clock", {"rate": rate, "now": now})
    before = time.time()
    epoch = float(exact.control("GET", "/clock")["epoch"])
    middle = (before + time.time()) / 2
    return SystemClock(rate=rate, offset=epoch - middle, origin=middle)


@contextmanager
def workers(crew: Crew, count: int) -> Iterator[Workers]:
    """Run worker processes for the time of a block."""
    running = Workers(crew, count)
    try:
        yield running
    finally:
        running.stop()


@dataclass(frozen=True)
class Outcome:
    """What a run came to: kills, consents given again, seconds, calls by address, and the state as digests."""

    kills: int
    consents: int
    seconds: float
    calls: dict[str, int]
    documents: dict[str, int]
    served: str
    stored: str
    faults: int


def run(
    exact: SandboxProcess,
    clock: SystemClock,
    path: Path,
    *,
    kills: int,
    pause: tuple[float, float],
    seed: int = 7,
    count: int = 2,
    limit: float = 3600,
) -> Outcome:
    """Link a fresh tenant over a new file, let worker processes load everything while that many of them are killed, and
    return the end. ``pause``: the least and the most real seconds between two kills."""
    product = SharedProduct(exact, path, clock)
    status, answer, _ = product.link()
    assert status < 400, answer
    exact.control("DELETE", "/counters")
    chance = random.Random(seed)
    killed = consents = 0
    began = time.monotonic()
    next_kill = began + chance.uniform(*pause)
    with workers(Crew(path, exact.base, clock), count) as running:
        while not finished(product.box):
            assert time.monotonic() < began + limit, "the run did not come to an end"
            product.box.sync.engine.dispatch(clock.now())
            if killed < kills and time.monotonic() >= next_kill and running.kill(chance):
                killed += 1
                next_kill = time.monotonic() + chance.uniform(*pause)
            if product.box.exact.connection(product.tenant).state is ConnectionState.REAUTHORIZE:
                consents += 1
                product.authorize()
            running.look()
            time.sleep(0.02)
        seconds = time.monotonic() - began
    outcome = Outcome(killed, consents, seconds, calls_of(exact), *_state(product.box))
    product.box.close()
    return outcome


def finished(box: SharedContainer) -> bool:
    """Tell whether nothing is due or being done: every stream was read, every family is served, no list is left."""
    now = to_text(box.clock.now())
    if box.shared["sync"].due(DUE_SHARD, now, limit=1):
        return False
    if box.shared["sync"].query(f"affected#{TENANT}", limit=1).rows:
        return False  # its worker was killed; the family is due when the lease has run out
    streams = box.sync.engine.checkpoints.of_tenant(TENANT)
    loaded = all(each.status == "idle" and each.first_loaded for each in streams if each.status != "off")
    projector = box.sync.engine.projector
    families = [projector.states.get(TENANT, family) for family in projector.projections]
    return bool(streams) and loaded and all(each.status == "live" for each in families)


def row_counts(box: SharedContainer) -> tuple[int, int]:
    """Return how many rows of Exact the last runs read, and how many documents there are."""
    rows = sum(each.rows_last for each in box.sync.engine.checkpoints.of_tenant(TENANT))
    return rows, sum("hash" in row and "body" in row for row in box.shared["catalog"].all_rows())


def calls_of(exact: SandboxProcess) -> dict[str, int]:
    """Return the good answers of the administration by address."""
    counted = exact.control("GET", "/counters")["calls"]
    found: dict[str, int] = {}
    for row in counted:
        if row["division"] is not None and row["status"] < 300:
            found[row["path"]] = found.get(row["path"], 0) + int(row["calls"])
    return found


def _state(box: SharedContainer) -> tuple[dict[str, int], str, str, int]:
    """Return the documents by kind, a digest of what is served, one of the rows of Exact that count, and how many
    documents are not as their owners have them."""
    documents: dict[str, int] = {}
    served = blake2b()
    for row in box.shared["catalog"].all_rows():
        if "hash" in row and "body" in row:
            kind = str(row["pk"])
            documents[kind] = documents.get(kind, 0) + 1
            served.update(repr((kind, row["sk"], row["hash"])).encode())
    kinds = {family: each.kinds for family, each in box.sync.engine.projector.projections.items()}
    report = check_documents(box.sync.engine.stores.catalog, TENANT, kinds)
    return documents, served.hexdigest(), _stored(box), 0 if report.healthy else max(1, report.faults)


def _stored(box: SharedContainer) -> str:
    digest = blake2b()
    for family in box.sync.engine.projector.projections:
        for bucket in buckets(family):
            for owner in box.sync.engine.projector.records.bucket(TENANT, family, bucket):
                for kind, rows in sorted(owner.rows.items()):
                    for row_id, row in sorted(rows.items()):
                        digest.update(f"{owner.owner} {kind} {row_id} {sorted(row.row.items())}\n".encode())
    return digest.hexdigest()
