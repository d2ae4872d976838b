"""Events: what goes to the EventBridge bus of the deployment and to a tenant's own webhook."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.orders import OrderKind, OrderState
from exact_connector.documents.models.terms import About, MomentText

_TENANT = About("Id of the tenant", example="acme")


class OrderEvent(TypedDict):
    """`order.numbered`, `order.missing`, `order.overdue`, `order.rejected`, `order.submitted`, `order.lines_differ`."""

    tenant: Annotated[str, _TENANT]
    order_id: Annotated[str, About("Id of the order", example="o019eb0a1c200k3j9x2mf")]
    kind: Annotated[OrderKind, About("What is ordered", example="order")]
    external_id: Annotated[str | None, About("The client's own id", null="when none was sent", example="WEB-1001")]
    accepted_at: Annotated[MomentText, About("When it was accepted")]
    exact_number: NotRequired[
        Annotated[
            str | None,
            About("Exact's number", null="when it has none yet", absent="of other events", example="50017"),
        ]
    ]
    found_in_exact: NotRequired[Annotated[bool, About("Whether it was found there", absent="unless submitted")]]
    linked_by_hand: NotRequired[Annotated[bool, About("Whether a person linked it", absent="unless one did")]]
    codes: NotRequired[Annotated[list[str], About("Why, as stable codes", absent="unless rejected", example=[])]]
    state: NotRequired[Annotated[OrderState, About("Its state", absent="unless overdue", example="UNKNOWN")]]
    differences: NotRequired[Annotated[int, About("Lines that differ", absent="unless lines differ", example=1)]]


class ConnectionEvent(TypedDict):
    """`connection.reauthorize` and `connection.expiring`."""

    tenant: Annotated[str, _TENANT]
    division: Annotated[int | None, About("Administration", null="before the tenant was linked", example=123456)]
    generation: Annotated[int, About("Number of the newest pair of tokens", example=7)]
    reason: Annotated[str, About("Why", example="...")]
    reconnect: Annotated[str, About("Where an administrator links again", example="/oauth/start?tenant=acme")]
    dies_at: NotRequired[Annotated[MomentText, About("When it dies unused", absent="unless it is expiring")]]


class StreamEvent(TypedDict):
    """`sync.parked` and `sync.mass_deletion_refused`."""

    tenant: Annotated[str, _TENANT]
    stream: Annotated[str, About("The stream", example="items")]
    code: NotRequired[Annotated[str, About("Stable code", absent="unless parked", example="FORBIDDEN")]]
    endpoint: NotRequired[Annotated[str, About("Endpoint of Exact", absent="unless parked", example="crm/Accounts")]]
    rows: NotRequired[Annotated[int, About("Rows that were read", absent="unless deletions are refused", example=9)]]
    missing: NotRequired[Annotated[int, About("Rows that vanished", absent="unless deletions are refused", example=9)]]


class FamilyEvent(TypedDict):
    """`sync.projection_stopped`."""

    tenant: Annotated[str, _TENANT]
    family: Annotated[str, About("The family", example="items")]
    code: Annotated[str, About("Stable code", example="CONFIGURATION")]


class WebhookDelivery(TypedDict):
    """What is posted to a tenant's webhook."""

    id: Annotated[str, About("Id of the delivery; a repetition has the same", example="...")]
    type: Annotated[str, About("The event", example="order.submitted")]
    created_at: Annotated[MomentText, About("When it happened")]
    data: Annotated[dict[str, Any], About("The event's own fields", example={})]
