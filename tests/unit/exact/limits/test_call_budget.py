"""The call budget: blocks, windows, reserves, shares, and what headers may and may not change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from exact_connector.errors import BudgetExhausted
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, budget_key, read_windows
from exact_connector.exact.limits.headers import Skew, pause_until, read_limits
from exact_connector.exact.limits.windows import (
    Denied,
    Granted,
    Reading,
    Reserves,
    Windows,
    grant,
    learned,
    returned,
    rolled,
)
from exact_connector.storage.table import Table
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase
from unit.exact.auth.interrupted import Interrupted
from unit.exact.limits.limits_model import CLIENT, DIVISION, LimitsModel, Worker, run

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
MINUTE = int(NOON.timestamp()) // 60
DAY = int(NOON.timestamp()) // 86_400
FRESH = Windows(minute=MINUTE, day=DAY)
SECOND = NOON.timestamp()


def take(
    windows: Windows, purpose: Purpose = Purpose.SYNC, stream: str = "items", *, second: float = 0.0
) -> Granted | Denied:
    return grant(windows, SECOND + second, purpose, stream, reserves=Reserves())


@pytest.mark.parametrize(
    ("windows", "purpose", "second", "calls"),
    [
        pytest.param(FRESH, Purpose.SYNC, 0, 5, id="a full minute gives a block"),
        pytest.param(replace(FRESH, minute_left=30), Purpose.SYNC, 31, 2, id="blocks shrink as the minute runs out"),
        pytest.param(replace(FRESH, minute_left=11), Purpose.SYNC, 31, 1, id="the last call above the reserve"),
        pytest.param(replace(FRESH, minute_left=10), Purpose.SYNC, 31, 0, id="the minute's reserve is not for syncs"),
        pytest.param(replace(FRESH, minute_left=6), Purpose.ADMIN, 31, 1, id="administrators use half of the reserve"),
        pytest.param(replace(FRESH, minute_left=5), Purpose.ADMIN, 31, 0, id="and leave the other half"),
        pytest.param(replace(FRESH, minute_left=1), Purpose.ORDERS, 31, 1, id="orders use everything"),
        pytest.param(replace(FRESH, minute_left=0), Purpose.ORDERS, 31, 0, id="but no more than there is"),
        pytest.param(
            replace(FRESH, minute_left=5, orders_minute=5), Purpose.SYNC, 31, 0, id="orders used half of the reserve"
        ),
        pytest.param(
            replace(FRESH, minute_left=6, orders_minute=5), Purpose.SYNC, 31, 1, id="what orders used is kept no more"
        ),
        pytest.param(replace(FRESH, day_left=500), Purpose.SYNC, 0, 0, id="the day's reserve is not for syncs"),
        pytest.param(replace(FRESH, day_left=501), Purpose.SYNC, 0, 1, id="the last call of the day above the reserve"),
        pytest.param(replace(FRESH, day_left=3), Purpose.ORDERS, 0, 1, id="orders use the day's reserve"),
        pytest.param(replace(FRESH, day_left=0), Purpose.ORDERS, 0, 0, id="a spent day is spent for orders too"),
        pytest.param(replace(FRESH, minute=MINUTE - 1, minute_left=0), Purpose.SYNC, 0, 5, id="a new minute is full"),
        pytest.param(replace(FRESH, day=DAY - 1, day_left=0), Purpose.SYNC, 0, 5, id="a new day is full"),
        pytest.param(replace(FRESH, minute=MINUTE + 1), Purpose.SYNC, 0, 0, id="a clock that is behind waits"),
        pytest.param(
            replace(FRESH, closed_until=int(SECOND) + 9), Purpose.ORDERS, 0, 0, id="a pause ordered by Exact is for all"
        ),
        pytest.param(
            replace(FRESH, minute_left=20, taken={"items": 39, "stock": 1}),
            *(Purpose.SYNC, 10, 0),
            id="beyond its share a stream leaves a fifth to those that come later",
        ),
        pytest.param(
            replace(FRESH, minute_left=20, taken={"items": 39, "stock": 1}),
            *(Purpose.SYNC, 30, 1),
            id="in the second half it goes on",
        ),
        pytest.param(
            replace(FRESH, minute_left=34, taken={"items": 25, "stock": 1}),
            *(Purpose.SYNC, 10, 3),
            id="beyond its share it goes on while there is plenty",
        ),
        pytest.param(
            replace(FRESH, minute_left=16, taken={"items": 1, "stock": 43}),
            *(Purpose.SYNC, 10, 1),
            id="within its share it takes of the kept part",
        ),
        pytest.param(replace(FRESH, minute_left=15, taken={"items": 45}), Purpose.SYNC, 10, 1, id="alone it takes all"),
        pytest.param(
            replace(FRESH, minute_left=20, taken={"items": 40}, sharing=2),
            *(Purpose.SYNC, 10, 0),
            id="the streams of last minute count",
        ),
    ],
)
def test_calls_are_granted_by_rule(windows: Windows, purpose: Purpose, second: float, calls: int) -> None:
    found = take(windows, purpose, second=second)
    assert (found.calls if isinstance(found, Granted) else 0) == calls


def test_a_grant_lowers_both_windows() -> None:
    found = take(FRESH)
    assert isinstance(found, Granted)
    assert (found.windows.minute_left, found.windows.day_left, found.windows.taken) == (55, 4995, {"items": 5})


@pytest.mark.parametrize(
    ("windows", "until"),
    [
        pytest.param(replace(FRESH, minute_left=0), SECOND + 60, id="the next minute"),
        pytest.param(replace(FRESH, day_left=0), (DAY + 1) * 86_400, id="the next day"),
        pytest.param(
            replace(FRESH, minute_left=15, taken={"items": 44, "x": 1}), SECOND + 30, id="the second half of the minute"
        ),
    ],
)
def test_a_denial_says_until_when(windows: Windows, until: float) -> None:
    found = take(windows)
    assert isinstance(found, Denied)
    assert found.until == until


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        pytest.param(Reading(minute=MINUTE, minute_remaining=20), (20, 5000), id="foreign traffic in the minute"),
        pytest.param(Reading(minute=MINUTE, minute_remaining=58), (40, 5000), id="what remains never raises"),
        pytest.param(Reading(minute=MINUTE - 1, minute_remaining=0), (40, 5000), id="an answer of the minute before"),
        pytest.param(Reading(day=DAY, day_remaining=100), (40, 100), id="foreign traffic in the day"),
        pytest.param(Reading(day=DAY - 1, day_remaining=0), (40, 5000), id="an answer of yesterday"),
        pytest.param(Reading(minute_remaining=0), (40, 5000), id="a balance without its window says nothing"),
        pytest.param(Reading(minute=MINUTE, minute_limit=300), (280, 5000), id="a higher ceiling counts at once"),
        pytest.param(Reading(day_limit=30_000), (40, 30_000), id="a Premium day counts at once"),
        pytest.param(
            Reading(day=DAY, day_limit=30_000, day_remaining=20_000), (40, 20_000), id="bounded by what remains"
        ),
    ],
)
def test_headers_set_ceilings_and_only_lower_balances(reading: Reading, expected: tuple[int, int]) -> None:
    after = learned(replace(FRESH, minute_left=40), reading)
    assert (after.minute_left, after.day_left) == expected


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        pytest.param(replace(FRESH, minute_left=40, day_left=4000), (43, 4003), id="in the same minute"),
        pytest.param(
            replace(FRESH, minute=MINUTE + 1, minute_left=40, day_left=4000), (40, 4003), id="after the minute"
        ),
        pytest.param(
            replace(FRESH, minute_left=40, day_left=4000, lowered=1), (40, 4000), id="after foreign traffic was seen"
        ),
    ],
)
def test_calls_come_back_only_where_they_still_count(windows: Windows, expected: tuple[int, int]) -> None:
    after = returned(windows, 3, minute=MINUTE, day=DAY, lowered=0, stream="items")
    assert (after.minute_left, after.day_left) == expected


def test_a_new_minute_remembers_how_many_streams_shared_the_last() -> None:
    after = rolled(replace(FRESH, taken={"a": 1, "b": 2}, orders_minute=4, minute_left=3), SECOND + 60)
    assert (after.sharing, after.taken, after.orders_minute, after.minute_left) == (2, {}, 0, 60)


def test_limit_headers_name_their_windows() -> None:
    """The sample of Exact's documentation: 08:18:25 GMT, the minute ends 08:19:00, the day at midnight."""
    found = read_limits(
        {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": "4999",
            "x-ratelimit-reset": "1683936000000",
            "x-ratelimit-minutely-limit": "60",
            "x-ratelimit-minutely-remaining": "59",
            "x-ratelimit-minutely-reset": "1683879540000",
        }
    )
    moment = datetime(2023, 5, 12, 8, 18, 25, tzinfo=UTC).timestamp()
    assert found == Reading(int(moment // 60), 59, 60, int(moment // 86_400), 4999, 5000)


def test_headers_that_are_absent_are_not_zero() -> None:
    assert read_limits({}) == Reading()
    assert read_limits({"x-ratelimit-remaining": ""}) == Reading()


MINUTE_HEADERS = {
    "x-ratelimit-minutely-limit": "60",
    "x-ratelimit-minutely-remaining": "0",
    "x-ratelimit-minutely-reset": str((MINUTE + 1) * 60_000),
}
DAY_HEADERS = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": str((DAY + 1) * 86_400_000),
}


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        pytest.param(MINUTE_HEADERS, SECOND + 61, id="a minute's refusal has no day headers"),
        pytest.param(DAY_HEADERS, (DAY + 1) * 86_400 + 1, id="a day's refusal"),
        pytest.param({}, SECOND + 61, id="no headers at all"),
        pytest.param({"retry-after": "300"}, SECOND + 305, id="Retry-After asks for longer"),
        pytest.param({**MINUTE_HEADERS, "retry-after": "3"}, SECOND + 61, id="Retry-After asks for less"),
        pytest.param(
            {**DAY_HEADERS, **MINUTE_HEADERS, "x-ratelimit-remaining": "4000"}, SECOND + 61, id="both, the minute spent"
        ),
    ],
)
def test_a_429_pauses_until_its_own_window_ends(headers: dict[str, str], until: float) -> None:
    assert pause_until(headers, SECOND + 5) == until


