"""The life of a connection: linked, kept alive, linked again, unlinked, and what a refresh meanwhile may not do."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from exact_connector.clock import from_text
from exact_connector.errors import InvalidInput, NotConnected, ReauthorizationRequired, StoreUnavailable, TransientError
from exact_connector.exact.auth.token_manager import KeeperTimes
from exact_connector.exact.connection import ConnectionState
from fakes.crashing import Crash
from unit.exact.auth.token_model import DIVISION, Bench


def test_a_change_of_state_is_seen_within_seconds() -> None:
    bench = Bench()
    keeper = bench.keeper()
    assert keeper.access_token() == "access-1"
    bench.keeper().disconnect()
    bench.wait(6)
    with pytest.raises(NotConnected):
        keeper.access_token()
    assert bench.stored_tokens() == ""


def test_the_process_that_unlinks_a_tenant_stops_at_once() -> None:
    bench = Bench()
    keeper = bench.keeper()
    keeper.access_token()
    keeper.disconnect()
    with pytest.raises(NotConnected):
        keeper.access_token()


def test_work_for_another_administration_than_the_linked_one_stops() -> None:
    bench = Bench()
    keeper = bench.keeper()
    assert keeper.access_token(division=DIVISION) == "access-1"
    bench.link(654321, allow_other_division=True)
    bench.wait(6)
    with pytest.raises(NotConnected):
        keeper.access_token(division=DIVISION)


def test_linking_to_another_administration_is_refused_unless_asked_for() -> None:
    bench = Bench()
    with pytest.raises(InvalidInput) as caught:
        bench.link(654321)
    assert caught.value.code == "OTHER_DIVISION"
    assert bench.keeper().access_token(division=DIVISION) == "access-1"
    assert bench.link(654321, allow_other_division=True).division == 654321


def test_a_consent_during_a_refresh_wins_over_it() -> None:
    bench = Bench()
    bench.wait(700)
    bench.exact.during = lambda: (bench.link(), None)[1]
    assert bench.keeper().access_token() == "access-3"
    assert bench.row()["generation"] == 2


def test_a_refresh_that_ends_after_the_tenant_was_unlinked_does_not_link_it_again() -> None:
    bench = Bench()
    bench.wait(700)
    bench.exact.during = lambda: bench.keeper().disconnect()
    with pytest.raises(NotConnected):
        bench.keeper().access_token()
    assert bench.row()["state"] == "DISCONNECTED"
    assert bench.row()["generation"] == 1


def test_a_late_pair_does_not_push_aside_the_attempt_that_is_under_way() -> None:
    """A worker froze with its answer in hand; it wakes and saves while another one retries."""
    bench = Bench()
    bench.wait(700)
    sleeper, other = bench.keeper(), bench.keeper()
    bench.trouble.arm("fail", 3, length=6)
    with pytest.raises(StoreUnavailable):
        sleeper.access_token()
    bench.trouble.disarm()
    bench.wait(700)
    attempts: list[object] = []

    def sleeper_wakes() -> None:
        with contextlib.suppress(TransientError):
            sleeper.access_token()
        attempts.append(bench.row().get("attempt"))

    bench.exact.during = sleeper_wakes
    with contextlib.suppress(ReauthorizationRequired, TransientError):
        other.access_token()
    assert attempts == ["attempt-3"]
    assert bench.row()["state"] == "CONNECTED"
    assert bench.exact.refresh in bench.stored_tokens()


def test_the_pair_of_a_consent_that_crashed_is_never_taken_for_a_refresh() -> None:
    """No one has checked yet which administration such a pair belongs to."""
    bench = Bench()
    bench.trouble.arm("crash", 2)  # row, save | pointer
    with pytest.raises(Crash):
        bench.link()
    bench.trouble.disarm()
    assert '"access-2"' in bench.stored_tokens()
    bench.wait(700)
    with pytest.raises(ReauthorizationRequired):
        bench.keeper().access_token()
    assert bench.row()["generation"] == 1


def test_doubt_about_a_lost_answer_outlives_the_next_attempt() -> None:
    bench = Bench()
    bench.wait(700)
    bench.exact.faults = ["crash_after"]
    with pytest.raises(Crash):
        bench.keeper().access_token()
    bench.wait(700)
    seen: list[object] = []
    bench.exact.during = lambda: seen.append(bench.row().get("doubt"))
    with pytest.raises(ReauthorizationRequired, match="lost"):
        bench.keeper().access_token()
    assert seen == [True]


def test_times_keep_their_real_length_on_a_sped_up_clock() -> None:
    assert KeeperTimes().sped_up(10) == KeeperTimes(250, 350, 200, 5, 50)


def test_a_tenant_that_was_never_linked_is_told_so() -> None:
    bench = Bench(linked=False)
    with pytest.raises(NotConnected, match="authorisation"):
        bench.keeper().access_token()


@pytest.mark.parametrize(("days", "posts"), [(19, 0), (20, 1), (29, 1)])
def test_an_idle_connection_is_kept_alive_from_the_20th_day(days: int, posts: int) -> None:
    bench = Bench()
    bench.wait(days * 86400)
    assert bench.keeper().keep_alive() is bool(posts)
    assert bench.exact.posts == posts
    assert bench.row()["state"] == "CONNECTED"


def test_a_connection_that_cannot_be_kept_alive_warns_once_five_days_before_its_end() -> None:
    bench = Bench()
    bench.exact.faults = ["credentials"] * 9
    keeper = bench.keeper()
    for day in range(29):
        bench.wait(86400)
        keeper.keep_alive()
        assert bench.kinds() == ([] if day + 1 < 25 else ["connection.expiring"])
    (event,) = bench.events.events
    assert from_text(str(event[1]["dies_at"])) - bench.clock.now() <= timedelta(days=1)


def test_keeping_alive_sends_the_event_of_an_end_that_a_crash_kept_back() -> None:
    bench = Bench()
    bench.wait(31 * 86400)
    bench.events.publish = _broken  # type: ignore[method-assign]
    with pytest.raises(ReauthorizationRequired):
        bench.keeper().access_token()
    del bench.events.publish
    assert bench.keeper().keep_alive() is False
    assert bench.kinds() == ["connection.reauthorize"]
    assert bench.keeper().keep_alive() is False
    assert bench.kinds() == ["connection.reauthorize"]
    assert bench.keeper().connection().state is ConnectionState.REAUTHORIZE


def _broken(kind: str, detail: object) -> None:
    raise StoreUnavailable("the event bus does not answer")
