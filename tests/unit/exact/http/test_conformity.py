"""Every place that builds a reading call to Exact, held against the table of Exact's resources."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from exact_connector.exact.http.query import Query, newer_than
from exact_connector.exact.http.transport import HttpRequest
from exact_connector.orders.model.kinds import DOCUMENTS, DocumentKind
from exact_connector.settings.entry import Reference
from exact_connector.sync.extraction.runs import modified_filter
from exact_connector.sync.streams.catalogue import STREAMS, TEXTS_PREFIX, Mode, Stream, stream
from unit.exact.http.exact_rules import ROOT, URL_LIMIT, faults_of_body, faults_of_read, faults_of_request, resources

SOURCES = ("layers/common", "functions")
LONGEST_HOST = "https://start.exactonline.co.uk"
STREAMS_READ = [each for each in (*STREAMS.values(), stream(f"{TEXTS_PREFIX}EN")) if not each.mode.on_request]
LOOKUPS = [each for each in STREAMS.values() if each.mode is Mode.LOOKUP]
NAMED = [each for each in STREAMS.values() if each.mode is Mode.NAMED]

# What the arguments of functions that build queries may be, by the argument's name: every value is tried.
ARGUMENTS: Mapping[str, list[Any]] = {
    "kind": list(DOCUMENTS.values()),
    "stream": STREAMS_READ,
    "exact_connector.sync.extraction.lookups.stream": LOOKUPS,
    "exact_connector.sync.extraction.named.stream": NAMED,
    "reference": [each for each in Reference if each not in (Reference.ITEM_EXTRA_FIELDS, Reference.GL_ACCOUNTS)],
}


@dataclass(frozen=True)
class Built:
    """What one place in the code comes to: path, properties selected, filtered and sorted by, plain arguments."""

    place: str
    path: str
    select: tuple[str, ...]
    filtered: frozenset[str] | None
    orderby: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


@cache
def built() -> tuple[Built, ...]:
    """Return what every `Query(...)` of the product comes to, once for each value that it is built from."""
    found: list[Built] = []
    for folder in SOURCES:
        for file in sorted((ROOT / folder).rglob("*.py")):
            text = file.read_text("utf-8")
            if "Query(" in text and file.name != "query.py":
                module = ".".join(file.relative_to(ROOT / folder).with_suffix("").parts)
                found += _in_module(module, ast.parse(text))
    return tuple(found)


GIVEN_BY_CALLERS = frozenset(
    {
        "exact_connector.exactly_once.exact_search.query",
        "exact_connector.exactly_once.exact_search._newest",
        "exact_connector.orders.lifecycle.exact_search._entity",
        "exact_connector.orders.lifecycle.exact_search.together",
    }
)
"""Functions that ask what their callers name; the calls of a whole life are judged in the traffic tests instead."""


def _in_module(module: str, tree: ast.Module) -> Iterator[Built]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and not any(
            isinstance(each, ast.FunctionDef) for each in function.body
        ):
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "Query":
                    if f"{module}.{function.name}" in GIVEN_BY_CALLERS:
                        continue
                    for known in _occasions(module, tree, function):
                        yield _of_call(module, function, call, known)


def _occasions(module: str, tree: ast.Module, function: ast.FunctionDef) -> Iterator[dict[str, Any]]:
    """Yield what a function may be called with, as far as its queries depend on it."""
    names = [each.arg for each in function.args.args]
    varied = next((name for name in names if name in ARGUMENTS), None)
    if varied is not None:
        yield from ({varied: value} for value in ARGUMENTS.get(f"{module}.{varied}", ARGUMENTS[varied]))
    elif "path" not in names:
        yield {}
    for call in ast.walk(tree) if "path" in names else ():
        if isinstance(call, ast.Call) and ast.unparse(call.func) == function.name:
            given = dict(zip(names, call.args, strict=False))
            yield {name: _value(module, given[name], {}) for name in ("path", "select") if name in given}


def _of_call(module: str, function: ast.FunctionDef, call: ast.Call, occasion: dict[str, Any]) -> Built:
    given = {keyword.arg or "": keyword.value for keyword in call.keywords}
    filtered = frozenset(_filtered(function, given["filter"], set())) if "filter" in given else None
    known = _assigned(module, function, occasion)
    select, orderby = (_names(module, function, given.get(name), known) for name in ("select", "orderby"))
    place, path = f"{module}.{function.name}:{call.lineno}", _value(module, call.args[0], known)
    return Built(place, path, select, filtered, orderby, _keys(function, given.get("params")))


def _names(module: str, function: ast.FunctionDef, part: ast.expr | None, known: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a list of properties; of one that a run makes longer, what is written out."""
    if part is None:
        return ()
    try:
        return tuple(_value(module, part, known))
    except NameError:
        lines = [each for each in ast.walk(function) if isinstance(each, ast.Assign)]
        written = [line.value for line in lines if ast.unparse(line.targets[0]) == ast.unparse(part)] or [part]
        texts = [each for line in written for each in ast.walk(line) if isinstance(each, ast.Constant)]
        return tuple(str(each.value) for each in texts)


