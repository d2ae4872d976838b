"""A catalogue under one projection lease: owners say what they have, and the stored state can be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from exact_connector.catalog.projection import Projection
from exact_connector.documents.check import CheckReport, check_documents
from exact_connector.documents.feed import ChangeFeed, head_key
from exact_connector.documents.owned import OwnedDocuments, compare
from exact_connector.documents.store import CatalogStore
from exact_connector.documents.writer import DocumentWriter
from exact_connector.storage.leases import LEASE_SECONDS, acquire, whole
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import Key, Row
from fakes.tables import MemoryDatabase

TENANT, FAMILY = "acme", "items"
KINDS = frozenset({"item", "_item_code"})
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Documents = Mapping[str, Any]
"""Key -> what the document says."""


@dataclass
class Shelf:
    """The catalogue; ``has`` is what each owner was said to have."""

    database: Any = field(default_factory=MemoryDatabase)
    real: MemoryDatabase | None = None
    kind: str = "item"
    now: datetime = START
    has: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ("sync", "records", "catalog")
        self.stores = Stores(self.database, *(self.database[name] for name in names))
        self.catalog = CatalogStore(self.stores.catalog)
        self.feed = ChangeFeed(self.stores.catalog)

    def writer(self, *, announce: bool = True, head: Key | None = None) -> DocumentWriter:
        """Take the lease and return a writer under it."""
        self.now += timedelta(seconds=LEASE_SECONDS + 1)
        given = acquire(self.stores.catalog, head or head_key(TENANT), "w", self.now)
        assert given is not None
        lease, row = given
        seq = whole(row.get("seq"))
        return DocumentWriter(self.stores, TENANT, FAMILY, lease, seq, announce=announce, rule=None, head=head)

    def say(self, *owners: tuple[str, Documents], writer: DocumentWriter | None = None) -> DocumentWriter:
        """Write what owners have now, in one batch."""
        chosen = writer or self.writer()
        before = chosen.owners(owner for owner, _ in owners)
        changes = []
        for owner, documents in owners:
            self.has[owner] = dict(documents)
            projections = [Projection(self.kind, key, _document(owner, says)) for key, says in documents.items()]
            changes.append(compare(before.get(owner) or OwnedDocuments(owner), projections))
        chosen.write(changes, None, self.now)
        if writer is None:
            chosen.flush(self.now)
        return chosen

    def served(self) -> dict[str, tuple[str, Any]]:
        """Key -> owner and what is served under it."""
        page = self.catalog.list(TENANT, self.kind, limit=100_000)
        return {each.key: (each.body["owner"], each.body["says"]) for each in page.documents}

    def expected(self) -> dict[str, tuple[str, Any]]:
        """The lowest owner of each key wins."""
        found: dict[str, tuple[str, Any]] = {}
        for owner in sorted(self.has, reverse=True):
            found.update({key: (owner, says) for key, says in self.has[owner].items()})
        return found

    def check(self) -> CheckReport:
        """Check the documents against what owners have."""
        return check_documents(self.stores.catalog, TENANT, {FAMILY: KINDS})

    def rows(self, *prefixes: str) -> list[Row]:
        """The rows of the catalogue in partitions with these prefixes."""
        return [
            row for row in (self.real or self.database)["catalog"].all_rows() if str(row["pk"]).startswith(prefixes)
        ]

    def ops(self) -> list[tuple[str, str]]:
        """What the feed says."""
        return [(entry.op, entry.key) for entry in self.feed.read(TENANT, limit=100_000).entries]


def _document(owner: str, says: Any) -> dict[str, Any]:
    return {"owner": owner, "says": says}


def keys(names: Iterable[str]) -> dict[str, int]:
    """Documents that all say 1."""
    return dict.fromkeys(names, 1)
