"""The OData (version 2) dialect of Exact Online: errors, literals and the query options of one address.

`parse_options` checks a whole query string against an address and refuses what Exact refuses: one unknown
property name fails the call with 400. Exact's pages "OData best practices" and "Query string options".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exact_sandbox.protocol.schema import Endpoint, load_schema

SYSTEM_OPTIONS = ("filter", "select", "expand", "orderby", "top", "skip", "skiptoken", "inlinecount")

STAR_REFUSED = frozenset(
    {
        "sync/CRM/Contacts",
        "sync/Inventory/ItemStorageLocations",
        "sync/Inventory/ItemWarehouses",
        "sync/Inventory/SerialBatchNumbers",
        "sync/Inventory/StockPositions",
        "sync/Inventory/StockSerialBatchNumbers",
        "sync/Inventory/StorageLocationStockPositions",
        "sync/Logistics/Items",
        "sync/Logistics/PurchaseItemPrices",
        "sync/Logistics/SalesItemPrices",
        "sync/Logistics/SupplierItem",
        "sync/Manufacturing/BillOfMaterialMaterials",
        "sync/Manufacturing/BillOfMaterialVersions",
        "sync/PurchaseOrder/PurchaseOrders",
        "sync/Sales/SalesPriceListVolumeDiscounts",
    }
)
"""Addresses whose reference page (2025) says that they do not support `$select=*`."""

NO_SKIP_ENTITIES = frozenset(
    {
        "SalesChannels",
        "OrderCharges",
        "SalesOrderOrderChargeLines",
        "DropShipments",
        "DropShipmentLines",
        "CustomerItems",
        "ItemChargeRelation",
        "PlannedSalesReturns",
        "PlannedSalesReturnLines",
        "AvailableFeatures",
        "CustomFields",
    }
)
"""Entities released after 2017-03-01, where `$skip` does not work (the sandbox's choice of entities)."""

SPELLINGS = {"SyncTimestamp": {"TimestampAsBigInt": "TimeStampAsBigInt"}}
"""Properties that the reference spells in two ways; `$select` takes both."""

SELECT_WANTED = "Please add a $select or a $top=1 statement to the query string."

SYNTAX_ERROR = "Bad Request - Error in query syntax."

INT32_MAX = 2**31 - 1


class ODataError(Exception):
    """A request that Exact answers with a plain error: HTTP status and the text of the error envelope."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True)
class OrderTerm:
    """One term of `$orderby`."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Selection:
    """What `$select` and `$expand` leave: own properties, and per expanded collection its properties.

    `fields` is None when every property is shown; the same holds for the value of an expanded collection.
    """

    fields: tuple[str, ...] | None = None
    expanded: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True)
class QueryOptions:
    """The checked options of one call; `raw` keeps them as sent, in order, to build `__next` from."""

    filter: str | None
    selection: Selection
    orderby: tuple[OrderTerm, ...]
    top: int | None
    skip: int
    skiptoken: str | None
    inlinecount: bool
    raw: tuple[tuple[str, str], ...]


def parse_options(endpoint: Endpoint, pairs: Iterable[tuple[str, str]], *, single: bool = False) -> QueryOptions:
    """Check the query string of a call to `endpoint`; other parameters (of read functions) pass unseen.

    `single` is a call for one entity or for a number, which needs no `$select` anywhere.
    """
    raw = tuple(pairs)
    given = _system_options(raw)
    skip = _whole_number(given, "skip") or 0
    if skip and (endpoint.mode != "crud" or endpoint.entity.name in NO_SKIP_ENTITIES):
        raise ODataError("The $skip query option is not supported on this endpoint. Please follow the __next link.")
    return QueryOptions(
        filter=given.get("filter"),
        selection=_selection(endpoint, given, single=single),
        orderby=_orderby(endpoint, given.get("orderby")),
        top=_whole_number(given, "top"),
        skip=skip,
        skiptoken=given.get("skiptoken"),
        inlinecount=_inlinecount(given.get("inlinecount")),
        raw=raw,
    )


def type_name(endpoint: Endpoint) -> str:
    """Return the .NET name of the entity's type, as in `__metadata.type`; older entities stand outside any service."""
    *folder, resource = endpoint.path.split("/")
    if endpoint.path in WITHOUT_SERVICE:
        return f"Exact.Web.Api.Models.{_singular(resource)}"
    service = _SERVICES.get(folder[-1].lower(), folder[-1].capitalize()) if folder[-1] != "current" else "System"
    return f"Exact.Web.Api.Models.{service}.{_singular(resource)}"


