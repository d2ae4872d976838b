"""A storm of orders: many clients, workers that are killed at random, and an Exact that loses answers.

Clients post straight into the intake, each order up to three times; workers are threads, every one a process of its
own that may be killed before or after any operation on the tables or on Exact. Tables are in memory, Exact is the
sandbox in its own process, with its own limits. Connector and sandbox live on one sped-up clock.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from exact_connector.clock import SystemClock
from exact_connector.errors import ConnectorError, InvalidInput
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.transport import HttpxSender
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.exactly_once.record import OPEN, State
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.module import OrderModule, OrderParts
from exact_connector.orders.service import OrderService
from exact_connector.wiring.orders import build_planner
from fakes.crashing import Crash, Process, WatchedDatabase, WatchedTable
from fakes.ports import MemoryQueue
from fakes.product import Product, SandboxProcess, running_sandbox

DIVISION = 123456
_POSTS = "salesorder/SalesOrders$"


@dataclass(frozen=True)
class Size:
    """How big a storm is. ``rate``: clock seconds per real second. ``twins``: orders that are posted as two."""

    name: str
    orders: int
    clients: int = 16
    workers: int = 4
    rate: float = 30.0
    twins: int = 10
    kill: float = 0.3
    minutes: float = 30.0
    seed: int = 1


SMALL = Size("small: 60 orders", orders=60, twins=6, minutes=3)
FULL = Size("full: 2,000 orders", orders=2000, twins=100, minutes=60)


@dataclass
class Result:
    """What a storm left behind."""

    size: Size
    accepted: list[OrderRecord] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    posts: int = 0
    replays: int = 0
    kills: int = 0
    client_kills: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    limited: int = 0
    attempts: int = 0
    real_seconds: float = 0.0
    clock_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the figures."""
        states = Counter(record.state.value for record in self.accepted)
        return "\n".join(
            [
                f"storm            {self.size.name}, {self.size.clients} clients, {self.size.workers} workers",
                f"posts            {self.posts}, of which {self.replays} were recognised as repetitions",
                f"accepted orders  {len(self.accepted)}: {dict(states)}",
                f"in Exact         {len(self.documents)} documents, {len(set(self.documents))} of them different",
                f"attempts         {self.attempts}",
                f"killed           workers {self.kills} times, clients' intake {self.client_kills} times",
                f"faults           {self.faults}",
                f"calls            {self.calls}, {self.limited} answered 429",
                f"time             {self.real_seconds:.0f} s real, {self.clock_seconds / 3600:.1f} h of the clock",
                f"wrong            {len(self.wrong)}",
                *self.wrong[:20],
            ]
        )


