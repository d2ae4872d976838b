"""The product's clock in a local run: as fast as asked for, the same for connector and sandbox, never going back."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProductClock:
    """Tells ``origin + (real - origin) * rate + offset``, in seconds since 1970."""

    rate: float = 1.0
    origin: float = 0.0
    offset: float = 0.0

    def at(self, real: float) -> float:
        """Return the product's time at a real moment."""
        return self.origin + (real - self.origin) * self.rate + self.offset

    def text_at(self, real: float) -> str:
        """Return the product's time at a real moment as RFC 3339."""
        return datetime.fromtimestamp(self.at(real), UTC).isoformat()

    def restarted(self, rate: Decimal, real: float) -> ProductClock:
        """Return the clock that goes on from here at another rate; real time when both run at one."""
        if rate == 1 and self.at(real) == real:
            return ProductClock()
        return ProductClock(float(rate), real, self.at(real) - real)


def continued_clock(stored: Path, rate: Decimal, real: float) -> ProductClock:
    """Return the clock of a state folder at a new rate and remember it there: time that has passed stays passed."""
    before = ProductClock()
    with suppress(FileNotFoundError, ValueError, TypeError):
        before = ProductClock(**json.loads(stored.read_text()))
    clock = before.restarted(rate, real)
    stored.write_text(json.dumps(asdict(clock)))
    return clock
