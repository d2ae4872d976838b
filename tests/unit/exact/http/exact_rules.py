"""Exact's rules for calls, read from the table of its resources alone: what another strict stand-in would refuse.

Nothing of the sandbox's own parsing is used, only the names, types and marks in its `schema.json`. A filter may have
the forms that the connector needs: comparisons of a property with a literal, joined by `and`, `or` and parentheses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from exact_connector.exact.http.transport import HttpRequest

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = ROOT / "infra" / "sandbox" / "exact_sandbox" / "protocol" / "schema.json"
URL_LIMIT = 6000
OPTIONS = frozenset({"$select", "$filter", "$expand", "$orderby", "$top", "$skiptoken", "$inlinecount"})

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MOMENT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?"
_LITERALS: Mapping[str, str] = {
    "Guid": rf"guid'{_GUID}'",
    "DateTime": rf"datetime'{_MOMENT}'",
    "String": r"'(?:[^']|'')*'",
    "Boolean": r"true|false",
    "Byte": r"[01]",
    "Int16": r"-?\d{1,5}",
    "Int32": r"-?\d{1,10}",
    "Int64": r"-?\d+L",
    "Double": r"-?\d+(?:\.\d+)?",
}
_COMPARISON = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z_0-9]*|trim\([A-Za-z_0-9]+\)) (?P<operator>eq|ne|gt|ge|lt|le) "
    r"(?P<literal>(?:guid|datetime)?'(?:[^']|'')*'|[\w.+-]+)"
)
_READ_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "read/logistics/ItemExtraField": frozenset({"itemId", "modified"}),
    "read/logistics/StockPosition": frozenset({"itemId"}),
}

# Read-only by the marks of the crawl of 2022, written by the connector all the same because the pages of the
# resources, or fields that came later, show that they can be sent.
WRITABLE_BESIDES: Mapping[str, frozenset[str]] = {
    "crm/Quotations": frozenset({"DeliveryDate", "WarehouseID", "ShippingMethod"}),
    "crm/QuotationLines": frozenset({"CostCenter", "CostUnit"}),
    "salesinvoice/SalesInvoices": frozenset({"ShippingMethod"}),
    "salesorder/PlannedSalesReturns": frozenset({"DeliveryAddress"}),
}


_FILLED_BY_EXACT = frozenset({"OrderID", "QuotationID", "InvoiceID", "PurchaseOrderID", "GLAccount"})
"""Marked as mandatory, but lines get the id of the document that they come with, and an item's own revenue account."""


@dataclass(frozen=True)
class Resource:
    """One address: its mode (crud, sync, bulk, read), methods, and its properties with type and marks."""

    path: str
    mode: str
    methods: frozenset[str]
    properties: Mapping[str, str]
    has_sync_twin: bool
    lines: Mapping[str, str] = field(default_factory=dict)
    """Collection property -> the address of its rows."""

    def type_of(self, name: str) -> str:
        """Return the EDM type of a property, without its prefix."""
        return self.properties[name].partition(" ")[0]

    def has_mark(self, name: str, mark: str) -> bool:
        """Tell whether a property has a mark: m mandatory on create, c sent on create, p on update, f filterable."""
        return mark in self.properties[name].partition(" ")[2]

    def may_filter(self, name: str) -> bool:
        """Tell whether a filter may name a property."""
        if self.mode == "sync":
            return name == "Timestamp"
        marked = any("f" in text.partition(" ")[2] for text in self.properties.values())
        return self.has_mark(name, "f") or not marked


@cache
def resources() -> dict[str, Resource]:
    """Return every address by its path, in exactly the case of the documentation."""
    entities = json.loads(SCHEMA.read_text("utf-8"))
    found: dict[str, Resource] = {}
    for entity in entities.values():
        lines = {name: str(entities[link[0]]["path"]) for name, link in entity.get("collections", {}).items()}
        for mode, path in (("crud", entity.get("path")), ("sync", entity.get("sync")), ("bulk", entity.get("bulk"))):
            if path:
                shown = "read" if path.startswith("read/") else mode
                methods = frozenset(entity["methods"].split()) if shown == "crud" else frozenset({"GET"})
                found[path] = Resource(path, shown, methods, _properties(entity, mode), bool(entity.get("sync")), lines)
    return found