def test_the_clock_difference_narrows_with_each_answer() -> None:
    skew = Skew().learned({"date": "Wed, 10 Jun 2026 12:00:02 GMT"}, SECOND, SECOND + 0.4)
    assert (skew.low, skew.high) == pytest.approx((1.6, 3.0))
    skew = skew.learned({"date": "Wed, 10 Jun 2026 12:00:03 GMT"}, SECOND + 0.9, SECOND + 1.0)
    assert skew.low == pytest.approx(2.0)
    assert skew.high == pytest.approx(3.0)


def test_a_date_that_contradicts_the_reset_header_is_not_believed() -> None:
    headers = {"date": "Wed, 10 Jun 2026 15:00:00 GMT", "x-ratelimit-minutely-reset": str((MINUTE + 1) * 60_000)}
    assert Skew(-3, -2, measured=True).learned(headers, SECOND, SECOND + 1) == Skew()
    assert Skew(-3, -2, measured=True).learned({}, SECOND, SECOND + 1) == Skew(-3, -2, measured=True)


def all_of_it(budget: CallBudget, purpose: Purpose) -> int:
    """Take calls until there are none, and return how many there were."""
    for taken in range(1000):
        try:
            budget.take(purpose, "items")
        except BudgetExhausted:
            return taken
    raise AssertionError("the budget never ends")


