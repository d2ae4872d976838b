"""The routes by which platforms create and edit customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from exact_connector.clock import Clock
from exact_connector.customer_requests.record import CustomerRequest, to_response
from exact_connector.customer_requests.service import CustomerRequestService
from exact_connector.web.auth import Scope
from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.routes import Answer, Parameter, Route

_OBJECT: dict[str, Any] = {"type": "object"}
_KEY = Parameter("Idempotency-Key", "Your key of this customer, 1 to 255 characters.", place="header")
_PREFER = Parameter("Prefer", "`respond-async` answers at once, before Exact is asked.", place="header")
_REQUEST = Answer("The request and its state.", _OBJECT)
_TEXT = {"type": "string"}
_EDITABLE: dict[str, Any] = {
    **dict.fromkeys(("name", "country", "vat_number", "email", "phone", "street", "house_number"), _TEXT),
    **dict.fromkeys(("house_number_addition", "address_line2", "address_line3", "postcode", "city"), _TEXT),
    "language_code": _TEXT,
    "status": {"type": "string", "enum": ["C", "P", "S"]},
    "vat_liable": {"type": "boolean"},
}
_NEW = {"type": "object", "required": ["name"], "properties": {**_EDITABLE, "external_id": _TEXT}}
_EDIT = {"type": "object", "properties": _EDITABLE}
_EXAMPLE = {"external_id": "APP-77", "name": "Bakkerij Vos", "country": "NL", "email": "inkoop@example.com"}

SECONDS = 26.0
"""How long a request may take; API Gateway ends it after 29."""


def routes(service: CustomerRequestService, clock: Clock, *, rate: float = 1.0) -> Sequence[Route]:
    """Return the routes over a service; ``rate``: seconds of the clock in a real second."""
    api = _CustomerRoutes(service, lambda: clock.now() + timedelta(seconds=SECONDS * rate))
    write, tag = Scope.ORDERS_WRITE, "customers"
    refused = Answer("The tenant is not linked, or the request is in a state that does not allow this.")
    return [
        Route(
            "POST",
            "/v1/customers",
            "createCustomer",
            "Create a customer; it is brought into Exact exactly once.",
            tag,
            write,
            api.create,
            {
                201: Answer("It is in Exact, with its id.", _OBJECT, headers=("Location", "Idempotent-Replay")),
                202: Answer("It is accepted; see its state.", _OBJECT, headers=("Location", "Idempotent-Replay")),
                409: refused,
            },
            _NEW,
            (_KEY, _PREFER),
            _EXAMPLE,
        ),
        Route(
            "PATCH",
            "/v1/customers/{key}",
            "editCustomer",
            "Change fields of a customer in Exact; what is not sent stays as it is.",
            tag,
            write,
            api.edit,
            {200: Answer("What was written, and warnings.", _OBJECT), 409: refused},
            _EDIT,
            example={"phone": "020 555 0101"},
        ),
        Route(
            "GET",
            "/v1/customer-requests/{request}",
            "getCustomerRequest",
            "Read how far a wanted customer is.",
            tag,
            Scope.ORDERS_READ,
            api.get,
            {200: _REQUEST},
        ),
        Route(
            "POST",
            "/v1/customer-requests/{request}/resend",
            "resendCustomerRequest",
            "Send a refused or waiting one again.",
            tag,
            write,
            api.resend,
            {201: _REQUEST, 202: _REQUEST, 409: refused},
        ),
    ]


class _CustomerRoutes:
    def __init__(self, service: CustomerRequestService, deadline: Callable[[], datetime]) -> None:
        self._service = service
        self._deadline = deadline

    def create(self, request: Request) -> Response:
        accepted = self._service.accept(request.tenant, request.json(), key=request.headers.get("idempotency-key"))
        record = accepted.record
        if "respond-async" not in request.headers.get("prefer", "").lower():
            record = self._service.advance(record, self._deadline())
        return _answer(record, replay=accepted.replay)

    def edit(self, request: Request) -> Response:
        return json_response(200, self._service.edit(request.tenant, request.params["key"], request.json()))

    def get(self, request: Request) -> Response:
        return json_response(200, to_response(self._service.get(request.tenant, request.params["request"])))

    def resend(self, request: Request) -> Response:
        record = self._service.resend(request.tenant, request.params["request"])
        return _answer(self._service.advance(record, self._deadline()), replay=False)


def _answer(record: CustomerRequest, *, replay: bool) -> Response:
    made = record.exact_id is not None
    place = f"/v1/customers/{record.exact_id}" if made else f"/v1/customer-requests/{record.request_id}"
    headers = {"Location": place, **({"Idempotent-Replay": "true"} if replay else {})}
    return json_response(201 if made else 202, to_response(record), headers=headers)
