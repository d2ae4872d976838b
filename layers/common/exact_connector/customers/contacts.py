"""Contact persons of an account; only the active ones are delivered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, cast

from exact_connector import fields
from exact_connector.catalog.dates import earliest, next_boundary
from exact_connector.catalog.projection import Warning
from exact_connector.customers.custom_fields import FieldMapping
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.customers import ContactPerson


def active_contacts(rows: Iterable[Row], today: date, main_contact: str | None) -> list[Row]:
    """Return the contacts that are active today, the main contact first, then by name and ID."""
    active = [row for row in rows if fields.active_on(row, today)]
    return sorted(
        active,
        key=lambda row: (
            not is_main(row, main_contact),
            (full_name(row) or "").casefold(),
            fields.guid(row, "ID") or "",
        ),
    )


def contacts_change_on(rows: Iterable[Row], today: date) -> date | None:
    """Return the next date on which a contact starts or has ended."""
    return earliest(*(next_boundary(fields.day(row, "StartDate"), fields.day(row, "EndDate"), today) for row in rows))


def is_main(row: Row, main_contact: str | None) -> bool:
    """Tell whether a contact is the main one, by its own flag or by `Account.MainContact`."""
    return fields.flag(row, "IsMainContact") or (main_contact is not None and fields.guid(row, "ID") == main_contact)


def full_name(row: Row) -> str | None:
    """Return Exact's full name of a contact, or first, middle and last name."""
    parts = (fields.text(row, name) for name in ("FirstName", "MiddleName", "LastName"))
    return fields.text(row, "FullName") or " ".join(part for part in parts if part) or None


def email_of(row: Row) -> str | None:
    """Return the e-mail address of a contact, the business one where the first is empty."""
    return fields.text(row, "Email") or fields.text(row, "BusinessEmail")


def phone_of(row: Row) -> str | None:
    """Return the first telephone number that a contact has, mobiles last."""
    names = ("Phone", "BusinessPhone", "Mobile", "BusinessMobile")
    return next((found for name in names if (found := fields.text(row, name))), None)


def contact_document(
    row: Row, main_contact: str | None, mapping: FieldMapping
) -> tuple[ContactPerson, tuple[Warning, ...]]:
    """Return the canonical contact person of one row of `crm/Contacts`."""
    mapped = mapping.read(row)
    document: ContactPerson = {
        "contact_person_id": fields.guid(row, "ID"),
        "full_name": full_name(row),
        "first_name": fields.text(row, "FirstName"),
        "last_name": fields.text(row, "LastName"),
        "email": email_of(row),
        "phone": phone_of(row),
        "is_main": is_main(row, main_contact),
        "custom_fields": mapped.own,
    }
    return cast("ContactPerson", {**document, **mapped.canonical}), mapped.warnings