def _properties(entity: Mapping[str, Any], mode: str) -> dict[str, str]:
    difference = entity.get(f"{mode}_diff", {})
    kept = {name: text for name, text in entity["fields"].items() if name not in difference.get("lack", ())}
    return {**kept, **difference.get("add", {})}


def faults_of_read(
    path: str,
    *,
    select: Iterable[str] = (),
    filter: str | None = None,
    orderby: Iterable[str] = (),
    arguments: Iterable[str] = (),
) -> list[str]:
    """Return what is wrong with a reading call."""
    resource = resources().get(path)
    if resource is None:
        return [f"{path} is no address of Exact"]
    found = [f"{path} has no property {name}" for name in select if not _has(resource, name)]
    if resource.mode != "read" and not tuple(select):
        found.append(f"{path} is read without $select")
    found += [f"{path} cannot be sorted by {term}" for term in orderby if not _sorts(resource, term)]
    wanted, given = _READ_ARGUMENTS.get(path, frozenset()), frozenset(arguments)
    if wanted != given:
        found.append(f"{path} wants the arguments {sorted(wanted)}, not {sorted(given)}")
    if filter is None:
        return found + ([f"{path} is read without the filter that it demands"] if _wants_filter(resource) else [])
    return found + list(_faults_of_filter(resource, filter))


def _wants_filter(resource: Resource) -> bool:
    return resource.mode == "sync" or (resource.has_sync_twin and resource.mode in ("crud", "bulk"))


def _has(resource: Resource, name: str) -> bool:
    """Return whether a resource has a property, or its lines one that is written Lines/Property."""
    lines, _, nested = name.partition("/")
    if not nested:
        return name in resource.properties
    return lines in resource.lines and nested in resources()[resource.lines[lines]].properties


def _sorts(resource: Resource, term: str) -> bool:
    name, _, direction = term.partition(" ")
    return name in resource.properties and direction in ("", "asc", "desc")


def _faults_of_filter(resource: Resource, text: str) -> Iterator[str]:
    rest = text
    for found in _COMPARISON.finditer(text):
        rest = rest.replace(found.group(), "?", 1)
        name = found["name"].removeprefix("trim(").removesuffix(")")
        if name not in resource.properties:
            yield f"{resource.path} has no property {name} to filter"
        elif not resource.may_filter(name) and not (resource.path == "sync/Deleted" and name == "EntityType"):
            yield f"{resource.path} cannot be filtered by {name}"
        elif not re.fullmatch(_LITERALS[resource.type_of(name)], found["literal"]):
            yield f"{found['literal']} is no literal for {resource.path} {name} ({resource.type_of(name)})"
    shape = re.sub(r"\(\?(?: (?:and|or) \?)*\)", "?", rest)
    if not re.fullmatch(r"\?(?: (?:and|or) \?)*", shape) or (" and " in shape and " or " in shape):
        yield f"{resource.path}: the filter has the form {rest!r}, which is not known to be allowed"


def faults_of_body(path: str, body: object, *, update: bool) -> list[str]:
    """Return what is wrong with the body of a POST or PUT."""
    resource = resources().get(path)
    if resource is None:
        return [f"{path} is no address of Exact"]
    if not isinstance(body, dict):
        return [f"{path} got no JSON object"]
    found = [fault for name, value in body.items() for fault in _faults_of_value(resource, name, value, update=update)]
    if not update:
        missing = [name for name in resource.properties if resource.has_mark(name, "m") and name not in body]
        found += [f"{path} lacks {name}" for name in missing if name not in _FILLED_BY_EXACT]
    return found


def _faults_of_value(resource: Resource, name: str, value: object, *, update: bool) -> Iterator[str]:
    if name not in resource.properties:
        yield f"{resource.path} has no property {name}"
        return
    if name in resource.lines:
        if update or not isinstance(value, list) or not value:
            yield f"{resource.path} {name} takes a list of lines when it is created"
            return
        for line in value:
            yield from faults_of_body(resource.lines[name], line, update=False)
        return
    sent = resource.has_mark(name, "p" if update else "c") or (not update and resource.has_mark(name, "m"))
    if not sent and name not in WRITABLE_BESIDES.get(resource.path, frozenset()):
        yield f"{resource.path} {name} is read-only"
    if not _fits(resource.type_of(name), value):
        yield f"{resource.path} {name} is {type(value).__name__} {value!r}, not {resource.type_of(name)}"


