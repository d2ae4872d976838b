"""A server that stumbles does not refuse an order: it is looked for, sent once more, and refused only then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exact_connector.exactly_once.record import State
from unit.orders.lifecycle.order_world import TENANT, WORDS, World, assert_once
from unit.orders.lifecycle.stocked_world import StockedWorld, body_of


@pytest.fixture
def world() -> World:
    return World()


def test_unknown_words_leave_the_order_in_doubt_and_it_is_sent_once_more(world: World) -> None:
    world.exact.script = ["words"]
    order = world.post()
    world.work()
    record = world.record(order)
    assert (record.state, world.exact.posts, record.reasons) == (State.UNKNOWN, 1, ())
    assert record.waiting == f"looking in Exact whether it arrived; Exact answered: {WORDS['words']}"
    world.settle()
    assert_once(world, order)
    assert world.exact.posts == 2


def test_a_document_that_was_made_all_the_same_is_found_and_not_made_again(world: World) -> None:
    world.exact.script = ["made in words"]
    order = world.post()
    world.settle()
    assert_once(world, order)
    assert world.exact.posts == 1


def test_the_same_words_again_refuse_the_order_with_them_when_nothing_is_in_exact(world: World) -> None:
    world.exact.script = ["words", "words", "words"]
    order = world.post()
    world.settle()
    record = world.record(order)
    assert (record.state, world.exact.posts, world.exact.documents) == (State.REJECTED, 2, [])
    assert record.reasons[0]["exact_text"] == WORDS["words"]
    assert "order.rejected" in world.kinds_of_events()


def test_a_document_made_by_the_second_attempt_that_failed_in_the_same_words_is_found(world: World) -> None:
    world.exact.script = ["words", "made in words"]
    order = world.post()
    world.settle()
    assert_once(world, order)


def test_other_words_do_not_refuse_it(world: World) -> None:
    world.exact.script = ["words", "other words"]
    order = world.post()
    world.settle()
    assert_once(world, order)
    assert world.exact.posts == 3


def test_nothing_is_sent_again_before_the_grace_period_is_over(world: World) -> None:
    world.exact.script = ["words"]
    world.post()
    world.work()
    world.clock.sleep(world.times.grace - 1)
    world.work()
    assert world.exact.posts == 1


def test_a_refused_order_that_is_resent_has_two_attempts_again(world: World) -> None:
    world.exact.script = ["words", "words", "words"]
    order = world.post()
    world.settle()
    world.service.resend(TENANT, order.record.order_id)
    world.settle()
    assert_once(world, order)
    assert world.exact.posts == 4


def test_an_order_in_doubt_is_looked_for_at_once_when_a_person_resends_it(world: World) -> None:
    world.exact.script, world.exact.late_by = ["late"], timedelta(seconds=4)
    order = world.post()
    world.work()
    assert world.record(order).state is State.UNKNOWN
    world.clock.sleep(4)
    world.work()
    assert world.record(order).state is State.UNKNOWN
    world.service.resend(TENANT, order.record.order_id)
    world.work()
    assert world.record(order).state is State.SUBMITTED
    assert world.exact.posts == 1


def test_an_address_that_fails_in_the_same_words_again_refuses_the_order() -> None:
    world = StockedWorld()
    world.stocked.steps = ["words", "words", "words"]
    order = world.service.accept(TENANT, body_of("order"), key="k")
    world.settle()
    record = world.record(order)
    assert (record.state, world.exact.documents) == (State.REJECTED, [])
    assert record.reasons[0]["exact_text"] == WORDS["words"]


def test_an_address_that_fails_in_unknown_words_once_is_made_in_the_next_try() -> None:
    world = StockedWorld()
    world.stocked.steps = ["words"]
    order = world.service.accept(TENANT, body_of("order"), key="k")
    world.settle()
    assert_once(world, order)
