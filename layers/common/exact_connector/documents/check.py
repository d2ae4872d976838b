"""Check the served documents against what their owners have: each is served, and nothing else is.

Two directions, each bounded by a page: from the owners' lists to the documents (what is missing or differs), and from
the documents to the lists (what no owner has). The projection repairs what a check of its own finds once a week; this
module only reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from exact_connector.documents.bodies import DocumentKey, digest_of, partition, piece_keys, pieces_of
from exact_connector.documents.claims import WAITING, claim_key, claims_partition
from exact_connector.documents.feed import head_key
from exact_connector.documents.owned import OwnedDocuments, read_bucket, read_owners
from exact_connector.storage.buckets import buckets
from exact_connector.storage.leases import whole
from exact_connector.storage.table import Key, Table, query_rows
from exact_connector.storage.table import Row as Stored

Fault = Literal["missing", "differs", "unowned"]
_AT_ONCE = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that is not as it should be. ``missing``: its owner has it and it is neither served nor waiting behind
    another claim. ``differs``: it is stored with other content, or under the wrong claim. ``unowned``: it is stored and
    its owner does not have it."""

    kind: str
    key: str
    owner: str
    fault: Fault

    @property
    def document_key(self) -> DocumentKey:
        """Kind and key."""
        return self.kind, self.key


@dataclass(frozen=True, slots=True)
class ServedPage:
    """A page of a kind's served documents: how many there are, those without an owner, and where to go on."""

    served: int
    unowned: tuple[Difference, ...]
    position: str | None


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many documents of a kind owners have, how many are served, how many claims wait, and what the status says."""

    owned: int
    served: int
    waiting: int
    counted: int


@dataclass(frozen=True)
class CheckReport:
    """What a check found. ``differences`` are named up to a limit; ``faults`` counts all of them."""

    kinds: Mapping[str, KindCount]
    faults: int
    differences: tuple[Difference, ...] = field(default=())

    @property
    def healthy(self) -> bool:
        """Whether everything that owners have is served, nothing else is, and the counts say so."""
        return self.faults == 0 and all(
            each.owned == each.served + each.waiting and each.served == each.counted for each in self.kinds.values()
        )


class DocumentCheck:
    """Checks the documents of one family of a tenant."""

    def __init__(self, table: Table, tenant: str, family: str) -> None:
        self._table = table
        self._tenant = tenant
        self._family = family

    def verified(self, owners: Iterable[OwnedDocuments]) -> dict[str, OwnedDocuments]:
        """Return what owners have, with the digests that are really stored, "" where nothing is."""
        listed = list(owners)
        stored = self._stored(listed)
        return {
            each.owner: OwnedDocuments(
                each.owner,
                tuple(
                    {document_key: stored.get((each.owner, document_key), "") for document_key in row}
                    for row in each.rows
                ),
                each.changes_on,
            )
            for each in listed
        }

    def not_served(self, owners: Iterable[OwnedDocuments]) -> Iterator[Difference]:
        """Return the documents of owners that are missing or differ."""
        listed = list(owners)
        verified = self.verified(listed)
        for each in listed:
            stored = verified[each.owner].digests
            for document_key, digest in each.digests.items():
                if stored[document_key] != digest:
                    fault: Fault = "differs" if stored[document_key] else "missing"
                    yield Difference(*document_key, each.owner, fault)

    def served(self, kind: str, position: str | None) -> ServedPage:
        """Return the next page of a kind's served documents, after ``position``."""
        pk = partition(self._tenant, kind)
        page = self._table.query(pk, after=None if position is None else Key(pk, position), limit=2 * _AT_ONCE)
        unowned = self._unowned(kind, [(str(row["sk"]), str(row["owner"])) for row in page.rows])
        return ServedPage(len(page.rows), unowned, None if page.next is None else page.next.sk)

    def waiting(self, kind: str) -> ServedPage:
        """Return the claims on a kind's keys that wait, of which there are few."""
        rows = query_rows(self._table, claims_partition(self._tenant, kind))
        found = [(str(row["sk"])[: -len(str(row["owner"])) - 1], str(row["owner"])) for row in rows]
        return ServedPage(len(found), self._unowned(kind, found), None)

    def _unowned(self, kind: str, found: Sequence[tuple[str, str]]) -> tuple[Difference, ...]:
        owners = read_owners(self._table, self._tenant, self._family, (owner for _, owner in found))
        digests = {owner: owned.digests for owner, owned in owners.items()}
        return tuple(
            Difference(kind, key, owner, "unowned") for key, owner in found if (kind, key) not in digests.get(owner, {})
        )

    def _stored(self, owners: Sequence[OwnedDocuments]) -> dict[tuple[str, DocumentKey], str]:
        """Return owner and document_key -> digest for what is served, or waits as it should."""
        document_keys = [(each.owner, document_key) for each in owners for document_key in each.digests]
        slots = self._rows(
            {
                document_key: Key(partition(self._tenant, document_key[0]), document_key[1])
                for _, document_key in document_keys
            }
        )
        others = [
            (owner, document_key)
            for owner, document_key in document_keys
            if str(slots.get(document_key, {}).get("owner", owner)) < owner
        ]
        claims = self._rows({each: claim_key(self._tenant, each[1], each[0]) for each in others})
        found: dict[tuple[str, DocumentKey], str] = {}
        for owner, document_key in document_keys:
            slot = slots.get(document_key, {})
            if slot.get("owner") == owner:
                found[owner, document_key] = digest_of(slot)
            elif (owner, document_key) in claims and slot.get(WAITING):
                found[owner, document_key] = digest_of(claims[owner, document_key])
        return self._whole(found)

    def _whole(self, found: dict[tuple[str, DocumentKey], str]) -> dict[tuple[str, DocumentKey], str]:
        """Leave out what lacks a piece."""
        pieces = {
            key: each
            for each, digest in found.items()
            if pieces_of(digest) > 1
            for key in piece_keys(self._tenant, each[1], each[0], digest)
        }
        rows = self._table.batch_get(list(pieces)) if pieces else []
        there = {Key(str(row["pk"]), str(row["sk"])) for row in rows}
        broken = {each for key, each in pieces.items() if key not in there}
        return {each: digest for each, digest in found.items() if each not in broken}

    def _rows(self, keys: Mapping[T, Key]) -> dict[T, Stored]:
        rows = self._table.batch_get(list(dict.fromkeys(keys.values()))) if keys else []
        by_key = {Key(str(row["pk"]), str(row["sk"])): row for row in rows}
        return {name: by_key[key] for name, key in keys.items() if key in by_key}


