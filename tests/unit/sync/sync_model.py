"""A tiny Exact that feeds the synchronisation, and the ground under it: one clock, one database, one tenant.

The feed keeps tables of rows with row versions, serves them in pages by version, by date of change or whole, shows late
commits only after ``show``, and keeps the log of deletions. Nothing here knows how the connector works.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.exact.http.query import Query
from exact_connector.storage.stores import Stores
from exact_connector.sync.extraction.extract import Extractor
from exact_connector.sync.ports import SyncOptions, TenantView
from exact_connector.sync.results import ChunkResult
from exact_connector.sync.stores.checkpoints import Checkpoint
from exact_connector.sync.streams.catalogue import BASE, DELETIONS, STREAMS
from fakes.ports import MemoryEvents
from fakes.tables import MemoryDatabase

TENANT = "acme"
DIVISION = 123456
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StoppedClock:
    """A clock that moves only when told, or when somebody sleeps."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def guid(number: int, kind: int = 0) -> str:
    """A GUID that a person can read in a failing test."""
    return str(uuid.UUID(int=((kind + 1) << 64) + number))


@dataclass(frozen=True)
class FeedPage:
    rows: list[dict[str, Any]]
    next_url: str | None
    size: int


@dataclass
class Feed:
    """The administration: path -> rows by key."""

    page_size: int = 3
    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    hidden: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    version: int = 100
    calls: list[str] = field(default_factory=list)
    faults: list[Exception | Callable[[list[dict[str, Any]]], list[Any]]] = field(default_factory=list)
    refusals: dict[str, Exception] = field(default_factory=dict)
    before_fetch: Callable[[str], None] | None = None

    def put(self, path: str, key: str, **values: Any) -> dict[str, Any]:
        """Create or change a row: it gets a new row version."""
        return self._write(path, key, values, self.tables)

    def put_late(self, path: str, key: str, **values: Any) -> None:
        """Change a row in a transaction that is still open: the version is taken, the row shows after ``show``."""
        self.version += 1
        row = {"ID": key, **self._row(path, key), **values, "Timestamp": self.version}
        self.hidden[(path, key)] = row

    def show(self) -> None:
        """Commit what was late."""
        for (path, key), row in self.hidden.items():
            current = self.tables.setdefault(path, {}).get(key)
            if current is None or int(current["Timestamp"]) < int(row["Timestamp"]):
                self.tables[path][key] = row
        self.hidden.clear()

    def delete(self, path: str, key: str, entity_type: int | None = None) -> None:
        """Delete a row and log it, as ``sync/Deleted`` shows it."""
        self.tables.setdefault(path, {}).pop(key, None)
        self.hidden.pop((path, key), None)
        number = entity_type if entity_type is not None else _entity_type(path)
        if number is not None:
            self.version += 1
            log = self.tables.setdefault(DELETIONS.path, {})
            log[str(self.version)] = {"Timestamp": self.version, "EntityType": number, "EntityKey": key}

    def rows(self, path: str) -> list[dict[str, Any]]:
        """The rows as they are."""
        return list(self.tables.get(path, {}).values())

    def fetch(self, query: Query, cursor: str | None = None) -> FeedPage:
        """Serve one page; the cursor says after which row, and repeats the query's filter."""
        self.calls.append(cursor or f"{query.path}?{query.filter or ''}")
        if self.before_fetch is not None:
            self.before_fetch(query.path)
        if query.path in self.refusals:
            raise self.refusals[query.path]
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Exception):
            raise fault
        path, condition, after = _parse(query, cursor)
        found = [row for row in self._sorted(path) if _passes(row, condition) and _order(row) > after]
        page = [dict(row) for row in found[: self.page_size]]
        more = len(found) > len(page)
        following = f"{path}|{condition}|{_order(page[-1])[0]}|{_order(page[-1])[1]}" if more else None
        return FeedPage(fault(page) if fault else page, following, len(page))

    def _write(
        self, path: str, key: str, values: Mapping[str, Any], tables: dict[str, dict[str, dict[str, Any]]]
    ) -> dict[str, Any]:
        self.version += 1
        row = {"ID": key, **self._row(path, key), **values, "Timestamp": self.version}
        tables.setdefault(path, {})[key] = row
        return row

    def _row(self, path: str, key: str) -> dict[str, Any]:
        return self.tables.get(path, {}).get(key, {})

    def _sorted(self, path: str) -> list[dict[str, Any]]:
        return sorted(self.tables.get(path, {}).values(), key=_order)


def _order(row: Mapping[str, Any]) -> tuple[int, str]:
    return int(row.get("Timestamp", 0)), str(row.get("ID", ""))


def _parse(query: Query, cursor: str | None) -> tuple[str, str, tuple[int, str]]:
    if cursor is None:
        return query.path, query.filter or "", (-1, "")
    path, condition, version, key = cursor.split("|")
    return path, condition, (int(version), key)