def _keys(function: ast.FunctionDef, part: ast.expr | None) -> tuple[str, ...]:
    """Return the names of plain arguments, whose values only a run knows."""
    if isinstance(part, ast.Name):
        lines = [each for each in ast.walk(function) if isinstance(each, ast.Assign)]
        part = next(line.value for line in lines if ast.unparse(line.targets[0]) == ast.unparse(part))
    keys = part.keys if isinstance(part, ast.Dict) else []
    return tuple(str(ast.literal_eval(key)) for key in keys if key is not None)


def _value(module: str, part: ast.expr, known: Mapping[str, Any]) -> Any:
    code = compile(ast.Expression(part), f"<{ast.unparse(part)}>", "eval")
    return eval(code, {**vars(importlib.import_module(module)), **known})


def _assigned(module: str, function: ast.FunctionDef, known: dict[str, Any]) -> dict[str, Any]:
    """Return what the function's own names come to, as far as that is known without running it."""
    for line in ast.walk(function):
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            try:
                known[line.targets[0].id] = _value(module, line.value, known)
            except Exception:  # a value that only a run knows
                continue
    return known


def _filtered(function: ast.FunctionDef, part: ast.AST, seen: set[str]) -> Iterator[str]:
    """Yield the properties that a filter's text names, also where it is put together in several lines."""
    called = ast.unparse(part.func) if isinstance(part, ast.Call) else ""
    if isinstance(part, ast.Call) and called in ("in_groups", "either"):
        yield from (str(each.value) for each in part.args[:1] if isinstance(each, ast.Constant))
    elif called == "newer_than":
        yield "Timestamp"
    elif isinstance(part, ast.Constant) and isinstance(part.value, str):
        yield from re.findall(r"([A-Za-z_]\w*) (?:eq|ne|gt|ge|lt|le) ", part.value)
    elif isinstance(part, ast.Name) and part.id not in seen:
        seen.add(part.id)
        for line in ast.walk(function):
            yield from _filtered_by_name(function, line, part.id, seen)
    else:
        for each in ast.iter_child_nodes(part):
            yield from _filtered(function, each, seen)


def _filtered_by_name(function: ast.FunctionDef, line: ast.AST, name: str, seen: set[str]) -> Iterator[str]:
    if isinstance(line, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in line.targets):
        yield from _filtered(function, line.value, seen)
    if isinstance(line, (ast.For, ast.comprehension)) and isinstance(line.target, ast.Name) and line.target.id == name:
        yield from _filtered(function, line.iter, seen)


def test_the_queries_of_the_product_are_all_found() -> None:
    places = {each.place.partition(":")[0].rpartition(".")[0] for each in built()}

    assert {
        "exact_connector.exact.webhooks",
        "exact_connector.sync.extraction.runs",
        "exact_connector.tenants.access",
        "exact_connector.tenants.consent",
        "exact_connector.orders.references.live",
        "exact_connector.serving.relation_cards",
    } <= places
    assert {"hrm/Costunits", "inventory/Warehouses"} <= {each.path for each in built()}


def test_every_query_names_an_address_and_properties_that_exact_has() -> None:
    found = {
        f"{each.place}: {fault}"
        for each in built()
        for fault in faults_of_read(each.path, select=each.select, orderby=each.orderby, arguments=each.arguments)
        if not fault.endswith("without the filter that it demands")
    }

    assert sorted(found) == []


def test_every_query_is_filtered_where_exact_demands_it_and_by_properties_that_exact_filters() -> None:
    found = set()
    for each in built():
        resource = resources()[each.path]
        demanded = resource.mode == "sync" or (resource.has_sync_twin and resource.mode in ("crud", "bulk"))
        if demanded and each.filtered is None:
            found.add(f"{each.place}: {each.path} demands a filter")
        for name in each.filtered or ():
            if name not in resource.properties or not resource.may_filter(name):
                found.add(f"{each.place}: {each.path} cannot be filtered by {name}")

    assert sorted(found) == []


