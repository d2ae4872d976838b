"""The authorisation address: login page, consent page, refusal, codes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from functional.sandbox.core.conftest import Start
from functional.sandbox.core.small_world import CALLBACK, CLIENT_ID, DIVISION, OTHER, Running, read_form


def query_of(url: object) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(str(url)).query).items()}


def test_a_person_sees_a_login_page_first(running: Running) -> None:
    page = running.http.get(running.authorize_url())
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert [name for name, _ in read_form(page.text)[1]] == ["username", "password"]


def test_a_wrong_password_shows_the_login_page_again_with_a_reason(running: Running) -> None:
    page = running.log_in(password="wrong")
    assert "is not correct" in page.text
    assert [name for name, _ in read_form(page.text)[1]] == ["username", "password"]


def test_the_consent_page_has_one_tick_box_per_company_of_the_user(running: Running) -> None:
    _, fields = read_form(running.log_in().text)
    assert [value for name, value in fields if name == "division"] == ["123456", "123457", "200001", "123458"]


def test_a_user_of_one_company_is_offered_that_one(running: Running) -> None:
    _, fields = read_form(running.log_in("one@example.test", "one").text)
    assert [value for name, value in fields if name == "division"] == [str(OTHER)]


def test_consent_sends_the_browser_back_with_a_code_and_the_state(running: Running) -> None:
    there = running.consent(running.log_in())
    assert str(there).startswith(CALLBACK + "?")
    assert query_of(there)["state"] == "s 1"
    assert "!" in query_of(there)["code"]


def test_the_exclamation_mark_of_a_code_is_escaped_in_the_redirect(running: Running) -> None:
    there = running.consent(running.log_in())
    assert "%21" in str(there)
    assert "!" not in str(there)


def test_a_refusal_sends_the_browser_back_with_access_denied(running: Running) -> None:
    there = running.consent(running.log_in(), action="deny")
    assert query_of(there) == {"error": "access_denied", "state": "s 1"}


def test_consent_without_any_company_asks_again(running: Running) -> None:
    address, fields = read_form(running.log_in().text)
    page = running.http.post(running.base + address, data={"ticket": dict(fields)["ticket"], "action": "allow"})
    assert "Choose at least one company" in page.text


def test_a_company_of_somebody_else_cannot_be_ticked(running: Running) -> None:
    page = running.log_in("one@example.test", "one")
    there = running.consent(page, [OTHER, DIVISION])
    running.exchange(query_of(there)["code"])
    assert [chain.grant.divisions for chain in running.sandbox.oauth.chains.values()] == [(OTHER,)]


def test_a_second_request_in_the_same_session_skips_the_login_page(running: Running) -> None:
    running.log_in()
    assert read_form(running.http.get(running.authorize_url()).text)[1][0][0] == "ticket"


def test_force_login_asks_for_the_password_even_in_a_session(running: Running) -> None:
    running.log_in()
    page = running.http.get(running.authorize_url(force_login="1"))
    assert [name for name, _ in read_form(page.text)[1]] == ["username", "password"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"client_id": "99999999-2222-4333-8444-555555555555"}, id="unknown app"),
        pytest.param({"redirect_uri": "https://evil.example.com/oauth/callback"}, id="another host"),
        pytest.param({"redirect_uri": CALLBACK + "/more"}, id="another path"),
        pytest.param({"redirect_uri": "http://127.0.0.1:8000/oauth/callback"}, id="loopback"),
        pytest.param({"response_type": "password"}, id="unknown response type"),
    ],
)
def test_a_request_that_cannot_be_trusted_is_refused_without_a_redirect(
    running: Running, changed: dict[str, str]
) -> None:
    answer = running.http.get(running.authorize_url(**changed))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_registered_loopback_address_is_refused_too_because_it_is_not_public_https(running: Running) -> None:
    running.sandbox.world.apps[CLIENT_ID].redirect_uris.append("http://localhost:9/cb")
    answer = running.http.get(running.authorize_url(redirect_uri="http://localhost:9/cb"))
    assert answer.status_code == 400
    assert "--allow-loopback" in answer.text


def test_with_the_loopback_switch_any_port_of_this_machine_passes_with_the_registered_path(start: Start) -> None:
    running = start(allow_loopback=True)
    assert (
        running.http.get(running.authorize_url(redirect_uri="http://127.0.0.1:8123/oauth/callback")).status_code == 200
    )
    assert running.http.get(running.authorize_url(redirect_uri="http://127.0.0.1:8123/other")).status_code == 400
    assert running.http.get(running.authorize_url(redirect_uri="http://192.0.2.1/oauth/callback")).status_code == 400


def test_the_implicit_flow_hands_the_access_token_in_the_fragment(running: Running) -> None:
    there = running.consent(running.log_in(response_type="token"))
    given = {name: values[0] for name, values in parse_qs(urlsplit(str(there)).fragment).items()}
    assert given["expires_in"] == "600"
    assert "refresh_token" not in given
    assert given["state"] == "s 1"


def test_the_pages_escape_what_they_show(running: Running) -> None:
    page = running.http.get(running.authorize_url(state="<script>alert(1)</script>"))
    assert "<script>" not in page.text
    page = running.log_in(user="<b>x</b>", password="x")
    assert "<b>x</b>" not in page.text
