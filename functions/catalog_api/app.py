"""Lambda handler of everything that platforms read."""

from __future__ import annotations

from catalog_api.openapi import whole_document
from catalog_api.routes import routes
from exact_connector.wiring import container

_box = container()
handler = _box.api(routes(_box.documents, _box.feed, _box.quotes, _box.cards, _box.sync_desk.status, whole_document))
