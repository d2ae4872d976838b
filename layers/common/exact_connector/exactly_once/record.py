"""What every record that has to get into Exact once has in common, and its states.

RECEIVED ──attempt recorded──▶ SUBMITTING ──answer──▶ SUBMITTED
   ▲  │                           │  ├────refusal───▶ REJECTED ──resend──▶ RECEIVED
   │  └─cancel─▶ CANCELLED        │  └─not sent─▶ RECEIVED (due later)
   │                              └─doubt, dead attempt─▶ UNKNOWN ──found in Exact──▶ SUBMITTED
   └──────────── absent after the grace period ───────────────┘
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from exact_connector.clock import from_text, from_text_or_none, to_text, to_text_or_none
from exact_connector.exactly_once.attempts import Unexplained
from exact_connector.storage.packing import pack_posted, unpack
from exact_connector.storage.table import Row, Value


class State(StrEnum):
    """Where a record stands on its way into Exact."""

    RECEIVED = "RECEIVED"
    SUBMITTING = "SUBMITTING"
    UNKNOWN = "UNKNOWN"
    SUBMITTED = "SUBMITTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


OPEN = frozenset({State.RECEIVED, State.SUBMITTING, State.UNKNOWN})
IN_DOUBT = frozenset({State.SUBMITTING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write: when it was recorded and what was sent where. ``account``: the customer or supplier (GUID) in Exact
    that it is for, empty where it is for none."""

    number: int
    started_at: datetime
    path: str
    body: Mapping[str, Any]
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRecord:
    """A record that was accepted and has to get into Exact once. ``body`` is what the client sent.

    ``due_at``: an open record is not touched before it; while an attempt is under way it is the moment by which the
    attempt has ended. ``search_since`` is the start of the earliest attempt whose outcome was in doubt,
    ``absent_after`` the moment after which an absence in Exact counts, ``unexplained`` what Exact said in attempts that
    ended in doubt. ``waiting`` says in words what an open record waits for, ``blocked`` that its cause lies in the
    connection or the rights. ``exact_id`` and ``exact_number`` name what was made of it in Exact.
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
    attempt: Attempt | None = None
    attempts: int = 0
    search_since: datetime | None = None
    absent_after: datetime | None = None
    unexplained: Unexplained | None = None
    exact_id: str | None = None
    exact_number: str | None = None
    reasons: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[Mapping[str, Any], ...] = ()
    waiting: str | None = None
    blocked: bool = False

    @property
    def open(self) -> bool:
        """Whether it still has to get into Exact."""
        return self.state in OPEN

    @property
    def lane(self) -> str:
        """What it shares with the records that would meet the same fault of the rights."""
        return ""

    @property
    def sequence(self) -> str:
        """What it shares with the records that wait for each other, empty where none wait."""
        return ""


R = TypeVar("R", bound=OutgoingRecord)


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """Something that others are notified of; ``kind`` like ``order.submitted``. No personal data in ``detail``."""

    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """The next version of a record, why, and the events that go out with it."""

    record: R
    reason: str
    events: tuple[OutgoingEvent, ...] = ()


def next_version(record: R, now: datetime, **changes: Any) -> R:
    """Return the next version of a record with some fields changed."""
    return replace(record, version=record.version + 1, updated_at=now, **changes)


def base_row(record: OutgoingRecord) -> Row:
    """Return the attributes of a row that every record has; those without a value are left out."""
    row: dict[str, Value] = {
        "sk": record.record_id,
        "tenant": record.tenant,
        "division": record.division,
        "body": pack_posted(record.body),
        "body_hash": record.body_hash,
        "accepted_at": to_text(record.accepted_at),
        "updated_at": to_text(record.updated_at),
        "state": record.state.value,
        "version": record.version,
        "failures": record.failures,
        "attempts": record.attempts,
        "notes": pack_posted([record.reasons, record.warnings]),
        "external_id": record.external_id,
        "exact_id": record.exact_id,
        "exact_number": record.exact_number,
        "waiting": record.waiting,
        "blocked": record.blocked or None,
        "unexplained": None if record.unexplained is None else asdict(record.unexplained),
        "due_at": to_text_or_none(record.due_at),
        "search_since": to_text_or_none(record.search_since),
        "absent_after": to_text_or_none(record.absent_after),
        "attempt": None if record.attempt is None else _attempt_row(record.attempt),
    }
    return {name: value for name, value in row.items() if value is not None}


def base_fields(row: Row) -> dict[str, Any]:
    """Read the fields that every record has, as arguments of its class."""
    values = cast("dict[str, Any]", row)
    reasons, warnings = unpack(values["notes"])
    return {
        "tenant": values["tenant"],
        "record_id": values["sk"],
        "division": int(values["division"]),
        "body": unpack(values["body"]),
        "body_hash": values["body_hash"],
        "accepted_at": from_text(values["accepted_at"]),
        "updated_at": from_text(values["updated_at"]),
        "external_id": values.get("external_id"),
        "state": State(values["state"]),
        "version": int(values["version"]),
        "due_at": from_text_or_none(values.get("due_at")),
        "failures": int(values["failures"]),
        "attempt": _read_attempt(values.get("attempt")),
        "attempts": int(values["attempts"]),
        "search_since": from_text_or_none(values.get("search_since")),
        "absent_after": from_text_or_none(values.get("absent_after")),
        "exact_id": values.get("exact_id"),
        "exact_number": values.get("exact_number"),
        "reasons": tuple(reasons),
        "warnings": tuple(warnings),
        "waiting": values.get("waiting"),
        "blocked": values.get("blocked", False),
        "unexplained": _read_unexplained(values.get("unexplained")),
    }


def _read_unexplained(row: Mapping[str, Any] | None) -> Unexplained | None:
    return None if row is None else Unexplained(row["text"], int(row["count"]), row["repeated"])


def _attempt_row(attempt: Attempt) -> Row:
    values = asdict(attempt)
    return {**values, "started_at": to_text(attempt.started_at), "body": pack_posted(attempt.body)}


def _read_attempt(row: Mapping[str, Any] | None) -> Attempt | None:
    if row is None:
        return None
    return Attempt(
        number=int(row["number"]),
        started_at=from_text(row["started_at"]),
        path=row["path"],
        body=unpack(row["body"]),
        account=row["account"],
    )
