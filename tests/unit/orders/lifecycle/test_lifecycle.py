"""The life of orders from post to Exact, step by step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from exact_connector.exactly_once.record import State
from unit.orders.lifecycle.order_world import DIVISION, TENANT, World, assert_once, guid, order_body


@pytest.fixture
def world() -> World:
    return World()


def test_an_order_gets_into_exact_and_its_lines_are_read_back(world: World) -> None:
    order = world.post()
    world.work()
    record = world.record(order)
    assert (record.state, record.exact_number, record.attempts) == (State.SUBMITTED, "5001", 1)
    assert record.seen_in_exact
    world.settle()
    assert_once(world, order)


@pytest.mark.parametrize("fate", ["drop", "quiet"])
def test_a_document_without_an_answer_is_found_by_its_content_and_not_sent_again(world: World, fate: str) -> None:
    world.exact.script = [fate]
    order = world.post()
    world.work()
    assert world.record(order).state is State.SUBMITTED
    assert world.exact.posts == 1
    world.settle()
    assert_once(world, order)


@pytest.mark.parametrize("fate", ["ok", "drop"])
def test_an_invoice_without_a_number_is_in_exact_and_nothing_stands_for_its_number(world: World, fate: str) -> None:
    world.exact.unnumbered, world.exact.script = True, [fate]
    order = world.post(kind="invoice")
    world.work()
    record = world.record(order)
    assert (record.state, record.exact_id, record.exact_number) == (State.SUBMITTED, guid(1), None)
    world.settle()
    assert_once(world, order)


def test_a_document_that_an_answer_names_without_a_number_is_not_looked_for_nor_sent_again(world: World) -> None:
    world.exact.unnumbered, world.exact.hidden_for = True, timedelta(hours=2)
    order = world.post(kind="invoice")
    world.settle_for(minutes=30)
    assert (world.record(order).state, world.exact.posts) == (State.SUBMITTED, 1)


def test_a_number_that_was_not_in_the_answer_is_read_back_with_the_lines(world: World) -> None:
    world.exact.unnumbered, world.exact.hidden_for = True, timedelta(seconds=5)
    order = world.post(kind="invoice")
    world.work()
    assert world.record(order).exact_number is None
    world.exact.print_all()
    world.settle()
    assert world.record(order).exact_number == "5001"
    assert_once(world, order)


def test_an_order_that_never_arrived_is_sent_again_only_after_the_grace_period(world: World) -> None:
    world.exact.script = ["lost"]
    order = world.post()
    world.work()
    assert world.record(order).state is State.UNKNOWN
    world.clock.sleep(119)
    world.work()
    assert world.exact.posts == 1
    world.clock.sleep(70)
    world.work()
    assert world.exact.posts == 2
    world.settle()
    assert_once(world, order)


def test_identical_twins_stay_two_even_when_both_answers_are_lost(world: World) -> None:
    world.exact.script = ["drop", "late"]
    first, second = world.post("a"), world.post("b")
    world.settle()
    assert_once(world, first, second)
    assert world.record(first).exact_id != world.record(second).exact_id


def test_a_later_order_waits_for_an_earlier_one_of_its_customer_and_others_do_not(world: World) -> None:
    world.exact.script = ["lost"]
    first, same, other = world.post("a"), world.post("b"), world.post("c", customer=2)
    world.work()
    states = [world.record(order).state for order in (first, same, other)]
    assert states == [State.UNKNOWN, State.RECEIVED, State.SUBMITTED]
    world.settle()
    assert_once(world, first, same, other)


def test_orders_are_sent_in_the_order_of_acceptance(world: World) -> None:
    orders = []
    for number in range(60):
        orders.append(world.post(f"k{number}", customer=number % 7, reference=f"r{number}"))
        world.clock.sleep(0.01)
    world.work()
    assert [each.body["YourRef"] for each in world.exact.documents] == [f"r{number}" for number in range(60)]
    world.settle()
    assert_once(world, *orders)


def test_a_document_of_another_order_is_never_taken_for_an_own_one(world: World) -> None:
    first = world.post("a")
    world.work()
    world.exact.script = ["lost"]
    second = world.post("b")
    world.work()
    assert world.record(second).state is State.UNKNOWN
    world.settle()
    assert_once(world, first, second)


def test_a_document_that_differs_is_not_taken_for_the_order(world: World) -> None:
    world.exact.script = ["lost"]
    order = world.post(reference="ours")
    world.exact.by_hand("salesorder/SalesOrders", {"OrderedBy": guid(101), "YourRef": "other", "SalesOrderLines": []})
    world.work()
    assert world.record(order).state is State.UNKNOWN


def test_a_tenant_that_is_linked_to_another_administration_gets_no_order_there(world: World) -> None:
    order = world.post()
    world.exact.division = DIVISION + 1
    world.settle_for(minutes=90)
    record = world.record(order)
    assert (record.state, world.exact.posts, record.overdue) == (State.RECEIVED, 0, True)
    world.exact.division = DIVISION
    world.settle()
    assert_once(world, order)


def test_orders_wait_while_there_is_no_connection_and_go_at_once_after_a_link(world: World) -> None:
    world.exact.connected = False
    order = world.post()
    world.work()
    assert world.record(order).waiting == "NOT_CONNECTED: the tenant is not linked to this administration"
    world.exact.connected = True
    world.lock.mark_due(TENANT, DIVISION, world.clock.now())
    world.store.make_due(TENANT, DIVISION, world.clock.now())
    world.work()
    assert world.record(order).state is State.SUBMITTED


def test_an_order_that_could_not_be_looked_for_without_a_connection_is_looked_for_at_once_after_a_link(
    world: World,
) -> None:
    world.exact.script = ["drop"]
    order = world.post()
    world.exact.away = True
    world.work()
    world.exact.away, world.exact.connected = False, False
    world.clock.sleep(60)
    world.work()
    assert world.record(order).state is State.UNKNOWN
    world.exact.connected = True
    world.store.make_due(TENANT, DIVISION, world.clock.now())
    world.work()
    assert world.record(order).state is State.SUBMITTED
    assert world.exact.posts == 1


def test_when_no_call_is_left_the_rest_of_the_orders_is_not_even_planned(world: World) -> None:
    world.exact.script = ["limit"] * 3
    orders = [world.post(f"k{number}", customer=number) for number in range(5)]
    world.work()
    assert world.exact.posts == 1
    assert [world.record(order).attempts for order in orders] == [1, 0, 0, 0, 0]
    world.settle()
    assert_once(world, *orders)


def test_orders_that_come_in_while_no_call_is_left_are_not_tried_by_the_worker_that_saw_it(world: World) -> None:
    world.exact.script = ["limit"] * 9
    engine, orders = world.engine(), []
    for number in range(5):
        orders.append(world.post(f"k{number}", customer=number))
        engine.work(TENANT, DIVISION, world.clock.now() + timedelta(seconds=600))
    assert world.exact.posts == 1
    assert [world.record(order).attempts for order in orders] == [1, 0, 0, 0, 0]
    world.exact.script = []
    world.clock.sleep(40)
    engine.work(TENANT, DIVISION, world.clock.now() + timedelta(seconds=600))
    assert [world.record(order).attempts for order in orders] == [2, 1, 1, 1, 1]
    world.settle()
    assert_once(world, *orders)


def test_a_limit_of_the_day_is_tried_again_each_minute_because_it_may_be_raised(world: World) -> None:
    world.exact.limit_ends_after = timedelta(hours=9)
    world.exact.script = ["limit"]
    engine = world.engine()
    first = world.post("a", customer=1)
    engine.work(TENANT, DIVISION, world.clock.now() + timedelta(seconds=600))
    second = world.post("b", customer=2)
    world.clock.sleep(60)
    world.service.resend(TENANT, first.record.order_id)
    engine.work(TENANT, DIVISION, world.clock.now() + timedelta(seconds=600))
    world.settle()
    assert_once(world, first, second)


def test_every_late_order_is_flagged_also_behind_another_and_while_nothing_can_be_sent(world: World) -> None:
    world.exact.connected = False
    orders = [world.post(f"k{number}") for number in range(3)]
    world.settle_for(minutes=62)
    assert [world.record(order).overdue for order in orders] == [True] * 3
    assert world.kinds_of_events().count("order.overdue") == 3
    world.settle_for(minutes=60)
    assert world.kinds_of_events().count("order.overdue") == 3


def test_a_fault_of_ours_in_one_order_does_not_hold_up_another(world: World) -> None:
    broken = world.post("a")
    world.planner.broken = True
    world.work()
    assert world.record(broken).waiting is not None
    assert "a fault of the connector (KeyError)" in str(world.record(broken).waiting)
    world.planner.broken = False
    other = world.post("b", customer=2)
    world.work()
    assert world.record(other).state is State.SUBMITTED
    world.settle()
    assert_once(world, broken, other)


def test_nothing_is_begun_that_may_not_end_in_time(world: World) -> None:
    order = world.post()
    world.work(seconds=60)
    assert world.exact.posts == 0
    assert world.record(order).attempts == 0
    world.settle()
    assert_once(world, order)


def test_a_document_that_shows_late_is_read_back_later_without_a_warning(world: World) -> None:
    order = world.post()
    world.exact.hidden_for = timedelta(seconds=4)
    world.work()
    assert world.record(order).state is State.SUBMITTED
    assert not world.record(order).seen_in_exact
    world.settle()
    assert world.record(order).warnings == ()
    assert_once(world, order)


def test_a_commit_in_the_hour_that_comes_twice_is_found(world: World) -> None:
    # 25 October 2026, 02:59:50 summer time; the clocks go back ten seconds later.
    world.clock.moment = datetime(2026, 10, 25, 0, 59, 50, tzinfo=UTC)
    world.exact.script = ["late"]
    world.exact.late_by = timedelta(seconds=100)
    world.exact.created_late = True
    order = world.post()
    world.settle()
    assert_once(world, order)


def test_a_refused_order_is_sent_again_when_a_person_asks(world: World) -> None:
    world.exact.script = ["refuse"]
    order = world.post()
    world.work()
    assert world.record(order).state is State.REJECTED
    world.service.resend(TENANT, order.record.order_id)
    world.settle()
    assert_once(world, order)


def test_a_cancelled_order_is_not_sent_and_frees_the_next(world: World) -> None:
    world.exact.connected = False
    first, second = world.post("a"), world.post("b")
    world.work()
    world.exact.connected = True
    world.service.cancel(TENANT, first.record.order_id)
    world.settle()
    assert world.record(first).state is State.CANCELLED
    assert world.record(second).state is State.SUBMITTED
    assert len(world.exact.documents) == 1


def test_an_order_waiting_for_calls_can_be_cancelled_because_it_never_left(world: World) -> None:
    world.exact.script = ["limit"]
    order = world.post()
    world.work()
    assert world.service.cancel(TENANT, order.record.order_id).state is State.CANCELLED


def test_the_trail_tells_every_transition(world: World) -> None:
    world.exact.script = ["lost"]
    order = world.post()
    world.settle()
    steps = [(row["from"], row["to"]) for row in world.service.trail(TENANT, order.record.order_id)]
    assert steps[0] == (None, "RECEIVED")
    assert ("RECEIVED", "SUBMITTING") in steps
    assert ("SUBMITTING", "UNKNOWN") in steps
    assert ("UNKNOWN", "RECEIVED") in steps
    assert steps[-1] == ("SUBMITTED", "SUBMITTED")


@pytest.mark.parametrize(
    ("kind", "purchase", "path"),
    [
        ("order", False, "salesorder/SalesOrders"),
        ("quotation", False, "crm/Quotations"),
        ("invoice", False, "salesinvoice/SalesInvoices"),
        ("purchase", True, "purchaseorder/PurchaseOrders"),
    ],
)
def test_every_kind_of_document_lives_the_same_life(world: World, kind: str, purchase: bool, path: str) -> None:
    world.exact.script = ["drop"]
    body = order_body(kind=kind)
    order = world.service.accept(TENANT, body, key="k", purchase=purchase)
    world.settle()
    assert [each.path for each in world.exact.documents] == [path]
    assert_once(world, order)


def test_off_boarding_leaves_no_row(world: World) -> None:
    for number in range(3):
        world.post(f"k{number}", customer=number)
    world.work()
    world.post("open")
    assert world.store.delete_tenant_data(TENANT) == 4
    assert world.rows() == []
