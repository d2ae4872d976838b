"""The rows of Exact as they are stored: packed per owner and kind, never overwritten, the newest version wins.

    <owner>#sales_price#000001.5f2c…   rows of one page that belong to one owner and kind, each with its version
    <owner>#sales_price#000001.9a01…   a later page: the same row again with a higher version
    <owner>#item#000001.77ab…          a row that is larger than a table row: its first piece, and how many there are
    <owner>#item#000001.77ab….001      its second piece; the row counts when all of them are there
    <owner>#sales_price#gone.<row id>  the row was deleted in Exact; it never comes back

A version is (generation, number): the generation counts full loads of a stream, the number is Exact's row version, or
the order of reading where Exact has none. Because a pack is never changed after it was written and merging takes the
highest version, a worker that was thought dead and writes late cannot put an old row over a new one. Packs that hold
nothing that counts any more are removed by the projection that saw it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby

from exact_connector.fields import Row
from exact_connector.storage.buckets import bucket_of
from exact_connector.storage.leases import whole
from exact_connector.storage.packing import pack, unpack
from exact_connector.storage.table import Key, Table, query_all, query_rows
from exact_connector.storage.table import Row as Stored

PACK_ROWS = 200
PACK_BYTES = 350_000
"""Compressed bytes of a pack; a row of DynamoDB holds 400 kB with its keys and attributes."""

_RANGE_READ = 8
"""From so many wanted owners in one bucket, reading the range that holds them is cheaper than a query for each."""

_PIECE = re.compile(r"(?<=\.[0-9a-f]{16})\.\d{3}$")
"""The number of a later piece, behind the digest."""

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One row of Exact with its place and version."""

    family: str
    owner: str
    kind: str
    row_id: str
    version: Version
    row: Row


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that is no more. ``before`` None: for ever; else only versions below it (it moved to another owner)."""

    family: str
    owner: str
    kind: str
    row_id: str
    before: Version | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """What is stored of one owner: the rows that count, by kind and row id, and the packs that no longer matter."""

    owner: str
    rows: Mapping[str, Mapping[str, StoredRow]]
    superseded: tuple[Key, ...] = ()

    def by_kind(self) -> dict[str, list[Row]]:
        """Return the rows as projections take them."""
        return {kind: [stored.row for stored in rows.values()] for kind, rows in self.rows.items() if rows}


def partition(tenant: str, family: str, bucket: int) -> str:
    """Return the partition key of a bucket."""
    return f"{tenant}#{family}#{bucket:02x}"


def to_packs(tenant: str, rows: Iterable[StoredRow]) -> list[Stored]:
    """Return the table rows that hold these rows of one page; the same rows always give the same table rows."""
    groups: dict[tuple[str, str, str, int], dict[str, StoredRow]] = defaultdict(dict)
    for each in rows:
        group = groups[(each.family, each.owner, each.kind, each.version[0])]
        known = group.get(each.row_id)
        if known is None or known.version < each.version:
            group[each.row_id] = each
    packs = []
    for (family, owner, kind, generation), group in groups.items():
        ordered = [group[row_id] for row_id in sorted(group)]
        key = Key(partition(tenant, family, bucket_of(family, owner)), f"{owner}#{kind}#{generation:06d}")
        for start in range(0, len(ordered), PACK_ROWS):
            packs.extend(_to_packs(key, generation, ordered[start : start + PACK_ROWS]))
    return packs


def to_tombstone(tenant: str, gone: Gone, at: str) -> Stored:
    """Return the table row that says a row is no more; ``at`` is the moment of writing."""
    before = {} if gone.before is None else {"generation": gone.before[0], "number": gone.before[1]}
    return {
        "pk": partition(tenant, gone.family, bucket_of(gone.family, gone.owner)),
        "sk": f"{gone.owner}#{gone.kind}#gone.{gone.row_id}",
        "gone": gone.row_id,
        "at": at,
        **before,
    }


def merge(owner: str, records: Iterable[Stored]) -> Owner:
    """Return what counts of an owner's table rows. Pure."""
    packs, pieces, tombstones = _sorted_out(records)
    packs.update({key: pack for key, found in pieces.items() if (pack := _joined(found)) is not None})
    best: dict[str, dict[str, StoredRow]] = defaultdict(dict)
    origin: dict[tuple[str, str], Key] = {}
    for key, record in packs.items():
        kind, family = _kind(key), key.pk.rsplit("#", 2)[1]
        generation = whole(record.get("generation"))
        for row_id, number, row in unpack(record["body"]):
            known = best[kind].get(row_id)
            if known is None or known.version < (generation, number):
                best[kind][row_id] = StoredRow(family, owner, kind, row_id, (generation, number), row)
                origin[(kind, row_id)] = key
    for kind, record in tombstones:
        found = best[kind].get(str(record["gone"]))
        if found is not None and _buried(record, found.version):
            del best[kind][found.row_id]
            del origin[(kind, found.row_id)]
    needed = set(origin.values())
    superseded = [key for key in packs if key not in needed and key not in pieces]
    for key, parts in pieces.items():
        if key not in needed and _outlived(_kind(key), parts, best, tombstones):
            superseded.extend(_key(part) for part in parts)
    return Owner(owner, best, tuple(superseded))


