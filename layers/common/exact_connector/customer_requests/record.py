"""One customer that a platform asked for, as it is kept until it is in Exact.

RECEIVED ──attempt recorded──▶ SUBMITTING ──answer──▶ CREATED
   ▲                              │  ├────refusal───▶ REJECTED ──resend──▶ RECEIVED
   │                              │  └─not sent─▶ RECEIVED (due later)
   │                              └─doubt, dead attempt─▶ UNKNOWN ──found in Exact──▶ CREATED
   └──────────── absent after the grace period ───────────────┘
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from exact_connector.clock import from_text, from_text_or_none, to_text, to_text_or_none
from exact_connector.storage.packing import pack, unpack
from exact_connector.storage.table import Key, Row, Value

DUE_SHARD = "customers"


class State(StrEnum):
    """Where a wanted customer stands."""

    RECEIVED = "RECEIVED"
    SUBMITTING = "SUBMITTING"
    UNKNOWN = "UNKNOWN"
    CREATED = "CREATED"
    REJECTED = "REJECTED"


OPEN = frozenset({State.RECEIVED, State.SUBMITTING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """A wanted customer. ``body`` is what the client sent, ``sent`` what the latest attempt posted at ``started_at``.

    ``due_at``: an open request is not touched before it; while an attempt is under way it is the moment by which the
    attempt has ended. ``search_since``: the start of the earliest attempt whose outcome is in doubt; ``absent_after``:
    the moment after which an absence in Exact counts.
    """

    tenant: str
    record_id: str
    division: int
    body: Mapping[str, Any]
    body_hash: str
    accepted_at: datetime
    updated_at: datetime
    external_id: str | None = None
    state: State = State.RECEIVED
    version: int = 1
    due_at: datetime | None = None
    failures: int = 0
    attempts: int = 0
    sent: Mapping[str, Any] | None = None
    started_at: datetime | None = None
    search_since: datetime | None = None
    absent_after: datetime | None = None
    customer_id: str | None = None
    customer_code: str | None = None
    reasons: tuple[Mapping[str, Any], ...] = ()
    waiting: str | None = None

    @property
    def request_id(self) -> str:
        """Its own id."""
        return self.record_id

    @property
    def open(self) -> bool:
        """Whether it still has to get into Exact."""
        return self.state in OPEN

    @property
    def key(self) -> Key:
        """Its place in the orders table."""
        return request_key(self.tenant, self.request_id)


def request_key(tenant: str, request_id: str) -> Key:
    """Return the key of a request."""
    return Key(f"customer#{tenant}", request_id)


def following(record: CustomerRequest, now: datetime, **changes: Any) -> CustomerRequest:
    """Return the next version of a request with some fields changed."""
    return replace(record, version=record.version + 1, updated_at=now, **changes)


def shown(record: CustomerRequest) -> dict[str, Any]:
    """Return a request as a client sees it."""
    return {
        "request_id": record.request_id,
        "state": record.state.value,
        "external_id": record.external_id,
        "customer_id": record.customer_id,
        "customer_code": record.customer_code,
        "accepted_at": to_text(record.accepted_at),
        "updated_at": to_text(record.updated_at),
        "attempts": record.attempts,
        "reasons": list(record.reasons),
        "waiting_for": record.waiting,
        "next_try_at": to_text(record.due_at) if record.open and record.due_at is not None else None,
    }


def to_row(record: CustomerRequest) -> Row:
    """Write a request as a row of the table."""
    row: dict[str, Value] = {
        "pk": record.key.pk,
        "sk": record.key.sk,
        "tenant": record.tenant,
        "division": record.division,
        "body": pack(record.body),
        "body_hash": record.body_hash,
        "accepted_at": to_text(record.accepted_at),
        "updated_at": to_text(record.updated_at),
        "state": record.state.value,
        "version": record.version,
        "failures": record.failures,
        "attempts": record.attempts,
        "reasons": pack(record.reasons),
    }
    optional: dict[str, Value] = {
        "external_id": record.external_id,
        "sent": None if record.sent is None else pack(record.sent),
        "customer_id": record.customer_id,
        "customer_code": record.customer_code,
        "waiting": record.waiting,
        "started_at": to_text_or_none(record.started_at),
        "search_since": to_text_or_none(record.search_since),
        "absent_after": to_text_or_none(record.absent_after),
    }
    row |= {name: value for name, value in optional.items() if value is not None}
    if record.due_at is not None:
        row |= {"due_shard": DUE_SHARD, "due_at": to_text(record.due_at)}
    return row


def from_row(row: Row) -> CustomerRequest:
    """Read a request."""
    values = cast("dict[str, Any]", row)
    return CustomerRequest(
        tenant=values["tenant"],
        record_id=values["sk"],
        division=int(values["division"]),
        body=unpack(values["body"]),
        body_hash=values["body_hash"],
        accepted_at=from_text(values["accepted_at"]),
        updated_at=from_text(values["updated_at"]),
        external_id=values.get("external_id"),
        state=State(values["state"]),
        version=int(values["version"]),
        due_at=from_text_or_none(values.get("due_at")),
        failures=int(values["failures"]),
        attempts=int(values["attempts"]),
        sent=unpack(values["sent"]) if "sent" in values else None,
        started_at=from_text_or_none(values.get("started_at")),
        search_since=from_text_or_none(values.get("search_since")),
        absent_after=from_text_or_none(values.get("absent_after")),
        customer_id=values.get("customer_id"),
        customer_code=values.get("customer_code"),
        reasons=tuple(unpack(values["reasons"])),
        waiting=values.get("waiting"),
    )
