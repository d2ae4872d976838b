"""The routes of a customer's relation card: its orders and invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.routes import route

if TYPE_CHECKING:
    from exact_connector.documents.models.history import CustomerInvoices, CustomerOrders
    from exact_connector.wiring.container import Container


class CardRoutes:
    """What was ordered by and invoiced to a customer."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "GET /v1/customers/{key}/orders",
        "customerOrders",
        "Read a customer's order history.",
        tag="customers",
        scope=Scope.CATALOG_READ,
        answers={200: "The orders.", 409: "The tenant is not linked."},
    )
    def orders(self, request: Request) -> Json[CustomerOrders]:
        """Return the orders of one customer."""
        return Json(self._box.serving.cards.orders(request.tenant, request.keys))

    @route(
        "GET /v1/customers/{key}/invoices",
        "customerInvoices",
        "Read a customer's invoices.",
        tag="customers",
        scope=Scope.CATALOG_READ,
        answers={200: "The invoices.", 409: "The tenant is not linked."},
    )
    def invoices(self, request: Request) -> Json[CustomerInvoices]:
        """Return the invoices of one customer."""
        return Json(self._box.serving.cards.invoices(request.tenant, request.keys))
