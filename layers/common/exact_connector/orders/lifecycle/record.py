"""One accepted order as it is kept, and its states.

RECEIVED ──attempt recorded──▶ SUBMITTING ──answer──▶ SUBMITTED
   ▲  │                           │  ├────refusal───▶ REJECTED ──resend──▶ RECEIVED
   │  └─cancel─▶ CANCELLED        │  └─not sent─▶ RECEIVED (due later)
   │                              └─doubt, dead attempt─▶ UNKNOWN ──found in Exact──▶ SUBMITTED
   └──────────── absent after the grace period ───────────────┘
RECEIVED, REJECTED ──a document entered by hand agrees, or a person chooses it──▶ SUBMITTED
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

from exact_connector.clock import from_text, from_text_or_none, to_text, to_text_or_none
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.storage.table import Key, Row, Value


class State(StrEnum):
    """Where an order stands."""

    RECEIVED = "RECEIVED"
    SUBMITTING = "SUBMITTING"
    UNKNOWN = "UNKNOWN"
    SUBMITTED = "SUBMITTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


OPEN = frozenset({State.RECEIVED, State.SUBMITTING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST: when it was recorded, what was sent where, and for which customer or supplier (GUID) in Exact."""

    number: int
    started_at: datetime
    path: str
    customer: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """Something that others want to hear of; ``kind`` like ``order.submitted``. No personal data in ``detail``."""

    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An accepted order. ``customer`` is the customer's or supplier's ID in Exact, for the sequence of orders.

    ``due_at``: an open order is not touched before it, and a submitted one has its lines read back then.
    ``search_since`` is the start of the earliest attempt whose outcome was in doubt, ``absent_after`` the moment after
    which an absence in Exact counts. ``waiting`` says in words what an open order waits for. ``seen_in_exact`` is true
    once its lines were read back. ``resent``: a person had it sent again after a refusal. ``missing``: it was in Exact
    and is not there any more. ``dismissed``: proposals of which a person said that they are not this order.
    """

    tenant: str
    record_id: str
    kind: OrderKind
    division: int
    customer: str
    body: Mapping[str, Any]
    body_hash: str
    accepted_at: datetime
    updated_at: datetime
    external_id: str | None = None
    state: State = State.RECEIVED
    version: int = 1
    due_at: datetime | None = None
    failures: int = 0
    attempt: Attempt | None = None
    attempts: int = 0
    search_since: datetime | None = None
    absent_after: datetime | None = None
    steps: Mapping[str, str] = field(default_factory=dict)
    exact_id: str | None = None
    exact_number: str | None = None
    reasons: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[Mapping[str, Any], ...] = ()
    proposals: tuple[Mapping[str, Any], ...] = ()
    dismissed: tuple[Mapping[str, Any], ...] = ()
    waiting: str | None = None
    overdue: bool = False
    seen_in_exact: bool = False
    linked_by_hand: bool = False
    resent: bool = False
    missing: bool = False

    @property
    def order_id(self) -> str:
        """Its own id."""
        return self.record_id

    @property
    def open(self) -> bool:
        """Whether it still has to get into Exact."""
        return self.state in OPEN

    @property
    def to_be_read_back(self) -> bool:
        """Whether it is in Exact and its lines are still to be compared with what was sent."""
        return self.state is State.SUBMITTED and self.due_at is not None

    @property
    def key(self) -> Key:
        """Its place in the orders table."""
        return order_key(self.tenant, self.order_id)

    @property
    def queue_key(self) -> Key:
        """Its place in the sequence of acceptance of its administration."""
        return Key(queue_pk(self.tenant, self.division), f"{to_text(self.accepted_at)}#{self.order_id}")


def order_key(tenant: str, order_id: str) -> Key:
    """Return the key of an order."""
    return Key(f"order#{tenant}", order_id)


def queue_pk(tenant: str, division: int) -> str:
    """Return the partition of the open orders of one administration."""
    return f"queue#{tenant}#{division}"


def pack(document: object) -> bytes:
    """Write JSON compactly and compressed, so that an order of 500 lines fits a row; decimals become texts."""
    return zlib.compress(json.dumps(document, separators=(",", ":"), default=_plain).encode())


def unpack(packed: bytes) -> Any:
    """Read what ``pack`` wrote."""
    return json.loads(zlib.decompress(packed), parse_float=Decimal)


def to_row(record: OrderRecord) -> Row:
    """Write an order as a row of the table."""
    row: dict[str, Value] = {
        "pk": record.key.pk,
        "sk": record.key.sk,
        "kind": record.kind.value,
        "division": record.division,
        "customer": record.customer,
        "body": pack(record.body),
        "body_hash": record.body_hash,
        "accepted_at": to_text(record.accepted_at),
        "updated_at": to_text(record.updated_at),
        "state": record.state.value,
        "version": record.version,
        "failures": record.failures,
        "attempts": record.attempts,
        "steps": dict(record.steps),
        "notes": pack([record.reasons, record.warnings, record.proposals]),
        "overdue": record.overdue,
        "seen_in_exact": record.seen_in_exact,
        "linked_by_hand": record.linked_by_hand,
        "resent": record.resent,
        "missing": record.missing,
    }
    optional: dict[str, Value] = {
        "external_id": record.external_id,
        "exact_id": record.exact_id,
        "exact_number": record.exact_number,
        "waiting": record.waiting,
        "dismissed": pack(record.dismissed) if record.dismissed else None,
        "due_at": to_text_or_none(record.due_at),
        "search_since": to_text_or_none(record.search_since),
        "absent_after": to_text_or_none(record.absent_after),
        "attempt": None if record.attempt is None else _attempt_row(record.attempt),
    }
    return row | {name: value for name, value in optional.items() if value is not None}


def from_row(row: Row) -> OrderRecord:
    """Read an order."""
    values = cast("dict[str, Any]", row)
    reasons, warnings, proposals = unpack(values["notes"])
    return OrderRecord(
        tenant=values["pk"].partition("#")[2],
        record_id=values["sk"],
        kind=OrderKind(values["kind"]),
        division=int(values["division"]),
        customer=values["customer"],
        body=unpack(values["body"]),
        body_hash=values["body_hash"],
        accepted_at=from_text(values["accepted_at"]),
        updated_at=from_text(values["updated_at"]),
        external_id=values.get("external_id"),
        state=State(values["state"]),
        version=int(values["version"]),
        due_at=from_text_or_none(values.get("due_at")),
        failures=int(values["failures"]),
        attempt=_read_attempt(values.get("attempt")),
        attempts=int(values["attempts"]),
        search_since=from_text_or_none(values.get("search_since")),
        absent_after=from_text_or_none(values.get("absent_after")),
        steps=values["steps"],
        exact_id=values.get("exact_id"),
        exact_number=values.get("exact_number"),
        reasons=tuple(reasons),
        warnings=tuple(warnings),
        proposals=tuple(proposals),
        dismissed=tuple(unpack(values["dismissed"])) if "dismissed" in values else (),
        waiting=values.get("waiting"),
        overdue=values["overdue"],
        seen_in_exact=values["seen_in_exact"],
        linked_by_hand=values["linked_by_hand"],
        resent=values.get("resent", False),
        missing=values.get("missing", False),
    )


def following(record: OrderRecord, now: datetime, **changes: Any) -> OrderRecord:
    """Return the next version of an order with some fields changed."""
    return replace(record, version=record.version + 1, updated_at=now, **changes)


def _attempt_row(attempt: Attempt) -> Row:
    return {
        "number": attempt.number,
        "started_at": to_text(attempt.started_at),
        "path": attempt.path,
        "customer": attempt.customer,
        "body": pack(attempt.body),
    }


def _read_attempt(row: Mapping[str, Any] | None) -> Attempt | None:
    if row is None:
        return None
    return Attempt(
        number=int(row["number"]),
        started_at=from_text(row["started_at"]),
        path=row["path"],
        customer=row["customer"],
        body=unpack(row["body"]),
    )


def _plain(value: object) -> object:
    return str(value)
