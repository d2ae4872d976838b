"""The served copy: canonical documents and the change feed."""

from __future__ import annotations

from functools import cached_property

from exact_connector.documents.feed import ChangeFeed
from exact_connector.documents.store import CatalogStore
from exact_connector.wiring.platform import Platform


class DocumentParts:
    """What platforms read, over the catalog table."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @cached_property
    def store(self) -> CatalogStore:
        """Canonical documents."""
        return CatalogStore(self._platform.catalog_table)

    @cached_property
    def feed(self) -> ChangeFeed:
        """The change feed."""
        return ChangeFeed(self._platform.catalog_table)
