"""The token endpoint: codes, rotation, the 570-second rule, expiry; bodies and headers as recorded from Exact."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from exact_sandbox.faults import Rule
from functional.sandbox.core.conftest import Start
from functional.sandbox.core.small_world import CALLBACK, CLIENT_ID, DIVISION, SECRET, Connected, Running


@pytest.fixture
def tokens(running: Running) -> dict[str, str]:
    """Return the first pair of tokens."""
    return dict(running.exchange(running.code()).json())


def test_a_code_is_traded_for_tokens_with_the_life_as_text(running: Running) -> None:
    answer = running.exchange(running.code())
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert answer.json()["expires_in"] == "600"
    assert answer.json()["token_type"].lower() == "bearer"


NO_CHAIN = '{ "error":"invalid_grant","error_description":"Token is not allowed, because of invalid or empty chainId" }'
NO_CHAIN_REASON = "Unknown: Token is not allowed, because of invalid or empty chainId"


def test_a_code_works_once(running: Running) -> None:
    code = running.code()
    running.exchange(code)
    answer = running.exchange(code)
    assert (answer.status_code, answer.text, answer.headers["Reason"]) == (400, NO_CHAIN, NO_CHAIN_REASON)


def test_a_refresh_token_of_no_chain_is_an_invalid_grant(running: Running) -> None:
    answer = running.refresh("unknown")
    assert (answer.status_code, answer.text, answer.headers["Reason"]) == (400, NO_CHAIN, NO_CHAIN_REASON)


@pytest.mark.parametrize(("seconds", "status"), [(179, 200), (180, 400)], ids=["within 3 minutes", "after 3 minutes"])
def test_a_code_lives_three_minutes(running: Running, seconds: int, status: int) -> None:
    code = running.code()
    running.clock.advance(seconds)
    assert running.exchange(code).status_code == status


def test_a_code_is_refused_for_another_redirect_address(running: Running) -> None:
    answer = running.token(grant_type="authorization_code", code=running.code(), redirect_uri=CALLBACK + "x")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(
            {"client_secret": "wrong", "grant_type": "refresh_token", "refresh_token": "x"}, id="wrong secret"
        ),
        pytest.param({"client_id": "nobody", "grant_type": "refresh_token", "refresh_token": "x"}, id="unknown app"),
        pytest.param({"grant_type": "refresh_token"}, id="no token"),
        pytest.param({"grant_type": "client_credentials"}, id="unknown grant type"),
        pytest.param({}, id="empty"),
    ],
)
def test_a_wrong_secret_or_form_is_a_bare_invalid_request(running: Running, form: dict[str, str]) -> None:
    answer = running.token(**form)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_a_refresh_before_570_seconds_is_refused_byte_for_byte(running: Running, tokens: dict[str, str]) -> None:
    running.clock.advance(569)
    answer = running.refresh(tokens["refresh_token"])
    assert answer.status_code == 400
    assert answer.text == (
        '{ "error":"access_denied","error_description":"Rate limit exceeded: access_token not expired" }'
    )
    assert answer.headers["Reason"] == "TooEarlyToRefreshTokens: Rate limit exceeded: access_token not expired"


def test_after_a_refusal_the_old_pair_stays_valid(running: Running, tokens: dict[str, str]) -> None:
    running.clock.advance(300)
    running.refresh(tokens["refresh_token"])
    assert Connected(running, tokens["access_token"]).get("hrm/Costcenters").status_code == 200
    running.clock.advance(270)
    assert running.refresh(tokens["refresh_token"]).status_code == 200


def test_every_refresh_gives_a_new_refresh_token(running: Running, tokens: dict[str, str]) -> None:
    running.clock.advance(570)
    second = running.refresh(tokens["refresh_token"]).json()
    assert second["refresh_token"] != tokens["refresh_token"]
    assert second["access_token"] != tokens["access_token"]


def test_a_used_refresh_token_is_answered_401_unauthorized_client(running: Running, tokens: dict[str, str]) -> None:
    running.clock.advance(570)
    running.refresh(tokens["refresh_token"])
    answer = running.refresh(tokens["refresh_token"])
    assert answer.status_code == 401
    assert answer.text == '{"error":"unauthorized_client","error_description":"Old refresh token used."}'


def test_a_switch_answers_a_used_refresh_token_with_400_invalid_grant(start: Start) -> None:
    running = start(old_token_form="invalid_grant")
    first = running.exchange(running.code()).json()["refresh_token"]
    running.clock.advance(570)
    running.refresh(first)
    answer = running.refresh(first)
    assert (answer.status_code, answer.text, answer.headers["Reason"]) == (400, NO_CHAIN, NO_CHAIN_REASON)


def test_a_refresh_token_unused_for_30_days_is_answered_with_both_moments(
    running: Running, tokens: dict[str, str]
) -> None:
    running.clock.advance(30 * 86400 + 3 * 3600 + 18)
    answer = running.refresh(tokens["refresh_token"])
    assert answer.status_code == 400
    assert answer.text == (
        r'{"error":"invalid_request","error_description":"The refresh token expired at '
        r'7\/16\/2026 12:00:00 PM and it is now 7\/16\/2026 3:00:18 PM."}'
    )


def test_using_the_refresh_token_weekly_keeps_it_alive(running: Running, tokens: dict[str, str]) -> None:
    refresh = tokens["refresh_token"]
    for _ in range(6):
        running.clock.advance(7 * 86400)
        refresh = running.refresh(refresh).json()["refresh_token"]
    assert running.sandbox.world.tokens.refreshes == 6


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 401)], ids=["within 600 s", "after 600 s"])
def test_an_access_token_lives_600_seconds(running: Running, tokens: dict[str, str], seconds: int, status: int) -> None:
    running.clock.advance(seconds)
    assert Connected(running, tokens["access_token"]).get("hrm/Costcenters").status_code == status


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer nonsense", id="unknown"),
        pytest.param("Basic eDp5", id="basic"),
    ],
)
def test_a_call_without_a_valid_access_token_is_401(running: Running, authorization: str) -> None:
    headers = {"Accept": "application/json", **({"Authorization": authorization} if authorization else {})}
    answer = running.http.get(f"{running.base}/api/v1/{DIVISION}/hrm/Costcenters", headers=headers)
    assert (answer.status_code, answer.reason_phrase) == (401, "Authentication Required")
    assert answer.json() == {"error": {"code": "", "message": {"lang": "", "value": "Authentication Required"}}}
    assert (answer.headers["Reason"], answer.headers["WWW-Authenticate"]) == ("Authentication Required", "Bearer")


def test_two_sign_ins_of_one_user_are_two_independent_chains(running: Running) -> None:
    first, second = (running.exchange(running.code()).json() for _ in range(2))
    running.clock.advance(570)
    assert running.refresh(first["refresh_token"]).status_code == 200
    assert running.refresh(second["refresh_token"]).status_code == 200


def test_a_dropped_answer_has_rotated_the_tokens_all_the_same(running: Running, tokens: dict[str, str]) -> None:
    running.clock.advance(570)
    running.sandbox.world.faults.add(Rule("rotate_drop", match="/api/oauth2/token", count=1))
    with pytest.raises(httpx.TransportError):
        running.refresh(tokens["refresh_token"])
    assert running.refresh(tokens["refresh_token"]).json()["error"] == "unauthorized_client"


def test_a_token_endpoint_that_fails_before_the_work_has_rotated_nothing(
    running: Running, tokens: dict[str, str]
) -> None:
    running.clock.advance(570)
    running.sandbox.world.faults.add(Rule("status", match="/api/oauth2/token", count=1, status=503))
    assert running.refresh(tokens["refresh_token"]).status_code == 503
    assert running.refresh(tokens["refresh_token"]).status_code == 200


def test_an_armed_chain_fault_refuses_and_rotates_nothing(running: Running, tokens: dict[str, str]) -> None:
    running.clock.advance(570)
    running.sandbox.world.faults.add(Rule("chain", match="/api/oauth2/token", count=1))
    answer = running.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.text, answer.headers["Reason"]) == (400, NO_CHAIN, NO_CHAIN_REASON)
    assert running.refresh(tokens["refresh_token"]).status_code == 200


def test_more_than_ten_early_refreshes_in_an_hour_block_the_token_endpoint(
    running: Running, tokens: dict[str, str]
) -> None:
    early = [running.refresh(tokens["refresh_token"]).status_code for _ in range(11)]
    assert early == [400] * 11
    running.clock.advance(570)
    assert running.refresh(tokens["refresh_token"]).status_code == 403
    running.clock.advance(3600)
    assert running.refresh(tokens["refresh_token"]).status_code == 200


def basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def test_the_credentials_may_come_in_a_basic_header(running: Running) -> None:
    form = {"grant_type": "authorization_code", "code": running.code(), "redirect_uri": CALLBACK}
    answer = running.http.post(
        f"{running.base}/api/oauth2/token", data=form, headers=basic(f"{CLIENT_ID}:{SECRET}")
    ).json()
    running.clock.advance(570)
    form = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    again = running.http.post(f"{running.base}/api/oauth2/token", data=form, headers=basic(f"{CLIENT_ID}:{SECRET}"))
    assert again.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(basic(f"{CLIENT_ID}:wrong"), id="wrong secret"),
        pytest.param(basic(CLIENT_ID), id="no secret"),
        pytest.param({"Authorization": "Basic ***"}, id="not base64"),
        pytest.param({"Authorization": f"Bearer {SECRET}"}, id="another scheme"),
    ],
)
def test_a_basic_header_that_does_not_fit_is_a_bare_invalid_request(running: Running, headers: dict[str, str]) -> None:
    form = {"grant_type": "authorization_code", "code": running.code(), "redirect_uri": CALLBACK}
    answer = running.http.post(f"{running.base}/api/oauth2/token", data=form, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_the_client_id_may_stand_in_braces(running: Running) -> None:
    form = {"grant_type": "authorization_code", "code": running.code(), "redirect_uri": CALLBACK}
    answer = running.token(client_id="{" + CLIENT_ID + "}", client_secret=SECRET, **form)
    assert json.loads(answer.text)["expires_in"] == "600"
