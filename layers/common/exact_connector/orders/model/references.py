"""What an order refers to, looked up: customer, items, addresses, contacts, codes, deliveries, stock.

Built from the stored canonical documents, or from rows as Exact gives them where only Exact knows (`of_row`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exact_connector import fields
from exact_connector.catalog.codes import code_key
from exact_connector.catalog.item_rules import StockScope
from exact_connector.catalog.stock import Receipt, StockLevels, levels, receipts
from exact_connector.customers.contacts import email_of, full_name
from exact_connector.fields import Row

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderCustomer:
    """The customer as an order needs it, from the canonical `customer` document. ``currency`` is the one he buys in."""

    customer_id: str
    code: str | None
    vat_liable: bool
    country: str | None = None
    price_list_code: str | None = None
    invoice_customer_id: str | None = None
    is_blocked: bool = False

    @classmethod
    def of_document(cls, document: Document) -> OrderCustomer:
        """Read a canonical customer."""
        return cls(
            customer_id=str(document["customer_id"]).lower(),
            code=document.get("customer_code"),
            vat_liable=bool(document.get("vat_liable")),
            country=document.get("country"),
            price_list_code=document.get("price_list_code"),
            invoice_customer_id=document.get("invoice_customer_id"),
            is_blocked=bool(document.get("is_blocked")),
        )


@dataclass(frozen=True, slots=True)
class Tier:
    """A price from a quantity upward, in the currency of its list."""

    min_quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class OrderItem:
    """The item as an order line needs it.

    ``vat_percentage`` (0-100) None means that the item's VAT code is unknown. ``tiers`` are the delivered tier prices
    by key of the price list; the key ``""`` is the standard prices, ``"@"`` the customer's agreement. ``is_delivered``
    False: the settings leave the item out, so that Exact alone judges it.
    """

    item_id: str
    code: str
    description: str | None = None
    unit: str | None = None
    vat_percentage: Decimal | None = None
    vat_included: bool = False
    package_size: Decimal | None = None
    is_sales_item: bool = True
    is_stock_item: bool = True
    is_purchase_item: bool = True
    fractions_allowed: bool | None = None
    start_date: date | None = None
    end_date: date | None = None
    tiers: Mapping[str, tuple[Tier, ...]] = field(default_factory=dict)
    is_delivered: bool = True

    @classmethod
    def of_documents(
        cls, document: Document, price_list_rows: Iterable[Document] = (), agreement: Document | None = None
    ) -> OrderItem:
        """Read a canonical item, with its `price_list_rows` and the customer's `agreement` where tiers matter."""
        attributes: Mapping[str, Any] = document.get("attributes") or {}
        tiers = {"": _tiers(document)}
        tiers |= {code_key(rows.get("price_list_code")): _tiers(rows) for rows in price_list_rows}
        if agreement is not None:
            tiers[AGREEMENT] = _tiers(agreement)
        return cls(
            item_id=str(document["item_id"]).lower(),
            code=str(document["item_code"]),
            description=document.get("description"),
            unit=document.get("unit"),
            vat_percentage=_decimal(document.get("vat_percentage")),
            vat_included=bool(document.get("vat_included")),
            package_size=_decimal(document.get("purchase_package_size")),
            is_sales_item=bool(document.get("is_sales_item", True)),
            is_stock_item=bool(document.get("is_stock_item", True)),
            is_purchase_item=bool(document.get("is_purchase_item", True)),
            fractions_allowed=attributes.get("is_fraction_allowed_item"),
            start_date=_day(attributes.get("start_date")),
            end_date=_day(attributes.get("end_date")),
            tiers=MappingProxyType(tiers),
        )

    def is_active(self, today: date) -> bool:
        """Return whether the item may be ordered today; both ends of its window count."""
        return (self.start_date is None or self.start_date <= today) and (
            self.end_date is None or self.end_date >= today
        )


