"""The routes of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from exact_connector.orders.model.canonical import CanonicalOrder, SalesKind
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.parameters import choice
from exact_connector.web.routes import route
from submit_order.handlers import (
    CANCELLED,
    DISMISSED,
    KEY,
    LINKED,
    LISTED,
    ONE_ORDER,
    PAGE_OF_ORDERS,
    PREFER,
    PROPOSED_EXAMPLE,
    RESENT,
    SUBMITTED,
    TRAIL,
    OrderHandlers,
    ProposedDocument,
)

if TYPE_CHECKING:
    from exact_connector.documents.models.orders import Order, OrderPage, OrderTrail, OrderWithBody

KIND = choice("kind", "Only orders of this kind.", get_args(SalesKind))


class SalesOrderRoutes(OrderHandlers):
    """Sales orders, quotations, invoices and returns: posted, listed, read, steered."""

    purchase = False

    @route(
        "POST /v1/orders",
        "submitOrder",
        "Post an order; it is brought into Exact exactly once.",
        tag="orders",
        scope=Scope.ORDERS_WRITE,
        answers=SUBMITTED,
        body=CanonicalOrder,
        parameters=(KEY, PREFER),
        example={
            "external_id": "WEB-1001",
            "customer_code": "10001",
            "reference": "PO 4711",
            "lines": [{"item_code": "A-1000", "quantity": 2, "unit_price": "12.50"}],
        },
    )
    def submit(self, request: Request) -> Json[Order]:
        """Take an order in, and wait for Exact if the client wants that."""
        return self._submit(request)

    @route(
        "GET /v1/orders",
        "listOrders",
        "List orders, newest first.",
        tag="orders",
        scope=Scope.ORDERS_READ,
        or_scope=Scope.ORDERS_WRITE,
        answers=PAGE_OF_ORDERS,
        parameters=(*LISTED, KIND),
    )
    def list(self, request: Request) -> Json[OrderPage]:
        """Return a page of orders."""
        kind = KIND.of(request.query)
        return self._list(request, None if kind is None else OrderKind(kind))

    @route(
        "GET /v1/orders/{order}",
        "getOrder",
        "Read an order.",
        tag="orders",
        scope=Scope.ORDERS_READ,
        or_scope=Scope.ORDERS_WRITE,
        answers=ONE_ORDER,
    )
    def get(self, request: Request) -> Json[OrderWithBody]:
        """Return an order with what was posted."""
        return self._get(request)

    @route(
        "GET /v1/orders/{order}/trail",
        "trailOrder",
        "Read every transition.",
        tag="orders",
        scope=Scope.ORDERS_READ,
        or_scope=Scope.ORDERS_WRITE,
        answers=TRAIL,
    )
    def trail(self, request: Request) -> Json[OrderTrail]:
        """Return the transitions."""
        return self._trail(request)

    @route(
        "POST /v1/orders/{order}/resend",
        "resendOrder",
        "Send a refused or waiting one again.",
        tag="orders",
        scope=Scope.ORDERS_WRITE,
        answers=RESENT,
    )
    def resend(self, request: Request) -> Json[Order]:
        """Send it again."""
        return self._resend(request)

    @route(
        "POST /v1/orders/{order}/cancel",
        "cancelOrder",
        "Take one back before it is sent.",
        tag="orders",
        scope=Scope.ORDERS_WRITE,
        answers=CANCELLED,
    )
    def cancel(self, request: Request) -> Json[Order]:
        """Take it back."""
        return self._cancel(request)

    @route(
        "POST /v1/orders/{order}/link",
        "linkOrder",
        "Say which of the proposed documents in Exact, entered there by hand, is this one; it is not sent then.",
        tag="orders",
        scope=Scope.ORDERS_WRITE,
        answers=LINKED,
        body=ProposedDocument,
        example=PROPOSED_EXAMPLE,
    )
    def link(self, request: Request) -> Json[Order]:
        """Link it to a proposed document."""
        return self._link(request)

    @route(
        "POST /v1/orders/{order}/dismiss",
        "dismissProposalOfOrder",
        "Say which of the proposed documents is not this one; it is neither proposed nor linked by itself again.",
        tag="orders",
        scope=Scope.ORDERS_WRITE,
        answers=DISMISSED,
        body=ProposedDocument,
        example=PROPOSED_EXAMPLE,
    )
    def dismiss(self, request: Request) -> Json[Order]:
        """Keep a document from being proposed again."""
        return self._dismiss(request)
