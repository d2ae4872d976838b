"""Lambda handler of linking."""

from __future__ import annotations

from exact_connector.wiring import container
from oauth_callback.routes import routes

_box = container()
handler = _box.handler(routes(_box))
