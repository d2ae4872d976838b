"""Measure how fast orders are accepted (the 202 answer) on the running product. By hand:

PYTHONPATH=infra/local:layers/common:tests python tests/bench/intake_latency.py --orders 300
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from runtime.acceptance.stack import Row, Stack, Tenant

ITEMS, CUSTOMERS = 300, 60
LONGEST_P95_MS = 150.0
CLIENTS = 4
ACCEPTED = 202


@dataclass(frozen=True)
class Latencies:
    """How long accepted orders took from the first byte sent to the last one read, in milliseconds, shortest first."""

    name: str
    milliseconds: tuple[float, ...]

    def at(self, share: float) -> float:
        """Return the time within which that share of the orders was answered (nearest rank)."""
        place = max(1, -(-round(share * 1000) * len(self.milliseconds) // 1000))
        return self.milliseconds[place - 1]

    def line(self) -> str:
        """Return the figures as a line for a person."""
        p50, p95, p99 = (self.at(share) for share in (0.50, 0.95, 0.99))
        count, longest = len(self.milliseconds), self.milliseconds[-1]
        return f"{self.name:28} {count:4} orders  p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f}  max {longest:6.1f} ms"


@dataclass(frozen=True)
class Figures:
    """What was measured: one client that posts order after order, and several at once."""

    sequential: Latencies
    parallel: Latencies

    def lines(self) -> list[str]:
        """Return the figures as lines for a person."""
        return [self.sequential.line(), self.parallel.line()]


class Shop:
    """A platform with a key of its own that posts orders of its customers, each for two items."""

    def __init__(self, stack: Stack, tenant: Tenant) -> None:
        scopes = {"label": "bench", "scopes": ["orders:write"]}
        self._key = tenant.ok("POST", f"/v1/tenants/{tenant.id}/keys", scopes)["key"]
        self._url = stack.url
        found = tenant.ok("GET", "/v1/customers?status=C&limit=60")["customers"]
        self._customers = [each["customer_id"] for each in found if not each["is_blocked"]]
        self._items = [each for each in tenant.ok("GET", "/v1/items?limit=100")["items"] if each["sales_price"]]

    def warm_up(self) -> None:
        """Post an order of each item from several clients, so that every process is warm; keep the items that sell."""
        names = [f"warm-{number}" for number in range(len(self._items))]
        orders = [self._order(names[number], number, (item,)) for number, item in enumerate(self._items)]
        sold = {name for name, status, _ in self._posted_together(orders) if status == ACCEPTED}
        self._items = [item for name, item in zip(names, self._items, strict=True) if name in sold]

    def post(self, name: str, orders: int, *, clients: int) -> Latencies:
        """Post that many orders, each client one after the other."""
        bodies = [self._order(f"{name}-{number}", number, self._two_items(number)) for number in range(orders)]
        answers = self._posted(bodies) if clients == 1 else self._posted_together(bodies)
        refused = {status for _, status, _ in answers} - {ACCEPTED}
        assert not refused, f"some orders were answered with {refused}"
        return Latencies(name, tuple(sorted(taken for _, _, taken in answers)))

    def _two_items(self, number: int) -> tuple[Row, Row]:
        return self._items[number % len(self._items)], self._items[(number + 1) % len(self._items)]

    def _order(self, name: str, number: int, items: Sequence[Row]) -> Row:
        return {
            "external_id": name,
            "customer_id": self._customers[number % len(self._customers)],
            "lines": [{"item_code": i["item_code"], "quantity": "2", "unit_price": i["sales_price"]} for i in items],
        }

    def _posted(self, orders: Sequence[Row]) -> list[tuple[str, int, float]]:
        """Post one after the other over one connection; return name, status and milliseconds of each."""
        answers = []
        headers = {"Authorization": f"Bearer {self._key}"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=40, trust_env=False) as http:
            http.get("/health")
            for order in orders:
                begun = time.perf_counter()
                answer = http.post("/v1/orders", json=order)
                taken = (time.perf_counter() - begun) * 1000
                answers.append((str(order["external_id"]), answer.status_code, taken))
        return answers

    def _posted_together(self, orders: Sequence[Row]) -> list[tuple[str, int, float]]:
        with ThreadPoolExecutor(CLIENTS) as threads:
            shares = threads.map(self._posted, [orders[client::CLIENTS] for client in range(CLIENTS)])
            return [answer for each in shares for answer in each]


def measure(state: Path, orders: int) -> Figures:
    """Start the product on an empty state folder, load a small company, and post orders without waiting for Exact."""
    stack = Stack(state, _free_port(), "--items", str(ITEMS), "--customers", str(CUSTOMERS))
    try:
        tenant = Tenant(stack, "bench")
        tenant.link()
        tenant.wait_until_loaded()
        shop = Shop(stack, tenant)
        shop.warm_up()
        one = shop.post("one client", orders, clients=1)
        return Figures(one, shop.post(f"{CLIENTS} clients at once", orders, clients=CLIENTS))
    finally:
        stack.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Print the figures; 1 when the one client waited longer than promised."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "state", given.orders)
    print("\n".join(found.lines()))
    return 0 if found.sequential.at(0.95) < LONGEST_P95_MS else 1


if __name__ == "__main__":
    sys.exit(main())
