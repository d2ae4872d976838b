"""Exact: tokens, clients and call limits of the tenants' connections."""

from __future__ import annotations

from exact_connector.exact.auth.cipher import EnvelopeCipher
from exact_connector.exact.auth.oauth import TokenEndpoint
from exact_connector.exact.auth.token_manager import KeeperTimes
from exact_connector.exact.auth.token_store import ParameterTokenStore, TableTokenStore, TokenStore
from exact_connector.orders.lifecycle.outbox import Outbox
from exact_connector.orders.notices import WebhookedEvents
from exact_connector.tenants.connections import ExactConnections
from exact_connector.wiring.platform import Platform
from exact_connector.wiring.tenants import TenantParts


def build_connections(
    platform: Platform,
    tenants: TenantParts,
    *,
    endpoint: TokenEndpoint | None = None,
    times: KeeperTimes | None = None,
) -> ExactConnections:
    """Return the connections; the event bus and the tenant's webhook hear that one ended."""
    outbox = Outbox(platform.orders_table, platform.events, tenants.webhook_target, platform.sender, platform.clock)
    return ExactConnections(
        control=platform.control_table,
        sync_table=platform.sync_table,
        tenants=tenants.store,
        applications=tenants.applications,
        application=tenants.application,
        token_store=build_token_store(platform),
        token_endpoint=endpoint or TokenEndpoint(platform.sender, platform.clock),
        events=WebhookedEvents(platform.events, tenants.webhook_target, outbox),
        sender=platform.sender,
        clock=platform.clock,
        times=(times or KeeperTimes()).sped_up(platform.environment.CLOCK_RATE),
    )


def build_token_store(platform: Platform) -> TokenStore:
    """Return where token pairs are kept, as the deployment chooses."""
    if platform.environment.TOKEN_BACKEND == "dynamodb":  # noqa: S105 - the name of a store
        return TableTokenStore(platform.control_table, EnvelopeCipher(platform.data_keys))
    return ParameterTokenStore(platform.parameters, platform.environment.STAGE)
