"""How an order gets into Exact: planned with the steps before it, linked when a person entered it, posted, found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from exact_connector.clock import Clock
from exact_connector.errors import ConnectorError
from exact_connector.exactly_once.engine import Document, Submission, Visit
from exact_connector.exactly_once.exact_search import SKEW, ExactCalls
from exact_connector.exactly_once.record import Attempt
from exact_connector.exactly_once.store import DocumentTaken
from exact_connector.exactly_once.transitions import Plan
from exact_connector.orders.lifecycle import transitions
from exact_connector.orders.lifecycle.exact_search import created_since, lines_of
from exact_connector.orders.lifecycle.manual_documents import find_manual_document
from exact_connector.orders.lifecycle.matching import same_document, same_header
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.lifecycle.steps import Planner, RememberedSteps
from exact_connector.orders.lifecycle.store import OrderStore
from exact_connector.orders.lifecycle.transitions import OrderChange
from exact_connector.orders.model.kinds import DOCUMENTS


class OrderSubmission(Submission[OrderRecord]):
    """Plans, sends and finds the documents of orders.

    ``exact``: a client for a tenant and the administration that the order was accepted for; raises NotConnected when
    the tenant is linked to another one by now.
    """

    def __init__(
        self, store: OrderStore, exact: Callable[[str, int], ExactCalls], planner: Planner, clock: Clock
    ) -> None:
        self._store = store
        self._exact = exact
        self._planner = planner
        self._clock = clock

    def exact(self, record: OrderRecord) -> ExactCalls:
        """Return calls to the administration of an order."""
        return self._exact(record.tenant, record.division)

    def plan(self, record: OrderRecord, exact: ExactCalls, visit: Visit) -> tuple[OrderRecord, Plan | None]:
        """Plan the document and carry out the steps before it; a late or resent order may be linked instead."""
        steps = RememberedSteps(self._store, self._clock, record, visit.renew)
        plan = self._planner.plan(record, exact, steps)
        record = steps.record
        if record.overdue or record.resent:
            record = self._linked_by_hand(record, plan, exact)
        return record, plan if record.open else None

    def document(self, record: OrderRecord, attempt: Attempt, exact: ExactCalls) -> Document | None:
        """Post the document."""
        kind = DOCUMENTS[record.kind]
        answer = exact.create(attempt.path, dict(attempt.body), record=record.order_id)
        key = answer.get(kind.key)
        return Document(str(key).lower(), kind.number_of(answer)) if key else None

    def search(
        self,
        record: OrderRecord,
        attempt: Attempt,
        exact: ExactCalls,
        now: datetime,
        free: Callable[[Sequence[str]], list[str]],
    ) -> Iterator[Document]:
        """Yield documents of that customer made since the first attempt in doubt, with the same lines and texts."""
        kind = DOCUMENTS[record.kind]
        assert record.search_since is not None
        headers = created_since(exact, kind, attempt.account, record.search_since - SKEW, now)
        by_id = {str(header[kind.key]).lower(): header for header in headers}
        for document in free(list(by_id)):
            header = by_id[document]
            if same_header(kind, attempt.body, header) and same_document(
                kind, attempt.body, header, lines_of(exact, kind, document)
            ):
                yield Document(document, kind.number_of(header))

    def submitted(self, record: OrderRecord, document: Document, now: datetime, *, found: bool) -> OrderChange:
        """Return the order in Exact."""
        return transitions.submitted(record, document.exact_id, document.number, now, found=found)

    def refused(self, record: OrderRecord, error: ConnectorError, now: datetime) -> OrderChange:
        """Return the order as refused, with pointers into it."""
        return transitions.refused(record, error, now)

    def _linked_by_hand(self, record: OrderRecord, plan: Plan, exact: ExactCalls) -> OrderRecord:
        """Take a document for this late or resent order that a person entered by hand meanwhile."""
        found = find_manual_document(record, plan.account, plan.body, exact, self._store, self._clock.now())
        now = self._clock.now()
        change = (
            transitions.proposed(record, found.proposals, now)
            if found.document is None
            else transitions.linked_by_hand(record, found.document, found.number, now)
        )
        try:
            return record if change is None else self._store.transition(record, change)
        except DocumentTaken:
            return record
