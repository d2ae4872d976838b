"""A canonical order -> the document that Exact gets, with the writes before it. Pure.

The sequence of one order: resolve everything, invoice address, other contact, delivery address, live stock, document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from exact_connector.orders.mapping.addresses import delivery, invoice_address
from exact_connector.orders.mapping.contacts import receiver
from exact_connector.orders.mapping.context import DEFAULT_CONSTANTS, Constants, MappingContext, PlacedLine
from exact_connector.orders.mapping.dates import header_dates
from exact_connector.orders.mapping.header import NAMES, header
from exact_connector.orders.mapping.lines import placed_lines, sales_lines
from exact_connector.orders.mapping.plan import DocumentPlan, PriorWrite
from exact_connector.orders.mapping.returns import return_lines
from exact_connector.orders.mapping.unused_fields import warn_unused
from exact_connector.orders.mapping.validation import REFERENCE_NOT_FOUND, Validation
from exact_connector.orders.model.canonical import CanonicalOrder
from exact_connector.orders.model.kinds import DOCUMENTS, OrderKind
from exact_connector.orders.model.references import OrderCustomer, ResolvedReferences
from exact_connector.settings.model import Settings

_UNKNOWN_CUSTOMER = OrderCustomer("", None, vat_liable=False)


def plan_document(
    order: CanonicalOrder,
    settings: Settings,
    references: ResolvedReferences,
    today: date,
    constants: Constants = DEFAULT_CONSTANTS,
) -> DocumentPlan:
    """Plan the document of an order. ``today`` is the date in Europe/Amsterdam.

    ``references`` contain at least what `required_references` asks for. Raises InvalidInput with every fault that was
    found; nothing may be written then. The same arguments always give the same plan.
    """
    context = start(order, settings, references, today, constants)
    if isinstance(context, Validation):
        context.raise_faults()
        raise AssertionError("an order without a customer has a fault")
    plan = draft(context, placed_lines(context))
    context.validation.raise_faults()
    return plan


def start(
    order: CanonicalOrder,
    settings: Settings,
    references: ResolvedReferences,
    today: date,
    constants: Constants = DEFAULT_CONSTANTS,
    *,
    lenient: bool = False,
) -> MappingContext | Validation:
    """Begin the mapping; without a customer there is none, only the fault. A lenient one looks for further faults."""
    validation = Validation()
    if references.customer is None:
        pointer = "/customer_id" if order.customer_id is not None else "/customer_code"
        message = "the customer is not delivered to clients or does not exist; check the ID or code"
        validation.fault(pointer, message, code=REFERENCE_NOT_FOUND)
        if not lenient:
            return validation
    customer = references.customer or _UNKNOWN_CUSTOMER
    return MappingContext(order, settings, references, customer, today, constants, validation, lenient)


def draft(context: MappingContext, lines: Sequence[PlacedLine]) -> DocumentPlan:
    """Put the plan together; what is wrong is in ``context.validation``, and the plan counts only without faults."""
    person = receiver(context)
    invoice = invoice_address(context)
    place = delivery(context, person)
    dates = header_dates(context.order, context.settings, context.today)
    carries_person = bool(NAMES[context.kind].receiver)
    body = header(
        context,
        dates,
        address=place.address,
        person=person.contact if carries_person else None,
        remarks=[*place.remarks, *([person.remark] if person.remark else [])],
    )
    warn_unused(context)
    document = DOCUMENTS[context.kind]
    body[document.lines] = (
        return_lines(context, lines) if context.kind is OrderKind.RETURN else sales_lines(context, lines, dates)
    )
    steps: list[PriorWrite] = [step for step in (invoice, person.step) if step is not None]
    return DocumentPlan(context.kind, document.path, body, (*steps, *place.steps), tuple(context.validation.warnings))
