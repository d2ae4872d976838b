"""The whole synchronisation over the little feed: one engine, its tenants, and a reader that keeps a copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from exact_connector.documents.check import CheckReport, check_documents
from exact_connector.documents.feed import ChangeFeed, head_key
from exact_connector.documents.store import CatalogStore
from exact_connector.fields import Row
from exact_connector.storage.leases import whole
from exact_connector.sync.engine import SyncEngine, WorkerResult
from exact_connector.sync.ports import FamilyProjection, TenantView
from exact_connector.sync.streams.catalogue import BASE, wanted
from fakes.ports import MemoryQueue
from unit.sync.sync_model import TENANT, Ground, document_of, required_by, shown_prices

ITEM_KINDS = frozenset({"item"})
REQUIRING = FamilyProjection(ITEM_KINDS, document_of, required_streams=required_by)


@dataclass
class Tenants:
    """The tenants that exist."""

    views: dict[str, TenantView] = field(default_factory=dict)

    def view(self, tenant: str) -> TenantView | None:
        return self.views.get(tenant)

    def tenants(self) -> Iterable[str]:
        return list(self.views)


def context_of(view: TenantView, today: date, reference: Mapping[str, Sequence[Row]]) -> Any:
    """What the small projection shows of its context: the settings' own name and the units."""
    return f"{view.settings} {sorted(str(row.get('Code')) for row in reference.get('unit', ()))}"


class Connector:
    """An engine with its ground, one worker after another."""

    def __init__(
        self,
        ground: Ground | None = None,
        *,
        projection: FamilyProjection | None = None,
        others: Mapping[str, FamilyProjection] | None = None,
    ) -> None:
        self.ground = ground or Ground()
        self.tenants = Tenants({TENANT: self.ground.view})
        self.queues = {name: MemoryQueue() for name in ("items", "customers", "documents")}
        self.projection = projection or FamilyProjection(ITEM_KINDS, document_of)
        self.others = others or {}
        self.parts_from = 1_000_000
        self.engine = self.process("w1")

    def process(self, name: str) -> SyncEngine:
        """Another process on the same tables."""
        stores = self.ground.stores
        engine = SyncEngine(
            stores.database,
            stores.sync,
            stores.records,
            stores.catalog,
            lambda _: self.ground.feed,
            self.tenants,
            {"items": self.projection, **self.others},
            context_of,
            self.queues,
            self.ground.events,
            self.ground.clock,
            worker=name,
            ahead=False,
        )
        engine.projector.parts_from = self.parts_from
        return engine

    def share_first_loads(self) -> None:
        """Have even the smallest first load done in parts from now on."""
        self.parts_from = 0
        self.engine.projector.parts_from = 0

    def counts(self) -> dict[str, int]:
        """The number of documents of each kind, as the feed's head says."""
        head = self.ground.stores.catalog.get(head_key(TENANT)) or {}
        return {name: whole(value) for name, value in head.items() if name.startswith("count_") and value}

    @property
    def catalog(self) -> CatalogStore:
        return CatalogStore(self.ground.stores.catalog)

    @property
    def feed(self) -> ChangeFeed:
        return ChangeFeed(self.ground.stores.catalog)

    def settings(self, name: str) -> None:
        """Change the tenant's settings, which changes the fingerprint."""
        changed = replace(self.tenants.views[TENANT], settings=name, fingerprints={"items": name})
        self.tenants.views[TENANT] = changed
        self.ground.view = changed

    def message(self, name: str, *, seconds: float = 600, engine: SyncEngine | None = None) -> WorkerResult:
        """Handle one queue message."""
        deadline = self.ground.clock.now() + timedelta(seconds=seconds)
        return (engine or self.engine).run_worker(TENANT, name, deadline)

    def load(self) -> None:
        """Plan the tenant and carry out every base stream."""
        self.engine.plan(TENANT)
        for stream in wanted(()):
            self.message(stream.name)

    def again(self, *names: str) -> None:
        """Make streams due and run them, with what follows; none named: all base streams."""
        for name in names or sorted(BASE):
            self.engine.make_due(TENANT, [name])
            self.message(name)

    def check(self) -> CheckReport:
        """Check the served documents against what their owners have."""
        return check_documents(self.ground.stores.catalog, TENANT, {"items": self.projection.kinds})

    def documents(self) -> dict[str, dict[str, Any]]:
        """Every item document by key."""
        page = self.catalog.list(TENANT, "item", limit=10_000)
        return {each.key: each.body for each in page.documents}

    def expected(self) -> dict[str, dict[str, Any]]:
        """The documents that the feed's state calls for."""
        feed, found = self.ground.feed, {}
        units = feed.rows("logistics/Units")
        context = context_of(self.ground.view, self.ground.clock.now().date(), {"unit": units})
        # Of several items with one code the one with the lowest ID is served.
        for item in sorted(feed.rows("sync/Logistics/Items"), key=lambda row: str(row["ID"]), reverse=True):
            prices = [row for row in feed.rows("sync/Logistics/SalesItemPrices") if row["Item"] == item["ID"]]
            asked = self.projection.required_streams is not None
            standard = [r for r in feed.rows("bulk/Logistics/Items") if asked and r["ID"] == item["ID"]]
            stock = [row for row in feed.rows("sync/Inventory/StockPositions") if row["ItemId"] == item["ID"]]
            found[str(item["Code"])] = {
                "code": item["Code"],
                "name": item.get("Description"),
                "prices": shown_prices(prices, standard),
                "stock": sum(int(row.get("CurrentStock", 0)) for row in stock),
                "context": context,
            }
        return found


@dataclass
class Follower:
    """A platform that follows the change feed and keeps a copy of the documents."""

    connector: Connector
    since: int = 0
    copy: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)

    def follow(self, limit: int = 3) -> None:
        """Read everything there is, in small pages."""
        while True:
            page = self.connector.feed.read(TENANT, since=self.since, limit=limit)
            for entry in page.entries:
                self.seen.append(entry.seq)
                if entry.op == "reset":
                    self.copy = self.connector.documents()
                elif entry.op == "delete":
                    self.copy.pop(entry.key, None)
                else:
                    found = self.connector.catalog.get(TENANT, entry.kind, entry.key)
                    if found is not None:
                        self.copy[entry.key] = found.body
            self.since = page.next_since
            if self.since >= page.head:
                return
