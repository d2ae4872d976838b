"""Exact refuses the filter of a reading that orders need: another way is taken by itself, and brings the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest

from exact_connector.exact.limits.call_budget import Purpose
from exact_connector.exactly_once.second_ways import CallsWithSecondWays, RefusedFilters
from exact_connector.orders.references.code_lists import CodeLists
from exact_connector.orders.references.live import LiveReferences
from exact_connector.orders.references.stored import StoredReferences
from fakes.tables import MemoryDatabase
from functional.product.company import DIVISION, Company, linked_company

Row = dict[str, Any]


@pytest.fixture(scope="module")
def linked() -> Iterator[Company]:
    with linked_company() as found:
        yield found


@pytest.fixture
def company(linked: Company) -> Iterator[Company]:
    refuse(linked, [])
    linked.forget_calls()
    yield linked
    refuse(linked, [])


def refuse(company: Company, names: list[str]) -> None:
    company.sandbox.control("PUT", "/switches", {"refused_filters": names})


def references(company: Company, filters: RefusedFilters | None = None) -> LiveReferences:
    """Return what an order worker reads with; without ``filters`` nothing is remembered of refused ones."""
    client, clock = company.box.exact.client(company.tenant, Purpose.ORDERS), company.box.platform.clock
    stored = StoredReferences(company.box.documents.store)
    filters = filters or RefusedFilters(MemoryDatabase()["orders"], clock)
    exact = CallsWithSecondWays(client, filters, company.tenant, DIVISION)
    calls = CodeLists(clock).over(exact, company.tenant, DIVISION)
    return LiveReferences(calls, lambda account: stored.card(company.tenant, account), clock.now())


def customer_with(company: Company, field: str) -> str:
    """Return a served customer with the most of something."""
    served = company.served("/v1/customers", view="full")
    return str(max(served, key=lambda each: len(each[field]))["customer_id"])


def delivered_customer(company: Company) -> str:
    accounts = [row["DeliveryAccount"] for row in company.exact_rows("GoodsDeliveries")]
    return str(max(set(accounts), key=accounts.count)).lower()


def link(company: Company) -> Row:
    return company.exact_rows("SupplierItem")[0]


READINGS: dict[str, tuple[list[str], Callable[[LiveReferences, Company], Any]]] = {
    "contacts of an account": (
        ["Contacts.Account"],
        lambda live, company: live.contacts(customer_with(company, "contact_persons")),
    ),
    "addresses of an account": (
        ["Addresses.Account"],
        lambda live, company: live.addresses(customer_with(company, "addresses")),
    ),
    "a ledger account": (["GLAccounts.Code"], lambda live, _: live.gl_account("8000").get("8000")),
    "what a customer got": (
        ["bulk/SalesOrder/GoodsDeliveries.DeliveryAccount"],
        lambda live, company: live.deliveries(delivered_customer(company)),
    ),
    "the lines of deliveries": (
        ["bulk/SalesOrder/GoodsDeliveryLines.EntryID"],
        lambda live, company: live.deliveries(delivered_customer(company)),
    ),
    "a supplier's products, by supplier": (
        ["SupplierItem.Supplier"],
        lambda live, company: live.products(link(company)["Supplier"].lower(), [link(company)["Item"].lower()]),
    ),
    "a supplier's products, by item": (
        ["SupplierItem.Item"],
        lambda live, company: live.products(link(company)["Supplier"].lower(), [link(company)["Item"].lower()]),
    ),
}


def comparable(found: Any) -> list[str]:
    if isinstance(found, dict):
        return sorted(f"{key}={value}" for key, value in found.items() if key not in ("__metadata", "Timestamp"))
    return sorted(str(asdict(each)) for each in found)


@pytest.mark.parametrize(("names", "read"), READINGS.values(), ids=READINGS.keys())
def test_the_second_way_brings_the_same(
    company: Company, names: list[str], read: Callable[[LiveReferences, Company], Any]
) -> None:
    first = comparable(read(references(company), company))
    assert first
    refuse(company, names)

    assert comparable(read(references(company), company)) == first


def test_all_of_them_at_once(company: Company) -> None:
    wanted = {name: comparable(read(references(company), company)) for name, (_, read) in READINGS.items()}
    refuse(company, ["unclear"])

    assert {name: comparable(read(references(company), company)) for name, (_, read) in READINGS.items()} == wanted


def test_a_refused_filter_is_not_tried_again_by_the_same_process(company: Company) -> None:
    filters = RefusedFilters(MemoryDatabase()["orders"], company.box.platform.clock)
    account = customer_with(company, "contact_persons")
    refuse(company, ["Contacts.Account"])
    company.forget_calls()
    for _ in range(3):
        references(company, filters).contacts(account)

    (path,) = company.calls()
    assert path.endswith("crm/Contacts")
    assert company.calls()[path] == 1 + 3


def test_a_contact_that_was_made_a_moment_ago_is_among_the_held_ones(company: Company) -> None:
    account = customer_with(company, "contact_persons")
    client = company.box.exact.client(company.tenant, Purpose.ORDERS)
    made = client.create("crm/Contacts", {"Account": account, "FirstName": "Eva", "LastName": "Vos"})["ID"]
    refuse(company, ["Contacts.Account"])

    assert made.lower() in {each.contact_id for each in references(company).contacts(account)}


def test_orders_that_need_them_arrive_while_exact_refuses_every_unclear_filter(company: Company) -> None:
    company.ok(
        "PATCH",
        f"/v1/tenants/{company.tenant}/settings",
        {"CreateAlternateAddressAtCustomer": True, "CreateAndLinkAlternativeContactPerson": True},
    )
    refuse(company, ["unclear"])
    item = next(each for each in company.served("/v1/items") if each["sales_price"] and each["item_code"].isdigit())
    customer = next(each for each in company.served("/v1/customers") if not each["is_blocked"])
    order = {
        "external_id": "SECOND-1",
        "customer_id": customer["customer_id"],
        "reference": "second ways",
        "alternative_delivery_address": {"street": "Kade 7", "city": "Utrecht", "postcode": "3511 AB"},
        "alternative_contact_person": {"first_name": "Eva", "last_name": "Vos"},
        "lines": [{"item_code": item["item_code"], "quantity": 1, "unit_price": item["sales_price"]}],
    }
    status, found, _ = company.call("POST", "/v1/orders", order, headers={"prefer": "wait=20"})

    assert (status, found["state"]) == (201, "SUBMITTED"), found
    again = {**order, "external_id": "SECOND-2", "reference": "second ways again"}
    assert company.call("POST", "/v1/orders", again, headers={"prefer": "wait=20"})[0] == 201
    streets = [row["AddressLine1"] for row in company.exact_rows("Addresses") if row["AddressLine1"] == "Kade 7"]
    assert streets == ["Kade 7"]
