"""The routes of sales and purchase orders."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from exact_connector.errors import Fault, InvalidInput
from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.manual_documents import ChosenDocument
from exact_connector.orders.lifecycle.record import OrderRecord
from exact_connector.orders.model.canonical import CanonicalOrder, PurchaseOrder, SalesKind
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.service import LONGEST_WAIT, AcceptedOrder, OrderService, to_response
from exact_connector.web.auth import Scope
from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.paging import decode_cursor, limit_of, next_link
from exact_connector.web.routes import Answer, Parameter, Route
from submit_order.answers import OrderPage, OrderTrail, ShownOrder, WholeOrder

_KEY = Parameter("Idempotency-Key", "Your key of this order, 1 to 255 characters.", place="header")
_PREFER = Parameter("Prefer", f"`wait=N` waits up to N seconds (at most {LONGEST_WAIT}) for Exact.", place="header")
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")
_HEADERS = ("Location", "Idempotent-Replay")
_WHOLE = Answer("The order with what was posted.", WholeOrder)
_KIND = Parameter("kind", "Only orders of this kind.", {"type": "string", "enum": list(get_args(SalesKind))})
_ORDER = Answer("The order.", ShownOrder)
_CONFLICT = Answer("The order is in a state that does not allow this, or the tenant is not linked.")
_EXAMPLE = {
    "external_id": "WEB-1001",
    "customer_code": "10001",
    "reference": "PO 4711",
    "lines": [{"item_code": "A-1000", "quantity": 2, "unit_price": "12.50"}],
}
_PURCHASE_EXAMPLE = {
    "external_id": "BUY-77",
    "supplier_code": "20001",
    "lines": [{"item_code": "A-1000", "quantity": 24}],
}
_PROPOSED_EXAMPLE = {"exact_id": "6f9d3c1e-52b4-4a7e-9a53-0c6d1f2b7e84"}


class ProposedDocument(BaseModel):
    """One of the `proposals` of an order, named by its ID in Exact, by its number there, or by both."""

    model_config = ConfigDict(extra="forbid")

    exact_id: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="The `exact_id` of a proposal."
    )
    exact_number: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="The `exact_number` of a proposal, where only one has it."
    )

    @model_validator(mode="after")
    def _names_one(self) -> ProposedDocument:
        if self.exact_id is None and self.exact_number is None:
            raise ValueError("Send exact_id or exact_number of one of the proposals.")
        return self


def routes(service: OrderService, deadline: Callable[[], datetime]) -> Sequence[Route]:
    """Return the routes over a service; ``deadline`` is when the current invocation has to end."""
    return [
        *_side(_OrderRoutes(service, deadline, purchase=False), "/v1/orders", "Order", "orders"),
        *_side(_OrderRoutes(service, deadline, purchase=True), "/v1/purchase-orders", "PurchaseOrder", "purchasing"),
    ]


def _side(api: _OrderRoutes, path: str, name: str, tag: str) -> list[Route]:
    words, name_of_many = ("a purchase order", "purchase orders") if api.purchase else ("an order", "orders")
    read, write = Scope.ORDERS_READ, Scope.ORDERS_WRITE
    return [
        Route(
            "POST",
            path,
            f"submit{name}",
            f"Post {words}; it is brought into Exact exactly once.",
            tag,
            write,
            api.submit,
            {
                200: Answer("It was refused, or it was cancelled.", ShownOrder, headers=_HEADERS),
                201: Answer("It is in Exact, with Exact's number.", ShownOrder, headers=_HEADERS),
                202: Answer("It is accepted and will be in Exact.", ShownOrder, headers=_HEADERS),
                409: _CONFLICT,
            },
            PurchaseOrder if api.purchase else CanonicalOrder,
            (_KEY, _PREFER),
            _PURCHASE_EXAMPLE if api.purchase else _EXAMPLE,
        ),
        Route(
            "GET",
            path,
            f"list{name}s",
            f"List {name_of_many}, newest first.",
            tag,
            read,
            api.list,
            {200: Answer("A page of orders.", OrderPage)},
            parameters=(
                Parameter("cursor", "The cursor of the previous page."),
                Parameter("limit", "Rows per page.", {"type": "integer", "minimum": 1, "maximum": 1000}),
                Parameter("state", "Only orders in this state.", {"type": "string", "enum": [s.value for s in State]}),
                *([] if api.purchase else [_KIND]),
                Parameter("customer_id", "Only orders of this customer or supplier."),
                Parameter("overdue", "`true`: only orders that are late.", {"type": "boolean"}),
                Parameter("external_id", "Only the order with your own id."),
            ),
        ),
        Route("GET", path + "/{order}", f"get{name}", f"Read {words}.", tag, read, api.get, {200: _WHOLE}),
        Route(
            "GET",
            path + "/{order}/trail",
            f"trail{name}",
            "Read every transition.",
            tag,
            read,
            api.trail,
            {200: Answer("The transitions, oldest first.", OrderTrail)},
        ),
        Route(
            "POST",
            path + "/{order}/resend",
            f"resend{name}",
            "Send a refused or waiting one again.",
            tag,
            write,
            api.resend,
            {202: _ORDER, 409: _CONFLICT, 422: Answer("It is not found under this address.")},
        ),
        Route(
            "POST",
            path + "/{order}/cancel",
            f"cancel{name}",
            "Take one back before it is sent.",
            tag,
            write,
            api.cancel,
            {200: _ORDER, 409: _CONFLICT, 422: Answer("It is not found under this address.")},
        ),
        Route(
            "POST",
            path + "/{order}/link",
            f"link{name}",
            "Say which of the proposed documents in Exact, entered there by hand, is this one; it is not sent then.",
            tag,
            write,
            api.link,
            {
                200: Answer("It is `SUBMITTED` with that document's number; the same again if it was so.", ShownOrder),
                409: Answer(
                    "It is being sent or looked for, has another document or was taken back; or the document belongs"
                    " to another one."
                ),
                422: Answer("The document is not proposed; the detail lists those that are."),
            },
            ProposedDocument,
            example=_PROPOSED_EXAMPLE,
        ),
        Route(
            "POST",
            path + "/{order}/dismiss",
            f"dismissProposalOf{name}",
            "Say which of the proposed documents is not this one; it is neither proposed nor linked by itself again.",
            tag,
            write,
            api.dismiss,
            {
                200: Answer("It without that proposal; the same again if it was dismissed before.", ShownOrder),
                409: Answer("It is being sent or looked for, is in Exact already or was taken back."),
                422: Answer("The document is not proposed; the detail lists those that are."),
            },
            ProposedDocument,
            example=_PROPOSED_EXAMPLE,
        ),
    ]


class _OrderRoutes:
    def __init__(self, service: OrderService, deadline: Callable[[], datetime], *, purchase: bool) -> None:
        self._service = service
        self._deadline = deadline
        self.purchase = purchase

    def submit(self, request: Request) -> Response:
        seconds = wait_seconds(request.headers.get("prefer", ""))
        key = request.headers.get("idempotency-key")
        accepted = self._service.accept(request.tenant, request.json(), key=key, purchase=self.purchase)
        record = accepted.record
        if seconds and record.open:
            record = self._service.wait(record, seconds=seconds, deadline=self._deadline())
        if record.open or not record.seen_in_exact:
            self._service.wake(record)
        return self._answer(request, replace(accepted, record=record))

    def _answer(self, request: Request, accepted: AcceptedOrder) -> Response:
        record = accepted.record
        headers = {"Location": f"{request.path.rstrip('/')}/{record.order_id}"}
        if accepted.replay:
            headers["Idempotent-Replay"] = "true"
        in_exact = 201 if record.state is State.SUBMITTED else 200
        status = 202 if record.open else in_exact
        return json_response(status, to_response(record), headers=headers)

    def list(self, request: Request) -> Response:
        external_id = request.query.get("external_id")
        if external_id:
            found = self._service.by_external_id(request.tenant, external_id, purchase=self.purchase)
            return json_response(200, {"orders": [to_response(record) for record in found], "next": None})
        records, position = self._service.page(
            request.tenant,
            after=decode_cursor(request.query),
            limit=limit_of(request.query),
            state=_state(request.query.get("state")),
            kind=_kind(request.query.get("kind")),
            customer=request.query.get("customer_id"),
            overdue=request.query.get("overdue", "").lower() in ("true", "1"),
            purchase=self.purchase,
        )
        following = next_link(request.path, request.query, position)
        return json_response(200, {"orders": [to_response(record) for record in records], "next": following})

    def get(self, request: Request) -> Response:
        record = self._service.get(request.tenant, request.params["order"], purchase=self.purchase)
        return json_response(200, {**to_response(record), "order": record.body})

    def trail(self, request: Request) -> Response:
        record = self._service.get(request.tenant, request.params["order"], purchase=self.purchase)
        return json_response(200, {"trail": list(self._service.trail(record.tenant, record.order_id))})

    def resend(self, request: Request) -> Response:
        return json_response(
            202, to_response(self._service.resend(request.tenant, request.params["order"], purchase=self.purchase))
        )

    def cancel(self, request: Request) -> Response:
        return json_response(
            200, to_response(self._service.cancel(request.tenant, request.params["order"], purchase=self.purchase))
        )

    def link(self, request: Request) -> Response:
        return self._judged(request, self._service.link)

    def dismiss(self, request: Request) -> Response:
        return self._judged(request, self._service.dismiss)

    def _judged(self, request: Request, judge: Callable[..., OrderRecord]) -> Response:
        wanted = request.model(ProposedDocument)
        chosen, order = ChosenDocument(wanted.exact_id, wanted.exact_number), request.params["order"]
        record = judge(request.tenant, order, chosen, who=request.principal.name, purchase=self.purchase)
        return json_response(200, to_response(record))


def wait_seconds(prefer: str) -> int:
    """Return the seconds of a ``Prefer: wait=N`` header (RFC 7240), at most the longest; 0 without one."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), LONGEST_WAIT) if found else 0


def _kind(text: str | None) -> OrderKind | None:
    if text is None:
        return None
    kinds = get_args(SalesKind)
    if text not in kinds:
        fault = Fault("?kind", "KIND", f"Send one of {', '.join(kinds)}.")
        raise InvalidInput(f"There is no kind of order {text[:20]!r}.", [fault])
    return OrderKind(text)


def _state(text: str | None) -> State | None:
    if text is None:
        return None
    try:
        return State(text)
    except ValueError as error:
        known = ", ".join(state.value for state in State)
        fault = Fault("?state", "STATE", f"Send one of {known}.")
        raise InvalidInput(f"There is no state {text[:20]!r}.", [fault]) from error
