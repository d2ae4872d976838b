"""What clients post: the canonical order and the canonical purchase order, read strictly.

Fields that are not known are refused with a hint, empty texts count as absent, decimals are exact. What can only be
judged with the stored catalogue or the settings is the work of `orders.preflight`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from exact_connector.errors import Fault, InvalidInput
from exact_connector.orders.model.kinds import OrderKind
from exact_connector.orders.model.values import (
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
)

MAX_LINES = 500
ORDER_VALIDATION = "ORDER_VALIDATION"

PriceSource = Literal["default", "price_list", "tier", "agreement", "manual"]
SalesKind = Literal["order", "quotation", "invoice", "return"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None or name not in cls.model_fields}


class OrderType(_Strict):
    """The button with which an order was entered; ``value_to_backoffice`` may name a warehouse."""

    name: Text = None
    kind: SalesKind = "order"
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
    house_number: Text = None
    house_number_addition: Text = None
    address_line2: Text = None
    address_line3: Text = None
    postcode: Text = None
    city: Text = None
    country: Country = None


class SalesRep(_Strict):
    """The user who entered the order; ``user_id`` is the user's ID in Exact."""

    code: CodeText = None
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
    price_source: PriceSource | None = None
    price_list_code: CodeText = None
    description: Text = None
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
    customer_code: CodeText = None
    created_at: Moment = None
    order_date: Day = None
    delivery_date: Day = None
    reference: Text = None
    your_reference: Text = None
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
    description: Text = None
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
    supplier_code: CodeText = None
    order_date: Day = None
    receipt_date: Day = None
    reference: Text = None
    description: Text = None
    notes: LongText = None
    warehouse_code: CodeText = None
    currency: Currency = None
    lines: tuple[PurchaseOrderLine, ...] = ()


Model = TypeVar("Model", bound=BaseModel)


def read_order(body: object) -> CanonicalOrder:
    """Read a posted order. Raises InvalidInput with one fault per place that is wrong."""
    order = _read(CanonicalOrder, body)
    _raise([*_customer_faults(order), *_line_faults(order.lines), *_address_faults(order)])
    return order


def read_purchase_order(body: object) -> PurchaseOrder:
    """Read a posted purchase order. Raises InvalidInput with one fault per place that is wrong."""
    order = _read(PurchaseOrder, body)
    faults = list(_line_faults(order.lines))
    if order.supplier_id is None and order.supplier_code is None:
        faults.insert(0, _fault("/supplier_id", "name the supplier with supplier_id or supplier_code"))
    for place, line in enumerate(order.lines):
        if (line.quantity is None) == (line.purchase_quantity is None):
            pointer = f"/lines/{place}/quantity"
            faults.append(_fault(pointer, "give quantity (units of the item) or purchase_quantity, one of the two"))
    _raise(faults)
    return order


def body_of(order: CanonicalOrder | PurchaseOrder) -> dict[str, Any]:
    """Write an order back as JSON, only what it holds; reading that gives the same order."""
    return order.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def _read(model: type[Model], body: object) -> Model:
    if not isinstance(body, Mapping):
        raise InvalidInput("the body must be a JSON object", [_fault("", "send a JSON object")], code=ORDER_VALIDATION)
    lines = body.get("lines")
    if isinstance(lines, list) and len(lines) > MAX_LINES:
        # One fault, not five hundred: the lines of such an order are not even read.
        _raise([_fault("/lines", f"has {len(lines)} lines; at most {MAX_LINES} are taken, split the order")])
    try:
        return model.model_validate(dict(body))
    except ValidationError as error:
        _raise([_as_fault(model, detail) for detail in error.errors(include_url=False)])
        raise AssertionError("a validation error has details") from error


def _raise(faults: list[Fault]) -> None:
    if faults:
        message = f"{len(faults)} place(s) of the order are wrong; correct them and send it again"
        raise InvalidInput(message, faults, code=ORDER_VALIDATION)


def _fault(pointer: str, message: str) -> Fault:
    return Fault(pointer, ORDER_VALIDATION, message)


def _as_fault(model: type[BaseModel], detail: Mapping[str, Any]) -> Fault:
    place: tuple[int | str, ...] = detail["loc"]
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
    kind: str = detail["type"]
    if kind == "extra_forbidden":
        return _fault(pointer, _unknown_field(model, place))
    if kind == "missing":
        return _fault(pointer, "is missing; give a value")
    if kind == "literal_error":
        return _fault(pointer, f"must be {detail['ctx']['expected']}")
    if kind in ("model_type", "model_attributes_type", "dataclass_type"):
        return _fault(pointer, "must be a JSON object")
    if kind in ("tuple_type", "list_type"):
        return _fault(pointer, "must be a JSON list")
    return _fault(pointer, str(detail["msg"]))


def _unknown_field(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    name, known = str(place[-1]), _field_names(model, place[:-1])
    close = get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else "remove it, or see the API description for what an order holds"
    return f"is no field of {'an order' if len(place) == 1 else 'this part of an order'}; {hint}"


def _field_names(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    for part in place:
        if isinstance(part, str):
            model = next(iter(_models(model.model_fields[part].annotation)), model)
    return list(model.model_fields)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _customer_faults(order: CanonicalOrder) -> Iterator[Fault]:
    if order.customer_id is None and order.customer_code is None:
        yield _fault("/customer_id", "name the customer with customer_id or customer_code")


def _line_faults(lines: Sequence[object]) -> Iterator[Fault]:
    if not lines:
        yield _fault("/lines", "an order needs at least one line")


def _address_faults(order: CanonicalOrder) -> Iterator[Fault]:
    if order.delivery_address_id is not None and order.alternative_delivery_address is not None:
        message = "the order names a delivery address by ID as well; keep one of the two"
        yield _fault("/alternative_delivery_address", message)
    addresses = {
        "alternative_delivery_address": order.alternative_delivery_address,
        "alternative_invoice_address": order.alternative_invoice_address,
    }
    for name, address in addresses.items():
        if address is not None and address.street is None:
            yield _fault(f"/{name}/street", "an address needs a street")
        if address is not None and address.city is None:
            yield _fault(f"/{name}/city", "an address needs a city")
    person = order.alternative_contact_person
    if person is not None and not person.full_name:
        yield _fault("/alternative_contact_person/last_name", "a contact person needs a first or a last name")
