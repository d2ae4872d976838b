"""What the API's document says about orders is what they look like, and its examples are orders that are read."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pydantic import BaseModel

from exact_connector.errors import InvalidInput
from exact_connector.orders.model.canonical import CanonicalOrder, PurchaseOrder
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.reading import read_order, read_purchase_order
from exact_connector.orders.service import to_response
from fakes.schemas import faults
from submit_order.sales_routes import KIND
from unit.orders.lifecycle.order_world import TENANT, World, guid


def examples(model: type[BaseModel]) -> list[dict[str, Any]]:
    extra = cast(dict[str, Any], model.model_config["json_schema_extra"])
    return list(extra["examples"])


@pytest.mark.parametrize("fate", ["ok", "refuse", "limit"])
def test_an_order_is_shown_as_the_document_says(fate: str) -> None:
    world = World()
    world.exact.script = [fate]
    order = world.post("k", external_id="W1")
    world.work()
    found = to_response(world.record(order))
    assert faults("Order", found) == []
    trail = world.service.trail(TENANT, order.record.order_id)
    assert faults("OrderTrail", {"trail": trail}) == []
    assert [each["to"] for each in trail][:2] == ["RECEIVED", "SUBMITTING"]


def test_the_examples_of_orders_are_read_and_there_is_one_of_each_kind() -> None:
    kinds = [read_order(example).kind for example in examples(CanonicalOrder)]
    assert kinds == [OrderKind.ORDER, OrderKind.QUOTATION, OrderKind.INVOICE, OrderKind.RETURN]
    assert all(read_purchase_order(example).lines for example in examples(PurchaseOrder))


def test_orders_are_listed_by_kind_and_customer() -> None:
    world = World()
    world.post("a", customer=1)
    quotation = world.post("b", customer=1, kind="quotation")
    other = world.post("c", customer=2)

    def listed(**wanted: Any) -> list[str]:
        return [record.order_id for record in world.service.page(TENANT, after=None, limit=10, **wanted)[0]]

    assert listed(kind=OrderKind.QUOTATION) == [quotation.record.order_id]
    assert listed(customer=f" {guid(102).upper()} ") == [other.record.order_id]
    assert listed(kind=OrderKind.QUOTATION, customer=guid(102)) == []


@pytest.mark.parametrize("kind", ["offer", "purchase", ""])
def test_a_kind_that_does_not_exist_here_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        KIND.of({"kind": kind})
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [("?kind", "KIND")]
