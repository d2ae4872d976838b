"""All routes of this function."""

from __future__ import annotations

from collections.abc import Sequence

from catalog_api.asset_routes import AssetRoutes
from catalog_api.card_routes import CardRoutes
from catalog_api.collections import collection_routes
from catalog_api.customer_routes import CustomerRoutes
from catalog_api.export_routes import ExportRoutes
from catalog_api.nested_routes import NestedRoutes
from catalog_api.price_routes import PriceRoutes
from catalog_api.reading_routes import CatalogRoutes
from exact_connector.web.routes import Route, routes_of
from exact_connector.wiring.container import Container

ROUTES = (CatalogRoutes, PriceRoutes, CardRoutes, NestedRoutes, CustomerRoutes, ExportRoutes, AssetRoutes)


def routes(box: Container) -> Sequence[Route]:
    """Return the routes over the product."""
    return [*collection_routes(box), *(route for kind in ROUTES for route in routes_of(kind(box)))]
