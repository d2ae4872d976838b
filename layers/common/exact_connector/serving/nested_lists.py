"""The people and addresses of an account page by page, in the order of their IDs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from exact_connector.customers.nested import ADDRESS, CONTACT_PERSON
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.serving.views import to_response

NestedName = Literal["addresses", "contact_persons"]
_KINDS: Mapping[NestedName, tuple[str, str]] = {
    "addresses": (ADDRESS, "address_id"),
    "contact_persons": (CONTACT_PERSON, "contact_person_id"),
}


@dataclass(frozen=True, slots=True)
class NestedPage:
    """A page of a list, the position of each row, and the one after the page, None at the end."""

    rows: list[dict[str, Any]]
    positions: list[str]
    position: str | None


def nested_page(
    documents: CatalogStore, tenant: str, account: StoredDocument, name: NestedName, after: str | None, limit: int
) -> NestedPage:
    """Return a page of a customer's or supplier's list; where all of it stands in the document, from there."""
    kind, id_field = _KINDS[name]
    if account.body.get(f"{name}_url") is None:
        return _embedded(account.body.get(name) or (), f"{account.key}/", id_field, after, limit)
    page = documents.list(tenant, kind, cursor=after, limit=limit, prefix=f"{account.key}/")
    rows = [to_response(kind, row.body) for row in page.documents]
    return NestedPage(rows, [row.key for row in page.documents], page.cursor)


def _embedded(
    rows: Sequence[Mapping[str, Any]], prefix: str, id_field: str, after: str | None, limit: int
) -> NestedPage:
    """Return a page of rows of the document. Its position is the one that documents of their own would have, so a
    reader can go on when the list outgrows the document between two pages."""
    ordered = sorted(rows, key=lambda row: str(row[id_field]))
    left = [row for row in ordered if after is None or f"{prefix}{row[id_field]}" > after]
    page = [to_response("", row) for row in left[:limit]]
    positions = [f"{prefix}{row[id_field]}" for row in page]
    return NestedPage(page, positions, positions[-1] if len(left) > limit else None)
