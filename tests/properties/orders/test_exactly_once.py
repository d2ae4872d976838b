"""Whatever clients, workers and Exact do: an accepted order is in Exact exactly once, or was refused or taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exact_connector.errors import Conflict
from exact_connector.exactly_once.record import OPEN, State
from exact_connector.orders.service import AcceptedOrder
from fakes.crashing import Crash
from fakes.examples import examples
from unit.orders.lifecycle.order_world import DIVISION, TENANT, World, order_body

T = TypeVar("T")

FATES = st.sampled_from(["ok", "drop", "late", "lost", "before", "limit", "quiet", "refuse", "words", "made in words"])
SECONDS = st.sampled_from([0.5, 7, 31, 61, 95, 125, 200, 1000, 4000])
AT = st.integers(1, 30)
LINES = ([(1, 2)], [(1, 2), (2, 1)])


class ExactlyOnce(RuleBasedStateMachine):
    """Clients post and repeat, workers are killed or fall asleep, Exact loses answers and commits late."""

    @initialize(late_by=st.integers(0, 119))
    def begin(self, late_by: int) -> None:
        self.world = World()
        self.world.exact.late_by = timedelta(seconds=late_by)
        self.posts: dict[str, tuple[int, int]] = {}
        self.orders: dict[str, AcceptedOrder] = {}

    @rule(customer=st.integers(1, 2), lines=st.integers(0, 1))
    def post(self, customer: int, lines: int) -> None:
        key = f"k{len(self.posts)}"
        self.posts[key] = (customer, lines)
        self._post(key)

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        if self.posts:
            self._post(data.draw(st.sampled_from(sorted(self.posts))))

    @rule(at=st.integers(1, 6), late=st.booleans())
    def kill_the_intake(self, at: int, late: bool) -> None:
        self.world.process.arm(at, late=late)
        self.post(1, 0)

    @rule(fates=st.lists(FATES, min_size=1, max_size=3))
    def exact_will(self, fates: list[str]) -> None:
        self.world.exact.script += fates

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.world.clock.sleep(seconds)

    @rule()
    def work(self) -> None:
        self._work()

    @rule(at=AT, late=st.booleans())
    def kill_a_worker(self, at: int, late: bool) -> None:
        self.post(1, 0)
        self.world.process.arm(at, late=late)
        self._work()

    @rule(at=AT, late=st.booleans(), seconds=SECONDS)
    def a_worker_falls_asleep(self, at: int, late: bool, seconds: float) -> None:
        self.post(2, 1)
        self.world.process.arm_pause(at, late=late, seconds=seconds, meanwhile=self._visit)
        self._work()

    @rule(data=st.data(), cancel=st.booleans())
    def a_person_acts(self, data: st.DataObject, cancel: bool) -> None:
        if not self.orders:
            return
        order = self.orders[data.draw(st.sampled_from(sorted(self.orders)))].record
        act = self.world.service.cancel if cancel else self.world.service.resend
        try:
            act(TENANT, order.order_id)
        except Conflict:
            return

    @rule(data=st.data())
    def a_client_waits(self, data: st.DataObject) -> None:
        if self.orders:
            order = self.orders[data.draw(st.sampled_from(sorted(self.orders)))]
            deadline = self.world.clock.now() + timedelta(seconds=100)
            self._alive(partial(self.world.service.wait, self.world.record(order), seconds=3, deadline=deadline))

    @invariant()
    def no_document_belongs_to_two_orders(self) -> None:
        if hasattr(self, "world"):
            ids = [record.exact_id for record in map(self.world.record, self.orders.values()) if record.exact_id]
            assert len(ids) == len(set(ids))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.exact.script = []
        for key in self.posts:
            self._post(key)
        self.world.settle()
        records = [self.world.record(order) for order in self.orders.values()]
        assert len({record.order_id for record in records}) == len(self.posts)
        assert not [record for record in records if record.state in OPEN]
        submitted = {str(record.exact_id): record for record in records if record.state is State.SUBMITTED}
        assert submitted.keys() == {each.document for each in self.world.exact.documents}
        for document in self.world.exact.documents:
            assert document.body["OrderedBy"] == submitted[document.document].customer
        assert self.world.rows("order-queue#") == []
        assert self.world.due_rows() == []

    def _post(self, key: str) -> None:
        customer, lines = self.posts[key]
        body = order_body(customer, LINES[lines])
        accepted = self._alive(partial(self.world.service.accept, TENANT, body, key=key))
        if accepted is not None:
            if key in self.orders:
                assert accepted.record.order_id == self.orders[key].record.order_id
            self.orders[key] = accepted

    def _work(self) -> None:
        self._alive(self._visit)

    def _visit(self) -> None:
        self.world.engine().work(TENANT, DIVISION, self.world.clock.now() + timedelta(seconds=250))

    def _alive(self, act: Callable[[], T]) -> T | None:
        """Act as one process that may be killed; the next one starts fresh."""
        try:
            return act()
        except Crash:
            return None
        finally:
            self.world.process.revive()


TestExactlyOnce = ExactlyOnce.TestCase
TestExactlyOnce.settings = examples(80, stateful_step_count=30)
