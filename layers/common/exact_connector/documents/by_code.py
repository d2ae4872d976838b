"""Find stored documents by the codes that clients write: capitals and padding do not count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.items import LEFT_OUT_ITEM
from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.documents.store import CatalogStore, StoredDocument

CUSTOMER_CODE = "_customer_code"
SUPPLIER_CODE = "_supplier_code"
ITEM_CODE = "_item_code"
INDEX_KINDS = frozenset({CUSTOMER_CODE, SUPPLIER_CODE})
ITEM_INDEX_KINDS = frozenset({ITEM_CODE})
_LONGEST_KEY = 512
"""In bytes. Exact's codes are far shorter; DynamoDB takes 1,024 with what stands before and behind them."""


def customer_index(rows: OwnerRows, documents: Iterable[Projection]) -> list[Projection]:
    """Return the look-up documents of an account: its delivered code, and the bare one where that has a prefix."""
    account = rows.one("account") or {}
    found: dict[tuple[str, str], Projection] = {}
    for each in documents:
        if each.document is None or each.kind not in ("customer", "supplier"):
            continue
        kind = CUSTOMER_CODE if each.kind == "customer" else SUPPLIER_CODE
        for code in (each.document.get(f"{each.kind}_code"), fields.text(account, "Code")):
            if key := code_key(code):
                found[kind, key] = Projection(kind, key, {"key": each.key})
    return list(found.values())


def item_index(documents: Iterable[Projection]) -> list[Projection]:
    """Return the look-up document of an item whose code is not in capitals already."""
    return [
        Projection(ITEM_CODE, code_key(each.key), {"key": each.key})
        for each in documents
        if each.kind == "item" and each.document is not None and code_key(each.key) != each.key
    ]


def may_be_key(text: str) -> bool:
    """Tell whether a text that a client wrote can be the key of a row: stores take no empty, endless or broken one."""
    try:
        return 0 < len(text.strip().encode()) <= _LONGEST_KEY
    except UnicodeEncodeError:
        return False


class Lookups:
    """Reads documents by code; a text that no code can be finds nothing."""

    def __init__(self, documents: CatalogStore) -> None:
        self.documents = documents

    def customer(self, tenant: str, codes: Sequence[str]) -> StoredDocument | None:
        """Return the customer with the first of these codes that exists."""
        return self._indexed(tenant, "customer", CUSTOMER_CODE, codes)

    def supplier(self, tenant: str, codes: Sequence[str]) -> StoredDocument | None:
        """Return the supplier with the first of these codes that exists."""
        return self._indexed(tenant, "supplier", SUPPLIER_CODE, codes)

    def items(self, tenant: str, codes: Iterable[str]) -> dict[str, StoredDocument]:
        """Return the items that exist, by `code_key` of their code."""
        wanted = {code_key(code): code.strip() for code in codes if may_be_key(code)}
        direct = self.documents.batch(tenant, "item", [*wanted, *wanted.values()])
        found = {code_key(key): row for key, row in direct.items()}
        missing = [key for key in wanted if key not in found]
        index = self.documents.batch(tenant, ITEM_CODE, missing) if missing else {}
        named = [str(row.body["key"]) for row in index.values()]
        return found | {code_key(key): row for key, row in self.documents.batch(tenant, "item", named).items()}

    def left_out_items(self, tenant: str, codes: Iterable[str]) -> dict[str, StoredDocument]:
        """Return the items that exist in Exact and are left out by the settings, by `code_key` of their code."""
        return self.documents.batch(tenant, LEFT_OUT_ITEM, [code_key(code) for code in codes if may_be_key(code)])

    def _indexed(self, tenant: str, kind: str, index: str, codes: Sequence[str]) -> StoredDocument | None:
        for code in filter(may_be_key, codes):
            entry = self.documents.get(tenant, index, code_key(code))
            found = None if entry is None else self.documents.get(tenant, kind, str(entry.body["key"]))
            if found is not None:
                return found
        return None
