"""Pictures and logos."""

from __future__ import annotations

from functools import cached_property

from exact_connector.assets.fetcher import AssetsDesk
from exact_connector.assets.library import Library
from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.tenants.connections import ExactConnections
from exact_connector.wiring.documents import DocumentParts
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.sync import SyncParts
from exact_connector.wiring.tenants import TenantParts


class AssetParts:
    """What fetches files from Exact and keeps them."""

    def __init__(
        self,
        platform: Platform,
        tenants: TenantParts,
        exact: ExactConnections,
        documents: DocumentParts,
        sync: SyncParts,
    ) -> None:
        self._platform = platform
        self._tenants = tenants
        self._exact = exact
        self._documents = documents
        self._sync = sync

    @cached_property
    def library(self) -> Library:
        """Pictures and logos that are stored."""
        return Library(self._platform.sync_table, lambda: self._platform.blobs)

    @cached_property
    def fetcher(self) -> AssetsDesk:
        """Fetches pictures and logos."""
        return AssetsDesk(
            lambda: self._sync.engine,
            self._documents.synchronised,
            self.library,
            lambda tenant: (
                self._exact.connected(tenant).base_url,
                self._exact.client(tenant, Purpose.SYNC),
            ),
            self._platform.clock,
            worker=self._platform.worker_name,
            tenants=self._tenants.store.created_before,
        )
