"""Look in Exact for a document that may have been made by a POST whose answer never came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from exact_connector import fields
from exact_connector.exact.query import Query, guid_literal, moment_literal
from exact_connector.orders.kinds import DocumentKind
from exact_connector.orders.record import Attempt

SKEW = timedelta(minutes=5)
"""How far Exact's clock may lie behind ours: documents made that long before the attempt are looked at as well."""


class ExactCalls(Protocol):
    """The calls to Exact that orders need; ``ExactClient`` carries them out."""

    def prepare(self) -> None:
        """Make sure of an access token, so that the next call is sent without waiting for one."""
        ...

    def rows(self, query: Query) -> list[dict[str, Any]]:
        """Return every row of a small set, all pages."""
        ...

    def create(self, path: str, body: dict[str, Any], *, record: str = "") -> dict[str, Any]:
        """POST a new record, at most once."""
        ...

    def change(self, path: str, key: str | int, body: dict[str, Any]) -> None:
        """PUT fields of a record."""
        ...


def candidates(exact: ExactCalls, kind: DocumentKind, attempt: Attempt, since: datetime) -> list[dict[str, Any]]:
    """Return the headers of that customer's documents made since the attempt, oldest first (all pages)."""
    select = (kind.key, kind.number, kind.customer, "Created", *kind.header_texts)
    made_since = f"Created ge {moment_literal(since - SKEW)}"
    query = Query(
        kind.path, select=select, filter=f"{kind.customer} eq {guid_literal(attempt.customer)} and {made_since}"
    )
    return sorted(exact.rows(query), key=lambda row: (str(fields.moment(row, "Created")), str(row.get(kind.number))))


def lines_of(exact: ExactCalls, kind: DocumentKind, document: str) -> list[dict[str, Any]]:
    """Return every line of a document (all pages; expanding them in the header would stop at 60)."""
    item = () if kind.quantity == "PlannedReturnQuantity" else ("Item",)
    delivery = ("GoodDeliveryLineID",) if kind.quantity == "PlannedReturnQuantity" else ()
    select = (kind.line_key, kind.line_number, kind.lines_parent, kind.quantity, *item, *delivery, *kind.line_texts)
    return exact.rows(Query(kind.lines_path, select=select, filter=f"{kind.lines_parent} eq {guid_literal(document)}"))


def by_reference(
    exact: ExactCalls, kind: DocumentKind, customer: str, references: Sequence[str]
) -> list[dict[str, Any]]:
    """Return that customer's documents that carry one of our references as the customer's reference."""
    if "YourRef" not in kind.header_texts or not references:
        return []
    wanted = " or ".join("YourRef eq '" + reference.replace("'", "''") + "'" for reference in references)
    query = Query(
        kind.path,
        select=(kind.key, kind.number, kind.customer, "Created", *kind.header_texts),
        filter=f"{kind.customer} eq {guid_literal(customer)} and ({wanted})",
    )
    return exact.rows(query)
