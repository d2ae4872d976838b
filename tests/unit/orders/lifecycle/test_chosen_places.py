"""An address or contact that an order chooses by ID is judged with the stored customer; in doubt Exact is asked."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.errors import InvalidInput
from exact_connector.exactly_once.record import State
from exact_connector.orders.service import AcceptedOrder
from unit.orders.lifecycle.order_world import TENANT, guid
from unit.orders.lifecycle.stocked_world import CUSTOMER, StockedWorld

ADDRESS, PERSON = guid(801), guid(802)
ROWS: dict[str, dict[str, Any]] = {
    "crm/Addresses": {"ID": ADDRESS, "Account": CUSTOMER, "Type": 4, "Main": False, "City": "Ede"},
    "crm/Contacts": {"ID": PERSON, "Account": CUSTOMER, "FullName": "Eva Vos"},
}
CARD = {
    "addresses": [{"address_id": ADDRESS, "type": 4, "city": "Ede"}],
    "contact_persons": [{"contact_person_id": PERSON, "full_name": "Eva Vos"}],
}
PLACES = [
    pytest.param("delivery_address_id", ADDRESS, "crm/Addresses", "DeliveryAddress", id="address"),
    pytest.param("contact_person_id", PERSON, "crm/Contacts", "OrderedByContactPerson", id="contact"),
]


@pytest.fixture
def world() -> StockedWorld:
    made = StockedWorld()
    made.shelf.put("customer", CUSTOMER, CARD)
    made.settings = {"ContactPersonToBackoffice": True}
    return made


def post(world: StockedWorld, **more: Any) -> AcceptedOrder:
    lines = [{"item_code": "A", "quantity": 1, "unit_price": "12.5"}]
    return world.service.accept(TENANT, {"customer_id": CUSTOMER, "lines": lines, **more}, key="k")


@pytest.mark.parametrize(("name", "key", "path", "sent_as"), PLACES)
def test_a_stored_one_costs_no_call(world: StockedWorld, name: str, key: str, path: str, sent_as: str) -> None:
    post(world, **{name: key.upper()})
    world.settle()
    assert world.exact.documents[-1].body[sent_as] == key
    assert world.stocked.asked[path] == 0


@pytest.mark.parametrize(("name", "key", "path", "sent_as"), PLACES)
def test_one_that_the_customer_does_not_have_is_refused_after_one_look_in_exact(
    world: StockedWorld, name: str, key: str, path: str, sent_as: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        post(world, **{name: guid(899)})
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [
        (f"/{name}", "ORDER_REFERENCE_NOT_FOUND")
    ]
    assert world.exact.reads == 1
    assert world.stocked.asked[path] == 1


@pytest.mark.parametrize("there", [True, False], ids=["still in Exact", "gone from Exact"])
@pytest.mark.parametrize(("name", "key", "path", "sent_as"), PLACES)
def test_one_that_is_not_stored_any_more_is_asked_for_in_exact(
    world: StockedWorld, name: str, key: str, path: str, sent_as: str, there: bool
) -> None:
    order = post(world, **{name: key})
    world.shelf.put("customer", CUSTOMER, {"addresses": [], "contact_persons": []})
    if there:
        world.stocked.tables[path].append(ROWS[path])
    world.settle()
    assert world.record(order).state is (State.SUBMITTED if there else State.REJECTED)
    assert world.stocked.asked[path] == 1