class Ground:
    """One row, one Exact, and budgets over them."""

    def __init__(self, *, at: datetime = NOON, skew: float = 0.0, per_minute: int = 60, per_day: int = 5000) -> None:
        self.clock = ManualClock(at)
        self.table: Table = MemoryDatabase()["sync"]
        self.exact = LimitsModel(self.clock, per_minute, per_day, skew)

    def budget(self, patience: float = 0.0) -> CallBudget:
        return CallBudget(self.table, CLIENT, DIVISION, self.clock, patience=patience)

    def worker(self, stream: str = "items", purpose: Purpose = Purpose.SYNC) -> Worker:
        return Worker(self.budget(), stream, purpose)

    def windows(self) -> Windows:
        return read_windows(self.table.get(budget_key(CLIENT, DIVISION)))


def test_a_block_costs_one_write() -> None:
    ground = Ground()
    budget = ground.budget()
    for _ in range(5):
        budget.take(Purpose.SYNC, "items")
    assert ground.windows().minute_left == 55


def test_unused_calls_go_back() -> None:
    ground = Ground()
    budget = ground.budget()
    budget.take(Purpose.SYNC, "items")
    budget.release_unused()
    assert (ground.windows().minute_left, ground.windows().day_left) == (59, 4999)
    budget.release_unused()
    assert ground.windows().minute_left == 59


