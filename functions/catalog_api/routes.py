"""The routes from which platforms read: documents by kind, resolved prices, the change feed, the state of the copy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from catalog_api.finding import Finder
from catalog_api.kinds import COLLECTIONS, FEED_KINDS, Collection
from catalog_api.reading import in_warehouse, read_page
from exact_connector.clock import to_text
from exact_connector.documents.feed import ChangeFeed, Entry
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.errors import Fault, InvalidInput, NotFound
from exact_connector.serving.views import Views, shown
from exact_connector.web.auth import Scope
from exact_connector.web.http import Request, Response, json_response
from exact_connector.web.paging import decode_cursor, limit_of, next_link
from exact_connector.web.routes import Answer, Parameter, Route

_OBJECT: dict[str, Any] = {"type": "object"}
_PAGE = (
    Parameter("cursor", "The cursor of the previous page."),
    Parameter("limit", "Rows per page.", {"type": "integer", "minimum": 1, "maximum": 1000}),
)
_VIEW = Parameter("view", "`full` adds every attribute of Exact.", {"type": "string", "enum": ["full", "default"]})
_NOT_MODIFIED = Answer("The document is the one named by If-None-Match.")
_MATCH = Parameter("If-None-Match", "ETag of the copy you have.", place="header")


class Quotes(Protocol):
    """Resolves prices."""

    def quote(self, tenant: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the one resolved price with the rules that won and lost."""
        ...


class Cards(Protocol):
    """The history on a customer's relation card."""

    def orders(self, tenant: str, customer_id: str) -> dict[str, Any]:
        """Return the customer's orders."""
        ...

    def invoices(self, tenant: str, customer_id: str) -> dict[str, Any]:
        """Return the customer's invoices."""
        ...


def routes(
    documents: CatalogStore,
    feed: ChangeFeed,
    quotes: Quotes,
    cards: Cards,
    status: Callable[[str], dict[str, Any]],
    openapi: Callable[[], dict[str, Any]],
) -> Sequence[Route]:
    """Return the routes over the stores."""
    api = _CatalogRoutes(documents, feed, quotes, cards, status, openapi)
    read = Scope.CATALOG_READ
    found: list[Route] = []
    for collection in COLLECTIONS:
        found += api.of(collection)
    found += [
        Route(
            "GET",
            "/v1/price-lists/{key}/prices",
            "listPriceListPrices",
            "Read the rows of a price list.",
            "catalogue",
            read,
            api.price_list_prices,
            {200: Answer("A page of rows.", _OBJECT)},
            parameters=_PAGE,
        ),
        Route(
            "GET",
            "/v1/items/{key}/agreements",
            "listItemAgreements",
            "Read the prices agreed with customers for an item.",
            "catalogue",
            read,
            api.agreements,
            {200: Answer("A page of agreements.", _OBJECT)},
            parameters=_PAGE,
        ),
        Route(
            "GET",
            "/v1/prices/quote",
            "quotePrice",
            "Resolve the one price for an item, customer, quantity, date and currency.",
            "catalogue",
            read,
            api.quote,
            {200: Answer("The price, the rule that won and those that lost.", _OBJECT), 404: Answer("Not found.")},
            parameters=(
                Parameter("item", "Item code.", required=True),
                Parameter("customer", "Customer id or code."),
                Parameter("quantity", "Quantity in item units; 1 when absent."),
                Parameter("date", "Date YYYY-MM-DD; today when absent."),
                Parameter("currency", "Currency; the customer's when absent."),
            ),
        ),
        Route(
            "GET",
            "/v1/customers/{key}/orders",
            "customerOrders",
            "Read a customer's order history.",
            "customers",
            read,
            api.customer_orders,
            {200: Answer("The orders.", _OBJECT), 409: Answer("The tenant is not linked.")},
        ),
        Route(
            "GET",
            "/v1/customers/{key}/invoices",
            "customerInvoices",
            "Read a customer's invoices.",
            "customers",
            read,
            api.customer_invoices,
            {200: Answer("The invoices.", _OBJECT), 409: Answer("The tenant is not linked.")},
        ),
        Route(
            "GET",
            "/v1/changes",
            "listChanges",
            "Follow the change feed.",
            "feed",
            read,
            api.changes,
            {200: Answer("Changes after `since`, oldest first.", _OBJECT)},
            parameters=(
                Parameter("since", "The `next` of the previous answer; 0 at first.", {"type": "integer", "minimum": 0}),
                Parameter("kind", f"Kinds of documents, separated by commas: {', '.join(FEED_KINDS)}."),
                Parameter("documents", "`true` adds the documents themselves.", {"type": "boolean"}),
                _PAGE[1],
            ),
        ),
        Route(
            "GET",
            "/v1/status",
            "catalogStatus",
            "Tell how fresh the copy is and how much it holds.",
            "feed",
            read,
            api.state,
            {200: Answer("The state of each stream and family.", _OBJECT)},
        ),
        Route(
            "GET",
            "/v1/openapi.json",
            "openapi",
            "Read this document.",
            "service",
            read,
            api.openapi,
            {200: Answer("The OpenAPI document.", _OBJECT)},
        ),
    ]
    return found


