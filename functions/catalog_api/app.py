"""Lambda handler of everything that platforms read, and of the customers that they create and edit."""

from __future__ import annotations

from catalog_api.routes import routes
from exact_connector.wiring import container

_box = container()
handler = _box.handler(routes(_box))
