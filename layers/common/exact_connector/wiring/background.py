"""Work in the background: orders, customers, exports, pictures and logos."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property

from exact_connector.assets.fetcher import AssetsDesk
from exact_connector.assets.library import Library
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.identifiers import order_id
from exact_connector.serving.exports import Exports
from exact_connector.wiring.relations import Relations

_FIRST_LOAD = timedelta(minutes=30)


class Background(Relations):
    """What is done without anybody waiting for it, and who is sent to do it."""

    @cached_property
    def library(self) -> Library:
        """Pictures and logos."""
        return Library(self.sync_table, lambda: self.blobs)

    @cached_property
    def assets_desk(self) -> AssetsDesk:
        """Fetches pictures and logos."""
        return AssetsDesk(
            lambda: self.sync,
            self.documents,
            self.library,
            lambda tenant: (self.connected(tenant).base_url, self.exact(tenant, Purpose.SYNC)),
            self.clock,
            worker=self.worker_name,
        )

    @cached_property
    def exports(self) -> Exports:
        """Whole kinds of documents as files."""
        return Exports(
            self.sync_table,
            self.documents,
            self.feed,
            lambda: self.blobs,
            self.clock,
            new_id=lambda now: "x" + order_id(now)[1:],
        )

    @property
    def jobs(self) -> Mapping[str, Callable[[str, datetime], int]]:
        """The work in the background by name: each takes a tenant and the moment by which it has to end."""
        return {
            "customers": self.customer_engine.work,
            "exports": self.exports.work,
            "assets": self.assets_desk.work,
        }

    def dispatch_orders(self, now: datetime) -> int:
        """Send a message for every administration with orders or events, and every job, that is due; count them."""
        return self.order_desk.dispatch(now) + self.dispatch_jobs(now)

    def dispatch_jobs(self, now: datetime) -> int:
        """Send a message for every tenant with work in the background that is due; return how many."""
        due = [("customers", request.tenant) for request in self.customer_requests.due(now)]
        due += [("exports", tenant) for tenant in self.exports.due(now)]
        due += [
            ("assets", tenant) for tenant in self.assets_desk.due(self.tenants.ids(), now) if self._settled(tenant, now)
        ]
        for job, tenant in dict.fromkeys(due):
            self.queues["assets"].send({"tenant": tenant, "job": job}, group=tenant)
        return len(due)

    def _settled(self, tenant: str, now: datetime) -> bool:
        """Tell whether a tenant's first load lies behind it: until then its calls are not spent on pictures."""
        found = self.tenants.find(tenant)
        return found is not None and found.created_at + _FIRST_LOAD <= now

    def forget_orders(self, tenant: str) -> int:
        """Remove every order of a tenant, every customer that it asked for and its files; return how many."""
        self.exports.forget(tenant)
        self.assets_desk.forget(tenant)
        orders = self.order_desk.forget(tenant, self.connection(tenant).division)
        return orders + self.customer_requests.forget(tenant)
