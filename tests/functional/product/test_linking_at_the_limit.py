"""A consent is not lost because the calls of the minute are used up just then."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from exact_connector.clock import SystemClock
from exact_connector.errors import BudgetExhausted
from exact_connector.exact.limits.call_budget import CallBudget, Purpose
from fakes.product import CLIENT_ID, running_sandbox
from functional.product.company import DIVISION, unlinked_company


class WaitingClock:
    """Real time, moved on by whoever sleeps; ``slept`` is for how long."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self.ahead = timedelta()
        self.slept = 0.0

    def now(self) -> datetime:
        return self._real.now() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)
        self.slept += seconds


@pytest.mark.parametrize(
    ("second", "linked"), [pytest.param(49, True, id="near its end"), pytest.param(20, False, id="long before its end")]
)
def test_linking_waits_for_the_next_minute_when_that_is_near(second: int, linked: bool) -> None:
    clock = WaitingClock()
    with (
        running_sandbox("--items", "5", "--customers", "5") as sandbox,
        unlinked_company(sandbox, clock=clock) as company,
    ):
        clock.ahead += timedelta(seconds=second - clock.now().second + 60)
        others = CallBudget(company.box.platform.sync_table, CLIENT_ID, DIVISION, clock, patience=0)
        with suppress(BudgetExhausted):
            while others.take(Purpose.ADMIN):
                pass
        status, found, _ = company.link()
        assert (status == 302) is linked, found
        assert (clock.slept > 5) is linked
