"""Look in Exact for a document that may have been made by a POST whose answer never came, or by a person's hand.

Exact may refuse the filter of each of these readings, so each has a second way, which is taken by itself:

what                          by                        the second way
a customer's new documents    customer and Created      Modified, then the newest by key
the lines of documents        the document's ID         the lines that belong to each document, by its key
numbers of documents          the document's ID         each document by its key
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from exact_connector import fields
from exact_connector.errors import ExactRejected
from exact_connector.exact.http.query import Query, guid_literal, in_groups, record_path
from exact_connector.exactly_once import exact_search
from exact_connector.exactly_once.exact_search import ExactCalls, created_at
from exact_connector.orders.model.kinds import DocumentKind

Row = dict[str, Any]
_NOT_FOUND = 404


def created_since(exact: ExactCalls, kind: DocumentKind, customer: str, since: datetime, now: datetime) -> list[Row]:
    """Return the headers of a customer's or supplier's documents made since a moment, oldest first (all pages)."""
    only = f"{kind.customer} eq {guid_literal(customer)}" if kind.customer_filter else ""
    select = (kind.key, kind.number, kind.customer, "Created", *kind.header_texts)
    rows = exact_search.created_since(exact, kind.path, kind.key, select, since, now, only=only)
    found = [row for row in rows if fields.guid(row, kind.customer) == customer.lower()]
    return sorted(found, key=lambda row: (created_at(row), str(row.get(kind.number)).rjust(20)))


def lines_of(exact: ExactCalls, kind: DocumentKind, document: str) -> list[dict[str, Any]]:
    """Return every line of a document (all pages; expanding them in the header would stop at 60)."""
    return lines_of_many(exact, kind, [document]).get(document.lower(), [])


def lines_of_many(exact: ExactCalls, kind: DocumentKind, documents: Sequence[str]) -> dict[str, list[Row]]:
    """Return every line of several documents by document (all pages); those without lines are left out."""
    fixed = (kind.line_key, kind.line_number, kind.lines_parent, "Item", kind.quantity)
    select = (*fixed, *kind.line_references, *kind.line_texts)

    def together() -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for group in in_groups(kind.lines_parent, [guid_literal(document) for document in documents]):
            for row in exact.rows(Query(kind.lines_path, select=select, filter=group)):
                found.setdefault(fields.guid(row, kind.lines_parent) or "", []).append(row)
        return found

    def one_by_one() -> dict[str, list[Row]]:
        found = {document.lower(): _entity(exact, kind, document, select, kind.lines) for document in documents}
        return {document: rows for document, rows in found.items() if rows}

    return exact.one_of(f"{kind.lines_path}.{kind.lines_parent}", together, one_by_one)


def numbers_of(exact: ExactCalls, kind: DocumentKind, documents: Sequence[str]) -> dict[str, str | None]:
    """Return those of these documents that are in Exact, with their numbers; some sixty are asked for in one call."""
    select = (kind.key, kind.number)

    def together() -> list[Row]:
        groups = in_groups(kind.key, [guid_literal(document) for document in documents])
        return [row for group in groups for row in exact.rows(Query(kind.path, select=select, filter=group))]

    def one_by_one() -> list[Row]:
        return [row for document in documents for row in _entity(exact, kind, document, select)]

    rows = exact.one_of(f"{kind.path}.{kind.key}", together, one_by_one)
    return {str(row[kind.key]).lower(): kind.number_of(row) for row in rows}


def _entity(
    exact: ExactCalls, kind: DocumentKind, document: str, select: Sequence[str], collection: str = ""
) -> list[Row]:
    """Read a document by its key, or the collection that belongs to it; nothing where it is not in Exact."""
    path = record_path(kind.path, document) + (f"/{collection}" if collection else "")
    try:
        return exact.rows(Query(path, select=select))
    except ExactRejected as error:
        if error.status != _NOT_FOUND:
            raise
        return []
