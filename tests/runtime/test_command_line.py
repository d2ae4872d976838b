"""The local run as a person meets it: one clear line when it cannot start, and nothing left behind when it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from exact_local.failures import LocalRunError
from exact_local.options import company_of, parse
from exact_local.state import StateFolder
from runtime.conftest import ROOT
from runtime.processes import alive, descendants

ELSEWHERE = ["--exact-url", "http://127.0.0.1:9", "--client-id", "client", "--client-secret", "secret", "--no-demo"]

CLIENT = ["--client-id", "a", "--client-secret", "b", "--no-demo"]


def command(checkout: Path, state: Path, port: int, *more: str) -> list[str]:
    own = ["--root", str(checkout), "--state", str(state), "--port", str(port)]
    return [sys.executable, "-m", "exact_local", *own, *ELSEWHERE, *more]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "infra/local"), "PYTHONUNBUFFERED": "1"}


def result_of(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, env=environment(), capture_output=True, text=True, timeout=60, check=False)


@contextlib.contextmanager
def running(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        arguments,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "stays up" in line:
                break
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_stops_everything_it_started(
    checkout: Path, tmp_path: Path, free_port: Callable[[], int], number: signal.Signals
) -> None:
    port = free_port()
    with running(command(checkout, tmp_path, port)) as process:
        assert httpx.get(f"http://127.0.0.1:{port}/health", timeout=20).status_code == 200
        started = descendants(process.pid)
        assert len(started) >= 3
        process.send_signal(number)
        assert process.wait(60) == 0
        assert alive(started) == set()


@pytest.mark.slow
def test_a_killed_run_leaves_no_process_and_loses_no_write(
    checkout: Path, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    with running(command(checkout, tmp_path, port)) as process:
        started = descendants(process.pid)
        assert httpx.put(f"http://127.0.0.1:{port}/v1/tenants/kept", json="written", timeout=20).status_code == 204
        process.kill()
        process.wait()
        while alive(started):
            pass
    with running(command(checkout, tmp_path, port)):
        assert httpx.get(f"http://127.0.0.1:{port}/v1/tenants/kept", timeout=20).json() == "written"


def test_a_busy_port_is_said_in_one_line(checkout: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = result_of(command(checkout, tmp_path, port))
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith(f"Port {port} (the API and the console) is in use")


def test_a_state_folder_in_use_is_said_in_one_line(
    checkout: Path, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    state = StateFolder(tmp_path)
    result = result_of(command(checkout, tmp_path, free_port()))
    state.close()
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "Another run uses the state folder" in result.stderr


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param("Resources: [", "is no YAML", id="no YAML"),
        pytest.param("Resources: {}", "is no template of this product", id="another template"),
        pytest.param(None, "is missing", id="missing"),
    ],
)
def test_a_broken_template_is_said_in_one_line(
    tmp_path: Path, free_port: Callable[[], int], template: str | None, message: str
) -> None:
    if template is not None:
        (tmp_path / "template.yaml").write_text(template)
    result = result_of(command(tmp_path, tmp_path / "state", free_port()))
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert message in result.stderr


@pytest.mark.slow
def test_a_template_that_cannot_be_deployed_is_said_in_one_line(
    checkout: Path, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    broken = (
        (checkout / "template.yaml").read_text().replace("Type: AWS::Events::EventBus", "Type: AWS::Events::NoSuchBus")
    )
    (tmp_path / "template.yaml").write_text(broken)
    result = result_of(command(tmp_path, tmp_path / "state", free_port(), "--once"))
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "NoSuchBus" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["--exact-url", "https://start.exactonline.nl"], "--client-id and --client-secret", id="no client"
        ),
        pytest.param(["--client-id", "a"], "go together with --exact-url", id="client without address"),
        pytest.param(
            ["--exact-url", "https://exact.example", "--client-id", "a", "--client-secret", "b"],
            "needs --administration",
            id="no administration",
        ),
        pytest.param(
            ["--exact-url", "http://exact.example", *CLIENT],
            "must be https",
            id="http",
        ),
        pytest.param(["--exact-url", "exact", *CLIENT], "no web address", id="no address"),
        pytest.param(["--public-url", "http://tunnel.example"], "--public-url must be https", id="http tunnel"),
        pytest.param(["--port", "70000"], "is no port", id="port"),
        pytest.param(["--items", "0"], "at least 1", id="no items"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(LocalRunError, match=message):
        parse(arguments)


def test_no_options_mean_the_demo_with_five_thousand_items() -> None:
    options = parse([])
    assert (company_of(options, None), options.demo) == ({"items": 5000, "customers": 1000, "seed": 7}, True)


MADE = {"items": 1500, "customers": 300, "seed": 7}


@pytest.mark.parametrize(
    ("arguments", "made", "company"),
    [
        pytest.param(["--items", "1500"], None, {"items": 1500, "customers": 1000, "seed": 7}, id="a new folder"),
        pytest.param([], MADE, MADE, id="a folder keeps its company"),
        pytest.param(["--items", "1500"], MADE, MADE, id="the same size named again"),
    ],
)
def test_a_state_folder_keeps_the_company_it_was_made_with(
    arguments: list[str], made: dict[str, int] | None, company: dict[str, int]
) -> None:
    assert company_of(parse(arguments), made) == company


def test_another_company_than_the_folder_holds_is_refused_with_what_to_do() -> None:
    with pytest.raises(LocalRunError, match=r"made with --items 1500 and not 20: leave the option out .* --fresh"):
        company_of(parse(["--items", "20"]), MADE)


def test_a_fresh_start_forgets_the_state(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    state.ports()
    state.sandbox.mkdir()
    (state.sandbox / "file").write_text("x")
    state.clear()
    assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]
    state.close()


def test_inner_ports_stay_the_same_over_restarts(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    assert state.ports() == state.ports()
    state.close()


def test_a_taken_inner_port_is_named(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", state.ports().sandbox))
        taken.listen()
        with pytest.raises(LocalRunError, match="inner port 'sandbox'"):
            state.ports()
    state.close()
