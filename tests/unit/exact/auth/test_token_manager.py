"""The token keeper: when a pair is used, when it is replaced, and what no fault may do to it."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from exact_connector.errors import (
    ConfigurationError,
    ExactUnavailable,
    LeaseHeld,
    ReauthorizationRequired,
    StoreUnavailable,
    TransientError,
)
from exact_connector.exact.http.transport import HttpAnswer, HttpRequest
from fakes.crashing import Crash
from unit.exact.auth.token_model import Bench


def test_a_young_token_is_used_without_asking_exact() -> None:
    bench = Bench()
    bench.wait(569)
    assert bench.keeper().access_token() == "access-1"
    assert bench.exact.posts == 0


@pytest.mark.parametrize(
    ("age", "token"), [(570.5, "access-1"), (571, "access-2"), (594, "access-2"), (5000, "access-2")]
)
def test_the_pair_is_replaced_from_571_seconds_on(age: float, token: str) -> None:
    bench = Bench()
    bench.wait(age)
    assert bench.keeper().access_token() == token
    assert bench.exact.early == 0


def test_one_refresh_serves_every_process() -> None:
    bench = Bench()
    keepers = [bench.keeper() for _ in range(8)]
    bench.wait(580)
    assert {keeper.access_token() for keeper in keepers} == {"access-2"}
    assert bench.exact.posts == 1


def test_the_new_pair_is_saved_before_anybody_uses_it() -> None:
    bench = Bench()
    bench.wait(700)
    token = bench.keeper().access_token()
    assert f'"{token}"' in bench.stored_tokens()
    assert bench.row()["generation"] == 2


def test_the_row_holds_no_token() -> None:
    bench = Bench()
    bench.wait(700)
    bench.keeper().access_token()
    assert "access-" not in str(bench.row())
    assert "refresh-" not in str(bench.row())


def test_a_process_that_meets_a_running_refresh_uses_the_old_token_while_it_lives() -> None:
    bench = Bench()
    bench.wait(575)
    other = bench.keeper()
    seen: list[str] = []
    bench.exact.during = lambda: seen.append(other.access_token())
    assert bench.keeper().access_token() == "access-2"
    assert seen == ["access-1"]
    assert bench.exact.posts == 1


def test_a_process_that_meets_a_running_refresh_after_the_tokens_end_waits_and_then_steps_back() -> None:
    bench = Bench()
    bench.wait(700)
    other = bench.keeper()
    seen: list[Exception] = []

    def meanwhile() -> None:
        with pytest.raises(LeaseHeld) as caught:
            other.access_token()
        seen.append(caught.value)

    bench.exact.during = meanwhile
    assert bench.keeper().access_token() == "access-2"
    assert len(seen) == 1
    assert bench.exact.posts == 1


@pytest.mark.parametrize("fault", ["lost_before", "500", "502", "408"])
def test_after_a_lost_answer_the_same_token_is_tried_once_more_and_not_before_570_seconds(fault: str) -> None:
    bench = Bench()
    bench.exact.faults = [fault]
    bench.wait(700)
    keeper = bench.keeper()
    with pytest.raises(ExactUnavailable) as caught:
        keeper.access_token()
    assert caught.value.sent is False
    assert caught.value.retry_after is not None
    assert caught.value.retry_after - bench.clock.now() >= timedelta(seconds=570)
    for _ in range(9):
        bench.wait(60)
        with pytest.raises(ExactUnavailable):
            bench.keeper().access_token()
    assert bench.exact.posts == 1
    bench.wait(60)
    assert keeper.access_token() == "access-2"
    assert bench.exact.posts == 2


def test_a_closed_token_endpoint_is_asked_again_after_a_minute() -> None:
    bench = Bench()
    bench.exact.faults = ["503", "503"]
    bench.wait(700)
    with pytest.raises(ExactUnavailable):
        bench.keeper().access_token()
    bench.wait(61)
    with pytest.raises(ExactUnavailable):
        bench.keeper().access_token()
    bench.wait(121)
    assert bench.keeper().access_token() == "access-2"
    assert bench.exact.posts == 3


@pytest.mark.parametrize("fault", ["lost_after", "502_after", "truncated"])
def test_a_rotation_whose_answer_was_lost_costs_one_retry_and_then_a_consent(fault: str) -> None:
    bench = Bench()
    bench.exact.faults = [fault]
    bench.wait(700)
    with pytest.raises(ExactUnavailable):
        bench.keeper().access_token()
    bench.wait(600)
    with pytest.raises(ReauthorizationRequired, match="lost"):
        bench.keeper().access_token()
    with pytest.raises(ReauthorizationRequired):
        bench.keeper().access_token()
    assert bench.exact.posts == 2
    assert bench.kinds() == ["connection.reauthorize"]
    bench.link()
    assert bench.keeper().access_token() == "access-3"


def test_the_old_token_works_on_while_it_lives_after_a_lost_answer() -> None:
    bench = Bench()
    bench.exact.faults = ["lost_before"]
    bench.wait(575)
    keeper = bench.keeper()
    assert keeper.access_token() == "access-1"
    bench.wait(10)
    assert keeper.access_token() == "access-1"
    bench.wait(20)
    with pytest.raises(ExactUnavailable):
        keeper.access_token()
    assert bench.exact.posts == 1


def test_a_request_that_never_left_is_repeated_soon() -> None:
    bench = Bench()
    bench.exact.faults = ["not_sent"]
    bench.wait(700)
    keeper = bench.keeper()
    with pytest.raises(ExactUnavailable) as caught:
        keeper.access_token()
    assert caught.value.retry_after is not None
    bench.clock.moment = caught.value.retry_after
    assert keeper.access_token() == "access-2"


def test_a_too_early_answer_means_use_what_is_stored() -> None:
    bench = Bench()
    bench.wait(575)
    bench.exact.issued_at = bench.clock.now() - timedelta(seconds=569)
    keeper = bench.keeper()
    assert keeper.access_token() == "access-1"
    assert bench.row()["state"] == "CONNECTED"
    bench.wait(11)
    assert keeper.access_token() == "access-2"


def test_a_wrong_application_secret_keeps_the_tokens_and_says_what_to_correct() -> None:
    bench = Bench()
    bench.exact.faults = ["credentials"]
    bench.wait(700)
    with pytest.raises(ConfigurationError, match="secret"):
        bench.keeper().access_token()
    bench.wait(901)
    assert bench.keeper().access_token() == "access-2"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b'{"error":"unauthorized_client","error_description":"Old refresh token used."}'),
        (400, b'{"error":"invalid_grant"}'),
        (400, b'{"error":"invalid_request","error_description":"The refresh token expired at 10/11/2022 9:18:20 PM"}'),
    ],
    ids=["401 old token", "400 invalid_grant", "30 days"],
)
def test_a_dead_refresh_token_ends_the_connection_with_one_event(status: int, body: bytes) -> None:
    bench = Bench()

    class Dead:
        posts = 0

        def send(self, request: HttpRequest) -> HttpAnswer:
            self.posts += 1
            return HttpAnswer(status, {}, body)

    dead = Dead()
    bench.exact.send = dead.send  # type: ignore[method-assign]
    bench.wait(700)
    for _ in range(3):
        with pytest.raises(ReauthorizationRequired):
            bench.keeper().access_token()
    assert dead.posts == 1
    (event,) = bench.events.events
    assert event[0] == "connection.reauthorize"
    assert event[1]["reconnect"] == "/oauth/start?tenant=acme"


NO_CHAIN = b'{"error":"invalid_grant","error_description":"Token is not allowed, because of invalid or empty chainId"}'


class Chainless:
    """A token endpoint that calls the chain invalid while it is told to, between answers of its own."""

    def __init__(self, bench: Bench, *answers: HttpAnswer | None) -> None:
        self.times: list[float] = []
        self._clock, self._start = bench.clock, bench.clock.now()
        self._answers, self._send = list(answers), bench.exact.send
        bench.exact.send = self.send  # type: ignore[method-assign]

    def send(self, request: HttpRequest) -> HttpAnswer:
        self.times.append((self._clock.now() - self._start).total_seconds())
        return self._answers.pop(0) or self._send(request)


def test_a_chain_that_is_called_invalid_once_comes_back_after_570_seconds() -> None:
    bench = Bench()
    chainless = Chainless(bench, HttpAnswer(400, {}, NO_CHAIN), None)
    bench.wait(600)
    for _ in range(3):
        with pytest.raises(ExactUnavailable):
            bench.keeper().access_token()
        bench.wait(100)
    assert bench.events.events == []
    bench.wait(271)
    assert bench.keeper().access_token() == "access-2"
    assert chainless.times == [600.0, 1171.0]


def test_a_chain_that_is_called_invalid_again_ends_the_connection() -> None:
    bench = Bench()
    chainless = Chainless(bench, HttpAnswer(400, {}, NO_CHAIN), HttpAnswer(503, {}, b""), HttpAnswer(400, {}, NO_CHAIN))
    bench.wait(600)
    for pause in (571, 120):
        with pytest.raises(ExactUnavailable):
            bench.keeper().access_token()
        bench.wait(pause)
    with pytest.raises(ReauthorizationRequired, match="chainId"):
        bench.keeper().access_token()
    assert len(chainless.times) == 3
    assert bench.kinds() == ["connection.reauthorize"]


def test_a_chain_that_came_back_has_another_try_the_next_time() -> None:
    bench = Bench()
    Chainless(bench, HttpAnswer(400, {}, NO_CHAIN), None, HttpAnswer(400, {}, NO_CHAIN), None)
    bench.wait(600)
    for expected in ("access-2", "access-3"):
        with pytest.raises(ExactUnavailable):
            bench.keeper().access_token()
        bench.wait(571)
        assert bench.keeper().access_token() == expected
        bench.wait(600)


def test_a_rejected_token_is_no_end_when_a_newer_pair_lies_saved() -> None:
    """A worker froze after its POST for longer than the lease; another one met the old token; the first woke up."""
    bench = Bench()
    bench.wait(700)
    sleeper, other = bench.keeper(), bench.keeper()
    ended: list[str] = []

    def frozen() -> None:
        bench.wait(700)
        with pytest.raises(ReauthorizationRequired):
            other.access_token()
        ended.append(str(bench.row()["state"]))

    bench.exact.during = frozen
    bench.exact.latency = 0
    # When Exact issued the pair is not known to the second, so its 570 s count from the waking.
    with pytest.raises(TransientError):
        sleeper.access_token()
    assert ended == ["REAUTHORIZE"]
    assert bench.row()["state"] == "CONNECTED"
    bench.wait(571)
    assert sleeper.access_token() == "access-3"


def test_a_crash_after_the_save_is_mended_by_the_next_process_at_once() -> None:
    bench = Bench()
    bench.wait(700)
    bench.trouble.arm("crash", 4)  # row, pair, lease, save | pointer
    with pytest.raises(Crash):
        bench.keeper().access_token()
    bench.trouble.disarm()
    assert bench.row()["generation"] == 1
    assert '"access-2"' in bench.stored_tokens()
    bench.wait(61)
    assert bench.keeper().access_token() == "access-2"
    assert bench.exact.posts == 1


def test_a_pair_that_could_not_be_saved_stays_in_hand_and_is_saved_later() -> None:
    bench = Bench()
    bench.wait(700)
    keeper = bench.keeper()
    bench.trouble.arm("fail", 3, length=6)
    with pytest.raises(StoreUnavailable):
        keeper.access_token()
    bench.trouble.disarm()
    assert '"access-2"' not in bench.stored_tokens()
    assert keeper.access_token() == "access-2"
    assert bench.exact.posts == 1
    assert bench.row()["state"] == "CONNECTED"


def test_what_hinders_a_refresh_does_not_hinder_the_old_token_while_it_lives() -> None:
    bench = Bench()
    bench.wait(575)
    keeper = bench.keeper()
    bench.trouble.arm("fail", 3, length=6)
    assert keeper.access_token() == "access-1"
    bench.trouble.disarm()
    assert keeper.access_token() == "access-2"
    assert bench.exact.posts == 1


def test_a_lease_that_was_taken_unknowingly_blocks_nobody() -> None:
    bench = Bench()
    bench.wait(700)
    keeper = bench.keeper()
    bench.trouble.arm("blur", 2)
    with pytest.raises(StoreUnavailable):
        keeper.access_token()
    bench.trouble.disarm()
    assert keeper.access_token() == "access-2"
    assert bench.exact.posts == 1


def test_a_refused_token_is_replaced_by_one_that_another_process_got() -> None:
    bench = Bench()
    slow, fast = bench.keeper(), bench.keeper()
    bench.wait(568)
    assert slow.access_token() == "access-1"
    bench.wait(3)
    assert fast.access_token() == "access-2"
    slow.refused("access-1")
    assert slow.access_token() == "access-2"
    assert bench.exact.posts == 1


def test_a_token_refused_within_its_life_is_not_refreshed_early() -> None:
    bench = Bench()
    bench.wait(100)
    keeper, other = bench.keeper(), bench.keeper()
    keeper.refused(keeper.access_token())
    for worker in (keeper, other):
        with pytest.raises(ExactUnavailable, match="refused the access token") as caught:
            worker.access_token()
        assert caught.value.retry_after == bench.clock.now() + timedelta(seconds=471)
        assert caught.value.sent is False
    assert bench.exact.posts == 0
    bench.wait(471)
    assert [keeper.access_token(), other.access_token()] == ["access-2", "access-2"]


@pytest.mark.parametrize("kind", ["fail", "blur"])
def test_a_refused_token_is_not_sent_again_by_this_process_when_the_store_does_not_answer(kind: str) -> None:
    bench = Bench()
    keeper = bench.keeper()
    token = keeper.access_token()
    bench.trouble.arm(kind, 0)
    keeper.refused(token)
    bench.trouble.disarm()
    with pytest.raises(ExactUnavailable):
        keeper.access_token()


def test_a_late_refusal_of_an_old_token_says_nothing_of_the_newer_one() -> None:
    bench = Bench()
    slow, fast = bench.keeper(), bench.keeper()
    old = slow.access_token()
    bench.wait(571)
    fast.access_token()
    slow.refused(old)
    assert [slow.access_token(), fast.access_token()] == ["access-2", "access-2"]


@pytest.mark.parametrize("kind", ["fail", "blur"])
@pytest.mark.parametrize("at", range(6))
def test_no_passing_fault_of_a_store_discards_a_token(kind: str, at: int) -> None:
    bench = Bench()
    bench.wait(700)
    keeper = bench.keeper()
    bench.trouble.arm(kind, at, length=2)
    with contextlib.suppress(StoreUnavailable):
        keeper.access_token()
    bench.trouble.disarm()
    bench.wait(700)
    assert bench.exact.accepts(keeper.access_token())
    assert bench.exact.old_uses == []
    assert bench.exact.early == 0
