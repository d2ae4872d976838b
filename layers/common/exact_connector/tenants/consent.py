"""From the code of a consent to a connection: the first tokens, the administrations it covers, and what starts then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from exact_connector import fields
from exact_connector.clock import Clock
from exact_connector.errors import ExactRejected, NotConnected
from exact_connector.exact.auth.oauth import ClientCredentials, TokenEndpoint, TokenPair
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.query import Query
from exact_connector.exact.limits.call_budget import CallBudget, Purpose
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.storage.table import Table
from exact_connector.tenants.access import DIVISION_FIELDS
from exact_connector.tenants.applications import Application
from exact_connector.tenants.connections import ExactConnections
from exact_connector.tenants.divisions import Division, DivisionNotFound, number_in, read_division
from exact_connector.tenants.model import Tenant

_LINKING_PATIENCE_SECONDS = 15.0


class Linked(Protocol):
    """Hears that a tenant was linked."""

    def __call__(self, tenant: str, *, from_scratch: bool) -> None:
        """Make every stream due; from scratch when another administration is linked than before."""
        ...


class ConsentLinking:
    """Carries the steps of the onboarding out at Exact and in the stores. ``linked`` starts the synchronisation,
    ``make_due`` everything else that waits for a connection: (tenant, division)."""

    def __init__(
        self,
        *,
        connections: ExactConnections,
        token_endpoint: TokenEndpoint,
        sync_table: Table,
        clock: Clock,
        rate: float,
        linked: Linked,
        make_due: Sequence[Callable[[str, int], None]],
    ) -> None:
        self._connections = connections
        self._token_endpoint = token_endpoint
        self._sync_table = sync_table
        self._clock = clock
        self._rate = rate
        self._linked = linked
        self._make_due = make_due

    def exchange(self, application: Application, code: str, redirect_uri: str) -> TokenPair:
        """Return the first pair of tokens for the code of a consent."""
        credentials = ClientCredentials(application.client_id, application.client_secret)
        return self._token_endpoint.exchange(application.base_url, credentials, code, redirect_uri)

    def divisions(self, tenant: Tenant, application: Application, pair: TokenPair) -> list[Division]:
        """List the administrations of a fresh consent, before anything of it is stored."""
        tokens = _OneToken(pair.access_token)
        start = Connection(tenant.tenant, application.base_url, application.client_id, None)
        me = self._connections.client_of(start, tokens, Purpose.ADMIN).rows(
            Query("current/Me", select=("CurrentDivision",))
        )
        current = fields.integer(me[0], "CurrentDivision") if me else None
        if current is None:
            raise NotConnected("Exact names no current administration for this user; open one in Exact and link again.")
        number = tenant.division_code or number_in(tenant.administration)
        for place in dict.fromkeys(code for code in (current, number) if code is not None):
            try:
                return self._listed(tenant, application, tokens, place)
            except ExactRejected as error:
                if error.code != "DIVISION_FORBIDDEN":
                    raise
        raise DivisionNotFound(
            f"Exact lists the administrations of a consent under the one that is open in Exact ({current}), and this "
            "consent does not cover it. Open the administration you want in Exact, or tick the open one too, or name "
            "the one you want by its division_code; then link again."
        )

    def _listed(self, tenant: Tenant, application: Application, tokens: _OneToken, place: int) -> list[Division]:
        """List the administrations under the address of one of them."""
        listing = Connection(tenant.tenant, application.base_url, application.client_id, place)
        # The code of the consent is used by now: better wait for the next minute than ask for consent again.
        patience = _LINKING_PATIENCE_SECONDS * max(1.0, self._rate)
        budget = CallBudget(self._sync_table, application.client_id, place, self._clock, patience=patience)
        try:
            client = self._connections.client_of(listing, tokens, Purpose.ADMIN, budget=budget)
            return [read_division(row) for row in client.rows(Query("system/Divisions", select=DIVISION_FIELDS))]
        finally:
            budget.release_unused()

    def link(self, tenant: Tenant, application: Application, pair: TokenPair, division: Division) -> None:
        """Store the pair for an administration, and start what waits for the connection."""
        before = self._connections.connection(tenant.tenant).division
        self._connections.keeper(tenant.tenant).link(
            pair,
            base_url=application.base_url,
            client_id=application.client_id,
            division=division.code,
            allow_other_division=True,
        )
        ErrorBudget(self._sync_table, application.client_id, division.code, self._clock).end_rests()
        self._linked(tenant.tenant, from_scratch=before is not None and before != division.code)
        for make_due in self._make_due:
            make_due(tenant.tenant, division.code)


class _OneToken:
    """The access token of a consent that is not stored yet."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self, *, division: int | None = None) -> str:  # noqa: ARG002 - the token source of the client
        """Return the token."""
        return self._token

    def refused(self, token: str) -> None:
        """Nothing can be done about it: the linking fails with Exact's answer."""
