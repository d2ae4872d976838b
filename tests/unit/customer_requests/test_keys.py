"""Posting customers under keys: a key means one customer for ever, whichever of its keys was posted last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from exact_connector.catalog.context import ProjectionContext
from exact_connector.customer_requests.record import CUSTOMERS
from exact_connector.customer_requests.service import CustomerRequestService
from exact_connector.customer_requests.store import CustomerStore
from exact_connector.documents.store import CatalogStore
from exact_connector.errors import InvalidInput, StoreUnavailable
from exact_connector.exactly_once.intake import Accepted
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase

VOS: dict[str, Any] = {"external_id": "APP-1", "name": "Bakkerij Vos"}
BOS: dict[str, Any] = {"external_id": "APP-2", "name": "Bakkerij Bos"}


class Intake:
    """The intake of customers over tables in memory; nothing is sent to Exact."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.memory = MemoryDatabase()
        self.store = CustomerStore(CUSTOMERS, self.memory, self.memory["orders"], sleep=self.clock.sleep)
        self._ids = count(1)
        self.service = CustomerRequestService(
            self.store,
            engine=_unused,  # type: ignore[arg-type]
            documents=CatalogStore(self.memory["catalog"]),
            exact=_unused,
            context=_no_context,
            clock=self.clock,
            division=lambda tenant: 1,
            own_writes=_unused,  # type: ignore[arg-type]
            new_id=self._new_id,
        )

    def post(self, body: object, key: str | None = None) -> Accepted[Any]:
        return self.service.accept("acme", body, key=key)

    def _new_id(self, now: datetime) -> str:
        return f"c{next(self._ids)}"


def _unused(tenant: str) -> Any:
    raise AssertionError("taking a customer in asks nothing of Exact")


def _no_context(tenant: str) -> ProjectionContext:
    raise AssertionError("taking a customer in needs no reference data")


@pytest.fixture
def intake() -> Intake:
    return Intake()


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(InvalidInput) as caught:
        act()
    return caught.value.code


def test_a_second_key_under_which_a_customer_was_repeated_means_that_customer_from_then_on(intake: Intake) -> None:
    first = intake.post(VOS, "K0")
    again = intake.post(VOS, "K1")
    assert (again.replay, again.record.request_id) == (True, first.record.request_id)
    assert refused(lambda: intake.post(BOS, "K1")) == "IDEMPOTENCY_KEY_REUSED"


def test_the_same_key_with_another_customer_is_refused(intake: Intake) -> None:
    intake.post(VOS, "K0")
    assert refused(lambda: intake.post(BOS, "K0")) == "IDEMPOTENCY_KEY_REUSED"


def test_keys_of_two_customers_do_not_agree(intake: Intake) -> None:
    intake.post(VOS, "K0")
    intake.post(BOS, "K1")
    assert refused(lambda: intake.post(VOS, "K1")) == "IDEMPOTENCY_KEYS_DISAGREE"


def test_a_customer_without_any_key_is_refused_with_a_pointer(intake: Intake) -> None:
    with pytest.raises(InvalidInput) as caught:
        intake.post({"name": "Bakkerij Vos"})
    assert caught.value.faults[0].pointer == "/external_id"


def test_a_key_that_is_taken_between_looking_and_storing_answers_with_the_customer_that_took_it(
    intake: Intake,
) -> None:
    first = intake.post(VOS, "K0")
    intake.store.by_keys = _blind_once(intake.store.by_keys)  # type: ignore[method-assign]
    again = intake.post(VOS, "K2")
    assert (again.replay, again.record.request_id) == (True, first.record.request_id)
    assert refused(lambda: intake.post(BOS, "K2")) == "IDEMPOTENCY_KEY_REUSED"


def test_a_customer_whose_keys_are_removed_while_it_is_stored_is_not_answered_as_stored(intake: Intake) -> None:
    intake.post(VOS, "K0")
    intake.store.by_keys = lambda tenant, keys: []  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable, match="post it again"):
        intake.post(VOS, "K0")


def _blind_once(look: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    calls = count()
    return lambda tenant, keys: [] if next(calls) == 0 else look(tenant, keys)
