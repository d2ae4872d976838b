"""Take orders in: the same order twice is one order, and what was accepted is never lost.

key known, same order   -> the same answer again, marked as a replay, however it is written this time
key known, other order  -> 422 IDEMPOTENCY_KEY_REUSED
key new                 -> judged against the stored catalogue; then order and keys in one transaction; 202
Prefer: wait=N          -> the same life cycle runs at once, while no earlier order of that customer is open
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast

from exact_connector.clock import Clock, to_text
from exact_connector.errors import Conflict, Fault, InvalidInput
from exact_connector.exactly_once.content import PostedContent, document_hash
from exact_connector.exactly_once.idempotency import body_hash, check_key, external_ids
from exact_connector.exactly_once.intake import Accepted, Intake
from exact_connector.exactly_once.record import IN_DOUBT, State
from exact_connector.exactly_once.store import DocumentTaken, OutOfDate, trail_response
from exact_connector.orders.lifecycle.division_lock import DivisionLock
from exact_connector.orders.lifecycle.engine import OrderEngine
from exact_connector.orders.lifecycle.manual_documents import ChosenDocument, chosen_dismissal, chosen_link
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.store import OrderStore, idempotency_keys
from exact_connector.orders.lifecycle.transitions import OrderChange, cancelled, resent
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.reading import content_of
from exact_connector.storage.packing import pack_posted

if TYPE_CHECKING:
    from exact_connector.documents.models.orders import Order, OrderWarning, Proposal, Reason, Transition

LONGEST_WAIT = 20
LARGEST_ORDER = 120_000
"""Bytes of an order, compressed: order, document and notes fit a row of 400 kB together."""

_POLL = 0.5
_TRIES = 5
_SCAN_ROWS = 200
_SCANNED_ENOUGH = 4_000
_SCAN_SECONDS = 15.0
"""How long a list looks for the first order that a filter lets through; API Gateway ends a request after 29 s."""
_HASH_VERSION = "2"
"""Version of what `content_of` says; it is raised when reading changes."""

Checked = tuple[OrderKind, str, tuple[Mapping[str, Any], ...]]


class Checker(Protocol):
    """Judges a posted order against the stored catalogue and the settings."""

    def check(self, tenant: str, body: object, *, purchase: bool) -> Checked:
        """Return kind, customer or supplier, and warnings; raises InvalidInput with every fault."""
        ...


AcceptedOrder = Accepted[OrderRecord]


class OrderService:
    """The use cases of orders.

    ``division``: tenant -> its administration, raises NotConnected. ``wake``: notifies the workers.
    ``new_id``: a new order id that sorts by time.
    """

    def __init__(
        self,
        store: OrderStore,
        lock: DivisionLock,
        engine: OrderEngine,
        checker: Checker,
        clock: Clock,
        *,
        division: Callable[[str], int],
        wake: Callable[[str, int], None],
        new_id: Callable[[datetime], str],
    ) -> None:
        self._store = store
        self._intake = Intake(store, "order")
        self._lock = lock
        self._engine = engine
        self._checker = checker
        self._clock = clock
        self._division = division
        self._wake = wake
        self._new_id = new_id

    def accept(self, tenant: str, body: object, *, key: str | None, purchase: bool = False) -> AcceptedOrder:
        """Take an order in under its keys; raises InvalidInput, NotConnected."""
        if not isinstance(body, dict):
            raise _not_an_object()
        own_ids = external_ids(body)
        keys = _keys(key, own_ids, purchase=purchase)
        posted = PostedContent(_HASH_VERSION, _content_hash(body, purchase=purchase), body_hash(body))

        def same(known: OrderRecord) -> bool:
            return (known.kind is OrderKind.PURCHASE) == purchase and posted.is_same(
                known.body_hash, lambda: _content_hash(known.body, purchase=purchase)
            )

        replay = self._intake.replay(tenant, keys, same)
        if replay is not None:
            return replay
        division = self._division(tenant)
        kind, customer, warnings = self._checker.check(tenant, body, purchase=purchase)
        _require_size(body)
        now = self._clock.now()
        record = OrderRecord(
            tenant=tenant,
            record_id=self._new_id(now),
            kind=kind,
            division=division,
            customer=customer,
            body=body,
            body_hash=posted.stored(),
            accepted_at=now,
            updated_at=now,
            external_id=own_ids[0] if own_ids else None,
            due_at=now,
            warnings=warnings,
        )
        self._lock.mark_due(tenant, division, now)
        return self._intake.store(record, keys, same)

    def wake(self, record: OrderRecord) -> None:
        """Notify the workers that an order waits; an order without a notice is found by its due row."""
        if record.open:
            self._wake(record.tenant, record.division)

    def wait(self, record: OrderRecord, *, seconds: float, deadline: datetime) -> OrderRecord:
        """Run the life cycle of one order now and wait for its end, at most that long; return it as it is then."""
        until = self._clock.now() + timedelta(seconds=seconds)
        while record.open:
            result = self._engine.work(record.tenant, record.division, deadline, only=record.order_id)
            record = self._store.get(record.tenant, record.order_id)
            if not record.open or self._clock.now() >= until:
                break
            if not result.locked and (record.due_at or until) > until:
                break
            self._clock.sleep(_POLL)
        return record

    def get(self, tenant: str, order_id: str, *, purchase: bool = False) -> OrderRecord:
        """Return an order; raises NotFound."""
        return _of_side(self._store.get(tenant, order_id), purchase=purchase)

    def by_external_id(self, tenant: str, external_id: str, *, purchase: bool = False) -> list[OrderRecord]:
        """Return the order with the client's own id, none when there is none."""
        found = external_ids({"external_id": external_id})
        return self._store.by_keys(tenant, idempotency_keys(_side(purchase=purchase), None, found)) if found else []

    def page(
        self,
        tenant: str,
        *,
        after: str | None,
        limit: int,
        state: State | None = None,
        kind: OrderKind | None = None,
        customer: str | None = None,
        overdue: bool = False,
        purchase: bool = False,
    ) -> tuple[list[OrderRecord], str | None]:
        """Return orders newest first, and the id after which the next page starts, None at the end.

        A page of the other side or of other states may be read for nothing, so it reads on until the page is full; it
        ends earlier after some thousand orders once it holds one, or at the end of the time for it.
        """
        wanted = _filter(state, kind, customer, overdue=overdue, purchase=purchase)
        until = self._clock.now() + timedelta(seconds=_SCAN_SECONDS)
        found: list[OrderRecord] = []
        position, scanned = after, 0
        while True:
            records, position = self._store.page(tenant, after=position, limit=max(limit, _SCAN_ROWS))
            for record in filter(wanted, records):
                found.append(record)
                if len(found) == limit:
                    at_end = position is None and record is records[-1]
                    return found, None if at_end else record.order_id
            scanned += len(records)
            enough = scanned >= _SCANNED_ENOUGH and found
            if position is None or enough or self._clock.now() >= until:
                return found, position

    def cancel(self, tenant: str, order_id: str, *, purchase: bool = False) -> OrderRecord:
        """Take an order back before it was sent, once or again; raises Conflict once it may be in Exact."""
        return self._change(tenant, order_id, cancelled, purchase=purchase)

    def resend(self, tenant: str, order_id: str, *, purchase: bool = False) -> OrderRecord:
        """Send a refused order again, a waiting one at once, or look for a doubtful one; raises Conflict for others."""
        record = self._change(tenant, order_id, resent, purchase=purchase)
        self._store.make_lane_due(tenant, record.division, record.lane, self._clock.now())
        self.wake(record)
        return record

    def link(
        self, tenant: str, order_id: str, chosen: ChosenDocument, *, who: str, purchase: bool = False
    ) -> OrderRecord:
        """Link an order to a document in Exact that was proposed for it; it is not sent any more.

        Raises Conflict, also for a document of another order, and InvalidInput for one that was not proposed.
        """

        def change(record: OrderRecord, now: datetime) -> OrderChange | None:
            found = chosen_link(record, chosen, who, now)
            if found is not None:
                self._require_free(record, str(found.record.exact_id))
            return found

        return self._change(tenant, order_id, change, purchase=purchase)

    def dismiss(
        self, tenant: str, order_id: str, chosen: ChosenDocument, *, who: str, purchase: bool = False
    ) -> OrderRecord:
        """Keep a document from being proposed for an order again; raises Conflict, and InvalidInput for an unknown."""

        def change(record: OrderRecord, now: datetime) -> OrderChange | None:
            return chosen_dismissal(record, chosen, who, now)

        return self._change(tenant, order_id, change, purchase=purchase)

    def _require_free(self, record: OrderRecord, document: str) -> None:
        """Raise Conflict when a document belongs to another order, or may be the one that another is looked for as."""
        owner = self._store.owners(record.tenant, record.division, [document]).get(document, record.order_id)
        if owner != record.order_id:
            raise Conflict(f"The document belongs to the order {owner}; choose another one, or send this order again.")
        for place in self._store.queue(record.tenant, record.division):
            if place.account == record.customer and place.record_id != record.order_id:
                other = self._store.get(record.tenant, place.record_id)
                if other.kind is record.kind and other.state in IN_DOUBT:
                    raise Conflict(
                        f"The order {other.order_id} of the same customer is {other.state.value}, and the document may"
                        " be its own; ask again when that one has come to an end."
                    )

    def trail(self, tenant: str, order_id: str) -> list[Transition]:
        """Return every transition of an order."""
        return cast("list[Transition]", trail_response(self._store.trail(tenant, order_id)))

    def _change(
        self,
        tenant: str,
        order_id: str,
        change: Callable[[OrderRecord, datetime], OrderChange | None],
        *,
        purchase: bool,
    ) -> OrderRecord:
        for _ in range(_TRIES):
            record = self.get(tenant, order_id, purchase=purchase)
            changed = change(record, self._clock.now())
            if changed is None:
                return record
            # Whoever waits for this order, or for its end, is looked at again.
            self._lock.mark_due(tenant, record.division, self._clock.now())
            try:
                return self._store.transition(record, changed)
            except (OutOfDate, DocumentTaken):
                continue
        raise Conflict("The order is being worked on; look at it and ask again.")


