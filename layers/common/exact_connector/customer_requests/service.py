"""Customers from platforms: taken in and created in Exact exactly once, or edited there. The use cases.

key known  -> see ``exactly_once.intake``
key new    -> read strictly; then request and keys in one transaction; then created in Exact at once
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from exact_connector.catalog.codes import by_code
from exact_connector.catalog.context import ProjectionContext
from exact_connector.clock import Clock
from exact_connector.customer_requests.create import (
    CreationReferences,
    account_changes,
    account_to_create,
    ledger_codes,
)
from exact_connector.customer_requests.engine import ACCOUNTS, CustomerEngine, CustomerPlanner
from exact_connector.customer_requests.input import content_of, read_customer_edit, read_new_customer
from exact_connector.customer_requests.own_writes import OwnWrites
from exact_connector.customer_requests.record import CustomerRequest
from exact_connector.customer_requests.store import CustomerStore
from exact_connector.customers.names import CLASSIFICATION_PROPERTIES
from exact_connector.customers.rules import rules_of
from exact_connector.documents.by_code import Lookups, may_be_key
from exact_connector.documents.store import CatalogStore
from exact_connector.errors import Conflict, Fault, InvalidInput, NotFound
from exact_connector.exact.http.query import Query, either, guid_literal, newer_than, text_literal
from exact_connector.exactly_once.content import PostedContent, document_hash
from exact_connector.exactly_once.exact_search import ExactCalls
from exact_connector.exactly_once.idempotency import body_hash, check_key, external_ids, keys_of
from exact_connector.exactly_once.intake import Accepted, Intake
from exact_connector.exactly_once.record import State
from exact_connector.exactly_once.store import OutOfDate
from exact_connector.exactly_once.transitions import resent
from exact_connector.fields import Row
from exact_connector.settings import Settings

if TYPE_CHECKING:
    from exact_connector.documents.models.orders import CustomerEdit

_HASH_VERSION = "2"
"""Version of what `content_of` says of a customer; it is raised when reading changes."""
_LEDGER_FIELDS = ("ID", "Code", "Type", "IsBlocked")
_ACCOUNT_FIELDS = (
    *("ID", "Name", "Status", "Country", "VATNumber", "Email", "Phone", "Postcode", "City", "Language"),
    *("AddressLine1", "AddressLine2", "AddressLine3", "Classification"),
    *CLASSIFICATION_PROPERTIES,
)


class CustomerRequestService:
    """The use cases of customers that platforms create and edit.

    ``context``: tenant -> the settings and reference rows by which its customers are read. ``division``: tenant -> its
    administration, raises NotConnected. ``own_writes``: serves what was written at once.
    """

    def __init__(
        self,
        store: CustomerStore,
        engine: CustomerEngine,
        documents: CatalogStore,
        exact: Callable[[str], ExactCalls],
        context: Callable[[str], ProjectionContext],
        clock: Clock,
        *,
        division: Callable[[str], int],
        own_writes: OwnWrites,
        new_id: Callable[[datetime], str],
    ) -> None:
        self._store = store
        self._intake = Intake(store, "customer")
        self._engine = engine
        self._documents = documents
        self._exact = exact
        self._context = context
        self._clock = clock
        self._division = division
        self._own_writes = own_writes
        self._new_id = new_id

    def accept(self, tenant: str, body: object, *, key: str | None) -> Accepted[CustomerRequest]:
        """Take a requested customer in under its keys; raises InvalidInput, NotConnected."""
        if not isinstance(body, dict):
            raise InvalidInput("The body is not a JSON object.", [Fault("", "NOT_AN_OBJECT", "Send a JSON object.")])
        own_ids = external_ids(body)
        keys = _keys(key, own_ids)
        posted = PostedContent(_HASH_VERSION, _content_hash(body), body_hash(body))

        def same(known: CustomerRequest) -> bool:
            return posted.is_same(known.body_hash, lambda: _content_hash(known.body))

        replay = self._intake.replay(tenant, keys, same)
        if replay is not None:
            if replay.record.state is State.SUBMITTED:
                # Whoever created it may have been interrupted before it was served.
                self._own_writes.created(replay.record)
            return replay
        division = self._division(tenant)
        read_new_customer(body)
        now = self._clock.now()
        record = CustomerRequest(
            tenant=tenant,
            record_id=self._new_id(now),
            division=division,
            body=body,
            body_hash=posted.stored(),
            accepted_at=now,
            updated_at=now,
            external_id=own_ids[0] if own_ids else None,
            due_at=now,
        )
        return self._intake.store(record, keys, same)

    def advance(self, record: CustomerRequest, deadline: datetime) -> CustomerRequest:
        """Create the customer in Exact now, as far as there is time; what is left has a due row."""
        return self._engine.advance(record, deadline)

    def get(self, tenant: str, request_id: str) -> CustomerRequest:
        """Return a request; raises NotFound."""
        return self._store.get(tenant, request_id)

    def resend(self, tenant: str, request_id: str) -> CustomerRequest:
        """Send a request again after its cause was repaired; raises Conflict once it is in Exact."""
        record, now = self._store.get(tenant, request_id), self._clock.now()
        try:
            changed = self._store.transition(record, resent(record, "customer request", now))
        except OutOfDate as error:
            raise Conflict("The request is being worked on; look at it and ask again.") from error
        self._store.make_lane_due(tenant, record.division, record.lane, now)
        return changed

    def edit(self, tenant: str, names: Sequence[str], body: object) -> CustomerEdit:
        """Write the changed fields of the customer with one of these names to Exact; repeating an edit is harmless.

        Returns the customer's id, the properties that were written and warnings. Raises InvalidInput, NotFound, and the
        errors of the call.
        """
        if not isinstance(body, dict):
            raise InvalidInput("The body is not a JSON object.", [Fault("", "NOT_AN_OBJECT", "Send a JSON object.")])
        edit = read_customer_edit(body)
        key = self._customer_key(tenant, names)
        context, exact = self._context(tenant), self._exact(tenant)
        account = _account(exact, key)
        change = account_changes(edit, account, context.settings, rules_of(context).classifications)
        if change.body:
            exact.change(ACCOUNTS, key, change.body)
        self._own_writes.edited(tenant, key, {**account, **change.body})
        return {
            "customer_id": key,
            "written": sorted(change.body),
            "warnings": [{"code": each.code, "message": each.message, "about": each.about} for each in change.warnings],
        }

    def _customer_key(self, tenant: str, names: Sequence[str]) -> str:
        """Return the id of the served customer whose id or code is one of these; raises NotFound."""
        for named in filter(may_be_key, names):
            key = named.strip().lower()
            if self._documents.get(tenant, "customer", key) is not None:
                return key
            by_code = Lookups(self._documents).customer(tenant, [named])
            if by_code is not None:
                return by_code.key
        raise NotFound(f"There is no customer {names[-1][:60]!r} in the catalogue of this tenant.")


def planner(context: Callable[[str], ProjectionContext]) -> CustomerPlanner:
    """Return the function that turns a request into the body of its account, by the settings of that moment."""

    def plan(record: CustomerRequest, exact: ExactCalls) -> dict[str, Any]:
        ground = context(record.tenant)
        references = CreationReferences(
            vat_codes=ground.vat_codes,
            gl_accounts=_gl_accounts(exact, ground.settings),
            division_country=_country(ground.division),
        )
        return account_to_create(read_new_customer(record.body), ground.settings, references)

    return plan


def _content_hash(body: Mapping[str, Any]) -> str | None:
    content = content_of(body)
    return None if content is None else document_hash(content)


def _country(division: Row) -> str | None:
    value = division.get("Country")
    return value.strip() or None if isinstance(value, str) else None


def _gl_accounts(exact: ExactCalls, settings: Settings) -> Mapping[str, Row]:
    codes = ledger_codes(settings)
    if not codes:
        return {}
    wanted = either("Code", [text_literal(code) for code in dict.fromkeys(codes)])
    named = Query("financial/GLAccounts", select=_LEDGER_FIELDS, filter=wanted)
    every = Query("sync/Financial/GLAccounts", select=(*_LEDGER_FIELDS, "Timestamp"), filter=newer_than(1))
    return by_code(exact.one_of("financial/GLAccounts.Code", lambda: exact.rows(named), lambda: exact.rows(every)))


def _account(exact: ExactCalls, key: str) -> Row:
    rows = exact.rows(Query(ACCOUNTS, select=_ACCOUNT_FIELDS, filter=f"ID eq {guid_literal(key)}"))
    if not rows:
        raise NotFound("The customer is not in Exact any more; it leaves the catalogue with the next synchronisation.")
    return rows[0]


def _keys(key: str | None, own_ids: Sequence[str]) -> list[str]:
    check_key(key)
    if key is None and not own_ids:
        message = "Send the header Idempotency-Key, or external_id, so that a repetition is recognised."
        raise InvalidInput("The customer has no key.", [Fault("/external_id", "IDEMPOTENCY_KEY_MISSING", message)])
    return keys_of("external", key, own_ids)
