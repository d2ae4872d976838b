"""Exact's call limits: per app and company a fixed clock minute and a UTC day, and the error velocity.

Exact's page "API limits". A call counts when it is let through; what is refused for a limit costs nothing.
The minute is a clock minute of the sandbox's time, the day starts at 00:00 UTC, resets are epoch milliseconds.

    12:00:07 ─ first call ─ 60th call ─ 61st: 429, X-RateLimit-Minutely-* only ─┐ 12:01:00 60 calls again
    day spent: 429, X-RateLimit-Limit/-Remaining/-Reset only ───────────────────┘ 00:00 UTC
"""

from __future__ import annotations

from dataclasses import dataclass, field

MINUTE_MS = 60_000
DAY_MS = 86_400_000
HOUR_S = 3600.0

VELOCITY_STATUSES = frozenset({400, 401, 403, 404})
VELOCITY_LIMIT = 10


@dataclass(frozen=True)
class Allowance:
    """How many calls are allowed; `contract_day` is the fair use over all apps of one licence."""

    minute: int = 60
    day: int = 5000
    premium: bool = False
    """Whether companies with a premium licence get their own day limit, one for all apps together."""
    premium_day: int = 30_000
    contract_day: int = 20_000


@dataclass(frozen=True)
class Caller:
    """Who calls where. A premium company has one day limit for all apps together."""

    client_id: str
    division: int
    contract: str = ""
    premium: bool = False


@dataclass(frozen=True)
class Verdict:
    """Whether a call is let through, with the headers of the answer either way."""

    allowed: bool
    headers: dict[str, str]


@dataclass
class _Window:
    length_ms: int
    start: int = -1
    used: int = 0

    def at(self, now_ms: int) -> _Window:
        start = now_ms // self.length_ms * self.length_ms
        if start != self.start:
            self.start, self.used = start, 0
        return self

    @property
    def reset(self) -> int:
        return self.start + self.length_ms


def _headers(prefix: str, limit: int, window: _Window, used: int) -> dict[str, str]:
    return {
        f"X-RateLimit-{prefix}Limit": str(limit),
        f"X-RateLimit-{prefix}Remaining": str(max(0, limit - used)),
        f"X-RateLimit-{prefix}Reset": str(window.reset),
    }


def with_retry_after(headers: dict[str, str], now_ms: int) -> dict[str, str]:
    """Return the headers of a 429 with the whole seconds until its window is over."""
    ends = max(int(value) for name, value in headers.items() if name.endswith("Reset"))
    return {**headers, "Retry-After": str(max(0, -(-(ends - now_ms) // 1000)))}


@dataclass
class CallLimits:
    """The counters of the minute and the day for every app and company."""

    allowance: Allowance = field(default_factory=Allowance)
    _minutes: dict[tuple[str, int], _Window] = field(default_factory=dict)
    _days: dict[tuple[str, int], _Window] = field(default_factory=dict)
    _contracts: dict[str, _Window] = field(default_factory=dict)

    def admit(self, caller: Caller, now_ms: int) -> Verdict:
        """Count one call at `now_ms` (epoch milliseconds) if both windows have room, else refuse it."""
        minute = self._minutes.setdefault((caller.client_id, caller.division), _Window(MINUTE_MS)).at(now_ms)
        day = self._day(caller).at(now_ms)
        contract = self._contracts.setdefault(caller.contract, _Window(DAY_MS)).at(now_ms)
        limit = self._day_limit(caller)
        if day.used >= limit or self._contract_spent(caller, contract):
            return Verdict(allowed=False, headers=_headers("", limit, day, limit))
        if minute.used >= self.allowance.minute:
            return Verdict(allowed=False, headers=_headers("Minutely-", self.allowance.minute, minute, minute.used))
        for window in (minute, day, contract):
            window.used += 1
        return Verdict(
            allowed=True,
            headers={
                **_headers("", limit, day, day.used),
                **_headers("Minutely-", self.allowance.minute, minute, minute.used),
            },
        )

    def storm(self, now_ms: int) -> dict[str, str]:
        """Return the headers of a 429 that comes whatever was used: the minute is spent."""
        return _headers("Minutely-", self.allowance.minute, _Window(MINUTE_MS).at(now_ms), self.allowance.minute)

    def used(self, now_ms: int) -> list[dict[str, object]]:
        """Return what every app used of the current minute and day in every company."""
        return [
            {
                "client_id": client_id,
                "division": division,
                "minute": minute.at(now_ms).used,
                "day": self._days.get((client_id, division), self._days.get(("", division), _Window(DAY_MS))).used,
            }
            for (client_id, division), minute in self._minutes.items()
        ]

    def reset(self) -> None:
        """Start every window anew."""
        self._minutes.clear()
        self._days.clear()
        self._contracts.clear()

    def _day(self, caller: Caller) -> _Window:
        owner = "" if caller.premium else caller.client_id
        return self._days.setdefault((owner, caller.division), _Window(DAY_MS))

    def _day_limit(self, caller: Caller) -> int:
        return self.allowance.premium_day if caller.premium else self.allowance.day

    def _contract_spent(self, caller: Caller, contract: _Window) -> bool:
        return not caller.premium and contract.used >= self.allowance.contract_day


VelocityKey = tuple[str, str, int | None, str]
"""Client id, user, company, endpoint (path without key)."""


@dataclass
class _Errors:
    since: float = 0.0
    count: int = 0
    blocked_until: float = 0.0
    blocks: int = 0


@dataclass
class ErrorVelocity:
    """Blocks a key at an endpoint for an hour after more than 10 errors within an hour, twice as long each time.

    Counted are answers of 400, 401, 403 and 404 per key, user, company and endpoint. A block that ended more than
    a day ago is forgiven. What the block looks like on the wire is not published; see `docs/sandbox.md`.
    """

    limit: int = VELOCITY_LIMIT
    _errors: dict[VelocityKey, _Errors] = field(default_factory=dict)

    def blocked_for(self, key: VelocityKey, now: float) -> float:
        """Return the seconds that the key stays blocked; 0 when it is not."""
        errors = self._errors.get(key)
        return max(0.0, errors.blocked_until - now) if errors else 0.0

    def count(self, key: VelocityKey, status: int, now: float) -> None:
        """Take note of an answer; errors beyond the limit within an hour start a block."""
        if status not in VELOCITY_STATUSES:
            return
        errors = self._errors.setdefault(key, _Errors(since=now))
        if now - errors.since >= HOUR_S:
            errors.since, errors.count = now, 0
        if errors.blocks and now - errors.blocked_until > DAY_MS / 1000:
            errors.blocks = 0
        errors.count += 1
        if errors.count > self.limit:
            errors.blocked_until = now + HOUR_S * 2**errors.blocks
            errors.blocks += 1
            errors.count = 0

    def listing(self, now: float) -> list[dict[str, object]]:
        """Return every counted key with its errors of this hour and the seconds of its block."""
        return [
            {
                "client_id": client_id,
                "user": user,
                "division": division,
                "endpoint": endpoint,
                "errors": errors.count,
                "blocked_for_s": round(max(0.0, errors.blocked_until - now), 3),
            }
            for (client_id, user, division, endpoint), errors in self._errors.items()
        ]

    def reset(self) -> None:
        """Forget every error and block."""
        self._errors.clear()
