"""What the routes of orders answer, as models: for the OpenAPI document, with an example of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from exact_connector.exactly_once.record import State
from exact_connector.orders.model.kinds import OrderKind

_MOMENT, _LATER = "2026-06-10T08:00:00.000000Z", "2026-06-10T08:00:02.000000Z"
_ID = "o019eb0a1c200k3j9x2mf"
_WAITING: dict[str, Any] = {
    "order_id": _ID,
    "kind": "order",
    "state": "RECEIVED",
    "external_id": "WEB-1001",
    "customer_id": "5a07a2a9-bf1a-4b41-a8ba-98fc2687dfe9",
    "accepted_at": _MOMENT,
    "updated_at": _MOMENT,
    "exact_number": None,
    "exact_id": None,
    "attempts": 0,
    "reasons": [],
    "warnings": [],
    "waiting_for": None,
    "next_try_at": _MOMENT,
    "overdue": False,
    "lines_read_back": False,
    "linked_by_hand": False,
    "missing_in_exact": False,
    "proposals": [],
}
_IN_EXACT = {
    **_WAITING,
    "state": "SUBMITTED",
    "updated_at": _LATER,
    "exact_number": "50017",
    "exact_id": "6f9d3c1e-52b4-4a7e-9a53-0c6d1f2b7e84",
    "attempts": 1,
    "warnings": [
        {"code": "PACKAGE_SIZE", "message": "line 1: 2 x A-1000 is no multiple of its package size 6"},
    ],
    "next_try_at": None,
    "lines_read_back": True,
}
_REFUSED = {
    **_WAITING,
    "state": "REJECTED",
    "updated_at": _LATER,
    "reasons": [
        {
            "pointer": "/warehouse_code",
            "code": "ORDER_REFERENCE_NOT_FOUND",
            "message": "warehouse_code names warehouse '9', which Exact does not have; correct the code",
        }
    ],
    "next_try_at": None,
}


class Reason(BaseModel):
    """Why an order was refused."""

    pointer: str = Field(description="JSON pointer into the order; empty where no single place is wrong.")
    code: str = Field(description="Stable code of the cause.")
    message: str = Field(description="What was seen and what to do about it.")
    exact_text: str | None = Field(default=None, description="What Exact said, where it refused.")


class Remark(BaseModel):
    """Something odd that stopped nothing."""

    code: str
    message: str


class Proposal(BaseModel):
    """A document in Exact that somebody may have entered for this order."""

    exact_id: str
    exact_number: str | None
    why: str


class ShownOrder(BaseModel):
    """An order and where it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WAITING, _IN_EXACT, _REFUSED]})

    order_id: str
    kind: OrderKind
    state: State
    external_id: str | None
    customer_id: str = Field(description="The customer or supplier in Exact.")
    accepted_at: datetime
    updated_at: datetime
    exact_number: str | None = Field(description="Exact's number of the document; null where it gives one later.")
    exact_id: str | None
    attempts: int = Field(description="How often it was sent, or may have been.")
    reasons: list[Reason] = Field(description="Why it was refused.")
    warnings: list[Remark]
    waiting_for: str | None = Field(description="What an open order waits for.")
    next_try_at: datetime | None
    overdue: bool = Field(description="It was not in Exact within the hour.")
    lines_read_back: bool = Field(description="Its lines were read from Exact and compared with those that were sent.")
    linked_by_hand: bool
    missing_in_exact: bool = Field(description="It was in Exact and is not there any more.")
    proposals: list[Proposal]


class WholeOrder(ShownOrder):
    """An order, where it stands, and what was posted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_IN_EXACT,
                    "order": {
                        "external_id": "WEB-1001",
                        "customer_code": "10001",
                        "lines": [{"item_code": "A-1000", "quantity": 2, "unit_price": "12.50"}],
                    },
                }
            ]
        }
    )

    order: dict[str, Any] = Field(description="The order as it was posted.")


class OrderPage(BaseModel):
    """A page of orders, newest first; with a filter it may be short, also empty, while `next` leads on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"orders": [_IN_EXACT, _REFUSED], "next": None}]})

    orders: list[ShownOrder]
    next: str | None = Field(description="The address of the next page; null at the end.")


class Transition(BaseModel):
    """One change of state, or of what is known."""

    model_config = ConfigDict(populate_by_name=True)

    at: datetime
    origin: State | None = Field(alias="from", description="The state before; null for the acceptance.")
    to: State
    attempt: int
    reason: str
    request_id: str | None = Field(
        description="The `X-Request-Id` of the request or message that caused it, to be found in the logs.",
    )


class OrderTrail(BaseModel):
    """Every transition of an order, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "trail": [
                        {
                            "at": _MOMENT,
                            "from": None,
                            "to": "RECEIVED",
                            "attempt": 0,
                            "reason": "",
                            "request_id": "shop-7f3a9c21",
                        },
                        {
                            "at": _LATER,
                            "from": "RECEIVED",
                            "to": "SUBMITTING",
                            "attempt": 1,
                            "reason": "attempt recorded",
                            "request_id": "shop-7f3a9c21",
                        },
                        {
                            "at": _LATER,
                            "from": "SUBMITTING",
                            "to": "SUBMITTED",
                            "attempt": 1,
                            "reason": "made by Exact",
                            "request_id": "shop-7f3a9c21",
                        },
                    ]
                }
            ]
        }
    )

    trail: list[Transition]
