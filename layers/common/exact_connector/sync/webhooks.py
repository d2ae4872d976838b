"""Exact's webhooks for a tenant: which topics it wants, and what a notification makes due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from exact_connector.clock import Clock
from exact_connector.errors import ConnectorError, Forbidden
from exact_connector.exact.connection import Connection
from exact_connector.exact.http.client import ExactClient
from exact_connector.exact.webhooks import Gate, Notice, is_validation, subscribe, unsubscribe, verify
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.ports import TenantView

STREAMS_OF_TOPIC: dict[str, tuple[str, ...]] = {
    "Accounts": ("accounts",),
    "Contacts": ("contacts",),
    "Items": ("items", "sales_prices"),
    "StockPositions": ("stock",),
    "SalesOrders": ("sales_order_headers", "sales_order_lines"),
    "SalesInvoices": ("sales_invoices",),
    "PurchaseOrders": ("purchase_orders",),
}
"""Topic -> the streams that read what it speaks of."""


class WebhookReceiver:
    """Receives notifications and keeps subscriptions in step with the tenant's option ``webhooks``."""

    def __init__(
        self,
        engine: SyncEngine,
        gate: Gate,
        clock: Clock,
        *,
        secret: Callable[[str], str],
        connection: Callable[[str], Connection],
        exact: Callable[[str], ExactClient],
        callback_url: Callable[[str], str],
    ) -> None:
        self._engine = engine
        self._gate = gate
        self._clock = clock
        self._secret = secret
        self._connection = connection
        self._exact = exact
        self._callback_url = callback_url

    def receive(self, tenant: str, body: bytes) -> list[str]:
        """Take a notification and return the streams it made due; raises SignatureInvalid, Forbidden."""
        if is_validation(body):
            return []
        notice = verify(body, self._secret(tenant))
        connection = self._connection(tenant)
        if notice.division != connection.division:
            raise Forbidden("The notification is about another administration than the tenant's.")
        due = self._gate.admit(notice)
        return [] if due is None else self._make_due(tenant, notice, due)

    def follow_option(self, view: TenantView) -> dict[str, str]:
        """Subscribe or unsubscribe the topics of the tenant's streams; return per topic what was done or went wrong.

        Loss of webhooks costs freshness only, so a refusal is returned and stops nothing.
        """
        done: dict[str, str] = {}
        for topic, names in STREAMS_OF_TOPIC.items():
            planned = {each.stream for each in self._engine.checkpoints.of_tenant(view.tenant) if each.status != "off"}
            wanted = view.options.webhooks and bool(planned & set(names))
            try:
                client = self._exact(view.tenant)
                if wanted:
                    subscribe(client, topic, self._callback_url(view.tenant))
                    done[topic] = "subscribed"
                elif unsubscribe(client, topic):
                    done[topic] = "unsubscribed"
            except ConnectorError as error:
                done[topic] = f"{error.code}: {error.message}"
                if not view.options.webhooks:
                    break
        return done

    def _make_due(self, tenant: str, notice: Notice, due: datetime) -> list[str]:
        names = [*STREAMS_OF_TOPIC.get(notice.topic, ()), *(("deleted",) if notice.action == "Delete" else ())]
        made = [name for name in names if self._engine.checkpoints.make_due(tenant, name, due)]
        if made and due <= self._clock.now():
            self._engine.dispatch(self._clock.now())
        return made
