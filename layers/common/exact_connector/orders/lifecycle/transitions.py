"""Every transition of an order as a pure function: from what it is and what happened to what it becomes. No effects.

Each returns the next version with the reason for the trail and the events that go out with it; ``store.transition``
carries it out in one transaction that is conditional on the version it started from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from exact_connector.clock import to_text
from exact_connector.errors import Conflict, ConnectorError, ExactAnswerUnknown, ExactRejected, InvalidInput
from exact_connector.exactly_once.attempts import LOOKING, LifecycleTimes, doubt_ends, next_look, next_try
from exact_connector.orders.lifecycle.record import Attempt, OrderEvent, OrderRecord, State, following
from exact_connector.orders.lifecycle.refusals import refusal_reasons

OVERDUE_AFTER = timedelta(hours=1)
_READ_BACK_TRIES = 6
_SHOWN_DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be posted: where, for which customer or supplier (GUID), the body, and what is odd about it."""

    path: str
    customer: str
    body: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The next version of an order, why, and what others shall hear of it."""

    record: OrderRecord
    reason: str
    events: tuple[OrderEvent, ...] = ()


def begun(record: OrderRecord, plan: Plan, now: datetime, times: LifecycleTimes) -> Change:
    """Record an attempt before its POST: under way until ``due_at`` at most, absence counts after ``absent_after``."""
    attempt = Attempt(record.attempts + 1, now, plan.path, plan.customer, plan.body)
    new = following(
        record,
        now,
        state=State.SUBMITTING,
        attempt=attempt,
        attempts=attempt.number,
        absent_after=now + timedelta(seconds=times.post + times.late),
        due_at=now + timedelta(seconds=times.post),
        warnings=plan.warnings,
        waiting=None,
    )
    return Change(new, "attempt recorded")


def doubted(record: OrderRecord, reason: str, now: datetime, times: LifecycleTimes) -> Change:
    """Note that the outcome is not known; an absence counts only after the latest moment of a late commit."""
    assert record.attempt is not None
    new = following(
        record,
        now,
        state=State.UNKNOWN,
        search_since=record.search_since or record.attempt.started_at,
        absent_after=doubt_ends(record.absent_after, now, times),
        due_at=now,
        waiting=LOOKING,
    )
    return Change(new, reason)


def unsent(record: OrderRecord, reason: str, due_at: datetime, now: datetime) -> Change:
    """Go back to waiting after an attempt that provably did nothing in Exact."""
    new = following(
        record,
        now,
        state=State.RECEIVED,
        failures=record.failures + 1,
        due_at=due_at,
        absent_after=None,
        waiting=reason,
    )
    return Change(new, f"not sent: {reason}")


def submitted(record: OrderRecord, document: str, number: str | None, now: datetime, *, found: bool = False) -> Change:
    """It is in Exact: made by our POST, or ``found`` there by its content (then its lines were compared already).

    ``number`` None: Exact gives one later; see ``numbered``.
    """
    new = following(
        record,
        now,
        state=State.SUBMITTED,
        exact_id=document,
        exact_number=number,
        due_at=None if found else now,
        failures=0,
        waiting=None,
        reasons=(),
        proposals=(),
        seen_in_exact=found,
    )
    event = OrderEvent("order.submitted", {**named(new), "exact_number": number, "found_in_exact": found})
    return Change(new, "found in Exact" if found else "made by Exact", (event,))


def linked_by_hand(record: OrderRecord, document: str, number: str | None, now: datetime) -> Change:
    """Somebody entered it in Exact by hand; it is not sent any more."""
    change = submitted(record, document, number, now, found=True)
    event = OrderEvent("order.submitted", {**change.events[0].detail, "linked_by_hand": True})
    return Change(replace(change.record, linked_by_hand=True), "entered in Exact by hand", (event,))


def linked_by_person(record: OrderRecord, document: str, number: str | None, who: str, now: datetime) -> Change:
    """A person says that this proposed document is the order's; its lines may differ, so none are called read back."""
    change = linked_by_hand(record, document, number, now)
    return Change(replace(change.record, seen_in_exact=False), f"linked by {who}", change.events)


def proposed(record: OrderRecord, proposals: Sequence[Mapping[str, Any]], now: datetime) -> Change | None:
    """Keep documents that carry its reference but differ, for a person to judge; None when nothing is new."""
    if tuple(proposals) == record.proposals:
        return None
    return Change(following(record, now, proposals=tuple(proposals)), "documents with its reference are in Exact")


def dismissed(record: OrderRecord, proposal: Mapping[str, Any], who: str, now: datetime) -> Change:
    """A person says that this proposed document is not the order's; it is not proposed or linked by itself again."""
    left = tuple(each for each in record.proposals if each != proposal)
    new = following(record, now, proposals=left, dismissed=(*record.dismissed, proposal))
    return Change(new, f"proposal {proposal['exact_number'] or proposal['exact_id']} dismissed by {who}")


def rejected(record: OrderRecord, reasons: Sequence[Mapping[str, Any]], now: datetime) -> Change:
    """It was refused, by the judgement before sending or by Exact; a person has to mend the cause."""
    new = following(
        record,
        now,
        state=State.REJECTED,
        reasons=tuple(reasons),
        due_at=None,
        waiting=None,
        search_since=None,
        absent_after=None,
    )
    codes = [str(reason.get("code")) for reason in reasons]
    return Change(new, ", ".join(codes), (OrderEvent("order.rejected", {**named(new), "codes": codes}),))


