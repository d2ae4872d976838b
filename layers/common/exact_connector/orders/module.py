"""Puts the order life cycle together: stores, engines, service, outbox, and what the minute sends to the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from exact_connector.clock import Clock, to_text
from exact_connector.errors import NotConnected, StoreUnavailable
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.transport import HttpSender
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.second_ways import CallsWithSecondWays, RefusedFilters, partition
from exact_connector.observability import logger
from exact_connector.orders.lifecycle.division_lock import DivisionLock, lock_key
from exact_connector.orders.lifecycle.engine import OrderEngine
from exact_connector.orders.lifecycle.outbox import Outbox, Target
from exact_connector.orders.lifecycle.store import OrderStore, watch_key
from exact_connector.orders.lifecycle.transitions import OVERDUE_AFTER
from exact_connector.orders.lifecycle.watch import MorningWatch
from exact_connector.orders.planner import OrderPlanner
from exact_connector.orders.service import OrderService
from exact_connector.storage.leases import LEASE_SECONDS
from exact_connector.storage.ports import EventBus, Queue
from exact_connector.storage.table import Database, Table, clear

if TYPE_CHECKING:
    from exact_connector.documents.models.sync import OrdersSummary

WORKER_TIMES = LifecycleTimes(post=80.0, step=5.0)
"""Real seconds of the queue worker's calls; a POST ends before the lock of 90 seconds does."""

INLINE_TIMES = LifecycleTimes(post=20.0, step=2.0)
"""Real seconds of calls made while an HTTP client waits; API Gateway ends a request after 29."""

_LOOKED_AT = 25
"""How many of the oldest open orders are asked what they wait for, for the status."""


@dataclass(frozen=True)
class OrderParts:
    """What the life cycle of orders is built over.

    ``exact``: a client for orders of a tenant, its calls bounded in real seconds; raises NotConnected. ``division``: a
    tenant's administration. ``rate``: clock seconds per real one. ``grace``: clock seconds until Exact's last
    commit. ``tenant_exists``: whether there is such a tenant.
    """

    database: Database
    table: Table
    clock: Clock
    planner: OrderPlanner
    exact: Callable[[str, float], ExactClient]
    division: Callable[[str], int]
    queue: Callable[[], Queue]
    bus: EventBus
    webhook: Callable[[str], Target | None]
    sender: HttpSender
    new_id: Callable[[datetime], str]
    worker_name: str
    rate: float = 1.0
    grace: float = 120.0
    tenant_exists: Callable[[str], bool] = lambda _: True


