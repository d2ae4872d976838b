"""What goes into a projection and what comes out: the rows of one owner, and the documents made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exact_connector.fields import Row

Document = Mapping[str, Any]
"""A canonical document; what builds one returns its type of `documents.models`."""


@dataclass(frozen=True, slots=True)
class Warning:
    """Something odd in the data that blocked nothing: a stable code and what was seen.

    ``about`` names the setting or the currency that it is about, where there is no document to name.
    """

    code: str
    message: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class OwnerRows:
    """All stored Exact rows that shape the documents of one owner, by kind.

    The order of the rows within a kind carries no meaning. An owner whose main row (``item``, ``account``) is gone has
    no rows of that kind; the others may still be there.
    """

    owner: str
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def of(self, kind: str) -> Sequence[Row]:
        """Return the rows of a kind, none when there are none."""
        return self.rows.get(kind, ())

    def one(self, kind: str) -> Row | None:
        """Return the row of a kind that has at most one, None when it is gone."""
        found = self.rows.get(kind)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Projection:
    """One canonical document as it should be now.

    ``document`` None is a deletion. ``keep`` is True where nothing can be said for now (say, the setting that decides
    is wrong): what was delivered stays as it is, and ``document`` is not looked at. ``changes_on`` is the next date on
    which the owner has to be projected again although no row changed; it may stand on a deletion too (an item that is
    not on sale yet).

    The list that a projection function returns is complete for its owner: a document delivered for that owner before
    that is not in the list any more is deleted, with no projection of its own.
    """

    kind: str
    key: str
    document: Document | None
    changes_on: date | None = None
    warnings: tuple[Warning, ...] = ()
    keep: bool = False