def test_no_call_is_sent_in_the_last_second_of_a_minute() -> None:
    ground = Ground(at=NOON + timedelta(seconds=59.2))
    with pytest.raises(BudgetExhausted) as caught:
        ground.budget().take(Purpose.ORDERS)
    assert caught.value.retry_after == NOON + timedelta(seconds=60)


def test_a_block_in_hand_is_not_used_in_the_last_second_either() -> None:
    ground = Ground(at=NOON + timedelta(seconds=40))
    budget = ground.budget()
    budget.take(Purpose.SYNC, "items")
    ground.clock.sleep(19.3)
    with pytest.raises(BudgetExhausted):
        budget.take(Purpose.SYNC, "items")


def test_the_last_second_is_that_of_exact_s_clock() -> None:
    ground = Ground(at=NOON + timedelta(seconds=30), skew=20)
    budget = ground.budget()
    sending = budget.take(Purpose.ORDERS)
    status, headers = ground.exact.call()
    budget.observe(headers, limited=status == 429, sending=sending)
    ground.clock.sleep(9.5)
    with pytest.raises(BudgetExhausted) as caught:
        budget.take(Purpose.ORDERS)
    assert caught.value.retry_after is not None
    assert 40 <= (caught.value.retry_after - NOON).total_seconds() <= 41
    ground.clock.sleep(1.5)
    assert budget.take(Purpose.ORDERS).minute == MINUTE + 1


def test_two_workers_never_take_the_same_call() -> None:
    ground = Ground()
    other = ground.budget()
    table = Interrupted(ground.table, lambda: other.take(Purpose.SYNC, "stock"))
    CallBudget(cast(Table, table), CLIENT, DIVISION, ground.clock).take(Purpose.SYNC, "items")
    assert ground.windows().minute_left == 50
    assert ground.windows().taken == {"items": 5, "stock": 5}


def test_the_turn_of_the_minute_is_waited_for_inside() -> None:
    ground = Ground(at=NOON + timedelta(seconds=59.2))
    sending = ground.budget(patience=2.5).take(Purpose.ORDERS)
    assert sending.minute == MINUTE + 1
    assert ground.clock.now() >= NOON + timedelta(seconds=60)


def test_a_block_of_the_last_minute_is_not_used_in_the_next() -> None:
    ground = Ground(at=NOON + timedelta(seconds=50))
    budget = ground.budget()
    budget.take(Purpose.SYNC, "items")
    ground.clock.sleep(15)
    assert budget.take(Purpose.SYNC, "items").minute == MINUTE + 1
    assert ground.windows().minute_left == 55
    assert ground.windows().day_left == 5000 - 6


def test_orders_go_on_when_the_syncs_have_used_their_part() -> None:
    ground = Ground(at=NOON + timedelta(seconds=31))
    sync, orders = ground.budget(), ground.budget()
    assert all_of_it(sync, Purpose.SYNC) == 50
    assert all_of_it(orders, Purpose.ORDERS) == 10


def test_a_minute_429_closes_the_minute_and_not_the_day() -> None:
    ground = Ground()
    budget = ground.budget()
    sending = budget.take(Purpose.SYNC, "items")
    budget.observe(MINUTE_HEADERS, limited=True, sending=sending)
    with pytest.raises(BudgetExhausted) as caught:
        ground.budget().take(Purpose.ORDERS)
    assert caught.value.retry_after == NOON + timedelta(seconds=61)
    assert ground.windows().day_left == 4995
    ground.clock.sleep(61)
    assert ground.budget().take(Purpose.SYNC, "items").minute == MINUTE + 1


