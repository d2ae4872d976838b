"""Which documents an owner has: kind, key and what their content was, and when they change by date alone.

    owned#…  {owner}        up to a hundred documents, the date, and how many rows there are
             {owner}#0001   the next hundred, for an owner with that many

Every transaction that writes documents of an owner writes the rows that list them as well, so they are true at any
moment: a document that is not listed does not exist, one that is listed exists, served or waiting behind another claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from exact_connector.catalog.projection import Projection
from exact_connector.documents.bodies import Body, DocumentKey, to_body
from exact_connector.storage.buckets import bucket_of
from exact_connector.storage.leases import whole
from exact_connector.storage.packing import pack, unpack
from exact_connector.storage.table import Action, Delete, Key, Put, Table, query_all
from exact_connector.storage.table import Row as Stored

LISTED = 100
"""Documents in one row; a transaction rewrites the row of each document that it writes."""


@dataclass(frozen=True, slots=True)
class OwnedDocuments:
    """The documents of an owner: (kind, key) -> digest, in the rows that list them. ``changes_on``: the next date on
    which they change although no row of Exact did."""

    owner: str
    rows: tuple[Mapping[DocumentKey, str], ...] = ({},)
    changes_on: date | None = None

    @property
    def digests(self) -> Mapping[DocumentKey, str]:
        """All documents with their digests."""
        if len(self.rows) == 1:
            return self.rows[0]
        return {document_key: digest for row in self.rows for document_key, digest in row.items()}


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to change so that an owner's documents are as projected. ``too_large``: documents that cannot be stored,
    with their length in bytes; what was delivered of them stays."""

    previous: OwnedDocuments
    puts: Mapping[DocumentKey, Body]
    deletes: tuple[DocumentKey, ...]
    changes_on: date | None
    too_large: Mapping[DocumentKey, int] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether nothing has to be written."""
        return not self.puts and not self.deletes and self.changes_on == self.previous.changes_on


def compare(previous: OwnedDocuments, projections: Iterable[Projection]) -> Changes:
    """Return what has to change so that an owner's documents are these. Pure."""
    digests = previous.digests
    stays: set[DocumentKey] = set()
    bodies: dict[DocumentKey, Body] = {}
    too_large: dict[DocumentKey, int] = {}
    dates: list[date] = []
    for each in projections:
        document_key = (each.kind, each.key)
        if each.changes_on is not None:
            dates.append(each.changes_on)
        if each.keep:
            stays.add(document_key)
        elif each.document is not None:
            body = to_body(each.document)
            if body.fits:
                bodies[document_key] = body
            else:
                too_large[document_key] = body.length
    puts = {document_key: body for document_key, body in bodies.items() if digests.get(document_key) != body.digest}
    deletes = tuple(sorted(digests.keys() - bodies.keys() - stays - too_large.keys()))
    return Changes(previous, puts, deletes, min(dates, default=None), too_large)