class Storm:
    """One storm over a linked and synchronised product."""

    def __init__(self, size: Size, sandbox: SandboxProcess) -> None:
        self.size = size
        self.sandbox = sandbox
        self.clock = _same_clock(sandbox, size.rate)
        self.product = Product(sandbox, clock=self.clock)
        self.random = random.Random(size.seed)
        self.result = Result(size)
        self._ids = count(1)
        self._lock = threading.Lock()
        self._posted = False

    def run(self) -> Result:
        """Post everything, let the workers finish, and compare with Exact."""
        self.product.link()
        self._load()
        bodies = self._bodies()
        self._arm()
        self.sandbox.control("DELETE", "/counters")
        before, started = self.clock.now(), time.monotonic()
        stop = threading.Event()
        workers = [threading.Thread(target=self._worker, args=(number, stop)) for number in range(self.size.workers)]
        for worker in workers:
            worker.start()
        try:
            with ThreadPoolExecutor(self.size.clients) as clients:
                posts = [(key, body) for key, body in bodies.items() for _ in range(self.random.randint(1, 3))]
                self.random.shuffle(posts)
                accepted = dict(clients.map(lambda post: self._client(*post), posts))
            self.result.posts = len(posts)
            self._wait(accepted)
        finally:
            stop.set()
            for worker in workers:
                worker.join()
        self.result.real_seconds = time.monotonic() - started
        self.result.clock_seconds = (self.clock.now() - before).total_seconds()
        self.clock.sleep(10)
        self._compare(accepted)
        return self.result

    def module(self, process: Process) -> OrderModule:
        """Return the life cycle as one process has it. Its times are clock seconds, so calls get fewer real ones."""
        box = self.product.box

        def exact(tenant: str, seconds: float) -> ExactClient:
            client = box.exact.client(tenant, Purpose.ORDERS, seconds=max(1.0, seconds / self.size.rate))
            return KillableExact(client, process)  # type: ignore[return-value]

        return OrderModule(
            OrderParts(
                WatchedDatabase(process, box.memory),
                WatchedTable(process, box.memory["orders"]),
                self.clock,
                build_planner(box.platform, box.tenants, box.exact, box.documents),
                exact=exact,
                division=box.exact.linked_division,
                queue=lambda: MemoryQueue(),
                bus=box.platform.events,
                webhook=lambda tenant: None,
                sender=box.platform.sender,
                new_id=self._new_id,
                worker_name=f"{id(process):x}-{next(self._ids)}",
                grace=60.0,
            )
        )

    def _new_id(self, now: datetime) -> str:
        with self._lock:
            return f"o{int(now.timestamp() * 1000):012x}{next(self._ids):06d}"

    def _load(self) -> None:
        """Load the company. On a fast clock a slow machine always finds something due again, so the end is bounded."""
        until, box = time.monotonic() + 45, self.product.box
        while time.monotonic() < until:
            box.sync.engine.dispatch(self.clock.now())
            messages = [body for queue in ("items", "customers", "documents") for body in box.messages(queue)]
            for body in messages:
                box.sync.engine.run_worker(body["tenant"], body["stream"], self.clock.now() + timedelta(seconds=600))
                box.exact.release_unused()
            if not messages:
                return

    def _bodies(self) -> dict[str, dict[str, Any]]:
        """Make orders that the intake takes: half by key, half by their own id as well; some twice the same."""
        customers, items = self._usable()
        bodies: dict[str, dict[str, Any]] = {}
        for number in range(self.size.orders - self.size.twins):
            body: dict[str, Any] = {
                "customer_id": self.random.choice(customers),
                "lines": [
                    {"item_code": code, "quantity": self.random.randint(1, 5)}
                    for code in self.random.sample(items, self.random.randint(1, 3))
                ],
            }
            if number % 3 == 0:
                body["your_reference"] = f"ref {number}"
            if number < self.size.twins:
                bodies[f"twin {number}"] = dict(body)
            elif number % 2:
                body["external_id"] = f"WEB-{number}"
            bodies[f"order {number}"] = body
        return bodies

    def _usable(self) -> tuple[list[str], list[str]]:
        """Find customers and items that an order may name, by asking the judgement of the intake."""
        product, box = self.product, self.product.box
        planner = build_planner(box.platform, box.tenants, box.exact, box.documents)
        customers = [
            row["customer_id"] for row in product.ok("GET", "/v1/customers", query={"limit": "200"})["customers"]
        ]
        items = [row["item_code"] for row in product.ok("GET", "/v1/items", query={"limit": "200"})["items"]]

        def fine(customer: str, item: str) -> bool:
            body = {"customer_id": customer, "lines": [{"item_code": item, "quantity": 1}]}
            try:
                planner.check(product.tenant, body, purchase=False)
            except InvalidInput:
                return False
            return True

        pair = next((customer, item) for customer in customers for item in items if fine(customer, item))
        lasting_customers, lasting_items = self._lasting("Accounts", "ID"), self._lasting("Items", "Code")
        good = [each for each in customers if each.lower() in lasting_customers and fine(each, pair[1])]
        return good[:25], [each for each in items if each.strip().lower() in lasting_items and fine(pair[0], each)][:60]

    def _lasting(self, entity: str, name: str) -> set[str]:
        """Return what does not end, so that Exact does not refuse it when the day turns during a long storm."""
        rows = self.sandbox.control("GET", f"/records/{DIVISION}/{entity}?_limit=100000")["records"]
        return {str(row[name]).strip().lower() for row in rows if not row.get("EndDate")}

    def _arm(self) -> None:
        """Switch the faults on: a tenth dropped after the commit, a tenth before it, a twentieth timed out."""
        slow = 1500 + 100_000 / self.size.rate
        rules = [
            {"kind": "drop", "match": _POSTS, "method": "POST", "probability": 0.10, "seed": 1},
            {"kind": "reset", "match": _POSTS, "method": "POST", "probability": 0.07, "seed": 2},
            {"kind": "status", "status": 503, "match": _POSTS, "method": "POST", "probability": 0.03, "seed": 3},
            {"kind": "delay", "delay_ms": slow, "match": _POSTS, "method": "POST", "probability": 0.05, "seed": 4},
            {"kind": "late", "delay_ms": 4900, "match": _POSTS, "method": "POST", "probability": 0.10, "seed": 5},
            {"kind": "storm", "match": "SalesOrder", "probability": 0.02, "seed": 6},
            {"kind": "reset", "match": "SalesOrder", "method": "GET", "probability": 0.02, "seed": 7},
        ]
        self.sandbox.control("POST", "/faults", rules)

    def _client(self, key: str, body: Mapping[str, Any]) -> tuple[str, OrderRecord]:
        """Post one order until there is an answer, as the contract asks of clients; the intake is killed at times."""
        process, chance = Process(), random.Random(f"{self.size.seed} {key} {threading.get_ident()}")
        while True:
            service: OrderService = self.module(process).service
            if chance.random() < 0.1:
                process.arm(chance.randint(1, 12), late=chance.random() < 0.5)
            try:
                accepted = service.accept(self.product.tenant, dict(body), key=key)
            except Crash:
                with self._lock:
                    self.result.client_kills += 1
                process.revive()
                continue
            with self._lock:
                self.result.replays += accepted.replay
            return key, accepted.record

    def _worker(self, number: int, stop: threading.Event) -> None:
        """Visit what is due, over and over; some visits are killed somewhere, and the next process begins."""
        process, chance = Process(), random.Random(self.size.seed * 1000 + number)
        module = self.module(process)
        while not stop.is_set():
            if chance.random() < self.size.kill:
                process.arm(chance.randint(1, 150), late=chance.random() < 0.5)
            try:
                for tenant, division in module.lock.due(self.clock.now()):
                    message = {"tenant": tenant, "division": str(division)}
                    module.handle(message, self.clock.now() + timedelta(seconds=280))
            except Crash:
                with self._lock:
                    self.result.kills += 1
                process.revive()
                module = self.module(process)
            except ConnectorError:
                continue
            finally:
                process.at = None
            stop.wait(0.05)

    def _wait(self, accepted: Mapping[str, OrderRecord]) -> None:
        """Wait until nothing is open and nothing is left to be read back."""
        orders = self.product.box.memory["orders"]
        until = time.monotonic() + self.size.minutes * 60
        tenant = self.product.tenant
        while time.monotonic() < until:
            queued = orders.query(f"order-queue#{tenant}#{DIVISION}", limit=1).rows
            unread = orders.query(f"order-read-back#{tenant}#{DIVISION}", limit=1).rows
            if not queued and not unread:
                return
            time.sleep(0.1)
        lock = orders.query(f"order-lock#{tenant}#{DIVISION}").rows
        self.result.wrong.append(f"the orders were not done in time; it is {self.clock.now()} and the lock says {lock}")

    def _compare(self, accepted: Mapping[str, OrderRecord]) -> None:
        result, store = self.result, self.product.box.orders.store
        ids = {key: record.order_id for key, record in accepted.items()}
        if len(set(ids.values())) != len(ids):
            result.wrong.append("two keys gave the same order")
        every = list(store.since(self.product.tenant, "o"))
        result.accepted = every
        result.attempts = sum(record.attempts for record in every)
        if {record.order_id for record in every} != set(ids.values()):
            result.wrong.append("an order is there that nobody was told of, or one is lost")
        made = self.sandbox.control("GET", f"/orders?entity=SalesOrders&division={DIVISION}")["orders"]
        result.documents = [str(row["key"]).lower() for row in made]
        links = Counter(record.exact_id for record in every if record.state is State.SUBMITTED)
        for record in every:
            if record.state in OPEN:
                result.wrong.append(f"{record.order_id} has no final state: {record.state.value} {record.waiting}")
            elif record.state is State.REJECTED:
                result.wrong.append(f"{record.order_id} was refused: {list(record.reasons)}")
        result.wrong += [f"{document} belongs to {times} orders" for document, times in links.items() if times > 1]
        lost, foreign = set(links) - set(result.documents), set(result.documents) - set(links)
        result.wrong += [f"{document} is no document of Exact" for document in lost]
        result.wrong += [f"{document} in Exact belongs to no order: it is there twice" for document in foreign]
        result.wrong += [f"{row['key']} is not visible" for row in made if not row["visible"]]
        faults = self.sandbox.control("GET", "/faults")
        armed: Sequence[Mapping[str, Any]] = faults["faults"] if isinstance(faults, dict) else faults
        result.faults = {f"{rule['kind']} {rule['method']}".strip(): int(rule["hits"]) for rule in armed}
        calls = self.sandbox.control("GET", f"/counters?division={DIVISION}")["calls"]
        result.calls = sum(int(row["calls"]) for row in calls)
        result.limited = sum(int(row["calls"]) for row in calls if row["status"] == 429)


