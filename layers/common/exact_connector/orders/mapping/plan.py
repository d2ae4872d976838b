"""What has to be written to Exact for one order: the steps before the document, and the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from exact_connector.catalog.projection import Warning
from exact_connector.orders.model.kinds import OrderKind

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepResult:
    """Stands in a body for the ID that an earlier step brings."""

    step: str


@dataclass(frozen=True, slots=True)
class PriorWrite:
    """One write before the document.

    ``create`` is a POST to ``path`` and brings the new record's ``ID``; ``change`` is a PUT on ``key`` (an ID, or the
    result of an earlier step). Names are unique within a plan, the same on every attempt, and may be remembered.
    """

    name: Literal["invoice_address", "contact", "delivery_address", "delivery_address_contact"]
    method: Literal["create", "change"]
    path: str
    body: Body
    key: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """The document of an order and the writes before it, in sequence. ``warnings`` go with the order's result.

    Bodies contain decimals as ``Decimal`` and dates as ``YYYY-MM-DD``; `filled` replaces each `StepResult` in them.
    """

    kind: OrderKind
    path: str
    body: Body
    steps: tuple[PriorWrite, ...] = ()
    warnings: tuple[Warning, ...] = ()


def filled(body: Mapping[str, Any], results: Mapping[str, str]) -> Body:
    """Return a body with each step's result in its place. Raises KeyError for a step that was not carried out."""
    return {name: results[value.step] if isinstance(value, StepResult) else value for name, value in body.items()}
