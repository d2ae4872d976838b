"""The composition root: builds every part once per process; the only module that imports ``aws``."""

from __future__ import annotations

import secrets
import socket
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from http import HTTPStatus
from urllib.parse import quote

from exact_connector import fields
from exact_connector.assets.library import Library
from exact_connector.aws.dynamodb import DynamoDatabase, DynamoTable
from exact_connector.aws.kms import KmsDataKeys
from exact_connector.aws.services import EventBridgeBus, S3Blobs, SecretsManagerSecrets, SqsQueue, SsmParameters
from exact_connector.catalog.context import ProjectionContext
from exact_connector.clock import Clock, SystemClock, to_text
from exact_connector.environment import Environment, read_environment
from exact_connector.errors import ConnectorError, ExactUnavailable, NotConnected, StoreUnavailable
from exact_connector.exact.budget import CallBudget, Purpose
from exact_connector.exact.cipher import EnvelopeCipher
from exact_connector.exact.client import ExactClient, TokenSource
from exact_connector.exact.connection import Connection, ConnectionState, connection_key, read_connection
from exact_connector.exact.error_budget import ErrorBudget
from exact_connector.exact.oauth import ClientCredentials, TokenEndpoint, TokenPair
from exact_connector.exact.query import Query
from exact_connector.exact.token_store import ParameterTokenStore, TableTokenStore, TokenStore
from exact_connector.exact.tokens import KeeperTimes, TokenKeeper
from exact_connector.exact.transport import HttpRequest, HttpSender, process_sender
from exact_connector.exact.webhooks import Gate
from exact_connector.observability import logger
from exact_connector.orders.intake import OrderService
from exact_connector.orders.lifecycle import OrderEngine
from exact_connector.orders.outbox import Target
from exact_connector.orders.store import OrderStore
from exact_connector.orders.work import Constants
from exact_connector.ports import BlobStore, EventBus, ParameterStore, Queue, SecretStore
from exact_connector.store import Database, Table
from exact_connector.sync.catalog_store import CatalogStore
from exact_connector.sync.control import SyncControl
from exact_connector.sync.documents import hidden
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.feed import ChangeFeed
from exact_connector.sync.ports import TenantView
from exact_connector.tenants.applications import Application, Applications
from exact_connector.tenants.divisions import Division, read_division
from exact_connector.tenants.keys import ApiKeys
from exact_connector.tenants.model import Tenant
from exact_connector.tenants.onboarding import Onboarding
from exact_connector.tenants.service import TenantService
from exact_connector.tenants.settings_store import SettingsStore
from exact_connector.tenants.store import TenantStore
from exact_connector.tenants.webhook import TenantWebhooks
from exact_connector.web.auth import Authenticator
from exact_connector.web.oidc import OidcTokens
from exact_connector.web.routes import Api, Route
from exact_connector.wiring.assets_desk import AssetsDesk
from exact_connector.wiring.customer_desk import CustomerDesk, planner
from exact_connector.wiring.customer_desk_engine import CustomerEngine, CustomerTimes
from exact_connector.wiring.customer_desk_store import CustomerRequests
from exact_connector.wiring.exact_access import DIVISION_FIELDS, AccessDesk
from exact_connector.wiring.exports import Exports
from exact_connector.wiring.order_desk import INLINE_TIMES, OrderDesk, OrderParts
from exact_connector.wiring.order_planner import OrderPlanner
from exact_connector.wiring.order_references import StoredReferences
from exact_connector.wiring.price_quotes import PriceQuotes
from exact_connector.wiring.projections import PROJECTIONS, contexts
from exact_connector.wiring.relation_cards import RelationCards
from exact_connector.wiring.sync_desk import SyncDesk
from exact_connector.wiring.tenant_views import TenantViews
from exact_connector.wiring.webhook_desk import WebhookDesk

_ALPHABET = string.ascii_letters + string.digits
_OPERATOR_KEY_SECONDS = 300.0
_LINKING_PATIENCE_SECONDS = 15.0
_KEEP_ALIVE_MINUTE = 17
_FIRST_LOAD = timedelta(minutes=30)