def _sorted_out(
    records: Iterable[Stored],
) -> tuple[dict[Key, Stored], dict[Key, list[Stored]], list[tuple[str, Stored]]]:
    """Return the packs by key, the pieces of large rows by the key of the first, and the tombstones by kind."""
    packs: dict[Key, Stored] = {}
    pieces: dict[Key, list[Stored]] = defaultdict(list)
    tombstones: list[tuple[str, Stored]] = []
    for record in records:
        key = _key(record)
        if "gone" in record:
            tombstones.append((_kind(key), record))
        elif "row" in record:
            pieces[Key(key.pk, _PIECE.sub("", key.sk))].append(record)
        else:
            packs[key] = record
    return packs, pieces, tombstones


@dataclass
class Records:
    """The ``records`` table of one deployment, seen through tenants, families and owners."""

    table: Table
    buckets_read: int = field(default=0, init=False)

    def write(self, tenant: str, rows: Iterable[StoredRow] = (), gone: Iterable[Gone] = (), *, at: str = "") -> None:
        """Store the rows of a page and what is no more; may be repeated at will."""
        puts = to_packs(tenant, rows)
        puts.extend(to_tombstone(tenant, each, at) for each in dict.fromkeys(gone))
        self.table.batch_write(puts)

    def bucket(self, tenant: str, family: str, bucket: int) -> Iterator[Owner]:
        """Read every owner of a bucket."""
        return self._range(partition(tenant, family, bucket), None, None)

    def owners(self, tenant: str, family: str, wanted: Iterable[str]) -> Iterator[Owner]:
        """Read the named owners; one of which nothing is stored comes back without rows."""
        by_bucket: dict[int, list[str]] = defaultdict(list)
        for owner in set(wanted):
            by_bucket[bucket_of(family, owner)].append(owner)
        for bucket in sorted(by_bucket):
            yield from self._some(partition(tenant, family, bucket), sorted(by_bucket[bucket]))

    def remove(self, keys: Sequence[Key]) -> None:
        """Delete table rows that hold nothing that counts."""
        if keys:
            self.table.batch_write(deletes=dict.fromkeys(keys))

    def _some(self, pk: str, wanted: Sequence[str]) -> Iterator[Owner]:
        if len(wanted) < _RANGE_READ:
            for owner in wanted:
                yield merge(owner, query_all(self.table, pk, prefix=f"{owner}#"))
            return
        missing = set(wanted)
        for found in self._range(pk, f"{wanted[0]}#", f"{wanted[-1]}#~", frozenset(wanted)):
            missing.discard(found.owner)
            yield found
        for owner in sorted(missing):
            yield Owner(owner, {})

    def _range(self, pk: str, low: str | None, high: str | None, only: frozenset[str] | None = None) -> Iterator[Owner]:
        self.buckets_read += 1
        rows = query_rows(self.table, pk, low=low, high=high)
        for owner, records in groupby(rows, key=lambda record: str(record["sk"]).split("#")[0]):
            if only is None or owner in only:
                yield merge(owner, records)


def _to_packs(key: Key, generation: int, rows: Sequence[StoredRow]) -> list[Stored]:
    """Return the table rows that hold these rows: one, or several where they are too large for that."""
    body = pack([[each.row_id, each.version[1], each.row] for each in rows])
    if len(body) > PACK_BYTES and len(rows) > 1:
        half = len(rows) // 2
        return [*_to_packs(key, generation, rows[:half]), *_to_packs(key, generation, rows[half:])]
    names = "\n".join(f"{each.row_id} {each.version[1]}" for each in rows)
    digest = blake2b(names.encode(), digest_size=8).hexdigest()
    first: Stored = {"pk": key.pk, "sk": f"{key.sk}.{digest}", "generation": generation}
    if len(body) <= PACK_BYTES:
        return [{**first, "body": body}]
    pieces = [body[start : start + PACK_BYTES] for start in range(0, len(body), PACK_BYTES)]
    first |= {"row": rows[0].row_id, "number": rows[0].version[1], "pieces": len(pieces)}
    return [
        {**first, "sk": str(first["sk"]) + (f".{number:03d}" if number else ""), "body": piece}
        for number, piece in enumerate(pieces)
    ]


def _joined(pieces: Sequence[Stored]) -> Stored | None:
    """Return the pack that pieces hold together; None while one is not there."""
    ordered = sorted(pieces, key=lambda piece: str(piece["sk"]))
    if len(ordered) != whole(ordered[0].get("pieces")):
        return None
    body = b"".join(piece["body"] for piece in ordered if isinstance(piece["body"], bytes))
    return {**ordered[0], "body": body}


def _outlived(
    kind: str,
    pieces: Sequence[Stored],
    best: Mapping[str, Mapping[str, StoredRow]],
    tombstones: Iterable[tuple[str, Stored]],
) -> bool:
    """Tell whether pieces can go: a newer version of their row counts, or it was deleted. A row of which pieces lack is
    being written, or its writer died; the next one writes the same pieces."""
    first = pieces[0]
    row_id, version = str(first["row"]), (whole(first.get("generation")), whole(first.get("number")))
    known = best.get(kind, {}).get(row_id)
    if known is not None:
        return known.version > version
    return any(name == kind and record["gone"] == row_id and _buried(record, version) for name, record in tombstones)


def _kind(key: Key) -> str:
    return key.sk.split("#", 2)[1]


def _key(record: Stored) -> Key:
    return Key(str(record["pk"]), str(record["sk"]))


def _buried(tombstone: Stored, version: Version) -> bool:
    if "generation" not in tombstone:
        return True
    return version < (whole(tombstone["generation"]), whole(tombstone["number"]))
