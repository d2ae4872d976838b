"""Whatever the order and the settings: every body that is sent has the properties and types of its resource."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from exact_connector.exact.http.client import _plain
from exact_connector.orders.mapping.plan import Body, filled
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.kinds import DOCUMENTS
from exact_connector.settings.model import Settings
from properties.orders.mapping.test_totals import guid, orders, planned, settings
from unit.exact.http.exact_rules import faults_of_body

MADE = {name: guid(9) for name in ("contact", "delivery_address", "invoice_address", "delivery_address_contact")}


def on_the_wire(body: Body) -> object:
    """Return a body as Exact reads it."""
    return json.loads(json.dumps(filled(body, MADE), default=_plain))


@run_with(max_examples=300, deadline=None)
@given(orders(("order", "quotation", "invoice", "return")), settings(), st.booleans())
def test_a_planned_document_and_its_steps_are_what_exact_takes(
    order: CanonicalOrder, chosen: Settings, liable: bool
) -> None:
    plan = planned(order, chosen, liable=liable)
    if plan is None:
        return
    faults = [
        fault
        for step in plan.steps
        for fault in faults_of_body(step.path, on_the_wire(step.body), update=step.method == "change")
    ]
    faults += faults_of_body(plan.path, on_the_wire(plan.body), update=False)

    assert faults == []
    assert plan.path == DOCUMENTS[order.kind].path
