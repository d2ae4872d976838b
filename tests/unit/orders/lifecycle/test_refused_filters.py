"""Exact refuses a filter of the search for documents: it is found, read back and checked all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.exactly_once.record import State
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from unit.orders.lifecycle.morning import Morning
from unit.orders.lifecycle.order_world import TENANT, assert_once, guid, order_body

KINDS = list(OrderKind)


@pytest.fixture
def world() -> Morning:
    return Morning()


def refusals(kind: OrderKind) -> list[set[tuple[str, str]]]:
    """Every property that is filtered, refused alone, and those that find documents together."""
    found = DOCUMENTS[kind]
    headers = [(found.path, name) for name in (found.customer, "Created", "Modified")]
    return [
        *[{header} for header in headers],
        set(headers),
        {(found.lines_path, found.lines_parent)},
        {(found.path, found.key)},
    ]


@pytest.mark.parametrize("refused", range(6), ids=["customer", "Created", "Modified", "all", "lines", "key"])
@pytest.mark.parametrize("fate", ["ok", "drop", "lost"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_order_is_in_exact_once_whatever_filter_is_refused(
    world: Morning, kind: OrderKind, fate: str, refused: int
) -> None:
    world.exact.refused, world.exact.script = refusals(kind)[refused], [fate]
    body = order_body(kind=kind.value)
    order = world.service.accept(TENANT, body, key="k", purchase=kind is OrderKind.PURCHASE)
    world.settle()
    assert_once(world, order)
    assert world.check().looked_at == 1
    assert not world.record(order).missing


def test_a_document_that_is_gone_is_noticed_though_no_key_may_be_filtered(world: Morning) -> None:
    kind = DOCUMENTS[OrderKind.ORDER]
    gone, there = world.post("a"), world.post("b", customer=2)
    world.settle()
    world.exact.refused = {(kind.path, kind.key)}
    world.exact.remove(guid(1))
    assert world.check().missing == 1
    assert [world.record(order).missing for order in (gone, there)] == [True, False]


def test_a_refused_filter_costs_one_error_of_exact_a_day_not_one_for_each_order(world: Morning) -> None:
    kind = DOCUMENTS[OrderKind.ORDER]
    world.exact.refused = {(kind.lines_path, kind.lines_parent)}
    orders = []
    for number in range(12):
        orders.append(world.post(f"k{number}", customer=number))
        world.work()
        world.clock.sleep(300)
    world.settle()
    assert_once(world, *orders)
    assert world.exact.refusals == 1


def test_a_fault_of_how_we_ask_leaves_the_order_waiting_and_says_so(world: Morning) -> None:
    kind = DOCUMENTS[OrderKind.ORDER]
    world.exact.refused = {(kind.path, name) for name in (kind.key, kind.customer, "Modified")}
    world.exact.script = ["lost"]
    order = world.post()
    world.settle_for(minutes=20)
    record = world.record(order)
    assert (record.state, world.exact.posts) == (State.UNKNOWN, 1)
    assert str(record.waiting).startswith("FILTER_REFUSED: ")
    world.exact.refused = set()
    world.clock.sleep(timedelta(days=1).total_seconds())
    world.settle()
    assert_once(world, order)
