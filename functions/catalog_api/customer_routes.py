"""The routes by which platforms create and edit customers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.parameters import header
from exact_connector.web.routes import Answer, route

if TYPE_CHECKING:
    from exact_connector.customer_requests.record import CustomerRequest as Record
    from exact_connector.customer_requests.service import CustomerRequestService
    from exact_connector.documents.models.orders import CustomerEdit, CustomerRequest
    from exact_connector.wiring.container import Container

KEY = header("Idempotency-Key", "Your key of this customer, 1 to 255 characters.")
PREFER = header("Prefer", "`respond-async` answers at once, before Exact is asked.")
_REFUSED = Answer("The tenant is not linked, or the request is in a state that does not allow this.")
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
_HEADERS = ("Location", "Idempotent-Replay")


class CustomerRoutes:
    """Customers that platforms create and edit."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @property
    def _service(self) -> CustomerRequestService:
        return self._box.customers.service

    def _deadline(self) -> datetime:
        from exact_connector.web.api import request_deadline

        return request_deadline(self._box.clock, self._box.environment.CLOCK_RATE)

    @route(
        "POST /v1/customers",
        "createCustomer",
        "Create a customer; it is brought into Exact exactly once.",
        tag="customers",
        scope=Scope.ORDERS_WRITE,
        answers={
            201: Answer("It is in Exact, with its id.", headers=_HEADERS),
            202: Answer("It is accepted; see its state.", headers=_HEADERS),
            409: _REFUSED,
        },
        body=_NEW,
        parameters=(KEY, PREFER),
        example={"external_id": "APP-77", "name": "Bakkerij Vos", "country": "NL", "email": "inkoop@example.com"},
    )
    def create(self, request: Request) -> Json[CustomerRequest]:
        """Take a customer in and create it in Exact, unless the client does not want to wait."""
        accepted = self._service.accept(request.tenant, request.json(), key=request.headers.get("idempotency-key"))
        record = accepted.record
        if "respond-async" not in request.headers.get("prefer", "").lower():
            record = self._service.advance(record, self._deadline())
        return _answer(record, replay=accepted.replay)

    @route(
        "PATCH /v1/customers/{key}",
        "editCustomer",
        "Change fields of a customer in Exact; what is not sent stays as it is.",
        tag="customers",
        scope=Scope.ORDERS_WRITE,
        answers={200: "What was written, and warnings.", 409: _REFUSED},
        body=_EDIT,
        example={"phone": "020 555 0101"},
    )
    def edit(self, request: Request) -> Json[CustomerEdit]:
        """Write the changed fields to Exact."""
        return Json(self._service.edit(request.tenant, request.keys, request.json()))

    @route(
        "GET /v1/customer-requests/{request}",
        "getCustomerRequest",
        "Read how far a requested customer is.",
        tag="customers",
        scope=Scope.ORDERS_READ,
        answers={200: "The request and its state."},
    )
    def get(self, request: Request) -> Json[CustomerRequest]:
        """Return a request."""
        from exact_connector.customer_requests.record import to_response

        return Json(to_response(self._service.get(request.tenant, request.params["request"])))

    @route(
        "POST /v1/customer-requests/{request}/resend",
        "resendCustomerRequest",
        "Send a refused or waiting one again.",
        tag="customers",
        scope=Scope.ORDERS_WRITE,
        answers={201: "It is in Exact.", 202: "The request and its state.", 409: _REFUSED},
    )
    def resend(self, request: Request) -> Json[CustomerRequest]:
        """Send a request again."""
        record = self._service.resend(request.tenant, request.params["request"])
        return _answer(self._service.advance(record, self._deadline()), replay=False)


def _answer(record: Record, *, replay: bool) -> Json[CustomerRequest]:
    from exact_connector.customer_requests.record import to_response

    created = record.exact_id is not None
    place = f"/v1/customers/{record.exact_id}" if created else f"/v1/customer-requests/{record.request_id}"
    headers = {"Location": place, **({"Idempotent-Replay": "true"} if replay else {})}
    return Json(to_response(record), 201 if created else 202, headers)
