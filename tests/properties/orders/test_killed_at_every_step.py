"""The worker is killed before and after every single operation on the tables and on Exact; the end is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from exact_connector.exactly_once.record import State
from exact_connector.orders.service import AcceptedOrder
from fakes.crashing import Crash
from unit.orders.lifecycle.order_world import DIVISION, TENANT, World, assert_once, order_body


@dataclass(frozen=True)
class Story:
    """What happens in one life: the fates of the POSTs, and how many identical orders the client posts."""

    script: tuple[str, ...] = ()
    twins: int = 1
    with_address: bool = False
    inline: bool = False


STORIES = {
    "answered": Story(),
    "dropped after the commit": Story(("drop",)),
    "never arrived, no answer": Story(("lost",)),
    "committed late": Story(("late",)),
    "not sent at first": Story(("before", "limit")),
    "answered without a body": Story(("quiet",)),
    "failed in unknown words": Story(("words",)),
    "made, but failed in unknown words": Story(("made in words",)),
    "identical twins": Story(("drop", "drop"), twins=2),
    "an address before the document": Story(("lost",), with_address=True),
    "run while the client waits": Story(inline=True),
    "dropped while the client waits": Story(("drop",), inline=True),
}


def live(story: Story, world: World) -> None:
    """The life of a client and its workers up to where a process may be killed; run anew, it goes on from there."""
    for twin in range(story.twins):
        accepted = world.service.accept(TENANT, order_body(), key=f"k{twin}")
        if story.inline:
            deadline = world.clock.now() + timedelta(seconds=100)
            world.service.wait(accepted.record, seconds=5, deadline=deadline)
    world.work()


def begin(story: Story) -> World:
    world = World()
    world.exact.script = list(story.script)
    world.planner.with_address = story.with_address
    return world


def accepted_orders(story: Story, world: World) -> list[AcceptedOrder]:
    """The client repeats what it got no answer to, as the contract asks of it."""
    return [world.service.accept(TENANT, order_body(), key=f"k{twin}") for twin in range(story.twins)]


def operations(story: Story) -> int:
    """Count the operations of an undisturbed life."""
    world = begin(story)
    live(story, world)
    return world.process.count


def killed(story: Story, at: int, *, late: bool) -> World:
    """Kill the process at one operation, and let the next processes go on until nothing is left to do."""
    world = begin(story)
    world.process.arm(at, late=late)
    with pytest.raises(Crash):
        live(story, world)
    world.process.revive()
    orders = accepted_orders(story, world)
    world.settle()
    assert_once(world, *orders)
    return world


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_killing_the_process_at_every_operation_leaves_each_order_in_exact_once(story: Story, late: bool) -> None:
    total = operations(story)
    assert total > 14
    for at in range(1, total + 1):
        killed(story, at, late=late)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_killing_the_second_worker_too_changes_nothing(late: bool) -> None:
    story = STORIES["dropped after the commit"]
    for first in range(6, operations(story) + 1, 3):
        for second in range(1, 30, 2):
            world = begin(story)
            world.process.arm(first, late=late)
            with pytest.raises(Crash):
                live(story, world)
            world.process.revive()
            world.clock.sleep(100)
            orders = accepted_orders(story, world)
            world.process.arm(second, late=late)
            survived(world.work)
            world.process.revive()
            world.settle()
            assert_once(world, *orders)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_killing_the_process_around_a_refusal_leaves_the_order_refused_and_out_of_exact(late: bool) -> None:
    for at in range(1, operations(Story(("refuse",))) + 1):
        world = begin(Story(("refuse",) * 9))
        world.process.arm(at, late=late)
        survived(partial(live, Story(), world))
        world.process.revive()
        (order,) = accepted_orders(Story(), world)
        world.settle()
        record = world.record(order)
        assert record.state is State.REJECTED
        assert record.reasons[0]["code"] == "BLOCKED"
        assert world.exact.documents == []
        assert world.rows("order-queue#") == []
        assert "order.rejected" in world.kinds_of_events()


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_killing_the_process_around_resending_ends_in_exact_once(late: bool) -> None:
    def refused_once() -> World:
        world = begin(Story(("refuse",)))
        live(Story(), world)
        world.process.count = 0
        return world

    def resend(world: World) -> None:
        (order,) = accepted_orders(Story(), world)
        if world.record(order).state is State.REJECTED:
            world.service.resend(TENANT, order.record.order_id)
        world.work()

    world = refused_once()
    resend(world)
    for at in range(1, world.process.count + 1):
        world = refused_once()
        world.process.arm(at, late=late)
        survived(partial(resend, world))
        world.process.revive()
        resend(world)
        world.settle()
        assert_once(world, *accepted_orders(Story(), world))


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("seconds", "every"), [(50, 5), (95, 1), (400, 5)], ids=["shorter than the lock", "longer", "very long"]
)
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_worker_that_sleeps_at_any_operation_and_wakes_up_does_no_harm(
    story: Story, seconds: float, every: int, late: bool
) -> None:
    for at in range(1, operations(story) + 1, every):
        world = begin(story)
        world.process.arm_pause(at, late=late, seconds=seconds, meanwhile=partial(rival, world))
        live(story, world)
        orders = accepted_orders(story, world)
        world.settle()
        assert_once(world, *orders)


def rival(world: World) -> None:
    """Another worker visits, twice."""
    for _ in range(2):
        world.engine("rival").work(TENANT, DIVISION, world.clock.now() + timedelta(seconds=250))


def survived(act: Callable[[], None]) -> None:
    """Act until the process is killed, if it is."""
    try:
        act()
    except Crash:
        return
