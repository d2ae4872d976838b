"""A message is acknowledged unless even its due row could not be kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from exact_connector.environment import read_environment
from exact_connector.errors import BudgetExhausted, ConfigurationError, NotConnected, StoreUnavailable
from exact_connector.workers import deadline, handle_batch
from fakes.clocks import ManualClock


def batch(*bodies: str) -> dict[str, Any]:
    """Return an SQS event with these bodies."""
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]}


@pytest.mark.parametrize(
    ("error", "returned"),
    [
        pytest.param(None, False, id="done"),
        pytest.param(BudgetExhausted("x"), False, id="paused"),
        pytest.param(NotConnected("x"), False, id="not-connected"),
        pytest.param(StoreUnavailable("x"), True, id="store-away"),
        pytest.param(RuntimeError("x"), True, id="fault-of-ours"),
    ],
)
def test_only_what_left_no_due_row_goes_back(error: Exception | None, returned: bool) -> None:
    def process(_body: Mapping[str, str]) -> None:
        if error is not None:
            raise error

    answer = handle_batch(batch(json.dumps({"tenant": "t"})), process, Logger(service="test"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}] if returned else []}


def test_one_failing_message_does_not_take_its_neighbours_along() -> None:
    seen = []

    def process(body: Mapping[str, str]) -> None:
        seen.append(body["n"])
        if body["n"] == "1":
            raise StoreUnavailable("x")

    answer = handle_batch(batch('{"n":"0"}', '{"n":"1"}', "rubbish", '{"n":"3"}'), process, Logger(service="test"))
    assert seen == ["0", "1", "3"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


class Remaining:
    """A context with some seconds left."""

    def get_remaining_time_in_millis(self) -> int:
        """Return 60 seconds."""
        return 60_000


def test_the_deadline_lies_before_the_end_of_the_invocation_in_the_clocks_own_time() -> None:
    clock = ManualClock()
    assert deadline(clock, Remaining()) - clock.now() == timedelta(seconds=50)
    assert deadline(clock, Remaining(), rate=60) - clock.now() == timedelta(seconds=3000)


VARIABLES = {
    "STAGE": "test",
    "CONTROL_TABLE": "c",
    "SYNC_TABLE": "s",
    "RECORDS_TABLE": "r",
    "CATALOG_TABLE": "k",
    "ORDERS_TABLE": "o",
    "ASSETS_BUCKET": "b",
    "EVENT_BUS": "e",
    "EXACT_HOSTS": "nl=https://start.exactonline.nl, be=https://start.exactonline.be/",
    "PUBLIC_BASE_URL": "https://api.example.test/",
    "OPERATOR_KEY_SECRET": "k",
    "APPLICATION_SECRET_PREFIX": "/test/exact/applications",
}


def test_the_environment_is_read_with_its_hosts_and_callback() -> None:
    found = read_environment(VARIABLES)
    assert found.hosts == {"nl": "https://start.exactonline.nl", "be": "https://start.exactonline.be"}
    assert found.redirect_uri == "https://api.example.test/oauth/callback"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"CONTROL_TABLE": ""}, "CONTROL_TABLE", id="empty-table"),
        pytest.param({"TOKEN_BACKEND": "disk"}, "TOKEN_BACKEND", id="unknown-store"),
        pytest.param({"EXACT_HOSTS": "nl=http://exact.example"}, "must be https", id="plain-http"),
        pytest.param({"EXACT_HOSTS": "nl"}, "country=address", id="no-pairs"),
    ],
)
def test_a_wrong_environment_stops_the_function_and_names_the_variable(change: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        read_environment(VARIABLES | change)


def test_loopback_may_be_plain_http_for_a_local_run() -> None:
    assert read_environment(VARIABLES | {"EXACT_HOSTS": "nl=http://127.0.0.1:9"}).hosts == {"nl": "http://127.0.0.1:9"}
