"""Lambda handler of Exact's webhooks."""

from __future__ import annotations

from exact_connector.wiring import container
from receive_webhook.routes import routes

_box = container()
handler = _box.handler(routes(_box))
