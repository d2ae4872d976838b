"""Lambda handler of tenants."""

from __future__ import annotations

from exact_connector.wiring import container
from tenant_api.routes import routes

_box = container()
handler = _box.handler(routes(_box))
