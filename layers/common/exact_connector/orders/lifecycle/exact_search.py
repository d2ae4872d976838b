"""Look in Exact for a document that may have been made by a POST whose answer never came, or by a person's hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from exact_connector import fields
from exact_connector.exact.http.query import Query, guid_literal, in_groups, moment_literal
from exact_connector.exactly_once.exact_search import ExactCalls, created_bound
from exact_connector.orders.model.kinds import DocumentKind

Row = dict[str, Any]


def created_since(exact: ExactCalls, kind: DocumentKind, customer: str, since: datetime, now: datetime) -> list[Row]:
    """Return the headers of a customer's or supplier's documents made since a moment, oldest first (all pages)."""
    moment = "Created" if kind.customer_filter else "Modified"
    only = f"{moment} ge {moment_literal(created_bound(since, now))}"
    if kind.customer_filter:
        only = f"{kind.customer} eq {guid_literal(customer)} and {only}"
    select = (kind.key, kind.number, kind.customer, "Created", *kind.header_texts)
    wanted, earliest = customer.lower(), created_bound(since, now)
    found = [
        row
        for row in exact.rows(Query(kind.path, select=select, filter=only))
        if fields.guid(row, kind.customer) == wanted and _created(row) >= earliest
    ]
    return sorted(found, key=lambda row: (_created(row), str(row.get(kind.number)).rjust(20)))


def lines_of(exact: ExactCalls, kind: DocumentKind, document: str) -> list[dict[str, Any]]:
    """Return every line of a document (all pages; expanding them in the header would stop at 60)."""
    return lines_of_many(exact, kind, [document]).get(document.lower(), [])


def lines_of_many(exact: ExactCalls, kind: DocumentKind, documents: Sequence[str]) -> dict[str, list[Row]]:
    """Return every line of several documents by document (all pages); those without lines are left out."""
    fixed = (kind.line_key, kind.line_number, kind.lines_parent, "Item", kind.quantity)
    select = (*fixed, *kind.line_references, *kind.line_texts)
    found: dict[str, list[Row]] = {}
    for group in in_groups(kind.lines_parent, [guid_literal(document) for document in documents]):
        for row in exact.rows(Query(kind.lines_path, select=select, filter=group)):
            found.setdefault(fields.guid(row, kind.lines_parent) or "", []).append(row)
    return found


def numbers_of(exact: ExactCalls, kind: DocumentKind, documents: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Yield those of these documents that are in Exact, with their numbers; some sixty are asked for in one call."""
    for group in in_groups(kind.key, [guid_literal(document) for document in documents]):
        for row in exact.rows(Query(kind.path, select=(kind.key, kind.number), filter=group)):
            yield str(row[kind.key]).lower(), kind.number_of(row)


def _created(row: Row) -> datetime:
    return fields.wall_time(row.get("Created")) or datetime.max  # noqa: DTZ901 - wall time has no zone
