"""Any number of processes on one connection, with crashes and faults at every step: what must never happen.

Checked after each step: no early refresh; an old refresh token is used at most once per lost answer and at least
570 s after it; the connection ends only where Exact rotated and no store holds the new pair; a token that is given out
is one that Exact takes; whatever is stored is found again.
"""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exact_connector.errors import ConfigurationError, NotConnected, ReauthorizationRequired, TransientError
from exact_connector.exact.auth.token_manager import TokenKeeper
from fakes.crashing import Crash
from fakes.examples import examples
from unit.exact.auth.token_model import Bench

FAULTS = (
    "",
    "",
    "not_sent",
    "lost_before",
    "lost_after",
    "503",
    "502_after",
    "truncated",
    "429",
    "408",
    "credentials",
    "html",
    "crash_after",
)
WAITS = (1.0, 10.0, 60.0, 300.0, 569.0, 571.0, 580.0, 700.0, 7200.0, 86_400.0)
PROCESSES = 3


class TokenMachine(RuleBasedStateMachine):
    """Keepers as processes; a crash replaces one by a new one with no memory."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench()
        self.keepers = [self.bench.keeper() for _ in range(PROCESSES)]
        self.consents = 0
        self.answers_in_danger = 0

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, seconds: float) -> None:
        self.bench.wait(seconds)

    @rule(
        who=st.integers(0, PROCESSES - 1),
        fault=st.sampled_from(FAULTS),
        trouble=st.sampled_from(("", "", "crash", "crash_after", "fail", "blur")),
        at=st.integers(0, 9),
        length=st.sampled_from((1, 1, 2, 8)),
        meanwhile=st.one_of(st.none(), st.sampled_from((0.0, 0.0, 30.0, 700.0))),
        latency=st.sampled_from((0.0, 0.0, 3.0)),
    )
    def somebody_needs_a_token(
        self, who: int, fault: str, trouble: str, at: int, length: int, meanwhile: float | None, latency: float
    ) -> None:
        self.answers_in_danger += fault not in ("", "not_sent") or trouble != "" or bool(meanwhile)
        self.bench.exact.faults = [fault]
        self.bench.exact.latency = latency
        if meanwhile is not None:
            self.bench.exact.during = lambda: self._others_come(who, meanwhile)
        self.bench.trouble.arm(trouble, at, length)
        try:
            self._use(who)
        finally:
            self.bench.trouble.disarm()
            self.bench.exact.during = None
            self.bench.exact.faults = []

    @rule(who=st.integers(0, PROCESSES - 1))
    def a_process_is_killed(self, who: int) -> None:
        self.keepers[who] = self.bench.keeper()

    @rule(who=st.integers(0, PROCESSES - 1))
    def exact_refuses_a_token(self, who: int) -> None:
        self.keepers[who].refused(self.bench.exact.access)

    @rule()
    def an_administrator_consents_where_needed(self) -> None:
        if self.bench.row()["state"] == "REAUTHORIZE":
            self.bench.link()
            self.consents += 1

    @rule()
    def all_faults_end_and_time_heals(self) -> None:
        """Two waits of ten minutes are enough for every doubt to be settled."""
        for _ in range(3):
            self.bench.wait(1200)
            self._use(0)
        assert self.bench.row()["state"] in ("CONNECTED", "REAUTHORIZE")
        if self.bench.row()["state"] == "CONNECTED":
            assert self.bench.exact.accepts(self.bench.keeper().access_token())

    @invariant()
    def no_refresh_was_early(self) -> None:
        assert self.bench.exact.early == 0

    @invariant()
    def an_old_token_was_used_once_per_lost_answer_and_late_enough(self) -> None:
        """The answer to such a retry can be lost too (a crash, a process that froze with it): one more is due then."""
        ages: dict[int, list[float]] = {}
        for number, age in self.bench.exact.old_uses:
            ages.setdefault(number, [0.0]).append(age)
        for each in ages.values():
            assert all(later - earlier >= 570 for earlier, later in pairwise(each)), self.bench.exact.old_uses
        assert sum(len(each) - 2 for each in ages.values()) <= self.answers_in_danger, self.bench.exact.old_uses

    @invariant()
    def the_connection_ends_only_where_the_rotated_pair_is_nowhere(self) -> None:
        if self.bench.row()["state"] == "REAUTHORIZE":
            assert f'"{self.bench.exact.refresh}"' not in self.bench.stored_tokens()

    def _others_come(self, who: int, later: float) -> None:
        self.bench.wait(later)
        for other in range(PROCESSES):
            if other != who:
                self._use(other)

    def _use(self, who: int) -> None:
        keeper: TokenKeeper = self.keepers[who]
        try:
            token = keeper.access_token()
        except (TransientError, ReauthorizationRequired, NotConnected, ConfigurationError):
            return
        except Crash:
            self.keepers[who] = self.bench.keeper()
            return
        assert self.bench.exact.accepts(token), token


TokenMachine.TestCase.settings = examples(150, stateful_step_count=30)
TestTokenMachine = TokenMachine.TestCase
