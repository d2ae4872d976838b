"""What the catalogue knows of one setting."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Literal

from exact_connector.settings.constraints import Constraint
from exact_connector.settings.model import DEFAULTS, Settings, SettingValue

TypeName = Literal["bool", "int", "string"]
Family = Literal["items", "customers", "orders", "history"]
"""What a setting shapes: delivered items, prices and stock; delivered customers; what is written to Exact; history."""

FAMILIES: tuple[Family, ...] = ("items", "customers", "orders", "history")


class Area(StrEnum):
    """The areas of the form, in its order."""

    GENERAL = "Authentication & general"
    ITEMS = "Items & descriptions"
    PICTURES = "Pictures"
    PRICES = "Prices & price lists"
    TIERS = "Tier prices"
    PACKAGE_SIZE = "Package size"
    STOCK = "Stock & delivery dates"
    CUSTOMERS = "Customers & classification"
    VAT = "VAT"
    ORDER_HEADER = "Orders header"
    ORDER_LINES = "Orders lines"
    ORDER_ADDRESSES = "Orders addresses & contacts"
    RETURNS = "Returns & invoices"
    HISTORY = "Order history"


class Reference(StrEnum):
    """The lists of Exact in which codes of settings are looked up."""

    CURRENCIES = "currencies"
    PRICE_LISTS = "price_lists"
    WAREHOUSES = "warehouses"
    VAT_CODES = "vat_codes"
    GL_ACCOUNTS = "gl_accounts"
    SHIPPING_METHODS = "shipping_methods"
    COST_CENTERS = "cost_centers"
    COST_UNITS = "cost_units"
    ITEM_EXTRA_FIELDS = "item_extra_fields"


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting: how it is shown, what it accepts, what it shapes and which endpoints of Exact it makes necessary.

    `constraint` is None for switches. `calls` are endpoints that are called because of this setting and not otherwise,
    at whatever moment (synchronisation, check, order, customer creation).
    """

    key: str
    area: Area
    label: str
    help: str
    shapes: frozenset[Family]
    constraint: Constraint | None = None
    reference: Reference | None = None
    calls: tuple[str, ...] = ()
    trimmed: bool = True

    @property
    def default(self) -> SettingValue:
        """Return the value of a document that does not name the key."""
        return getattr(DEFAULTS, self.key)  # type: ignore[no-any-return]

    @property
    def type_name(self) -> TypeName:
        """Return the type as the settings document calls it."""
        return _TYPE_NAMES[self.key]


_TYPE_NAMES: dict[str, TypeName] = {
    field.name: "bool" if isinstance(field.default, bool) else "int" if isinstance(field.default, int) else "string"
    for field in fields(Settings)
}

ITEMS: frozenset[Family] = frozenset({"items"})
CUSTOMERS: frozenset[Family] = frozenset({"customers"})
ORDERS: frozenset[Family] = frozenset({"orders"})
HISTORY: frozenset[Family] = frozenset({"history"})
NOTHING: frozenset[Family] = frozenset()
