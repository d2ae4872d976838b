"""A person says which proposed document is an order's: it is the order's from then on, and nothing is sent any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from exact_connector.errors import Conflict, InvalidInput, NotFound
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.manual_documents import ChosenDocument, chosen_link
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.service import AcceptedOrder, to_response
from fakes.crashing import Crash
from unit.exactly_once.moments import NOON
from unit.orders.lifecycle.morning import Morning
from unit.orders.lifecycle.order_world import DIVISION, TENANT, Document, guid
from unit.orders.lifecycle.test_transitions import order

ONE, TWO, OTHER = guid(1), guid(2), guid(7)
PROPOSALS = (
    {"exact_id": ONE, "exact_number": "501", "why": "same reference"},
    {"exact_id": TWO, "exact_number": "502", "why": "same reference"},
)


@pytest.fixture
def world() -> Morning:
    return Morning()


def fewer(accepted: AcceptedOrder) -> dict[str, object]:
    """Return lines as somebody types them who orders one of them only."""
    kind = DOCUMENTS[accepted.record.kind]
    return {kind.lines: [{"Item": guid(1), kind.quantity: 2}]}


def refused(world: Morning) -> tuple[AcceptedOrder, Document]:
    """An order that Exact refused, and the document with its reference that somebody typed in; it is proposed."""
    accepted = world.refused()
    typed = world.typed(accepted, **fewer(accepted))
    assert world.check().proposed == 1
    return accepted, typed


def late(world: Morning) -> tuple[AcceptedOrder, Document]:
    """An order that waits since the connection was lost, with such a proposal; the connection is back."""
    world.exact.connected = False
    accepted = world.post(reference="ours")
    world.work()
    typed = world.typed(accepted, **fewer(accepted))
    world.exact.connected = True
    assert world.check().proposed == 1
    world.exact.reads = 0
    return accepted, typed


def link(world: Morning, accepted: AcceptedOrder, document: str) -> OrderRecord:
    chosen = ChosenDocument(exact_id=document)
    return world.service.link(TENANT, accepted.record.order_id, chosen, who="key 1", purchase=purchases(accepted))


def purchases(accepted: AcceptedOrder) -> bool:
    return accepted.record.kind is OrderKind.PURCHASE


def assert_linked(world: Morning, accepted: AcceptedOrder, document: Document, *, posts: int) -> None:
    """Check that the order has that document, that nothing else was sent and nothing is left to be done."""
    world.settle()
    record = world.record(accepted)
    assert (record.state, record.exact_id, record.linked_by_hand) == (State.SUBMITTED, document.document, True)
    assert record.exact_number == str(document.number)
    assert (record.proposals, record.reasons, record.seen_in_exact) == ((), (), False)
    assert world.exact.posts == posts
    assert (world.rows("order-queue#"), world.rows("order-read-back#"), world.due_rows()) == ([], [], [])


@pytest.mark.parametrize(
    "chosen",
    [
        ChosenDocument(exact_id=TWO),
        ChosenDocument(exact_id=f" {TWO.upper()} "),
        ChosenDocument(exact_number="502"),
        ChosenDocument(exact_id=TWO, exact_number="502"),
    ],
    ids=["id", "id in capitals", "number", "both"],
)
@pytest.mark.parametrize("state", [State.RECEIVED, State.REJECTED], ids=["waiting", "refused"])
def test_a_waiting_or_refused_order_takes_the_proposal_that_is_named(state: State, chosen: ChosenDocument) -> None:
    change = chosen_link(order(state, proposals=PROPOSALS), chosen, "key 1", NOON)
    assert change is not None
    new = change.record
    assert (new.state, new.exact_id, new.exact_number, new.due_at) == (State.SUBMITTED, TWO, "502", None)
    assert change.reason == "linked by key 1"
    (event,) = change.events
    assert (event.kind, event.detail["exact_number"], event.detail["linked_by_hand"]) == (
        "order.submitted",
        "502",
        True,
    )


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        (State.SUBMITTING, "is being sent"),
        (State.UNKNOWN, "looked for"),
        (State.SUBMITTED, "look at its exact_number"),
        (State.CANCELLED, "post it under another key"),
    ],
    ids=lambda value: str(value),
)
def test_in_any_other_state_nothing_can_be_chosen_and_the_answer_says_what_to_do(state: State, remedy: str) -> None:
    with pytest.raises(Conflict, match=remedy):
        chosen_link(order(state, proposals=PROPOSALS, exact_id=OTHER), ChosenDocument(exact_id=ONE), "key 1", NOON)


@pytest.mark.parametrize(
    ("chosen", "pointer"),
    [
        (ChosenDocument(exact_id=OTHER), "/exact_id"),
        (ChosenDocument(exact_number="777"), "/exact_number"),
        (ChosenDocument(exact_id=ONE, exact_number="502"), "/exact_id"),
    ],
    ids=["another id", "another number", "an id and the number of another"],
)
def test_a_document_that_is_not_proposed_is_refused_with_those_that_are(chosen: ChosenDocument, pointer: str) -> None:
    with pytest.raises(InvalidInput, match=rf"501 \({ONE}\), 502 \({TWO}\)") as caught:
        chosen_link(order(State.REJECTED, proposals=PROPOSALS), chosen, "key 1", NOON)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [(pointer, "NOT_PROPOSED")]


def test_a_draft_without_a_number_is_named_by_its_id() -> None:
    draft = {"exact_id": ONE, "exact_number": None, "why": "same reference"}
    record = order(State.REJECTED, proposals=(draft,))
    change = chosen_link(record, ChosenDocument(exact_id=ONE), "key 1", NOON)
    assert change is not None
    assert (change.record.exact_id, change.record.exact_number) == (ONE, None)
    with pytest.raises(InvalidInput, match="without a number"):
        chosen_link(record, ChosenDocument(exact_number="None"), "key 1", NOON)


def test_without_proposals_the_answer_says_where_they_come_from() -> None:
    with pytest.raises(InvalidInput, match="every morning"):
        chosen_link(order(State.REJECTED), ChosenDocument(exact_id=ONE), "key 1", NOON)


def test_a_number_that_several_proposals_have_names_none_of_them() -> None:
    alike = tuple({**each, "exact_number": "501"} for each in PROPOSALS)
    with pytest.raises(InvalidInput, match="exact_id") as caught:
        chosen_link(order(State.REJECTED, proposals=alike), ChosenDocument(exact_number="501"), "key 1", NOON)
    assert caught.value.code == "NUMBER_NOT_UNIQUE"


@pytest.mark.parametrize("kind", ["order", "quotation", "invoice", "purchase"])
def test_a_refused_order_of_any_kind_is_linked_with_trail_and_event(world: Morning, kind: str) -> None:
    accepted = refused_of_kind(world, kind)
    typed = world.typed(accepted, **fewer(accepted))
    world.check()
    link(world, accepted, typed.document)
    assert_linked(world, accepted, typed, posts=1)
    assert [row["reason"] for row in world.store.trail(TENANT, accepted.record.order_id)][-1] == "linked by key 1"
    (detail,) = [detail for name, detail in world.events.events if name == "order.submitted"]
    assert (detail["exact_number"], detail["linked_by_hand"]) == (str(typed.number), True)


def refused_of_kind(world: Morning, kind: str) -> AcceptedOrder:
    if kind != "purchase":
        return world.refused(kind=kind)
    world.exact.script.append("refuse")
    body = {"customer": guid(101), "lines": [[1, 2], [2, 3]], "reference": "ours"}
    accepted = world.service.accept(TENANT, body, key="buy", purchase=True)
    world.work()
    return accepted


def test_a_late_order_is_linked_and_the_worker_does_not_send_it_any_more(world: Morning) -> None:
    accepted, typed = late(world)
    link(world, accepted, typed.document)
    assert_linked(world, accepted, typed, posts=0)


def test_the_same_link_again_gives_the_same_answer_and_changes_nothing(world: Morning) -> None:
    accepted, typed = refused(world)
    first = link(world, accepted, typed.document)
    rows = world.rows()
    assert to_response(link(world, accepted, typed.document)) == to_response(first)
    assert world.rows() == rows


def test_after_a_link_no_resend_no_cancel_and_no_other_document_is_taken(world: Morning) -> None:
    accepted, typed = refused(world)
    link(world, accepted, typed.document)
    with pytest.raises(Conflict):
        world.service.resend(TENANT, accepted.record.order_id)
    with pytest.raises(Conflict):
        world.service.cancel(TENANT, accepted.record.order_id)
    with pytest.raises(Conflict):
        link(world, accepted, OTHER)
    assert_linked(world, accepted, typed, posts=1)


def test_the_next_order_of_the_customer_goes_at_once_after_a_link(world: Morning) -> None:
    accepted, typed = late(world)
    world.exact.connected = False
    follower = world.post("next", lines=[[5, 1]])
    world.work()
    link(world, accepted, typed.document)
    world.exact.connected = True
    world.settle()
    assert world.record(follower).state is State.SUBMITTED
    assert_linked(world, accepted, typed, posts=1)


def two_for_one_document(world: Morning) -> tuple[AcceptedOrder, AcceptedOrder, Document]:
    """Two refused orders with the same reference, for both of which the same document is proposed."""
    first, second = world.refused(), world.refused(key="k2")
    typed = world.typed(second, **fewer(second))
    assert world.check().proposed == 2
    return first, second, typed


def test_a_document_belongs_to_one_order_only(world: Morning) -> None:
    first, second, typed = two_for_one_document(world)
    link(world, first, typed.document)
    with pytest.raises(Conflict, match=first.record.order_id):
        link(world, second, typed.document)
    assert world.record(second).state is State.REJECTED


def test_of_two_orders_that_are_linked_to_one_document_at_the_same_moment_one_gets_it() -> None:
    for at in range(1, operations(link_first) + 1):
        world = Morning()
        first, second, typed = two_for_one_document(world)
        meanwhile = partial(ask_for, world, second, typed)
        world.process.arm_pause(at, late=False, seconds=1, meanwhile=meanwhile)
        allowed(partial(link, world, first, typed.document))
        states = {world.record(each).state for each in (first, second)}
        assert states == {State.SUBMITTED, State.REJECTED}


def ask_for(world: Morning, accepted: AcceptedOrder, document: Document) -> None:
    allowed(partial(link, world, accepted, document.document))


def link_first(world: Morning) -> None:
    first, _, typed = two_for_one_document(world)
    restart(world)
    link(world, first, typed.document)


def test_while_another_order_of_the_customer_is_in_doubt_its_document_cannot_be_chosen(world: Morning) -> None:
    accepted, typed = refused(world)
    world.exact.script = ["lost"]
    other = world.post("other", lines=[[9, 1]])
    world.work()
    assert world.record(other).state is State.UNKNOWN
    with pytest.raises(Conflict, match=other.record.order_id):
        link(world, accepted, typed.document)
    world.settle()
    link(world, accepted, typed.document)
    assert_linked(world, accepted, typed, posts=3)


def test_an_order_in_doubt_of_another_customer_or_kind_is_no_hindrance(world: Morning) -> None:
    accepted, typed = refused(world)
    world.exact.script = ["lost", "lost"]
    world.post("customer", customer=2)
    world.post("kind", kind="quotation")
    world.work()
    assert link(world, accepted, typed.document).state is State.SUBMITTED


def test_an_order_of_the_other_side_or_of_nobody_is_not_linked(world: Morning) -> None:
    accepted, typed = refused(world)
    with pytest.raises(InvalidInput):
        world.service.link(TENANT, accepted.record.order_id, ChosenDocument(typed.document), who="key 1", purchase=True)
    with pytest.raises(NotFound):
        world.service.link(TENANT, "o-none", ChosenDocument(typed.document), who="key 1")


SETTINGS: dict[str, tuple[Callable[[Morning], tuple[AcceptedOrder, Document]], int]] = {
    "a refused order": (refused, 1),
    "a late order": (late, 0),
}
"""Where an order with a proposal stands, and how many times it was sent until then."""


def operations(act: Callable[[Morning], object]) -> int:
    """Count the operations of an undisturbed run."""
    world = Morning()
    act(world)
    return world.process.count


def allowed(act: Callable[[], object]) -> bool:
    """Tell whether the order's state allowed it."""
    try:
        act()
    except Conflict:
        return False
    return True