def _passes(row: Mapping[str, Any], condition: str) -> bool:
    version = re.fullmatch(r"Timestamp gt (\d+)L", condition)
    if version:
        return int(row["Timestamp"]) > int(version[1])
    if condition.startswith("ID eq guid'"):
        return row["ID"] in re.findall(r"ID eq guid'([^']+)'", condition)
    changed = re.fullmatch(r"Modified ge datetime'(.+)'", condition)
    return not changed or str(row.get("Modified", "")) >= changed[1]


def _entity_type(path: str) -> int | None:
    return next((each.entity_type for each in STREAMS.values() if each.path == path), None)


def view(**changes: Any) -> TenantView:
    """The tenant, linked and with default options."""
    return replace(TenantView(TENANT, DIVISION, True, None, None), **changes)


@dataclass
class Ground:
    """A tenant with a feed, a database and one extractor."""

    feed: Feed = field(default_factory=Feed)
    clock: StoppedClock = field(default_factory=StoppedClock)
    database: Any = field(default_factory=MemoryDatabase)
    events: MemoryEvents = field(default_factory=MemoryEvents)
    view: TenantView = field(default_factory=view)
    ahead: bool = False

    def __post_init__(self) -> None:
        self.stores = Stores(self.database, self.database["sync"], self.database["records"], self.database["catalog"])
        self.extractor = self.worker("w1")

    def worker(self, name: str) -> Extractor:
        """Another process on the same tables."""
        return Extractor(self.stores, lambda _: self.feed, self.clock, self.events, worker=name, ahead=self.ahead)

    def plan(self, *names: str) -> None:
        """Create the checkpoints of streams, due now."""
        for name in names:
            self.extractor.checkpoints.create(Checkpoint(TENANT, name, due_at=self.clock.now(), division=DIVISION))

    def plan_base(self) -> None:
        """Create those of all base streams."""
        self.plan(*sorted(BASE))

    def run(self, name: str, *, seconds: float = 600, extractor: Extractor | None = None) -> ChunkResult:
        """Make a stream due and run one chunk."""
        chosen = extractor or self.extractor
        chosen.checkpoints.make_due(TENANT, name, self.clock.now())
        return chosen.run_chunk(self.view, name, self.clock.now() + timedelta(seconds=seconds))

    def checkpoint(self, name: str) -> Checkpoint:
        """The stored checkpoint."""
        found = self.extractor.checkpoints.get(TENANT, name)
        assert found is not None
        return found

    def stored(self, family: str, kind: str) -> dict[str, dict[str, Any]]:
        """Every stored row of a kind by row id, as a projection would see it."""
        records = self.extractor.records
        found: dict[str, dict[str, Any]] = {}
        for bucket in range(64):
            for owner in records.bucket(TENANT, family, bucket):
                for row_id, each in owner.rows.get(kind, {}).items():
                    assert row_id not in found, f"{row_id} is stored under two owners"
                    found[row_id] = dict(each.row)
        return found

    def with_sync(self, **options: Any) -> None:
        """Change the tenant's synchronisation options."""
        self.view = replace(self.view, sync=replace(self.view.sync, **options))


def wanted_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows of the feed as they should be stored."""
    return {str(row["ID"]): dict(row) for row in rows}


def document_of(rows: OwnerRows, context: Any) -> Sequence[Projection]:
    """A small projection: an item with its prices, or else its standard price, and its stock, under its code."""
    main = rows.one("item")
    if main is None:
        return []
    document = {
        "code": main["Code"],
        "name": main.get("Description"),
        "prices": shown_prices(rows.of("sales_price"), rows.of("standard_price")),
        "stock": sum(int(row.get("CurrentStock", 0)) for row in rows.of("stock")),
        "context": str(context),
    }
    changes = main.get("ChangesOn")
    return [Projection("item", str(main["Code"]), document, date.fromisoformat(changes) if changes else None)]


def shown_prices(prices: Iterable[Mapping[str, Any]], standard: Iterable[Mapping[str, Any]]) -> list[str]:
    """The prices that the small projection shows."""
    own = sorted(str(row.get("Price")) for row in prices)
    return own or [f"standard {row.get('StandardSalesPrice')}" for row in standard]


def required_by(rows: OwnerRows, _documents: Sequence[Projection], _context: Any) -> frozenset[str]:
    """An item without a price needs its standard price."""
    lacking = rows.one("item") is not None and not rows.of("sales_price")
    return frozenset({"standard_prices"} if lacking else ())


__all__ = [
    "DIVISION",
    "START",
    "TENANT",
    "Feed",
    "Ground",
    "StoppedClock",
    "SyncOptions",
    "document_of",
    "guid",
    "required_by",
    "shown_prices",
    "view",
]
