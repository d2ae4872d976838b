"""Tenants, their connections to Exact, and the clients that call it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from exact_connector.environment import Environment
from exact_connector.errors import ConnectorError, NotConnected, StoreUnavailable
from exact_connector.exact.auth.cipher import EnvelopeCipher
from exact_connector.exact.auth.oauth import ClientCredentials, TokenEndpoint
from exact_connector.exact.auth.token_manager import KeeperTimes, TokenKeeper
from exact_connector.exact.auth.token_store import ParameterTokenStore, TableTokenStore, TokenStore
from exact_connector.exact.connection import Connection, ConnectionState, connection_key, read_connection
from exact_connector.exact.http.client import ExactClient, TokenSource
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, budget_key, read_windows
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.exact.limits.windows import rolled
from exact_connector.identifiers import random_text
from exact_connector.observability import logger
from exact_connector.storage.ports import EventBus
from exact_connector.tenants.applications import Application, Applications
from exact_connector.tenants.keys import ApiKeys
from exact_connector.tenants.model import Tenant
from exact_connector.tenants.settings_store import SettingsStore
from exact_connector.tenants.store import TenantStore
from exact_connector.wiring.platform import Ground

_KEEP_ALIVE_MINUTE = 17


class Connections(Ground):
    """Who is connected, and how Exact is called for them."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._keepers: dict[str, TokenKeeper] = {}
        self._budgets: dict[tuple[str, int], CallBudget] = {}

    @cached_property
    def tenants(self) -> TenantStore:
        """Tenants in the control table."""
        return TenantStore(self.database, self.control, self.clock)

    @cached_property
    def keys(self) -> ApiKeys:
        """API keys."""
        return ApiKeys(self.database, self.control, self.clock, random_text)

    @cached_property
    def settings(self) -> SettingsStore:
        """Settings of tenants."""
        return SettingsStore(self.parameters, self.control, self.clock, stage=self.environment.STAGE)

    @cached_property
    def applications(self) -> Applications:
        """Applications registered with Exact."""
        found = self.environment
        prefix = found.APPLICATION_SECRET_PREFIX.rstrip("/")
        return Applications(self.secrets, self.parameters, found.hosts, prefix=prefix, stage=found.STAGE)

    def application(self, tenant: Tenant) -> Application:
        """Return the application that a tenant uses now."""
        return self.applications.of(tenant, client_id=self.settings.get(tenant.tenant).Applicationkey)

    @cached_property
    def token_endpoint(self) -> TokenEndpoint:
        """Exact's token endpoint."""
        return TokenEndpoint(self.sender, self.clock)

    @cached_property
    def token_store(self) -> TokenStore:
        """Where token pairs are kept."""
        if self.environment.TOKEN_BACKEND == "dynamodb":  # noqa: S105 - the name of a store
            return TableTokenStore(self.control, EnvelopeCipher(self.data_keys))
        return ParameterTokenStore(self.parameters, self.environment.STAGE)

    def keeper(self, tenant: str) -> TokenKeeper:
        """Return the keeper of a tenant's tokens, one per process."""
        if tenant not in self._keepers:
            self._keepers[tenant] = TokenKeeper(
                tenant,
                self.control,
                self.token_store,
                self.token_endpoint,
                self._credentials,
                self.connection_events,
                self.clock,
                times=KeeperTimes().sped_up(self.environment.CLOCK_RATE),
            )
        return self._keepers[tenant]

    @cached_property
    def connection_events(self) -> EventBus:
        """Where it is told that a connection ended or is about to."""
        return self.events

    def connection(self, tenant: str) -> Connection:
        """Return a tenant's connection as it is now."""
        return read_connection(tenant, self.control.get(connection_key(tenant)))

    def connected(self, tenant: str) -> Connection:
        """Return a tenant's connection; raises NotConnected unless calls may be made."""
        found = self.connection(tenant)
        if found.state is not ConnectionState.CONNECTED or found.division is None:
            raise NotConnected(
                f"The tenant {tenant!r} is not linked to Exact ({found.state.value}); link it with POST .../authorize."
            )
        return found

    def linked_division(self, tenant: str) -> int:
        """Return the administration for which orders are accepted; also while a new consent is needed."""
        found = self.connection(tenant)
        if found.division is None or found.state is ConnectionState.DISCONNECTED:
            raise NotConnected(f"The tenant {tenant!r} is not linked to Exact yet; link it with POST .../authorize.")
        return found.division

    def exact(self, tenant: str, purpose: Purpose, *, seconds: float = 120.0) -> ExactClient:
        """Return a client for one tenant and purpose, its calls bounded in seconds; raises NotConnected."""
        connection = self.connected(tenant)
        return self._client(connection, self.keeper(tenant), purpose, seconds=seconds)

    def budget(self, client_id: str, division: int) -> CallBudget:
        """Return the call budget of an application and administration, one per process."""
        key = (client_id, division)
        if key not in self._budgets:
            self._budgets[key] = CallBudget(self.sync_table, client_id, division, self.clock)
        return self._budgets[key]

    def give_back(self) -> None:
        """Return calls that this process took in advance and does not need now."""
        for budget in self._budgets.values():
            try:
                budget.give_back()
            except StoreUnavailable as error:
                logger().warning("calls were not given back; they lapse with the minute", code=error.code)

    def calls_left(self, tenant: str) -> dict[str, int]:
        """Return what is left of both limits, as counted here; nothing before a tenant is linked."""
        connection = self.connection(tenant)
        if connection.division is None:
            return {}
        row = self.sync_table.get(budget_key(connection.client_id, connection.division))
        windows = rolled(read_windows(row), self.clock.now().timestamp())
        return {
            "minute": windows.minute_left,
            "minute_limit": windows.minute_limit,
            "day": windows.day_left,
            "day_limit": windows.day_limit,
        }

    def keep_alive(self, now: datetime) -> int:
        """Once an hour: refresh connections that lay idle for 20 days, so that none dies; return how many."""
        if now.minute != _KEEP_ALIVE_MINUTE:
            return 0
        kept = 0
        for tenant in self.tenants.ids():
            try:
                kept += self.keeper(tenant).keep_alive()
            except ConnectorError as error:
                logger().warning("a connection could not be kept alive", tenant=tenant, code=error.code)
        return kept

    def _client(
        self,
        connection: Connection,
        tokens: TokenSource,
        purpose: Purpose,
        *,
        seconds: float = 120.0,
        budget: CallBudget | None = None,
    ) -> ExactClient:
        division = connection.division or 0
        return ExactClient(
            connection,
            tokens,
            budget or self.budget(connection.client_id, division),
            ErrorBudget(self.sync_table, connection.client_id, division, self.clock),
            self.sender,
            self.clock,
            purpose=purpose,
            seconds=seconds,
        )

    def _credentials(self, connection: Connection) -> ClientCredentials:
        application = self.applications.of(self.tenants.get(connection.tenant), client_id=connection.client_id)
        return ClientCredentials(application.client_id, application.client_secret)
