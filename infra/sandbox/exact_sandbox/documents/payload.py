"""From a JSON body to values: unknown properties and wrong types are 400, read-only properties are passed over."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Any

from exact_sandbox.protocol.odata import type_name
from exact_sandbox.protocol.schema import Entity, Field, load_schema
from exact_sandbox.world.store import Refusal

Row = dict[str, Any]
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\}?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_RANGES = {
    "Byte": (0, 255),
    "Int16": (-(2**15), 2**15 - 1),
    "Int32": (-(2**31), 2**31 - 1),
    "Int64": (-(2**63), 2**63 - 1),
}

NOT_AN_OBJECT = "Error processing request stream. The request should be a valid top-level resource object."


def parse(entity: Entity, body: object, *, update: bool) -> Row:
    """Return the writable values of a body; explicit nulls stay as None. Lines are lists of such values."""
    if not isinstance(body, dict):
        raise Refusal(400, NOT_AN_OBJECT)
    values: Row = {}
    for name, value in body.items():
        if name == "__metadata":
            continue
        field = entity.fields.get(name)
        if field is None:
            raise Refusal(
                400,
                f"Error processing request stream. The property name '{name}' specified for type "
                f"'{_type(entity)}' is not valid.",
            )
        if field.is_collection:
            if not update:
                values[name] = _lines(entity, field, value)
        elif (field.put if update else field.post) or field.mandatory or name in _WRITABLE.get(entity.name, ()):
            values[name] = None if value is None else _value(field, value)
        elif value is not None:
            _value(field, value)
    return values


def _type(entity: Entity) -> str:
    return type_name(load_schema().endpoints[entity.path]) if entity.path else entity.name


# The flags of the reference miss these: the pages of the entities show that they can be written.
_WRITABLE: dict[str, frozenset[str]] = {
    "Items": frozenset({"Picture", "PictureName"}),
    "Quotations": frozenset({"DeliveryDate", "WarehouseID", "ShippingMethod", "PaymentCondition"}),
    "QuotationLines": frozenset({"VATPercentage"}),
    "Contacts": frozenset({"IsMainContact"}),
    "WebhookSubscriptions": frozenset({"IsInstant"}),
    "Accounts": frozenset({"IsSales", "IsPurchase"}),
    "SalesInvoices": frozenset({"InvoiceDate", "ShippingMethod"}),
    "PlannedSalesReturns": frozenset({"DeliveryAddress"}),
    "PurchaseOrders": frozenset({"DropShipment", "DeliveryAccount", "DeliveryAddress", "DeliveryContact"}),
    "AssemblyBillOfMaterialHeader": frozenset({"Notes", "BatchQuantity", "AssembledLeadDays", "UseExplosion"}),
    "AssemblyBillOfMaterialMaterials": frozenset({"Quantity", "LineNumber", "BatchQuantity", "UseExplosion"}),
}


def _lines(entity: Entity, field: Field, value: object) -> list[Row]:
    if isinstance(value, dict):
        value = value.get("results", [])
    link = entity.collections.get(field.name)
    if value is None or link is None:
        return []
    if not isinstance(value, list):
        raise Refusal(400, NOT_AN_OBJECT)
    line_entity = load_schema()[link.entity]
    return [parse(line_entity, line, update=False) for line in value]


def _wrong(field: Field) -> Refusal:
    return Refusal(
        400,
        "Error processing request stream. Error encountered in converting the value from request payload for property "
        f"'{field.name}' to type '{field.type}', which is the property's expected type. See inner exception for more "
        "detail.",
    )


def _value(field: Field, value: object) -> Any:
    kind = field.type
    if kind == "String":
        if isinstance(value, (bool, dict, list)):
            raise _wrong(field)
        return str(value)
    if kind == "Boolean":
        if not isinstance(value, bool):
            raise _wrong(field)
        return value
    if kind in _RANGES:
        return _whole(field, value)
    if kind == "Double":
        return _double(field, value)
    if not isinstance(value, str):
        raise _wrong(field)
    return _text_value(field, value)


def _whole(field: Field, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        value = int(value)
    low, high = _RANGES[field.type]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _wrong(field)
    return value


def _double(field: Field, value: object) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(field)
    return float(value)


def _text_value(field: Field, value: str) -> Any:
    if field.type == "Guid":
        found = _GUID.fullmatch(value)
        if found is None:
            raise _wrong(field)
        return found.group(1).lower()
    if field.type == "DateTime":
        if not _MOMENT.fullmatch(value):
            raise _wrong(field)
        try:
            return datetime.fromisoformat(value[:26])
        except ValueError:
            raise _wrong(field) from None
    if field.type == "Binary":
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise _wrong(field) from None
    return value
