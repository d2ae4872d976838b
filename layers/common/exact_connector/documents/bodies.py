"""Document bodies as they are stored: compressed JSON, in pieces where one table row cannot hold it.

    doc#…    {key}                          body: the first piece, pieces: how many there are
    piece#…  {key}.{owner}.{hash}.{number}  the second and later pieces

A piece is named after the content it belongs to and never changes, so a reader either finds all pieces of the body that
its row names, or reads the row again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from exact_connector.catalog.projection import Document
from exact_connector.errors import StoreUnavailable
from exact_connector.storage.leases import whole
from exact_connector.storage.packing import compress, unpack
from exact_connector.storage.table import Key, Table
from exact_connector.storage.table import Row as Stored

PIECE = 350_000
"""Bytes of a piece; a row of DynamoDB holds 400 kB with its keys and attributes."""

MOST_PIECES = 8
"""What is stored in one transaction, which takes 4 MB."""

LONGEST = 5_000_000
"""Bytes of the JSON; an answer of Lambda holds 6 MB."""

_ATTEMPTS = 5
_JOINT = "\x1f"

DocumentKey = tuple[str, str]
"""Kind and key of a document."""


@dataclass(frozen=True, slots=True)
class Body:
    """A document ready to be stored."""

    document: Document
    pieces: tuple[bytes, ...]
    hash: str
    length: int

    @property
    def digest(self) -> str:
        """What an owner remembers of a document: its hash and, where there are several, how many pieces it has."""
        return self.hash if len(self.pieces) == 1 else f"{self.hash}/{len(self.pieces)}"

    @property
    def fits(self) -> bool:
        """Whether the document can be stored and served."""
        return len(self.pieces) <= MOST_PIECES and self.length <= LONGEST


def to_body(document: Document) -> Body:
    """Return the stored form of a document; equal documents have equal hashes."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()
    packed = compress(text)
    pieces = tuple(packed[start : start + PIECE] for start in range(0, len(packed), PIECE))
    return Body(document, pieces, blake2b(text, digest_size=16).hexdigest(), len(text))


def digest_of(row: Stored) -> str:
    """Return the digest of a stored document."""
    pieces = whole(row.get("pieces"))
    return str(row["hash"]) if pieces < 2 else f"{row['hash']!s}/{pieces}"


def pieces_of(digest: str) -> int:
    """Return how many pieces the body has that an owner remembers by this digest."""
    _, _, count = digest.partition("/")
    return int(count) if count else 1


def piece_keys(tenant: str, document_key: DocumentKey, owner: str, digest: str) -> list[Key]:
    """Return the keys of the second and later pieces of a body."""
    kind, key = document_key
    name = digest.partition("/")[0]
    return [
        Key(pieces_partition(tenant, kind), _JOINT.join((key, owner, name, f"{number:02d}")))
        for number in range(1, pieces_of(digest))
    ]


def piece_rows(tenant: str, document_key: DocumentKey, owner: str, body: Body) -> list[Stored]:
    """Return the table rows of the second and later pieces of a body."""
    keys = piece_keys(tenant, document_key, owner, body.digest)
    return [{"pk": key.pk, "sk": key.sk, "piece": piece} for key, piece in zip(keys, body.pieces[1:], strict=True)]


def partition(tenant: str, kind: str) -> str:
    """Return the partition key of a kind's documents."""
    return f"doc#{tenant}#{kind}"


def pieces_partition(tenant: str, kind: str) -> str:
    """Return the partition key of the pieces of a kind's documents."""
    return f"piece#{tenant}#{kind}"


def read_bodies(table: Table, tenant: str, kind: str, rows: Iterable[Stored]) -> list[tuple[Stored, Any]]:
    """Return rows of documents with the documents in them. Rows whose document was replaced while its pieces were read
    are read again, and left out when they are gone."""
    found = [(row, None) if whole(row.get("pieces")) > 1 else (row, unpack(row["body"])) for row in rows]
    return [entry for row, document in found for entry in _complete(table, tenant, kind, row, document)]


def _complete(table: Table, tenant: str, kind: str, row: Stored, document: Any) -> Sequence[tuple[Stored, Any]]:
    if document is not None:
        return [(row, document)]
    current: Stored | None = row
    for _ in range(_ATTEMPTS):
        if current is None:
            return []
        keys = piece_keys(tenant, (kind, str(current["sk"])), str(current["owner"]), digest_of(current))
        pieces = {str(each["sk"]): each["piece"] for each in table.batch_get(keys)}
        if len(pieces) == len(keys):
            whole_body = b"".join((_bytes(current["body"]), *(_bytes(pieces[key.sk]) for key in keys)))
            return [(current, unpack(whole_body))]
        current = table.get(Key(str(row["pk"]), str(row["sk"])))
    raise StoreUnavailable("a large document changes faster than it can be read; read it again")


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"a piece of a document must be bytes, got {type(value).__name__}")
    return value


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"a document may not hold a {type(value).__name__}")
