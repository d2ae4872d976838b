"""The connections of tenants to Exact: their tokens, the clients that call it, and what is left of the call limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from exact_connector.clock import Clock
from exact_connector.errors import ConnectorError, NotConnected, StoreUnavailable
from exact_connector.exact.auth.oauth import ClientCredentials, TokenEndpoint
from exact_connector.exact.auth.token_manager import KeeperTimes, TokenKeeper
from exact_connector.exact.auth.token_store import TokenStore
from exact_connector.exact.connection import Connection, ConnectionState, connection_key, read_connection
from exact_connector.exact.http.client import ExactClient, TokenSource
from exact_connector.exact.http.transport import HttpSender
from exact_connector.exact.limits.call_budget import CallBudget, Purpose, budget_key, read_windows
from exact_connector.exact.limits.error_budget import ErrorBudget
from exact_connector.exact.limits.windows import rolled
from exact_connector.observability import logger
from exact_connector.storage.ports import EventBus
from exact_connector.storage.table import Table
from exact_connector.tenants.applications import Application, Applications
from exact_connector.tenants.model import Tenant
from exact_connector.tenants.store import TenantStore

if TYPE_CHECKING:
    from exact_connector.documents.models.sync import CallsLeft

_KEEP_ALIVE_MINUTE = 17


class ExactConnections:
    """Who is connected, and how Exact is called for them; one keeper of tokens per tenant and one call budget per
    application and administration in a process. ``events`` hears that a connection ended. ``times``: how long the
    keepers wait and try. ``application``: the application that a tenant uses now; raises AUTH_NOT_CONFIGURED."""

    def __init__(
        self,
        *,
        control: Table,
        sync_table: Table,
        tenants: TenantStore,
        applications: Applications,
        token_store: TokenStore,
        token_endpoint: TokenEndpoint,
        events: EventBus,
        sender: HttpSender,
        clock: Clock,
        times: KeeperTimes,
        application: Callable[[Tenant], Application],
    ) -> None:
        self._application = application
        self._control = control
        self._sync_table = sync_table
        self._tenants = tenants
        self._applications = applications
        self._token_store = token_store
        self._token_endpoint = token_endpoint
        self._events = events
        self._sender = sender
        self._clock = clock
        self._times = times
        self._keepers: dict[str, TokenKeeper] = {}
        self._budgets: dict[tuple[str, int], CallBudget] = {}

    def keeper(self, tenant: str) -> TokenKeeper:
        """Return the keeper of a tenant's tokens, one per process."""
        if tenant not in self._keepers:
            self._keepers[tenant] = TokenKeeper(
                tenant,
                self._control,
                self._token_store,
                self._token_endpoint,
                self.credentials,
                self._events,
                self._clock,
                times=self._times,
            )
        return self._keepers[tenant]

    def connection(self, tenant: str) -> Connection:
        """Return a tenant's connection as it is now."""
        return read_connection(tenant, self._control.get(connection_key(tenant)))

    def connected(self, tenant: str) -> Connection:
        """Return a tenant's connection; raises NotConnected, or AUTH_NOT_CONFIGURED, unless calls may be made."""
        found = self.connection(tenant)
        if found.state is not ConnectionState.CONNECTED or found.division is None:
            self._require_application(tenant)
            raise NotConnected(
                f"The tenant {tenant!r} is not linked to Exact ({found.state.value}); link it with POST .../authorize."
            )
        return found

    def linked_division(self, tenant: str) -> int:
        """Return the administration for which orders are accepted; also while a new consent is needed."""
        found = self.connection(tenant)
        if found.division is None or found.state is ConnectionState.DISCONNECTED:
            self._require_application(tenant)
            raise NotConnected(f"The tenant {tenant!r} is not linked to Exact yet; link it with POST .../authorize.")
        return found.division

    def _require_application(self, tenant: str) -> None:
        """Raise AUTH_NOT_CONFIGURED where linking would fail for want of an application, which has to come first."""
        found = self._tenants.find(tenant)
        if found is not None:
            self._application(found)

    def client(self, tenant: str, purpose: Purpose, *, seconds: float = 120.0) -> ExactClient:
        """Return a client for one tenant and purpose, its calls bounded in seconds; raises NotConnected."""
        connection = self.connected(tenant)
        return self.client_of(connection, self.keeper(tenant), purpose, seconds=seconds)

    def budget(self, client_id: str, division: int) -> CallBudget:
        """Return the call budget of an application and administration, one per process."""
        key = (client_id, division)
        if key not in self._budgets:
            self._budgets[key] = CallBudget(self._sync_table, client_id, division, self._clock)
        return self._budgets[key]

    def release_unused(self) -> None:
        """Return calls that this process took in advance and does not need now."""
        for budget in self._budgets.values():
            try:
                budget.release_unused()
            except StoreUnavailable as error:
                logger().warning("calls were not given back; they lapse with the minute", code=error.code)

    def calls_left(self, tenant: str) -> CallsLeft | None:
        """Return what is left of both limits, as counted here; nothing before a tenant is linked."""
        connection = self.connection(tenant)
        if connection.division is None:
            return None
        row = self._sync_table.get(budget_key(connection.client_id, connection.division))
        windows = rolled(read_windows(row), self._clock.now().timestamp())
        return {
            "minute": windows.minute_left,
            "minute_limit": windows.minute_limit,
            "day": windows.day_left,
            "day_limit": windows.day_limit,
        }

    def has_slack(self, tenant: str) -> bool:
        """Tell whether today's calls leave room for a full comparison: more than half of them."""
        left = self.calls_left(tenant)
        return left is not None and left["day"] * 2 > left["day_limit"]

    def keep_alive(self, now: datetime) -> int:
        """Once an hour: refresh connections that lay idle for 20 days, so that none dies; return how many."""
        if now.minute != _KEEP_ALIVE_MINUTE:
            return 0
        kept = 0
        for tenant in self._tenants.ids():
            try:
                kept += self.keeper(tenant).keep_alive()
            except ConnectorError as error:
                logger().warning("a connection could not be kept alive", tenant=tenant, code=error.code)
        return kept

    def client_of(
        self,
        connection: Connection,
        tokens: TokenSource,
        purpose: Purpose,
        *,
        seconds: float = 120.0,
        budget: CallBudget | None = None,
    ) -> ExactClient:
        """Return a client over a connection and a source of tokens, with its own budget or the process's."""
        division = connection.division or 0
        return ExactClient(
            connection,
            tokens,
            budget or self.budget(connection.client_id, division),
            ErrorBudget(self._sync_table, connection.client_id, division, self._clock),
            self._sender,
            self._clock,
            purpose=purpose,
            seconds=seconds,
        )

    def credentials(self, connection: Connection) -> ClientCredentials:
        """Return the credentials of the application through which a connection was made."""
        application = self._applications.of(self._tenants.get(connection.tenant), client_id=connection.client_id)
        return ClientCredentials(application.client_id, application.client_secret)
