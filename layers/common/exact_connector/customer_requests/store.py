"""Customers that platforms ask for, in the orders table: intake and every step are one transaction each.

accept      request + key rows                       condition: none of them is there yet
transition  request (version)                        condition: still the version that was read
            CREATED: + the link account -> request   condition: no other request has that account
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from exact_connector.clock import to_text
from exact_connector.customer_requests.record import (
    DUE_SHARD,
    CustomerRequest,
    State,
    following,
    from_row,
    request_key,
    to_row,
)
from exact_connector.errors import NotFound, StoreUnavailable
from exact_connector.exactly_once.idempotency import hashed
from exact_connector.orders.lifecycle.store import OutOfDate
from exact_connector.storage.table import (
    Absent,
    Action,
    Database,
    Equals,
    Key,
    Put,
    Row,
    Table,
    TransactionCancelled,
    any_of,
    clear,
    query_all,
    transact,
)


class AccountTaken(Exception):
    """The account in Exact already belongs to another request."""


class CustomerRequests:
    """Reads and writes the requests of one deployment. ``sleep`` pauses between tries of a transaction that met
    another."""

    def __init__(self, database: Database, orders: Table, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._database = database
        self._orders = orders
        self._sleep = sleep

    def accept(self, record: CustomerRequest, keys: Sequence[str]) -> list[CustomerRequest]:
        """Store a new request under its keys; empty when stored, else the requests that are there under them."""
        actions: list[Action] = [Put(self._orders.name, to_row(record), Absent())]
        actions += [self._key(record, key) for key in keys]
        try:
            transact(self._database, actions, self._sleep)
        except TransactionCancelled as cancelled:
            existing = [] if 0 in cancelled.failed else self.by_keys(record.tenant, keys)
            if not existing:
                raise StoreUnavailable("The customer could not be stored; post it again.") from cancelled
            return existing
        return []

    def remember_keys(self, record: CustomerRequest, keys: Sequence[str]) -> None:
        """Keep further keys of a request that is there already, so that each of them means it from now on."""
        known = self._orders.batch_get([Key(f"customer-key#{record.tenant}", key) for key in keys])
        new = sorted(set(keys) - {str(row["sk"]) for row in known})
        if new:
            transact(self._database, [self._key(record, key) for key in new], self._sleep)

    def by_keys(self, tenant: str, keys: Sequence[str]) -> list[CustomerRequest]:
        """Return the requests that were accepted under any of these keys, each once."""
        rows = self._orders.batch_get([Key(f"customer-key#{tenant}", key) for key in keys])
        return [self.get(tenant, each) for each in dict.fromkeys(str(row["request_id"]) for row in rows)]

    def get(self, tenant: str, request_id: str) -> CustomerRequest:
        """Return a request; raises NotFound."""
        row = self._orders.get(request_key(tenant, request_id))
        if row is None:
            raise NotFound(f"The tenant asked for no customer under {request_id[:60]!r}.")
        return from_row(row)

    def transition(self, old: CustomerRequest, new: CustomerRequest) -> CustomerRequest:
        """Store the next version; raises OutOfDate, and AccountTaken for an account of another request."""
        actions: list[Action] = [Put(self._orders.name, to_row(new), Equals("version", old.version))]
        if new.state is State.CREATED:
            link: Row = {
                "pk": f"account#{new.tenant}#{new.division}",
                "sk": str(new.customer_id),
                "request_id": new.request_id,
            }
            actions.append(Put(self._orders.name, link, any_of(Absent(), Equals("request_id", new.request_id))))
        try:
            transact(self._database, actions, self._sleep)
        except TransactionCancelled as cancelled:
            if 1 in cancelled.failed:
                raise AccountTaken(str(new.customer_id)) from cancelled
            raise OutOfDate(new.request_id) from cancelled
        return new

    def linked_to(self, tenant: str, division: int, accounts: Sequence[str]) -> dict[str, str]:
        """Return for accounts of Exact the requests that made them, where one did."""
        rows = self._orders.batch_get([Key(f"account#{tenant}#{division}", each) for each in accounts])
        return {str(row["sk"]): str(row["request_id"]) for row in rows}

    def _key(self, record: CustomerRequest, key: str) -> Put:
        row: Row = {"pk": f"customer-key#{record.tenant}", "sk": key, "request_id": record.request_id}
        return Put(self._orders.name, row, Absent())

    def due(self, until: datetime, *, limit: int = 200) -> list[CustomerRequest]:
        """Return requests that are due, oldest first. A hint: read each again before acting on it."""
        return [from_row(row) for row in self._orders.due(DUE_SHARD, to_text(until), limit=limit)]

    def due_of(self, tenant: str, until: datetime) -> list[CustomerRequest]:
        """Return a tenant's open requests that are due, in the order of acceptance."""
        found = map(from_row, query_all(self._orders, f"customer#{tenant}"))
        return [each for each in found if each.open and each.due_at is not None and each.due_at <= until]

    def hurry(self, tenant: str, division: int, now: datetime) -> None:
        """Make every request for an administration that waits for a later moment due now, to be sent or looked for."""
        for record in map(from_row, query_all(self._orders, f"customer#{tenant}")):
            if record.division != division or record.state not in (State.RECEIVED, State.UNKNOWN):
                continue
            if record.due_at is not None and record.due_at > now:
                with suppress(OutOfDate):
                    self.transition(record, following(record, now, due_at=now))

    def forget(self, tenant: str) -> int:
        """Remove every request of a tenant with all that hangs on it; return how many."""
        requests = query_all(self._orders, f"customer#{tenant}")
        divisions = {str(row["division"]) for row in requests}
        partitions = [f"customer-key#{tenant}", *(f"account#{tenant}#{each}" for each in sorted(divisions))]
        for pk in [*partitions, f"customer#{tenant}"]:
            clear(self._orders, pk)
        return len(requests)


def customer_keys(idempotency_key: str | None, external_id: str | None) -> list[str]:
    """Return the keys under which a request is found again."""
    return hashed({"key": idempotency_key, "external": external_id})
