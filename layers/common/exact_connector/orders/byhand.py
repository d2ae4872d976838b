"""Find a document in Exact that somebody entered by hand for an order that had not arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exact_connector.orders.finding import ExactCalls, lines_of, made_since
from exact_connector.orders.kinds import DOCUMENTS, DocumentKind
from exact_connector.orders.matching import same_goods
from exact_connector.orders.record import OrderRecord
from exact_connector.orders.store import OrderStore

REFERENCE = "YourRef"


@dataclass(frozen=True, slots=True)
class ByHand:
    """The one document that agrees, or what a person should look at."""

    document: str | None = None
    number: str = ""
    proposals: tuple[Mapping[str, Any], ...] = ()


def entered_by_hand(
    record: OrderRecord,
    customer: str,
    body: Mapping[str, Any] | None,
    exact: ExactCalls,
    store: OrderStore,
    now: datetime,
) -> ByHand:
    """Look for documents of that customer with the order's reference, made since it was accepted and no other order's.

    Linked is the one whose items and quantities agree too, when it is the only one; all others are proposed. ``body``
    is the document as it would be sent, None where the order cannot be planned: then nothing is linked.
    """
    kind = DOCUMENTS[record.kind]
    references = references_of(record, body)
    if REFERENCE not in kind.header_texts or not references:
        return ByHand()
    headers = [
        header
        for header in made_since(exact, kind, customer, record.accepted_at, now)
        if str(header.get(REFERENCE) or "").strip().casefold() in references
    ]
    taken = store.linked_to(record.tenant, record.division, [_id(kind, header) for header in headers])
    free = [header for header in headers if _id(kind, header) not in taken]
    same = [header for header in free if body is not None and _goods_agree(kind, body, header, exact)]
    if len(same) == 1:
        return ByHand(_id(kind, same[0]), str(same[0][kind.number]))
    why = "same items and quantities, but not the only one" if same else "same reference, other items or quantities"
    return ByHand(proposals=tuple(_proposal(kind, header, why) for header in same or free))


def references_of(record: OrderRecord, body: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the references by which a person may have named the order, in small letters."""
    named = [None if body is None else body.get(REFERENCE)]
    named += [record.body.get(name) for name in ("your_reference", "reference", "external_id")]
    return frozenset(str(each).strip().casefold() for each in named if each and str(each).strip())


def _goods_agree(kind: DocumentKind, body: Mapping[str, Any], header: Mapping[str, Any], exact: ExactCalls) -> bool:
    return same_goods(kind, body, lines_of(exact, kind, _id(kind, header)))


def _id(kind: DocumentKind, header: Mapping[str, Any]) -> str:
    return str(header[kind.key]).lower()


def _proposal(kind: DocumentKind, header: Mapping[str, Any], why: str) -> Mapping[str, Any]:
    return {"exact_id": _id(kind, header), "exact_number": str(header.get(kind.number)), "why": why}
