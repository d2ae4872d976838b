"""A world whose orders are planned as in earnest: stored documents, settings, and rows of Exact that steps change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

from exact_connector.catalog.context import Options
from exact_connector.documents.store import CatalogStore, DocumentPage, StoredDocument
from exact_connector.errors import ConnectorError, ExactAnswerUnknown
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.orders.planner import OrderPlanner
from exact_connector.orders.references.stored import StoredReferences
from exact_connector.settings.model import Settings
from unit.orders.lifecycle.order_world import DIVISION, WORDS, MemoryExact, World, guid

_SOME_DAY = datetime(2026, 6, 10, tzinfo=UTC)
_EQUALS = re.compile(r"(\w+) eq (?:guid'([^']+)'|(\d+))")

CUSTOMER, SUPPLIER, OFFICE_ADDRESS, DELIVERY, DELIVERY_LINE = (guid(number) for number in (101, 102, 201, 301, 302))
CUSTOMER_DOCUMENT = {"customer_id": CUSTOMER, "customer_code": "25", "country": "NL", "vat_liable": True}
SUPPLIER_DOCUMENT = {"supplier_id": SUPPLIER, "supplier_code": "47", "lead_time_days": 14}
ITEM_DOCUMENTS = [
    {"item_id": guid(number), "item_code": code, "description": f"Item {code}", "unit": "pc", "vat_percentage": "21"}
    for number, code in enumerate(("A", "B"), 1)
]
SETTINGS = Settings(
    CreateAlternateAddressAtCustomer=True,
    CreateAndLinkAlternativeContactPerson=True,
    CreateInvoiceAddress=True,
    CheckStockAndSetDeliveryDateOnOrderLine=True,
)


class Shelf:
    """Stored documents, by kind and key."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[str, str], Mapping[str, Any]] = {
            ("customer", CUSTOMER): CUSTOMER_DOCUMENT,
            ("supplier", SUPPLIER): SUPPLIER_DOCUMENT,
            **{("item", str(each["item_code"])): each for each in ITEM_DOCUMENTS},
        }

    def put(self, kind: str, key: str, fields: Mapping[str, Any]) -> None:
        """Change fields of a document."""
        self._bodies[kind, key] = {**self._bodies[kind, key], **fields}

    def get(self, tenant: str, kind: str, key: str) -> StoredDocument | None:
        """Return one document."""
        return self.batch(tenant, kind, [key]).get(key)

    def batch(self, tenant: str, kind: str, keys: Iterable[str]) -> dict[str, StoredDocument]:
        """Return those that exist."""
        found = ((key, self._bodies.get((kind, key))) for key in keys)
        return {key: StoredDocument(kind, key, dict(body), "", 1, _SOME_DAY) for key, body in found if body is not None}

    def list(
        self, tenant: str, kind: str, *, cursor: str | None = None, limit: int = 100, prefix: str | None = None
    ) -> DocumentPage:
        """Return every document of a kind."""
        keys = sorted(key for each, key in self._bodies if each == kind)
        return DocumentPage(tuple(self.batch(tenant, kind, keys).values()), None)


def exact_tables() -> dict[str, list[dict[str, Any]]]:
    """Return what Exact holds before anything is ordered."""
    stock = [{"ID": guid(400 + n), "Item": guid(n), "WarehouseCode": "1", "CurrentStock": 9.0} for n in (1, 2)]
    return {
        "crm/Addresses": [
            {"ID": OFFICE_ADDRESS, "Account": CUSTOMER, "Type": 3, "Main": True, "AddressLine1": "Old 1", "City": "Ede"}
        ],
        "crm/Contacts": [],
        "sales/ShippingMethods": [{"ID": guid(511), "Code": "DHL", "Active": True}],
        "hrm/Costcenters": [{"ID": guid(521), "Code": "NORTH", "EndDate": None}],
        "hrm/Costunits": [{"ID": guid(531), "Code": "FAIR", "EndDate": None}],
        "sales/SalesPriceLists": [{"ID": guid(541), "Code": "DEALER", "Currency": "EUR"}],
        "inventory/Warehouses": [{"ID": guid(501), "Code": "1", "Main": 1}],
        "financial/Journals": [{"ID": guid(601), "Code": "70", "Type": 20, "IsBlocked": False}],
        "inventory/ItemWarehouses": stock,
        "inventory/ItemWarehousePlanningDetails": [],
        "bulk/SalesOrder/GoodsDeliveries": [{"EntryID": DELIVERY, "DeliveryAccount": CUSTOMER}],
        "bulk/SalesOrder/GoodsDeliveryLines": [
            {"ID": DELIVERY_LINE, "EntryID": DELIVERY, "Item": guid(1), "QuantityDelivered": 50.0, "LineNumber": 1}
        ],
        "logistics/SupplierItem": [
            {"ID": guid(701), "Item": guid(1), "Supplier": SUPPLIER, "PurchaseUnit": "box", "PurchaseUnitFactor": 6.0}
        ],
    }


