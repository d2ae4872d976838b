"""Find a document in Exact that a person entered by hand for an order that had not arrived, and take a chosen one.

agrees in everything, the only one   linked by itself
same reference, something differs    proposed: a person looks at it, and chooses it, dismisses it or resends the order
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exact_connector.errors import Conflict, Fault, InvalidInput
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.exact_search import created_since, lines_of
from exact_connector.orders.lifecycle.matching import same_goods
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.store import OrderStore
from exact_connector.orders.lifecycle.transitions import OrderChange, dismissed, linked_by_person
from exact_connector.orders.model.kinds import DOCUMENTS, DocumentKind

REFERENCE = "YourRef"

_WHY_NOT = {
    State.SUBMITTING: "it is being sent at this moment; ask again when it waits or is refused",
    State.UNKNOWN: "it may be in Exact already and is looked for there; ask again when that has come to an end",
    State.SUBMITTED: "it has a document in Exact already; look at its exact_number",
    State.CANCELLED: "it was taken back; post it under another key if it is needed after all",
}


@dataclass(frozen=True, slots=True)
class ManualDocument:
    """The one document that agrees, or what a person should look at."""

    document: str | None = None
    number: str | None = None
    proposals: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ChosenDocument:
    """The proposed document that a person means: by its ID in Exact, by its number there, or by both."""

    exact_id: str | None = None
    exact_number: str | None = None

    def means(self, exact_id: str | None, exact_number: str | None) -> bool:
        """Tell whether it is that document."""
        same_id = self.exact_id is None or self.exact_id.strip().lower() == exact_id
        return same_id and (self.exact_number is None or self.exact_number.strip() == exact_number)


def chosen_link(record: OrderRecord, chosen: ChosenDocument, who: str, now: datetime) -> OrderChange | None:
    """Link an order to the proposed document that a person chose; None when it is linked to it already.

    Raises Conflict where the order's state forbids it, and InvalidInput for a document that is not proposed.
    """
    if record.state is State.SUBMITTED and chosen.means(record.exact_id, record.exact_number):
        return None
    _require_open_to_choice(record)
    document = _named(record, chosen, [*record.proposals, *record.dismissed])
    return linked_by_person(record, str(document["exact_id"]), document["exact_number"], who, now)


def chosen_dismissal(record: OrderRecord, chosen: ChosenDocument, who: str, now: datetime) -> OrderChange | None:
    """Put the proposed document away that a person chose; None when it is put away already.

    Raises Conflict where the order's state forbids it, and InvalidInput for a document that is not proposed.
    """
    _require_open_to_choice(record)
    proposal = _named(record, chosen, [*record.proposals, *record.dismissed])
    return None if proposal in record.dismissed else dismissed(record, proposal, who, now)


def _require_open_to_choice(record: OrderRecord) -> None:
    if record.state in _WHY_NOT:
        why = _WHY_NOT[record.state]
        raise Conflict(f"The order is {record.state.value}, so its proposals are not to be judged now: {why}.")


def _named(record: OrderRecord, chosen: ChosenDocument, known: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    found = [proposal for proposal in known if chosen.means(proposal["exact_id"], proposal["exact_number"])]
    if len(found) == 1:
        return found[0]
    pointer = "/exact_number" if chosen.exact_id is None else "/exact_id"
    if found:
        message = f"Several proposed documents have this number; send the exact_id of one of: {_listed(found)}."
        raise InvalidInput(message, [Fault(pointer, "NUMBER_NOT_UNIQUE", message)], code="NUMBER_NOT_UNIQUE")
    message = "This document is not proposed for the order. "
    if record.proposals:
        message += f"Proposed are: {_listed(record.proposals)}."
    else:
        message += "None is: the comparison with Exact every morning proposes what carries the order's reference."
    raise InvalidInput(message, [Fault(pointer, "NOT_PROPOSED", message)], code="NOT_PROPOSED")


def _listed(proposals: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{one['exact_number'] or 'without a number'} ({one['exact_id']})" for one in proposals)


def find_manual_document(
    record: OrderRecord,
    customer: str,
    body: Mapping[str, Any] | None,
    exact: ExactCalls,
    store: OrderStore,
    now: datetime,
) -> ManualDocument:
    """Look for documents of that customer with the order's reference, made since it was accepted and no other order's.

    What a person dismissed is passed over. Linked is the one whose items and quantities agree too, when it is the only
    one; all others are proposed. ``body`` is the document as it would be sent, None where the order cannot be planned:
    then nothing is linked.
    """
    kind = DOCUMENTS[record.kind]
    references = references_of(record, body)
    if REFERENCE not in kind.header_texts or not references:
        return ManualDocument()
    headers = [
        header
        for header in created_since(exact, kind, customer, record.accepted_at, now)
        if str(header.get(REFERENCE) or "").strip().casefold() in references
    ]
    taken = store.owners(record.tenant, record.division, [_id(kind, header) for header in headers])
    passed_over = taken.keys() | {proposal["exact_id"] for proposal in record.dismissed}
    free = [header for header in headers if _id(kind, header) not in passed_over]
    same = [header for header in free if body is not None and _goods_agree(kind, body, header, exact)]
    if len(same) == 1:
        return ManualDocument(_id(kind, same[0]), kind.number_of(same[0]))
    why = "same items and quantities, but not the only one" if same else "same reference, other items or quantities"
    return ManualDocument(proposals=tuple(_proposal(kind, header, why) for header in same or free))


def references_of(record: OrderRecord, body: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the references by which a person may have named the order, in small letters."""
    named = [None if body is None else body.get(REFERENCE)]
    named += [record.body.get(name) for name in ("your_reference", "reference", "external_id")]
    return frozenset(str(name).strip().casefold() for name in named if name and str(name).strip())


def _goods_agree(kind: DocumentKind, body: Mapping[str, Any], header: Mapping[str, Any], exact: ExactCalls) -> bool:
    return same_goods(kind, body, lines_of(exact, kind, _id(kind, header)))


def _id(kind: DocumentKind, header: Mapping[str, Any]) -> str:
    return str(header[kind.key]).lower()


def _proposal(kind: DocumentKind, header: Mapping[str, Any], why: str) -> Mapping[str, Any]:
    return {"exact_id": _id(kind, header), "exact_number": kind.number_of(header), "why": why}