class _CatalogRoutes:
    def __init__(
        self,
        documents: CatalogStore,
        feed: ChangeFeed,
        quotes: Quotes,
        cards: Cards,
        status: Callable[[str], dict[str, Any]],
        openapi: Callable[[], dict[str, Any]],
    ) -> None:
        self._documents = documents
        self._views = Views(documents)
        self._finder = Finder(documents)
        self._feed = feed
        self._quotes = quotes
        self._cards = cards
        self._status = status
        self._openapi = openapi

    def of(self, collection: Collection) -> list[Route]:
        """Return the list and single routes of a collection."""
        view = (*((_VIEW,) if collection.has_full_view else ()), *collection.options)
        return [
            Route(
                "GET",
                collection.path,
                f"list{collection.one}s" if not collection.one.endswith("s") else f"list{collection.one}",
                f"List {collection.name.replace('_', ' ')}.",
                "catalogue",
                Scope.CATALOG_READ,
                lambda request: self._list(collection, request),
                {200: Answer("A page of documents, in the order of their keys.", _OBJECT)},
                parameters=(*_PAGE, *collection.filters, *view),
            ),
            Route(
                "GET",
                collection.path + "/{key}",
                f"get{collection.one}",
                f"Read one of the {collection.name.replace('_', ' ')}.",
                "catalogue",
                Scope.CATALOG_READ,
                lambda request: self._one(collection, request),
                {200: Answer("The document.", _OBJECT, headers=("ETag",)), 304: _NOT_MODIFIED},
                parameters=(_MATCH, *view),
            ),
        ]

    def _list(self, collection: Collection, request: Request) -> Response:
        full, divided = _full(request.query), _divided(request.query)
        after, limit, accept = decode_cursor(request.query), limit_of(request.query), collection.accept(request.query)
        tenant, kind = request.tenant, collection.kind
        narrow = in_warehouse(self._documents, tenant, request.query) if kind == "item" else None
        if collection.by_code and "code" in request.query:
            found = self._finder.listed(tenant, kind, request.query["code"], accept, narrow)
        else:
            found = read_page(self._documents, tenant, kind, after=after, limit=limit, accept=accept, narrow=narrow)
        return json_response(
            200,
            {
                collection.name: self._views.shown(request.tenant, found.documents, full=full, divided=divided),
                "next": next_link(request.path, request.query, found.next),
            },
        )

    def _one(self, collection: Collection, request: Request) -> Response:
        row = self._finder.one(request.tenant, collection.kind, request.params["key"])
        if row is None:
            raise NotFound(f"There is no such document at {collection.path}; list them to see which there are.")
        full, divided = _full(request.query), _divided(request.query)
        (body,) = self._views.shown(request.tenant, [row], full=full, divided=divided)
        etag = f'"{_tag(row, body, collection)}{"-full" if full else ""}"'
        if _names(request.headers.get("if-none-match", ""), etag):
            return Response(304, "", headers={"ETag": etag})
        return json_response(200, body, headers={"ETag": etag})

    def price_list_prices(self, request: Request) -> Response:
        price_list = self._finder.one(request.tenant, "price_list", request.params["key"])
        if price_list is None:
            raise NotFound(f"There is no price list {request.params['key'][:60]!r}; list them to see which there are.")
        return self._below(request, "price_list_rows", "prices", "price_list_code", price_list.key)

    def agreements(self, request: Request) -> Response:
        item = self._finder.one(request.tenant, "item", request.params["key"])
        if item is None:
            raise NotFound(f"There is no item {request.params['key'][:60]!r}; list them to see which there are.")
        return self._below(request, "agreement", "agreements", "item_code", item.key)

    def _below(self, request: Request, kind: str, name: str, field: str, code: str) -> Response:
        found = read_page(
            self._documents,
            request.tenant,
            kind,
            after=decode_cursor(request.query),
            limit=limit_of(request.query),
            prefix=code + "/",
        )
        following = next_link(request.path, request.query, found.next)
        # A code may hold a slash itself, and then begin with another code and a slash.
        mine = [row.body for row in found.documents if row.body.get(field) == code]
        return json_response(200, {name: mine, "next": following})

    def quote(self, request: Request) -> Response:
        return json_response(200, self._quotes.quote(request.tenant, request.query))

    def customer_orders(self, request: Request) -> Response:
        return json_response(200, self._cards.orders(request.tenant, request.params["key"]))

    def customer_invoices(self, request: Request) -> Response:
        return json_response(200, self._cards.invoices(request.tenant, request.params["key"]))

    def changes(self, request: Request) -> Response:
        since = _since(request.query)
        kinds = _kinds(request.query)
        page = self._feed.read(request.tenant, since=since, kinds=kinds, limit=limit_of(request.query))
        with_documents = request.query.get("documents", "").lower() in ("true", "1")
        found = self._bodies(request.tenant, page.entries) if with_documents else {}
        return json_response(
            200,
            {
                "changes": [_entry(entry, found.get((entry.kind, entry.key))) for entry in page.entries],
                "next": page.next_since,
                "head": page.head,
                "reset": page.reset,
            },
        )

    def _bodies(self, tenant: str, entries: Sequence[Entry]) -> dict[tuple[str, str], StoredDocument]:
        by_kind: dict[str, list[str]] = {}
        for entry in entries:
            if entry.op == "upsert":
                by_kind.setdefault(entry.kind, []).append(entry.key)
        return {
            (kind, key): row
            for kind, keys in by_kind.items()
            for key, row in self._documents.batch(tenant, kind, keys).items()
        }

    def state(self, request: Request) -> Response:
        return json_response(200, self._status(request.tenant))

    def openapi(self, _request: Request) -> Response:
        return json_response(200, self._openapi())


