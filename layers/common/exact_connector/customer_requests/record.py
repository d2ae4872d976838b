"""One customer that a platform requested, as it is kept until it is in Exact; see ``exactly_once.record``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from exact_connector.clock import to_text
from exact_connector.exactly_once.record import OutgoingRecord, State, base_fields, base_row
from exact_connector.exactly_once.store import RecordKind
from exact_connector.storage.table import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.orders import CustomerRequest as CustomerRequestDocument
    from exact_connector.documents.models.orders import CustomerState, Reason

CREATED = "CREATED"
"""What a client sees instead of SUBMITTED: the customer is in Exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRequest(OutgoingRecord):
    """A requested customer: ``exact_id`` and ``exact_number`` are the ID and the code of its account in Exact."""

    @property
    def request_id(self) -> str:
        """Its own id."""
        return self.record_id


def to_row(record: CustomerRequest) -> Row:
    """Write a request as a row of the table."""
    return base_row(record)


def from_row(row: Row) -> CustomerRequest:
    """Read a request."""
    return CustomerRequest(**base_fields(row))


CUSTOMERS: RecordKind[CustomerRequest] = RecordKind(
    "customer", "customer request", to_row, from_row, due_shard="customers", queue_per_division=False
)


def to_response(record: CustomerRequest) -> CustomerRequestDocument:
    """Return a request as a client sees it."""
    return {
        "request_id": record.request_id,
        "state": cast("CustomerState", CREATED if record.state is State.SUBMITTED else record.state.value),
        "external_id": record.external_id,
        "customer_id": record.exact_id,
        "customer_code": record.exact_number,
        "accepted_at": to_text(record.accepted_at),
        "updated_at": to_text(record.updated_at),
        "attempts": record.attempts,
        "reasons": cast("list[Reason]", list(record.reasons)),
        "waiting_for": record.waiting,
        "next_try_at": to_text(record.due_at) if record.open and record.due_at is not None else None,
    }