def to_response(record: OrderRecord) -> Order:
    """Return an order as a client sees it."""
    return {
        "order_id": record.order_id,
        "kind": record.kind.value,
        "state": record.state.value,
        "external_id": record.external_id,
        "customer_id": record.customer,
        "accepted_at": to_text(record.accepted_at),
        "updated_at": to_text(record.updated_at),
        "exact_number": record.exact_number,
        "exact_id": record.exact_id,
        "attempts": record.attempts,
        "reasons": cast("list[Reason]", list(record.reasons)),
        "warnings": cast("list[OrderWarning]", list(record.warnings)),
        "waiting_for": record.waiting,
        "next_try_at": to_text(record.due_at) if record.open and record.due_at is not None else None,
        "overdue": record.late,
        "lines_read_back": record.seen_in_exact,
        "linked_by_hand": record.linked_by_hand,
        "missing_in_exact": record.missing,
        "proposals": cast("list[Proposal]", list(record.proposals)),
    }


def _filter(
    state: State | None, kind: OrderKind | None, customer: str | None, *, overdue: bool, purchase: bool
) -> Callable[[OrderRecord], bool]:
    account = None if customer is None else customer.strip().lower()

    def wanted(record: OrderRecord) -> bool:
        return (
            (record.kind is OrderKind.PURCHASE) == purchase
            and state in (None, record.state)
            and kind in (None, record.kind)
            and account in (None, record.customer)
            and (record.late or not overdue)
        )

    return wanted


