"""The texts of a document's header: description, remarks and the customer's reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exact_connector.orders.mapping.context import MappingContext
from exact_connector.orders.mapping.plan import Body
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.settings.model import Settings

DESCRIPTION_LIMIT = 60
YOUR_REF_LIMIT = 40
FILLING = "App4sales order"


@dataclass(frozen=True, slots=True)
class HeaderTexts:
    """Description and remarks; ``cut`` is True where the description lost its end."""

    description: str
    remarks: str
    cut: bool


def header_texts(order: CanonicalOrder, settings: Settings, additions: Sequence[str] = ()) -> HeaderTexts:
    """Compose description and remarks in the sequence swap, fill, prefix, cut; ``additions`` end the remarks."""
    reference, notes = order.reference or "", order.notes or ""
    base = _first_line(notes) if settings.UseNotesAsDescription else reference
    whole = _prefixed(base or _filling(settings), order.order_type.name or "", settings)
    description = whole[:DESCRIPTION_LIMIT].rstrip()
    cut = len(whole) > DESCRIPTION_LIMIT
    rest = [notes]
    if settings.UseNotesAsDescription:
        # What the description does not show of the notes would be lost, so then all of them go to the remarks.
        rest = [notes if cut or notes != base else "", reference]
    return HeaderTexts(description, "\n".join(part for part in (*rest, *additions) if part), cut)


def your_reference(order: CanonicalOrder, settings: Settings) -> str:
    """Return the customer's reference, empty when there is none; neither field stands in for the other."""
    return (order.reference if settings.UseReferenceAsYourRef else order.your_reference) or ""


def text_fields(context: MappingContext, additions: Sequence[str]) -> Body:
    """Return Description, Remarks and YourRef; empty ones are left out. A reference that is too long is a fault."""
    texts = header_texts(context.order, context.settings, additions)
    body: Body = {}
    if texts.description:
        body["Description"] = texts.description
    if context.kind is not OrderKind.RETURN and (reference := _your_ref(context)):
        body["YourRef"] = reference
    if texts.remarks:
        body["Remarks"] = texts.remarks
    if texts.cut and not context.settings.UseNotesAsDescription:
        context.validation.warn("DESCRIPTION_CUT", f"the description was cut to {DESCRIPTION_LIMIT} characters")
    return body


def _your_ref(context: MappingContext) -> str:
    found = your_reference(context.order, context.settings)
    if len(found) > YOUR_REF_LIMIT:
        field = "reference" if context.settings.UseReferenceAsYourRef else "your_reference"
        message = f"{field} is {len(found)} characters long; Exact takes {YOUR_REF_LIMIT} as YourRef, shorten it"
        context.validation.fault(f"/{field}", message)
        return ""
    return found


def _first_line(notes: str) -> str:
    return notes.split("\n", 1)[0].strip()


def _filling(settings: Settings) -> str:
    return FILLING if settings.FillDescriptionWithApp4SalesOrderWhenEmpty else ""


def _prefixed(description: str, order_type: str, settings: Settings) -> str:
    if not settings.AddOrderTypeToDescription or not order_type:
        return description
    return f"{order_type} - {description}" if description else order_type