AGREEMENT = "@"


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An address that an account has: ``kind`` 1 visit, 2 postal, 3 invoice, 4 delivery."""

    address_id: str
    kind: int
    is_main: bool
    lines: tuple[str | None, str | None, str | None]
    postcode: str | None
    city: str | None
    country: str | None
    contact_id: str | None = None

    @classmethod
    def of_document(cls, document: Document) -> KnownAddress:
        """Read one of the addresses of a canonical customer."""
        return cls(
            address_id=str(document["address_id"]).lower(),
            kind=int(document.get("type") or 0),
            is_main=bool(document.get("is_main")),
            lines=(document.get("address_line1"), document.get("address_line2"), document.get("address_line3")),
            postcode=document.get("postcode"),
            city=document.get("city"),
            country=document.get("country"),
            contact_id=document.get("contact_person_id"),
        )

    @classmethod
    def of_row(cls, row: Row) -> KnownAddress:
        """Read a row of `crm/Addresses`."""
        line1, line2, line3 = (fields.text(row, f"AddressLine{number}") for number in (1, 2, 3))
        return cls(
            address_id=fields.guid(row, "ID") or "",
            kind=fields.integer(row, "Type") or 0,
            is_main=fields.flag(row, "Main"),
            lines=(line1, line2, line3),
            postcode=fields.text(row, "Postcode"),
            city=fields.text(row, "City"),
            country=fields.text(row, "Country"),
            contact_id=fields.guid(row, "Contact"),
        )


@dataclass(frozen=True, slots=True)
class KnownContact:
    """An active contact of the customer."""

    contact_id: str
    full_name: str | None
    email: str | None = None

    @classmethod
    def of_document(cls, document: Document) -> KnownContact:
        """Read one of the contact persons of a canonical customer."""
        return cls(str(document["contact_person_id"]).lower(), document.get("full_name"), document.get("email"))

    @classmethod
    def of_row(cls, row: Row) -> KnownContact:
        """Read a row of `crm/Contacts`; the caller leaves out those that are not active."""
        return cls(fields.guid(row, "ID") or "", full_name(row), email_of(row))


@dataclass(frozen=True, slots=True)
class KnownPriceList:
    """A price list: ``list_id`` is None for one that the connector generated, which Exact does not know."""

    code: str
    currency: str
    list_id: str | None

    @classmethod
    def of_document(cls, document: Document) -> KnownPriceList:
        """Read a canonical `price_list`."""
        return cls(str(document["code"]), str(document["currency"]), document.get("price_list_id"))


@dataclass(frozen=True, slots=True)
class DeliveredLine:
    """A line of a goods delivery to the customer, which a return points at."""

    line_id: str
    item_id: str
    quantity: Decimal
    delivered_on: date | None
    line_number: int
    order_number: str | None

    @classmethod
    def of_row(cls, row: Row, delivered_on: date | None = None) -> DeliveredLine:
        """Read a row of `salesorder/GoodsDeliveryLines`; the date of its delivery stands in for an empty one."""
        order_number = fields.integer(row, "SalesOrderNumber")
        return cls(
            line_id=fields.guid(row, "ID") or "",
            item_id=fields.guid(row, "Item") or "",
            quantity=fields.number(row, "QuantityDelivered") or Decimal(0),
            delivered_on=fields.day(row, "DeliveryDate") or delivered_on,
            line_number=fields.integer(row, "LineNumber") or 0,
            order_number=None if order_number is None else str(order_number),
        )


@dataclass(frozen=True, slots=True)
class StockPosition:
    """What is there of an item and what is expected, within the warehouses that count for the order."""

    levels: StockLevels
    receipts: tuple[Receipt, ...] = ()

    @classmethod
    def of_rows(cls, stock: Iterable[Row], plans: Iterable[Row], codes: Sequence[str], today: date) -> StockPosition:
        """Read rows of `inventory/ItemWarehouses` and `ItemWarehousePlanningDetails` of one item; no codes are all."""
        scope = StockScope(tuple(codes), frozenset(code_key(code) for code in codes) if codes else None)
        return cls(levels(stock, scope), tuple(receipts(plans, scope, today)))


Codes = Mapping[str, Row]
"""Rows of a resource of Exact by `code_key` of their code."""


@dataclass(frozen=True, slots=True)
class ResolvedReferences:
    """Everything that an order refers to. None means "not looked up", an empty collection "there is none".

    ``items`` and ``price_lists`` are keyed by `code_key`. ``addresses`` and ``contacts`` belong to the customer,
    ``invoice_addresses`` (kind 3) to the account that is invoiced. ``stock`` is keyed by item ID.
    """

    customer: OrderCustomer | None
    items: Mapping[str, OrderItem]
    addresses: Sequence[KnownAddress] | None = None
    invoice_addresses: Sequence[KnownAddress] | None = None
    contacts: Sequence[KnownContact] | None = None
    warehouses: Codes | None = None
    shipping_methods: Codes | None = None
    cost_centers: Codes | None = None
    cost_units: Codes | None = None
    gl_accounts: Codes | None = None
    journals: Codes | None = None
    price_lists: Mapping[str, KnownPriceList] | None = None
    delivered_lines: Sequence[DeliveredLine] | None = None
    stock: Mapping[str, StockPosition] | None = None


def _tiers(document: Document) -> tuple[Tier, ...]:
    found = document.get("tier_prices") or ()
    return tuple(Tier(Decimal(tier["min_quantity"]), Decimal(tier["price"])) for tier in found)


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None
