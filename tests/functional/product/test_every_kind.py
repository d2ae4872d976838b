"""Every kind of document against the sandbox: whatever becomes of the answer, it is made once and its number told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from fakes.product import running_sandbox
from functional.product.company import MANY_CALLS, SMALL, Company, Row, unlinked_company
from functional.product.test_orders import RATE, TurnedClock, later

PATHS = {"purchase": "/v1/purchase-orders"}
KINDS = [kind.value for kind in OrderKind]
SETTINGS = {"CreateAlternateAddressAtCustomer": True, "CreateAndLinkAlternativeContactPerson": True}
ADDRESS_OF = {"order": "DeliveryAddress", "quotation": "DeliveryAddress", "invoice": "DeliverToAddress"}
FAULTS: dict[str, Row] = {
    "answer lost": {"kind": "drop"},
    "never arrived": {"kind": "reset"},
    "visible late, answer lost": {"kind": "late", "delay_ms": 4_000},
    "half an answer": {"kind": "truncate"},
}
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="module")
def linked(clock: TurnedClock) -> Iterator[Company]:
    with running_sandbox(*SMALL, *MANY_CALLS) as sandbox, unlinked_company(sandbox, clock=clock) as found:
        sandbox.control("PUT", "/clock", {"rate": RATE, "now": clock.now().isoformat()})
        found.link(options={"supplier_links": True})
        found.work()
        found.ok("PATCH", "/v1/tenants/acme/settings", SETTINGS)
        yield found


@pytest.fixture
def company(linked: Company) -> Iterator[Company]:
    """The company, without faults."""
    linked.sandbox.control("DELETE", "/faults")
    yield linked
    linked.sandbox.control("DELETE", "/faults")


def body_of(company: Company, kind: str) -> Row:
    """Return an order of a kind that nobody placed before."""
    number = next(numbers)
    own: Row = {"external_id": f"{kind}-{number}"}
    if kind == "purchase":
        return {**own, "reference": f"reference {number}", **bought(company)}
    if kind == "return":
        return {**own, "order_type": {"kind": kind}, "reference": f"reference {number}", **delivered(company)}
    customers = [
        each for each in company.served("/v1/customers") if not each["is_blocked"] and not each["invoice_customer_id"]
    ]
    item = next(each for each in company.served("/v1/items") if each["sales_price"] and each["item_code"].isdigit())
    place = {"street": "Kade", "house_number": str(number), "postcode": "3511 AB", "city": "Utrecht"}
    return {
        **own,
        "order_type": {"kind": kind},
        "reference": f"reference {number}",
        "customer_id": customers[number % len(customers)]["customer_id"],
        "alternative_delivery_address": place,
        "alternative_contact_person": {"first_name": "Eva", "last_name": f"Vos {number}"},
        "lines": [{"item_code": item["item_code"], "quantity": 2, "unit_price": item["sales_price"]}],
    }


def bought(company: Company) -> Row:
    """Return supplier and lines of a purchase order that Exact takes."""
    suppliers = {each["supplier_id"] for each in company.served("/v1/suppliers") if not each["is_blocked"]}
    items = {each["item_code"] for each in company.served("/v1/items") if each["is_purchase_item"]}
    products = company.ok("GET", "/v1/supplier-products", query={"limit": "200"})["supplier_products"]
    found = next(each for each in products if each["supplier_id"] in suppliers and each["item_code"] in items)
    return {
        "supplier_id": found["supplier_id"],
        "lines": [{"item_code": found["item_code"], "purchase_quantity": 30}],
    }


def delivered(company: Company) -> Row:
    """Return customer and line of something that was delivered."""
    customers = {each["customer_id"] for each in company.served("/v1/customers") if not each["is_blocked"]}
    items = {each["item_code"] for each in company.served("/v1/items")}
    of_entry = {row["EntryID"]: row["DeliveryAccount"] for row in company.exact_rows("GoodsDeliveries")}
    for line in company.exact_rows("GoodsDeliveryLines"):
        code, customer = line["ItemCode"].strip(), of_entry[line["EntryID"]]
        if customer in customers and code in items and line["QuantityDelivered"] >= 1:
            return {"customer_id": customer, "lines": [{"item_code": code, "quantity": 1}]}
    raise AssertionError("nothing was delivered")


def post(company: Company, kind: str, body: Row) -> Any:
    return company.ok("POST", PATHS.get(kind, "/v1/orders"), body, headers={"prefer": "wait=20"})


def settled(company: Company, clock: TurnedClock, kind: str, order_id: str) -> Row:
    """Let the order worker come as often as it is due, until the order has come to an end."""
    for _ in range(60):
        found: Row = company.ok("GET", f"{PATHS.get(kind, '/v1/orders')}/{order_id}")
        if found["state"] in ("SUBMITTED", "REJECTED"):
            return found
        company.work_on_orders()
        later(company, clock, 15)
    raise AssertionError(found)


def made(company: Company, kind: str, body: Row) -> list[Row]:
    """Return the documents in Exact that carry the reference of an order."""
    rows = company.exact_rows(DOCUMENTS[OrderKind(kind)].path.rpartition("/")[2])
    name = "YourRef" if kind == "purchase" else "Description"
    return [row for row in rows if row.get(name) == body["reference"]]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_made_once_whatever_becomes_of_the_answer(
    company: Company, clock: TurnedClock, kind: str, fault: Row
) -> None:
    body, document = body_of(company, kind), DOCUMENTS[OrderKind(kind)]
    match = document.path.rpartition("/")[2] + "$"
    company.sandbox.control("POST", "/faults", {"match": match, "method": "POST", "count": 1, **fault})
    found = settled(company, clock, kind, post(company, kind, body)["order_id"])
    assert found["state"] == "SUBMITTED", found
    later(company, clock, 400)
    (row,) = made(company, kind, body)
    # An invoice has no number before it is printed.
    number = row.get(document.number)
    assert (str(row[document.key]), number and str(number)) == (found["exact_id"], found["exact_number"])


@pytest.mark.parametrize("step", ["Addresses", "Contacts"])
@pytest.mark.parametrize("kind", list(ADDRESS_OF))
def test_an_address_or_contact_whose_answer_was_lost_is_made_once(
    company: Company, clock: TurnedClock, kind: str, step: str
) -> None:
    body = body_of(company, kind)
    company.sandbox.control("POST", "/faults", {"kind": "drop", "match": f"{step}$", "method": "POST", "count": 1})
    found = settled(company, clock, kind, post(company, kind, body)["order_id"])
    assert found["state"] == "SUBMITTED", found
    (row,) = made(company, kind, body)
    street = f"Kade {body['alternative_delivery_address']['house_number']}"
    (address,) = [each for each in company.exact_rows("Addresses") if each.get("AddressLine1") == street]
    last_name = body["alternative_contact_person"]["last_name"]
    (person,) = [each for each in company.exact_rows("Contacts") if each.get("LastName") == last_name]
    assert (row[ADDRESS_OF[kind]], address["Contact"]) == (address["ID"], person["ID"])


@pytest.mark.parametrize("kind", list(ADDRESS_OF))
def test_an_address_and_a_contact_made_for_an_order_are_served_at_once(
    company: Company, clock: TurnedClock, kind: str
) -> None:
    body = body_of(company, kind)
    found = settled(company, clock, kind, post(company, kind, body)["order_id"])
    assert found["state"] == "SUBMITTED", found
    served = company.ok("GET", f"/v1/customers/{body['customer_id']}")
    street = f"Kade {body['alternative_delivery_address']['house_number']}"
    (address,) = [each for each in served["addresses"] if each["address_line1"] == street]
    last_name = body["alternative_contact_person"]["last_name"]
    (person,) = [each for each in served["contact_persons"] if each["last_name"] == last_name]
    assert (served["unconfirmed"], address["contact_person_id"]) == (True, person["contact_person_id"])
    named = {name: value for name, value in body.items() if not name.startswith("alternative_")}
    again = {**named, "external_id": f"again-{body['external_id']}", "delivery_address_id": address["address_id"]}
    assert settled(company, clock, kind, post(company, kind, again)["order_id"])["state"] == "SUBMITTED"


def test_the_status_tells_how_many_orders_are_open_and_how_many_are_late(company: Company, clock: TurnedClock) -> None:
    nothing = {"open": 0, "overdue": 0, "oldest_accepted_at": None, "waiting_for": None}
    assert company.ok("GET", "/v1/tenants/acme/status")["orders"] == nothing
    first = company.ok("POST", "/v1/orders", body_of(company, "order"))
    later(company, clock, 3_700)
    second = company.ok("POST", "/v1/orders", body_of(company, "quotation"))
    found = company.ok("GET", "/v1/tenants/acme/status")["orders"]
    late = {"oldest_accepted_at": first["accepted_at"], "waiting_for": None}
    assert found == {"open": 2, "overdue": 1, **late}
    for kind, order in (("order", first), ("quotation", second)):
        assert settled(company, clock, kind, order["order_id"])["state"] == "SUBMITTED"
    assert company.ok("GET", "/v1/tenants/acme/status")["orders"] == nothing
