"""One accepted order as it is kept; its states are those of every record, see ``exactly_once.record``.

RECEIVED, REJECTED ──a document entered by hand agrees, or a person chooses it──▶ SUBMITTED
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from exact_connector.exactly_once.record import OutgoingRecord, State, base_fields, base_row
from exact_connector.exactly_once.store import RecordKind
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.storage.packing import pack_posted, unpack
from exact_connector.storage.table import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord(OutgoingRecord):
    """An accepted order. ``customer`` is the customer's or supplier's ID in Exact, for the sequence of orders.

    A submitted order has its lines read back at ``due_at``. ``seen_in_exact`` is true once they were. ``steps``: what
    was made in Exact before the document, by name. ``resent``: a person had it sent again after a refusal. ``missing``:
    it was in Exact and is not there any more. ``dismissed``: proposals of which a person said that they are not this
    order. ``overdue``: it was noted that the order was not in Exact within the hour; see ``late``.
    """

    kind: OrderKind
    customer: str
    steps: Mapping[str, str] = field(default_factory=dict)
    proposals: tuple[Mapping[str, Any], ...] = ()
    dismissed: tuple[Mapping[str, Any], ...] = ()
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
    def lane(self) -> str:
        """The kind of document, which decides what rights are needed."""
        return self.kind.value

    @property
    def sequence(self) -> str:
        """The customer or supplier, whose orders go to Exact one after the other."""
        return self.customer

    @property
    def late(self) -> bool:
        """Whether it still is not in Exact although its hour is over."""
        return self.open and self.overdue

    @property
    def to_be_read_back(self) -> bool:
        """Whether it is in Exact and its lines are still to be compared with what was sent."""
        return self.state is State.SUBMITTED and self.due_at is not None


def to_row(record: OrderRecord) -> Row:
    """Write an order as a row of the table."""
    return {
        **base_row(record),
        "kind": record.kind.value,
        "customer": record.customer,
        "steps": dict(record.steps),
        "proposals": pack_posted([record.proposals, record.dismissed]),
        "overdue": record.overdue,
        "seen_in_exact": record.seen_in_exact,
        "linked_by_hand": record.linked_by_hand,
        "resent": record.resent,
        "missing": record.missing,
    }


def from_row(row: Row) -> OrderRecord:
    """Read an order."""
    values = cast("dict[str, Any]", row)
    proposals, dismissed = unpack(values["proposals"])
    return OrderRecord(
        **base_fields(row),
        kind=OrderKind(values["kind"]),
        customer=values["customer"],
        steps=values["steps"],
        proposals=tuple(proposals),
        dismissed=tuple(dismissed),
        overdue=values["overdue"],
        seen_in_exact=values["seen_in_exact"],
        linked_by_hand=values["linked_by_hand"],
        resent=values["resent"],
        missing=values["missing"],
    )


ORDERS: RecordKind[OrderRecord] = RecordKind("order", "order", to_row, from_row)
