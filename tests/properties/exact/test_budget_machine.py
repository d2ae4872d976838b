"""Any number of workers on one call budget, with crashes and faults of the store at every step.

Checked: without foreign traffic Exact never refuses; the balances never say more than Exact would; syncs leave the
reserve; and after all trouble the next minute is whole again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exact_connector.errors import BudgetExhausted, StoreUnavailable
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, budget_key, read_windows
from fakes.clocks import ManualClock
from fakes.crashing import Crash, WatchedTable
from fakes.examples import examples
from fakes.tables import MemoryDatabase
from unit.exact.auth.token_model import Trouble
from unit.exact.limits.limits_model import CLIENT, DIVISION, LimitsModel

WORKERS = 4


class BudgetMachine(RuleBasedStateMachine):
    """Small limits, so that both windows are met often."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(datetime(2026, 6, 10, 23, 57, 1, tzinfo=UTC))
        self.table = MemoryDatabase()["sync"]
        self.trouble = Trouble()
        self.exact = LimitsModel(self.clock, per_minute=60, per_day=5000)
        self.budgets = [self._budget() for _ in range(WORKERS)]
        self.foreign = False

    @rule(seconds=st.sampled_from((0.2, 1.0, 7.0, 31.0, 60.0)))
    def time_passes(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    @rule(
        who=st.integers(0, WORKERS - 1),
        purpose=st.sampled_from((Purpose.SYNC, Purpose.SYNC, Purpose.ORDERS, Purpose.ADMIN)),
        stream=st.sampled_from(("items", "stock")),
        calls=st.integers(1, 40),
        trouble=st.sampled_from(("", "", "", "crash", "crash_after", "fail", "blur")),
        at=st.integers(0, 6),
        answered=st.booleans(),
    )
    def a_worker_calls(
        self, who: int, purpose: Purpose, stream: str, calls: int, trouble: str, at: int, answered: bool
    ) -> None:
        self.trouble.arm(trouble, at)
        try:
            for _ in range(calls):
                sending = self.budgets[who].take(purpose, stream)
                status, headers = self.exact.call()
                assert status == 200 or self.foreign
                if answered:
                    self.clock.sleep(0.05)
                    self.budgets[who].observe(headers, limited=status == 429, sending=sending)
        except (BudgetExhausted, StoreUnavailable):
            pass
        except Crash:
            self.budgets[who] = self._budget()
        finally:
            self.trouble.disarm()

    @rule(who=st.integers(0, WORKERS - 1))
    def a_worker_gives_back(self, who: int) -> None:
        self.budgets[who].release_unused()

    @rule(who=st.integers(0, WORKERS - 1))
    def a_worker_is_killed(self, who: int) -> None:
        self.budgets[who] = self._budget()

    @rule(calls=st.integers(1, 30))
    def another_app_calls(self, calls: int) -> None:
        self.foreign = True
        for _ in range(calls):
            self.exact.call(foreign=True)

    @rule()
    def a_quiet_minute_makes_the_budget_whole(self) -> None:
        self.clock.sleep(125)
        second = self.clock.now().timestamp() % 60
        self.clock.sleep(0 if 1 < second < 20 else 65 - second)
        budget = self._budget()
        taken = 0
        try:
            while taken < 100:
                budget.take(Purpose.ORDERS)
                self.exact.call()
                taken += 1
        except BudgetExhausted:
            pass
        assert taken == 60

    @invariant()
    def without_foreign_traffic_nothing_is_refused(self) -> None:
        assert self.foreign or self.exact.refusals == 0

    @invariant()
    def the_balance_never_promises_more_than_exact_has(self) -> None:
        row = self.table.get(budget_key(CLIENT, DIVISION))
        if row is None or self.foreign:
            return
        windows = read_windows(row)
        assert windows.minute_left <= 60 - self.exact.used.get(("minute", windows.minute), 0)
        assert windows.day_left <= 5000 - self.exact.used.get(("day", windows.day), 0)

    def _budget(self) -> CallBudget:
        return CallBudget(WatchedTable(self.trouble, self.table), CLIENT, DIVISION, self.clock, patience=0)


BudgetMachine.TestCase.settings = examples(80, stateful_step_count=25)
TestBudgetMachine = BudgetMachine.TestCase
