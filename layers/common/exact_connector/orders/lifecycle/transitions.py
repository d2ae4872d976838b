"""Every transition of an order as a pure function: from what it is and what happened to what it becomes. No effects.

Each returns the next version with the reason for the trail and the events that go out with it; ``store.transition``
carries it out in one transaction that is conditional on the version it started from. What every kind of record shares
is in ``exactly_once.transitions``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from exact_connector.clock import to_text
from exact_connector.errors import Conflict, ConnectorError
from exact_connector.exactly_once import transitions as shared
from exact_connector.exactly_once.attempts import LifecycleTimes, blocks, next_try
from exact_connector.exactly_once.record import Change, OutgoingEvent, State, next_version
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.refusals import refusal_reasons

OVERDUE_AFTER = timedelta(hours=1)
_READ_BACK_TRIES = 6
_BLOCKED_READ_BACK = timedelta(hours=1)
_SHOWN_DIFFERENCES = 10

OrderChange = Change[OrderRecord]


def submitted(
    record: OrderRecord, document: str, number: str | None, now: datetime, *, found: bool = False
) -> OrderChange:
    """It is in Exact: made by our POST, or ``found`` there by its content (then its lines were compared already).

    ``number`` None: Exact gives one later; see ``numbered``.
    """
    due_at = None if found else now
    change = shared.submitted(record, document, number, now, due_at=due_at, proposals=(), seen_in_exact=found)
    event = OutgoingEvent("order.submitted", {**named(change.record), "exact_number": number, "found_in_exact": found})
    return Change(change.record, "found in Exact" if found else "made by Exact", (event,))


def linked_by_hand(record: OrderRecord, document: str, number: str | None, now: datetime) -> OrderChange:
    """A person entered it in Exact by hand; it is not sent any more."""
    change = submitted(record, document, number, now, found=True)
    event = OutgoingEvent("order.submitted", {**change.events[0].detail, "linked_by_hand": True})
    return Change(replace(change.record, linked_by_hand=True), "entered in Exact by hand", (event,))


def linked_by_person(record: OrderRecord, document: str, number: str | None, who: str, now: datetime) -> OrderChange:
    """A person says that this proposed document is the order's; its lines may differ, so none are called read back."""
    change = linked_by_hand(record, document, number, now)
    return Change(replace(change.record, seen_in_exact=False), f"linked by {who}", change.events)


def proposed(record: OrderRecord, proposals: Sequence[Mapping[str, Any]], now: datetime) -> OrderChange | None:
    """Keep documents that carry its reference but differ, for a person to judge; None when nothing is new."""
    if tuple(proposals) == record.proposals:
        return None
    new = next_version(record, now, proposals=tuple(proposals))
    return Change(new, "documents with its reference are in Exact")


def dismissed(record: OrderRecord, proposal: Mapping[str, Any], who: str, now: datetime) -> OrderChange:
    """A person says that this proposed document is not the order's; it is not proposed or linked by itself again."""
    left = tuple(other for other in record.proposals if other != proposal)
    new = next_version(record, now, proposals=left, dismissed=(*record.dismissed, proposal))
    return Change(new, f"proposal {proposal['exact_number'] or proposal['exact_id']} dismissed by {who}")


def refused(record: OrderRecord, error: ConnectorError, now: datetime) -> OrderChange:
    """It was refused with this error, with a reason for each fault."""
    reasons = refusal_reasons(error, record.body)
    change = shared.rejected(record, reasons, now)
    codes = [str(reason.get("code")) for reason in reasons]
    event = OutgoingEvent("order.rejected", {**named(change.record), "codes": codes})
    return Change(change.record, change.reason, (event,))


def overdue(record: OrderRecord, now: datetime) -> OrderChange | None:
    """Flag an order that is not in Exact within the hour, once; None for any other."""
    if not record.open or record.overdue or now - record.accepted_at < OVERDUE_AFTER:
        return None
    event = OutgoingEvent("order.overdue", {**named(record), "state": record.state.value})
    return Change(next_version(record, now, overdue=True), "overdue", (event,))