def _fits(kind: str, value: object) -> bool:
    if value is None:
        return True
    if kind in ("String", "Binary"):
        return isinstance(value, str)
    if kind == "Guid":
        return isinstance(value, str) and re.fullmatch(_GUID, value) is not None
    if kind == "DateTime":
        return isinstance(value, str) and re.fullmatch(rf"\d{{4}}-\d{{2}}-\d{{2}}|{_MOMENT}", value) is not None
    if kind == "Boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) if kind == "Double" else isinstance(value, int)


def faults_of_request(request: HttpRequest, base_url: str) -> list[str]:
    """Return what is wrong with a whole call on the wire; the token endpoint and downloads have rules of their own."""
    path = urlsplit(request.url).path
    if path.startswith("/docs/"):
        return [] if request.headers.get("Authorization", "").startswith("Bearer ") else ["a file without the token"]
    if path == "/api/oauth2/token":
        return _faults_of_token_call(request)
    found = [*_faults_of_address(request, base_url), *_faults_of_headers(request)]
    resource_path, key = _resource_and_key(path)
    resource = resources().get(resource_path)
    if resource is None:
        return [*found, f"{resource_path} is no address of Exact"]
    if request.method not in resource.methods:
        found.append(f"{resource_path} knows no {request.method}")
    if key is not None and not re.fullmatch(rf"guid'{_GUID}'|\d+", key):
        found.append(f"{resource_path}({key}) has no literal as its key")
    if request.method == "GET":
        return found + _faults_of_query(resource_path, urlsplit(request.url).query)
    if request.method == "DELETE":
        return found + ([] if request.body is None else ["a DELETE has a body"])
    return found + faults_of_body(resource_path, json.loads(request.body or b""), update=request.method == "PUT")


def _faults_of_query(path: str, query: str) -> list[str]:
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    options = {name: value for name, value in pairs if name.startswith("$")}
    found = [f"the option {name} is not known" for name in options if name not in OPTIONS]
    if len(pairs) != len({name for name, _ in pairs}):
        found.append(f"{path} got an option twice")
    if "$skiptoken" in options:
        # The address of a further page is Exact's own, to be followed as it is.
        return found
    return found + faults_of_read(
        path,
        select=[name for name in options.get("$select", "").split(",") if name],
        filter=options.get("$filter"),
        orderby=[term for term in options.get("$orderby", "").split(",") if term],
        arguments=[name for name, _ in pairs if not name.startswith("$")],
    )


def _resource_and_key(path: str) -> tuple[str, str | None]:
    rest = unquote(path).removeprefix("/api/v1/")
    head, _, tail = rest.partition("/")
    name = tail if head.isdigit() else rest
    resource, mark, key = name.partition("(")
    return resource, key.removesuffix(")") if mark else None


def _faults_of_address(request: HttpRequest, base_url: str) -> Iterator[str]:
    if len(request.url) > URL_LIMIT:
        yield f"the URL has {len(request.url)} characters, Exact takes {URL_LIMIT}"
    if not request.url.startswith(f"{base_url}/api/v1/") or not request.url.isascii() or " " in request.url:
        yield f"{request.url[:80]} is not on the connection's site or not encoded"
    if "//" in urlsplit(request.url).path:
        yield "the path has an empty part"


def _faults_of_headers(request: HttpRequest) -> Iterator[str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if headers.get("accept") != "application/json":
        yield "without Accept: application/json Exact answers in Atom"
    if not headers.get("authorization", "").startswith("Bearer "):
        yield "the call has no bearer token"
    if request.body is not None and headers.get("content-type") != "application/json":
        yield "a body without Content-Type: application/json"
    if request.method == "POST" and headers.get("prefer") != "return=representation":
        yield "without Prefer a POST answers mostly nulls"


def _faults_of_token_call(request: HttpRequest) -> list[str]:
    form = dict(parse_qsl((request.body or b"").decode()))
    wanted = {
        "authorization_code": {"grant_type", "code", "redirect_uri", "client_id", "client_secret"},
        "refresh_token": {"grant_type", "refresh_token", "client_id", "client_secret"},
    }.get(form.get("grant_type", ""), set())
    kind = request.headers.get("Content-Type")
    found = [] if set(form) == wanted else [f"the token endpoint got {sorted(form)}"]
    return found if kind == "application/x-www-form-urlencoded" else [*found, f"the token endpoint got {kind}"]