class Container:
    """Every part of the product, each built when first asked for."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._keepers: dict[str, TokenKeeper] = {}
        self._budgets: dict[tuple[str, int], CallBudget] = {}

    # Ground: time, tables, services.

    @cached_property
    def clock(self) -> Clock:
        """The clock of the deployment; sped up only in a local run."""
        found = self.environment
        return SystemClock(rate=found.CLOCK_RATE, offset=found.CLOCK_OFFSET, origin=found.CLOCK_ORIGIN)

    @cached_property
    def database(self) -> Database:
        """Transactions over all tables."""
        return DynamoDatabase()

    @cached_property
    def control(self) -> Table:
        """Tenants, connections, keys, audit."""
        return DynamoTable(self.environment.CONTROL_TABLE)

    @cached_property
    def sync_table(self) -> Table:
        """Checkpoints, leases, budgets."""
        return DynamoTable(self.environment.SYNC_TABLE)

    @cached_property
    def records(self) -> Table:
        """Rows of Exact."""
        return DynamoTable(self.environment.RECORDS_TABLE)

    @cached_property
    def catalog(self) -> Table:
        """Canonical documents and the change feed."""
        return DynamoTable(self.environment.CATALOG_TABLE)

    @cached_property
    def orders_table(self) -> Table:
        """Orders and their life cycle."""
        return DynamoTable(self.environment.ORDERS_TABLE)

    @cached_property
    def parameters(self) -> ParameterStore:
        """Tokens and settings."""
        return SsmParameters(kms_key_id=self.environment.KMS_KEY_ID or None)

    @cached_property
    def secrets(self) -> SecretStore:
        """Credentials of the platform."""
        return SecretsManagerSecrets()

    @cached_property
    def events(self) -> EventBus:
        """Outgoing events."""
        return EventBridgeBus(self.environment.EVENT_BUS)

    @cached_property
    def blobs(self) -> BlobStore:
        """Pictures, attachments, exports."""
        return S3Blobs(self.environment.ASSETS_BUCKET)

    @cached_property
    def queues(self) -> Mapping[str, Queue]:
        """The queues by worker group, those that the deployment has."""
        found = self.environment
        urls = {
            "items": found.ITEMS_QUEUE_URL,
            "customers": found.CUSTOMERS_QUEUE_URL,
            "documents": found.DOCUMENTS_QUEUE_URL,
            "assets": found.ASSETS_QUEUE_URL,
            "orders": found.ORDERS_QUEUE_URL,
        }
        return {name: SqsQueue(url) for name, url in urls.items() if url}

    @cached_property
    def sender(self) -> HttpSender:
        """The one connection pool to Exact."""
        return process_sender()

    @cached_property
    def worker_name(self) -> str:
        """A name for this process in leases."""
        return f"{socket.gethostname()}-{random_text(8)}"

    # Tenants.

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

    def application(self, tenant: Tenant) -> Application:
        """Return the application that a tenant uses now."""
        return self.applications.of(tenant, client_id=self.settings.get(tenant.tenant).Applicationkey)

    # Exact.

    @cached_property
    def token_endpoint(self) -> TokenEndpoint:
        """Exact's token endpoint."""
        return TokenEndpoint(self.sender, self.clock)

    @cached_property
    def token_store(self) -> TokenStore:
        """Where token pairs are kept."""
        if self.environment.TOKEN_BACKEND == "dynamodb":  # noqa: S105 - the name of a store
            return TableTokenStore(self.control, EnvelopeCipher(KmsDataKeys(self.environment.KMS_KEY_ID)))
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
                self.events,
                self.clock,
                times=KeeperTimes().sped_up(self.environment.CLOCK_RATE),
            )
        return self._keepers[tenant]

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
        listing = Connection(tenant.tenant, application.base_url, application.client_id, current)
        # The code of the consent is used by now: better wait for the next minute than ask for consent again.
        patience = _LINKING_PATIENCE_SECONDS * max(1.0, self.environment.CLOCK_RATE)
        budget = CallBudget(self.sync_table, application.client_id, current, self.clock, patience=patience)
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

    # Synchronisation.

    @cached_property
    def views(self) -> TenantViews:
        """What the synchronisation knows of tenants."""
        return TenantViews(self.tenants, self.settings, self.connection)

    @cached_property
    def sync(self) -> SyncEngine:
        """Extraction, projection, dispatch."""
        return SyncEngine(
            self.database,
            self.sync_table,
            self.records,
            self.catalog,
            lambda tenant: self.exact(tenant, Purpose.SYNC),
            self.views,
            PROJECTIONS,
            contexts,
            self.queues,
            self.events,
            self.clock,
            worker=self.worker_name,
            slack=self._has_slack,
        )

    def _has_slack(self, tenant: str) -> bool:
        """Tell whether today's calls leave room for a full comparison: more than half of them."""
        left = AccessDesk(self).calls_left(tenant)
        return bool(left) and left["day"] * 2 > left["day_limit"]

    @cached_property
    def sync_desk(self) -> SyncDesk:
        """What administrators do with the synchronisation."""
        kinds = {
            family: frozenset(kind for kind in projection.kinds if not hidden(kind))
            for family, projection in PROJECTIONS.items()
        }
        return SyncDesk(SyncControl(self.sync, self.views, kinds, self.clock), self.sync, self.clock)

    @cached_property
    def webhooks(self) -> WebhookDesk:
        """Exact's webhooks."""
        return WebhookDesk(
            self.sync,
            Gate(self.sync_table, self.clock),
            self.clock,
            secret=lambda tenant: self.application(self.tenants.get(tenant)).webhook_secret or "",
            connection=self.connection,
            exact=lambda tenant: self.exact(tenant, Purpose.ADMIN),
            callback_url=lambda tenant: (
                f"{self.environment.PUBLIC_BASE_URL.rstrip('/')}/v1/webhooks/exact/{quote(tenant)}"
            ),
        )

    def view(self, tenant: str) -> TenantView:
        """Return a linked tenant as the synchronisation sees it; raises NotConnected."""
        found = self.views.view(tenant)
        if found is None:
            raise NotConnected(f"The tenant {tenant!r} is not linked to Exact yet; link it with POST .../authorize.")
        return found

    @cached_property
    def documents(self) -> CatalogStore:
        """Canonical documents."""
        return CatalogStore(self.catalog)

    @cached_property
    def feed(self) -> ChangeFeed:
        """The change feed."""
        return ChangeFeed(self.catalog)

    @cached_property
    def quotes(self) -> PriceQuotes:
        """Resolved prices."""
        return PriceQuotes(self.documents, lambda: self.sync.projector, self.view, self.clock)

    @cached_property
    def cards(self) -> RelationCards:
        """History of customers."""
        return RelationCards(
            self.documents,
            self.quotes,
            self.order_store,
            self.settings.get,
            lambda tenant: self.exact(tenant, Purpose.ADMIN),
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
            AccessDesk(self),
            self.clock,
            new_id=lambda: "t-" + random_text(10).lower(),
            forget_orders=self.forget_orders,
        )

    # Orders.

    @cached_property
    def order_desk(self) -> OrderDesk:
        """The life cycle of orders."""
        return OrderDesk(
            OrderParts(
                self.database,
                self.orders_table,
                self.clock,
                self.order_planner,
                exact=lambda tenant, seconds: self.exact(tenant, Purpose.ORDERS, seconds=seconds),
                division=self.linked_division,
                known=lambda tenant: self.tenants.find(tenant) is not None,
                queue=lambda: self.queues["orders"],
                bus=self.events,
                webhook=self.webhook_target,
                sender=self.sender,
                new_id=order_id,
                worker_name=self.worker_name,
                rate=self.environment.CLOCK_RATE,
                late=self.environment.UNKNOWN_GRACE_SECONDS,
            )
        )

    @cached_property
    def tenant_webhooks(self) -> TenantWebhooks:
        """Where tenants want to hear of events; on this machine only where Exact is here too, as in a local run."""
        local = self.environment.runs_on_loopback
        return TenantWebhooks(self.tenants, self.control, self.clock, random_text, loopback=local)

    def webhook_target(self, tenant: str) -> Target | None:
        """Return where a tenant's events are posted, None where it registered nothing."""
        found = self.tenant_webhooks.find(tenant)
        return None if found is None else Target(found.url, found.secret)

    @property
    def order_store(self) -> OrderStore:
        """Orders and their transitions."""
        return self.order_desk.store

    @property
    def order_engine(self) -> OrderEngine:
        """Brings orders into Exact, as the queue worker."""
        return self.order_desk.engine

    @property
    def order_service(self) -> OrderService:
        """Takes orders in."""
        return self.order_desk.service

    @cached_property
    def order_planner(self) -> OrderPlanner:
        """Judges and plans orders."""
        return OrderPlanner(
            StoredReferences(self.documents),
            self.settings.get,
            lambda tenant: self.tenants.get(tenant).options,
            self.clock,
            constants=Constants(sales_journal=self.environment.SALES_JOURNAL),
        )

    # Customers from platforms.

    @cached_property
    def customer_requests(self) -> CustomerRequests:
        """Customers that platforms asked for."""
        return CustomerRequests(self.database, self.orders_table)

    @cached_property
    def customer_engine(self) -> CustomerEngine:
        """Makes wanted customers in Exact."""
        rate = max(1.0, self.environment.CLOCK_RATE)
        times = CustomerTimes()
        seconds = times.post - times.step
        return CustomerEngine(
            self.customer_requests,
            lambda tenant: self.exact(tenant, Purpose.ORDERS, seconds=seconds),
            planner(self.customer_context),
            self.accounts_changed,
            self.clock,
            division=self.linked_division,
            times=replace(
                times,
                post=times.post * rate,
                step=times.step * rate,
                late=self.environment.UNKNOWN_GRACE_SECONDS,
            ),
        )

    @cached_property
    def customer_desk(self) -> CustomerDesk:
        """Creates and edits customers for platforms."""
        return CustomerDesk(
            self.customer_requests,
            self.customer_engine,
            self.documents,
            lambda tenant: self.exact(tenant, Purpose.ORDERS, seconds=INLINE_TIMES.post),
            self.customer_context,
            self.clock,
            division=self.linked_division,
            changed=self.accounts_changed,
            new_id=lambda now: "c" + order_id(now)[1:],
        )

    def customer_context(self, tenant: str) -> ProjectionContext:
        """Return the settings and reference rows by which a tenant's customers are read."""
        context: ProjectionContext = self.sync.projector.ground(self.view(tenant), "customers").context
        return context

    def accounts_changed(self, tenant: str) -> None:
        """Have accounts and their addresses read at once, because one was made or edited."""
        self.sync.make_due(tenant, ("accounts", "addresses"))

    @property
    def jobs(self) -> Mapping[str, Callable[[str, datetime], int]]:
        """The work in the background by name: each takes a tenant and the moment by which it has to end."""
        return {
            "customers": self.customer_engine.work,
            "exports": self.exports.work,
            "assets": self.assets_desk.work,
        }

    @cached_property
    def library(self) -> Library:
        """Pictures and logos."""
        return Library(self.sync_table, lambda: self.blobs)

    @cached_property
    def assets_desk(self) -> AssetsDesk:
        """Fetches pictures and logos."""
        return AssetsDesk(
            lambda: self.sync,
            self.documents,
            self.library,
            lambda tenant: (self.connected(tenant).base_url, self.exact(tenant, Purpose.SYNC)),
            self.clock,
            worker=self.worker_name,
        )

    @cached_property
    def exports(self) -> Exports:
        """Whole kinds of documents as files."""
        return Exports(
            self.sync_table,
            self.documents,
            self.feed,
            lambda: self.blobs,
            self.clock,
            new_id=lambda now: "x" + order_id(now)[1:],
        )

    def dispatch_jobs(self, now: datetime) -> int:
        """Send a message for every tenant with work in the background that is due; return how many."""
        due = [("customers", request.tenant) for request in self.customer_requests.due(now)]
        due += [("exports", tenant) for tenant in self.exports.due(now)]
        due += [
            ("assets", tenant) for tenant in self.assets_desk.due(self.tenants.ids(), now) if self._settled(tenant, now)
        ]
        for job, tenant in dict.fromkeys(due):
            self.queues["assets"].send({"tenant": tenant, "job": job}, group=tenant)
        return len(due)

    def _settled(self, tenant: str, now: datetime) -> bool:
        """Tell whether a tenant's first load lies behind it: until then its calls are not spent on pictures."""
        found = self.tenants.find(tenant)
        return found is not None and found.created_at + _FIRST_LOAD <= now

    def forget_orders(self, tenant: str) -> int:
        """Remove every order of a tenant, every customer that it asked for and its files; return how many."""
        self.exports.forget(tenant)
        self.assets_desk.forget(tenant)
        orders = self.order_desk.forget(tenant, self.connection(tenant).division)
        return orders + self.customer_requests.forget(tenant)

    def linked_division(self, tenant: str) -> int:
        """Return the administration for which orders are accepted; also while a new consent is needed."""
        found = self.connection(tenant)
        if found.division is None or found.state is ConnectionState.DISCONNECTED:
            raise NotConnected(f"The tenant {tenant!r} is not linked to Exact yet; link it with POST .../authorize.")
        return found.division

    def dispatch_orders(self, now: datetime) -> int:
        """Send a message for every administration with orders or events, and every job, that is due; count them."""
        return self.order_desk.dispatch(now) + self.dispatch_jobs(now)

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

    # HTTP.

    @cached_property
    def authenticator(self) -> Authenticator:
        """Reads the caller from a request."""
        return Authenticator(self.keys, self._operator_key, self._oidc())

    def _oidc(self) -> OidcTokens | None:
        found = self.environment
        if not found.OIDC_ISSUER:
            return None
        return OidcTokens(found.OIDC_ISSUER, found.OIDC_AUDIENCE, self._fetch_public, self.clock)

    def _fetch_public(self, address: str) -> bytes:
        """Read a public document of the token issuer."""
        try:
            answer = self.sender.send(HttpRequest("GET", address, timeout=5, total=10, body_limit=1024 * 1024))
        except ExactUnavailable as error:
            raise StoreUnavailable("the issuer of tokens did not answer; try again") from error
        if answer.status != HTTPStatus.OK:
            raise StoreUnavailable(f"the issuer of tokens answered {answer.status}; try again")
        return answer.body

    def api(self, routes: Sequence[Route]) -> Api:
        """Return the Lambda handler over routes."""
        return Api(routes, self.authenticator, self.clock, logger())

    def _operator_key(self) -> str | None:
        now = self.clock.now()
        cached = getattr(self, "_operator_key_read", None)
        if cached is None or cached[0] < now - timedelta(seconds=_OPERATOR_KEY_SECONDS):
            cached = (now, self.secrets.get(self.environment.OPERATOR_KEY_SECRET))
            self._operator_key_read = cached
        return cached[1]

    def now_text(self) -> str:
        """Return the moment in RFC 3339."""
        return to_text(self.clock.now())


class _OneToken:
    """The access token of a consent that is not stored yet."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self, *, division: int | None = None) -> str:  # noqa: ARG002 - the token source of the client
        """Return the token."""
        return self._token

    def refused(self, token: str) -> None:
        """Nothing can be done about it: the linking fails with Exact's answer."""


def order_id(now: datetime) -> str:
    """Return a new order id: milliseconds in time order, then unguessable letters."""
    return f"o{int(now.timestamp() * 1000):012x}{random_text(8).lower()}"


def random_text(length: int) -> str:
    """Return unguessable letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


@cache
def container() -> Container:
    """Return the process's container; raises ConfigurationError for a wrong environment."""
    return Container(read_environment())
