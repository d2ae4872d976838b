"""Serve addresses and contact persons at once that were written to Exact for an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exact_connector import fields
from exact_connector.clock import Clock
from exact_connector.customers.addresses import address_document
from exact_connector.customers.contacts import contact_document
from exact_connector.customers.custom_fields import FieldMapping
from exact_connector.documents.unconfirmed import UnconfirmedDocuments, Written

_CHANGED: Mapping[str, str] = {
    "AddressLine1": "address_line1",
    "AddressLine2": "address_line2",
    "AddressLine3": "address_line3",
    "Postcode": "postcode",
    "City": "city",
    "Country": "country",
    "Contact": "contact_person_id",
}
"""What an order changes of an address that is there: property of Exact -> field."""


@dataclass(frozen=True, slots=True)
class WrittenParty:
    """One write to `crm/Addresses` or `crm/Contacts`: the record's ID and what was sent. ``created``: it is new."""

    path: str
    key: str
    body: Mapping[str, Any]
    created: bool


class OrderWrites:
    """Keeps what was written for orders, in the customers that it belongs to."""

    def __init__(self, unconfirmed: UnconfirmedDocuments, clock: Clock) -> None:
        self._unconfirmed = unconfirmed
        self._clock = clock

    def written(self, tenant: str, accounts: Sequence[str], party: WrittenParty) -> None:
        """Serve what was written: what is new with the account that it names, else with whichever of these has it."""
        owners = [str(party.body["Account"]).lower()] if party.created else accounts
        entry, now = {nested_list(party): {party.key: nested_document(party)}}, self._clock.now()
        self._unconfirmed.keep(tenant, [Written("customer", owner, now, changed=entry) for owner in owners])


def nested_list(party: WrittenParty) -> str:
    """Return the list of a customer that holds such a record."""
    return "contact_persons" if party.path.endswith("Contacts") else "addresses"


def nested_document(party: WrittenParty) -> dict[str, Any]:
    """Return a new record as it is served, or the fields that were changed of one that is there."""
    row = {**party.body, "ID": party.key}
    if not party.created:
        return {name: fields.text(row, of) for of, name in _CHANGED.items() if of in party.body}
    if nested_list(party) == "contact_persons":
        return dict(contact_document(row, None, FieldMapping("ContactPerson"))[0])
    return dict(address_document(row, FieldMapping("Address"))[0])