WITHOUT_SERVICE = frozenset(
    {
        "crm/Accounts",
        "crm/Contacts",
        "documents/DocumentAttachments",
        "documents/Documents",
        "financial/GLAccounts",
        "financial/Journals",
        "logistics/ItemGroups",
        "logistics/Items",
        "purchaseentry/PurchaseEntries",
        "purchaseentry/PurchaseEntryLines",
        "salesinvoice/SalesInvoiceLines",
        "salesinvoice/SalesInvoices",
        "salesorder/SalesOrderLines",
        "salesorder/SalesOrders",
        "vat/VATCodes",
    }
)
"""Addresses whose type was recorded without a service, and the lines of those entities."""

_SERVICES = {
    "crm": "CRM",
    "hrm": "HRM",
    "vat": "VAT",
    "salesorder": "SalesOrder",
    "salesinvoice": "SalesInvoice",
    "purchaseorder": "PurchaseOrder",
    "customfield": "CustomField",
    "financialtransaction": "Financial",
}


def _singular(resource: str) -> str:
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("ss", "ss"), ("s", "")):
        if resource.endswith(ending):
            return resource[: -len(ending)] + replacement
    return resource


def _system_options(raw: Iterable[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in raw:
        if not name.startswith("$"):
            continue
        option = name[1:]
        if option not in SYSTEM_OPTIONS:
            raise ODataError(
                f"The query parameter '{name}' begins with a system-reserved '$' character but is not recognized."
            )
        if option in given:
            raise ODataError(f"Query parameter '{name}' is specified, but it should be specified exactly once.")
        given[option] = value
    return given


def _whole_number(given: Mapping[str, str], option: str) -> int | None:
    value = given.get(option)
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,9}", value.strip()):
        raise ODataError(
            f"Incorrect format for ${option} argument '{value}'."
            if not value.strip().lstrip("-").isdigit()
            else f"The value '{value}' of the ${option} argument is out of range."
        )
    return int(value)


def _inlinecount(value: str | None) -> bool:
    if value not in (None, "allpages", "none"):
        raise ODataError("Unknown $inlinecount option, only 'allpages' and 'none' are supported.")
    return value == "allpages"


def _names(value: str | None) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()] if value else []


def _no_property(endpoint: Endpoint, name: str) -> ODataError:
    return ODataError(
        f"Type '{type_name(endpoint)}' does not have a property named '{name}' or there is no type with '{name}' name."
    )


def _selection(endpoint: Endpoint, given: Mapping[str, str], *, single: bool) -> Selection:
    expanded = _expanded(endpoint, given.get("expand"))
    spelled = SPELLINGS.get(endpoint.entity.name, {})
    names = [spelled.get(name, name) for name in _names(given.get("select"))]
    if not names:
        if endpoint.mode == "bulk" and given.get("top") != "1" and not single:
            raise ODataError(SELECT_WANTED)
        return Selection(None, dict.fromkeys(expanded))
    if "*" in names and endpoint.path in STAR_REFUSED:
        raise ODataError(SELECT_WANTED)
    own, nested = _split_select(endpoint, names, expanded)
    shown: dict[str, tuple[str, ...] | None] = {}
    for name in expanded:
        if name in own or "*" in own:
            shown[name] = None
        elif name in nested:
            shown[name] = tuple(dict.fromkeys(nested[name]))
    fields = None if "*" in own else tuple(dict.fromkeys([name for name in own if name not in shown]))
    return Selection(fields, shown)


