"""What a platform is served, flat enough to say which fields of which documents a setting changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from functional.catalog.shop import Shop

Served = dict[tuple[str, str], Mapping[str, Any]]

LISTS = {
    "item": ("/v1/items", "item_code"),
    "stock": ("/v1/stock", "item_code"),
    "item_group": ("/v1/item-groups", "item_group"),
    "customer": ("/v1/customers", "customer_id"),
    "supplier": ("/v1/suppliers", "supplier_id"),
    "price_list": ("/v1/price-lists", "code"),
}


def everything(shop: Shop) -> Served:
    """Return every document that the lists serve, by kind and key."""
    found: Served = {}
    for kind, (path, key) in LISTS.items():
        for row in shop.every(path, **({"view": "full"} if kind in ("item", "customer") else {})):
            found[kind, str(row[key])] = row
    for code in [key for kind, key in found if kind == "price_list"]:
        for row in shop.every(f"/v1/price-lists/{place(code)}/prices"):
            found["price_list_rows", f"{code}/{row['item_code']}"] = row
    agreements = shop.box.documents.store.list(shop.tenant, "agreement", limit=100_000)
    found |= {("agreement", row.key): row.body for row in agreements.documents}
    return found


def place(key: str) -> str:
    """Write a key as one part of an address."""
    return quote(key, safe="")


def changes(before: Served, after: Served) -> set[str]:
    """Return what differs: ``item+`` for documents that came, ``item-`` for gone ones, ``item.field`` for a field."""
    found = {f"{kind}+" for kind, _ in after.keys() - before.keys()}
    found |= {f"{kind}-" for kind, _ in before.keys() - after.keys()}
    for (kind, key), row in before.items():
        other = after.get((kind, key))
        if other is not None:
            names = row.keys() | other.keys()
            found |= {f"{kind}.{name}" for name in names if row.get(name) != other.get(name)}
    return found
