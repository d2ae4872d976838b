"""No page is larger than what a function may answer, however long the texts on it are, and every row is on one page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest

import catalog_api.routes
import submit_order.routes
import tenant_api.routes
from catalog_api.card_routes import CardRoutes
from catalog_api.kinds import COLLECTIONS, Collection
from catalog_api.openapi_build import all_routes, models
from exact_connector.clock import to_text
from exact_connector.customers.nested import ADDRESS, CONTACT_PERSON
from exact_connector.documents.bodies import partition
from exact_connector.documents.feed import Entry, head_key, to_put
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.record import ORDERS, OrderRecord, to_row
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.storage.packing import pack
from exact_connector.storage.table import Put, Row
from exact_connector.tenants.model import Tenant
from exact_connector.web.api import Api
from exact_connector.web.examples import example_of
from exact_connector.web.openapi import document
from exact_connector.web.routes import routes_of
from fakes.clocks import ManualClock
from fakes.product import CONTEXT, OPERATOR_KEY, MemoryContainer

LAMBDA_TAKES = 6_291_556
"""Bytes of a function's answer, as AWS counts them."""

TENANT = "acme"
ROWS = 24
LONG = 'é"\n' * 60_000
"""A text that takes several times its length on the way: quotes, line ends and accents are escaped."""

DOCUMENT = document(all_routes(), version="1", models=models())
SCHEMAS = DOCUMENT["components"]["schemas"]


def lists() -> Iterator[str]:
    """Yield the operations whose answer leads on to a next page."""
    for operation in (each for methods in DOCUMENT["paths"].values() for each in methods.values()):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        answered = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        if "next" in SCHEMAS.get(answered, {}).get("properties", {}):
            yield operation["operationId"]


CLOCK = ManualClock()
NOW = CLOCK.now()


