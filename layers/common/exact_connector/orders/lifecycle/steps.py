"""What turns an order into a document, and the writes to Exact before it, each carried out once and remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from exact_connector.clock import Clock
from exact_connector.errors import ExactAnswerUnknown, ExactUnavailable
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.record import Change, next_version
from exact_connector.exactly_once.transitions import Plan
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.store import OrderStore


class Planner(Protocol):
    """Turns an order into the document that Exact gets."""

    def plan(self, record: OrderRecord, exact: ExactCalls, steps: Steps) -> Plan:
        """Resolve every reference, carry the steps before the document out, and return the document.

        Raises InvalidInput for an order that cannot be sent, ExactRejected where Exact refused a step, and transient
        errors.
        """
        ...


class Steps(Protocol):
    """The writes before the document (addresses, contacts), each remembered so that a retry reuses it."""

    def run(self, step: str, make: Callable[[], str]) -> str:
        """Return what the step made earlier, or make it now, under a lease that is renewed first, and remember it."""
        ...


class RememberedSteps:
    """Carries out steps under a lease that is renewed before each, and keeps what they made with the order."""

    def __init__(self, store: OrderStore, clock: Clock, record: OrderRecord, renew: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._renew = renew
        self.record = record

    def run(self, step: str, make: Callable[[], str]) -> str:
        """Return what the step made earlier, or make it now and remember it; raises OutOfDate."""
        known = self.record.steps.get(step)
        if known is not None:
            return known
        self._renew()
        made = _written(make)
        new = next_version(self.record, self._clock.now(), steps={**self.record.steps, step: made})
        self.record = self._store.transition(self.record, Change(new, f"made {step}"))
        return made


def _written(make: Callable[[], str]) -> str:
    """Carry a write out; a change that failed in unknown words is in doubt like a creation that did."""
    try:
        return make()
    except ExactUnavailable as error:
        if not error.exact_text:
            raise
        raise ExactAnswerUnknown(error.message, status=error.status, exact_text=error.exact_text) from error
