"""Documents are read back many in one call, each judged by its own lines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.readback import LINES_TOGETHER
from unit.orders.lifecycle.order_world import World, assert_once


@pytest.fixture
def world() -> World:
    return World()


def test_many_documents_cost_one_call(world: World) -> None:
    orders = [world.post(f"k{number}", customer=number) for number in range(10)]
    world.work()
    assert (world.exact.posts, world.exact.reads) == (10, 1)
    world.settle()
    assert_once(world, *orders)


def test_each_kind_is_read_by_itself(world: World) -> None:
    kinds = ("order", "quotation", "order", "invoice", "return")
    orders = [world.post(f"k{number}", customer=number, kind=kind) for number, kind in enumerate(kinds)]
    world.settle()
    assert_once(world, *orders)
    assert world.exact.reads == 4


def test_documents_of_many_lines_are_not_read_all_at_once(world: World) -> None:
    lines = [(number, 1) for number in range(LINES_TOGETHER // 2)]
    orders = [world.post(f"k{number}", customer=number, lines=lines) for number in range(3)]
    large = world.post("large", customer=9, lines=[(number, 1) for number in range(LINES_TOGETHER + 1)])
    world.settle()
    assert_once(world, *orders, large)
    assert world.exact.reads == 3


def test_only_the_document_that_differs_gets_the_warning(world: World) -> None:
    orders = [world.post(f"k{number}", customer=number) for number in range(3)]
    world.exact.hidden_for = timedelta(seconds=200)
    world.work()
    changed = world.exact.documents[1]
    changed.body = {**changed.body, "SalesOrderLines": list(changed.body["SalesOrderLines"])[:1]}
    world.settle()
    found = [[warning["code"] for warning in world.record(order).warnings] for order in orders]
    assert found == [[], ["LINES_DIFFER"], []]


def test_one_that_exact_does_not_show_yet_does_not_hold_up_the_others(world: World) -> None:
    first = world.post("a", customer=1)
    world.exact.hidden_for = timedelta(seconds=300)
    late = world.post("b", customer=2)
    world.work()
    hidden = next(each for each in world.exact.documents if each.document == world.record(late).exact_id)
    shown = next(each for each in world.exact.documents if each.document == world.record(first).exact_id)
    shown.visible_at = world.clock.now()
    world.clock.sleep(30)
    world.work()
    assert (world.record(first).seen_in_exact, world.record(late).seen_in_exact) == (True, False)
    assert world.record(late).state is State.SUBMITTED
    hidden.visible_at = world.clock.now()
    world.settle()
    assert_once(world, first, late)
