"""How many examples a property test or state machine tries.

An ordinary run takes the same examples every time, so that it fails only for a change. ``make random`` takes others, so
many times as many as the variable EXAMPLES says; whatever fails there becomes a test of its own.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("EXAMPLES", "1"))
"""So many times as many examples as usual are tried, at random when it is more than one."""


def examples(count: int, **more: Any) -> settings:
    """Return settings that try so many examples in an ordinary run."""
    return settings(max_examples=count * TIMES, deadline=None, suppress_health_check=list(HealthCheck), **more)