def _query(read: Stream) -> Query:
    """Return the longest query of a stream: a late start, and every property."""
    late = {Mode.SYNC: newer_than(2**62), Mode.DELETED: newer_than(2**62), Mode.MODIFIED: modified_filter(2**41)}
    only = f"{read.division_filter} eq 2147483647" if read.division_filter else read.filter
    return Query(read.path, select=read.select, filter=late.get(read.mode, only))


@pytest.mark.parametrize("read", STREAMS_READ, ids=lambda read: read.name)
def test_a_stream_is_read_as_exact_allows(read: Stream) -> None:
    query = _query(read)

    assert faults_of_read(query.path, select=query.select, filter=query.filter) == []
    assert len(set(read.select)) == len(read.select)


@pytest.mark.parametrize("read", STREAMS_READ, ids=lambda read: read.name)
def test_the_address_of_a_stream_is_shorter_than_exact_allows(read: Stream) -> None:
    assert len(_query(read).url(LONGEST_HOST, 99_999_999)) <= URL_LIMIT


@pytest.mark.parametrize("read", STREAMS_READ, ids=lambda read: read.name)
def test_a_stream_selects_the_fields_that_it_is_kept_by(read: Stream) -> None:
    wanted = {read.row_id} if read.mode is not Mode.DELETED else set()
    wanted |= {read.owner} if read.owner and read.mode is not Mode.DELETED else set()
    wanted |= {"Timestamp"} if read.mode in (Mode.SYNC, Mode.DELETED) else set()
    wanted |= {"Modified"} if read.mode is Mode.MODIFIED else set()

    assert wanted <= set(read.select)


@pytest.mark.parametrize("kind", DOCUMENTS.values(), ids=lambda kind: kind.path)
def test_a_document_can_be_posted_and_found_again(kind: DocumentKind) -> None:
    header, lines = resources()[kind.path], resources()[kind.lines_path]

    assert "POST" in header.methods
    assert header.lines[kind.lines] == kind.lines_path
    assert header.has_mark(kind.customer, "c")
    assert {kind.key, kind.number, kind.customer, "Created", *kind.header_texts} <= set(header.properties)
    assert {kind.line_key, kind.line_number, kind.lines_parent, kind.quantity} <= set(lines.properties)
    assert lines.has_mark(kind.quantity, "c")


REFUSED: list[Any] = [
    pytest.param("logistics/items", {"select": ["ID"]}, "is no address", id="another case"),
    pytest.param("sync/Logistics/Items", {"select": ["StandardSalesPrice"]}, "has no property", id="not in sync"),
    pytest.param("bulk/SalesOrder/SalesOrderLines", {"select": ["Margin"]}, "has no property", id="not in bulk"),
    pytest.param("crm/Accounts", {"select": ["ID"]}, "filter that it demands", id="no filter beside a sync twin"),
    pytest.param("bulk/Logistics/Items", {"filter": "Code eq 'A'"}, "without $select", id="everything"),
    pytest.param("sync/CRM/Accounts", {"filter": "Code eq 'A'"}, "filtered by Code", id="sync by another property"),
    pytest.param("sync/CRM/Accounts", {"filter": "Timestamp gt 12"}, "no literal", id="a plain number"),
    pytest.param("logistics/Items", {"filter": "Notes eq 'A'"}, "filtered by Notes", id="not marked"),
    pytest.param("logistics/Items", {"filter": "IsWebshopItem eq true"}, "no literal", id="a flag of type Byte"),
    pytest.param("logistics/Items", {"filter": "ID eq 'x'"}, "no literal", id="a text for a GUID"),
    pytest.param("logistics/Items", {"filter": "Modified ge datetime'2026-01-01'"}, "no literal", id="a bare date"),
    pytest.param("logistics/Items", {"filter": "Code eq 'A' xor Code eq 'B'"}, "form", id="another word"),
    pytest.param("logistics/Items", {"filter": "Code eq 'A' and ID eq null or x"}, "form", id="without parentheses"),
    pytest.param("logistics/Units", {"select": ["ID"], "orderby": ["Sort"]}, "sorted", id="an unknown order"),
    pytest.param("read/logistics/ItemExtraField", {"arguments": ["itemId"]}, "arguments", id="an argument too few"),
]


@pytest.mark.parametrize(("path", "parts", "part_of_fault"), REFUSED)
def test_the_rules_refuse(path: str, parts: dict[str, Any], part_of_fault: str) -> None:
    faults = faults_of_read(path, **parts)

    assert any(part_of_fault in fault for fault in faults), faults