def _content_hash(body: object, *, purchase: bool) -> str | None:
    content = content_of(body, purchase=purchase)
    return None if content is None else document_hash(content)


def _not_an_object() -> InvalidInput:
    message = "Send one order as a JSON object; several orders are posted one by one."
    fault = Fault("", "ORDER_VALIDATION", message)
    return InvalidInput("The body is not a JSON object.", [fault], code="ORDER_VALIDATION")


def _keys(key: str | None, own_ids: Sequence[str], *, purchase: bool) -> list[str]:
    check_key(key)
    if key is None and not own_ids:
        message = "Send the header Idempotency-Key, or external_id in the order, so that a repetition is recognised."
        raise InvalidInput(
            "The order has no key.",
            [Fault("/external_id", "IDEMPOTENCY_KEY_MISSING", message)],
            code="ORDER_VALIDATION",
        )
    return idempotency_keys(_side(purchase=purchase), key, own_ids)


def _side(*, purchase: bool) -> str:
    return "purchase" if purchase else "sales"


def _require_size(body: Mapping[str, Any]) -> None:
    size = len(pack_posted(body))
    if size > LARGEST_ORDER:
        message = f"The order takes {size} bytes compressed, {LARGEST_ORDER} is the most; split it into several orders."
        raise InvalidInput(message, [Fault("", "ORDER_TOO_LARGE", message)], code="ORDER_VALIDATION")


def _of_side(record: OrderRecord, *, purchase: bool) -> OrderRecord:
    if (record.kind is OrderKind.PURCHASE) != purchase:
        side = "purchase-orders" if record.kind is OrderKind.PURCHASE else "orders"
        raise InvalidInput(f"This order is found under /v1/{side}.", code="OTHER_SIDE")
    return record