class OwnerList:
    """The rows of one owner while its documents are written: ``put`` and ``remove`` say what was done, ``actions`` give
    the rows that have to be written with it. Rows are shared with where they came from until they change."""

    __slots__ = ("_at", "_own", "_rows", "changes_on", "owner")

    def __init__(self, previous: OwnedDocuments) -> None:
        self.owner = previous.owner
        self.changes_on = previous.changes_on
        self._rows: list[Mapping[DocumentKey, str]] = list(previous.rows)
        self._own: dict[int, dict[DocumentKey, str]] = {}
        self._at: dict[DocumentKey, int] | None = None

    def copy(self) -> OwnerList:
        """Return a list that changes without this one."""
        return OwnerList(OwnedDocuments(self.owner, tuple(self._rows), self.changes_on))

    def digest(self, document_key: DocumentKey) -> str | None:
        """Return what is remembered of a document, None when it is not listed."""
        number = self._listed_in(document_key)
        return None if number is None else self._rows[number][document_key]

    def row_of(self, document_key: DocumentKey) -> int:
        """Return the number of the row that lists a document, or would."""
        number = self._listed_in(document_key)
        if number is not None:
            return number
        return next((at for at, row in enumerate(self._rows) if len(row) < LISTED), len(self._rows))

    def put(self, document_key: DocumentKey, digest: str) -> None:
        """List a document."""
        number = self.row_of(document_key)
        if number == len(self._rows):
            self._rows.append({})
        self._owned(number)[document_key] = digest
        if self._at is not None:
            self._at[document_key] = number

    def remove(self, document_key: DocumentKey) -> None:
        """Strike a document off the list; one that is not on it is no error."""
        number = self._listed_in(document_key)
        if number is not None:
            del self._owned(number)[document_key]
            if self._at is not None:
                del self._at[document_key]

    def _listed_in(self, document_key: DocumentKey) -> int | None:
        if len(self._rows) == 1:
            return 0 if document_key in self._rows[0] else None
        if self._at is None:
            self._at = {each: number for number, row in enumerate(self._rows) for each in row}
        return self._at.get(document_key)

    def _owned(self, number: int) -> dict[DocumentKey, str]:
        """Return a row that may be changed."""
        if number not in self._own:
            self._rows[number] = self._own[number] = dict(self._rows[number])
        return self._own[number]

    def actions(self, table: str, key: Key, changed: Iterable[int]) -> list[Action]:
        """Return the actions that write these rows; ``key`` is that of the first."""
        return [self._action(table, key, number) for number in sorted({0, *changed})]

    def _action(self, table: str, key: Key, number: int) -> Action:
        row_key = _row_key(key, number)
        if not self._rows[number] and (number or (not any(self._rows) and self.changes_on is None)):
            return Delete(table, row_key)
        documents = [[kind, name, digest] for (kind, name), digest in sorted(self._rows[number].items())]
        row: Stored = {"pk": row_key.pk, "sk": row_key.sk, "documents": pack(documents)}
        if number == 0 and len(self._rows) > 1:
            row["rows"] = len(self._rows)
        if number == 0 and self.changes_on is not None:
            row["changes_on"] = self.changes_on.isoformat()
        return Put(table, row)


def owned_partition(tenant: str, family: str, bucket: int) -> str:
    """Return the partition key of the owners of a bucket."""
    return f"made#{tenant}#{family}#{bucket:02x}"


def owned_key(tenant: str, family: str, owner: str) -> Key:
    """Return the key of an owner's first row."""
    return Key(owned_partition(tenant, family, bucket_of(family, owner)), owner)


def read_bucket(table: Table, tenant: str, family: str, bucket: int) -> dict[str, OwnedDocuments]:
    """Return what the owners of a bucket have."""
    return _joined(query_all(table, owned_partition(tenant, family, bucket)))


def read_owners(table: Table, tenant: str, family: str, owners: Iterable[str]) -> dict[str, OwnedDocuments]:
    """Return what these owners have."""
    first = table.batch_get([owned_key(tenant, family, owner) for owner in dict.fromkeys(owners)])
    more = [
        _row_key(Key(str(row["pk"]), str(row["sk"])), number)
        for row in first
        for number in range(1, whole(row.get("rows")) or 1)
    ]
    return _joined([*first, *(table.batch_get(more) if more else ())])


def _row_key(key: Key, number: int) -> Key:
    return key if number == 0 else Key(key.pk, f"{key.sk}#{number:04d}")


def _joined(rows: Sequence[Stored]) -> dict[str, OwnedDocuments]:
    later: dict[str, dict[int, Mapping[DocumentKey, str]]] = {}
    for row in rows:
        owner, _, number = str(row["sk"]).partition("#")
        if number:
            later.setdefault(owner, {})[int(number)] = _listed(row)
    return {str(row["sk"]): _owned(row, later) for row in rows if "#" not in str(row["sk"])}


def _owned(row: Stored, later: Mapping[str, Mapping[int, Mapping[DocumentKey, str]]]) -> OwnedDocuments:
    owner, changes = str(row["sk"]), row.get("changes_on")
    more = later.get(owner, {})
    listed = (_listed(row), *(more.get(number, {}) for number in range(1, whole(row.get("rows")) or 1)))
    return OwnedDocuments(owner, listed, None if changes is None else date.fromisoformat(str(changes)))


def _listed(row: Stored) -> dict[DocumentKey, str]:
    return {(str(kind), str(key)): str(digest) for kind, key, digest in unpack(row["documents"])}
