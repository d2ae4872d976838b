"""Call limits with their headers, and the error velocity."""

from __future__ import annotations

import httpx
import pytest

from exact_sandbox.protocol.limits import Allowance, Caller, CallLimits
from functional.sandbox.core.conftest import Start
from functional.sandbox.core.small_world import DIVISION, OTHER, Connected, guid

NOON_MS = 1_781_611_200_000
DAY = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
MINUTE = {"X-RateLimit-Minutely-Limit", "X-RateLimit-Minutely-Remaining", "X-RateLimit-Minutely-Reset"}


def limits_in(answer: httpx.Response) -> dict[str, str]:
    known = {name.lower(): name for name in DAY | MINUTE}
    return {known[name.lower()]: value for name, value in answer.headers.items() if name.lower() in known}


def spend(exact: Connected, calls: int) -> None:
    for _ in range(calls):
        assert exact.get("vat/VATCodes").status_code == 200


def test_every_answer_of_a_company_carries_both_limits(exact: Connected) -> None:
    exact.running.clock.advance(7)
    assert limits_in(exact.get("vat/VATCodes")) == {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "4999",
        "X-RateLimit-Reset": str(NOON_MS + 12 * 3600 * 1000),
        "X-RateLimit-Minutely-Limit": "60",
        "X-RateLimit-Minutely-Remaining": "59",
        "X-RateLimit-Minutely-Reset": str(NOON_MS + 60_000),
    }


def test_an_error_carries_them_too(exact: Connected) -> None:
    assert set(limits_in(exact.get("vat/VATCodes?$select=Colour"))) == DAY | MINUTE
    assert set(limits_in(exact.get("vat/Nothing"))) == DAY | MINUTE


def test_current_me_has_no_company_and_so_no_limits(exact: Connected) -> None:
    answer = exact.get(f"{exact.running.base}/api/v1/current/Me")
    assert answer.status_code == 200
    assert limits_in(answer) == {}


def test_the_61st_call_of_a_minute_is_429_with_the_minute_headers_only_and_no_body(exact: Connected) -> None:
    spend(exact, 60)
    answer = exact.get("vat/VATCodes")
    assert answer.status_code == 429
    assert answer.content == b""
    assert set(limits_in(answer)) == MINUTE
    assert answer.headers["X-RateLimit-Minutely-Remaining"] == "0"
    assert "Retry-After" not in answer.headers


def test_the_minute_is_a_clock_minute(exact: Connected) -> None:
    exact.running.clock.advance(59)
    spend(exact, 60)
    exact.running.clock.advance(1)
    assert exact.get("vat/VATCodes").status_code == 200


def test_a_spent_day_is_429_with_the_day_headers_only_until_midnight_utc(start: Start) -> None:
    exact = start(allowance=Allowance(minute=60, day=5)).connect()
    spend(exact, 5)
    answer = exact.get("vat/VATCodes")
    assert answer.status_code == 429
    assert set(limits_in(answer)) == DAY
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    exact.running.clock.advance(12 * 3600 - 1)
    assert exact.running.connect().get("vat/VATCodes").status_code == 429
    exact.running.clock.advance(1)
    assert exact.get("vat/VATCodes").status_code == 401
    assert exact.running.connect().get("vat/VATCodes").status_code == 200


def test_each_company_has_its_own_limits(exact: Connected) -> None:
    spend(exact, 60)
    other = Connected(exact.running, exact.access, OTHER)
    assert other.get("vat/VATCodes").status_code == 200


def test_a_refused_call_costs_nothing(exact: Connected) -> None:
    spend(exact, 60)
    for _ in range(5):
        exact.get("vat/VATCodes")
    exact.running.clock.advance(60)
    assert exact.get("vat/VATCodes").headers["X-RateLimit-Remaining"] == str(5000 - 61)


def test_one_licence_may_make_so_many_calls_a_day_over_all_its_apps() -> None:
    limits = CallLimits(Allowance(minute=60, day=50, contract_day=3))
    first, second = Caller("a", DIVISION, contract="x"), Caller("b", OTHER, contract="x")
    assert [limits.admit(caller, NOON_MS).allowed for caller in (first, first, second, second)] == [True] * 3 + [False]


def test_a_premium_company_shares_one_day_among_its_apps() -> None:
    limits = CallLimits(Allowance(minute=60, day=1, premium_day=3))
    callers = [Caller(name, DIVISION, premium=True) for name in "abcd"]
    verdicts = [limits.admit(caller, NOON_MS) for caller in callers]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False]
    assert verdicts[0].headers["X-RateLimit-Limit"] == "3"


# --- error velocity -----------------------------------------------------------------------------------------


def error(exact: Connected) -> int:
    return exact.get(f"logistics/Items(guid'{guid(1, 999)}')").status_code


def fine(exact: Connected, path: str = "logistics/Items") -> httpx.Response:
    return exact.get(f"{path}?$filter=Code eq 'A0001'&$select=ID")


def test_ten_errors_an_hour_are_borne_and_the_eleventh_blocks_the_address(exact: Connected) -> None:
    assert [error(exact) for _ in range(10)] == [404] * 10
    assert fine(exact).status_code == 200
    assert error(exact) == 404
    blocked = fine(exact)
    assert (blocked.status_code, blocked.headers["Reason"]) == (403, "ErrorVelocityExceeded")


def test_other_addresses_and_companies_stay_open(exact: Connected) -> None:
    for _ in range(11):
        error(exact)
    assert fine(exact, "bulk/Logistics/Items").status_code == 200
    assert fine(Connected(exact.running, exact.access, OTHER)).status_code == 200


def test_a_block_ends_after_an_hour_and_the_next_one_lasts_two(exact: Connected) -> None:
    for _ in range(11):
        error(exact)
    exact.running.clock.advance(3600)
    again = exact.running.connect()
    assert fine(again).status_code == 200
    for _ in range(11):
        error(again)
    exact.running.clock.advance(3600)
    assert fine(exact.running.connect()).status_code == 403
    exact.running.clock.advance(3600)
    assert fine(exact.running.connect()).status_code == 200


def test_errors_of_different_hours_are_not_added_up(exact: Connected) -> None:
    for _ in range(10):
        error(exact)
    exact.running.clock.advance(3600)
    again = exact.running.connect()
    assert error(again) == 404
    assert fine(again).status_code == 200


def test_a_switch_gives_the_block_the_form_of_429(start: Start) -> None:
    exact = start(velocity_status=429).connect()
    for _ in range(11):
        error(exact)
    assert fine(exact).status_code == 429


@pytest.mark.parametrize(
    ("condition", "status"),
    [("Colour eq 1", 400), ("Code eq 'A0001'", 200)],
    ids=["errors count", "good answers do not"],
)
def test_what_counts_as_an_error(exact: Connected, condition: str, status: int) -> None:
    for _ in range(11):
        assert exact.get(f"logistics/Items?$select=ID&$filter={condition}").status_code == status
    assert (fine(exact).status_code == 403) == (status == 400)
