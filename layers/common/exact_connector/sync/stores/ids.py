"""Which owner a row belongs to, for deletions that name only the row.

The pairs (row id, owner) of a page lie in a few compressed chunks per kind, spread over shards by row id. Chunks are
only added; looking a shard up joins them, and a shard with many chunks is written as one again. All of it is a union,
so repeating or reordering any step changes nothing.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from exact_connector.storage.packing import pack, unpack
from exact_connector.storage.table import Key, Table, query_all
from exact_connector.storage.table import Row as Stored

SHARDS = 32
_JOIN_FROM = 24
_CHUNK_PAIRS = 4_000


class OwnerIndex:
    """Finds the owner of a row by its id, per tenant and kind."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, tenant: str, kind: str, owners: Mapping[str, str]) -> None:
        """Remember row id -> owner; may be repeated. A row that changed owner has several, the newest counts last."""
        shards: dict[int, dict[str, str]] = defaultdict(dict)
        for row_id, owner in owners.items():
            shards[_shard(row_id)][row_id] = owner
        self._table.batch_write([_chunk(tenant, kind, shard, pairs) for shard, pairs in shards.items()])

    def find(self, tenant: str, kind: str, row_ids: Iterable[str]) -> dict[str, set[str]]:
        """Return every owner that a row was ever seen at; rows that were never seen are absent."""
        wanted: dict[int, set[str]] = defaultdict(set)
        for row_id in row_ids:
            wanted[_shard(row_id)].add(row_id)
        found: dict[str, set[str]] = {}
        for shard, ids in wanted.items():
            known = self._read(tenant, kind, shard)
            found.update({row_id: known[row_id] for row_id in ids if row_id in known})
        return found

    def _read(self, tenant: str, kind: str, shard: int) -> dict[str, set[str]]:
        chunks = query_all(self._table, _partition(tenant, kind), prefix=f"{shard:02x}#")
        known: dict[str, set[str]] = defaultdict(set)
        for chunk in chunks:
            for row_id, owner in unpack(chunk["body"]):
                known[row_id].add(owner)
        if len(chunks) >= _JOIN_FROM:
            self._join(tenant, kind, shard, known, chunks)
        return known

    def _join(
        self, tenant: str, kind: str, shard: int, known: Mapping[str, set[str]], chunks: Iterable[Stored]
    ) -> None:
        pairs = sorted((row_id, owner) for row_id, owners in known.items() for owner in owners)
        joined = [
            _chunk_of(tenant, kind, shard, pairs[start : start + _CHUNK_PAIRS])
            for start in range(0, len(pairs), _CHUNK_PAIRS)
        ]
        kept = {str(row["sk"]) for row in joined}
        self._table.batch_write(joined)
        self._table.batch_write(
            deletes=[Key(str(row["pk"]), str(row["sk"])) for row in chunks if str(row["sk"]) not in kept]
        )


def _chunk(tenant: str, kind: str, shard: int, owners: Mapping[str, str]) -> Stored:
    return _chunk_of(tenant, kind, shard, sorted(owners.items()))


def _chunk_of(tenant: str, kind: str, shard: int, pairs: list[tuple[str, str]]) -> Stored:
    body = pack(pairs)
    digest = blake2b(body, digest_size=8).hexdigest()
    return {"pk": _partition(tenant, kind), "sk": f"{shard:02x}#{digest}", "body": body}


def _partition(tenant: str, kind: str) -> str:
    return f"{tenant}#ids#{kind}"


def _shard(row_id: str) -> int:
    return zlib.crc32(row_id.encode()) % SHARDS
