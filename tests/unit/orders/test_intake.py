"""What an order names is looked up before it is accepted: what does not exist is refused."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.errors import (
    BudgetExhausted,
    ConnectorError,
    ExactRejected,
    ExactUnavailable,
    InvalidInput,
    NotConnected,
)
from exact_connector.exact.http.query import Query
from exact_connector.orders.service import AcceptedOrder
from unit.orders.lifecycle.order_world import TENANT, guid
from unit.orders.lifecycle.stocked_world import CUSTOMER, PURCHASE_BODY, StockedWorld

WAREHOUSES = "inventory/Warehouses"
CENTERS = "hrm/Costcenters"
REP = {"CostCenterCodeForOrdersBySalesRep": True, "CostUnitForOrdersBySalesRep": True}
LINE: dict[str, Any] = {"item_code": "A", "quantity": 1, "unit_price": "12.5"}
STRANGER, CONTACT = guid(777), guid(888)


@pytest.fixture
def world() -> StockedWorld:
    return StockedWorld()


def post(world: StockedWorld, key: str = "k", **more: Any) -> AcceptedOrder:
    return world.service.accept(TENANT, {"customer_id": CUSTOMER, "lines": [LINE], **more}, key=key)


def refused(world: StockedWorld, key: str = "k", **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        post(world, key, **more)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def codes(accepted: AcceptedOrder) -> list[str]:
    return [str(warning["code"]) for warning in accepted.record.warnings]


NAMED: list[Any] = [
    pytest.param({"warehouse_code": "9"}, {}, "/warehouse_code", id="warehouse"),
    pytest.param({"delivery_method_code": "UPS"}, {}, "/delivery_method_code", id="shipping method"),
    pytest.param({"sales_rep": {"cost_center": "SOUTH"}}, REP, "/sales_rep/cost_center", id="cost centre"),
    pytest.param({"sales_rep": {"cost_unit": "U9"}}, REP, "/sales_rep/cost_unit", id="cost unit"),
    pytest.param({"price_list_code": "NONE"}, {"UseCurrencyFromPriceList": True}, "/price_list_code", id="price list"),
    pytest.param({"delivery_address_id": STRANGER}, {}, "/delivery_address_id", id="address"),
    pytest.param(
        {"contact_person_id": STRANGER}, {"ContactPersonToBackoffice": True}, "/contact_person_id", id="contact"
    ),
    pytest.param({}, {"WarehouseForOrder": "9"}, "", id="the warehouse of a setting"),
    pytest.param({}, {"ShippingMethodCode": "UPS"}, "", id="the shipping method of a setting"),
]


@pytest.mark.parametrize(("body", "settings", "pointer"), NAMED)
def test_what_does_not_exist_refuses_the_order_before_it_is_accepted(
    world: StockedWorld, body: dict[str, Any], settings: dict[str, Any], pointer: str
) -> None:
    world.settings = settings

    assert refused(world, **body) == [(pointer, "ORDER_REFERENCE_NOT_FOUND")]
    assert world.rows() == []


@pytest.mark.parametrize(("body", "settings", "pointer"), NAMED)
@pytest.mark.parametrize(
    "error",
    [BudgetExhausted("no calls"), NotConnected("not linked"), ExactUnavailable("away")],
    ids=["no calls left", "not connected", "away"],
)
def test_where_exact_does_not_answer_it_is_accepted_with_a_warning(
    world: StockedWorld, body: dict[str, Any], settings: dict[str, Any], pointer: str, error: ConnectorError
) -> None:
    world.settings = settings
    world.intake_error = error
    accepted = post(world, **body)

    assert codes(accepted) == ["REFERENCE_NOT_CHECKED"]
    assert error.code in accepted.record.warnings[0]["message"]
    world.settle()
    found = world.record(accepted)
    assert (found.state.value, found.reasons[0]["pointer"]) == ("REJECTED", pointer)


def test_what_exists_is_accepted_and_read_once(world: StockedWorld) -> None:
    world.settings = REP
    body = {
        "warehouse_code": "1",
        "delivery_method_code": "dhl",
        "sales_rep": {"cost_center": "north", "cost_unit": "FAIR"},
    }
    accepted = [post(world, f"k{number}", **body) for number in range(3)]
    world.settle()

    assert {code for each in accepted for code in codes(each)} == set()
    assert {path: world.stocked.asked[path] for path in (WAREHOUSES, CENTERS)} == {WAREHOUSES: 1, CENTERS: 1}
    assert {world.record(each).state.value for each in accepted} == {"SUBMITTED"}


def test_an_order_that_names_nothing_costs_no_call(world: StockedWorld) -> None:
    world.settings = {"CheckStockAndSetDeliveryDateOnOrderLine": False}
    post(world)

    assert world.stocked.reads == 0


def test_a_code_that_was_made_since_the_list_was_read_is_accepted(world: StockedWorld) -> None:
    post(world, "k1", warehouse_code="1")
    assert refused(world, "k2", warehouse_code="2") == [("/warehouse_code", "ORDER_REFERENCE_NOT_FOUND")]
    world.stocked.tables[WAREHOUSES].append({"ID": guid(502), "Code": "2", "Main": 0})

    assert codes(post(world, "k3", warehouse_code="2")) == []


def test_an_address_and_a_contact_that_are_not_stored_yet_are_looked_up_by_their_id(world: StockedWorld) -> None:
    world.settings = {"ContactPersonToBackoffice": True}
    world.stocked.tables["crm/Contacts"].append({"ID": CONTACT, "Account": CUSTOMER, "LastName": "Vos"})
    world.stocked.tables["crm/Addresses"].append({"ID": STRANGER, "Account": CUSTOMER, "Type": 4})
    accepted = post(world, contact_person_id=CONTACT, delivery_address_id=STRANGER)
    world.settle()

    document = world.exact.documents[-1].body
    assert codes(accepted) == []
    assert (document["OrderedByContactPerson"], document["DeliveryAddress"]) == (CONTACT, STRANGER)


@pytest.mark.parametrize("account", [guid(102), None], ids=["another account's", "nobody's"])
def test_the_contact_of_another_account_is_refused(world: StockedWorld, account: str | None) -> None:
    world.settings = {"ContactPersonToBackoffice": True}
    world.stocked.tables["crm/Contacts"].append({"ID": CONTACT, "Account": account, "LastName": "Vos"})

    assert refused(world, contact_person_id=CONTACT) == [("/contact_person_id", "ORDER_REFERENCE_NOT_FOUND")]


def test_a_list_that_exact_refuses_does_not_keep_the_others_from_being_looked_up(world: StockedWorld) -> None:
    world.settings = REP
    ask = world.stocked.rows

    def rows(query: Query) -> list[dict[str, Any]]:
        if query.path == CENTERS:
            raise ExactRejected("no right", status=403, code="ACCESS_DENIED")
        return ask(query)

    world.stocked.rows = rows  # type: ignore[method-assign]
    body: dict[str, Any] = {"sales_rep": {"cost_center": "NORTH"}, "warehouse_code": "9"}

    assert refused(world, **body) == [("/warehouse_code", "ORDER_REFERENCE_NOT_FOUND")]
    accepted = post(world, **{**body, "warehouse_code": "1"})
    assert [warning["message"].partition(" was")[0] for warning in accepted.record.warnings] == ["the cost centre"]


def test_faults_in_the_form_hide_no_others(world: StockedWorld) -> None:
    faults = refused(
        world,
        currency="euro",
        warehouse_code="9",
        lines=[
            {"item_code": "NONE", "quantity": 1},
            {"item_code": "A", "quantity": "1,5"},
            {"item_code": 5, "quantity": 2},
        ],
        total="99",
    )

    assert faults == [
        ("/currency", "ORDER_VALIDATION"),
        ("/lines/1/quantity", "ORDER_VALIDATION"),
        ("/lines/2/item_code", "ORDER_VALIDATION"),
        ("/lines/0/item_code", "ORDER_REFERENCE_NOT_FOUND"),
        ("/warehouse_code", "ORDER_REFERENCE_NOT_FOUND"),
    ]


def test_a_customer_that_is_not_named_hides_no_unknown_item(world: StockedWorld) -> None:
    faults = refused(world, customer_id=None, lines=[{"item_code": "NONE", "quantity": 1}])

    assert faults == [("/customer_id", "ORDER_VALIDATION"), ("/lines/0/item_code", "ORDER_REFERENCE_NOT_FOUND")]


def test_purchase_orders_are_looked_up_alike(world: StockedWorld) -> None:
    body = {**PURCHASE_BODY, "warehouse_code": "9"}
    with pytest.raises(InvalidInput) as caught:
        world.service.accept(TENANT, body, key="p", purchase=True)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/warehouse_code", "ORDER_REFERENCE_NOT_FOUND")
    ]

    world.intake_error = BudgetExhausted("no calls")
    accepted = world.service.accept(TENANT, body, key="p", purchase=True)
    assert codes(accepted) == ["REFERENCE_NOT_CHECKED"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        pytest.param({"PurchasePrice": 0.0}, "/lines/0/unit_price", "PURCHASE_PRICE_MISSING", id="no price"),
        pytest.param({"PurchasePrice": 9.5}, None, None, id="a price"),
    ],
)
def test_what_exact_has_of_a_product_is_judged_before_the_order_is_accepted(
    world: StockedWorld, change: dict[str, Any], pointer: str | None, code: str | None
) -> None:
    world.stocked.tables["logistics/SupplierItem"][0].update(change)
    body = {**PURCHASE_BODY, "warehouse_code": "1"}
    if pointer is None:
        assert codes(world.service.accept(TENANT, body, key="p", purchase=True)) == []
        return
    with pytest.raises(InvalidInput) as caught:
        world.service.accept(TENANT, body, key="p", purchase=True)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [(pointer, code)]


def test_an_item_that_is_not_in_the_warehouse_is_refused_before_the_order_is_accepted(world: StockedWorld) -> None:
    world.stocked.tables[WAREHOUSES].append({"ID": guid(502), "Code": "2", "Main": 0})
    with pytest.raises(InvalidInput) as caught:
        world.service.accept(TENANT, {**PURCHASE_BODY, "warehouse_code": "2"}, key="p", purchase=True)
    assert [fault.code for fault in caught.value.faults] == ["ITEM_NOT_IN_WAREHOUSE"]


def test_warnings_of_the_intake_are_still_there_when_the_order_has_arrived(world: StockedWorld) -> None:
    world.shelf.put("item", "A", {"purchase_package_size": "6"})
    accepted = post(world)
    world.settle()

    assert "PACKAGE_SIZE" in codes(accepted)
    assert "PACKAGE_SIZE" in [warning["code"] for warning in world.record(accepted).warnings]
