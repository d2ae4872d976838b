"""The last rows below the watermark, so that a run can start a little lower and still know what is new.

    watermark ──────────────────────────┐
    … 881  884  885 [ 890 893 896 900 903 ]   what the last run saw, remembered by id and mark
                      ▲
    next run starts here; 895 became visible late: not remembered, so it is new

Re-read rows that are remembered cost nothing further on. The overlap is less than a page, so a run that finds nothing
new is one call as it would be without it.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from exact_connector.fields import Row

SYNC_ROWS = 400
MODIFIED_ROWS = 40
_ENTRY = struct.Struct(">q4s")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Marks (row versions, or milliseconds of change dates) and digests of the newest rows, at most ``limit``."""

    limit: int
    entries: frozenset[tuple[int, bytes]] = field(default_factory=frozenset)

    @property
    def start(self) -> int | None:
        """The mark from which a run reads, None for from the very beginning (everything seen fits in the overlap)."""
        return min(mark for mark, _ in self.entries) if len(self.entries) >= self.limit else None

    def knows(self, mark: int, digest: bytes) -> bool:
        """Return whether this very row state was stored before."""
        return (mark, digest) in self.entries

    def extended(self, seen: Iterable[tuple[int, bytes]]) -> Overlap:
        """Return the overlap after more rows were stored."""
        joined = self.entries | frozenset(seen)
        kept = joined if len(joined) <= self.limit else frozenset(sorted(joined)[-self.limit :])
        return Overlap(self.limit, kept)

    def to_bytes(self) -> bytes:
        """Write it for the checkpoint."""
        entries = sorted(self.entries)
        marks = b"".join(
            _ENTRY.pack(mark - before, digest)
            for before, (mark, digest) in zip(_before(entries), entries, strict=False)
        )
        return zlib.compress(marks) if marks else b""

    @classmethod
    def from_bytes(cls, stored: bytes, limit: int) -> Overlap:
        """Read what ``to_bytes`` wrote."""
        entries: list[tuple[int, bytes]] = []
        mark = 0
        for step, digest in _ENTRY.iter_unpack(zlib.decompress(stored) if stored else b""):
            mark += step
            entries.append((mark, digest))
        return cls(limit, frozenset(entries))


def _before(entries: list[tuple[int, bytes]]) -> list[int]:
    """Return the mark before each entry, so that small steps are stored instead of large numbers."""
    return [0, *(mark for mark, _ in entries[:-1])]


def version_digest(row_id: str, mark: int) -> bytes:
    """Identify a row state by its id and row version, which changes with every change."""
    return blake2b(f"{row_id} {mark}".encode(), digest_size=4).digest()


def content_digest(row_id: str, row: Row) -> bytes:
    """Identify a row state by all its values, where two changes can bear the same date."""
    text = json.dumps(row, sort_keys=True, default=str)
    return blake2b(f"{row_id} {text}".encode(), digest_size=4).digest()
