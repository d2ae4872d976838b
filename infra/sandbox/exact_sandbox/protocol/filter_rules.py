"""What Exact refuses in a `$filter` that is well written: properties that may not be filtered, and none at all.

    no $filter ── address with a sync twin ── "This endpoint has mandatory filtering applied. ..."
    $filter ── a property without a mark ── "Filtering on these fields is not supported: X"
            ── anything else on a sync address ── "This $filter parameter is not supported for this resource"

The texts are those that clients of Exact met (picqer/exact-php-client issues 468, 500, 532 and 591).
"""

from __future__ import annotations

import re

from exact_sandbox.protocol.odata import ODataError, type_name
from exact_sandbox.protocol.odata_filter import Expression, parse_filter, properties_in
from exact_sandbox.protocol.schema import Endpoint, Field
from exact_sandbox.protocol.switches import Switches

NOT_SUPPORTED = "This $filter parameter is not supported for this resource"


def check_filter(endpoint: Endpoint, text: str, switches: Switches) -> Expression:
    """Parse a `$filter` and refuse what may not be filtered (ODataError, 400)."""
    if not text.strip():
        raise ODataError(NOT_SUPPORTED)
    expression = parse_filter(text, endpoint.fields, type_name(endpoint))
    names = properties_in(expression)
    refused = [name for name in endpoint.fields if name in names and not _allowed(endpoint, name, switches)]
    if refused and endpoint.entity.restricts_filters and endpoint.mode != "sync":
        raise ODataError(f"Filtering on these fields is not supported: {','.join(refused)}")
    if refused:
        raise ODataError(NOT_SUPPORTED)
    return expression


def check_no_filter(endpoint: Endpoint, switches: Switches) -> None:
    """Refuse a listing without `$filter` where one is demanded (ODataError, 400)."""
    has_twin = endpoint.entity.sync_path is not None and endpoint.mode in ("crud", "bulk")
    if not has_twin or not switches.mandatory_filter:
        return
    raise ODataError(
        "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a $filter parameter "
        f"with one of the following fields in the url:{','.join(_listed(endpoint))}."
    )


def _allowed(endpoint: Endpoint, name: str, switches: Switches) -> bool:
    if endpoint.mode == "sync":
        return name == "Timestamp" or (name == "EntityType" and endpoint.path == "sync/Deleted")
    if {f"{endpoint.entity.name}.{name}", f"{endpoint.path}.{name}"} & switches.refused_filters:
        return False
    found = endpoint.entity.fields.get(name)
    marked = found is not None and found.filterable
    return marked or not (switches.filter_marks and endpoint.entity.restricts_filters)


def _listed(endpoint: Endpoint) -> list[str]:
    """Return the properties that Exact names: the marked ones, or keys, codes and parents where no mark is sure."""
    entity = endpoint.entity
    marked = [field.name for field in entity.fields.values() if field.filterable]
    names = marked or [field.name for field in entity.fields.values() if _usual(field, entity.key)]
    return sorted((name for name in names if name in endpoint.fields), key=_place)


def _usual(field: Field, key: str) -> bool:
    if field.name == key or field.name in ("Code", "Created", "Modified"):
        return True
    return field.type == "Guid" and field.name not in ("Creator", "Modifier")


def _place(name: str) -> tuple[str, bool, str]:
    """Sort without regard to capitals; `Classification` stands behind `Classification8`."""
    stem = re.sub(r"\d+$", "", name)
    return stem.lower(), stem == name, name
