"""The morning's comparison with Exact: documents entered by hand, and documents that are gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exact_connector.clock import EXACT_ZONE
from exact_connector.errors import InvalidInput
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.watch import next_morning
from unit.orders.lifecycle.morning import ORDERS, Morning
from unit.orders.lifecycle.order_world import DIVISION, TENANT, assert_once, guid, order_body, outline


@pytest.fixture
def world() -> Morning:
    return Morning()


def test_a_document_entered_by_hand_for_a_refused_order_is_linked_when_everything_agrees(world: Morning) -> None:
    order = world.refused()
    world.typed(order)
    assert world.check().linked == 1
    record = world.record(order)
    assert (record.state, record.exact_number, record.linked_by_hand) == (State.SUBMITTED, "5001", True)
    assert record.reasons == ()
    world.settle()
    assert_once(world, order)


@pytest.mark.parametrize(
    "changes",
    [
        {"SalesOrderLines": [{"Item": guid(1), "Quantity": 2}]},
        {"SalesOrderLines": [{"Item": guid(1), "Quantity": 2}, {"Item": guid(2), "Quantity": 4}]},
        {"SalesOrderLines": [{"Item": guid(1), "Quantity": 2}, {"Item": guid(3), "Quantity": 3.5}]},
    ],
    ids=["a line is missing", "another quantity", "another item"],
)
def test_a_match_by_reference_alone_is_proposed_and_never_taken(world: Morning, changes: dict[str, Any]) -> None:
    order = world.refused()
    world.typed(order, **changes)
    assert world.check().proposed == 1
    record = world.record(order)
    assert record.state is State.REJECTED
    assert [proposal["exact_number"] for proposal in record.proposals] == ["5001"]
    assert world.check().proposed == 0


@pytest.mark.parametrize(
    "changes", [{"YourRef": "theirs"}, {"OrderedBy": guid(999)}], ids=["another reference", "another customer"]
)
def test_a_document_with_another_reference_or_customer_is_not_even_proposed(
    world: Morning, changes: dict[str, Any]
) -> None:
    order = world.refused()
    world.typed(order, **changes)
    checked = world.check()
    assert (checked.linked, checked.proposed) == (0, 0)
    assert world.record(order).proposals == ()


def test_two_documents_that_agree_are_both_proposed(world: Morning) -> None:
    order = world.refused()
    world.typed(order)
    world.typed(order)
    assert (world.check().linked, len(world.record(order).proposals)) == (0, 2)


def test_lines_in_another_sequence_and_a_reference_in_other_capitals_agree(world: Morning) -> None:
    order = world.refused()
    lines = list(reversed(outline(order.record)["SalesOrderLines"]))
    world.typed(order, YourRef="  OURS ", SalesOrderLines=lines)
    assert world.check().linked == 1


def test_an_order_entered_by_hand_while_there_was_no_connection_is_not_sent_when_it_comes_back(world: Morning) -> None:
    world.exact.connected = False
    order = world.post(reference="ours")
    world.work()
    world.typed(order)
    world.exact.connected = True
    world.settle()
    assert world.exact.posts == 0
    assert world.record(order).linked_by_hand
    assert_once(world, order)


def test_an_order_that_is_resent_after_somebody_typed_it_in_is_linked(world: Morning) -> None:
    order = world.refused()
    world.clock.sleep(60)
    world.exact.by_hand(ORDERS, outline(order.record))
    world.service.resend(TENANT, order.record.order_id)
    world.settle()
    assert world.exact.posts == 1
    assert_once(world, order)


def test_the_document_of_an_order_in_doubt_is_not_given_to_a_refused_one(world: Morning) -> None:
    refused = world.refused()
    world.exact.script = ["late"]
    world.exact.late_by = timedelta(seconds=110)
    again = world.post("again", reference="ours")
    world.work()
    world.clock.sleep(115)
    assert world.record(again).state is State.UNKNOWN
    assert world.check().linked == 0
    world.settle()
    assert world.record(refused).state is State.REJECTED
    assert_once(world, again)


def test_an_order_that_cannot_be_planned_is_only_proposed(world: Morning) -> None:
    def unplannable(*_: object) -> None:
        raise InvalidInput("the item does not exist")

    world.planner.plan = unplannable  # type: ignore[method-assign, assignment]
    order = world.post(reference="ours")
    world.work()
    assert world.record(order).state is State.REJECTED
    world.typed(order)
    assert (world.check().proposed, world.record(order).state) == (1, State.REJECTED)


def test_a_submitted_document_that_is_gone_is_flagged_once_with_an_event(world: Morning) -> None:
    kept, gone = world.post("a"), world.post("b", customer=2)
    world.work()
    world.exact.remove(str(world.record(gone).exact_id))
    assert world.check().missing == 1
    assert world.check().missing == 0
    assert [world.record(order).missing for order in (kept, gone)] == [False, True]
    world.outbox.deliver(TENANT)
    assert world.kinds_of_events().count("order.missing") == 1
    assert world.exact.posts == 2


def test_documents_are_asked_for_some_sixty_at_a_time(world: Morning) -> None:
    for number in range(150):
        world.post(f"k{number}", customer=number)
    world.work()
    before = world.exact.reads
    assert world.check().looked_at == 150
    assert world.exact.reads - before <= 3


def test_while_a_worker_has_the_lock_the_check_stays_due(world: Morning) -> None:
    world.watch.arrange(TENANT, DIVISION)
    world.clock.sleep(90_000)
    world.lock.acquire(TENANT, DIVISION, "worker", world.clock.now())
    assert world.check().locked
    assert world.watch.due(world.clock.now()) == [(TENANT, DIVISION)]


def test_a_check_without_a_connection_waits_for_the_next_morning(world: Morning) -> None:
    world.exact.connected = False
    world.check()
    assert world.watch.due(world.clock.now() + timedelta(hours=12)) == []
    assert world.watch.due(world.clock.now() + timedelta(hours=25)) == [(TENANT, DIVISION)]


def test_a_check_that_found_exact_away_is_made_again_soon(world: Morning) -> None:
    world.post()
    world.work()
    world.exact.away = True
    world.check()
    assert world.watch.due(world.clock.now() + timedelta(minutes=11)) == [(TENANT, DIVISION)]


def test_an_administration_is_checked_once_a_morning(world: Morning) -> None:
    for _ in range(3):
        world.watch.arrange(TENANT, DIVISION)
    first = next_morning(TENANT, world.clock.now())
    assert world.watch.due(first - timedelta(seconds=1)) == []
    assert world.watch.due(first) == [(TENANT, DIVISION)]
    world.clock.moment = first
    world.check()
    assert world.watch.due(first + timedelta(hours=23)) == []


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 6, 10, 1, tzinfo=UTC),
        datetime(2026, 6, 10, 12, tzinfo=UTC),
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 10, 24, 23, tzinfo=UTC),
    ],
    ids=["night", "day", "clocks go forward", "clocks go back"],
)
def test_the_morning_is_after_the_maintenance_and_before_work_begins(now: datetime) -> None:
    times = [next_morning(f"tenant {number}", now) for number in range(200)]
    assert all(now < each <= now + timedelta(hours=26) for each in times)
    assert all(5 <= each.astimezone(EXACT_ZONE).hour <= 6 for each in times)
    assert len(set(times)) > 50


def test_nothing_is_written_to_exact_by_a_check(world: Morning) -> None:
    world.planner.with_address = True
    world.exact.connected = False
    order = world.service.accept(TENANT, order_body(reference="ours"), key="k")
    world.work()
    world.clock.sleep(7200)
    world.exact.connected = True
    world.check()
    assert (world.exact.posts, world.exact.addresses) == (0, 0)
    assert world.record(order).state is State.RECEIVED


def test_the_number_of_an_invoice_that_was_printed_meanwhile_is_noted_in_the_morning(world: Morning) -> None:
    world.exact.unnumbered = True
    order = world.post(kind="invoice")
    world.settle()
    world.check()
    assert world.record(order).exact_number is None
    world.exact.print_all()
    world.check()
    assert world.record(order).exact_number == "5001"


def test_a_document_without_a_number_is_proposed_by_its_id(world: Morning) -> None:
    world.exact.unnumbered = True
    order = world.refused(kind="invoice")
    world.typed(order, SalesInvoiceLines=[])
    assert world.check().proposed == 1
    assert [proposal["exact_number"] for proposal in world.record(order).proposals] == [None]
