"""A purchase order that was accepted before purchase orders were switched off is not sent while they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exact_connector.errors import TenantMisconfigured
from exact_connector.exactly_once.record import State
from unit.orders.lifecycle.order_world import TENANT, assert_once
from unit.orders.lifecycle.stocked_world import PURCHASE_BODY, StockedWorld


def test_an_accepted_one_waits_until_they_are_on_again() -> None:
    world = StockedWorld()
    order = world.service.accept(TENANT, PURCHASE_BODY, key="k", purchase=True)
    world.options = replace(world.options, purchase_orders=False)
    world.settle_for(minutes=20)
    waiting = world.record(order)
    assert (waiting.state, world.exact.documents) == (State.RECEIVED, [])
    assert (waiting.waiting or "").startswith("PURCHASE_ORDERS_OFF: ")
    world.options = replace(world.options, purchase_orders=True)
    world.settle()
    assert_once(world, order)


def test_an_accepted_one_can_be_taken_back_while_they_are_off() -> None:
    world = StockedWorld()
    order = world.service.accept(TENANT, PURCHASE_BODY, key="k", purchase=True)
    world.options = replace(world.options, purchase_orders=False)
    world.work()
    assert world.service.cancel(TENANT, order.record.order_id, purchase=True).state is State.CANCELLED
    with pytest.raises(TenantMisconfigured):
        world.service.accept(TENANT, PURCHASE_BODY, key="k2", purchase=True)
