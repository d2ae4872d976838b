"""Handlers run as on Lambda: one event per process, time-outs, crashes and init errors told to the caller."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from exact_local.supervisor import Deployed, Supervisor
from runtime.conftest import HANDLERS, LoopThread

FUNCTION = Deployed("probe", "probe.handler", 20, 2, {"PYTHONPATH": str(HANDLERS)})


class Driver:
    """A supervisor whose functions are called as the local AWS calls them."""

    def __init__(self, loop: LoopThread, port: int, logs: Path) -> None:
        self.loop = loop
        self.problems: list[str] = []
        self.supervisor = Supervisor(port, logs, self.problems.append)
        loop.run(self.supervisor.start())

    def deploy(self, *functions: Deployed) -> None:
        self.loop.run(self.supervisor.deploy(list(functions)))

    def invoke(self, *events: dict[str, Any], name: str = "probe") -> list[tuple[int, Any]]:
        return self.loop.run(self._invoke(events, name))

    async def _invoke(self, events: tuple[dict[str, Any], ...], name: str) -> list[tuple[int, Any]]:
        async with aiohttp.ClientSession() as session:
            return await asyncio.gather(*(self._post(session, event, name) for event in events))

    async def _post(self, session: aiohttp.ClientSession, event: dict[str, Any], name: str) -> tuple[int, Any]:
        headers = {"X-Amzn-Lambda-Function-Name": name, "X-Amzn-Lambda-Function-Arn": f"arn:aws:lambda:::{name}"}
        async with session.post(self.supervisor.url, data=json.dumps(event), headers=headers) as answer:
            return answer.status, json.loads(await answer.read())


@pytest.fixture
def driver(loop: LoopThread, free_port: Callable[[], int], tmp_path: Path) -> Iterator[Driver]:
    driver = Driver(loop, free_port(), tmp_path)
    driver.deploy(FUNCTION)
    yield driver
    loop.run(driver.supervisor.close())


def test_a_handler_answers_its_event(driver: Driver) -> None:
    ((status, answer),) = driver.invoke({"do": "echo", "name": "één"})
    assert (status, answer["event"]) == (200, {"do": "echo", "name": "één"})


def test_a_process_is_used_again_for_the_next_event(driver: Driver) -> None:
    first, second = driver.invoke({"do": "echo"}), driver.invoke({"do": "echo"})
    assert first[0][1]["pid"] == second[0][1]["pid"]


def test_two_events_at_once_run_in_two_processes(driver: Driver, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("one", "two")]
    answers = driver.invoke(*({"do": "meet", "files": files, "mine": mine} for mine in ("one", "two")))
    assert [answer for _, answer in answers] == ["met", "met"]


def test_more_events_than_processes_wait_for_their_turn(driver: Driver) -> None:
    answers = driver.invoke(*({"do": "echo", "number": number} for number in range(8)))
    assert [answer["event"]["number"] for _, answer in answers] == list(range(8))
    assert len({answer["pid"] for _, answer in answers}) <= FUNCTION.processes


def test_a_handler_sees_how_much_time_it_has_left(driver: Driver) -> None:
    ((_, left),) = driver.invoke({"do": "left"})
    assert 15_000 < left <= 20_000


def test_an_exception_reaches_the_caller_with_its_type_and_message(driver: Driver) -> None:
    ((status, answer),) = driver.invoke({"do": "raise"})
    assert (status, answer["errorType"], answer["errorMessage"]) == (500, "ValueError", "this order has no lines")


def test_a_process_that_dies_is_reported_and_replaced(driver: Driver) -> None:
    ((status, answer),) = driver.invoke({"do": "exit"})
    assert (status, answer["errorType"]) == (500, "Runtime.ExitError")
    assert "exit code 7" in answer["errorMessage"]
    assert driver.invoke({"do": "echo"})[0][0] == 200


def test_a_handler_that_takes_too_long_is_killed_and_replaced(driver: Driver) -> None:
    driver.deploy(replace(FUNCTION, timeout=1))
    before = driver.invoke({"do": "echo"})[0][1]["pid"]
    ((status, answer),) = driver.invoke({"do": "hang"})
    assert (status, answer["errorType"]) == (500, "Sandbox.Timedout")
    after = driver.invoke({"do": "echo"})[0][1]["pid"]
    assert after != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_an_answer_above_six_megabytes_is_refused_as_on_lambda(driver: Driver) -> None:
    ((status, answer),) = driver.invoke({"do": "large", "size": 7 * 1024 * 1024})
    assert (status, answer["errorType"]) == (500, "Function.ResponseSizeTooLarge")


def test_an_answer_just_below_six_megabytes_arrives_whole(driver: Driver) -> None:
    ((status, answer),) = driver.invoke({"do": "large", "size": 6 * 1024 * 1024 - 100})
    assert (status, len(answer)) == (200, 6 * 1024 * 1024 - 100)


def test_an_error_at_import_is_told_to_the_caller_and_shown_once(driver: Driver) -> None:
    environment = {**FUNCTION.environment, "BREAK_AT_INIT": "1"}
    driver.deploy(replace(FUNCTION, environment=environment))
    answers = [driver.invoke({"do": "echo"})[0] for _ in range(2)]
    assert [(status, answer["errorType"]) for status, answer in answers] == [(500, "Runtime.InitError")] * 2
    assert "no settings today" in answers[0][1]["errorMessage"]
    assert len(driver.problems) == 1
    assert driver.problems[0].startswith("probe cannot start: RuntimeError: no settings today")


def test_a_missing_package_is_named(driver: Driver) -> None:
    driver.deploy(replace(FUNCTION, handler="not_there.app.handler"))
    ((_, answer),) = driver.invoke({"do": "echo"})
    assert "No module named 'not_there'" in answer["errorMessage"]


def test_an_unknown_function_is_refused(driver: Driver) -> None:
    ((status, answer),) = driver.invoke({"do": "echo"}, name="nobody")
    assert (status, answer["errorType"]) == (500, "ResourceNotFoundException")


def test_a_new_deployment_ends_the_processes_of_the_old_one(driver: Driver) -> None:
    old = driver.invoke({"do": "echo"})[0][1]["pid"]
    driver.deploy(FUNCTION)
    assert driver.invoke({"do": "echo"})[0][1]["pid"] != old
    with pytest.raises(ProcessLookupError):
        os.kill(old, 0)


def test_handlers_run_on_the_python_of_the_project(driver: Driver) -> None:
    assert driver.invoke({"do": "echo"})[0][1]["python"] == sys.executable
