"""Read what clients post into the canonical order: every fault with its place, and what is readable in spite of them.

Two bodies that read alike are the same order: `content_of` returns what was read, not how it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from exact_connector.errors import Fault, InvalidInput
from exact_connector.orders.model.canonical import (
    MAX_LINES,
    ORDER_VALIDATION,
    CanonicalOrder,
    PurchaseOrder,
    models_in,
)

Order = TypeVar("Order", CanonicalOrder, PurchaseOrder)
Place = tuple[int | str, ...]

_UNREADABLE = {"item_code": "?", "quantity": "1"}
"""What stands in for a needed field of a line that could not be read, so that the rest is judged; see `joined`."""

_TIED: Sequence[frozenset[str]] = (
    frozenset({"customer_id", "customer_code"}),
    frozenset({"supplier_id", "supplier_code"}),
    frozenset({"delivery_address_id", "alternative_delivery_address"}),
    frozenset({"quantity", "purchase_quantity"}),
    frozenset({"currency", "price_list_code"}),
    frozenset({"unit_price", "net_price", "original_price", "discount_percentage", "original_discount_percentage"}),
)
"""Fields that are judged together: a fault in one explains what looks wrong with the others."""

_CODES = frozenset(
    {
        *("item_code", "customer_code", "supplier_code", "unit_code", "warehouse_code", "price_list_code"),
        *("delivery_method_code", "cost_center", "cost_unit", "value_to_backoffice", "code"),
    }
)
"""Fields in which capitals do not count, as in Exact."""


@dataclass(frozen=True, slots=True)
class Readable(Generic[Order]):
    """What could be read of a posted order, None for nothing, and the faults in its form.

    With faults the order is only fit for looking for more of them: wrong fields are left out of it.
    """

    order: Order | None
    faults: tuple[Fault, ...] = ()

    def required(self) -> Order:
        """Return the whole order; raises InvalidInput with every fault."""
        raise_faults(self.faults)
        assert self.order is not None
        return self.order


def read_order(body: object) -> CanonicalOrder:
    """Read a posted order. Raises InvalidInput with one fault per place that is wrong."""
    return readable_order(body).required()


def read_purchase_order(body: object) -> PurchaseOrder:
    """Read a posted purchase order. Raises InvalidInput with one fault per place that is wrong."""
    return readable_purchase_order(body).required()


def readable_order(body: object) -> Readable[CanonicalOrder]:
    """Read as much of a posted order as can be read."""
    found = _read(CanonicalOrder, body)
    if found.order is None:
        return found
    order = found.order
    return Readable(order, joined(found.faults, [*_customer(order), *_lines(order.lines), *_addresses(order)]))


def readable_purchase_order(body: object) -> Readable[PurchaseOrder]:
    """Read as much of a posted purchase order as can be read."""
    found = _read(PurchaseOrder, body)
    if found.order is None:
        return found
    return Readable(found.order, joined(found.faults, [*_supplier(found.order), *_bought(found.order)]))


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raise InvalidInput when there are faults in the form of an order."""
    if faults:
        message = f"{len(faults)} place(s) of the order are wrong; correct them and send it again"
        raise InvalidInput(message, faults, code=ORDER_VALIDATION)


