"""An order that names an address or contact person of an account with thousands of them."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.customers.nested import ADDRESS, CONTACT_PERSON
from exact_connector.documents.bodies import partition
from exact_connector.documents.store import CatalogStore
from exact_connector.orders.mapping.required_references import ReferenceRequest
from exact_connector.orders.references.stored import StoredReferences
from exact_connector.storage.packing import pack
from fakes.tables import MemoryDatabase

CUSTOMER, FIRST, LATER = "c-1", "a-1", "a-700"


@pytest.fixture
def stored() -> StoredReferences:
    table = MemoryDatabase()["catalog"]
    customer = {
        "customer_id": CUSTOMER,
        "addresses": [_address(FIRST)],
        "addresses_url": "/v1/customers/c-1/addresses",
        "contact_persons": [_person(FIRST)],
        "contact_persons_url": "/v1/customers/c-1/contact-persons",
    }
    documents: list[tuple[str, str, dict[str, Any]]] = [("customer", CUSTOMER, customer)]
    for key in (FIRST, LATER):
        documents += [
            (ADDRESS, f"{CUSTOMER}/{key}", _address(key)),
            (CONTACT_PERSON, f"{CUSTOMER}/{key}", _person(key)),
        ]
    for kind, key, body in documents:
        moment = "2026-06-10T08:00:00.000000Z"
        table.put({"pk": partition("acme", kind), "sk": key, "body": pack(body), "hash": key, "updated_at": moment})
    return StoredReferences(CatalogStore(table))


def _address(key: str) -> dict[str, Any]:
    return {"address_id": key, "type": 4, "is_main": False, "city": "Delft"}


def _person(key: str) -> dict[str, Any]:
    return {"contact_person_id": key, "full_name": "Jan", "is_main": False}


@pytest.mark.parametrize("wanted", [FIRST, LATER, LATER.upper()])
def test_a_chosen_address_is_found_wherever_it_stands(stored: StoredReferences, wanted: str) -> None:
    request = ReferenceRequest(CUSTOMER, (), (), address_id=wanted, contact_id=wanted)
    found = stored.of_order("acme", request)
    assert wanted.lower() in {each.address_id for each in found.addresses or ()}
    assert wanted.lower() in {each.contact_id for each in found.contacts or ()}


def test_an_account_is_read_with_all_its_people_and_addresses(stored: StoredReferences) -> None:
    card = stored.card("acme", CUSTOMER)
    assert card is not None
    assert [each["address_id"] for each in card["addresses"]] == [FIRST, LATER]
    assert [each["contact_person_id"] for each in card["contact_persons"]] == [FIRST, LATER]
