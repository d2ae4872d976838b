"""How a stored document is shown to platforms: short, or with every attribute of Exact; bills with their components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from exact_connector import fields
from exact_connector.catalog.attributes import complete as complete_item
from exact_connector.catalog.codes import code_key
from exact_connector.customers.attributes import complete as complete_customer
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.purchasing.bills import complete_bill, split_over_components

if TYPE_CHECKING:
    from exact_connector.documents.models.purchasing import BillOfMaterial

BILL = "bill_of_material"
COMPONENTS = "bill_of_material_components"
SALE = "sale"
_DEPTH = 8


class Views:
    """Shows documents of one kind at a time; what they need of other kinds is read in one go."""

    def __init__(self, documents: CatalogStore) -> None:
        self._documents = documents

    def of(
        self, tenant: str, rows: Sequence[StoredDocument], *, full: bool = False, divided: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        """Return documents of one kind as platforms see them.

        ``full`` adds every attribute of Exact to items and customers; ``divided`` gives every line of a sale the
        components that its quantity is made of.
        """
        if rows and rows[0].kind == BILL:
            return self._bills(tenant, [row.body for row in rows])
        if rows and rows[0].kind == SALE and divided:
            return self._divided(tenant, [row.body for row in rows])
        return [to_response(row.kind, row.body, full=full) for row in rows]

    def _bills(self, tenant: str, stored: Sequence[Mapping[str, Any]]) -> list[BillOfMaterial]:
        bills = [cast("BillOfMaterial", bill) for bill in stored]
        versions = [str(bill["version_id"]) for bill in bills if bill["version_id"]]
        found = self._documents.batch(tenant, COMPONENTS, versions) if versions else {}
        bodies = {key: row.body for key, row in found.items()}
        return [complete_bill(bill, bodies.get(str(bill["version_id"]))) for bill in bills]

    def _divided(self, tenant: str, sales: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        codes = {str(line["item_code"]) for sale in sales for line in sale["lines"] if line.get("item_code")}
        bills = self._bills_below(tenant, codes)
        return [{**sale, "lines": [_with_components(line, bills) for line in sale["lines"]]} for sale in sales]

    def _bills_below(self, tenant: str, codes: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """Return the complete bills of items and of everything that they are made of, by `code_key`."""
        found: dict[str, Mapping[str, Any]] = {}
        wanted = set(codes)
        for _ in range(_DEPTH):
            rows = self._documents.batch(tenant, BILL, sorted(wanted))
            bills = self._bills(tenant, [row.body for row in rows.values()])
            found.update({code_key(bill["item_code"]): bill for bill in bills})
            parts = {str(part["item_code"]) for bill in bills for part in bill["components"] if part.get("item_code")}
            wanted = {code for code in parts if code_key(code) not in found}
            if not wanted:
                break
        return found


def to_response(kind: str, body: Mapping[str, Any], *, full: bool = False) -> dict[str, Any]:
    """Return one document as platforms see it."""
    if full and kind == "customer":
        return complete_customer(body)
    if full and kind == "item":
        return {**body, "attributes": complete_item(body.get("attributes") or {})}
    return _without_attributes(body)


def _without_attributes(body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the attribute maps of a document and of the people and addresses in it."""
    found = {name: value for name, value in body.items() if name != "attributes"}
    for name in ("contact_persons", "addresses"):
        if name in found:
            found[name] = [_without_attributes(each) for each in found[name]]
    return found


def _with_components(line: Mapping[str, Any], bills: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    code, sold = line.get("item_code"), line.get("quantity_sold")
    if not code or sold is None:
        return {**line, "components": []}
    demands = split_over_components(str(code), Decimal(str(sold)), bills)
    parts = [
        {"item_code": each.item_code, "quantity_sold": fields.plain(each.quantity)} for each in demands if each.via
    ]
    return {**line, "components": parts}
