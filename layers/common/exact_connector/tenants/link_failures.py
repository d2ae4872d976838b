"""Why the last linking of a tenant failed: kept until a link goes well, in the audit trail, and as an event.

The row lies in the tenant's own partition, so it goes with the tenant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exact_connector.clock import Clock, to_text
from exact_connector.errors import ConnectorError, StoreUnavailable
from exact_connector.observability import logger
from exact_connector.storage.ports import EventBus
from exact_connector.storage.table import Key, Table, Value

FAILED = "connection.link_failed"
_TEXT = 500
_WITHOUT_NAMES = {
    "ADMINISTRATION_NOT_FOUND": "The consent covers no usable administration with the tenant's name or number; correct "
    "it, or link again and tick the right company on Exact's page."
}

Record = Callable[[str, str, str, Mapping[str, Value]], None]
"""Adds an event to a tenant's audit trail: tenant, kind, who, detail."""


class LinkFailures:
    """The failed linkings of tenants."""

    def __init__(self, control: Table, events: EventBus, record: Record, clock: Clock) -> None:
        self._control = control
        self._events = events
        self._record = record
        self._clock = clock

    def note(self, tenant: str, error: ConnectorError) -> None:
        """Keep why a linking failed; a store that does not answer must not hide the failure itself."""
        # The words for the browser name other companies of whoever consented; they are not kept.
        words = _WITHOUT_NAMES.get(error.code) or error.message[:_TEXT]
        try:
            at = to_text(self._clock.now())
            self._control.put(
                {"pk": _key(tenant).pk, "sk": _key(tenant).sk, "reason": f"{error.code}: {words}", "at": at}
            )
            self._record(tenant, "link.failed", "callback", {"code": error.code, "reason": words})
            detail = {"tenant": tenant, "code": error.code, "reconnect": f"/oauth/start?tenant={tenant}"}
            self._events.publish(FAILED, detail)
        except StoreUnavailable as unavailable:
            logger().warning("a failed linking was not recorded", tenant=tenant, code=unavailable.code)

    def clear(self, tenant: str) -> None:
        """Forget the last failure, because a link went well."""
        self._control.delete(_key(tenant))

    def reason(self, tenant: str) -> str | None:
        """Return why the last linking failed, None when it went well or there was none."""
        row = self._control.get(_key(tenant))
        return None if row is None else f"The last linking failed at {row['at']!s}: {row['reason']!s}"


def _key(tenant: str) -> Key:
    return Key(f"tenant#{tenant}", "link_failure")