def _full(query: Mapping[str, str]) -> bool:
    view = query.get("view", "default")
    if view not in ("full", "default"):
        fault = Fault("?view", "VIEW", "Send view=full or leave it out.")
        raise InvalidInput(f"There is no view {view[:20]!r}.", [fault])
    return view == "full"


def _names(header: str, etag: str) -> bool:
    """Tell whether an If-None-Match names the tag: one of several, weak ones as well, or any."""
    named = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in named or "*" in named


def _divided(query: Mapping[str, str]) -> bool:
    return query.get("components", "").lower() in ("true", "1")


def _tag(row: StoredDocument, body: Mapping[str, Any], collection: Collection) -> str:
    """Return what changes with a document as it is shown: its hash, or that of everything joined in it."""
    if not collection.joined:
        return row.hash
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _kinds(query: Mapping[str, str]) -> list[str] | None:
    """Return the kinds that a reader of the feed wants, None for all; a misspelt one would never tell anything."""
    named = [kind for part in query.get("kind", "").split(",") if (kind := part.strip())]
    unknown = [kind for kind in named if kind not in FEED_KINDS]
    if unknown:
        fault = Fault("?kind", "KIND", f"Send some of {', '.join(FEED_KINDS)}, separated by commas.")
        raise InvalidInput(f"The feed knows no kind {unknown[0][:40]!r}.", [fault])
    return named or None


def _since(query: Mapping[str, str]) -> int:
    text = query.get("since", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        fault = Fault("?since", "SINCE", "Send the next of the previous answer, or 0 to start.")
        raise InvalidInput(f"since={text[:20]!r} is not a place in the feed.", [fault])
    return int(text)


def _entry(entry: Entry, row: StoredDocument | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "seq": entry.seq,
        "op": entry.op,
        "kind": entry.kind,
        "key": entry.key,
        "at": to_text(entry.at),
    }
    if entry.fields is not None:
        found["fields"] = dict(entry.fields)
    if entry.kinds:
        found["kinds"] = list(entry.kinds)
    if row is not None:
        found["document"] = shown(row.kind, row.body)
    return found