@dataclass
class StockedExact(MemoryExact):
    """Documents, and tables that can be read and whose rows steps add and change.

    ``steps``: the fates of the next writes to a table. ok: answered. drop: made, no answer. late: the same, and a new
    row is visible ``late_by`` later. words: nothing made, a failure in words that are not known.
    """

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=exact_tables)
    steps: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    _seen_from: dict[str, datetime] = field(default_factory=dict)
    _keys: Iterator[int] = field(default_factory=lambda: count(9001))

    def of_table(self, path: str, **wanted: Any) -> list[dict[str, Any]]:
        """Return the rows of a table with these values."""
        return [row for row in self.tables[path] if all(row.get(name) == value for name, value in wanted.items())]

    def change(self, path: str, key: str | int, body: Mapping[str, Any]) -> None:
        """Change a row."""
        self.process.around(lambda: self._change(path, str(key), body), longest=50)

    def _change(self, path: str, key: str, body: Mapping[str, Any]) -> None:
        next(row for row in self.tables[path] if row["ID"] == key).update(body)
        self._answer()

    def _create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if path not in self.tables:
            return super()._create(path, body)
        if self.steps[:1] == ["words"]:
            self.steps.pop(0)
            raise ExactAnswerUnknown("Exact failed", status=500, exact_text=WORDS["words"])
        key = guid(next(self._keys))
        self.tables[path].append({**body, "ID": key})
        if self.steps[:1] == ["late"]:
            self._seen_from[key] = self.clock.now() + self.late_by
        self._answer()
        return {"ID": key}

    def _answer(self) -> None:
        if self.steps and self.steps.pop(0) != "ok":
            raise ExactAnswerUnknown("no answer came")

    def _rows(self, query: Query) -> Iterator[dict[str, Any]]:
        if query.path not in self.tables:
            yield from super()._rows(query)
            return
        self.reads += 1
        self.asked[query.path] += 1
        asked: dict[str, set[str]] = {}
        for name, key, number in _EQUALS.findall(query.filter or ""):
            asked.setdefault(name, set()).add(key or number)
        for row in self.tables[query.path]:
            hidden = self._seen_from.get(str(row.get("ID")), self.clock.now()) > self.clock.now()
            if not hidden and all(str(row.get(name)) in values for name, values in asked.items()):
                yield dict(row)


class StockedWorld(World):
    """A world with the planner of the product."""

    def __init__(self) -> None:
        super().__init__()
        self.stocked = StockedExact(self.clock, self.process)
        self.exact = self.stocked
        self.shelf = Shelf()
        self.settings: Mapping[str, Any] = {}
        stored = StoredReferences(cast(CatalogStore, self.shelf))
        self.options = Options()
        self.intake_error: ConnectorError | None = None
        planner = OrderPlanner(
            stored, lambda _: self._settings(), lambda _: self.options, self.clock, access=self._access
        )
        self.planner = cast(Any, planner)
        self.service = self.new_service()

    def _access(self, _tenant: str) -> tuple[int, ExactCalls]:
        if self.intake_error is not None:
            raise self.intake_error
        return DIVISION, self.calls()

    def _settings(self) -> Settings:
        return replace(SETTINGS, **self.settings)


PLACE = {"street": "Kade", "house_number": "7", "postcode": "3511 AB", "city": "Utrecht"}
SALES_BODY: dict[str, Any] = {
    "customer_id": CUSTOMER,
    "your_reference": "X9",
    "alternative_delivery_address": PLACE,
    "alternative_invoice_address": {**PLACE, "house_number": "9"},
    "alternative_contact_person": {"first_name": "Eva", "last_name": "Vos"},
    "lines": [{"item_code": "A", "quantity": 2, "unit_price": "12.5"}, {"item_code": "A", "quantity": 3}],
}
PURCHASE_BODY: dict[str, Any] = {"supplier_id": SUPPLIER, "lines": [{"item_code": "A", "quantity": 12}]}


def body_of(kind: str) -> dict[str, Any]:
    """Return an order of a kind that needs every step that the kind has."""
    return PURCHASE_BODY if kind == "purchase" else {**SALES_BODY, "order_type": {"kind": kind}}
