"""One company's whole life with everything switched on, as others see it: calls to Exact, log lines and events."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from exact_connector.exact.http.transport import HttpAnswer, HttpRequest, HttpxSender
from exact_connector.observability import logger
from exact_connector.wiring.workers import sync_worker
from fakes.product import CONTEXT, running_sandbox
from functional.product.company import MANY_CALLS, SMALL, Company, Row, unlinked_company

PERSON = {"first_name": "Evangeline", "last_name": "Vossenberg", "email": "evangeline@vossenberg.example"}
PLACE = {"name": "Depot Zuidplas", "street": "Kadeweg", "house_number": "7", "postcode": "3511 AB", "city": "Utrecht"}
NEW_CUSTOMER = {
    "external_id": "NEW-1",
    "name": "Bakkerij Quispelberg",
    "country": "NL",
    "email": "inkoop@quispelberg.example",
    "phone": "020 555 0199",
    "street": "Quispelsteeg",
    "house_number": "3",
    "postcode": "1012 AB",
    "city": "Amsterdam",
    "vat_liable": True,
}
EVERYTHING: Row = {
    "AutoSyncPriceLists": True,
    "CheckStockAndSetDeliveryDateOnOrderLine": True,
    "ContactPersonToBackoffice": True,
    "CreateAlternateAddressAtCustomer": True,
    "CreateAndLinkAlternativeContactPerson": True,
    "CreateInvoiceAddress": True,
    "CreateWarehouseItemFilter": True,
    "DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged": True,
    "FreeSortField": "StandardSalesPrice",
    "GenerateCurrencyPriceLists": True,
    "GetProspects": True,
    "Languages": "DE",
    "OrderHistoryBackoffice": True,
    "SyncCustomerNotes": True,
    "SyncNextDeliveryDate": True,
    "UseItemAssortmentDescriptions": True,
    "WarehouseForStock": "1",
}
OPTIONS = {
    "item_rule": "purchase",
    "supplier_links": True,
    "bills_of_material": True,
    "webhooks": True,
}


class RecordingSender(HttpxSender):
    """The product's own sender, which remembers what was sent and the tokens that came back."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[HttpRequest] = []
        self.bodies: list[bytes] = []

    def send(self, request: HttpRequest) -> HttpAnswer:
        self.requests.append(request)
        answer = super().send(request)
        if request.url.endswith("/api/oauth2/token"):
            self.bodies.append(answer.body)
        return answer


