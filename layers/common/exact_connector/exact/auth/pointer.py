"""The pointer row of a connection: which pair counts, who refreshes it, and when a refresh is allowed. Pure.

row     generation 7, version 7                 attempt a8, lease, not_before          generation 8, version 8
time    |---- 570 s: used, never refreshed ----|--- POST once --- put parameter --- move pointer ---|
crash                                          before the put: all wait for not_before, 570 s, then one retry
crash                                                             after the put: any worker adopts a8's pair
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from exact_connector.clock import from_text, to_text
from exact_connector.exact.connection import Connection, ConnectionState, read_connection
from exact_connector.storage.table import Row, Value

REFRESH_AFTER = timedelta(seconds=571)
"""Exact refuses a refresh before 570 s; the second more covers clocks that differ."""

EXPIRY_MARGIN = timedelta(seconds=5)
"""An access token is not used in its last seconds, so that it is still good when the request arrives."""

IDLE = timedelta(days=20)
WARN = timedelta(days=25)
DEATH = timedelta(days=30)


class Step(Enum):
    """What the holder of a connection does now."""

    USE = "use"
    WAIT = "wait"
    """Another worker refreshes; its pair is about to appear."""
    REFRESH = "refresh"
    PAUSE = "pause"
    """No token is usable and no refresh is allowed before ``not_before``."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """The pointer row, read. ``revision`` counts its writes; ``doubt`` means that an answer was lost since the last
    good one, so the refresh token may be an old one. ``refused_generation``: the newest pair whose access token Exact
    refused within its life. ``chain_refused``: since the last good answer Exact called the chain of tokens invalid."""

    connection: Connection
    revision: int = 0
    version: int = 0
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    attempt: str | None = None
    lease_until: datetime | None = None
    not_before: datetime | None = None
    doubt: bool = False
    failures: int = 0
    warned: bool = False
    reason: str = ""
    notice: str = ""
    refused_generation: int = 0
    chain_refused: bool = False

    @property
    def refused(self) -> bool:
        """Return whether Exact refused the access token of the current pair."""
        return self.generation > 0 and self.refused_generation == self.generation

    @property
    def generation(self) -> int:
        """The generation of the current pair."""
        return self.connection.generation

    @property
    def dies_at(self) -> datetime | None:
        """When the refresh token dies if it is not used: 30 days after it was issued."""
        return None if self.issued_at is None else self.issued_at + DEATH

    def leased(self, now: datetime) -> bool:
        """Return whether a worker has the right to refresh."""
        return self.lease_until is not None and now < self.lease_until

    def usable(self, now: datetime) -> bool:
        """Return whether the access token still has enough of its life and was not refused."""
        return not self.refused and self.expires_at is not None and now < self.expires_at - EXPIRY_MARGIN

    def abandoned(self, now: datetime) -> bool:
        """Return whether an attempt was begun and its worker is gone: its pair may be stored and unclaimed."""
        return self.attempt is not None and not self.leased(now)


def read_pointer(tenant: str, row: Row | None) -> Pointer:
    """Return the pointer of a row, None for a tenant that was never linked."""
    connection = read_connection(tenant, row)
    if row is None:
        return Pointer(connection)
    return Pointer(
        connection=connection,
        revision=_whole(row.get("revision")),
        version=_whole(row.get("version")),
        issued_at=_moment(row.get("issued_at")),
        expires_at=_moment(row.get("expires_at")),
        attempt=str(row["attempt"]) if row.get("attempt") else None,
        lease_until=_moment(row.get("lease_until")),
        not_before=_moment(row.get("not_before")),
        doubt=bool(row.get("doubt")),
        failures=_whole(row.get("failures")),
        warned=bool(row.get("warned")),
        reason=str(row.get("reason", "")),
        notice=str(row.get("notice", "")),
        refused_generation=_whole(row.get("refused_generation")),
        chain_refused=bool(row.get("chain_refused")),
    )


def decide(pointer: Pointer, now: datetime, *, refused: bool = False) -> Step:
    """Return the next step for a connection in the state CONNECTED; ``refused``: Exact refused this access token.

    A refused token is not sent again: each refusal counts as an error at Exact. Where it is young no other can exist,
    and asking for one earlier is an error too, so everything waits for the moment of the next refresh.
    """
    usable = pointer.usable(now) and not refused
    young = pointer.issued_at is not None and now < pointer.issued_at + REFRESH_AFTER
    if young and usable:
        return Step.USE
    if pointer.leased(now):
        return Step.USE if usable else Step.WAIT
    too_early = young or (pointer.not_before is not None and now < pointer.not_before)
    if too_early:
        return Step.USE if usable else Step.PAUSE
    return Step.REFRESH


def next_try(pointer: Pointer, now: datetime) -> datetime:
    """Return the earliest moment of the next refresh, for the retry time of an error."""
    young_until = pointer.issued_at + REFRESH_AFTER if pointer.issued_at else now
    moments = [young_until, pointer.not_before or now, pointer.lease_until or now]
    return max(now, *moments)


def connected(state: ConnectionState) -> bool:
    """Return whether calls may be made."""
    return state is ConnectionState.CONNECTED


def back_off(first: float, most: float, failures: int) -> timedelta:
    """Return a wait that doubles with each failure, up to ``most`` seconds."""
    return timedelta(seconds=min(most, first * 2 ** min(failures, 20)))


def moment_value(moment: datetime) -> Value:
    """Write a moment for the row."""
    return to_text(moment)


def _moment(value: Value) -> datetime | None:
    return from_text(str(value)) if value else None


def _whole(value: Value) -> int:
    return 0 if value is None else int(str(value))
