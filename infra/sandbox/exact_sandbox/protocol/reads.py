"""GET: from an address and its checked options to the rows of one answer.

What differs by address: sync walks row versions and filters on Timestamp only; bulk needs `$select`; CRUD and bulk
addresses that have a sync twin demand a filter; where the reference marks filterable properties, only those pass.
Exact's pages "API limits", "Query string options" and "REST API Restrictions".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import total_ordering
from itertools import islice
from typing import Any, cast
from urllib.parse import quote

from exact_sandbox.protocol.filter_rules import check_filter, check_no_filter
from exact_sandbox.protocol.odata import (
    SYNTAX_ERROR,
    ODataError,
    OrderTerm,
    QueryOptions,
    Selection,
    parse_literal,
    parse_options,
    split_literals,
    write_literal,
)
from exact_sandbox.protocol.odata_filter import (
    Expression,
    Predicate,
    alternatives,
    compile_filter,
    equalities,
    lower_bound,
)
from exact_sandbox.protocol.render import Page, Renderer
from exact_sandbox.protocol.schema import Collection, Endpoint, load_schema
from exact_sandbox.protocol.switches import Switches
from exact_sandbox.world.order import key_order
from exact_sandbox.world.store import Division, Key, Row, Table, User, World

EXPANDED_ROWS = 60
"""How many rows a collection inside an entity holds at most."""

ALWAYS_WITH_RESULTS = frozenset({"salesinvoice/SalesInvoices"})
"""Addresses that answer with `results` even where `$top` leaves nothing to page, as recorded."""

TABLES = {"PurchaseItemPricesSync": "PurchaseItemPrices"}
"""The table of an entity whose name differs."""


@dataclass(frozen=True)
class Call:
    """Who asks what: the company and user of the token and the address up to and including the company."""

    world: World
    division: Division
    user: User
    granted: tuple[int, ...]
    base: str
    language: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)


class RowList:
    """A handful of rows that are not stored, with the same reading methods as a table."""

    def __init__(self, rows: Iterable[Row], key: str | None = None) -> None:
        self._key = key
        self._rows = list(rows) if key is None else sorted(rows, key=lambda row: key_order(row[key]))

    def get(self, key: Key | None) -> Row | None:
        """Return the row under this key, or None."""
        return next((row for row in self._rows if self._key is not None and row[self._key] == key), None)

    def scan_by_key(self, after: Any = None) -> Iterator[Row]:
        """Walk the rows in the order of their keys, beyond `after`."""
        bound, key = key_order(after), self._key
        return (row for row in self._rows if after is None or (key is not None and key_order(row[key]) > bound))

    def lookup(self, field_name: str, value: object) -> list[Row] | None:
        """Return the row whose key has this value; None for every other field."""
        return [row for row in self._rows if row[field_name] == value] if field_name == self._key else None


Source = Table | RowList
SourceOf = Callable[[Call], RowList]


@dataclass
class Reader:
    """Reads collections and entities; `sources` are the entities that do not lie in a table."""

    switches: Switches = field(default_factory=Switches)
    sources: dict[str, SourceOf] = field(default_factory=dict)
    translate: Callable[[Call, Endpoint, Row], Row] | None = None

    def source(self, call: Call, endpoint: Endpoint) -> Source:
        """Return where the rows of this entity are."""
        made = self.sources.get(endpoint.entity.name)
        return made(call) if made else self.table(call.division, endpoint.entity.name)

    def table(self, division: Division, entity: str) -> Table:
        """Return the table of an entity."""
        return division.table(TABLES.get(entity, entity))

    def collection(self, call: Call, endpoint: Endpoint, options: QueryOptions) -> tuple[Page, list[Row]]:
        """Return one page, rendered, and the stored rows it shows."""
        expression = self._filter(endpoint, options)
        predicate = self._predicate(expression)
        matching = self._matching(call, endpoint, options, expression, predicate)
        rows, following = _one_page(endpoint, options, matching, f"{call.base}/{endpoint.path}")
        count = self._count(call, endpoint, expression, predicate) if options.inlinecount else None
        page = Page(
            rows=self._rendered(call, endpoint, options.selection, rows),
            next=following,
            count=count,
            bare=_cannot_page(endpoint, options),
        )
        return page, rows

    def count(self, call: Call, endpoint: Endpoint, options: QueryOptions) -> int:
        """Return how many rows match, for `/$count`."""
        expression = self._filter(endpoint, options)
        return self._count(call, endpoint, expression, self._predicate(expression))

    def row(self, call: Call, endpoint: Endpoint, key: str) -> Row:
        """Return the stored row under a key in parentheses (of a sync row: its Timestamp); 404 when there is none."""
        wanted = parse_key(endpoint, key)
        if endpoint.mode == "sync":
            row = next(iter(self._later(call, endpoint, int(wanted) - 1)), None)
            row = row if row is not None and row["Timestamp"] == wanted else None
        else:
            row = self.source(call, endpoint).get(wanted)
        if row is None:
            raise ODataError(f"Resource not found for the segment '{endpoint.path.split('/')[-1]}'.", 404)
        return row

    def entity(self, call: Call, endpoint: Endpoint, selection: Selection, row: Row) -> dict[str, Any]:
        """Return one row, rendered."""
        return cast(dict[str, Any], json.loads(self._rendered(call, endpoint, selection, [row])[0]))

    def children(
        self, call: Call, endpoint: Endpoint, row: Row, name: str, pairs: Sequence[tuple[str, str]]
    ) -> tuple[Endpoint, Page]:
        """Return the rows behind a `__deferred` address such as `SalesOrders(guid'..')/SalesOrderLines`.

        The options speak of the rows, not of the entity that they belong to; no filter is demanded.
        """
        known = endpoint.fields.get(name)
        if known is None or not known.is_collection:
            raise ODataError(f"Resource not found for the segment '{name}'.", 404)
        link = endpoint.entity.collections.get(name)
        target = _child_endpoint(link) if link else None
        if link is None or target is None:
            return endpoint, Page([])
        options = _in_line_order(target, parse_options(target, pairs))
        expression = None if options.filter is None else check_filter(target, options.filter, self.switches)
        rows = children_of(call.division, link, row)
        found = list(filter(self._predicate(expression), rows))
        address = f"{call.base}/{endpoint.path}({_key_text(endpoint, row)})/{name}"
        shown, following = _one_page(target, options, _ordered(target, options, found), address)
        return target, Page(
            rows=self._rendered(call, target, options.selection, shown),
            next=following,
            count=len(found) if options.inlinecount else None,
            bare=_cannot_page(target, options),
        )

    def _rendered(self, call: Call, endpoint: Endpoint, selection: Selection, rows: Sequence[Row]) -> list[str]:
        renderer = Renderer(endpoint, selection, call.base, self.switches.int64_form)
        if self.translate is not None and call.language:
            rows = [self.translate(call, endpoint, row) for row in rows]
        if not selection.expanded:
            return [renderer.text(row) for row in rows]
        return [renderer.text(row, self._expand(call, endpoint, selection, row)) for row in rows]

    def _expand(self, call: Call, endpoint: Endpoint, selection: Selection, row: Row) -> dict[str, list[str]]:
        shown: dict[str, list[str]] = {}
        for name, fields in selection.expanded.items():
            link = endpoint.entity.collections.get(name)
            target = _child_endpoint(link) if link else None
            if link is None or target is None:
                shown[name] = []
                continue
            inner = Selection(None if fields is None or "*" in fields else fields)
            renderer = Renderer(target, inner, call.base, self.switches.int64_form)
            shown[name] = [renderer.text(each) for each in children_of(call.division, link, row)[:EXPANDED_ROWS]]
        return shown

    def _filter(self, endpoint: Endpoint, options: QueryOptions) -> Expression | None:
        if options.filter is None:
            check_no_filter(endpoint, self.switches)
            return None
        return check_filter(endpoint, options.filter, self.switches)

    def _predicate(self, expression: Expression | None) -> Predicate | None:
        return None if expression is None else compile_filter(expression, ignore_case=self.switches.ignore_case)

    def _matching(
        self,
        call: Call,
        endpoint: Endpoint,
        options: QueryOptions,
        expression: Expression | None,
        predicate: Predicate | None,
    ) -> Iterator[Row]:
        if options.orderby:
            rows = self._candidates(call, endpoint, expression, None)
            return _ordered(endpoint, options, filter(predicate, rows))
        rows = self._candidates(call, endpoint, expression, _position(endpoint, options.skiptoken))
        return filter(predicate, rows)

    def _candidates(
        self, call: Call, endpoint: Endpoint, expression: Expression | None, after: Key | None
    ) -> Iterable[Row]:
        if endpoint.mode == "sync":
            bound = lower_bound(expression, "Timestamp") if expression else 0
            return self._later(call, endpoint, max(bound, int(after or 0)))
        source, key = self.source(call, endpoint), endpoint.entity.key
        if expression is not None:
            indexed = _indexed(source, expression)
            if indexed is not None:
                later = (row for row in indexed if after is None or key_order(row[key]) > key_order(after))
                return sorted(later, key=lambda row: key_order(row[key]))
        return source.scan_by_key(after)

    def _later(self, call: Call, endpoint: Endpoint, version: int) -> Iterable[Row]:
        return call.division.sync_rows(TABLES.get(endpoint.entity.name, endpoint.entity.name), version)

    def _count(self, call: Call, endpoint: Endpoint, expression: Expression | None, predicate: Predicate | None) -> int:
        rows = self._candidates(call, endpoint, expression, None)
        return sum(1 for row in rows if predicate is None or predicate(row))


def children_of(division: Division, link: Collection, row: Row) -> list[Row]:
    """Return the rows of a collection property."""
    own = row.get(link.own_field)
    table = division.table(link.entity)
    found = table.lookup(link.parent_field, own)
    if found is None:
        found = [each for each in table.rows() if each.get(link.parent_field) == own]
    return sorted(found, key=lambda each: each.get("LineNumber") or 0)


def parse_key(endpoint: Endpoint, text: str) -> Key:
    """Read the key in parentheses, such as `guid'..'`, `123`, `'EUR'` or `ID=guid'..'`."""
    name, mark, value = text.partition("=")
    literal = parse_literal(value if mark and name.strip() == _order_key(endpoint) else text.strip())
    wanted = _key_type(endpoint)
    fits = literal.type == wanted or (literal.type == "Int32" and wanted in ("Int16", "Int32", "Int64"))
    if not fits:
        raise ODataError(SYNTAX_ERROR)
    return literal.value  # type: ignore[no-any-return]


def _indexed(source: Source, expression: Expression) -> list[Row] | None:
    for name, value in equalities(expression):
        found = source.lookup(name, value)
        if found or (found is not None and not isinstance(value, str)):
            return found
    for name, values in alternatives(expression):
        each = [source.lookup(name, value) for value in dict.fromkeys(values)]
        if None not in each:
            return [row for rows in each if rows for row in rows]
    return None


def _cannot_page(endpoint: Endpoint, options: QueryOptions) -> bool:
    if endpoint.page_size is None:
        return True
    if options.skiptoken is not None:
        return False
    return options.top is not None and options.top <= endpoint.page_size and endpoint.path not in ALWAYS_WITH_RESULTS


def _child_endpoint(link: Collection) -> Endpoint | None:
    schema = load_schema()
    path = schema[link.entity].path
    return schema.endpoints[path] if path else None


def _one_page(
    endpoint: Endpoint, options: QueryOptions, matching: Iterable[Row], address: str
) -> tuple[list[Row], str | None]:
    """Take one page off the rows that match, and return it with the address of the next one."""
    if options.skip and options.skiptoken is None:
        matching = islice(matching, options.skip, None)
    limits = [each for each in (endpoint.page_size, options.top) if each is not None]
    if not limits:
        return list(matching), None
    limit = min(limits)
    found = list(islice(matching, limit + 1))
    more = len(found) > limit and (options.top is None or options.top > limit)
    rows = found[:limit]
    return rows, _next_link(address, endpoint, options, rows[-1], len(rows)) if more else None


def _next_link(address: str, endpoint: Endpoint, options: QueryOptions, last: Row, shown: int) -> str:
    kept = [(name, value) for name, value in options.raw if name not in ("$skiptoken", "$skip", "$top")]
    if options.top is not None:
        kept.append(("$top", str(options.top - shown)))
    kept.append(("$skiptoken", _token(endpoint, options, last)))
    query = "&".join(f"{name}={quote(value, safe=_UNQUOTED)}" for name, value in kept)
    return f"{address}?{query}"


def _in_line_order(endpoint: Endpoint, options: QueryOptions) -> QueryOptions:
    if options.orderby or "LineNumber" not in endpoint.fields:
        return options
    return replace(options, orderby=(OrderTerm("LineNumber"),))


def _key_text(endpoint: Endpoint, row: Row) -> str:
    return write_literal(row[_order_key(endpoint)], _key_type(endpoint))


_UNQUOTED = "$'(),*/"


def _order_key(endpoint: Endpoint) -> str:
    return "Timestamp" if endpoint.mode == "sync" else endpoint.entity.key


def _key_type(endpoint: Endpoint) -> str:
    return "Int64" if endpoint.mode == "sync" else endpoint.entity.key_type


def _token(endpoint: Endpoint, options: QueryOptions, last: Row) -> str:
    names = [*(term.name for term in options.orderby), _order_key(endpoint)]
    types = [endpoint.fields[name].type if name in endpoint.fields else "Int64" for name in names]
    values = [_shown(endpoint, last, name) for name in names]
    return ",".join(write_literal(value, type_) for value, type_ in zip(values, types, strict=True))


def _shown(endpoint: Endpoint, row: Row, name: str) -> Any:
    known = endpoint.fields.get(name)
    return known.shown(row.get(name)) if known is not None else row.get(name)


def _position(endpoint: Endpoint, skiptoken: str | None) -> Key | None:
    if skiptoken is None:
        return None
    values = _token_values(skiptoken, 1)
    wanted = int if _order_key(endpoint) == "Timestamp" or "Int" in endpoint.entity.key_type else str
    if not isinstance(values[0], wanted):
        raise ODataError("The $skiptoken is not one that this endpoint handed out.")
    return values[0]


def _token_values(skiptoken: str, wanted: int) -> list[Any]:
    values = [parse_literal(part).value for part in split_literals(skiptoken)]
    if len(values) != wanted:
        raise ODataError("The $skiptoken is not one that this endpoint handed out.")
    return values


@total_ordering
@dataclass(frozen=True)
class _Place:
    """A value in an order: null first, reversed when descending."""

    value: Any
    descending: bool

    def __lt__(self, other: _Place) -> bool:
        one, two = (other, self) if self.descending else (self, other)
        if one.value is None or two.value is None:
            return one.value is None and two.value is not None
        return bool(one.value < two.value)


def _places(terms: Sequence[OrderTerm], values: Sequence[Any]) -> list[_Place]:
    return [_Place(key_order(value), term.descending) for term, value in zip(terms, values, strict=True)]


def _ordered(endpoint: Endpoint, options: QueryOptions, rows: Iterable[Row]) -> Iterator[Row]:
    terms = [*options.orderby, OrderTerm(_order_key(endpoint))]

    def place(row: Row) -> list[_Place]:
        return _places(terms, [_shown(endpoint, row, term.name) for term in terms])

    ordered = sorted(rows, key=place)
    if options.skiptoken is None:
        return iter(ordered)
    last = _places(terms, _token_values(options.skiptoken, len(terms)))
    return (row for row in ordered if place(row) > last)
