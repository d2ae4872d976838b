"""What platforms read beside the collections: prices, histories, the change feed, the state of the copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from catalog_api.kinds import ADDRESSES, FEED_KINDS
from catalog_api.reading import read_page, time_for_a_scan
from exact_connector.clock import to_text
from exact_connector.errors import NotFound
from exact_connector.web.addresses import safe
from exact_connector.web.auth import Scope
from exact_connector.web.http import Json, Request
from exact_connector.web.paging import LIMIT, PAGE, cut, decode_cursor, limit_of, next_link
from exact_connector.web.parameters import choices, flag, whole
from exact_connector.web.routes import Answer, route

if TYPE_CHECKING:
    from exact_connector.documents.feed import Entry
    from exact_connector.documents.models.feed import Change, ChangePage, FeedDocument
    from exact_connector.documents.models.prices import Agreement, AgreementPage, PriceListRows, PriceListRowsPage
    from exact_connector.documents.models.sync import SyncState
    from exact_connector.documents.store import StoredDocument
    from exact_connector.wiring.container import Container

SINCE = whole(
    "since",
    "The `next` of the previous answer; 0 at first.",
    least=0,
    say="Send the next of the previous answer, or 0 to start.",
)
KINDS = choices("kind", f"Kinds of documents, separated by commas: {', '.join(FEED_KINDS)}.", FEED_KINDS)
WITH_DOCUMENTS = flag("documents", "`true` adds the documents themselves.")
_NOT_LINKED = Answer("The tenant is not linked.")


class CatalogRoutes:
    """Reading that spans kinds of documents."""

    def __init__(self, box: Container) -> None:
        self._box = box

    @route(
        "GET /v1/price-lists/{key}/prices",
        "listPriceListPrices",
        "Read the rows of a price list.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={200: "A page of rows."},
        parameters=PAGE,
    )
    def price_list_prices(self, request: Request) -> Json[PriceListRowsPage]:
        """Return a page of the rows of one price list."""
        price_list = self._named(request, "price_list", "price list")
        rows, following = self._below(request, "price_list_rows", "price_list_code", price_list.key)
        return Json({"prices": cast("list[PriceListRows]", rows), "next": following})

    @route(
        "GET /v1/items/{key}/agreements",
        "listItemAgreements",
        "Read the prices agreed with customers for an item.",
        tag="catalogue",
        scope=Scope.CATALOG_READ,
        answers={200: "A page of agreements."},
        parameters=PAGE,
    )
    def agreements(self, request: Request) -> Json[AgreementPage]:
        """Return a page of the agreements about one item."""
        item = self._named(request, "item", "item")
        rows, following = self._below(request, "agreement", "item_code", item.key)
        return Json({"agreements": cast("list[Agreement]", rows), "next": following})

    def _named(self, request: Request, kind: str, word: str) -> StoredDocument:
        from catalog_api.finding import Finder

        found = Finder(self._box.documents.store).first(request.tenant, kind, request.keys)
        if found is None:
            raise NotFound(f"There is no {word} {request.params['key'][:60]!r}; list them to see which there are.")
        return found

    def _below(self, request: Request, kind: str, field: str, code: str) -> tuple[list[dict[str, Any]], str | None]:
        # A code may hold a slash itself, and then begin with another code and a slash.
        found = read_page(
            self._box.documents.store,
            request.tenant,
            kind,
            after=decode_cursor(request.query),
            limit=limit_of(request.query),
            accept=lambda row: row.body.get(field) == code,
            prefix=code + "/",
            has_time=time_for_a_scan(self._box.clock, self._box.environment.CLOCK_RATE),
        )
        bodies, keys = [row.body for row in found.documents], [row.key for row in found.documents]
        rows, position = cut(bodies, keys, found.next)
        return [*rows], next_link(request.path, request.query, position)

    @route(
        "GET /v1/changes",
        "listChanges",
        "Follow the change feed.",
        tag="feed",
        scope=Scope.CATALOG_READ,
        answers={200: "Changes after `since`, oldest first."},
        parameters=(SINCE, KINDS, WITH_DOCUMENTS, LIMIT),
    )
    def changes(self, request: Request) -> Json[ChangePage]:
        """Return the changes after a place in the feed."""
        since, kinds = SINCE.of(request.query) or 0, KINDS.of(request.query)
        page = self._box.documents.feed.read(request.tenant, since=since, kinds=kinds, limit=limit_of(request.query))
        bodies = self._bodies(request.tenant, page.entries) if WITH_DOCUMENTS.of(request.query) else {}
        changes = [_change(entry, bodies.get((entry.kind, entry.key))) for entry in page.entries]
        rows, position = cut(changes, [str(entry.seq) for entry in page.entries], str(page.next_since))
        return Json({"changes": [*rows], "next": int(position or 0), "head": page.head, "reset": page.reset})

    def _bodies(self, tenant: str, entries: Sequence[Entry]) -> dict[tuple[str, str], StoredDocument]:
        by_kind: dict[str, list[str]] = {}
        for entry in entries:
            if entry.op == "upsert":
                by_kind.setdefault(entry.kind, []).append(entry.key)
        return {
            (kind, key): row
            for kind, keys in by_kind.items()
            for key, row in self._box.documents.store.batch(tenant, kind, keys).items()
        }

    @route(
        "GET /v1/status",
        "catalogStatus",
        "Read how fresh the copy is and how much it holds.",
        tag="feed",
        scope=Scope.CATALOG_READ,
        answers={200: "The state of each stream and family."},
    )
    def state(self, request: Request) -> Json[SyncState]:
        """Return the state of the copy."""
        return Json(self._box.sync.control.status(request.tenant))

    @route(
        "GET /v1/openapi.json",
        "openapi",
        "Read this document.",
        tag="service",
        scope=Scope.CATALOG_READ,
        answers={200: Answer("The OpenAPI document.", {"type": "object"})},
    )
    def openapi(self, _request: Request) -> Json[dict[str, Any]]:
        """Return the document of every function's routes."""
        from catalog_api.openapi import whole_document

        return Json(whole_document())


def _change(entry: Entry, row: StoredDocument | None) -> Change:
    from exact_connector.serving.views import to_response

    found: Change = {
        "seq": entry.seq,
        "op": entry.op,
        "kind": entry.kind,
        "key": entry.key,
        "at": to_text(entry.at),
    }
    if entry.op in ("upsert", "partial") and entry.kind in ADDRESSES:
        found["href"] = f"{ADDRESSES[entry.kind]}/{safe(entry.key)}"
    if entry.fields is not None:
        found["fields"] = dict(entry.fields)
    if entry.kinds:
        found["kinds"] = list(entry.kinds)
    if row is not None:
        found["document"] = cast("FeedDocument", to_response(row.kind, row.body))
    return found
