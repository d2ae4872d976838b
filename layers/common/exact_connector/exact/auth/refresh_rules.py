"""What each answer of the token endpoint does to the pointer row. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from exact_connector.clock import to_text
from exact_connector.errors import ConnectorError, ExactUnavailable
from exact_connector.exact.auth.oauth import TokenAnswer, TokenResult, wrong_credentials
from exact_connector.exact.auth.pointer import REFRESH_AFTER, Pointer, back_off, next_try
from exact_connector.exact.auth.token_store import StoredPair
from exact_connector.exact.connection import ConnectionState
from exact_connector.storage.table import Value

LEASE_FIELDS = ("attempt", "lease_until", "not_before")
"""What a lease writes."""

ATTEMPT_FIELDS = (*LEASE_FIELDS, "doubt", "failures", "warned", "refused_generation", "chain_refused")
"""Everything that a new pair makes void."""


def published(stored: StoredPair, version: int) -> dict[str, Value]:
    """Return the attributes that make a saved pair the current one."""
    return {
        "state": ConnectionState.CONNECTED.value,
        "generation": stored.generation,
        "version": version,
        "issued_at": to_text(stored.pair.issued_at),
        "expires_at": to_text(stored.pair.expires_at),
        "reason": "",
        "notice": "",
    }


def not_before(answer: TokenAnswer, now: datetime, failures: int, *, doubt: bool) -> datetime:
    """Return when the next refresh may be sent after an answer that issued nothing."""
    match answer.result:
        case TokenResult.NOT_SENT:
            return now + back_off(2, 120, failures)
        case TokenResult.BUSY if answer.wait_until is not None:
            return max(now, now + timedelta(seconds=answer.wait_until - now.timestamp()))
        case TokenResult.TOO_EARLY if not doubt and failures == 0:
            # Clocks differ a little; a second such answer means that another one has a younger pair.
            return now + timedelta(seconds=10)
        case TokenResult.LOST | TokenResult.TOO_EARLY | TokenResult.CHAIN:
            return now + REFRESH_AFTER
        case TokenResult.CREDENTIALS:
            return now + timedelta(seconds=900)
        case _:
            return now + back_off(60, 900, failures)


def ends_connection(answer: TokenAnswer, pointer: Pointer) -> bool:
    """Return whether an answer means that the administrator must consent again.

    A chain that Exact calls invalid or empty is asked for once more, 570 s later, before it counts as dead.
    """
    if answer.result is TokenResult.CHAIN:
        return pointer.chain_refused
    return answer.result in (TokenResult.OLD, TokenResult.EXPIRED)


def paused(pointer: Pointer, now: datetime) -> ConnectorError:
    """Return the error for a connection that has no usable token and may not refresh yet."""
    if pointer.reason == TokenResult.CREDENTIALS.value:
        return wrong_credentials(pointer.connection.client_id, "the last refresh was refused")
    if pointer.refused:
        return ExactUnavailable(
            "Exact refused the access token before its time, and the next refresh is not allowed yet; it goes on by"
            " itself, and an administrator should look at the connection if this stays",
            sent=False,
            retry_after=next_try(pointer, now),
        )
    return ExactUnavailable(
        "no usable access token, and the next refresh is not allowed yet "
        f"(the last: {pointer.reason or 'unfinished'}); it goes on by itself",
        sent=False,
        retry_after=next_try(pointer, now),
    )
