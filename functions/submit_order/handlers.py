"""What the routes of sales and purchase orders do alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_validator

from exact_connector.exactly_once.record import State
from exact_connector.orders.lifecycle.manual_documents import ChosenDocument
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.service import LONGEST_WAIT, AcceptedOrder, to_response
from exact_connector.web.api import request_deadline
from exact_connector.web.auth import Scope
from exact_connector.web.bodies import Body, Line, wrong
from exact_connector.web.http import Json, Request
from exact_connector.web.paging import PAGE, cut, decode_cursor, limit_of, next_link
from exact_connector.web.parameters import Parameter, choice, flag, header, text
from exact_connector.web.routes import Answer

if TYPE_CHECKING:
    from exact_connector.documents.models.orders import Order, OrderPage, OrderTrail, OrderWithBody
    from exact_connector.orders.lifecycle.record import OrderRecord
    from exact_connector.orders.service import OrderService
    from exact_connector.wiring.container import Container

KEY = header("Idempotency-Key", "Your key of this order, 1 to 255 characters.")
PREFER = header("Prefer", f"`wait=N` waits up to N seconds (at most {LONGEST_WAIT}) for Exact.")
STATE = choice("state", "Only orders in this state.", [state.value for state in State])
CUSTOMER = text("customer_id", "Only orders of this customer or supplier.")
OVERDUE = flag("overdue", "`true`: only orders that are late.")
EXTERNAL_ID = text("external_id", "Only the order with your own id.")
LISTED: tuple[Parameter[Any], ...] = (*PAGE, STATE, CUSTOMER, OVERDUE, EXTERNAL_ID)

_HEADERS = ("Location", "Idempotent-Replay")
_NOT_HERE = "It is not found under this address."
_CONFLICT = Answer("The order is in a state that does not allow this, or the tenant is not linked.")
_NOT_PROPOSED = Answer("The document is not proposed; the detail lists those that are.")

SUBMITTED = {
    200: Answer("It was refused, or it was cancelled.", headers=_HEADERS),
    201: Answer("It is in Exact, with Exact's number.", headers=_HEADERS),
    202: Answer("It is accepted and will be in Exact.", headers=_HEADERS),
    409: _CONFLICT,
}
PAGE_OF_ORDERS = {200: Answer("A page of orders.")}
ONE_ORDER = {200: Answer("The order with what was posted.")}
TRAIL = {200: Answer("The transitions, oldest first.")}
RESENT = {202: Answer("The order."), 409: _CONFLICT, 422: Answer(_NOT_HERE)}
CANCELLED = {200: Answer("The order."), 409: _CONFLICT, 422: Answer(_NOT_HERE)}
LINKED = {
    200: Answer("It is `SUBMITTED` with that document's number; the same again if it was so."),
    409: Answer(
        "It is being sent or looked for, has another document or was taken back; or the document belongs to another"
        " one."
    ),
    422: _NOT_PROPOSED,
}
DISMISSED = {
    200: Answer("It without that proposal; the same again if it was dismissed before."),
    409: Answer("It is being sent or looked for, is in Exact already or was taken back."),
    422: _NOT_PROPOSED,
}
PROPOSED_EXAMPLE = {"exact_id": "6f9d3c1e-52b4-4a7e-9a53-0c6d1f2b7e84"}

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")


class ProposedDocument(Body):
    """One of the `proposals` of an order, named by its ID in Exact, by its number there, or by both."""

    exact_id: Annotated[Line, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="The `exact_id` of a proposal."
    )
    exact_number: Annotated[Line, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="The `exact_number` of a proposal, where only one has it."
    )

    @model_validator(mode="after")
    def _names_one(self) -> ProposedDocument:
        if self.exact_id is None and self.exact_number is None:
            raise wrong("Send exact_id or exact_number of one of the proposals.")
        return self


class OrderHandlers:
    """The handlers of one side; ``purchase`` says which."""

    purchase: ClassVar[bool]

    def __init__(self, box: Container) -> None:
        self._box = box

    @property
    def _service(self) -> OrderService:
        return self._box.orders.service

    def _submit(self, request: Request) -> Json[Order]:
        seconds = wait_seconds(request.headers.get("prefer", ""))
        deadline = request_deadline(self._box.clock, self._box.environment.CLOCK_RATE)
        key = request.headers.get("idempotency-key")
        accepted = self._service.accept(request.tenant, request.json(), key=key, purchase=self.purchase)
        record = accepted.record
        if seconds and record.open:
            record = self._service.wait(record, seconds=seconds, deadline=deadline)
        if record.open or not record.seen_in_exact:
            self._service.wake(record)
        return _answer(request, replace(accepted, record=record))

    def _list(self, request: Request, kind: OrderKind | None = None) -> Json[OrderPage]:
        query = request.query
        external_id, state = EXTERNAL_ID.of(query), STATE.of(query)
        if external_id:
            found = self._service.by_external_id(request.tenant, external_id, purchase=self.purchase)
            return Json({"orders": [to_response(record) for record in found], "next": None})
        # Who may only write reads what it posted, by its own id or by the order's, and not what others did.
        request.principal.require(Scope.ORDERS_READ)
        records, position = self._service.page(
            request.tenant,
            after=decode_cursor(query),
            limit=limit_of(query),
            state=None if state is None else State(state),
            kind=kind,
            customer=CUSTOMER.of(query),
            overdue=bool(OVERDUE.of(query)),
            purchase=self.purchase,
        )
        shown, ids = [to_response(record) for record in records], [record.order_id for record in records]
        rows, position = cut(shown, ids, position)
        return Json({"orders": [*rows], "next": next_link(request.path, query, position)})

    def _get(self, request: Request) -> Json[OrderWithBody]:
        record = self._service.get(request.tenant, request.params["order"], purchase=self.purchase)
        return Json({**to_response(record), "order": record.body})

    def _trail(self, request: Request) -> Json[OrderTrail]:
        record = self._service.get(request.tenant, request.params["order"], purchase=self.purchase)
        return Json({"trail": self._service.trail(record.tenant, record.order_id)})

    def _resend(self, request: Request) -> Json[Order]:
        record = self._service.resend(request.tenant, request.params["order"], purchase=self.purchase)
        return Json(to_response(record), 202)

    def _cancel(self, request: Request) -> Json[Order]:
        return Json(to_response(self._service.cancel(request.tenant, request.params["order"], purchase=self.purchase)))

    def _link(self, request: Request) -> Json[Order]:
        return self._judged(request, self._service.link)

    def _dismiss(self, request: Request) -> Json[Order]:
        return self._judged(request, self._service.dismiss)

    def _judged(self, request: Request, judge: Callable[..., OrderRecord]) -> Json[Order]:
        wanted = request.model(ProposedDocument)
        chosen, order = ChosenDocument(wanted.exact_id, wanted.exact_number), request.params["order"]
        record = judge(request.tenant, order, chosen, who=request.principal.name, purchase=self.purchase)
        return Json(to_response(record))


def wait_seconds(prefer: str) -> int:
    """Return the seconds of a ``Prefer: wait=N`` header (RFC 7240), at most the longest; 0 without one."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), LONGEST_WAIT) if found else 0


def _answer(request: Request, accepted: AcceptedOrder) -> Json[Order]:
    record = accepted.record
    headers = {"Location": f"{request.path}/{record.order_id}"}
    if accepted.replay:
        headers["Idempotent-Replay"] = "true"
    in_exact = 201 if record.state is State.SUBMITTED else 200
    return Json(to_response(record), 202 if record.open else in_exact, headers)
