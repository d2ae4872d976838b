"""Events of a connection for the tenant's webhook: who waits for orders has to know that none can be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exact_connector.exactly_once.record import OutgoingEvent
from exact_connector.orders.lifecycle.outbox import Outbox, Target
from exact_connector.storage.ports import EventBus


class WebhookedEvents:
    """Publishes an event of a tenant's connection, and has it posted to the tenant's webhook, where one is registered.

    The event bus comes last: who is interrupted before does both again, and the webhook's row is the same one then.
    """

    def __init__(self, bus: EventBus, webhook: Callable[[str], Target | None], outbox: Outbox) -> None:
        self._bus = bus
        self._webhook = webhook
        self._outbox = outbox

    def publish(self, kind: str, detail: Mapping[str, object]) -> None:
        """Publish an event whose detail names ``tenant``, ``division`` and ``generation``; raises StoreUnavailable."""
        tenant = str(detail["tenant"])
        if self._webhook(tenant) is not None:
            unique = f"{kind}#{detail['division']}#{detail['generation']}"
            self._outbox.add(tenant, int(str(detail["division"] or 0)), OutgoingEvent(kind, detail), unique=unique)
        self._bus.publish(kind, detail)
