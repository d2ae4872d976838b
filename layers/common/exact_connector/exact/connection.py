"""A tenant's link to one administration at Exact, as every part but the token keeper sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exact_connector.storage.table import Key, Row


class ConnectionState(StrEnum):
    """Whether calls to Exact may be made."""

    CONNECTED = "CONNECTED"
    REAUTHORIZE = "REAUTHORIZE"
    """Exact no longer takes the refresh token: an administrator must consent again."""
    DISCONNECTED = "DISCONNECTED"
    """Never linked, or unlinked on purpose."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One tenant's link: the country site, the registered application, the administration, and its state.

    ``generation`` counts the token pairs of the link; it is 0 before the first consent.
    """

    tenant: str
    base_url: str
    client_id: str
    division: int | None
    state: ConnectionState = ConnectionState.CONNECTED
    generation: int = 0


def connection_key(tenant: str) -> Key:
    """Return the key of the pointer row in the control table."""
    return Key(f"tenant#{tenant}", "connection")


def read_connection(tenant: str, row: Row | None) -> Connection:
    """Return the connection of a pointer row; without a row it is one that was never linked."""
    if row is None:
        return Connection(tenant, "", "", None, ConnectionState.DISCONNECTED)
    division = row.get("division")
    return Connection(
        tenant=tenant,
        base_url=str(row.get("base_url", "")),
        client_id=str(row.get("client_id", "")),
        division=None if division is None else int(str(division)),
        state=ConnectionState(str(row.get("state", ConnectionState.DISCONNECTED))),
        generation=int(str(row.get("generation", 0))),
    )
