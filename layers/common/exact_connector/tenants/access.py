"""A tenant's access to Exact, as administrators see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from exact_connector.clock import Clock, to_text_or_none
from exact_connector.exact.auth.pointer import Pointer
from exact_connector.exact.connection import Connection, ConnectionState
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.http.query import Query, guid_literal, newer_than
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.settings.entry import Reference
from exact_connector.settings.references import LIST_ENDPOINTS
from exact_connector.storage.table import Table
from exact_connector.tenants.divisions import Division, read_division

if TYPE_CHECKING:
    from exact_connector.documents.models.sync import CallsLeft, EndpointState
    from exact_connector.documents.models.tenants import Connection as ConnectionDocument

DIVISION_FIELDS = (
    "Code",
    "Hid",
    "Description",
    "Status",
    "BlockingStatus",
    "Currency",
    "Country",
    "CustomerName",
    "DivisionMoveDate",
)

_ADVICE = {
    ConnectionState.CONNECTED: "The connection works.",
    ConnectionState.REAUTHORIZE: "Exact no longer accepts the connection: link again with POST .../authorize.",
    ConnectionState.DISCONNECTED: "The tenant is not linked: start with POST .../authorize.",
}


class ExactAccess:
    """Reads the access of tenants to Exact, and restores it.

    ``pointer``: the state of a tenant's tokens. ``disconnect``: ends a connection and removes its tokens. ``exact``: a
    client; raises NotConnected. ``calls_left``: what is left of both call limits. ``follow_webhooks``: brings the
    subscriptions of a tenant in line with its options. ``make_due``: try what waits, of an
    administration. ``link_failure``: why the last linking failed.
    """

    def __init__(
        self,
        *,
        connection: Callable[[str], Connection],
        pointer: Callable[[str], Pointer],
        disconnect: Callable[[str], None],
        exact: Callable[[str], ExactClient],
        calls_left: Callable[[str], CallsLeft | None],
        follow_webhooks: Callable[[str], Mapping[str, str]],
        make_due: Sequence[Callable[[str, int], None]],
        table: Table,
        clock: Clock,
        link_failure: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._link_failure = link_failure
        self._connection = connection
        self._pointer = pointer
        self._disconnect = disconnect
        self._exact = exact
        self._calls_left = calls_left
        self._follow_webhooks = follow_webhooks
        self._make_due = make_due
        self._table = table
        self._clock = clock

    def connection(self, tenant: str) -> Connection:
        """Return the connection as it is now."""
        return self._connection(tenant)

    def described(self, tenant: str) -> ConnectionDocument:
        """Return the connection in words; never a token."""
        pointer = self._pointer(tenant)
        found = pointer.connection
        works = found.state is ConnectionState.CONNECTED
        return {
            "state": found.state.value,
            "advice": _ADVICE[found.state],
            "reason": pointer.reason or (None if works else self._link_failure(tenant)),
            "division": found.division,
            "address": found.base_url or None,
            "application": found.client_id or None,
            "token_issued_at": to_text_or_none(pointer.issued_at),
            "dies_unused_at": to_text_or_none(pointer.dies_at) if works else None,
        }

    def unlink(self, tenant: str) -> None:
        """End the connection and remove its tokens."""
        self._disconnect(tenant)

    def divisions(self, tenant: str) -> list[Division]:
        """Return the administrations that the connection may use."""
        client = self._exact(tenant)
        return [read_division(row) for row in client.rows(Query("system/Divisions", select=DIVISION_FIELDS))]

    def reference_rows(self, tenant: str, lists: Iterable[Reference]) -> dict[str, list[dict[str, Any]]]:
        """Read lists of codes from Exact, for the check of settings."""
        client = self._exact(tenant)
        return {reference.value: _list_rows(client, reference) for reference in lists}

    def calls_left(self, tenant: str) -> CallsLeft | None:
        """Return what is left of both limits."""
        return self._calls_left(tenant)

    def endpoints(self, tenant: str) -> list[EndpointState]:
        """Return the endpoints that had errors within the hour, and which of them rest and why."""
        now = self._clock.now()
        return [
            {
                "endpoint": summary.endpoint,
                "errors": len(summary.errors),
                "rests": summary.parked(now),
                "rests_until": to_text_or_none(summary.parked_until),
                "reason": summary.reason(),
            }
            for summary in self._errors(tenant).summaries()
        ]

    def reset_endpoint(self, tenant: str, endpoint: str) -> None:
        """Let an endpoint be called again at once, and have tried what waits for it."""
        self._errors(tenant).reset(endpoint)
        division = self.connection(tenant).division
        if division is not None:
            for make_due in self._make_due:
                make_due(tenant, division)

    def follow_webhooks(self, tenant: str) -> Mapping[str, str]:
        """Subscribe or unsubscribe webhooks as the tenant's options want."""
        return self._follow_webhooks(tenant)

    def _errors(self, tenant: str) -> ErrorBudget:
        connection = self.connection(tenant)
        return ErrorBudget(self._table, connection.client_id, connection.division, self._clock)


_LIST_FIELDS: Mapping[Reference, tuple[str, ...]] = {
    Reference.CURRENCIES: ("Code", "Description"),
    Reference.PRICE_LISTS: ("ID", "Code", "Description", "Currency"),
    Reference.WAREHOUSES: ("ID", "Code", "Description"),
    Reference.VAT_CODES: ("ID", "Code", "Description", "IsBlocked", "VATTransactionType"),
    Reference.GL_ACCOUNTS: ("ID", "Code", "Description", "Type", "IsBlocked", "Timestamp"),
    Reference.SHIPPING_METHODS: ("ID", "Code", "Description", "Active"),
    Reference.COST_CENTERS: ("ID", "Code", "Description", "Active", "EndDate"),
    Reference.COST_UNITS: ("ID", "Code", "Description", "EndDate"),
}


def _list_rows(client: ExactClient, reference: Reference) -> list[dict[str, Any]]:
    """Read one list of codes: ledger accounts by their sync twin, which needs no filter on codes."""
    if reference is Reference.ITEM_EXTRA_FIELDS:
        return _extra_field_rows(client)
    if reference is Reference.GL_ACCOUNTS:
        ledger = _LIST_FIELDS[Reference.GL_ACCOUNTS]
        return client.rows(Query("sync/Financial/GLAccounts", select=ledger, filter=newer_than(1)))
    return client.rows(Query(LIST_ENDPOINTS[reference], select=_LIST_FIELDS[reference]))


def _extra_field_rows(client: ExactClient) -> list[dict[str, Any]]:
    """Read the captions of free fields, which Exact tells for one item at a time: any item has them all."""
    page = client.fetch(Query("sync/Logistics/Items", select=("ID", "Timestamp"), filter=newer_than(1), top=1))
    if not page.rows:
        return []
    arguments = {"itemId": guid_literal(str(page.rows[0]["ID"])), "modified": "datetime'1970-01-01T00:00:00'"}
    return client.rows(Query("read/logistics/ItemExtraField", params=arguments))