def check_documents(
    table: Table, tenant: str, families: Mapping[str, Iterable[str]], *, named: int = 100
) -> CheckReport:
    """Check all documents of a tenant. ``families``: the kinds of each family; ``named``: how many differences are
    returned. It reads every document once or twice, so it takes a while on a large administration; what is projected
    meanwhile can show as a difference."""
    head = table.get(head_key(tenant)) or {}
    kinds: dict[str, KindCount] = {}
    differences: list[Difference] = []
    for family, made in families.items():
        check = DocumentCheck(table, tenant, family)
        owned: Counter[str] = Counter()
        for bucket in buckets(family):
            owners = list(read_bucket(table, tenant, family, bucket).values())
            owned.update(kind for each in owners for kind, _ in each.digests)
            for start in range(0, len(owners), _AT_ONCE):
                differences.extend(check.not_served(owners[start : start + _AT_ONCE]))
        for kind in sorted(made):
            served = 0
            for page in _pages(check, kind):
                served += page.served
                differences.extend(page.unowned)
            waiting = check.waiting(kind)
            differences.extend(waiting.unowned)
            kinds[kind] = KindCount(owned[kind], served, waiting.served, whole(head.get(f"count_{kind}")))
    return CheckReport(kinds, len(differences), tuple(differences[:named]))


def _pages(check: DocumentCheck, kind: str) -> Iterator[ServedPage]:
    position: str | None = None
    while True:
        page = check.served(kind, position)
        yield page
        position = page.position
        if position is None:
            return