class Served:
    """The routes over tables in memory, filled by hand."""

    def __init__(self) -> None:
        self.box = MemoryContainer("http://127.0.0.1:9", clock=CLOCK)
        self.memory = self.box.memory
        self.box.tenants.store.create(
            Tenant(TENANT, "Acme", "nl", "Acme B.V.", None, None, NOW),
        )
        self._apis = [
            self.box.api(each)
            for each in (
                catalog_api.routes.routes(self.box),
                tenant_api.routes.routes(self.box),
                submit_order.routes.routes(self.box),
                routes_of(CardRoutes(cast("Any", _cards()))),
            )
        ]

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Store a document."""
        row: Row = {"body": pack(dict(body)), "hash": key, "seq": 0, "updated_at": to_text(NOW), "owner": key}
        self.memory["catalog"].put({"pk": partition(TENANT, kind), "sk": key, **row})

    def get(self, path: str, query: Mapping[str, str], *, card: bool = False) -> dict[str, Any]:
        """Ask for a page; it fits into what a function may answer."""
        event = {
            "version": "2.0",
            "rawPath": path,
            "headers": {"authorization": f"Bearer {OPERATOR_KEY}", "x-tenant-id": TENANT},
            "queryStringParameters": dict(query),
            "requestContext": {"http": {"method": "GET", "path": path}, "stage": "$default"},
        }
        function = next(each for each in self._apis[:: -1 if card else 1] if _serves(each, path))
        answer = function(event, CONTEXT)
        assert answer["statusCode"] == 200, answer["body"][:500]
        assert len(json.dumps(answer)) < LAMBDA_TAKES
        page: dict[str, Any] = json.loads(answer["body"])
        return page


def _serves(api: Api, path: str) -> bool:
    try:
        api._router.match("GET", path)
    except Exception:
        return False
    return True


def _cards() -> SimpleNamespace:
    """Return a box whose relation cards are full."""
    orders = [{"order_id": f"o{number:03d}", "description": LONG} for number in range(ROWS)]
    invoices = [{"invoice_id": f"i{number:03d}", "text": LONG} for number in range(ROWS)]
    cards = SimpleNamespace(
        orders=lambda tenant, names: {"orders": orders, "warnings": []},
        invoices=lambda tenant, names: {"hidden": False, "invoices": invoices},
    )
    return SimpleNamespace(serving=SimpleNamespace(cards=cards))


def body_of(name: str) -> dict[str, Any]:
    """Return an example of a document, with a long text in it."""
    found = dict(example_of(SCHEMAS[name], SCHEMAS))
    return {**found, "long": LONG}


def every(
    served: Served, path: str, name: str, query: Mapping[str, str], *, card: bool = False
) -> list[dict[str, Any]]:
    """Return the rows of all pages; no page is empty."""
    rows: list[dict[str, Any]] = []
    asked = dict(query)
    for _ in range(ROWS + 1):
        page = served.get(path, asked, card=card)
        assert page[name]
        rows += page[name]
        if name == "changes" and page["next"] == page["head"]:
            return rows
        if page["next"] is None:
            return rows
        link = {"since": str(page["next"])} if name == "changes" else dict(parse_qsl(urlsplit(page["next"]).query))
        asked = {**query, **link}
    raise AssertionError("the pages do not end")


Case = tuple[str, str, Mapping[str, str], Callable[[Served], None]]


def of_collection(collection: Collection) -> Case:
    def fill(served: Served) -> None:
        for number in range(ROWS):
            served.put(collection.kind, f"k{number:03d}", body_of(collection.one))

    views = {"view": "full"} if collection.has_full_view else {}
    return collection.path, collection.name, {**views, **({"components": "true"} if collection.options else {})}, fill


def below(kind: str, field: str, owner_kind: str, owner: str, model: str) -> Callable[[Served], None]:
    def fill(served: Served) -> None:
        served.put(owner_kind, owner, body_of({"item": "Item", "price_list": "PriceList"}[owner_kind]))
        for number in range(ROWS):
            served.put(kind, f"{owner}/{number:03d}", {**body_of(model), field: owner})

    return fill


def nested(kind: str, owner_kind: str, name: str, *, inside: bool) -> Callable[[Served], None]:
    id_field = {ADDRESS: "address_id", CONTACT_PERSON: "contact_person_id"}[kind]

    def fill(served: Served) -> None:
        rows = [{id_field: f"n{number:03d}", "long": LONG} for number in range(ROWS)]
        body = {**body_of(owner_kind.capitalize()), "addresses": [], "contact_persons": [], "long": ""}
        served.put(owner_kind, "owner", {**body, name: rows if inside else [], f"{name}_url": None if inside else "/x"})
        for row in () if inside else rows:
            served.put(kind, f"owner/{row[id_field]}", row)

    return fill


def changes(served: Served) -> None:
    catalog = served.memory["catalog"]
    for number in range(1, ROWS + 1):
        key = f"k{number:03d}"
        served.put("item", key, body_of("Item"))
        action = to_put(catalog.name, TENANT, Entry(number, "upsert", "item", key, NOW))
        assert isinstance(action, Put)
        catalog.put(action.row)
    head = head_key(TENANT)
    catalog.put({"pk": head.pk, "sk": head.sk, "seq": ROWS})


def orders(kind: OrderKind) -> Callable[[Served], None]:
    def fill(served: Served) -> None:
        for number in range(ROWS):
            record = OrderRecord(
                tenant=TENANT,
                record_id=f"o{number:03d}",
                division=1,
                body={},
                body_hash="",
                accepted_at=NOW,
                updated_at=NOW,
                kind=kind,
                customer="c",
                state=State.SUBMITTED,
                warnings=({"code": "LONG", "message": LONG},),
            )
            served.memory["orders"].put({"pk": ORDERS.key(TENANT, "").pk, **to_row(record)})

    return fill


def tenants(served: Served) -> None:
    for number in range(ROWS):
        served.box.tenants.store.create(
            Tenant(f"t{number:03d}", LONG, "nl", "Acme B.V.", None, None, NOW + timedelta(seconds=number))
        )


def rows_of_control(prefix: str, row: Mapping[str, Any]) -> Callable[[Served], None]:
    def fill(served: Served) -> None:
        for number in range(ROWS):
            served.memory["control"].put({"pk": f"tenant#{TENANT}", "sk": f"{prefix}{number:03d}", **row})

    return fill


def nothing(_served: Served) -> None:
    """Fill nothing: the rows are there already."""


EVENT = {"at": to_text(NOW), "kind": "key.created", "who": "operator", "detail": {"text": LONG}}
SAVE = {"at": to_text(NOW), "who": "operator", "changes": [{"key": "GetProspects", "old": "", "new": LONG}]}
OWN = f"/v1/tenants/{TENANT}"
CASES: dict[str, Case] = {
    **{collection.operation: of_collection(collection) for collection in COLLECTIONS},
    "listPriceListPrices": (
        *("/v1/price-lists/L1/prices", "prices", {}),
        below("price_list_rows", "price_list_code", "price_list", "L1", "PriceListRows"),
    ),
    "listItemAgreements": (
        *("/v1/items/A1/agreements", "agreements", {}),
        below("agreement", "item_code", "item", "A1", "Agreement"),
    ),
    "listCustomerAddresses": (
        *("/v1/customers/owner/addresses", "addresses", {}),
        nested(ADDRESS, "customer", "addresses", inside=True),
    ),
    "listCustomerContactPersons": (
        *("/v1/customers/owner/contact-persons", "contact_persons", {}),
        nested(CONTACT_PERSON, "customer", "contact_persons", inside=False),
    ),
    "listSupplierAddresses": (
        *("/v1/suppliers/owner/addresses", "addresses", {}),
        nested(ADDRESS, "supplier", "addresses", inside=False),
    ),
    "listSupplierContactPersons": (
        *("/v1/suppliers/owner/contact-persons", "contact_persons", {}),
        nested(CONTACT_PERSON, "supplier", "contact_persons", inside=True),
    ),
    "customerOrders": ("/v1/customers/x/orders", "orders", {}, nothing),
    "customerInvoices": ("/v1/customers/x/invoices", "invoices", {}, nothing),
    "listChanges": ("/v1/changes", "changes", {"documents": "true"}, changes),
    "listOrders": ("/v1/orders", "orders", {}, orders(OrderKind.ORDER)),
    "listPurchaseOrders": ("/v1/purchase-orders", "orders", {}, orders(OrderKind.PURCHASE)),
    "listTenants": ("/v1/tenants", "tenants", {}, tenants),
    "tenantEvents": (f"{OWN}/events", "events", {}, rows_of_control("event#", EVENT)),
    "settingsHistory": (f"{OWN}/settings/history", "history", {}, rows_of_control("history#", SAVE)),
}


def test_every_list_is_tried() -> None:
    assert sorted(CASES) == sorted(lists())


@pytest.mark.parametrize("name", CASES)
def test_no_page_is_too_large_and_every_row_is_on_one(name: str) -> None:
    path, key, query, fill = CASES[name]
    served = Served()
    fill(served)
    limit = {} if name.startswith("customer") else {"limit": "1000"}
    rows = every(served, path, key, {**query, **limit}, card=name.startswith("customer"))
    shorter = [json.dumps(row, sort_keys=True) for row in rows]
    assert len(rows) - (1 if name == "listTenants" else 0) == ROWS
    assert len(json.dumps(shorter)) > LAMBDA_TAKES