class OrderModule:
    """Every part of the life cycle, each built when it is first used."""

    def __init__(self, parts: OrderParts) -> None:
        self._parts = parts

    @cached_property
    def store(self) -> OrderStore:
        """Orders and their transitions."""
        return OrderStore(self._parts.database, self._parts.table, sleep=self._parts.clock.sleep)

    @cached_property
    def lock(self) -> DivisionLock:
        """Locks and due rows of administrations."""
        return DivisionLock(self._parts.table, lease_seconds=LEASE_SECONDS * self._rate)

    @cached_property
    def engine(self) -> OrderEngine:
        """Brings orders into Exact, as the queue worker."""
        return self._engine(WORKER_TIMES, "worker")

    @cached_property
    def service(self) -> OrderService:
        """Takes orders in; its own engine runs them while a client waits, within the time of an HTTP request."""
        return OrderService(
            self.store,
            self.lock,
            self._engine(INLINE_TIMES, "inline"),
            self._parts.planner,
            self._parts.clock,
            division=self._parts.division,
            wake=self.wake,
            new_id=self._parts.new_id,
        )

    @cached_property
    def outbox(self) -> Outbox:
        """Outgoing events."""
        parts = self._parts
        return Outbox(parts.table, parts.bus, parts.webhook, parts.sender, parts.clock)

    @cached_property
    def refused_filters(self) -> RefusedFilters:
        """Filters that Exact refuses."""
        return RefusedFilters(self._parts.table, self._parts.clock)

    def wake(self, tenant: str, division: int) -> None:
        """Send the order worker a message; without one the due row is found within a minute."""
        try:
            self._send(tenant, division)
        except StoreUnavailable as error:
            logger().warning("a hint to the order worker was not sent", tenant=tenant, code=error.code)

    @cached_property
    def watch(self) -> MorningWatch:
        """The comparison with Exact, every morning."""
        parts, seconds = self._parts, WORKER_TIMES.post / 2
        exact = self._client(seconds)
        owner = f"watch-{parts.worker_name}"
        return MorningWatch(self.store, self.lock, parts.table, exact, parts.planner, parts.clock, owner=owner)

    def dispatch(self, now: datetime) -> int:
        """Send a message for whatever is due: orders, outgoing events, morning checks; return how many."""
        orders = dict.fromkeys(self.lock.due(now), "orders")
        notified = {tenant for tenant, _ in orders}
        events = {place: "events" for place in self.outbox.due(now) if place[0] not in notified}
        messages = [*orders.items(), *events.items(), *((place, "watch") for place in self.watch.due(now))]
        for (tenant, division), work in messages:
            self._send(tenant, division, work=work)
        return len(messages)

    def handle(self, message: Mapping[str, str], until: datetime) -> dict[str, int]:
        """Carry out one message of the orders queue; return counts for the log."""
        tenant, division, work = message["tenant"], int(message["division"]), message.get("work", "orders")
        counts: dict[str, int] = {}
        if not self._parts.tenant_exists(tenant):
            # A message that is older than the removal of its tenant must not bring any of its rows back.
            return {"deleted": self.delete_tenant_data(tenant, division)}
        if work == "orders":
            self.watch.arrange(tenant, division)
            worked = self.engine.work(tenant, division, until)
            counts = {"finished": worked.finished, "left": worked.left}
        elif work == "watch":
            checked = self.watch.check(tenant, division, until)
            counts = {"looked_at": checked.looked_at, "linked": checked.linked, "missing": checked.missing}
        return {**counts, "events": self.outbox.deliver(tenant)}

    def delete_tenant_data(self, tenant: str, division: int | None) -> int:
        """Remove every order of a tenant, and what waits for orders of its administration; return how many orders."""
        count = self.store.delete_tenant_data(tenant)
        if division is not None:
            clear(self._parts.table, partition(tenant, division))
            self._parts.table.batch_write(deletes=[lock_key(tenant, division), watch_key(tenant, division)])
        return count

    def summary(self, tenant: str, division: int) -> OrdersSummary:
        """Return how many orders of an administration are open, how many of them late, and what the first waits for."""
        moments = [place.accepted_at for place in self.store.queue(tenant, division)]
        first = islice(self.store.open_records(tenant, division), _LOOKED_AT)
        late = self._parts.clock.now() - OVERDUE_AFTER
        return {
            "open": len(moments),
            "overdue": sum(moment <= late for moment in moments),
            "oldest_accepted_at": to_text(moments[0]) if moments else None,
            "waiting_for": next((record.waiting for record in first if record.waiting is not None), None),
        }

    def make_due(self, tenant: str, division: int) -> None:
        """Make every waiting order of an administration due now, after a link."""
        now = self._parts.clock.now()
        self.lock.mark_due(tenant, division, now)
        self.store.make_due(tenant, division, now)

    def _send(self, tenant: str, division: int, *, work: str = "orders") -> None:
        self._parts.queue().send({"tenant": tenant, "division": str(division), "work": work}, group=tenant)

    @property
    def _rate(self) -> float:
        return max(1.0, self._parts.rate)

    def _client(self, seconds: float) -> Callable[[str, int], ExactCalls]:
        def exact(tenant: str, division: int) -> ExactCalls:
            client = self._parts.exact(tenant, seconds)
            if client.connection.division != division:
                raise NotConnected(
                    f"The order was accepted for administration {division}, and the tenant is linked to another now;"
                    " link that one again, or cancel the order and post it again."
                )
            return CallsWithSecondWays(client, self.refused_filters, tenant, division)

        return exact

    def _engine(self, times: LifecycleTimes, name: str) -> OrderEngine:
        # A call ends within its time but for the last silence of an answer that trickles in, so it gets half of it.
        exact = self._client((times.post - times.step) / 2)
        scaled = replace(times, post=times.post * self._rate, step=times.step * self._rate, grace=self._parts.grace)
        owner = f"{name}-{self._parts.worker_name}"
        clock, planner = self._parts.clock, self._parts.planner
        return OrderEngine(self.store, self.lock, exact, planner, clock, owner=owner, times=scaled)
