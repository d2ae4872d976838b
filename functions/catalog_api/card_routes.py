"""The routes of a customer's relation card: its orders and invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.paging import CURSOR, cut, decode_cursor, index_after, next_link
from exact_connector.web.routes import route

if TYPE_CHECKING:
    from exact_connector.documents.models.history import CustomerInvoicePage, CustomerOrderPage
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
        answers={200: "The orders; all of them, as far as they fit on a page.", 409: "The tenant is not linked."},
        parameters=(CURSOR,),
    )
    def orders(self, request: Request) -> Json[CustomerOrderPage]:
        """Return the orders of one customer."""
        found = self._box.serving.cards.orders(request.tenant, request.keys)
        ids = [order["order_id"] for order in found["orders"]]
        first = index_after(ids, decode_cursor(request.query))
        rows, position = cut(found["orders"][first:], ids[first:], None)
        following = next_link(request.path, request.query, position)
        return Json({"orders": [*rows], "next": following, "warnings": found["warnings"]})

    @route(
        "GET /v1/customers/{key}/invoices",
        "customerInvoices",
        "Read a customer's invoices.",
        tag="customers",
        scope=Scope.CATALOG_READ,
        answers={200: "The invoices; all of them, as far as they fit on a page.", 409: "The tenant is not linked."},
        parameters=(CURSOR,),
    )
    def invoices(self, request: Request) -> Json[CustomerInvoicePage]:
        """Return the invoices of one customer."""
        found = self._box.serving.cards.invoices(request.tenant, request.keys)
        ids = [str(invoice["invoice_id"]) for invoice in found["invoices"]]
        first = index_after(ids, decode_cursor(request.query))
        rows, position = cut(found["invoices"][first:], ids[first:], None)
        following = next_link(request.path, request.query, position)
        return Json({"hidden": found["hidden"], "invoices": [*rows], "next": following})
