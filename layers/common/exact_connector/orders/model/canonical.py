"""What clients post: the canonical order and the canonical purchase order, as models.

Unknown fields are refused, empty texts and empty parts count as absent, decimals are exact. `reading` reads a body into
them; what can only be judged with the stored catalogue or the settings is the work of `orders.mapping.preflight`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.values import (
    AccountCode,
    CodeText,
    Country,
    Currency,
    Day,
    ExternalId,
    Guid,
    LongText,
    Moment,
    Money,
    NeededCode,
    NeededQuantity,
    OrderNumber,
    Percentage,
    Quantity,
    Text,
    TextOrNumber,
    Word,
)

MAX_LINES = 500
ORDER_VALIDATION = "ORDER_VALIDATION"

PriceSource = Literal["default", "price_list", "tier", "agreement", "manual"]
SalesKind = Literal["order", "quotation", "invoice", "return"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if not cls._is_absent(name, value)}

    @classmethod
    def _is_absent(cls, name: str, value: object) -> bool:
        """Return whether a known field was left empty: null, blank, or a part of which nothing is filled in."""
        field = cls.model_fields.get(name)
        if field is None or value is None:
            return field is not None
        if isinstance(value, str):
            return not field.is_required() and not value.strip()
        part = next(models_in(field.annotation), None) if name != "lines" else None
        # PHP writes an empty part as an empty list.
        return part is not None and (value == [] or part.is_empty(value))

    @classmethod
    def is_empty(cls, value: object) -> bool:
        """Return whether a part is empty: known fields only, all of them empty."""
        return isinstance(value, Mapping) and all(cls._is_absent(str(name), each) for name, each in value.items())


def models_in(annotation: object) -> Iterator[type[_Strict]]:
    """Yield the models that a field's type names."""
    if isinstance(annotation, type) and issubclass(annotation, _Strict):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


class OrderType(_Strict):
    """The button with which an order was entered; ``value_to_backoffice`` may name a warehouse."""

    name: Text = None
    kind: Annotated[SalesKind, Word] = "order"
    value_to_backoffice: CodeText = None


class AlternativeContact(_Strict):
    """A person who is not among the customer's contacts, or is named without an ID."""

    first_name: Text = None
    last_name: Text = None
    email: Text = None
    phone: Text = None

    @property
    def full_name(self) -> str:
        """Return first and last name with one space between, empty when neither was given."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class PostalAddress(_Strict):
    """An address as a client writes it; house number and addition may be part of the street."""

    name: Text = None
    street: Text = None
    house_number: TextOrNumber = None
    house_number_addition: TextOrNumber = None
    address_line2: Text = None
    address_line3: Text = None
    postcode: Text = None
    city: Text = None
    country: Country = None


class SalesRep(_Strict):
    """The user who entered the order; ``user_id`` is the user's ID in Exact."""

    code: AccountCode = None
    user_id: Guid = None
    warehouse_code: CodeText = None
    cost_center: CodeText = None
    cost_unit: CodeText = None


class OrderLine(_Strict):
    """One line. Prices are per unit of the item, in the VAT basis of the item; ``unit_price`` is the gross price.

    ``original_price`` and ``original_discount_percentage`` are what stood there before the rep's change. ``net_price``
    left out is the unit price less the discount.
    """

    item_code: NeededCode
    quantity: NeededQuantity
    unit_code: CodeText = None
    unit_price: Money = None
    original_price: Money = None
    discount_percentage: Percentage = None
    original_discount_percentage: Percentage = None
    net_price: Money = None
    price_source: Annotated[PriceSource | None, Word] = None
    price_list_code: CodeText = None
    description: TextOrNumber = None
    instruction: LongText = None
    delivery_date: Day = None
    package_size: Quantity = None


