"""Every document of a full synchronisation, every change, export line and event is what its type says, key by key."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from catalog_api.data_model import DOCUMENTS
from catalog_api.kinds import COLLECTIONS, Collection
from exact_connector.documents.models.exports import ExportKind
from exact_connector.serving.exports import KINDS
from fakes.ports import MemoryEvents
from fakes.schemas import faults
from functional.product.company import Company, Row, linked_company

OPTIONS = {"supplier_links": True, "bills_of_material": True, "item_rule": "purchase"}
SETTINGS = {
    **dict.fromkeys(("AutoSyncPriceLists", "EnableOfflineTierPrices", "SyncCustomerNotes", "GetProspects"), True),
    **dict.fromkeys(("SyncNextDeliveryDate", "GetDeliveryDatesOffline", "CreateWarehouseItemFilter"), True),
    **dict.fromkeys(("GenerateCurrencyPriceLists", "VariantCurrency", "UseSalesPriceInclVatAsFreeField"), True),
    "CustomCustomerFieldsMapping": json.dumps(
        [
            {"ObjectName": "Customer", "PropertyName": "Website", "XmlName": "Site", "NameInApp": "Site"}
            | {"PropertyType": "string", "IsEntityField": "false"},
            {"ObjectName": "Customer", "PropertyName": "IsReseller", "XmlName": "manager", "NameInApp": "Dealer"}
            | {"PropertyType": "bool", "IsEntityField": "true"},
        ]
    ),
}
EVENTS = {"order": "OrderEvent", "connection": "ConnectionEvent", "sync": "StreamEvent"}
PROJECTION_STOPPED = "sync.projection_stopped"


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """A company of which everything is delivered, with orders that went well and badly."""
    with linked_company() as found:
        found.ok("PATCH", "/v1/tenants/acme", {"options": OPTIONS})
        found.ok("PATCH", "/v1/tenants/acme/settings", SETTINGS)
        found.work()
        yield found


def wrong(name: str, rows: list[Row]) -> Counter[str]:
    """Return what is wrong with rows, and how often."""
    return Counter(fault for row in rows for fault in faults(name, row)[:5])


def pages(company: Company, collection: Collection, **query: str) -> list[Row]:
    """Return every document of a collection; each page is what its type says as well."""
    rows: list[Row] = []
    asked = {"limit": "1000", **query}
    page = company.ok("GET", collection.path, query=asked)
    assert faults(collection.page, page) == []
    rows += page[collection.name]
    assert page["next"] is None
    return rows


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda each: each.name)
def test_every_served_document_is_what_its_type_says(company: Company, collection: Collection) -> None:
    views: list[dict[str, str]] = [{}]
    views += [{"view": "full"}] if collection.has_full_view else []
    views += [{"components": "true"}] if collection.options else []
    for view in views:
        rows = pages(company, collection, **view)
        assert rows
        assert wrong(collection.one, rows) == {}


def test_every_change_is_what_its_type_says_with_its_document(company: Company) -> None:
    since, changes = 0, []
    while True:
        page = company.ok("GET", "/v1/changes", query={"since": str(since), "limit": "1000", "documents": "true"})
        changes += page["changes"]
        if page["next"] == page["head"]:
            break
        since = page["next"]
    assert {change["op"] for change in changes} >= {"upsert", "reset"}
    assert wrong("Change", [_bare(change) for change in changes]) == {}
    documents = [(change["kind"], change["document"]) for change in changes if "document" in change]
    assert documents
    for kind, document in documents:
        assert faults(DOCUMENTS[kind], document) == [], kind


def _bare(change: Row) -> Row:
    """Return a change without its document, which is judged by the type of its own kind."""
    return {name: value for name, value in change.items() if name != "document"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_of_an_export_is_what_its_type_says(company: Company, kind: ExportKind) -> None:
    started = company.ok("POST", "/v1/exports", {"kind": kind, "view": "full"})
    assert faults("Export", started) == []
    deadline = company.box.clock.now() + timedelta(minutes=5)
    company.box.serving.exports.work(company.tenant, deadline)
    ready = company.ok("GET", f"/v1/exports/{started['export_id']}")
    assert faults("Export", ready) == []
    lines: list[Any] = []
    for link in ready["links"]:
        key = link["url"].removeprefix("memory://").partition("?")[0]
        packed = company.box.platform.blobs.get(key)
        assert packed is not None
        lines += [json.loads(line) for line in gzip.decompress(packed).splitlines()]
    assert len(lines) == ready["rows"]
    assert wrong(DOCUMENTS[KINDS[kind]], lines) == {}


def test_the_pages_below_documents_are_what_their_types_say(company: Company) -> None:
    lists = [row["code"] for row in company.served("/v1/price-lists")]
    for code in lists[:3]:
        assert faults("PriceListRowsPage", company.ok("GET", f"/v1/price-lists/{code}/prices")) == []
    customer = company.served("/v1/customers")[0]["customer_id"]
    assert faults("CustomerOrderPage", company.ok("GET", f"/v1/customers/{customer}/orders")) == []
    assert faults("CustomerInvoicePage", company.ok("GET", f"/v1/customers/{customer}/invoices")) == []
    item = company.served("/v1/items")[0]["item_code"]
    quoted = company.ok("GET", "/v1/prices/quote", query={"item": item, "customer": customer})
    assert faults("Quote", quoted) == []


def test_what_administrators_read_is_what_its_type_says(company: Company) -> None:
    tenant = "/v1/tenants/acme"
    read = {
        tenant: "TenantWithConnection",
        "/v1/tenants": "TenantPage",
        f"{tenant}/status": "TenantStatus",
        f"{tenant}/events": "AuditTrail",
        f"{tenant}/settings": "SettingsDocument",
        f"{tenant}/settings/history": "SettingsHistory",
        f"{tenant}/divisions": "Administrations",
        f"{tenant}/forecast": "CallForecast",
        f"{tenant}/keys": "ApiKeys",
        "/v1/status": "SyncState",
        "/health": "Health",
    }
    for path, name in read.items():
        assert faults(name, company.ok("GET", path)) == [], path


def test_every_event_is_what_its_type_says(company: Company) -> None:
    item = next(row for row in company.served("/v1/items") if row["sales_price"] and row["is_sales_item"])
    customers = [
        row for row in company.served("/v1/customers") if not row["is_blocked"] and not row["invoice_customer_id"]
    ]
    body = {"customer_id": customers[0]["customer_id"], "lines": [{"item_code": item["item_code"], "quantity": 1}]}
    for key in ("schema-1", "schema-2"):
        posted = company.ok("POST", "/v1/orders", body, headers={"idempotency-key": key})
        assert faults("Order", posted) == []
    company.box.orders.dispatch(company.box.clock.now())
    for message in company.box.messages("orders"):
        company.box.orders.handle(message, company.box.clock.now() + timedelta(minutes=5))
    order = company.ok("GET", "/v1/orders")["orders"][0]
    assert faults("OrderWithBody", company.ok("GET", f"/v1/orders/{order['order_id']}")) == []
    assert faults("OrderTrail", company.ok("GET", f"/v1/orders/{order['order_id']}/trail")) == []
    bus = company.box.platform.events
    assert isinstance(bus, MemoryEvents)
    assert {kind for kind, _ in bus.events} >= {"order.submitted"}
    for kind, detail in bus.events:
        name = "FamilyEvent" if kind == PROJECTION_STOPPED else EVENTS[kind.partition(".")[0]]
        assert faults(name, detail) == [], kind
