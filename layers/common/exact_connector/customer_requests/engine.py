"""Bring a wanted customer into Exact exactly once.

    record attempt ──▶ POST once ──▶ answer: CREATED / REJECTED / not sent: try again later
                                └──▶ doubt: UNKNOWN ──▶ look in Exact by content ──▶ found: CREATED
                                                               └─ absent after the grace period ──▶ one new attempt

There is no lock: every step is conditional on the version that was read, and an attempt is left alone until the moment
by which it has ended (``due_at``). Identical twins are interchangeable: an account belongs to one request only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from exact_connector import fields
from exact_connector.clock import Clock
from exact_connector.customer_requests.create import is_created_account
from exact_connector.customer_requests.record import CustomerRequest, State, following
from exact_connector.customer_requests.store import AccountTaken, CustomerRequests
from exact_connector.errors import (
    ConfigurationError,
    ConnectorError,
    ExactAnswerUnknown,
    ExactQueryRefused,
    ExactRejected,
    InvalidInput,
    NotConnected,
    ReauthorizationRequired,
    TransientError,
)
from exact_connector.exact.http.query import Query, moment_literal
from exact_connector.exactly_once.attempts import LOOKING, LifecycleTimes, doubt_ends, next_look, next_try, reasons_of
from exact_connector.fields import Row
from exact_connector.orders.lifecycle.exact_search import SKEW, ExactCalls, wall_bound
from exact_connector.orders.lifecycle.store import OutOfDate

ACCOUNTS = "crm/Accounts"


class CustomerEngine:
    """Takes the steps of one request after the other.

    ``plan``: a request and the calls -> the body of the new account; raises InvalidInput or ConfigurationError for one
    that cannot be made. ``created``: told of the tenant after an account was made. ``division``: tenant -> the
    administration that is linked now; a request is never sent to another one than it was accepted for.
    """

    def __init__(
        self,
        store: CustomerRequests,
        exact: Callable[[str], ExactCalls],
        plan: Callable[[CustomerRequest, ExactCalls], dict[str, Any]],
        created: Callable[[str], None],
        clock: Clock,
        *,
        division: Callable[[str], int],
        times: LifecycleTimes,
    ) -> None:
        self._division = division
        self._store = store
        self._exact = exact
        self._plan = plan
        self._created = created
        self._clock = clock
        self._times = times

    def advance(self, record: CustomerRequest, deadline: datetime) -> CustomerRequest:
        """Take steps until the request has come to an end or has to wait; begin nothing that may outlast ``deadline``.

        Returns the request as it is stored then.
        """
        try:
            while record.open and self._may_act(record, deadline):
                record = self._step(record)
        except OutOfDate:
            return self._store.get(record.tenant, record.request_id)
        return record

    def work(self, tenant: str, deadline: datetime) -> int:
        """Advance every request of a tenant that is due; return how many came to an end."""
        due = self._store.due_of(tenant, self._clock.now())
        return sum(not self.advance(record, deadline).open for record in due)

    def _may_act(self, record: CustomerRequest, deadline: datetime) -> bool:
        now = self._clock.now()
        room = now + timedelta(seconds=self._times.post + self._times.step) <= deadline
        return room and (record.due_at is None or record.due_at <= now)

    def _step(self, record: CustomerRequest) -> CustomerRequest:
        if record.state is State.SUBMITTING:
            return self._doubt(record)
        try:
            self._check_division(record)
            exact = self._exact(record.tenant)
            return self._look(record, exact) if record.state is State.UNKNOWN else self._submit(record, exact)
        except ConnectorError as error:
            return self._after_error(record, error)

    def _check_division(self, record: CustomerRequest) -> None:
        linked = self._division(record.tenant)
        if linked != record.division:
            raise NotConnected(
                f"The customer was accepted for administration {record.division}, and {linked} is linked now; link the"
                " former again, or ask for the customer anew."
            )

    def _after_error(self, record: CustomerRequest, error: ConnectorError) -> CustomerRequest:
        """Go on after an error before the POST or while looking; nothing was sent in this step."""
        refused = isinstance(error, (InvalidInput, ConfigurationError, ExactRejected))
        if refused and record.state is State.RECEIVED:
            return self._reject(record, reasons_of(error))
        waiting = f"{error.code}: {error.message}"
        return self._store.transition(record, self._later(record, error, waiting=waiting))

    def _submit(self, record: CustomerRequest, exact: ExactCalls) -> CustomerRequest:
        body = self._plan(record, exact)
        exact.prepare()
        return self._post(self._begin(record, body), body, exact)

    def _begin(self, record: CustomerRequest, body: dict[str, Any]) -> CustomerRequest:
        now = self._clock.now()
        new = following(
            record,
            now,
            state=State.SUBMITTING,
            sent=body,
            started_at=now,
            attempts=record.attempts + 1,
            search_since=record.search_since or now,
            absent_after=now + timedelta(seconds=self._times.post + self._times.late),
            due_at=now + timedelta(seconds=self._times.post),
            waiting=None,
        )
        return self._store.transition(record, new)

    def _post(self, record: CustomerRequest, body: dict[str, Any], exact: ExactCalls) -> CustomerRequest:
        assert record.started_at is not None
        if self._clock.now() - record.started_at > timedelta(seconds=self._times.step):
            # Held up after the attempt was recorded: the POST could outlive the attempt. Nothing was sent.
            return self._unsent(record, TransientError("the worker was held up before sending"))
        try:
            answer = exact.create(ACCOUNTS, body, record=record.request_id)
        except ExactAnswerUnknown:
            return self._doubt(record)
        except ExactRejected as error:
            return self._reject(record, reasons_of(error))
        except (TransientError, ExactQueryRefused, ReauthorizationRequired, NotConnected) as error:
            return self._unsent(record, error)
        account = fields.guid(answer, "ID")
        if account is None:
            return self._doubt(record)
        try:
            return self._made(record, account, answer)
        except AccountTaken:
            return self._doubt(record)

    def _look(self, record: CustomerRequest, exact: ExactCalls) -> CustomerRequest:
        assert record.sent is not None
        assert record.search_since is not None
        assert record.absent_after is not None
        looked_at = self._clock.now()
        select = tuple(dict.fromkeys(("ID", "Code", "Created", *record.sent)))
        since = wall_bound(record.search_since - SKEW, looked_at)
        query = Query(ACCOUNTS, select=select, filter=f"Created ge {moment_literal(since)}")
        rows = [row for row in exact.rows(query) if is_created_account(row, record.sent)]
        found = {account: row for row in rows if (account := fields.guid(row, "ID"))}
        taken = self._store.linked_to(record.tenant, record.division, list(found))
        for account, row in found.items():
            if taken.get(account, record.request_id) != record.request_id:
                continue
            try:
                return self._made(record, account, row)
            except AccountTaken:
                continue
        return self._absent(record, looked_at, record.absent_after)

    def _absent(self, record: CustomerRequest, looked_at: datetime, absent_after: datetime) -> CustomerRequest:
        now = self._clock.now()
        due_at = next_look(looked_at, absent_after, now, self._times)
        if due_at is not None:
            return self._store.transition(record, following(record, now, due_at=due_at, waiting=LOOKING))
        new = following(record, now, state=State.RECEIVED, due_at=now, waiting=None)
        return self._store.transition(record, new)

    def _doubt(self, record: CustomerRequest) -> CustomerRequest:
        """Note that the outcome is not known; an absence counts only after the latest moment of a late commit."""
        now = self._clock.now()
        absent_after = doubt_ends(record.absent_after, now, self._times)
        new = following(record, now, state=State.UNKNOWN, absent_after=absent_after, due_at=now, waiting=LOOKING)
        return self._store.transition(record, new)

    def _unsent(self, record: CustomerRequest, error: ConnectorError) -> CustomerRequest:
        new = self._later(record, error, state=State.RECEIVED, waiting=error.message)
        return self._store.transition(record, new)

    def _later(self, record: CustomerRequest, error: ConnectorError, **changes: Any) -> CustomerRequest:
        now = self._clock.now()
        due_at = next_try(error, record.failures, now, self._times)
        return following(record, now, failures=record.failures + 1, due_at=due_at, **changes)

    def _reject(self, record: CustomerRequest, reasons: Sequence[Mapping[str, Any]]) -> CustomerRequest:
        new = following(
            record,
            self._clock.now(),
            state=State.REJECTED,
            reasons=tuple(reasons),
            due_at=None,
            waiting=None,
            search_since=None,
            absent_after=None,
        )
        return self._store.transition(record, new)

    def _made(self, record: CustomerRequest, account: str, row: Row) -> CustomerRequest:
        new = following(
            record,
            self._clock.now(),
            state=State.CREATED,
            customer_id=account,
            customer_code=fields.text(row, "Code"),
            due_at=None,
            waiting=None,
            reasons=(),
        )
        stored = self._store.transition(record, new)
        self._created(record.tenant)
        return stored