class KeepingHandler(logging.Handler):
    """Keeps log lines as they would be written, whatever their level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.getMessage()}")


@dataclass
class Life:
    """What was seen from outside; ``refused`` are the problems that clients got."""

    company: Company
    sender: RecordingSender
    logs: KeepingHandler
    keys: list[str] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    states: dict[str, Row] = field(default_factory=dict)
    sent: dict[str, tuple[str, Row]] = field(default_factory=dict)


@contextmanager
def lived() -> Iterator[Life]:
    """Link, synchronise, order everything there is to order, and let things go wrong."""
    with (
        running_sandbox(*SMALL, *MANY_CALLS, "--strict-case") as sandbox,
        unlinked_company(sandbox, sender=(sender := RecordingSender())) as company,
        kept_logs() as logs,
    ):
        life = Life(company, sender, logs)
        for act in (_link, _customers, _orders, _cards, _webhooks, _faults, _events_delivered):
            act(life)
        yield life


@contextmanager
def kept_logs() -> Iterator[KeepingHandler]:
    """Keep every log line of the product and of the libraries in this process, errors with their tracebacks."""
    own = logging.getLogger(logger().name)
    root, keeper, level = logging.getLogger(), KeepingHandler(), logging.getLogger().level
    keeper.setFormatter(own.handlers[0].formatter)
    for each in (own, root):
        each.addHandler(keeper)
    root.setLevel(logging.INFO)
    try:
        yield keeper
    finally:
        root.setLevel(level)
        for each in (own, root):
            each.removeHandler(keeper)


def _link(life: Life) -> None:
    company = life.company
    assert company.link(options=OPTIONS)[0] == 302
    company.ok("PATCH", f"/v1/tenants/{company.tenant}/settings", EVERYTHING)
    made = company.ok("POST", f"/v1/tenants/{company.tenant}/keys", {"label": "shop", "scopes": ["orders:write"]})
    life.keys = [made["key"] if isinstance(made["key"], str) else made["secret"]]
    company.work()
    company.ok("POST", f"/v1/tenants/{company.tenant}/settings/check")
    company.ok("GET", f"/v1/tenants/{company.tenant}/divisions")
    for row in company.exact_rows("Accounts"):
        life.people |= {str(row[name]) for name in ("Name", "Email", "VATNumber") if row.get(name)}
    for row in company.exact_rows("Contacts"):
        life.people |= {str(row[name]) for name in ("FullName", "Email") if row.get(name)}


def _customers(life: Life) -> None:
    company = life.company
    life.states["customer"] = company.ok("POST", "/v1/customers", NEW_CUSTOMER)
    customer = next(each for each in company.served("/v1/customers") if not each["is_blocked"])
    company.ok("PATCH", f"/v1/customers/{customer['customer_id']}", {"phone": "020 555 0177"})
    company.call("POST", "/v1/customers", {**NEW_CUSTOMER, "external_id": "NEW-2", "email": "nobody"})


def _orders(life: Life) -> None:
    company = life.company
    customer = next(
        each
        for each in company.served("/v1/customers", view="full")
        if not each["is_blocked"] and not each["invoice_customer_id"]
    )
    items = [each for each in company.served("/v1/items") if each["sales_price"]][:2]
    line = {"item_code": items[0]["item_code"], "quantity": "2", "unit_price": "12.5", "discount_percentage": "10"}
    order = {
        "customer_id": customer["customer_id"],
        "reference": "PO 4711",
        "your_reference": "X9",
        "notes": "Call before noon",
        "warehouse_code": "1",
        "delivery_date": "2030-01-15",
        "alternative_contact_person": PERSON,
        "alternative_delivery_address": PLACE,
        "alternative_invoice_address": PLACE,
        "sales_rep": {"cost_center": None},
        "lines": [line, {"item_code": items[1]["item_code"], "quantity": "600"}],
    }
    codes = {
        "CostCenterCodeForOrders": _code(company, "Costcenters"),
        "CostUnitForOrders": _code(company, "Costunits"),
        "ShippingMethodCode": _code(company, "ShippingMethods"),
    }
    company.ok("PATCH", f"/v1/tenants/{company.tenant}/settings", codes)
    for kind in ("order", "quotation", "invoice"):
        posted(life, kind, "/v1/orders", {**order, "order_type": {"kind": kind}})
    bare = {name: value for name, value in order.items() if name not in ("delivery_date", "your_reference")}
    posted(life, "live stock", "/v1/orders", bare)
    posted(life, "return", "/v1/orders", _return(company))
    posted(life, "purchase", "/v1/purchase-orders", _purchase(company))


def _code(company: Company, entity: str) -> str:
    return str(next(row["Code"] for row in company.exact_rows(entity) if "EndDate" not in row)).strip()


def _return(company: Company) -> Row:
    """Return goods of a delivery that is there, of an item and a customer that are served."""
    served = {each["item_id"]: each["item_code"] for each in company.served("/v1/items")}
    customers = {each["customer_id"] for each in company.served("/v1/customers")}
    entries = {row["EntryID"]: row["DeliveryAccount"] for row in company.exact_rows("GoodsDeliveries")}
    line = next(
        row
        for row in company.exact_rows("GoodsDeliveryLines")
        if row["QuantityDelivered"] >= 1 and row["Item"] in served and entries.get(row["EntryID"]) in customers
    )
    return {
        "customer_id": entries[line["EntryID"]],
        "order_type": {"kind": "return"},
        "lines": [{"item_code": served[line["Item"]], "quantity": "1", "instruction": "broken"}],
    }


def _purchase(company: Company) -> Row:
    served = {each["item_id"]: each["item_code"] for each in company.served("/v1/items")}
    suppliers = {each["supplier_id"] for each in company.served("/v1/suppliers") if not each["is_blocked"]}
    bought = {row["ID"] for row in company.exact_rows("Items") if row.get("IsPurchaseItem") and "EndDate" not in row}
    link = next(
        row
        for row in company.exact_rows("SupplierItem")
        if row["Item"] in served and row["Item"] in bought and row["Supplier"] in suppliers
    )
    line = {"item_code": served[link["Item"]], "purchase_quantity": "3", "unit_price": "4.5", "notes": "Pallet"}
    return {"supplier_id": link["Supplier"], "reference": "BUY 1", "warehouse_code": "1", "lines": [line]}


def posted(life: Life, name: str, path: str, order: Row) -> Row:
    """Post an order and let the worker come; return its state, and remember both under a name."""
    life.sent[name] = (path, order)
    status, found, _ = life.company.call("POST", path, {**order, "external_id": name}, headers={"prefer": "wait=20"})
    assert status in (200, 201, 202), (name, found)
    life.company.work_on_orders()
    life.states[name] = life.company.ok("GET", f"{path}/{found['order_id']}")
    return life.states[name]


def _cards(life: Life) -> None:
    for customer in life.company.served("/v1/customers")[:3]:
        for part in ("orders", "invoices"):
            life.company.ok("GET", f"/v1/customers/{customer['customer_id']}/{part}")


def _webhooks(life: Life) -> None:
    life.company.call("POST", f"/v1/webhooks/exact/{life.company.tenant}", "")
    life.company.call("POST", f"/v1/webhooks/exact/{life.company.tenant}", '{"Content":{},"HashCode":"0"}')
    life.company.box.administration.access.follow_webhooks(life.company.tenant)


def _faults(life: Life) -> None:
    """Let Exact fail and refuse in the words of a person's name, and let clients call wrongly."""
    company = life.company
    text = f"Ongeldig: Klant {PERSON['last_name']} ({PERSON['email']})"
    body = f'{{"error":{{"code":"","message":{{"lang":"","value":"{text}"}}}}}}'
    rules: list[Row] = [
        {"kind": "status", "match": "Items$", "status": 500, "body": body, "count": 1},
        {"kind": "status", "match": "Accounts$", "status": 400, "body": body, "count": 1},
        {"kind": "status", "match": "Contacts$", "status": 403, "body": body, "count": 1},
        {"kind": "malform", "match": "Addresses$", "count": 4},
        {"kind": "reset", "match": "StockPositions$", "count": 1},
        {"kind": "status", "match": "SalesOrders$", "method": "POST", "status": 500, "body": body, "count": 1},
    ]
    for rule in rules:
        company.sandbox.control("POST", "/faults", rule)
    for family in ("items", "customers"):
        company.ok("POST", f"/v1/tenants/{company.tenant}/sync/{family}", {"full": True})
    _worked(company)
    customer = company.served("/v1/customers")[0]
    item = company.served("/v1/items")[0]
    order = {"customer_id": customer["customer_id"], "lines": [{"item_code": item["item_code"], "quantity": "1"}]}
    posted(life, "refused", "/v1/orders", {**order, "alternative_contact_person": PERSON})
    company.sandbox.control("DELETE", "/faults")
    company.call("POST", "/v1/orders", {**order, "lines": [], "alternative_contact_person": {"email": PERSON["email"]}})
    company.call("POST", "/v1/orders", f'{{"customer": "{PERSON["email"]}"')
    company.call("GET", "/v1/items", headers={"authorization": "Bearer ec_wrongkeyofsomebody"})
    company.call("GET", "/oauth/callback", query={"state": "forged", "code": "stolen!code"})
    company.call("GET", "/v1/customers", query={"q": PERSON["email"], "cursor": "garbage"})


def _worked(company: Company) -> None:
    """Hand the messages of the queues to the workers' own handlers, as Lambda does."""
    company.box.sync.engine.dispatch(company.box.clock.now())
    for queue in ("items", "customers", "documents"):
        bodies = company.box.messages(queue)
        records = [{"messageId": str(number), "body": json.dumps(body)} for number, body in enumerate(bodies)]
        sync_worker(company.box)({"Records": [*records, {"messageId": "x", "body": "{"}]}, CONTEXT)


def _events_delivered(life: Life) -> None:
    """Let the order worker send the events that transitions left."""
    box = life.company.box
    for body in box.messages("orders"):
        box.orders.handle(body, box.clock.now() + timedelta(seconds=300))
    box.orders.outbox.deliver(life.company.tenant)
