"""Two runs of real processes against the real sandbox, small in the tests and as large as asked for in the bench."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from exact_connector.exact.auth.token_manager import KeeperTimes
from exact_connector.exact.connection import ConnectionState
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.query import Query
from exact_connector.exact.http.transport import HttpxSender
from exact_connector.exact.limits.call_budget import Purpose
from fakes.sandbox_process import SandboxProcess, sandbox
from functional.exact.processes import Site, ask_for_tokens, exact_client, in_processes, keeper, read_all_the_time
from functional.exact.shared_store import Stores

_TOKEN = "/api/oauth2/token"
LOSING = ("rotate_drop", "truncate", "malform")
"""Faults after which Exact has rotated and nobody has the new pair."""


@dataclass(frozen=True)
class TokenRun:
    """What came of a run: Exact's own counts, the faults that struck, the consents given again, the last generation."""

    exact: dict[str, int]
    faults: dict[str, int]
    consents: int
    generation: int
    tokens_given: int
    spread: float


def faults(share: float, seed: int) -> list[dict[str, object]]:
    """Return rules that together hit that share of the calls to the token endpoint, each in another way."""
    kinds: list[dict[str, object]] = [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 408},
        {"kind": "reset"},
        {"kind": "rotate_drop"},
        {"kind": "truncate"},
        {"kind": "malform"},
        {"kind": "storm"},
    ]
    each = share / len(kinds)
    return [{**kind, "match": _TOKEN, "probability": each, "seed": seed + number} for number, kind in enumerate(kinds)]


def run_tokens(*, processes: int, cycles: int, rate: float, share: float, seed: int = 11) -> TokenRun:
    """Let so many processes share one connection for so many generations of tokens of a sped-up clock."""
    # Real seconds stay human while the clock runs: a POST may take ten, which is ten times `rate` of the clock.
    times = KeeperTimes(post=10 * rate, saving=5 * rate, waiting=0.5 * rate, poll=0.03 * rate, fresh=0.02 * rate)
    with sandbox(rate=rate) as exact, Stores() as stores:
        site = Site(stores.host(), exact.base, exact.client, exact.division, exact.clock(), times, post_seconds=10)  # type: ignore[attr-defined]
        sender = HttpxSender()
        home = keeper(site, sender)
        consents = 0

        def consent() -> None:
            home.link(
                exact.consent(site.clock, sender),
                base_url=exact.base,
                client_id=exact.client.client_id,
                division=exact.division,
            )

        def mend() -> bool:
            nonlocal consents
            connection = home.connection()
            if connection.state is ConnectionState.REAUTHORIZE:
                consents += 1
                consent()
            return connection.generation > cycles or time.time() > started + 60 + cycles * 4 * 580 / rate

        consent()
        if share:
            exact.arm(*faults(share, seed))
        started = time.time()
        outcome = in_processes([(ask_for_tokens, (site,))] * processes, mend)
        hits = exact.hits()
        last = home.connection()
        sender.close()
        return TokenRun(
            exact.tokens(), hits, consents, last.generation, sum(given for given, _ in outcome), time.time() - started
        )


@dataclass(frozen=True)
class BudgetRun:
    """What came of a run: Exact's refusals, the calls of the syncs in each whole minute, how long each order took."""

    refusals: int
    calls: list[int]
    order_seconds: list[float]

    @property
    def use(self) -> float:
        """The part used of the 50 calls a minute that the reserve leaves to syncs."""
        return sum(self.calls) / (50 * max(1, len(self.calls)))


def run_budget(*, workers: int, minutes: float, rate: float, orders: int) -> BudgetRun:
    """Let so many processes read one administration for some minutes of the clock; orders are posted meanwhile."""
    with sandbox(rate=rate) as exact, Stores() as stores:
        site = Site(stores.host(), exact.base, exact.client, exact.division, exact.clock())  # type: ignore[attr-defined]
        sender = HttpxSender()
        keeper(site, sender).link(
            exact.consent(site.clock, sender),
            base_url=exact.base,
            client_id=exact.client.client_id,
            division=exact.division,
        )
        client = exact_client(site, sender, Purpose.ORDERS)
        customer, item = _customer_and_item(exact_client(site, sender, Purpose.ADMIN))
        span = minutes * 60 / rate
        began_at: list[float] = []
        due = [span * (number + 0.5) / orders for number in range(orders)]
        took: list[float] = []

        def order() -> bool:
            if not began_at:
                began_at.append(time.time())
            gone = time.time() - began_at[0]
            if due and gone >= due[0]:
                due.pop(0)
                began = site.clock.now()
                body = {"OrderedBy": customer, "SalesOrderLines": [{"Item": item, "Quantity": 1}]}
                client.create("salesorder/SalesOrders", body)
                took.append((site.clock.now() - began).total_seconds())
            return gone >= span

        streams = ("sync/Logistics/Items", "sync/CRM/Accounts", "sync/Inventory/StockPositions", "sync/CRM/Contacts")
        jobs = [(read_all_the_time, (site, streams[number % len(streams)])) for number in range(workers)]
        calls = in_processes(list(jobs), order)
        sender.close()
        minutes_used = sum(calls, Counter[int]())
        whole = sorted(minutes_used)[1:-1]
        return BudgetRun(_refusals(exact), [minutes_used[minute] for minute in whole], took)


def _customer_and_item(client: ExactClient) -> tuple[str, str]:
    with client:
        accounts = client.fetch(Query("sync/CRM/Accounts", select=("ID", "Status"), filter="Timestamp gt 1L")).rows
        items = client.fetch(Query("sync/Logistics/Items", select=("ID", "IsSalesItem"), filter="Timestamp gt 1L")).rows
    customer = next(row["ID"] for row in accounts if row.get("Status") == "C")
    return customer, next(row["ID"] for row in items if row.get("IsSalesItem"))


def _refusals(exact: SandboxProcess) -> int:
    counted = exact.http.get(exact.base + "/sandbox/counters").raise_for_status().json()["calls"]
    return sum(int(row["calls"]) for row in counted if row["status"] == 429)
