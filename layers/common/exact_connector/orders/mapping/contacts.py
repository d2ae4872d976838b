"""The persons on a document: the customer's contact, and another person who receives the goods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from exact_connector.orders.mapping.context import MappingContext
from exact_connector.orders.mapping.plan import Body, PriorWrite, StepResult
from exact_connector.orders.mapping.validation import IGNORED_SETTING, REFERENCE_NOT_FOUND
from exact_connector.orders.model.canonical import AlternativeContact
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.references import KnownContact

NO_NAME = "-"
"""Stands for a missing first or last name: Exact wants both."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The other person of an order: known already, made by a step, or only named in the remarks."""

    contact: str | StepResult | None = None
    step: PriorWrite | None = None
    remark: str = ""


def ordering_contact(context: MappingContext) -> str | None:
    """Return the contact for the header; a contact of another account is a fault."""
    wanted = context.order.contact_person_id
    if wanted is None or not context.settings.ContactPersonToBackoffice:
        return None
    contacts = context.known(context.references.contacts, "contacts")
    if contacts is not None and all(contact.contact_id != wanted for contact in contacts):
        message = f"contact {wanted} is no active contact of the customer; choose another or leave it out"
        context.validation.fault("/contact_person_id", message, code=REFERENCE_NOT_FOUND)
        return None
    return wanted


def receiver(context: MappingContext) -> Receiver:
    """Decide what happens with the other person of an order: reuse, create, or name in the remarks."""
    person = context.order.alternative_contact_person
    if person is None:
        return Receiver()
    if not context.settings.CreateAndLinkAlternativeContactPerson:
        return Receiver(remark=f"Contact: {person.full_name}")
    if context.kind is OrderKind.RETURN:
        message = "CreateAndLinkAlternativeContactPerson: a return has no such person; the name went to the remarks"
        context.validation.warn(IGNORED_SETTING, message)
        return Receiver(remark=f"Contact: {person.full_name}")
    contacts = context.known(context.references.contacts, "contacts")
    if contacts is None:
        return Receiver()
    found = matching_contact(person, contacts)
    if found is not None:
        return Receiver(contact=found.contact_id)
    step = PriorWrite("contact", "create", "crm/Contacts", _contact_body(person, context.customer.customer_id))
    return Receiver(contact=StepResult(step.name), step=step)


def matching_contact(person: AlternativeContact, contacts: Iterable[KnownContact]) -> KnownContact | None:
    """Return the contact with the same e-mail address, else the one with the same full name."""
    ordered = sorted(contacts, key=lambda contact: contact.contact_id)
    email, name = _folded(person.email), _folded(person.full_name)
    by_email = (contact for contact in ordered if email and _folded(contact.email) == email)
    by_name = (contact for contact in ordered if name and _folded(contact.full_name) == name)
    return next(by_email, None) or next(by_name, None)


def _contact_body(person: AlternativeContact, account: str) -> Body:
    body: Body = {
        "Account": account,
        "FirstName": person.first_name or NO_NAME,
        "LastName": person.last_name or NO_NAME,
        "Email": person.email,
        "Phone": person.phone,
    }
    return {name: value for name, value in body.items() if value}


def _folded(text: str | None) -> str:
    return " ".join(part for part in (text or "").casefold().split() if part != NO_NAME)
