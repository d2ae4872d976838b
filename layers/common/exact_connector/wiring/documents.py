"""The served copy: canonical documents and the change feed."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from exact_connector.documents.feed import ChangeFeed
from exact_connector.documents.store import CatalogStore
from exact_connector.documents.unconfirmed import UnconfirmedDocuments
from exact_connector.sync.stores.checkpoints import Checkpoints, projected_since
from exact_connector.wiring.platform import Platform

_OF_CUSTOMERS = ("accounts", "addresses", "contacts")
"""The streams that bring what is written here of customers."""


class DocumentParts:
    """What platforms read, over the catalog table."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @cached_property
    def store(self) -> CatalogStore:
        """Canonical documents, with what was written to Exact and not read back yet."""
        return CatalogStore(self._platform.catalog_table, self.unconfirmed)

    @cached_property
    def synchronised(self) -> CatalogStore:
        """Canonical documents as they were synchronised."""
        return CatalogStore(self._platform.catalog_table)

    @cached_property
    def unconfirmed(self) -> UnconfirmedDocuments:
        """What was written to Exact and not read back yet."""
        checkpoints = Checkpoints(self._platform.sync_table)
        clock = self._platform.clock

        def read_since(tenant: str) -> datetime | None:
            return projected_since([checkpoints.get(tenant, stream) for stream in _OF_CUSTOMERS], clock.now())

        return UnconfirmedDocuments(self._platform.orders_table, clock, read_since)

    @cached_property
    def feed(self) -> ChangeFeed:
        """The change feed."""
        return ChangeFeed(self._platform.catalog_table)
