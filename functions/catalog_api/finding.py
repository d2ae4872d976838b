"""Find one document by the key or code that a client wrote: capitals and surrounding white space do not count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from catalog_api.reading import Found, Narrowing, Predicate
from exact_connector.catalog.codes import code_key
from exact_connector.documents.by_code import Lookups, may_be_key
from exact_connector.documents.store import CatalogStore, StoredDocument

_OF_ITEMS = frozenset({"item", "stock", "bill_of_material"})
_SMALL = frozenset({"price_list", "item_group", "unit", "vat_code"})
_PAGE = 1000


class Finder:
    """Finds documents of a tenant; a document whose key is exactly what was written goes first."""

    def __init__(self, documents: CatalogStore) -> None:
        self._documents = documents
        self._lookups = Lookups(documents)
        self._by_code: Mapping[str, Callable[[str, list[str]], StoredDocument | None]] = {
            "customer": self._lookups.customer,
            "supplier": self._lookups.supplier,
        }

    def first(self, tenant: str, kind: str, names: Sequence[str]) -> StoredDocument | None:
        """Return the document of the first of these names that there is."""
        found = (self.one(tenant, kind, named) for named in names)
        return next((row for row in found if row is not None), None)

    def one(self, tenant: str, kind: str, named: str) -> StoredDocument | None:
        """Return the document, None when there is none; customers and suppliers go by id or code."""
        if not may_be_key(named):
            return None
        exact = self._documents.get(tenant, kind, named)
        if exact is not None:
            return exact
        if kind in _OF_ITEMS:
            return self._of_item(tenant, kind, named)
        if kind in self._by_code:
            by_id = self._documents.get(tenant, kind, named.strip().lower())
            return by_id or self._by_code[kind](tenant, [named])
        return self._scanned(tenant, kind, named) if kind in _SMALL else None

    def listed(
        self, tenant: str, kind: str, code: str, accept: Predicate | None, narrow: Narrowing | None = None
    ) -> Found:
        """Return the list of the one document with that code, as far as the other filters let it through."""
        row = self.one(tenant, kind, code)
        found = [row] if row is not None and (accept is None or accept(row)) else []
        return Found(list(narrow(found)) if narrow is not None else found, None)

    def _of_item(self, tenant: str, kind: str, code: str) -> StoredDocument | None:
        item = self._lookups.items(tenant, [code]).get(code_key(code))
        if item is None or kind == "item":
            return item
        return self._documents.get(tenant, kind, item.key)

    def _scanned(self, tenant: str, kind: str, code: str) -> StoredDocument | None:
        """Look through a kind of which there are few."""
        wanted, cursor = code_key(code), None
        while True:
            page = self._documents.list(tenant, kind, cursor=cursor, limit=_PAGE)
            for row in page.documents:
                if code_key(row.key) == wanted:
                    return row
            cursor = page.cursor
            if cursor is None:
                return None
