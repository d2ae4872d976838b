"""Requested customers in the orders table, with what they left to be served before Exact was read again."""

from __future__ import annotations

from collections.abc import Sequence

from exact_connector.customer_requests.record import CustomerRequest
from exact_connector.documents.unconfirmed import partitions
from exact_connector.exactly_once.store import RecordStore


class CustomerStore(RecordStore[CustomerRequest]):
    """Reads and writes the requests of one deployment."""

    def further_partitions(self, tenant: str, divisions: Sequence[int]) -> list[str]:  # noqa: ARG002 - of any
        """Return the partitions of what is served unconfirmed."""
        return list(partitions(tenant))
