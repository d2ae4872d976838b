"""The list and the single address of each kind of documents; the collections of `kinds` say what differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from catalog_api.kinds import COLLECTIONS, COMPONENTS, Collection
from catalog_api.reading import Found, in_warehouse, read_page, time_for_a_scan
from exact_connector.errors import NotFound
from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request, Response
from exact_connector.web.paging import PAGE, cut, decode_cursor, limit_of, next_link
from exact_connector.web.parameters import choice, header
from exact_connector.web.routes import Answer, Route

if TYPE_CHECKING:
    from catalog_api.finding import Finder
    from exact_connector.documents.store import CatalogStore, StoredDocument
    from exact_connector.wiring.container import Container

VIEW = choice("view", "`full` adds every attribute of Exact.", ("full", "default"))
MATCH = header("If-None-Match", "ETag of the copy you have.")


def collection_routes(box: Container | None = None) -> Sequence[Route]:
    """Return the routes of every collection; without a container only what the document needs."""
    return [route for collection in COLLECTIONS for route in CollectionRoutes(collection, box).routes]


class CollectionRoutes:
    """The two routes of one collection."""

    def __init__(self, collection: Collection, box: Container | None) -> None:
        self._collection = collection
        self._box = box
        view = (*((VIEW,) if collection.has_full_view else ()), *collection.options)
        words = collection.name.replace("_", " ")
        self.routes = (
            Route(
                "GET",
                collection.path,
                collection.operation,
                f"List {words}.",
                "catalogue",
                Scope.CATALOG_READ,
                self.list,
                {200: Answer("A page of documents, in the order of their keys.", collection.page)},
                parameters=(*PAGE, *collection.filters, *view),
            ),
            Route(
                "GET",
                collection.path + "/{key}",
                f"get{collection.one}",
                f"Read one of the {words}.",
                "catalogue",
                Scope.CATALOG_READ,
                self.get,
                {
                    200: Answer("The document.", collection.one, headers=("ETag",)),
                    304: Answer("The document is the one named by If-None-Match."),
                },
                parameters=(MATCH, *view),
            ),
        )

    @property
    def _documents(self) -> CatalogStore:
        assert self._box is not None
        return self._box.documents.store

    @property
    def _finder(self) -> Finder:
        from catalog_api.finding import Finder

        return Finder(self._documents)

    def _shown(self, request: Request, rows: Sequence[StoredDocument]) -> Sequence[Mapping[str, Any]]:
        from exact_connector.serving.views import Views

        full, divided = VIEW.of(request.query) == "full", bool(COMPONENTS.of(request.query))
        return Views(self._documents).of(request.tenant, rows, full=full, divided=divided)

    def list(self, request: Request) -> Json[dict[str, Any]]:
        """Return a page of the documents that pass the filters."""
        found = self._found(request)
        shown, keys = self._shown(request, found.documents), [row.key for row in found.documents]
        rows, position = cut(shown, keys, found.next)
        return Json({self._collection.name: rows, "next": next_link(request.path, request.query, position)})

    def _found(self, request: Request) -> Found:
        tenant, collection, query = request.tenant, self._collection, request.query
        accept = collection.accept(query)
        narrow = in_warehouse(self._documents, tenant, query) if collection.kind == "item" else None
        if collection.by_code and "code" in query:
            return self._finder.listed(tenant, collection.kind, query["code"], accept, narrow)
        after, limit = decode_cursor(query), limit_of(query)
        assert self._box is not None
        return read_page(
            self._documents,
            tenant,
            collection.kind,
            after=after,
            limit=limit,
            accept=accept,
            narrow=narrow,
            has_time=time_for_a_scan(self._box.clock, self._box.environment.CLOCK_RATE),
        )

    def get(self, request: Request) -> Json[Mapping[str, Any]] | Response:
        """Return a document, or that the copy of the client is still the same."""
        collection = self._collection
        row = self._finder.first(request.tenant, collection.kind, request.keys)
        if row is None:
            raise NotFound(f"There is no such document at {collection.path}; list them to see which there are.")
        (body,) = self._shown(request, [row])
        full = "-full" if VIEW.of(request.query) == "full" else ""
        etag = f'"{_tag(row, body, collection)}{full}"'
        if _names(request.headers.get("if-none-match", ""), etag):
            return Response(304, "", headers={"ETag": etag})
        return Json(body, headers={"ETag": etag})


def _names(condition: str, etag: str) -> bool:
    """Say whether an If-None-Match names the tag: one of several, weak ones as well, or any."""
    named = {tag.strip().removeprefix("W/") for tag in condition.split(",")}
    return etag in named or "*" in named


def _tag(row: StoredDocument, body: Mapping[str, Any], collection: Collection) -> str:
    """Return what changes with a document as it is shown: its hash, or that of everything joined in it."""
    if not collection.joined:
        return row.hash
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:32]
