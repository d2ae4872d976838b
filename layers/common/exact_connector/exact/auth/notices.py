"""The events of a connection: it ended, or it is about to end. Each goes out at least once."""

from __future__ import annotations

from datetime import datetime

from exact_connector.clock import to_text
from exact_connector.errors import StoreUnavailable
from exact_connector.exact.auth.pointer import WARN, Pointer
from exact_connector.exact.auth.pointer_store import PointerStore
from exact_connector.exact.connection import ConnectionState
from exact_connector.storage.ports import EventBus

ENDED = "connection.reauthorize"
EXPIRING = "connection.expiring"
PENDING = "reauthorize"


def announce_end(pointer: Pointer, store: PointerStore, events: EventBus) -> None:
    """Publish that a connection ended, once per end; the row remembers it until it went out."""
    if pointer.notice != PENDING:
        return
    try:
        events.publish(ENDED, _detail(pointer))
        store.write(pointer, {"notice": ""})
    except StoreUnavailable:
        return


def warn_early(pointer: Pointer, store: PointerStore, events: EventBus, now: datetime) -> None:
    """Publish that a connection dies within days, once per pair of tokens, when keeping it alive failed."""
    if pointer.connection.state is not ConnectionState.CONNECTED:
        announce_end(pointer, store, events)
        return
    dies_at = pointer.dies_at
    if pointer.warned or pointer.issued_at is None or dies_at is None or now - pointer.issued_at < WARN:
        return
    try:
        events.publish(EXPIRING, {**_detail(pointer), "dies_at": to_text(dies_at)})
        store.write(pointer, {"warned": True})
    except StoreUnavailable:
        return


def _detail(pointer: Pointer) -> dict[str, object]:
    tenant = pointer.connection.tenant
    return {
        "tenant": tenant,
        "division": pointer.connection.division,
        "generation": pointer.connection.generation,
        "reason": pointer.reason,
        "reconnect": f"/oauth/start?tenant={tenant}",
    }
