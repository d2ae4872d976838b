"""All routes of this function."""

from __future__ import annotations

from collections.abc import Sequence

from exact_connector.web.routes import Route, routes_of
from exact_connector.wiring.container import Container
from submit_order.purchase_routes import PurchaseOrderRoutes
from submit_order.sales_routes import SalesOrderRoutes

ROUTES = (SalesOrderRoutes, PurchaseOrderRoutes)


def routes(box: Container) -> Sequence[Route]:
    """Return the routes over the product."""
    return [route for kind in ROUTES for route in routes_of(kind(box))]
