"""Real processes against the real sandbox: one connection, one budget, a clock that runs fast."""

from __future__ import annotations

import pytest

from functional.exact.harness import LOSING, run_budget, run_tokens


@pytest.mark.slow
def test_eight_processes_share_one_connection_without_a_wrong_call() -> None:
    run = run_tokens(processes=8, cycles=4, rate=250, share=0)
    assert run.exact["refused_early"] == 0
    assert run.exact["old_token_used"] == 0
    assert run.consents == 0
    assert run.exact["refreshes"] == run.generation - 1 >= 4


@pytest.mark.slow
def test_a_token_endpoint_that_fails_in_every_way_costs_consents_only_where_exact_rotated() -> None:
    run = run_tokens(processes=8, cycles=5, rate=250, share=0.5)
    lost = sum(run.faults.get(kind, 0) for kind in LOSING)
    assert sum(run.faults.values()) > 0
    assert run.exact["refused_early"] == 0
    assert run.exact["old_token_used"] <= lost
    assert run.consents <= lost
    assert run.tokens_given > 0


@pytest.mark.slow
def test_eight_workers_use_the_minutes_of_one_administration_and_orders_pass_them() -> None:
    run = run_budget(workers=8, minutes=3.5, rate=10, orders=3)
    assert run.refusals == 0
    assert len(run.order_seconds) == 3
    assert len(run.calls) >= 2
    assert run.use >= 0.95
