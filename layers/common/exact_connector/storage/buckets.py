"""The buckets over which the owners of a family are spread, so that several workers can share a family."""

from __future__ import annotations

import zlib

BUCKETS = 64


def bucket_of(family: str, owner: str) -> int:
    """Return the bucket of an owner; reference rows are few and lie together."""
    return 0 if family == "reference" else zlib.crc32(owner.encode()) % BUCKETS


def buckets(family: str) -> range:
    """Return the buckets of a family."""
    return range(1 if family == "reference" else BUCKETS)
