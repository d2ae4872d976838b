"""Lambda handler of the order intake over HTTP."""

from __future__ import annotations

from exact_connector.wiring import container
from submit_order.routes import routes

_box = container()
handler = _box.handler(routes(_box))