def test_a_day_429_closes_until_midnight() -> None:
    ground = Ground()
    budget = ground.budget()
    budget.observe(DAY_HEADERS, limited=True, sending=budget.take(Purpose.ORDERS))
    with pytest.raises(BudgetExhausted) as caught:
        ground.budget().take(Purpose.ORDERS)
    assert caught.value.retry_after == datetime(2026, 6, 11, 0, 0, 1, tzinfo=UTC)


def test_foreign_traffic_is_learned_by_every_worker() -> None:
    ground = Ground(at=NOON + timedelta(seconds=31))
    one, other = ground.budget(), ground.budget()
    for _ in range(45):
        ground.exact.call(foreign=True)
    sending = one.take(Purpose.SYNC, "items")
    status, headers = ground.exact.call()
    one.observe(headers, limited=status == 429, sending=sending)
    assert ground.windows().minute_left == 14
    assert all_of_it(other, Purpose.SYNC) == 4


def test_a_block_in_hand_shrinks_to_what_foreign_traffic_left() -> None:
    ground = Ground()
    budget = ground.budget()
    sending = budget.take(Purpose.SYNC, "items")
    for _ in range(58):
        ground.exact.call(foreign=True)
    status, headers = ground.exact.call()
    budget.observe(headers, limited=status == 429, sending=sending)
    assert all_of_it(budget, Purpose.SYNC) == 1


@pytest.mark.parametrize("skew", [0.0, 0.7, -0.7, 20.0, -20.0], ids=lambda skew: f"Exact {skew:+g} s")
def test_eight_workers_use_the_minutes_and_are_never_refused(skew: float) -> None:
    ground = Ground(skew=skew)
    workers = [ground.worker(f"stream {number}") for number in range(8)]
    for worker in workers:
        # A first call each: it tells Exact's time.
        run(ground.exact, [worker], seconds=1.5)
    run(ground.exact, workers, seconds=600)
    assert ground.exact.refusals == 0
    full = sorted(ground.exact.per_window)[1:-1]
    assert len(full) >= 8
    assert sum(ground.exact.per_window[minute] for minute in full) >= 0.95 * 50 * len(full)


@pytest.mark.parametrize("streams", [["items"] * 8, [f"s{n}" for n in range(8)], ["big"] * 6 + ["a", "b"]])
def test_the_use_of_the_minutes_does_not_depend_on_how_streams_are_spread(streams: list[str]) -> None:
    ground = Ground()
    run(ground.exact, [ground.worker(stream) for stream in streams], seconds=600)
    assert ground.exact.refusals == 0
    full = sorted(ground.exact.per_window)[1:-1]
    assert sum(ground.exact.per_window[minute] for minute in full) >= 0.95 * 50 * len(full)


@pytest.mark.parametrize(
    ("greedy", "part"),
    [pytest.param(1, 1 / 2, id="one against one"), pytest.param(7, 1 / 5, id="one against seven of another stream")],
)
def test_streams_get_fair_parts(greedy: int, part: float) -> None:
    ground = Ground()
    workers = [ground.worker("first load") for _ in range(greedy)] + [ground.worker("stock")]
    run(ground.exact, workers, seconds=600)
    assert workers[-1].made >= 0.9 * sum(worker.made for worker in workers) * part


def test_an_order_does_not_wait_for_busy_syncs() -> None:
    ground = Ground()
    workers = [ground.worker(f"s{n}") for n in range(8)]
    orders = Worker(ground.budget(), "orders", Purpose.ORDERS, pause=6.3)
    run(ground.exact, [*workers, orders], seconds=1200)
    assert ground.exact.refusals == 0
    assert orders.made > 150
    assert orders.longest_wait <= 2.0


def test_a_crashed_worker_costs_its_block_and_nothing_more() -> None:
    ground = Ground(at=NOON + timedelta(seconds=31))
    ground.budget().take(Purpose.SYNC, "items")
    assert all_of_it(ground.budget(), Purpose.SYNC) == 45
