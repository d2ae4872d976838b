"""The life cycle of orders with its comparison with Exact every morning, and a person who enters documents there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.watch import CheckResult, MorningWatch
from exact_connector.orders.model.kinds import DOCUMENTS
from exact_connector.orders.service import AcceptedOrder
from unit.orders.lifecycle.order_world import DIVISION, TENANT, Document, World, outline

ORDERS = "salesorder/SalesOrders"


class Morning(World):
    """A world with its morning check."""

    def __init__(self) -> None:
        super().__init__()
        table = self.memory["orders"]
        self.watch = MorningWatch(self.store, self.lock, table, self._exact, self.planner, self.clock, owner="watch")

    def check(self) -> CheckResult:
        return self.watch.check(TENANT, DIVISION, self.clock.now() + timedelta(seconds=250))

    def refused(self, key: str = "k1", **body: Any) -> AcceptedOrder:
        """Post an order that Exact refuses."""
        self.exact.script.append("refuse")
        order = self.post(key, reference="ours", **body)
        self.work()
        assert self.record(order).state is State.REJECTED
        return order

    def typed(self, order: AcceptedOrder, **changes: Any) -> Document:
        """Enter a document for an order by hand."""
        self.clock.sleep(600)
        kind = DOCUMENTS[order.record.kind]
        made = self.exact.by_hand(kind.path, {**outline(order.record), **changes})
        self.clock.sleep(3600)
        return made
