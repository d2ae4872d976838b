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
        *routes(
            box.documents.store,
            box.documents.feed,
            box.serving.quotes,
            box.serving.cards,
            box.sync.control.status,
            whole_document,
        ),
        *customer_routes.routes(box.customers.service, box.clock, rate=box.environment.CLOCK_RATE),
        *export_routes.routes(box.serving.exports),
        *asset_routes.routes(box.assets.library),
    ]
