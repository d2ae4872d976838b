"""Lambda handler of everything that platforms read, and of the customers that they create and edit."""

from __future__ import annotations

from catalog_api import customer_routes
from catalog_api.openapi import whole_document
from catalog_api.routes import routes
from exact_connector.wiring import container

_box = container()
handler = _box.api(
    [
        *routes(_box.documents, _box.feed, _box.quotes, _box.cards, _box.sync_desk.status, whole_document),
        *customer_routes.routes(_box.customer_desk, _box.clock, rate=_box.environment.CLOCK_RATE),
    ]
)
