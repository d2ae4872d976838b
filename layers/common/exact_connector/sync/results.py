"""What one piece of work of a worker came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal[
    "finished",  # the run is complete
    "more",  # the chunk's rows or time are used up, the row is due at once
    "waiting",  # the call budget or a passing failure decides when it goes on
    "parked",  # Exact refuses, or the connection is dead
    "paused",  # a person said so
    "busy",  # another worker is at it
    "helped",  # another worker leads a first load, parts of it were done here
    "not_due",  # a message came early or twice
    "lost",  # the lease was lost on the way; the new holder goes on
    "off",  # the tenant or the stream is not there (any more)
]


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """The outcome of one chunk of extraction. ``rows`` counts stored rows, ``pages`` the calls that were stored."""

    tenant: str
    stream: str
    outcome: Outcome
    pages: int = 0
    rows: int = 0
    due_at: datetime | None = None
    families: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProjectionResult:
    """The outcome of one piece of projection. ``owners`` were looked at, ``written`` documents changed; ``required``
    are the conditional streams that documents show to be needed, ``requested`` those that got owners to read."""

    tenant: str
    family: str
    outcome: Outcome
    owners: int = 0
    written: int = 0
    removed: int = 0
    due_at: datetime | None = None
    required: frozenset[str] = frozenset()
    requested: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Poison:
    """A row that could not be used: its key as far as known, a stable code, and what was seen."""

    key: str
    code: str
    message: str
