"""Lists of codes are read once for many orders, and no order is refused for one that was read earlier."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.errors import BudgetExhausted
from exact_connector.exact.http.query import Query
from exact_connector.exactly_once.record import State
from exact_connector.orders.references.code_lists import KEPT_FOR, CodeLists
from exact_connector.orders.service import AcceptedOrder
from unit.orders.lifecycle.order_world import TENANT, assert_once, guid
from unit.orders.lifecycle.stocked_world import CUSTOMER, PURCHASE_BODY, StockedWorld

WAREHOUSES = "inventory/Warehouses"


@pytest.fixture
def world() -> StockedWorld:
    return StockedWorld()


def post(world: StockedWorld, key: str, warehouse: str = "1", **more: Any) -> AcceptedOrder:
    """Post an order while the intake cannot ask Exact, and let the worker bring it there."""
    world.intake_error = BudgetExhausted("no calls left")
    lines = [{"item_code": "A", "quantity": 1, "unit_price": "12.5"}]
    body = {"customer_id": CUSTOMER, "warehouse_code": warehouse, "lines": lines, **more}
    accepted = world.service.accept(TENANT, body, key=key)
    world.settle()
    return accepted


def open_warehouse(world: StockedWorld, code: str) -> None:
    world.stocked.tables[WAREHOUSES].append({"ID": guid(502), "Code": code, "Main": 0})


def test_a_list_of_codes_is_read_once_for_many_orders(world: StockedWorld) -> None:
    orders = [post(world, f"k{number}") for number in range(3)]
    bought = world.service.accept(TENANT, {**PURCHASE_BODY, "warehouse_code": "1"}, key="p", purchase=True)
    world.settle()
    assert_once(world, *orders, bought)
    assert world.stocked.asked[WAREHOUSES] == 1
    assert world.exact.documents[-1].body["Warehouse"] == guid(501)


def test_a_list_of_codes_is_read_again_after_some_minutes(world: StockedWorld) -> None:
    post(world, "k1")
    world.clock.sleep(KEPT_FOR.total_seconds() + 1)
    post(world, "k2")
    assert world.stocked.asked[WAREHOUSES] == 2


def test_a_code_that_was_made_since_is_found(world: StockedWorld) -> None:
    post(world, "k1")
    open_warehouse(world, "2")
    order = post(world, "k2", "2")
    assert world.record(order).state is State.SUBMITTED
    assert world.exact.documents[-1].body["WarehouseID"] == guid(502)


def test_a_code_that_is_not_there_is_asked_for_once_more_and_refused(world: StockedWorld) -> None:
    post(world, "k1")
    order = post(world, "k2", "9")
    assert world.record(order).reasons[0]["pointer"] == "/warehouse_code"
    assert world.stocked.asked[WAREHOUSES] == 2


def test_an_order_that_is_sent_again_sees_what_was_mended(world: StockedWorld) -> None:
    order = post(world, "k1", "2")
    assert world.record(order).state is State.REJECTED
    open_warehouse(world, "2")
    world.service.resend(TENANT, order.record.order_id)
    world.settle()
    assert world.record(order).state is State.SUBMITTED


def test_the_lists_of_one_administration_are_not_those_of_another(world: StockedWorld) -> None:
    lists, query = CodeLists(world.clock), Query(WAREHOUSES, select=("ID", "Code", "Main"))
    calls = [lists.over(world.calls(), tenant, number) for tenant, number in (("a", 1), ("a", 2), ("b", 1), ("a", 1))]
    for each in calls:
        each.rows(query)
    assert [each.remembered for each in calls] == [False, False, False, True]
