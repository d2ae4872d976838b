"""The switches that turn while the sandbox runs: which filters it refuses, and forms that are not known for certain.

The defaults are what Exact's documentation or a recorded answer says, or else the likelier form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from exact_sandbox.protocol.schema import load_schema

Int64Form = Literal["text", "number"]
PostStatus = Literal[201, 200]
RefusalStatus = Literal[500, 400]

UNCLEAR_FILTERS = frozenset(
    {
        "Addresses.Account",
        "Contacts.Account",
        "GLAccounts.Code",
        "PurchaseOrderLines.PurchaseOrderID",
        "QuotationLines.QuotationID",
        "SupplierItem.Item",
        "SupplierItem.Supplier",
        "bulk/SalesOrder/GoodsDeliveries.DeliveryAccount",
        "bulk/SalesOrder/GoodsDeliveryLines.EntryID",
    }
)
"""Properties that Exact may or may not let be filtered: the sources disagree. `unclear` stands for all of them."""


@dataclass
class Switches:
    """How the sandbox decides what Exact's documentation leaves open."""

    mandatory_filter: bool = True
    """Whether CRUD and bulk addresses with a sync twin demand a `$filter`."""
    filter_marks: bool = True
    """Whether only marked properties may be filtered, where the marks of the reference are sure."""
    refused_filters: frozenset[str] = field(default_factory=frozenset)
    """Properties that may not be filtered, as `Entity.Property` or `address.Property`."""
    int64_form: Int64Form = "text"
    """How 64-bit numbers such as `Timestamp` stand in JSON."""
    post_status: PostStatus = 201
    refusal_status: RefusalStatus = 500
    """The status under which a business rule refuses a record."""
    retry_after: bool = False
    """Whether a 429 carries `Retry-After`."""
    ignore_case: bool = False
    """Whether `$filter` compares texts without regard to capitals."""

    def turn(self, changes: Mapping[str, Any]) -> None:
        """Take over the changes; ValueError names a switch or a value that does not exist, and nothing is turned."""
        hints = get_type_hints(Switches)
        unknown = changes.keys() - hints.keys()
        if unknown:
            raise ValueError(f"Unknown: {', '.join(sorted(unknown))}; the switches are {', '.join(hints)}.")
        read = {name: _read(name, value, hints[name]) for name, value in changes.items()}
        changed = replace(self, **read)
        for each in fields(self):
            setattr(self, each.name, getattr(changed, each.name))

    def shown(self) -> dict[str, Any]:
        """Return every switch as JSON can hold it."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**values, "refused_filters": sorted(self.refused_filters)}


def _read(name: str, value: Any, hint: Any) -> Any:
    if name == "refused_filters":
        return read_filters(value)
    allowed = get_args(hint) if get_origin(hint) is Literal else (True, False)
    found = next((each for each in allowed if each == value and type(each) is type(value)), None)
    if found is None:
        raise ValueError(f"{name} was {value!r}; give one of {', '.join(str(each) for each in allowed)}.")
    return found


def read_filters(names: object) -> frozenset[str]:
    """Return the properties named by a list such as `["unclear", "Items.Code"]`; ValueError for what does not exist."""
    if not isinstance(names, list | tuple) or not all(isinstance(each, str) for each in names):
        raise ValueError(f"refused_filters was {names!r}; give a list of Entity.Property, or 'unclear'.")
    chosen: set[str] = set()
    for name in names:
        chosen |= UNCLEAR_FILTERS if name == "unclear" else {_checked(name)}
    return frozenset(chosen)


def _checked(name: str) -> str:
    schema = load_schema()
    owner, _, prop = name.rpartition(".")
    endpoint, entity = schema.endpoints.get(owner), schema.entities.get(owner)
    known = endpoint.fields if endpoint else entity.fields if entity else {}
    if prop not in known:
        raise ValueError(f"{name!r} is no property; name it as Entity.Property or address.Property.")
    return name