def worker(world: Morning) -> None:
    """A worker visits."""
    world.engine("rival").work(TENANT, DIVISION, world.clock.now() + timedelta(seconds=250))


@pytest.mark.parametrize("late_kill", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("begin", "posts"), SETTINGS.values(), ids=SETTINGS.keys())
def test_killing_the_process_at_every_operation_of_a_link_and_asking_again_ends_in_that_link(
    begin: Callable[[Morning], tuple[AcceptedOrder, Document]], posts: int, late_kill: bool
) -> None:
    def once(world: Morning) -> None:
        accepted, typed = begin(world)
        restart(world)
        link(world, accepted, typed.document)

    total = operations(once)
    assert total >= 4
    for at in range(1, total + 1):
        world = Morning()
        accepted, typed = begin(world)
        world.process.arm(at, late=late_kill)
        with pytest.raises(Crash):
            link(world, accepted, typed.document)
        world.process.revive()
        link(world, accepted, typed.document)
        assert_linked(world, accepted, typed, posts=posts)
        world.outbox.deliver(TENANT)
        assert world.kinds_of_events().count("order.submitted") == 1


@pytest.mark.parametrize("seconds", [1, 95], ids=["shorter than the lock", "longer"])
@pytest.mark.parametrize("late_pause", [False, True], ids=["before", "after"])
def test_a_link_at_any_operation_of_a_worker_is_taken_before_the_attempt_is_recorded_and_refused_after_it(
    seconds: float, late_pause: bool
) -> None:
    def visited(world: Morning) -> None:
        late(world)
        restart(world)
        worker(world)

    def ask(world: Morning, accepted: AcceptedOrder, typed: Document, answers: list[bool]) -> None:
        answers.append(allowed(partial(link, world, accepted, typed.document)))

    taken: list[bool] = []
    for at in range(1, operations(visited) + 1):
        world = Morning()
        accepted, typed = late(world)
        meanwhile = partial(ask, world, accepted, typed, taken)
        world.process.arm_pause(at, late=late_pause, seconds=seconds, meanwhile=meanwhile)
        worker(world)
        if taken[-1]:
            assert_linked(world, accepted, typed, posts=0)
        else:
            assert_sent_once(world, accepted, typed)
    assert taken == sorted(taken, reverse=True)
    assert set(taken) == {True, False}


