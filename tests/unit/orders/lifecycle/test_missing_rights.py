"""A fault of the connection or the rights refuses no order: all wait, visibly, and go in order once it is repaired."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.exactly_once.record import State
from unit.orders.lifecycle.order_world import DIVISION, TENANT, World, assert_once

SCOPE = "Forbidden - Application Scope Violated. Cannot manage 'sales.orders' scope."


@pytest.fixture
def world() -> World:
    return World()


def test_missing_rights_refuse_no_order_and_all_are_sent_once_in_order_after_the_repair(world: World) -> None:
    world.exact.rights = SCOPE
    orders = []
    for number in range(25):
        orders.append(world.post(f"k{number}", customer=number % 20, reference=f"r{number}"))
        world.clock.sleep(1)
    world.settle_for(minutes=180)
    records = [world.record(order) for order in orders]
    assert {record.state for record in records} == {State.RECEIVED}
    assert {record.waiting for record in records} == {f"SCOPE_MISSING: Exact refused: {SCOPE}"}
    world.exact.rights = ""
    world.lock.mark_due(TENANT, DIVISION, world.clock.now())
    world.store.make_due(TENANT, DIVISION, world.clock.now())
    world.settle()
    assert_once(world, *orders)
    assert [document.body["YourRef"] for document in world.exact.documents] == [f"r{number}" for number in range(25)]


def test_missing_rights_are_asked_for_by_one_order_at_a_time_and_ever_less_often(world: World) -> None:
    world.exact.rights = SCOPE
    for number in range(25):
        world.post(f"k{number}", customer=number)
    world.work()
    assert world.exact.posts == 1
    world.settle_for(minutes=19)
    assert world.exact.posts == 1
    world.settle_for(minutes=60 * 24)
    assert world.exact.posts <= 28


def test_an_order_posted_while_the_rights_are_missing_is_not_tried_inline_and_says_why(world: World) -> None:
    world.exact.rights = SCOPE
    world.post("first", customer=1)
    world.work()
    order = world.post("second", customer=2)
    deadline = world.clock.now() + timedelta(seconds=100)
    record = world.service.wait(order.record, seconds=5, deadline=deadline)
    assert (record.state, world.exact.posts) == (State.RECEIVED, 1)
    assert record.waiting == f"SCOPE_MISSING: Exact refused: {SCOPE}"


def test_rights_that_return_by_themselves_let_all_go_with_the_first_that_is_taken(world: World) -> None:
    world.exact.rights = SCOPE
    orders = [world.post(f"k{number}", customer=number) for number in range(5)]
    world.work()
    world.exact.rights = ""
    world.settle_for(minutes=21)
    assert [world.record(order).state for order in orders] == [State.SUBMITTED] * 5
    world.settle()
    assert_once(world, *orders)


def test_resending_any_of_them_tries_the_first_at_once_and_the_others_after_it(world: World) -> None:
    world.exact.rights = SCOPE
    orders = [world.post(f"k{number}", customer=number, reference=f"r{number}") for number in range(5)]
    world.work()
    world.exact.rights = ""
    world.service.resend(TENANT, orders[3].record.order_id)
    world.work()
    world.settle()
    assert_once(world, *orders)
    assert [document.body["YourRef"] for document in world.exact.documents] == [f"r{number}" for number in range(5)]


def test_missing_rights_for_one_kind_of_document_do_not_hold_up_another(world: World) -> None:
    world.exact.rights, world.exact.rights_for = SCOPE, "crm/Quotations"
    quotation, order = world.post("q", kind="quotation"), world.post("o", customer=2)
    world.work()
    assert [world.record(each).state for each in (quotation, order)] == [State.RECEIVED, State.SUBMITTED]


@pytest.mark.parametrize("connected", [True, False], ids=["another administration", "not linked"])
def test_orders_of_a_tenant_without_connection_all_say_so(world: World, connected: bool) -> None:
    orders = [world.post(f"k{number}", customer=number % 2) for number in range(4)]
    world.exact.connected, world.exact.division = connected, DIVISION + 1
    world.work()
    reasons = {world.record(order).waiting for order in orders}
    assert reasons == {"NOT_CONNECTED: the tenant is not linked to this administration"}


def test_a_document_is_read_back_after_the_connection_returned_however_long_it_took(world: World) -> None:
    order = world.post()
    world.exact.hidden_for = timedelta(seconds=2)
    world.work()
    assert not world.record(order).seen_in_exact
    world.exact.connected = False
    world.settle_for(minutes=60 * 12)
    assert world.record(order).warnings == ()
    world.exact.connected = True
    world.lock.mark_due(TENANT, DIVISION, world.clock.now())
    world.store.make_due(TENANT, DIVISION, world.clock.now())
    world.work()
    assert world.record(order).seen_in_exact
    world.settle()
    assert_once(world, order)
