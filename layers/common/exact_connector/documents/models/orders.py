"""Orders, purchase orders and requested customers as clients see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

from exact_connector.documents.models.terms import About, GuidText, MomentText

OrderKind = Literal["order", "quotation", "invoice", "return", "purchase"]
OrderState = Literal["RECEIVED", "SUBMITTING", "UNKNOWN", "SUBMITTED", "REJECTED", "CANCELLED"]
CustomerState = Literal["RECEIVED", "SUBMITTING", "UNKNOWN", "CREATED", "REJECTED", "CANCELLED"]


class Reason(TypedDict):
    """Why an order or customer was refused."""

    pointer: Annotated[
        str, About("JSON pointer into the body; empty where no single place is wrong", example="/warehouse_code")
    ]
    code: Annotated[str, About("Stable code of the cause", example="ORDER_REFERENCE_NOT_FOUND")]
    message: Annotated[str, About("What was seen and what to do about it", example="...")]
    exact_text: NotRequired[
        Annotated[
            str | None, About("What Exact said", null="without words", absent="unless Exact refused", example=None)
        ]
    ]


class OrderWarning(TypedDict):
    """Something odd about an order that stopped nothing."""

    code: Annotated[str, About("Stable code", example="PACKAGE_SIZE")]
    message: Annotated[str, About("What was seen", example="...")]


class Proposal(TypedDict):
    """A document in Exact that a person may have entered for this order."""

    exact_id: Annotated[str, About("ID of the document", example="6f9d3c1e-52b4-4a7e-9a53-0c6d1f2b7e84")]
    exact_number: Annotated[str | None, About("Its number", null="when it has none yet", example="50017")]
    why: Annotated[str, About("Why it is proposed", example="same reference, other items or quantities")]


class Order(TypedDict):
    """An order or purchase order and its state."""

    order_id: Annotated[str, About("Its id", example="o019eb0a1c200k3j9x2mf")]
    kind: Annotated[OrderKind, About("What is ordered", example="order")]
    state: Annotated[OrderState, About("Where it is on its way into Exact", example="SUBMITTED")]
    external_id: Annotated[str | None, About("The client's own id", null="when none was sent", example="WEB-1001")]
    customer_id: Annotated[GuidText, About("The customer or supplier in Exact")]
    accepted_at: Annotated[MomentText, About("When it was accepted")]
    updated_at: Annotated[MomentText, About("When it last changed")]
    exact_number: Annotated[
        str | None, About("Exact's number of the document", null="before Exact gives one", example="50017")
    ]
    exact_id: Annotated[
        str | None,
        About("ID of the document", null="before it is in Exact", example="6f9d3c1e-52b4-4a7e-9a53-0c6d1f2b7e84"),
    ]
    attempts: Annotated[int, About("How often it was sent, or may have been", example=1)]
    reasons: Annotated[list[Reason], About("Why it was refused", example=[])]
    warnings: Annotated[list[OrderWarning], About("What is odd about it", example=[])]
    waiting_for: Annotated[str | None, About("What it waits for", null="when it does not wait", example=None)]
    next_try_at: Annotated[MomentText | None, About("When it is tried next", null="unless it is open")]
    overdue: Annotated[bool, About("Whether it is not in Exact although its hour is over")]
    lines_read_back: Annotated[
        bool, About("Whether its lines were read from Exact and compared with those that were sent", example=True)
    ]
    linked_by_hand: Annotated[bool, About("Whether a person linked it to a document")]
    missing_in_exact: Annotated[bool, About("Whether it was in Exact and is not there any more")]
    proposals: Annotated[list[Proposal], About("Documents that may have been entered for it", example=[])]


class OrderWithBody(Order):
    """An order, its state, and what was posted."""

    order: Annotated[
        Mapping[str, Any],
        About(
            "The order as it was posted",
            example={"external_id": "WEB-1001", "lines": [{"item_code": "A-1000", "quantity": 2}]},
        ),
    ]


class OrderPage(TypedDict):
    """A page of orders, newest first."""

    orders: list[Order]
    next: Annotated[str | None, About("Address of the next page", null="on the last page", example=None)]


# `from` is a word of Python, so that this one cannot be written as a class.
Transition = TypedDict(
    "Transition",
    {
        "at": Annotated[MomentText, About("When")],
        "from": Annotated[
            OrderState | None, About("The state before", null="for the acceptance", example="SUBMITTING")
        ],
        "to": Annotated[OrderState, About("The state since", example="SUBMITTED")],
        "attempt": Annotated[int, About("Number of the attempt", example=1)],
        "reason": Annotated[str, About("Why", example="made by Exact")],
        "request_id": Annotated[
            str | None,
            About("The request or message that caused it", null="when it is not known", example="shop-7f3a9c21"),
        ],
    },
)


class OrderTrail(TypedDict):
    """Every transition of an order, oldest first."""

    trail: list[Transition]


class CustomerRequest(TypedDict):
    """A customer that a platform requested, and its state."""

    request_id: Annotated[str, About("Id of the request", example="c019eb0a1c200k3j9x2mf")]
    state: Annotated[CustomerState, About("Where it is on its way into Exact", example="CREATED")]
    external_id: Annotated[str | None, About("The client's own id", null="when none was sent", example="APP-77")]
    customer_id: Annotated[GuidText | None, About("ID of the account", null="before it is in Exact")]
    customer_code: Annotated[str | None, About("Its code", null="before it is in Exact", example="10002")]
    accepted_at: Annotated[MomentText, About("When it was accepted")]
    updated_at: Annotated[MomentText, About("When it last changed")]
    attempts: Annotated[int, About("How often it was sent, or may have been", example=1)]
    reasons: Annotated[list[Reason], About("Why it was refused", example=[])]
    waiting_for: Annotated[str | None, About("What it waits for", null="when it does not wait", example=None)]
    next_try_at: Annotated[MomentText | None, About("When it is tried next", null="unless it is open")]


class EditWarning(TypedDict):
    """Something odd about an edit of a customer."""

    code: Annotated[str, About("Stable code", example="IGNORED_SETTING")]
    message: Annotated[str, About("What was seen", example="...")]
    about: Annotated[str, About("The setting or field that it is about; empty where there is none", example="")]


class CustomerEdit(TypedDict):
    """What was written to Exact."""

    customer_id: Annotated[GuidText, About("ID of the account")]
    written: Annotated[list[str], About("Properties that were written", example=["Phone"])]
    warnings: Annotated[list[EditWarning], About("What is odd about it", example=[])]