@pytest.mark.parametrize("late_pause", [False, True], ids=["before", "after"])
def test_a_worker_at_any_operation_of_a_link_leaves_the_order_with_one_document(late_pause: bool) -> None:
    for at in range(1, operations(link_late) + 1):
        world = Morning()
        accepted, typed = late(world)
        world.process.arm_pause(at, late=late_pause, seconds=1, meanwhile=partial(worker, world))
        if allowed(partial(link, world, accepted, typed.document)):
            assert_linked(world, accepted, typed, posts=0)
        else:
            assert_sent_once(world, accepted, typed)


@pytest.mark.parametrize("late_pause", [False, True], ids=["before", "after"])
def test_a_resend_at_any_operation_of_a_link_never_sends_a_linked_order(late_pause: bool) -> None:
    def resend(world: Morning, accepted: AcceptedOrder) -> None:
        allowed(partial(world.service.resend, TENANT, accepted.record.order_id))
        worker(world)

    for at in range(1, operations(link_refused) + 1):
        world = Morning()
        accepted, typed = refused(world)
        world.process.arm_pause(at, late=late_pause, seconds=1, meanwhile=partial(resend, world, accepted))
        if allowed(partial(link, world, accepted, typed.document)):
            assert_linked(world, accepted, typed, posts=1)
        else:
            assert world.record(accepted).exact_id != typed.document
            world.settle()
            assert world.exact.posts == 2


def link_late(world: Morning) -> None:
    accepted, typed = late(world)
    restart(world)
    link(world, accepted, typed.document)


def link_refused(world: Morning) -> None:
    accepted, typed = refused(world)
    restart(world)
    link(world, accepted, typed.document)


def restart(world: Morning) -> None:
    """Count operations from here on."""
    world.process.count = 0


def assert_sent_once(world: Morning, accepted: AcceptedOrder, typed: Document) -> None:
    world.settle()
    record = world.record(accepted)
    assert (record.state, record.linked_by_hand, world.exact.posts) == (State.SUBMITTED, False, 1)
    assert record.exact_id != typed.document
