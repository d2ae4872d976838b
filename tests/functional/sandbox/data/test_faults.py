"""The fault plan: which calls a rule hits, how often, and always the same for its seed."""

from __future__ import annotations

import pytest

from exact_sandbox.faults import FaultPlan, Latency, Rule


def hits(plan: FaultPlan, path: str = "/api/v1/1/x", method: str = "GET", times: int = 1) -> list[list[str]]:
    return [[rule.kind for rule in plan.strike(method, path, 1)] for _ in range(times)]


def test_a_rule_hits_as_often_as_it_says_after_those_it_lets_pass() -> None:
    plan = FaultPlan()
    plan.add(Rule("reset", count=2, skip=1))
    assert hits(plan, times=5) == [[], ["reset"], ["reset"], [], []]


def test_a_rule_without_a_count_hits_every_time() -> None:
    plan = FaultPlan()
    plan.add(Rule("delay", delay_ms=5))
    assert hits(plan, times=3) == [["delay"]] * 3


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        pytest.param(Rule("drop", match="salesorder/SalesOrders$"), True, id="path"),
        pytest.param(Rule("drop", match="salesorder/SalesOrderLines"), False, id="other path"),
        pytest.param(Rule("drop", method="post"), True, id="method in any case"),
        pytest.param(Rule("drop", method="GET"), False, id="other method"),
        pytest.param(Rule("drop", division=7), True, id="division"),
        pytest.param(Rule("drop", division=8), False, id="other division"),
    ],
)
def test_a_rule_looks_at_path_method_and_division(rule: Rule, hit: bool) -> None:
    plan = FaultPlan()
    plan.add(rule)
    assert bool(plan.strike("POST", "/api/v1/7/salesorder/SalesOrders", 7)) is hit


def test_a_probability_draws_the_same_for_the_same_seed() -> None:
    def draws(seed: int) -> list[bool]:
        plan = FaultPlan()
        plan.add(Rule("status", probability=0.5, seed=seed))
        return [bool(plan.strike("GET", "/", None)) for _ in range(40)]

    assert draws(1) == draws(1)
    assert draws(1) != draws(2)
    assert 5 < sum(draws(1)) < 35


def test_several_rules_can_hit_one_call_in_the_order_of_arming() -> None:
    plan = FaultPlan()
    plan.add(Rule("delay"))
    plan.add(Rule("truncate"))
    assert hits(plan) == [["delay", "truncate"]]


def test_a_rule_can_be_disarmed_alone_or_with_all() -> None:
    plan = FaultPlan()
    first = plan.add(Rule("delay"))
    plan.add(Rule("reset"))
    plan.clear(first)
    assert hits(plan) == [["reset"]]
    plan.clear()
    assert hits(plan) == [[]]


def test_the_listing_tells_what_was_seen_and_hit() -> None:
    plan = FaultPlan()
    plan.add(Rule("reset", count=1))
    hits(plan, times=3)
    (row,) = plan.listing()
    assert (row["kind"], row["seen"], row["hits"]) == ("reset", 3, 1)


@pytest.mark.parametrize("kind", ["", "explode"])
def test_an_unknown_kind_is_refused_with_the_known_ones(kind: str) -> None:
    with pytest.raises(ValueError, match="truncate"):
        FaultPlan().add(Rule(kind))


@pytest.mark.parametrize(
    ("latency", "rows", "seconds"),
    [
        pytest.param(Latency(ms=300), 1000, 0.3, id="per call"),
        pytest.param(Latency(ms=300, per_rows=1000), 1000, 0.3, id="one page"),
        pytest.param(Latency(ms=300, per_rows=1000), 10, 0.3, id="at least once"),
        pytest.param(Latency(ms=60, per_rows=20), 60, 0.18, id="per twenty rows"),
        pytest.param(Latency(match="sync/", ms=300), 5, 0.0, id="another path"),
    ],
)
def test_latency_is_counted_per_call_or_per_rows(latency: Latency, rows: int, seconds: float) -> None:
    plan = FaultPlan(latencies=[latency])
    assert plan.latency_s("/api/v1/1/crm/Accounts", rows) == pytest.approx(seconds)


def test_the_last_fitting_latency_counts() -> None:
    plan = FaultPlan(latencies=[Latency(ms=100), Latency(match="sync", ms=10)])
    assert plan.latency_s("/api/v1/1/sync/CRM/Accounts", 1) == pytest.approx(0.01)
