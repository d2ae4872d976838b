"""Moments and times of the tables of transitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exact_connector.exactly_once.attempts import LifecycleTimes

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
TIMES = LifecycleTimes(post=60, grace=120, look=10, backoff=15, step=5)


def after(seconds: float) -> datetime:
    """Return a moment so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)
