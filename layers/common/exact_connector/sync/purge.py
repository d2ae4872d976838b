"""Removing everything that was synchronised of a tenant: when it leaves, or links another administration."""

from __future__ import annotations

from collections.abc import Iterable

from exact_connector.documents.bodies import partition as documents_partition
from exact_connector.documents.bodies import pieces_partition
from exact_connector.documents.claims import claims_partition
from exact_connector.documents.owned import owned_partition
from exact_connector.storage.buckets import buckets
from exact_connector.storage.stores import Stores
from exact_connector.storage.table import clear
from exact_connector.sync.stores.parts import parts_partition
from exact_connector.sync.stores.records import partition
from exact_connector.sync.streams.catalogue import FAMILIES, STREAMS, Stream


def purge(stores: Stores, tenant: str, streams: Iterable[Stream], kinds: Iterable[str]) -> int:
    """Remove a tenant's rows, documents, feed, lists, reports and checkpoints; return how many table rows went.

    ``streams`` are those it ever read, ``kinds`` the document kinds it has. May be repeated; checkpoints go first, so
    that no one goes on reading.
    """
    sync = [f"{name}#{tenant}" for name in ("stream", "projection", "affected", "deletions", "report")]
    kinds_of_rows = {kind for each in (*STREAMS.values(), *streams) for _, kind in each.targets}
    records = [partition(tenant, family, bucket) for family in FAMILIES for bucket in buckets(family)]
    records += [f"{tenant}#ids#{kind}" for kind in sorted(kinds_of_rows)]
    # The rows with the fencing tokens go first: whoever is projecting then writes nothing any more.
    catalog = [f"head#{tenant}", *(parts_partition(tenant, family) for family in FAMILIES)]
    stored = (documents_partition, claims_partition, pieces_partition)
    catalog += [partition_of(tenant, kind) for kind in kinds for partition_of in stored] + [f"feed#{tenant}"]
    catalog += [owned_partition(tenant, family, bucket) for family in FAMILIES for bucket in buckets(family)]
    places = ((stores.sync, sync), (stores.records, records), (stores.catalog, catalog))
    return sum(clear(table, pk) for table, partitions in places for pk in partitions)
