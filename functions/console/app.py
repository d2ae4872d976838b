"""Lambda handler of the pages for administrators."""

from __future__ import annotations

from console.routes import routes
from exact_connector.wiring import container

_box = container()
handler = _box.handler(routes(_box))
