"""Faults on the data addresses: what the caller sees, and what was done all the same."""

from __future__ import annotations

import httpx
import pytest

from exact_sandbox.faults import Latency, Rule
from functional.sandbox.core.small_world import DIVISION, Connected, guid


def arm(exact: Connected, kind: str, **more: object) -> None:
    exact.running.sandbox.world.faults.add(Rule(kind, count=1, **more))  # type: ignore[arg-type]


def new_item(exact: Connected, code: str) -> httpx.Response:
    return exact.send("POST", "logistics/Items", {"Code": code, "Description": "Nieuw"})


def stored(exact: Connected, code: str) -> bool:
    return bool(exact.results(f"logistics/Items?$filter=Code eq '{code}'&$select=ID"))


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_a_status_fault_answers_so_and_does_nothing(exact: Connected, status: int) -> None:
    arm(exact, "status", status=status)
    assert new_item(exact, "F1").status_code == status
    assert not stored(exact, "F1")


def test_a_status_fault_carries_its_body(exact: Connected) -> None:
    arm(exact, "status", status=503, body="Onderhoud")
    answer = exact.get("vat/VATCodes")
    assert (answer.status_code, answer.text) == (503, "Onderhoud")


def test_a_delayed_answer_is_the_right_one_later(exact: Connected) -> None:
    arm(exact, "delay", delay_ms=300)
    answer = new_item(exact, "F0")
    assert (answer.status_code, stored(exact, "F0")) == (201, True)
    assert answer.elapsed.total_seconds() >= 0.3


@pytest.mark.parametrize("kind", ["truncate", "malform"])
def test_a_broken_answer_comes_after_the_commit(exact: Connected, kind: str) -> None:
    arm(exact, kind)
    with pytest.raises((httpx.RemoteProtocolError, ValueError)):
        new_item(exact, "F5").json()
    assert stored(exact, "F5")


def test_a_reset_comes_before_anything_is_done(exact: Connected) -> None:
    arm(exact, "reset")
    with pytest.raises(httpx.TransportError):
        new_item(exact, "F2")
    assert not stored(exact, "F2")


def test_a_dropped_answer_comes_after_the_commit(exact: Connected) -> None:
    arm(exact, "drop")
    with pytest.raises(httpx.TransportError):
        new_item(exact, "F3")
    assert stored(exact, "F3")


def test_a_truncated_answer_ends_before_its_length(exact: Connected) -> None:
    arm(exact, "truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        exact.get("vat/VATCodes")


def test_a_malformed_answer_is_no_json(exact: Connected) -> None:
    arm(exact, "malform")
    answer = exact.get("vat/VATCodes")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()


def test_a_storm_answers_429_with_the_minute_headers(exact: Connected) -> None:
    arm(exact, "storm")
    answer = exact.get("vat/VATCodes")
    assert (answer.status_code, answer.headers["X-RateLimit-Minutely-Remaining"]) == (429, "0")
    assert "X-RateLimit-Limit" not in answer.headers


@pytest.mark.parametrize("reason", ["BlockedUser", "LicenseExpired", "NoDivisionAccess"])
def test_a_call_can_be_forbidden_for_a_reason(exact: Connected, reason: str) -> None:
    arm(exact, "forbidden", reason=reason)
    answer = exact.get("vat/VATCodes")
    assert (answer.status_code, answer.headers["Reason"]) == (403, reason)
    assert answer.json() == {"error": {"code": "", "message": {"lang": "", "value": f"Forbidden - {reason}"}}}


def test_rows_move_while_somebody_pages(exact: Connected) -> None:
    arm(exact, "move", rows=2)
    first = exact.results("sync/Logistics/Items?$filter=Timestamp gt 1L&$select=Code&$top=5")
    again = exact.results("sync/Logistics/Items?$filter=Timestamp gt 1L&$select=Code")
    assert [row["Code"] for row in first] == ["A0001", "A0002", "A0003", "A0004", "A0005"]
    assert [row["Code"] for row in again][-2:] == ["A0001", "A0002"]


def test_a_late_write_is_answered_at_once_and_seen_later(exact: Connected) -> None:
    arm(exact, "late", delay_ms=2000)
    assert new_item(exact, "F4").status_code == 201
    assert not stored(exact, "F4")
    exact.running.clock.advance(2)
    assert stored(exact, "F4")


def test_a_rule_strikes_the_calls_it_matches(exact: Connected) -> None:
    exact.running.sandbox.world.faults.add(Rule("status", match="/crm/", status=503))
    assert exact.get("vat/VATCodes").status_code == 200
    assert exact.get("crm/Accounts?$filter=Name eq 'Klant 1'").status_code == 503


def test_latency_can_grow_with_the_rows(exact: Connected) -> None:
    faults = exact.running.sandbox.world.faults
    faults.latencies.append(Latency("/sync/", ms=100, per_rows=50))
    assert faults.latency_s("/api/v1/1/sync/Logistics/Items", 150) == pytest.approx(0.3)
    assert exact.get("sync/Logistics/Items?$filter=Timestamp gt 1L&$select=ID").elapsed.total_seconds() >= 0.3


def test_calls_are_counted_by_company_method_address_and_status(exact: Connected) -> None:
    exact.get("vat/VATCodes")
    exact.get(f"logistics/Items(guid'{guid(1, 1)}')")
    counted = exact.running.sandbox.world.counters.calls
    assert counted[(DIVISION, "GET", "vat/VATCodes", 200)] == 1
    assert counted[(DIVISION, "GET", "logistics/Items", 200)] == 1