def _split_select(endpoint: Endpoint, names: list[str], expanded: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    own: list[str] = []
    nested: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = name.partition("/")
        if head != "*" and head not in endpoint.fields:
            raise _no_property(endpoint, head)
        if not rest:
            own.append(head)
            continue
        if head not in expanded:
            raise ODataError(
                f"Only navigation properties specified in expand option can be travered in select option,"
                f"Found: '{head}/{rest}'."
            )
        if rest != "*" and rest not in _collection_fields(endpoint, head):
            raise ODataError(f"Type of '{head}' does not have a property named '{rest}'.")
        nested.setdefault(head, []).append(rest)
    return own, {head: ["*"] if "*" in rests else rests for head, rests in nested.items()}


def _expanded(endpoint: Endpoint, value: str | None) -> list[str]:
    names = _names(value)
    for name in names:
        head, _, deeper = name.partition("/")
        found = endpoint.fields.get(head)
        if found is None:
            raise _no_property(endpoint, head)
        if not found.is_collection or deeper:
            raise ODataError(
                "Only navigation properties can be specified in expand option. "
                f"Property '{name}' is not a navigation property of '{type_name(endpoint)}'."
            )
    return list(dict.fromkeys(names))


def _collection_fields(endpoint: Endpoint, name: str) -> Mapping[str, Any]:
    link = endpoint.entity.collections.get(name)
    return load_schema()[link.entity].fields if link else {}


def _orderby(endpoint: Endpoint, value: str | None) -> tuple[OrderTerm, ...]:
    terms = []
    for term in _names(value):
        name, _, direction = term.partition(" ")
        direction = direction.strip()
        found = endpoint.fields.get(name)
        if found is None:
            raise ODataError(f"No property '{name}' exists in type '{type_name(endpoint)}' at position 0.")
        if found.is_collection or direction not in ("", "asc", "desc"):
            raise ODataError(SYNTAX_ERROR)
        terms.append(OrderTerm(name, direction == "desc"))
    return tuple(terms)


# --- literals -----------------------------------------------------------------------------------------------

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INTEGER = re.compile(r"-?\d+")
_FLOAT = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Literal:
    """A literal of the OData grammar: its EDM type (`Null` for null) and its Python value."""

    type: str
    value: Any


def parse_literal(text: str) -> Literal:
    """Read one literal: `guid'..'`, `datetime'..'`, `'text'`, a number with or without suffix, true, false, null.

    Raises ODataError for anything else, and for whole numbers beyond Int32 without the suffix L.
    """
    if text in ("true", "false"):
        return Literal("Boolean", text == "true")
    if text == "null":
        return Literal("Null", None)
    if text.startswith("'") and text.endswith("'") and len(text) >= 2:
        return Literal("String", text[1:-1].replace("''", "'"))
    prefix, quote, body = text.partition("'")
    if quote and body.endswith("'"):
        return _prefixed_literal(prefix, body[:-1], text)
    return _number(text)


def _prefixed_literal(prefix: str, body: str, text: str) -> Literal:
    if prefix == "guid" and _GUID.fullmatch(body):
        return Literal("Guid", body.lower())
    if prefix == "datetime":
        try:
            return Literal("DateTime", datetime.fromisoformat(body).replace(tzinfo=None))
        except ValueError:
            pass
    raise ODataError(f"Unrecognized '{prefix}' literal '{text}'.")


def _number(text: str) -> Literal:
    suffix = text[-1:] if text[-1:] in "LlMmDdFf" and text[:-1] else ""
    digits = text[: len(text) - len(suffix)]
    if suffix in ("L", "l") and _INTEGER.fullmatch(digits) and abs(int(digits)) < 2**63:
        return Literal("Int64", int(digits))
    if not suffix and _INTEGER.fullmatch(digits):
        if abs(int(digits)) > INT32_MAX:
            raise ODataError(f"Unrecognized 'Edm.Int32' literal '{text}'.")
        return Literal("Int32", int(digits))
    if suffix not in ("L", "l") and _FLOAT.fullmatch(digits):
        return Literal("Double", float(digits))
    raise ODataError(SYNTAX_ERROR)


def write_literal(value: Any, type_: str) -> str:
    """Write a value of an EDM type as a literal, the reverse of `parse_literal` (for keys and skip tokens)."""
    if value is None:
        return "null"
    if type_ == "Guid":
        return f"guid'{value}'"
    if type_ == "DateTime":
        moment = value.isoformat()
        return f"datetime'{moment.rstrip('0') if value.microsecond else moment}'"
    if type_ == "Boolean":
        return "true" if value else "false"
    if type_ == "Int64":
        return f"{value}L"
    if type_ in ("Int32", "Int16", "Byte"):
        return str(value)
    if type_ == "Double":
        return f"{value!r}D"
    text = str(value).replace("'", "''")
    return f"'{text}'"


def split_literals(text: str) -> list[str]:
    """Split a comma-separated list of literals; commas inside quotes do not count."""
    return [part.strip() for part in re.findall(r"(?:[^,']|'(?:[^']|'')*')+", text)]