def refused(record: OrderRecord, error: ConnectorError, now: datetime) -> Change:
    """It was refused with this error: ``rejected`` with a reason for each fault."""
    return rejected(record, refusal_reasons(error, record.body), now)


def not_found(record: OrderRecord, looked_at: datetime, now: datetime, times: LifecycleTimes) -> Change:
    """After a look in Exact that did not find it: look again, or, past the latest late commit, send it once more."""
    assert record.absent_after is not None
    due_at = next_look(looked_at, record.absent_after, now, times)
    if due_at is None:
        new = following(record, now, state=State.RECEIVED, due_at=now, waiting=None)
        return Change(new, "absent after the grace period: it is sent again")
    return Change(following(record, now, due_at=due_at, waiting=LOOKING), "not in Exact yet")


def failed(record: OrderRecord, error: ConnectorError, now: datetime, times: LifecycleTimes) -> Change:
    """What an error before or after the POST means: a refusal of an order that is not in doubt, else a pause.

    An address or contact whose answer was lost is looked for when Exact cannot commit it any more, and made anew only
    if it is not there.
    """
    if record.state is State.RECEIVED and isinstance(error, (InvalidInput, ExactRejected)):
        return refused(record, error, now)
    due_at = next_try(error, record.failures, now, times)
    if isinstance(error, ExactAnswerUnknown):
        due_at = max(due_at, doubt_ends(None, now, times))
    new = following(record, now, failures=record.failures + 1, due_at=due_at, waiting=f"{error.code}: {error.message}")
    return Change(new, f"waits: {error.code}")


def overdue(record: OrderRecord, now: datetime) -> Change | None:
    """Flag an order that is not in Exact within the hour, once; None for any other."""
    if not record.open or record.overdue or now - record.accepted_at < OVERDUE_AFTER:
        return None
    event = OrderEvent("order.overdue", {**named(record), "state": record.state.value})
    return Change(following(record, now, overdue=True), "overdue", (event,))


def read_back(record: OrderRecord, differences: Sequence[str], now: datetime, *, number: str | None = None) -> Change:
    """Note that the lines were read back; what Exact has otherwise becomes a warning and an event.

    ``number``: the document's, where it was not known before.
    """
    warnings = record.warnings
    events = () if number is None else (_number_event(record, number),)
    if differences:
        message = "Exact keeps the document otherwise than it was sent: " + "; ".join(differences[:_SHOWN_DIFFERENCES])
        warnings = (*warnings, {"code": "LINES_DIFFER", "message": message})
        events = (*events, OrderEvent("order.lines_differ", {**named(record), "differences": len(differences)}))
    known = record.exact_number or number
    new = following(record, now, seen_in_exact=True, due_at=None, failures=0, warnings=warnings, exact_number=known)
    return Change(new, "lines read back", events)


def not_read_back(record: OrderRecord, error: ConnectorError, now: datetime, times: LifecycleTimes) -> Change:
    """Reading back failed: later again, and after some tries never, with a warning. The order stays submitted."""
    if record.failures + 1 < _READ_BACK_TRIES:
        due_at = next_try(error, record.failures, now, times)
        return Change(following(record, now, failures=record.failures + 1, due_at=due_at), f"waits: {error.code}")
    message = f"The lines could not be read back from Exact ({error.code}); compare the document there."
    warnings = (*record.warnings, {"code": "LINES_NOT_READ", "message": message})
    return Change(following(record, now, due_at=None, failures=0, warnings=warnings), f"given up: {error.code}")


def numbered(record: OrderRecord, number: str, now: datetime) -> Change:
    """Exact has given a submitted document its number by now."""
    new = following(record, now, exact_number=number)
    return Change(new, "numbered by Exact", (_number_event(record, number),))


def _number_event(record: OrderRecord, number: str) -> OrderEvent:
    return OrderEvent("order.numbered", {**named(record), "exact_number": number})


def gone(record: OrderRecord, now: datetime) -> Change:
    """A submitted document is not in Exact any more: flag it, once."""
    event = OrderEvent("order.missing", {**named(record), "exact_number": record.exact_number})
    return Change(following(record, now, missing=True), "not in Exact any more", (event,))


def cancelled(record: OrderRecord, now: datetime) -> Change:
    """Take an order back that is not in Exact; raises Conflict for any other."""
    if record.state is not State.RECEIVED:
        raise Conflict(f"The order is {record.state.value}: it is or may be in Exact, so it cannot be taken back here.")
    new = following(record, now, state=State.CANCELLED, due_at=None, waiting=None)
    return Change(new, "asked for by a client")


def resent(record: OrderRecord, now: datetime) -> Change:
    """Send a refused order anew, or a waiting one at once; raises Conflict for any other.

    Who mends the cause of a refusal may have removed an address or contact that was made for the order: what is still
    in Exact is found there again, so nothing is remembered of it.
    """
    if record.state is State.REJECTED:
        new = following(
            record, now, state=State.RECEIVED, due_at=now, reasons=(), failures=0, waiting=None, resent=True, steps={}
        )
    elif record.state is State.RECEIVED:
        new = following(record, now, due_at=now, failures=0, resent=True)
    else:
        state = record.state.value
        raise Conflict(f"The order is {state}: only a refused or a waiting order can be sent again.")
    return Change(new, "asked for by a client")


def named(record: OrderRecord) -> dict[str, Any]:
    """Return how events name an order."""
    return {
        "tenant": record.tenant,
        "order_id": record.order_id,
        "kind": record.kind.value,
        "external_id": record.external_id,
        "accepted_at": to_text(record.accepted_at),
    }
