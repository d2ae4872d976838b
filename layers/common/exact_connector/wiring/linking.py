"""The linking of tenants with Exact, and the use cases of their administrators."""

from __future__ import annotations

from functools import cached_property

from exact_connector import fields
from exact_connector.errors import ExactRejected, NotConnected
from exact_connector.exact.auth.oauth import ClientCredentials, TokenPair
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.query import Query
from exact_connector.exact.limits.call_budget import CallBudget, Purpose
from exact_connector.identifiers import random_text
from exact_connector.tenants.access import DIVISION_FIELDS, ExactAccess
from exact_connector.tenants.applications import Application
from exact_connector.tenants.divisions import Division, DivisionNotFound, number_in, read_division
from exact_connector.tenants.model import Tenant
from exact_connector.tenants.onboarding import Onboarding
from exact_connector.tenants.service import TenantService
from exact_connector.wiring.background import Background

_LINKING_PATIENCE_SECONDS = 15.0


class Linking(Background):
    """Brings a consent to a connection, and starts the work for it."""

    @cached_property
    def onboarding(self) -> Onboarding:
        """Linking of tenants."""
        return Onboarding(
            self.control,
            self.clock,
            random_text,
            redirect_uri=self.environment.redirect_uri,
            application=self.application,
            tenant=self.tenants.get,
            connection=self.connection,
            exchange=self._exchange,
            divisions=self._divisions_of_pair,
            link=self._link,
        )

    @cached_property
    def tenant_service(self) -> TenantService:
        """The use cases of tenants."""
        return TenantService(
            self.tenants,
            self.keys,
            self.settings,
            self.applications,
            self.onboarding,
            self.sync_desk,
            self.exact_access,
            self.clock,
            new_id=lambda: "t-" + random_text(10).lower(),
            forget_orders=self.forget_orders,
            standing_of_orders=self.order_desk.standing,
        )

    @cached_property
    def exact_access(self) -> ExactAccess:
        """Access of tenants to Exact, as administrators see it."""
        return ExactAccess(
            connection=self.connection,
            pointer=lambda tenant: self.keeper(tenant).pointer(),
            disconnect=lambda tenant: self.keeper(tenant).disconnect(),
            exact=lambda tenant: self.exact(tenant, Purpose.ADMIN),
            calls_left=self.calls_left,
            follow_webhooks=lambda tenant: self.webhooks.follow_option(self.view(tenant)),
            table=self.sync_table,
            clock=self.clock,
        )

    def _exchange(self, application: Application, code: str, redirect_uri: str) -> TokenPair:
        credentials = ClientCredentials(application.client_id, application.client_secret)
        return self.token_endpoint.exchange(application.base_url, credentials, code, redirect_uri)

    def _divisions_of_pair(self, tenant: Tenant, application: Application, pair: TokenPair) -> list[Division]:
        """List the administrations of a fresh consent, before anything of it is stored."""
        tokens = _OneToken(pair.access_token)
        start = Connection(tenant.tenant, application.base_url, application.client_id, None)
        me = self._client(start, tokens, Purpose.ADMIN).rows(Query("current/Me", select=("CurrentDivision",)))
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
        patience = _LINKING_PATIENCE_SECONDS * max(1.0, self.environment.CLOCK_RATE)
        budget = CallBudget(self.sync_table, application.client_id, place, self.clock, patience=patience)
        try:
            client = self._client(listing, tokens, Purpose.ADMIN, budget=budget)
            return [read_division(row) for row in client.rows(Query("system/Divisions", select=DIVISION_FIELDS))]
        finally:
            budget.give_back()

    def _link(self, tenant: Tenant, application: Application, pair: TokenPair, division: Division) -> None:
        before = self.connection(tenant.tenant).division
        self.keeper(tenant.tenant).link(
            pair,
            base_url=application.base_url,
            client_id=application.client_id,
            division=division.code,
            allow_other_division=True,
        )
        self.sync_desk.linked(tenant.tenant, from_scratch=before is not None and before != division.code)
        self.order_desk.make_due(tenant.tenant, division.code)
        self.customer_requests.hurry(tenant.tenant, division.code, self.clock.now())


class _OneToken:
    """The access token of a consent that is not stored yet."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self, *, division: int | None = None) -> str:  # noqa: ARG002 - the token source of the client
        """Return the token."""
        return self._token

    def refused(self, token: str) -> None:
        """Nothing can be done about it: the linking fails with Exact's answer."""