def read_back(
    record: OrderRecord, differences: Sequence[str], now: datetime, *, number: str | None = None
) -> OrderChange:
    """Note that the lines were read back; what Exact has otherwise becomes a warning and an event.

    ``number``: the document's, where it was not known before.
    """
    warnings = record.warnings
    events = () if number is None else (_number_event(record, number),)
    if differences:
        message = "Exact keeps the document otherwise than it was sent: " + "; ".join(differences[:_SHOWN_DIFFERENCES])
        warnings = (*warnings, {"code": "LINES_DIFFER", "message": message})
        events = (*events, OutgoingEvent("order.lines_differ", {**named(record), "differences": len(differences)}))
    known = record.exact_number or number
    new = next_version(record, now, seen_in_exact=True, due_at=None, failures=0, warnings=warnings, exact_number=known)
    return Change(new, "lines read back", events)


def not_read_back(record: OrderRecord, error: ConnectorError, now: datetime, times: LifecycleTimes) -> OrderChange:
    """Reading back failed: later again, and after some tries never, with a warning. The order stays submitted.

    A fault of the connection or the rights is no such try.
    """
    if blocks(error):
        return Change(next_version(record, now, due_at=now + _BLOCKED_READ_BACK), f"waits: {error.code}")
    if record.failures + 1 < _READ_BACK_TRIES:
        due_at = next_try(error, record.failures, now, times)
        return Change(next_version(record, now, failures=record.failures + 1, due_at=due_at), f"waits: {error.code}")
    message = f"The lines could not be read back from Exact ({error.code}); compare the document there."
    warnings = (*record.warnings, {"code": "LINES_NOT_READ", "message": message})
    return Change(next_version(record, now, due_at=None, failures=0, warnings=warnings), f"given up: {error.code}")


def numbered(record: OrderRecord, number: str, now: datetime) -> OrderChange:
    """Exact has given a submitted document its number by now."""
    new = next_version(record, now, exact_number=number)
    return Change(new, "numbered by Exact", (_number_event(record, number),))


def _number_event(record: OrderRecord, number: str) -> OutgoingEvent:
    return OutgoingEvent("order.numbered", {**named(record), "exact_number": number})


def missing(record: OrderRecord, now: datetime) -> OrderChange:
    """A submitted document is not in Exact any more: flag it, once."""
    event = OutgoingEvent("order.missing", {**named(record), "exact_number": record.exact_number})
    return Change(next_version(record, now, missing=True), "not in Exact any more", (event,))


def cancelled(record: OrderRecord, now: datetime) -> OrderChange | None:
    """Take an order back that is not in Exact; None for one that was taken back. Raises Conflict for any other."""
    if record.state is State.CANCELLED:
        return None
    if record.state is State.REJECTED:
        raise Conflict("The order was refused and will not be sent; there is nothing to take back.")
    if record.state is not State.RECEIVED:
        raise Conflict(f"The order is {record.state.value}: it is or may be in Exact, so it cannot be taken back here.")
    new = next_version(record, now, state=State.CANCELLED, due_at=None, waiting=None, blocked=False)
    return Change(new, "requested by a client")


def resent(record: OrderRecord, now: datetime) -> OrderChange:
    """Send a refused order again, a waiting one at once, or look for a doubtful one; raises Conflict for any other.

    Who repairs the cause of a refusal may have removed an address or contact that was made for the order: what is still
    in Exact is found there again, so nothing is remembered of it.
    """
    change = shared.resent(record, "order", now, steps={})
    return Change(replace(change.record, resent=True), change.reason)


def named(record: OrderRecord) -> dict[str, Any]:
    """Return how events name an order."""
    return {
        "tenant": record.tenant,
        "order_id": record.order_id,
        "kind": record.kind.value,
        "external_id": record.external_id,
        "accepted_at": to_text(record.accepted_at),
    }