_EXAMPLES: list[Any] = [
    {
        "external_id": "WEB-1001",
        "customer_code": "10001",
        "reference": "Fair in June",
        "your_reference": "PO 4711",
        "delivery_date": "2026-06-19",
        "alternative_delivery_address": {
            "street": "Dorpsstraat",
            "house_number": "12",
            "house_number_addition": "A",
            "postcode": "3511 AB",
            "city": "Utrecht",
            "country": "NL",
        },
        "lines": [
            {"item_code": "A-1000", "quantity": 2, "unit_price": "12.50", "discount_percentage": 10},
            {"item_code": "B-20", "quantity": "1.5", "net_price": "8.95", "instruction": "gift wrap"},
        ],
        "total": "35.93",
    },
    {
        "external_id": "WEB-1002",
        "order_type": {"name": "Quote", "kind": "quotation"},
        "customer_code": "10001",
        "lines": [{"item_code": "A-1000", "quantity": 24, "unit_price": "11.00", "price_source": "tier"}],
    },
    {
        "external_id": "WEB-1003",
        "order_type": {"kind": "invoice"},
        "customer_code": "10001",
        "warehouse_code": "1",
        "lines": [{"item_code": "A-1000", "quantity": 1, "net_price": "12.50"}],
    },
    {
        "external_id": "WEB-1004",
        "order_type": {"kind": "return"},
        "customer_code": "10001",
        "original_order_number": 50017,
        "lines": [{"item_code": "A-1000", "quantity": 1, "instruction": "broken"}],
    },
]


class CanonicalOrder(_Strict):
    """A sales order, quotation, invoice or return as a client posts it.

    Dates are calendar dates in Europe/Amsterdam. ``total`` is the client's own sum of quantity x net price after the
    header discount, in the VAT basis of the items; it is checked, never sent.
    """

    model_config = ConfigDict(json_schema_extra={"examples": _EXAMPLES})

    external_id: ExternalId = None
    order_type: OrderType = Field(default_factory=OrderType)
    customer_id: Guid = None
    customer_code: AccountCode = None
    created_at: Moment = None
    order_date: Day = None
    delivery_date: Day = None
    reference: TextOrNumber = None
    your_reference: TextOrNumber = None
    notes: LongText = None
    contact_person_id: Guid = None
    alternative_contact_person: AlternativeContact | None = None
    delivery_address_id: Guid = None
    alternative_delivery_address: PostalAddress | None = None
    alternative_invoice_address: PostalAddress | None = None
    sales_rep: SalesRep = Field(default_factory=SalesRep)
    warehouse_code: CodeText = None
    price_list_code: CodeText = None
    currency: Currency = None
    discount_percentage: Percentage = None
    delivery_method_code: CodeText = None
    original_order_number: OrderNumber = None
    total: Money = None
    lines: tuple[OrderLine, ...] = ()

    @property
    def kind(self) -> OrderKind:
        """Return the kind of document that is wanted."""
        return OrderKind(self.order_type.kind)


class PurchaseOrderLine(_Strict):
    """One product to buy: ``quantity`` in units of the item or ``purchase_quantity`` in purchase units, one of them.

    ``unit_price`` is per purchase unit; left out, Exact takes the supplier's price.
    """

    item_code: NeededCode
    quantity: Quantity = None
    purchase_quantity: Quantity = None
    unit_price: Money = None
    receipt_date: Day = None
    description: TextOrNumber = None
    notes: LongText = None


_PURCHASE_EXAMPLES: list[Any] = [
    {
        "external_id": "BUY-77",
        "supplier_code": "20001",
        "reference": "Week 24",
        "warehouse_code": "1",
        "lines": [
            {"item_code": "A-1000", "quantity": 24},
            {"item_code": "B-20", "purchase_quantity": 2, "receipt_date": "2026-06-26"},
        ],
    }
]


class PurchaseOrder(_Strict):
    """A purchase order as a planner posts it. ``receipt_date`` left out follows from the lead time of each product."""

    model_config = ConfigDict(json_schema_extra={"examples": _PURCHASE_EXAMPLES})

    external_id: ExternalId = None
    supplier_id: Guid = None
    supplier_code: AccountCode = None
    order_date: Day = None
    receipt_date: Day = None
    reference: TextOrNumber = None
    description: TextOrNumber = None
    notes: LongText = None
    warehouse_code: CodeText = None
    currency: Currency = None
    lines: tuple[PurchaseOrderLine, ...] = ()
