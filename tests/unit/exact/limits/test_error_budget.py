"""The error budget: six errors an hour, a rest with a reason, one probe."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest

from exact_connector.errors import EndpointParked
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.storage.table import Table
from fakes.clocks import ManualClock
from fakes.tables import ContendedTable, MemoryDatabase
from unit.exact.auth.interrupted import Interrupted

ENDPOINT = "crm/Accounts"


class Ground:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.table = MemoryDatabase()["sync"]

    def budget(self, division: int = 1) -> ErrorBudget:
        return ErrorBudget(self.table, "client", division, self.clock)

    def fail(self, times: int, *, every: float = 60) -> ErrorBudget:
        budget = self.budget()
        for _ in range(times):
            budget.check(ENDPOINT)
            budget.failed(ENDPOINT, status=400, text="Verplicht: Naam", record="order 17")
            self.clock.sleep(every)
        return budget


def test_five_errors_pass_and_the_sixth_parks_the_endpoint_for_an_hour() -> None:
    ground = Ground()
    ground.fail(5).check(ENDPOINT)
    ground.budget().failed(ENDPOINT, status=400, text="Verplicht: Naam", record="order 17")
    with pytest.raises(EndpointParked) as caught:
        ground.budget().check(ENDPOINT)
    assert caught.value.retry_after == ground.clock.now() + timedelta(hours=1)


def test_the_reason_names_record_status_and_exact_s_text() -> None:
    ground = Ground()
    ground.fail(6)
    with pytest.raises(EndpointParked, match="order 17: 400 Verplicht: Naam"):
        ground.budget().check(ENDPOINT)


def test_a_new_consent_lets_an_endpoint_that_rests_be_probed_once_at_once() -> None:
    ground = Ground()
    ground.fail(6)
    ground.budget().end_rests()
    budget = ground.budget()
    budget.check(ENDPOINT)
    with pytest.raises(EndpointParked):
        ground.budget().check(ENDPOINT)
    budget.succeeded(ENDPOINT)
    ground.budget().check(ENDPOINT)


def test_a_new_consent_changes_nothing_of_an_endpoint_that_does_not_rest() -> None:
    ground = Ground()
    ground.fail(5)
    before = ground.table.all_rows()
    ground.budget().end_rests()
    assert ground.table.all_rows() == before


def test_an_error_that_cannot_be_written_is_counted_with_the_next_look() -> None:
    table, clock = ContendedTable(1_000), ManualClock()
    budget = ErrorBudget(table, "client", 1, clock)
    budget.failed(ENDPOINT, status=404, text="first")
    assert table.all_rows() == []
    table.meetings = 0
    budget.check(ENDPOINT)
    (summary,) = ErrorBudget(table, "client", 1, clock).summaries()
    assert (len(summary.errors), summary.text) == (1, "first")


def test_errors_that_cannot_be_written_park_the_endpoint_in_this_process() -> None:
    table = ContendedTable(1_000)
    budget = ErrorBudget(table, "client", 1, ManualClock())
    for _ in range(6):
        budget.failed(ENDPOINT, status=404, text="gone")
    with pytest.raises(EndpointParked):
        budget.check(ENDPOINT)
    assert table.all_rows() == []


def test_a_probe_whose_right_cannot_be_taken_waits() -> None:
    ground = Ground()
    ground.fail(6)
    ground.clock.sleep(3601)
    contended = ContendedTable()
    for row in ground.table.all_rows():
        contended.put(row)
    contended.meetings = 1_000
    with pytest.raises(EndpointParked):
        ErrorBudget(contended, "client", 1, ground.clock).check(ENDPOINT)


def test_errors_older_than_an_hour_do_not_count() -> None:
    ground = Ground()
    ground.fail(30, every=721).check(ENDPOINT)


def test_other_endpoints_and_administrations_go_on() -> None:
    ground = Ground()
    ground.fail(6)
    ground.budget().check("crm/Contacts")
    ground.budget(division=2).check(ENDPOINT)


def test_after_the_rest_one_call_probes_and_opens_it_when_it_goes_well() -> None:
    ground = Ground()
    ground.fail(6)
    ground.clock.sleep(3600)
    prober, other = ground.budget(), ground.budget()
    prober.check(ENDPOINT)
    with pytest.raises(EndpointParked):
        other.check(ENDPOINT)
    prober.succeeded(ENDPOINT)
    ground.clock.sleep(6)
    other.check(ENDPOINT)
    assert ground.budget().summaries() == []


def test_a_failed_probe_parks_for_another_hour() -> None:
    ground = Ground()
    ground.fail(6)
    ground.clock.sleep(3600)
    prober = ground.budget()
    prober.check(ENDPOINT)
    prober.failed(ENDPOINT, status=400, text="Verplicht: Naam")
    ground.clock.sleep(3500)
    with pytest.raises(EndpointParked):
        ground.budget().check(ENDPOINT)
    ground.clock.sleep(101)
    ground.budget().check(ENDPOINT)


def test_a_prober_that_died_is_followed_by_another_an_hour_later() -> None:
    ground = Ground()
    ground.fail(6)
    ground.clock.sleep(3600)
    ground.budget().check(ENDPOINT)
    with pytest.raises(EndpointParked):
        ground.budget().check(ENDPOINT)
    ground.clock.sleep(3600)
    ground.budget().check(ENDPOINT)


def test_an_administrator_opens_it_at_once() -> None:
    ground = Ground()
    ground.fail(6)
    ground.budget().reset(ENDPOINT)
    ground.budget().check(ENDPOINT)


def test_the_status_page_sees_every_endpoint_with_errors() -> None:
    ground = Ground()
    ground.fail(6)
    ground.budget().failed("crm/Contacts", status=404, text="", record="x")
    found = {each.endpoint: each.parked(ground.clock.now()) for each in ground.budget().summaries()}
    assert found == {ENDPOINT: True, "crm/Contacts": False}


def test_a_good_answer_writes_nothing_while_nothing_is_parked() -> None:
    ground = Ground()
    budget = ground.fail(3)
    budget.check(ENDPOINT)
    budget.succeeded(ENDPOINT)
    assert len(ground.budget().summaries()[0].errors) == 3


def test_errors_that_two_workers_count_at_once_both_count() -> None:
    ground = Ground()
    other = ground.budget()
    table = Interrupted(ground.table, lambda: other.failed(ENDPOINT, status=404, text="b"))
    ErrorBudget(cast(Table, table), "client", 1, ground.clock).failed(ENDPOINT, status=404, text="a")
    assert len(ground.budget().summaries()[0].errors) == 2


def test_exact_never_sees_ten_errors_within_an_hour() -> None:
    """Four workers that fail whenever they may, for two days."""
    ground = Ground()
    workers = [ground.budget() for _ in range(4)]
    moments = []
    for step in range(2 * 24 * 60):
        try:
            workers[step % 4].check(ENDPOINT)
        except EndpointParked:
            pass
        else:
            moments.append(ground.clock.now())
            workers[step % 4].failed(ENDPOINT, status=404, text="gone")
        ground.clock.sleep(60)
    hour = timedelta(hours=1)
    assert len(moments) > 24
    assert max(sum(start <= moment < start + hour for moment in moments) for start in moments) <= 7
