"""When a pair is used, when it is replaced, and when the next try may be: the pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from exact_connector.clock import to_text
from exact_connector.exact.auth.oauth import TokenAnswer, TokenResult
from exact_connector.exact.auth.pointer import Pointer, Step, decide, next_try, read_pointer
from exact_connector.exact.auth.refresh_rules import not_before
from exact_connector.exact.connection import ConnectionState
from exact_connector.storage.table import Row
from fakes.clocks import ManualClock

NOW = ManualClock().now()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def pointer(age: float, *, lease: float | None = None, hold: float | None = None, life: float = 600) -> Pointer:
    """A pair of that age; ``lease`` and ``hold`` are seconds from now at which they end."""
    row: Row = {
        "state": "CONNECTED",
        "generation": 3,
        "revision": 9,
        "version": 4,
        "issued_at": to_text(ago(age)),
        "expires_at": to_text(ago(age - life)),
    }
    if lease is not None:
        row |= {"lease_until": to_text(ago(-lease)), "attempt": "a"}
    if hold is not None:
        row["not_before"] = to_text(ago(-hold))
    return read_pointer("acme", row)


@pytest.mark.parametrize(
    ("found", "refused", "step"),
    [
        pytest.param(pointer(0), False, Step.USE, id="new"),
        pytest.param(pointer(570.9), False, Step.USE, id="young to the end"),
        pytest.param(pointer(300), True, Step.PAUSE, id="young and refused: no other exists yet"),
        pytest.param(pointer(571), False, Step.REFRESH, id="due"),
        pytest.param(pointer(580), True, Step.REFRESH, id="due and refused"),
        pytest.param(pointer(580, lease=30), False, Step.USE, id="another refreshes, the token lives"),
        pytest.param(pointer(580, lease=30), True, Step.WAIT, id="another refreshes, the token was refused"),
        pytest.param(pointer(595, lease=30), False, Step.WAIT, id="another refreshes, the token is about to end"),
        pytest.param(pointer(9000, lease=-1), False, Step.REFRESH, id="the lease is over"),
        pytest.param(pointer(9000, lease=-1, hold=500), False, Step.PAUSE, id="the lease is over, its doubt is not"),
        pytest.param(pointer(580, hold=500), False, Step.USE, id="held, the token lives"),
        pytest.param(pointer(596, hold=500), False, Step.PAUSE, id="held, the token has ended"),
        pytest.param(pointer(9000, hold=-1), False, Step.REFRESH, id="no longer held"),
        pytest.param(pointer(200, life=120), False, Step.PAUSE, id="ended before a refresh is allowed"),
    ],
)
def test_the_next_step_follows_from_the_row(found: Pointer, refused: bool, step: Step) -> None:
    assert decide(found, NOW, refused=refused) is step


@pytest.mark.parametrize(
    ("answer", "failures", "doubt", "seconds"),
    [
        pytest.param(TokenAnswer(TokenResult.LOST), 0, True, 571, id="a lost answer"),
        pytest.param(TokenAnswer(TokenResult.TOO_EARLY), 0, False, 10, id="too early: clocks differ"),
        pytest.param(
            TokenAnswer(TokenResult.TOO_EARLY), 1, False, 571, id="too early again: another has a younger pair"
        ),
        pytest.param(TokenAnswer(TokenResult.TOO_EARLY), 0, True, 571, id="too early after a lost answer"),
        pytest.param(TokenAnswer(TokenResult.CHAIN), 0, False, 571, id="an invalid chain"),
        pytest.param(TokenAnswer(TokenResult.NOT_SENT), 0, False, 2, id="not sent"),
        pytest.param(TokenAnswer(TokenResult.NOT_SENT), 3, False, 16, id="not sent for the fourth time"),
        pytest.param(TokenAnswer(TokenResult.NOT_SENT), 99, False, 120, id="not sent for long"),
        pytest.param(TokenAnswer(TokenResult.CREDENTIALS), 0, False, 900, id="a wrong secret"),
        pytest.param(TokenAnswer(TokenResult.REFUSED), 0, False, 60, id="refused"),
        pytest.param(TokenAnswer(TokenResult.REFUSED), 9, False, 900, id="refused for long"),
        pytest.param(TokenAnswer(TokenResult.BUSY, wait_until=NOW.timestamp() + 42), 0, False, 42, id="busy"),
        pytest.param(TokenAnswer(TokenResult.BUSY), 0, False, 60, id="busy without a time"),
    ],
)
def test_an_answer_without_tokens_says_when_to_ask_again(
    answer: TokenAnswer, failures: int, doubt: bool, seconds: float
) -> None:
    moment = not_before(answer, NOW, failures, doubt=doubt)
    assert (moment - NOW).total_seconds() == pytest.approx(seconds)


def test_the_next_try_is_when_every_hindrance_is_gone() -> None:
    assert next_try(pointer(9000, lease=60, hold=500), NOW) == ago(-500)
    assert next_try(pointer(100), NOW) == ago(100 - 571)
    assert next_try(pointer(9000), NOW) == NOW


def test_a_row_that_is_not_there_is_a_tenant_that_was_never_linked() -> None:
    found = read_pointer("acme", None)
    assert (found.connection.state, found.revision, found.generation) == (ConnectionState.DISCONNECTED, 0, 0)
