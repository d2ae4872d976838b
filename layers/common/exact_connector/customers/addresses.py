"""Addresses of an account, read from Exact, and the three lines in which an address is written to Exact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from exact_connector import fields
from exact_connector.catalog.projection import Warning
from exact_connector.customers.custom_fields import FieldMapping
from exact_connector.fields import Row

if TYPE_CHECKING:
    from exact_connector.documents.models.customers import Address

TypeName = Literal["visit", "postal", "invoice", "delivery"]
TYPE_NAMES: dict[int, TypeName] = {1: "visit", 2: "postal", 3: "invoice", 4: "delivery"}
"""`Address.Type` -> what it is used for."""


@dataclass(frozen=True, slots=True)
class AddressLines:
    """`AddressLine1` to `AddressLine3` as Exact gets them; None is an empty line."""

    line1: str | None
    line2: str | None
    line3: str | None


def address_lines(
    *,
    street: str | None,
    house_number: str | None = None,
    addition: str | None = None,
    line2: str | None = None,
    line3: str | None = None,
    separate: bool,
) -> AddressLines:
    """Lay a client's address over Exact's three lines; `separate` is `SendHouseNumberAndAdditionSeperate`.

    Separate: street, house number, and addition on a line each, the client's own lines 2 and 3 behind the addition.
    Otherwise street, number and addition share line 1. A street with the number in it is never taken apart.
    """
    if separate:
        return AddressLines(_joined(street), _joined(house_number), _joined(addition, line2, line3))
    return AddressLines(_joined(street, house_number, addition), _joined(line2), _joined(line3))


def _joined(*parts: str | None) -> str | None:
    return " ".join(part for part in (" ".join((part or "").split()) for part in parts) if part) or None


def address_document(row: Row, mapping: FieldMapping) -> tuple[Address, tuple[Warning, ...]]:
    """Return the canonical address of one row of `crm/Addresses`; codes trimmed."""
    kind = fields.integer(row, "Type")
    mapped = mapping.read(row)
    document: Address = {
        "address_id": fields.guid(row, "ID"),
        "type": kind,
        "type_name": TYPE_NAMES.get(kind or 0),
        "is_main": fields.flag(row, "Main"),
        "address_line1": fields.text(row, "AddressLine1"),
        "address_line2": fields.text(row, "AddressLine2"),
        "address_line3": fields.text(row, "AddressLine3"),
        "postcode": fields.text(row, "Postcode"),
        "city": fields.text(row, "City"),
        "country": fields.text(row, "Country"),
        "contact_person_id": fields.guid(row, "Contact"),
        "custom_fields": mapped.own,
    }
    return cast("Address", {**document, **mapped.canonical}), mapped.warnings


def sorted_addresses(rows: Iterable[Row]) -> list[Row]:
    """Order addresses by type, the main one of each type first, then by ID."""
    return sorted(
        rows,
        key=lambda row: (
            fields.integer(row, "Type") or 0,
            not fields.flag(row, "Main"),
            fields.guid(row, "ID") or "",
        ),
    )
