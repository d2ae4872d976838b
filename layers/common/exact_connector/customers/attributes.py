"""Every property of an account, contact or address under a normalised name, for platforms that want all of it.

Codes and texts come trimmed, GUIDs in lower case, numbers with decimals as text, percentages as 0-100, dates as
`YYYY-MM-DD`, moments as RFC 3339, byte flags as booleans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from exact_connector import fields
from exact_connector.catalog.attributes import attribute_name
from exact_connector.fields import Row
from exact_connector.settings.mappings import ObjectName
from exact_connector.settings.properties import PROPERTIES_BY_OBJECT

if TYPE_CHECKING:
    from exact_connector.documents.models.terms import Attribute

# Numbers of citizens and identity documents are nobody's business. Pictures at Exact need Exact's token and are served
# under our own addresses; a custom field is only the address of another call.
WITHHELD = frozenset(
    {
        *("BSN", "SocialSecurityNumber", "IdentificationDocument", "IdentificationDate", "IdentificationUser"),
        *("LogoUrl", "LogoThumbnailUrl", "PictureUrl", "PictureThumbnailUrl", "CustomField"),
    }
)
"""Properties that are left out on purpose."""

_PERCENTAGES = frozenset({"DiscountPurchase", "DiscountSales"})
_DECIMALS = frozenset({"CreditLinePurchase", "CreditLineSales", "Latitude", "Longitude"})
_FLAGS = frozenset({"IsAgency", "IsAnonymised", "IsCompetitor", "IsMailing"})
_MOMENTS = frozenset({"Created", "Modified"})
_GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_JSON_DATE = "/Date("

Reader = Callable[[Row, str], "Attribute | None"]


def account_attributes(row: Row) -> dict[str, Attribute]:
    """Return the filled attributes of an account (`crm/Accounts`)."""
    return _attributes(row, _readers("Customer"))


def contact_attributes(row: Row) -> dict[str, Attribute]:
    """Return the filled attributes of a contact person (`crm/Contacts`)."""
    return _attributes(row, _readers("ContactPerson"))


def address_attributes(row: Row) -> dict[str, Attribute]:
    """Return the filled attributes of an address (`crm/Addresses`), its free fields included."""
    return _attributes(row, _readers("Address"))


def attribute_names(object_name: ObjectName) -> tuple[str, ...]:
    """Return every attribute that a customer, contact person or address can have, sorted."""
    return tuple(sorted(attribute for attribute, _ in _readers(object_name).values()))


def complete(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored customer or supplier with every attribute present, null where Exact has no value."""
    found = {**document, "attributes": _complete(document.get("attributes") or {}, "Customer")}
    nested: tuple[tuple[str, ObjectName], ...] = (("contact_persons", "ContactPerson"), ("addresses", "Address"))
    for name, object_name in nested:
        found[name] = [
            {**each, "attributes": _complete(each.get("attributes") or {}, object_name)}
            for each in document.get(name) or ()
        ]
    return found


def _complete(attributes: Mapping[str, Any], object_name: ObjectName) -> dict[str, Any]:
    return {name: attributes.get(name) for name in attribute_names(object_name)}


def _attributes(row: Row, readers: Mapping[str, tuple[str, Reader]]) -> dict[str, Attribute]:
    read = (
        (attribute, reader(row, name)) for name, (attribute, reader) in readers.items() if row.get(name) is not None
    )
    return {attribute: value for attribute, value in read if value is not None}


@cache
def _readers(object_name: ObjectName) -> Mapping[str, tuple[str, Reader]]:
    names = (name for name in PROPERTIES_BY_OBJECT[object_name].values() if name not in WITHHELD)
    return MappingProxyType({name: (attribute_name(name), _reader(name)) for name in names})


def _reader(name: str) -> Reader:
    if name in _PERCENTAGES:
        return _percentage
    if name in _DECIMALS or name.startswith("FreeNumberField"):
        return _decimal
    if name in _FLAGS:
        return fields.flag
    return _moment if name in _MOMENTS else _plain


def _percentage(row: Row, name: str) -> str | None:
    value = fields.number(row, name)
    return None if value is None else fields.plain(value * 100)


def _decimal(row: Row, name: str) -> str | None:
    value = fields.number(row, name)
    return None if value is None else fields.plain(value)


def _moment(row: Row, name: str) -> str | None:
    value = fields.moment(row, name)
    return None if value is None else value.isoformat(timespec="milliseconds")


def _plain(row: Row, name: str) -> Any:
    value = row.get(name)
    if isinstance(value, Decimal):
        return fields.plain(value)
    if not isinstance(value, str):
        return value
    if value.startswith(_JSON_DATE):
        day = fields.day(row, name)
        return day.isoformat() if day else None
    return fields.guid(row, name) if _GUID.match(value.strip()) else fields.text(row, name)