def test_the_rules_take_what_exact_takes() -> None:
    one, other = ("guid'3f2504e0-4f89-11d3-9a0c-0305e82c3301'", "guid'3f2504e0-4f89-11d3-9a0c-0305e82c3302'")
    wanted = f"Supplier eq {one} and (Item eq {one} or Item eq {other})"

    assert faults_of_read("logistics/SupplierItem", select=["ID"], filter=wanted) == []
    assert faults_of_read("crm/Accounts", select=["ID"], filter="Code eq '             O''B 1'") == []
    assert faults_of_read("sync/Deleted", select=["EntityKey"], filter="Timestamp gt 7L and EntityType eq 9") == []


SUPPLIER = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
LINE = {"Item": SUPPLIER, "QuantityInPurchaseUnits": 3}
PURCHASE = {"Supplier": SUPPLIER, "PurchaseOrderLines": [LINE]}
WRONG_BODIES: list[Any] = [
    pytest.param({"Supplier": SUPPLIER}, "lacks PurchaseOrderLines", id="without lines"),
    pytest.param({**PURCHASE, "Colour": "red"}, "no property Colour", id="an unknown property"),
    pytest.param({**PURCHASE, "Supplier": ""}, "not Guid", id="an empty GUID"),
    pytest.param({**PURCHASE, "OrderDate": "2026-06-25T00:00:00Z"}, "not DateTime", id="a date with a zone"),
    pytest.param({**PURCHASE, "OrderDate": "/Date(1)/"}, "not DateTime", id="a date in the form of answers"),
    pytest.param({**PURCHASE, "SupplierName": "Vos"}, "read-only", id="a read-only property"),
    pytest.param({**PURCHASE, "PurchaseOrderLines": []}, "takes a list", id="no line"),
    pytest.param(
        {**PURCHASE, "PurchaseOrderLines": [{**LINE, "Quantity": 3}]}, "Quantity is read-only", id="units of the item"
    ),
    pytest.param(
        {**PURCHASE, "PurchaseOrderLines": [{**LINE, "UnitPrice": "3"}]}, "not Double", id="a number as a text"
    ),
]


@pytest.mark.parametrize(("body", "part_of_fault"), WRONG_BODIES)
def test_the_rules_refuse_a_body(body: dict[str, Any], part_of_fault: str) -> None:
    faults = faults_of_body("purchaseorder/PurchaseOrders", body, update=False)

    assert any(part_of_fault in fault for fault in faults), faults


def test_the_rules_take_a_whole_body() -> None:
    assert faults_of_body("purchaseorder/PurchaseOrders", PURCHASE, update=False) == []


GOOD_HEADERS = {"Accept": "application/json", "Authorization": "Bearer t"}
UNITS = f"{LONGEST_HOST}/api/v1/7/logistics/Units?$select=ID"
WRONG_REQUESTS: list[Any] = [
    pytest.param(HttpRequest("GET", UNITS, {**GOOD_HEADERS, "Accept": "*/*"}), "Accept", id="Atom"),
    pytest.param(HttpRequest("GET", UNITS, {"Accept": "application/json"}), "bearer", id="no token"),
    pytest.param(HttpRequest("DELETE", UNITS, GOOD_HEADERS), "knows no DELETE", id="another method"),
    pytest.param(HttpRequest("GET", f"{UNITS}&$skip=60", GOOD_HEADERS), "$skip is not known", id="skipping"),
    pytest.param(HttpRequest("GET", UNITS.replace("/7/", "//7/"), GOOD_HEADERS), "empty part", id="two slashes"),
    pytest.param(HttpRequest("GET", UNITS + "," * URL_LIMIT, GOOD_HEADERS), "characters", id="too long"),
    pytest.param(HttpRequest("GET", "https://elsewhere.example/api/v1/7/x", GOOD_HEADERS), "site", id="another site"),
    pytest.param(
        HttpRequest("POST", f"{LONGEST_HOST}/api/v1/7/crm/Accounts", GOOD_HEADERS, b'{"Name":"A"}'),
        "Prefer",
        id="a POST without Prefer",
    ),
    pytest.param(
        HttpRequest("GET", f"{LONGEST_HOST}/api/v1/7/crm/Accounts(x)?$select=ID", GOOD_HEADERS),
        "no literal as its key",
        id="a key that is none",
    ),
]


@pytest.mark.parametrize(("request_", "part_of_fault"), WRONG_REQUESTS)
def test_the_rules_refuse_a_request(request_: HttpRequest, part_of_fault: str) -> None:
    faults = faults_of_request(request_, LONGEST_HOST)

    assert any(part_of_fault in fault for fault in faults), faults


def test_the_rules_take_a_whole_request() -> None:
    assert faults_of_request(HttpRequest("GET", UNITS, GOOD_HEADERS), LONGEST_HOST) == []
