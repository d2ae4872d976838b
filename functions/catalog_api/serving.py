"""All routes of this function over the parts of the product."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_api import asset_routes, customer_routes, export_routes
from catalog_api.openapi import whole_document
from catalog_api.routes import routes
from exact_connector.web.routes import Route
from exact_connector.wiring.container import Container


def serving(box: Container) -> Sequence[Route]:
    """Return what platforms read, and the customers that they create and edit."""
    return [
        *routes(box.documents, box.feed, box.quotes, box.cards, box.sync_desk.status, whole_document),
        *customer_routes.routes(box.customer_desk, box.clock, rate=box.environment.CLOCK_RATE),
        *export_routes.routes(box.exports),
        *asset_routes.routes(box.library),
    ]
