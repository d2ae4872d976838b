"""A person says that a proposed document is not an order's: it is neither proposed nor linked by itself again."""

from __future__ import annotations

import pytest

from exact_connector.errors import Conflict, InvalidInput
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.manual_documents import ChosenDocument, chosen_dismissal, chosen_link
from exact_connector.orders.lifecycle.record import OrderRecord, from_row, to_row
from exact_connector.orders.service import AcceptedOrder
from unit.exactly_once.moments import NOON
from unit.orders.lifecycle.morning import Morning
from unit.orders.lifecycle.order_world import TENANT, Document, guid
from unit.orders.lifecycle.test_transitions import order

ONE, TWO = guid(1), guid(2)
PROPOSALS = (
    {"exact_id": ONE, "exact_number": "501", "why": "same reference"},
    {"exact_id": TWO, "exact_number": "502", "why": "same reference"},
)


@pytest.fixture
def world() -> Morning:
    return Morning()


def proposed(world: Morning, *, documents: int = 1, alike: bool = False) -> tuple[AcceptedOrder, list[Document]]:
    """A refused order, and documents with its reference; those that are ``alike`` have its goods too."""
    accepted = world.refused()
    changes = {} if alike else {"SalesOrderLines": [{"Item": guid(9), "Quantity": 1}]}
    typed = [world.typed(accepted, **changes) for _ in range(documents)]
    assert world.check().proposed == 1
    return accepted, typed


def dismiss(world: Morning, accepted: AcceptedOrder, document: Document) -> OrderRecord:
    return world.service.dismiss(TENANT, accepted.record.order_id, ChosenDocument(document.document), who="key 1")


@pytest.mark.parametrize("state", [State.RECEIVED, State.REJECTED], ids=["waiting", "refused"])
def test_a_dismissed_proposal_is_gone_with_a_line_in_the_trail_and_the_order_stays_as_it_is(state: State) -> None:
    change = chosen_dismissal(order(state, proposals=PROPOSALS), ChosenDocument(exact_number="501"), "key 1", NOON)
    assert change is not None
    new = change.record
    assert (new.state, new.proposals, new.dismissed) == (state, PROPOSALS[1:], PROPOSALS[:1])
    assert (change.reason, change.events) == ("proposal 501 dismissed by key 1", ())


@pytest.mark.parametrize(
    "state", [State.SUBMITTING, State.UNKNOWN, State.SUBMITTED, State.CANCELLED], ids=lambda state: state.value
)
def test_while_it_is_sent_and_after_its_end_nothing_is_dismissed(state: State) -> None:
    with pytest.raises(Conflict):
        chosen_dismissal(order(state, proposals=PROPOSALS), ChosenDocument(exact_id=ONE), "key 1", NOON)


def test_what_is_not_proposed_cannot_be_dismissed() -> None:
    with pytest.raises(InvalidInput, match="501"):
        chosen_dismissal(order(State.REJECTED, proposals=PROPOSALS), ChosenDocument(exact_id=guid(7)), "key 1", NOON)


def test_what_was_dismissed_is_dismissed_again_without_any_change_and_can_still_be_linked() -> None:
    record = order(State.REJECTED, proposals=PROPOSALS[1:], dismissed=PROPOSALS[:1])
    assert chosen_dismissal(record, ChosenDocument(exact_id=ONE), "key 1", NOON) is None
    change = chosen_link(record, ChosenDocument(exact_number="501"), "key 1", NOON)
    assert change is not None
    assert change.record.exact_id == ONE


def test_dismissed_documents_are_kept_with_the_order() -> None:
    for record in (order(dismissed=PROPOSALS), order()):
        assert from_row(to_row(record)) == record


def test_a_dismissed_document_is_not_proposed_the_next_morning(world: Morning) -> None:
    accepted, (typed,) = proposed(world)
    dismiss(world, accepted, typed)
    assert world.check().proposed == 0
    assert world.record(accepted).proposals == ()


def test_a_dismissed_document_is_not_linked_when_its_goods_are_made_to_agree(world: Morning) -> None:
    accepted, typed = proposed(world, documents=2, alike=True)
    for each in typed:
        dismiss(world, accepted, each)
    assert world.check().linked == 0
    world.service.resend(TENANT, accepted.record.order_id)
    world.settle()
    record = world.record(accepted)
    assert (record.state, record.linked_by_hand, world.exact.posts) == (State.SUBMITTED, False, 2)


def test_of_two_documents_that_agree_the_other_one_is_linked_after_one_is_dismissed(world: Morning) -> None:
    accepted, (one, other) = proposed(world, documents=2, alike=True)
    dismiss(world, accepted, one)
    assert world.check().linked == 1
    assert world.record(accepted).exact_id == other.document
