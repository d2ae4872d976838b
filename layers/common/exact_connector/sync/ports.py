"""What the synchronisation asks of the rest of the product: a reader of Exact, the tenants, the projections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.documents.changes import ChangeRule
from exact_connector.exact.http.query import Query
from exact_connector.fields import Row


class PageOfRows(Protocol):
    """One page as Exact gave it: its rows, where the next page is (None: this was the last one), and its size."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows in the order of the page."""
        ...

    @property
    def next_url(self) -> str | None:
        """The address of the next page, to be followed verbatim."""
        ...

    @property
    def size(self) -> int:
        """How many rows or bytes it had; for figures only."""
        ...


class Reader(Protocol):
    """Reads Exact for one tenant; raises only the classes of ``errors.py``."""

    def fetch(self, query: Query, cursor: str | None = None) -> PageOfRows:
        """Return the first page of a query, or the page that a cursor points at."""
        ...


@dataclass(frozen=True, slots=True)
class SyncOptions:
    """What a tenant chose for its synchronisation.

    ``intervals``: stream name -> seconds between runs, where it differs from the stream's own. ``chunk_rows``: rows
    after which a worker lets others go first. ``safety_share``: the largest part of a set that may vanish in one full
    comparison without a person saying yes.
    """

    intervals: Mapping[str, int] = field(default_factory=dict)
    chunk_rows: int = 50_000
    safety_share: float = 0.2


@dataclass(frozen=True, slots=True)
class TenantView:
    """What the synchronisation knows of a tenant. ``settings`` and ``options`` go to the context builder as they are;
    ``fingerprints`` says per family which settings shaped it; ``streams`` are the conditional streams it needs."""

    tenant: str
    division: int
    connected: bool
    settings: Any
    options: Any
    streams: frozenset[str] = frozenset()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    sync: SyncOptions = SyncOptions()


class TenantReader(Protocol):
    """Looks tenants up."""

    def view(self, tenant: str) -> TenantView | None:
        """Return a tenant that is linked to an administration, None for an unknown one or one without."""
        ...

    def tenants(self) -> Iterable[str]:
        """Return the ids of all linked tenants."""
        ...


ContextBuilder = Callable[[TenantView, date, Mapping[str, Sequence[Row]]], Any]
"""Tenant, today and the reference rows by kind -> what the projection functions take as context."""

Project = Callable[[OwnerRows, Any], Sequence[Projection]]
"""The rows of one owner and the context -> its documents. Pure."""


@dataclass(frozen=True, slots=True)
class FamilyProjection:
    """How one family is projected: the document kinds it makes, the function that makes them, and what the feed says of
    a change. ``reference_kinds``: the reference rows that its documents depend on, None for all of them.
    ``required_streams``: the conditional streams that an owner needs, as its rows and documents show (an item without
    a price)."""

    kinds: frozenset[str]
    project: Project
    rule: ChangeRule | None = None
    reference_kinds: frozenset[str] | None = None
    required_streams: Callable[[OwnerRows, Sequence[Projection], Any], frozenset[str]] | None = None
