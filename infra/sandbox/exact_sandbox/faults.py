"""The fault plan: what goes wrong, on which calls, how often. Every rule is deterministic for its seed.

kind        what the caller sees
status      the given status (5xx, 408, ...) with an empty or given body, nothing is done
reset       the connection is reset before anything is done
drop        the work is done and committed, then the connection is reset without an answer
late        the work is answered and becomes visible `delay_ms` later, never beyond the stated bound
delay       the answer comes `delay_ms` later
truncate    the first half of the body under the length of the whole body
malform     a body that is not JSON (nor XML)
storm       429 with minute headers, nothing is done
rotate_drop token endpoint only: the tokens rotate, then the connection is reset
move        paging: `rows` rows of the page just read get a new row version, so that they come again later
chain       token endpoint only: 400 `invalid_grant`, "... invalid or empty chainId"; nothing rotates
forbidden   403 `Forbidden - <reason>` with the header `Reason`, such as BlockedUser or LicenseExpired; nothing is done
"""

from __future__ import annotations

import random
import re
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = frozenset({
    "status", "reset", "drop", "late", "delay", "truncate", "malform", "storm", "rotate_drop", "move", "chain",
    "forbidden",
})  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One fault. `match` is a regular expression searched in the path (after the host, without the query)."""

    kind: str
    match: str = ""
    method: str = ""
    division: int | None = None
    count: int | None = None
    """How many matching calls it hits; None = every one."""
    skip: int = 0
    """How many matching calls pass first."""
    probability: float = 1.0
    seed: int = 0
    delay_ms: float = 0
    status: int = 503
    body: str = ""
    reason: str = "NoDivisionAccess"
    """Why a `forbidden` call is refused."""
    rows: int = 1

    def fits(self, method: str, path: str, division: int | None) -> bool:
        """Tell whether the call is one that this rule looks at."""
        return (
            (not self.method or self.method.upper() == method.upper())
            and (self.division is None or self.division == division)
            and re.search(self.match, path) is not None
        )


@dataclass(frozen=True)
class Latency:
    """Milliseconds added to calls whose path matches; `per_rows` makes it grow with the rows of the answer."""

    match: str = ""
    ms: float = 0
    per_rows: int = 0
    """0 = per call, else `ms` counts once per this many rows of the answer (at least once)."""

    def delay_s(self, rows: int) -> float:
        """Return the seconds to wait for an answer with so many rows."""
        times = 1 if not self.per_rows else max(1.0, rows / self.per_rows)
        return self.ms * times / 1000


@dataclass
class _Armed:
    rule: Rule
    number: int
    seen: int = 0
    hits: int = 0
    draw: random.Random = field(default_factory=random.Random)

    def take(self) -> bool:
        """Count one matching call and tell whether the fault strikes."""
        self.seen += 1
        if self.seen <= self.rule.skip or (self.rule.count is not None and self.hits >= self.rule.count):
            return False
        if self.rule.probability < 1.0 and self.draw.random() >= self.rule.probability:
            return False
        self.hits += 1
        return True


def check(rule: Rule) -> None:
    """Refuse a rule of an unknown kind or with a pattern that is none (ValueError)."""
    if rule.kind not in KINDS:
        raise ValueError(f"Unknown fault kind {rule.kind!r}: use one of {', '.join(sorted(KINDS))}.")
    try:
        re.compile(rule.match)
    except re.error as error:
        raise ValueError(f"The match {rule.match!r} is no regular expression: {error}.") from error


@dataclass
class FaultPlan:
    """The armed rules and latencies; the request pipeline asks `strike` once per call."""

    armed: list[_Armed] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    _next: int = 1

    def add(self, rule: Rule) -> int:
        """Arm a rule and return its number."""
        check(rule)
        number, self._next = self._next, self._next + 1
        self.armed.append(_Armed(rule, number, draw=random.Random(rule.seed)))
        return number

    def clear(self, number: int | None = None) -> None:
        """Disarm one rule, or all of them."""
        self.armed = [] if number is None else [each for each in self.armed if each.number != number]

    def strike(self, method: str, path: str, division: int | None) -> list[Rule]:
        """Return the rules that hit this call, in the order in which they were armed; each is counted."""
        return [each.rule for each in self.armed if each.rule.fits(method, path, division) and each.take()]

    def latency_s(self, path: str, rows: int) -> float:
        """Return the seconds of configured latency for this path; the last fitting setting counts."""
        fitting = [each for each in self.latencies if re.search(each.match, path)]
        return fitting[-1].delay_s(rows) if fitting else 0.0

    def listing(self) -> list[dict[str, Any]]:
        """Return every rule with its number, how many calls it saw and how many it hit."""
        return [{"id": each.number, "seen": each.seen, "hits": each.hits, **asdict(each.rule)} for each in self.armed]