def joined(form: Sequence[Fault], more: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults in the form of an order with those found afterwards in what was readable of it.

    What a fault in the form explains is left out: the same place, a part of it, a field that is tied to it, and the
    total of an order of which a line or discount could not be read.
    """
    known = [fault.pointer for fault in form]
    return (*form, *(fault for fault in more if not any(_explains(pointer, fault.pointer) for pointer in known)))


def _explains(known: str, other: str) -> bool:
    if other == known or other.startswith(f"{known}/") or known.startswith(f"{other}/"):
        return True
    if other == "/total":
        return known.startswith(("/lines", "/discount_percentage"))
    (above, _, one), (beside, _, two) = known.rpartition("/"), other.rpartition("/")
    return above == beside and any({one, two} <= tied for tied in _TIED)


def body_of(order: CanonicalOrder | PurchaseOrder) -> dict[str, Any]:
    """Write an order back as JSON, only the fields that are filled in; reading that gives the same order."""
    return order.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def content_of(body: object, *, purchase: bool) -> dict[str, Any] | None:
    """Return what a body says, however it is written; None where it is no readable order.

    Capitals of codes, blanks, ways to write numbers, dates, letters and absent fields do not count.
    """
    found: Readable[Any] = readable_purchase_order(body) if purchase else readable_order(body)
    if found.faults or found.order is None:
        return None
    order = found.order
    if isinstance(order, CanonicalOrder) and order.created_at is not None:
        order = order.model_copy(update={"created_at": order.created_at.astimezone(UTC)})
    return {name: _folded(value, name) for name, value in body_of(order).items()}


def _folded(value: object, name: str = "") -> object:
    if isinstance(value, dict):
        return {key: _folded(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_folded(part) for part in value]
    return value.upper() if name in _CODES and isinstance(value, str) else value


def _read(model: type[Order], body: object) -> Readable[Order]:
    if not isinstance(body, Mapping):
        message = "the body must be a JSON object"
        raise InvalidInput(message, [_fault("", "send a JSON object")], code=ORDER_VALIDATION)
    lines = body.get("lines")
    if isinstance(lines, list) and len(lines) > MAX_LINES:
        # One fault, not five hundred: the lines of such an order are not even read.
        message = f"has {len(lines)} lines; at most {MAX_LINES} are taken, split the order"
        return Readable(None, (_fault("/lines", message),))
    try:
        return Readable(model.model_validate(dict(body)))
    except ValidationError as error:
        details = error.errors(include_url=False)
    faults = tuple(_as_fault(model, detail) for detail in details)
    try:
        return Readable(model.model_validate(_without(body, [detail["loc"] for detail in details])), faults)
    except ValidationError:
        return Readable(None, faults)


def _without(body: Mapping[str, Any], places: Iterable[Place]) -> dict[str, Any]:
    """Return a copy of a body without the places that cannot be read."""
    found = deepcopy(dict(body))
    for place in places:
        _leave_out(found, place)
    return found


def _leave_out(found: Any, place: Place) -> None:
    for part in place[:-1]:
        found = found[part] if not isinstance(found, dict) or part in found else {}
    last = place[-1]
    if isinstance(found, list):
        found[int(last)] = dict(_UNREADABLE)
    elif len(place) == 3 and last in _UNREADABLE:
        found[last] = _UNREADABLE[str(last)]
    else:
        found.pop(last, None)


def _fault(pointer: str, message: str) -> Fault:
    return Fault(pointer, ORDER_VALIDATION, message)


def _as_fault(model: type[BaseModel], detail: Mapping[str, Any]) -> Fault:
    place: Place = detail["loc"]
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
    return _fault(pointer, _message(model, place, detail))


def _message(model: type[BaseModel], place: Place, detail: Mapping[str, Any]) -> str:
    match detail["type"]:
        case "order_value":
            return str(detail["msg"])
        case "extra_forbidden":
            return _unknown_field(model, place)
        case "missing":
            return "is missing; give a value"
        case "literal_error":
            return f"must be {detail['ctx']['expected']}"
        case "tuple_type" | "list_type":
            return "must be a JSON list, also of one line: [{...}]; PHP: array_values()"
        case _:
            return "must be a JSON object"


def _unknown_field(model: type[BaseModel], place: Place) -> str:
    name, known = str(place[-1]), _field_names(model, place[:-1])
    close = get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"remove it; known are {', '.join(known)}"
    return f"is no field of {'an order' if len(place) == 1 else 'this part of an order'}; {hint}"


def _field_names(model: type[BaseModel], place: Place) -> list[str]:
    for part in place:
        if isinstance(part, str):
            model = next(iter(models_in(model.model_fields[part].annotation)), model)
    return list(model.model_fields)


def _customer(order: CanonicalOrder) -> Iterator[Fault]:
    if order.customer_id is None and order.customer_code is None:
        yield _fault("/customer_id", "name the customer with customer_id or customer_code")


def _supplier(order: PurchaseOrder) -> Iterator[Fault]:
    if order.supplier_id is None and order.supplier_code is None:
        yield _fault("/supplier_id", "name the supplier with supplier_id or supplier_code")


def _lines(lines: Sequence[object]) -> Iterator[Fault]:
    if not lines:
        yield _fault("/lines", "an order needs at least one line")


def _bought(order: PurchaseOrder) -> Iterator[Fault]:
    yield from _lines(order.lines)
    for place, line in enumerate(order.lines):
        if (line.quantity is None) == (line.purchase_quantity is None):
            pointer = f"/lines/{place}/quantity"
            yield _fault(pointer, "give quantity (units of the item) or purchase_quantity, one of the two")


def _addresses(order: CanonicalOrder) -> Iterator[Fault]:
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
