"""The people and addresses of an account: in its document, or in documents of their own where there are many.

A collective account, on which a shop books all its consumers, has thousands of addresses. Its document holds the first
hundred and says how many there are, where they are read, and a version that changes with any of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from exact_connector import fields
from exact_connector.catalog.projection import OwnerRows, Projection, Warning
from exact_connector.customers.addresses import address_document, sorted_addresses
from exact_connector.customers.attributes import address_attributes, contact_attributes
from exact_connector.customers.contacts import active_contacts, contact_document
from exact_connector.customers.rules import CustomerRules
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.customers import Address, ContactPerson

EMBEDDED = 100
"""So many people, and so many addresses, stand in the document of an account."""

ADDRESS, CONTACT_PERSON = "_address", "_contact_person"
"""Kinds of the documents of accounts that have more, keyed by account and own ID; the feed does not announce them."""

NESTED_KINDS = frozenset({ADDRESS, CONTACT_PERSON})


@dataclass(frozen=True, slots=True)
class Relations:
    """The people and addresses of an account in the order in which they are delivered, and what was odd about them."""

    people: list[ContactPerson]
    addresses: list[Address]
    warnings: tuple[Warning, ...]

    def documents(self, account: str) -> list[Projection]:
        """Return a document for each of them, where they do not all stand in the account's."""
        found: list[Projection] = []
        if not in_full(self.people):
            found += [Projection(CONTACT_PERSON, f"{account}/{row['contact_person_id']}", row) for row in self.people]
        if not in_full(self.addresses):
            found += [Projection(ADDRESS, f"{account}/{row['address_id']}", row) for row in self.addresses]
        return found


def in_full(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether all of them stand in the account's document."""
    return len(rows) <= EMBEDDED


def url(rows: Sequence[Mapping[str, Any]], path: str) -> str | None:
    """Return where all of them are read, None where they stand in the document."""
    return None if in_full(rows) else path


def version(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return a text that changes with any of them, None where they stand in the document."""
    if in_full(rows):
        return None
    text = json.dumps(rows, sort_keys=True, default=str).encode()
    return blake2b(text, digest_size=8).hexdigest()


def relations_of(account: Row, rows: OwnerRows, today: date, rules: CustomerRules) -> Relations:
    """Read the active contacts and all addresses of an account."""
    main_contact = fields.guid(account, "MainContact")
    people: list[ContactPerson] = []
    addresses: list[Address] = []
    warnings: list[Warning] = []
    for row in active_contacts(rows.of("contact"), today, main_contact):
        person, found = contact_document(row, main_contact, rules.mappings["ContactPerson"])
        people.append({**person, "attributes": contact_attributes(row)})
        warnings += found
    for row in sorted_addresses(rows.of("address")):
        address, found = address_document(row, rules.mappings["Address"])
        addresses.append({**address, "attributes": address_attributes(row)})
        warnings += found
    return Relations(people, addresses, tuple(dict.fromkeys(warnings)))
