"""Lambda handler of the order intake over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

from exact_connector.wiring import container
from submit_order.routes import routes

_box = container()
_SECONDS = 26.0


def _deadline() -> datetime:
    """Return when a request has to end: API Gateway gives it 29 seconds."""
    return _box.clock.now() + timedelta(seconds=_SECONDS * _box.environment.CLOCK_RATE)


handler = _box.handler(routes(_box.orders.service, _deadline))
