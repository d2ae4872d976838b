"""Create requested customers in Exact, each exactly once; the steps are those of ``exactly_once.engine``.

There is no lock: every step is conditional on the version that was read, and an attempt is left alone until the moment
by which it has ended. Identical twins are interchangeable: an account belongs to one request only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from exact_connector import fields
from exact_connector.clock import Clock
from exact_connector.customer_requests.create import is_created_account
from exact_connector.customer_requests.record import CustomerRequest
from exact_connector.customer_requests.refusals import refusal_reasons
from exact_connector.customer_requests.store import CustomerStore
from exact_connector.errors import ConfigurationError, ConnectorError, NotConnected
from exact_connector.exactly_once import transitions
from exact_connector.exactly_once.attempts import LifecycleTimes
from exact_connector.exactly_once.engine import AttemptEngine, Document, Submission, Visit
from exact_connector.exactly_once.exact_search import SKEW, ExactCalls, created_since
from exact_connector.exactly_once.record import Attempt, Change
from exact_connector.exactly_once.store import OutOfDate
from exact_connector.exactly_once.transitions import Plan

ACCOUNTS = "crm/Accounts"

CustomerPlanner = Callable[[CustomerRequest, ExactCalls], dict[str, Any]]


class CustomerSubmission(Submission[CustomerRequest]):
    """Plans, creates and finds the accounts of requested customers.

    ``plan``: a request and the calls -> the body of the new account; raises InvalidInput or ConfigurationError for one
    that cannot be created. ``division``: tenant -> the administration that is linked now; a request is never sent to
    another one than it was accepted for.
    """

    def __init__(
        self, exact: Callable[[str], ExactCalls], plan: CustomerPlanner, *, division: Callable[[str], int]
    ) -> None:
        self._exact = exact
        self._plan = plan
        self._division = division

    def exact(self, record: CustomerRequest) -> ExactCalls:
        """Return calls to the administration that the request was accepted for."""
        linked = self._division(record.tenant)
        if linked != record.division:
            raise NotConnected(
                f"The customer was accepted for administration {record.division}, and {linked} is linked now; link the"
                " former again, or request the customer under another key."
            )
        return self._exact(record.tenant)

    def plan(self, record: CustomerRequest, exact: ExactCalls, visit: Visit) -> tuple[CustomerRequest, Plan]:  # noqa: ARG002
        """Return the account to be created."""
        return record, Plan(ACCOUNTS, self._plan(record, exact))

    def document(self, record: CustomerRequest, attempt: Attempt, exact: ExactCalls) -> Document | None:
        """Create the account."""
        return _document(exact.create(attempt.path, dict(attempt.body), record=record.request_id))

    def search(
        self,
        record: CustomerRequest,
        attempt: Attempt,
        exact: ExactCalls,
        now: datetime,
        free: Callable[[Sequence[str]], list[str]],
    ) -> Iterator[Document]:
        """Yield accounts created since the first attempt in doubt with everything that was sent."""
        assert record.search_since is not None
        select = tuple(dict.fromkeys(("ID", "Code", "Created", *attempt.body)))
        rows = created_since(exact, ACCOUNTS, "ID", select, record.search_since - SKEW, now)
        alike = [_document(row) for row in rows if is_created_account(row, attempt.body)]
        by_id = {document.exact_id: document for document in alike if document is not None}
        yield from (by_id[account] for account in free(list(by_id)))

    def submitted(
        self, record: CustomerRequest, document: Document, now: datetime, *, found: bool
    ) -> Change[CustomerRequest]:
        """Return the request with its account."""
        change = transitions.submitted(record, document.exact_id, document.number, now)
        return Change(change.record, "found in Exact" if found else "made by Exact")

    def refused(self, record: CustomerRequest, error: ConnectorError, now: datetime) -> Change[CustomerRequest]:
        """Return the request as refused."""
        return transitions.rejected(record, refusal_reasons(error, record.body), now)

    def refuses(self, error: ConnectorError) -> bool:
        """Tell whether an error before sending refuses the request; a wrong setting of the tenant does as well."""
        return isinstance(error, ConfigurationError) or super().refuses(error)


def _document(row: dict[str, Any]) -> Document | None:
    account = fields.guid(row, "ID")
    return None if account is None else Document(account, fields.text(row, "Code"))


class CustomerEngine:
    """Takes the steps of one request after the other. ``created``: called with a request after its account was made."""

    def __init__(
        self,
        store: CustomerStore,
        submission: CustomerSubmission,
        created: Callable[[CustomerRequest], None],
        clock: Clock,
        times: LifecycleTimes,
    ) -> None:
        self._store = store
        self._attempts = AttemptEngine(store, submission, clock, times)
        self._created = created
        self._clock = clock

    def advance(self, record: CustomerRequest, deadline: datetime) -> CustomerRequest:
        """Take steps until the request has come to an end or has to wait; begin nothing that may outlast ``deadline``.

        Returns the request as it is stored then.
        """
        visit = Visit(deadline)
        earlier = [place for place in self._store.queue(record.tenant) if place.record_id != record.request_id]
        for blocked in self._store.blocked(earlier, record.tenant, self._clock.now()):
            visit.blockers.setdefault(blocked.lane, blocked)
        return self._advance(record, visit)

    def _advance(self, record: CustomerRequest, visit: Visit) -> CustomerRequest:
        try:
            advanced = self._attempts.advance(record, visit)
        except OutOfDate:
            return self._store.get(record.tenant, record.request_id)
        if record.open and advanced.exact_id is not None:
            self._created(advanced)
        return advanced

    def work(self, tenant: str, deadline: datetime) -> int:
        """Advance every request of a tenant that is due; return how many came to an end."""
        visit = Visit(deadline)
        return sum(not self._advance(record, visit).open for record in list(self._store.open_records(tenant)))
