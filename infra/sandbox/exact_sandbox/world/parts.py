"""The small pieces of the sandbox's world: clock, refusals, applications, users, switches and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The sandbox clock: real time with an offset and a rate."""

    def now(self) -> datetime:
        """Return the sandbox time as an aware UTC datetime."""
        ...

    def local(self) -> datetime:
        """Return the sandbox time as a naive datetime in Dutch wall time."""
        ...


class Refusal(Exception):
    """Exact refuses a request: the status (500 for a business rule, 400 for a malformed body) and the text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass
class App:
    """One registered application. `scopes` None means every scope, else names like `crm.accounts`."""

    client_id: str
    client_secret: str
    redirect_uris: list[str]
    webhook_secret: str
    name: str = "Exact Connector"
    scopes: frozenset[str] | None = None


@dataclass
class User:
    """A person who can sign in; `divisions` are the company codes he has rights in."""

    user_id: str
    user_name: str
    password: str
    full_name: str
    divisions: list[int]
    current_division: int
    language: str = "NL"
    person_id: str = ""
    employee_id: str = ""


@dataclass
class Options:
    """The switches of one sandbox; strict by default."""

    seed: int = 7
    items: int = 5000
    customers: int = 1000
    orders: int = 400
    allow_loopback: bool = False
    lenient_filter: bool = False
    late_bound_s: float = 5.0
    """Nothing becomes visible later than this many seconds after its write was answered."""
    state_dir: str | None = None
    born: str | None = None
    """The company's day one, ISO; None = the sandbox's today, or the one of the journal in `state_dir`."""
    client_id: str = "11111111-2222-4333-8444-555555555555"
    client_secret: str = "sandbox-secret"
    redirect_uris: tuple[str, ...] = ("https://connector.example.test/oauth/callback",)
    webhook_secret: str = "sandbox-webhook-secret"
    webhook_retry_s: float = 1.0
    """The unit of the pauses before a notification is tried again, in real seconds; Exact does not publish it."""
    sync_signs: str = "observed"
    """Signs in the flat sync streams of invoices: `observed` or `documented`."""
    deletion_keys: str = "both"
    """What a removed invoice or purchase order leaves in sync/Deleted: keys of its `line`s, its `header`, or `both`."""


@dataclass
class TokenStats:
    """Counts of the token endpoint, read by test harnesses."""

    codes_issued: int = 0
    code_exchanges: int = 0
    refreshes: int = 0
    refused_early: int = 0
    old_token_used: int = 0
    expired_token_used: int = 0
    bad_client: int = 0
    bad_code: int = 0
    rotated_and_dropped: int = 0


class Counters:
    """How often each path was called, by division, method, path and status."""

    def __init__(self) -> None:
        self.calls: dict[tuple[int | None, str, str, int], int] = {}

    def count(self, division: int | None, method: str, path: str, status: int) -> None:
        """Count one answered call; `path` is the part after the division, without key and query."""
        key = (division, method, path, status)
        self.calls[key] = self.calls.get(key, 0) + 1

    def reset(self) -> None:
        """Forget every count."""
        self.calls.clear()
