"""The sandbox as a command: it starts, says where, refuses a busy port, and keeps its state over kill -9."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import exact_sandbox
from exact_sandbox.__main__ import arguments
from functional.sandbox.core.small_world import read_form
from functional.sandbox.core.tls import certificate

PACKAGE = Path(str(exact_sandbox.__file__)).parent.parent
CALLBACK = "http://127.0.0.1:9/oauth/callback"
CLIENT = {"client_id": "11111111-2222-4333-8444-555555555555", "client_secret": "sandbox-secret"}
SMALL = ["--items", "30", "--customers", "10", "--orders", "3", "--seed", "3", "--allow-loopback"]

Launch = Callable[..., tuple["subprocess.Popen[str]", str]]


def command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "exact_sandbox", *SMALL, "--redirect-uri", CALLBACK, *arguments],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start sandbox processes and return each with its address."""
    started: list[subprocess.Popen[str]] = []

    def launch_one(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = command(*arguments)
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().split()[-1]

    yield launch_one
    for process in started:
        process.kill()
        process.communicate()


def sign_in(base: str) -> dict[str, str]:
    """Go through the pages and return the tokens."""
    with httpx.Client() as browser:
        params = {"client_id": CLIENT["client_id"], "redirect_uri": CALLBACK, "response_type": "code"}
        address, _ = read_form(browser.get(f"{base}/api/oauth2/auth", params=params).text)
        login = {"username": "demo@example.test", "password": "demo", "action": "login"}
        address, fields = read_form(browser.post(base + address, data=login).text)
        divisions = [value for name, value in fields if name == "division"]
        consent = {"ticket": dict(fields)["ticket"], "division": divisions, "action": "allow"}
        code = httpx.URL(browser.post(base + address, data=consent).headers["Location"]).params["code"]
        form = {**CLIENT, "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return dict(browser.post(f"{base}/api/oauth2/token", data=form).json())


def headers(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"}


def test_it_tells_where_it_listens_and_stops_on_request(launch: Launch) -> None:
    process, base = launch("--port", "0")
    assert httpx.get(f"{base}/sandbox/info").json()["base_url"] == base
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_a_busy_port_gives_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = command("--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert errors.startswith("The sandbox cannot start: ")
    assert len(errors.splitlines()) == 1


def test_the_app_has_the_areas_that_the_command_gives_it(launch: Launch) -> None:
    _, base = launch("--port", "0", "--scope", "sales.orders", "--scope", "logistics.items:read")
    asked = headers(sign_in(base))
    items = f"{base}/api/v1/123456/logistics/Items"
    assert httpx.get(f"{items}?$filter=Code eq 'x'", headers=asked).status_code == 200
    refused = [
        httpx.post(items, json={"Code": "X", "Description": "x"}, headers=asked),
        httpx.get(f"{base}/api/v1/123456/crm/BankAccounts", headers=asked),
    ]
    assert [answer.status_code for answer in refused] == [403, 403]
    assert "Application Scope Violated" in refused[1].json()["error"]["message"]["value"]


def test_an_area_that_does_not_exist_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--scope", "crm.everything"])
    assert "'crm.everything' is no area" in capfd.readouterr().err


def test_it_serves_https_with_a_certificate(launch: Launch, tmp_path: Path) -> None:
    path = certificate(tmp_path)
    _, base = launch("--port", "0", "--tls-cert", str(path), "--tls-key", str(path))
    assert base.startswith("https://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=str(path))
    assert httpx.get(f"{base}/sandbox/info", verify=trusting).json()["base_url"] == base


def test_tokens_and_changes_survive_a_hard_kill(launch: Launch, tmp_path: Path) -> None:
    process, base = launch("--port", "0", "--state-dir", str(tmp_path))
    tokens = sign_in(base)
    body = {"Code": "KEPT", "Description": "Blijft"}
    made = httpx.post(f"{base}/api/v1/123456/logistics/Items", json=body, headers=headers(tokens))
    assert made.status_code == 201
    process.kill()
    process.wait()
    process, base = launch("--port", "0", "--state-dir", str(tmp_path))
    address = f"{base}/api/v1/123456/logistics/Items"
    found = httpx.get(address, params={"$filter": "Code eq 'KEPT'", "$select": "ID"}, headers=headers(tokens))
    assert [row["ID"] for row in found.json()["d"]["results"]] == [made.json()["d"]["ID"]]
    form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert httpx.post(f"{base}/api/oauth2/token", data=form).json()["error"] == "access_denied"
    httpx.put(f"{base}/sandbox/clock", json={"advance": 570})
    process.kill()
    process.wait()
    _, base = launch("--port", "0", "--state-dir", str(tmp_path))
    assert httpx.get(f"{base}/sandbox/clock").json()["offset"] == pytest.approx(570, abs=1)
    assert httpx.post(f"{base}/api/oauth2/token", data=form).status_code == 200
    assert httpx.post(f"{base}/api/oauth2/token", data=form).json()["error"] == "unauthorized_client"


def test_a_state_of_another_company_is_refused_in_one_line(launch: Launch, tmp_path: Path) -> None:
    process, _ = launch("--port", "0", "--state-dir", str(tmp_path))
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    other = command("--port", "0", "--state-dir", str(tmp_path), "--seed", "4")
    _, errors = other.communicate(timeout=30)
    assert other.returncode == 1
    assert "start with the same seed and sizes" in errors
