"""The routes of purchase orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exact_connector.orders.model.canonical import PurchaseOrder
from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
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


class PurchaseOrderRoutes(OrderHandlers):
    """Purchase orders: posted, listed, read, steered."""

    purchase = True

    @route(
        "POST /v1/purchase-orders",
        "submitPurchaseOrder",
        "Post a purchase order; it is brought into Exact exactly once.",
        tag="purchasing",
        scope=Scope.ORDERS_WRITE,
        answers=SUBMITTED,
        body=PurchaseOrder,
        parameters=(KEY, PREFER),
        example={
            "external_id": "BUY-77",
            "supplier_code": "20001",
            "lines": [{"item_code": "A-1000", "quantity": 24}],
        },
    )
    def submit(self, request: Request) -> Json[Order]:
        """Take a purchase order in, and wait for Exact if the client wants that."""
        return self._submit(request)

    @route(
        "GET /v1/purchase-orders",
        "listPurchaseOrders",
        "List purchase orders, newest first.",
        tag="purchasing",
        scope=Scope.ORDERS_READ,
        or_scope=Scope.ORDERS_WRITE,
        answers=PAGE_OF_ORDERS,
        parameters=LISTED,
    )
    def list(self, request: Request) -> Json[OrderPage]:
        """Return a page of purchase orders."""
        return self._list(request)

    @route(
        "GET /v1/purchase-orders/{order}",
        "getPurchaseOrder",
        "Read a purchase order.",
        tag="purchasing",
        scope=Scope.ORDERS_READ,
        or_scope=Scope.ORDERS_WRITE,
        answers=ONE_ORDER,
    )
    def get(self, request: Request) -> Json[OrderWithBody]:
        """Return a purchase order with what was posted."""
        return self._get(request)

    @route(
        "GET /v1/purchase-orders/{order}/trail",
        "trailPurchaseOrder",
        "Read every transition.",
        tag="purchasing",
        scope=Scope.ORDERS_READ,
        or_scope=Scope.ORDERS_WRITE,
        answers=TRAIL,
    )
    def trail(self, request: Request) -> Json[OrderTrail]:
        """Return the transitions."""
        return self._trail(request)

    @route(
        "POST /v1/purchase-orders/{order}/resend",
        "resendPurchaseOrder",
        "Send a refused or waiting one again.",
        tag="purchasing",
        scope=Scope.ORDERS_WRITE,
        answers=RESENT,
    )
    def resend(self, request: Request) -> Json[Order]:
        """Send it again."""
        return self._resend(request)

    @route(
        "POST /v1/purchase-orders/{order}/cancel",
        "cancelPurchaseOrder",
        "Take one back before it is sent.",
        tag="purchasing",
        scope=Scope.ORDERS_WRITE,
        answers=CANCELLED,
    )
    def cancel(self, request: Request) -> Json[Order]:
        """Take it back."""
        return self._cancel(request)

    @route(
        "POST /v1/purchase-orders/{order}/link",
        "linkPurchaseOrder",
        "Say which of the proposed documents in Exact, entered there by hand, is this one; it is not sent then.",
        tag="purchasing",
        scope=Scope.ORDERS_WRITE,
        answers=LINKED,
        body=ProposedDocument,
        example=PROPOSED_EXAMPLE,
    )
    def link(self, request: Request) -> Json[Order]:
        """Link it to a proposed document."""
        return self._link(request)

    @route(
        "POST /v1/purchase-orders/{order}/dismiss",
        "dismissProposalOfPurchaseOrder",
        "Say which of the proposed documents is not this one; it is neither proposed nor linked by itself again.",
        tag="purchasing",
        scope=Scope.ORDERS_WRITE,
        answers=DISMISSED,
        body=ProposedDocument,
        example=PROPOSED_EXAMPLE,
    )
    def dismiss(self, request: Request) -> Json[Order]:
        """Keep a document from being proposed again."""
        return self._dismiss(request)