class KillableExact:
    """A client of Exact whose calls belong to a process: it may die before the call, or after it was carried out."""

    def __init__(self, client: ExactClient, process: Process) -> None:
        self._client = client
        self._process = process
        self.connection = client.connection

    def prepare(self) -> None:
        self._process.around(self._client.prepare)

    def rows(self, query: Any) -> list[dict[str, Any]]:
        return self._process.around(lambda: self._client.rows(query))

    def create(self, path: str, body: dict[str, Any], *, record: str = "") -> dict[str, Any]:
        return self._process.around(lambda: self._client.create(path, body, record=record))

    def change(self, path: str, key: str | int, body: dict[str, Any]) -> None:
        self._process.around(lambda: self._client.change(path, key, body))


@contextmanager
def storm(size: Size) -> Iterator[Storm]:
    """Start a sandbox with a small company on a sped-up clock, and the product over it."""
    arguments = ("--items", "150", "--customers", "40", "--orders", "30", "--clock-rate", str(size.rate))
    with running_sandbox(*arguments) as sandbox:
        made = Storm(size, sandbox)
        try:
            yield made
        finally:
            sender = made.product.box.platform.sender
            assert isinstance(sender, HttpxSender)
            sender.close()


def _same_clock(sandbox: SandboxProcess, rate: float) -> SystemClock:
    """Return a clock that shows the sandbox's time."""
    real = time.time()
    shown = sandbox.control("GET", "/clock")
    there = datetime.fromisoformat(str(shown["now"]).replace("Z", "+00:00")).timestamp()
    return SystemClock(rate=rate, origin=real, offset=there - real)
