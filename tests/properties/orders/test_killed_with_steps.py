"""Every kind of document with everything that is written before it: killed at any operation, each is made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.service import AcceptedOrder
from fakes.crashing import Crash
from unit.orders.lifecycle.order_world import TENANT, assert_once
from unit.orders.lifecycle.stocked_world import CUSTOMER, StockedWorld, body_of

KINDS = [kind.value for kind in OrderKind]
ADDRESS_PROPERTY = {
    "order": "DeliveryAddress",
    "quotation": "DeliveryAddress",
    "invoice": "DeliverToAddress",
    "return": "DeliveryAddress",
}
CONTACT_PROPERTY = {
    "order": "DeliverToContactPerson",
    "quotation": "DeliveryAccountContact",
    "invoice": "DeliverToContactPerson",
}


@dataclass(frozen=True)
class Fates:
    """What the POSTs of documents and the writes before them meet."""

    document: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    inline: bool = False


FATES = {
    "answered": Fates(),
    "run while the client waits, answer lost after the commit": Fates(document=("drop",), inline=True),
    "never arrived": Fates(document=("lost",)),
    "answers to the steps lost": Fates(steps=("drop", "drop", "drop")),
}


def begin(fates: Fates) -> StockedWorld:
    world = StockedWorld()
    world.exact.script, world.stocked.steps = list(fates.document), list(fates.steps)
    return world


def accept(world: StockedWorld, kind: str) -> AcceptedOrder:
    return world.service.accept(TENANT, body_of(kind), key="k", purchase=kind == "purchase")


def live(world: StockedWorld, kind: str, fates: Fates) -> None:
    accepted = accept(world, kind)
    if fates.inline:
        world.service.wait(accepted.record, seconds=5, deadline=world.clock.now() + timedelta(seconds=100))
    world.work()


def assert_made_once(world: StockedWorld, kind: str) -> None:
    """Check that the document is there once, with the address and the person that were made for it, each once."""
    assert_once(world, accept(world, kind))
    (document,) = world.exact.documents
    assert document.path == DOCUMENTS[OrderKind(kind)].path
    if kind == "purchase":
        return
    (office,) = world.stocked.of_table("crm/Addresses", Type=3)
    assert office["AddressLine1"] == "Kade 9"
    (place,) = world.stocked.of_table("crm/Addresses", Type=4)
    assert document.body[ADDRESS_PROPERTY[kind]] == place["ID"]
    people: Sequence[dict[str, str]] = world.stocked.of_table("crm/Contacts", Account=CUSTOMER)
    if kind == "return":
        assert people == []
        return
    (person,) = people
    assert (document.body[CONTACT_PROPERTY[kind]], place["Contact"]) == (person["ID"], person["ID"])


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fates", FATES.values(), ids=FATES.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_killing_the_process_at_every_operation_makes_document_address_and_contact_once(
    kind: str, fates: Fates, late: bool
) -> None:
    undisturbed = begin(fates)
    live(undisturbed, kind, fates)
    total = undisturbed.process.count
    assert total > (12 if kind == "purchase" else 15)
    for at in range(1, total + 1):
        world = begin(fates)
        world.process.arm(at, late=late)
        with pytest.raises(Crash):
            live(world, kind, fates)
        world.process.revive()
        accept(world, kind)
        world.settle()
        assert_made_once(world, kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "purchase"])
@pytest.mark.parametrize("fates", [("late",), ("ok", "late"), ("ok", "ok", "late")], ids=["first", "second", "third"])
def test_a_step_that_exact_shows_late_is_waited_for_and_not_made_again(kind: str, fates: tuple[str, ...]) -> None:
    world = begin(Fates(steps=fates))
    live(world, kind, Fates())
    world.settle()
    assert_made_once(world, kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "purchase"])
def test_a_second_order_to_the_same_place_makes_nothing_before_its_document(kind: str) -> None:
    world = begin(Fates())
    first = accept(world, kind)
    second = world.service.accept(TENANT, body_of(kind), key="second")
    world.settle()
    assert_once(world, first, second)
    assert len(world.stocked.of_table("crm/Addresses")) == 2
    assert len(world.stocked.of_table("crm/Contacts")) == (0 if kind == "return" else 1)


@pytest.mark.parametrize("removed", [False, True], ids=["still there", "removed by a person"])
def test_a_refused_order_that_is_sent_again_uses_what_was_made_for_it_as_far_as_it_is_there(removed: bool) -> None:
    world = begin(Fates(document=("refuse",)))
    order = accept(world, "order")
    world.settle()
    (made,) = world.stocked.of_table("crm/Addresses", Type=4)
    if removed:
        world.stocked.tables["crm/Addresses"].remove(made)
    world.service.resend(TENANT, order.record.order_id)
    world.settle()
    assert_made_once(world, "order")
    (place,) = world.stocked.of_table("crm/Addresses", Type=4)
    assert (place["ID"] == made["ID"]) is not removed
