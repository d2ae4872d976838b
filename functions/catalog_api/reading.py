"""Read pages of canonical documents with filters, within a bounded amount of work per request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from exact_connector.clock import Clock
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.errors import Fault, InvalidInput
from exact_connector.web.parameters import choice, moment, text

CHANGED_SINCE = moment("changed_since", "Only documents that changed since this moment (RFC 3339 with offset).")
WORDS = text("q", "Words that all occur in code, name or description.")
CODE = text("code", "Only the document with this code; capitals do not count.")
GROUP = text("group", "Only items of this item group.")
WAREHOUSE = text("warehouse", "Only what is linked to this warehouse, or lies in it.")
MANAGER = text("manager", "Only customers of this manager.")
STATUS = choice("status", "Only customers with this status.", ("C", "P", "S"), fold=str.upper)

_SCAN_ROWS = 500
_SCANNED_ENOUGH = 4_000
"""Documents after which a page that holds one ends, however short it is."""

SCAN_SECONDS = 15.0
"""How long a request looks for the first document that a filter lets through; API Gateway ends it after 29 s."""


Predicate = Callable[[StoredDocument], bool]
Narrowing = Callable[[Sequence[StoredDocument]], Sequence[StoredDocument]]
"""Leaves out of a page what other documents tell does not belong in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of documents that passed the filters, and where to go on."""

    documents: list[StoredDocument]
    next: str | None


def read_page(
    documents: CatalogStore,
    tenant: str,
    kind: str,
    *,
    after: str | None,
    limit: int,
    accept: Predicate | None = None,
    narrow: Narrowing | None = None,
    prefix: str | None = None,
    has_time: Callable[[], bool] = lambda: True,
) -> Found:
    """Return up to ``limit`` documents that are accepted and that ``narrow`` leaves; raises InvalidInput.

    With a filter a page may be short: it ends after some thousand documents once it holds one. It is empty and leads on
    only where the time of the request ended (``has_time``) before a single one was found.
    """
    if after is not None and not after.startswith(prefix or ""):
        fault = Fault("?cursor", "CURSOR", "Send the cursor of the previous answer unchanged.")
        raise InvalidInput("The cursor belongs to another list.", [fault])
    if accept is None and narrow is None:
        page = documents.list(tenant, kind, cursor=after, limit=limit, prefix=prefix)
        return Found(list(page.documents), page.cursor)
    taken: list[StoredDocument] = []
    position, scanned = after, 0
    while True:
        page = documents.list(tenant, kind, cursor=position, limit=_SCAN_ROWS, prefix=prefix)
        passed = [row for row in page.documents if accept is None or accept(row)]
        for row in narrow(passed) if narrow is not None else passed:
            taken.append(row)
            if len(taken) == limit:
                at_end = page.cursor is None and row is page.documents[-1]
                return Found(taken, None if at_end else row.key)
        position, scanned = page.cursor, scanned + len(page.documents)
        if position is None or (taken and scanned >= _SCANNED_ENOUGH) or not has_time():
            return Found(taken, position)


def time_for_a_scan(clock: Clock, rate: float) -> Callable[[], bool]:
    """Return what says whether the current request may go on looking; ``rate``: clock seconds in a real one."""
    until = clock.now() + timedelta(seconds=SCAN_SECONDS * rate)
    return lambda: clock.now() < until


def item_filter(query: Mapping[str, str]) -> Predicate | None:
    """Return the filter of an item list: changed_since, code, q (text), group; see `in_warehouse` for the rest."""
    return _all(
        [
            _changed_since(query),
            _text(query, ("item_code", "description", "search_description", "ean_code")),
            _equal(query, "code", "item_code"),
            _equal(query, "group", "item_group"),
        ]
    )


def customer_filter(query: Mapping[str, str]) -> Predicate | None:
    """Return the filter of a customer list: changed_since, code, q (text), manager, status."""
    return _all(
        [
            _changed_since(query),
            _text(query, ("customer_code", "customer_name", "email", "vat_number")),
            _equal(query, "code", "customer_code"),
            _equal(query, "manager", "manager"),
            _equal(query, "status", "status"),
        ]
    )


def stock_filter(query: Mapping[str, str]) -> Predicate | None:
    """Return the filter of a stock list: changed_since, code, warehouse."""
    return _all([_changed_since(query), _equal(query, "code", "item_code"), _warehouse(query)])


def described_filter(code: str, *texts: str) -> Callable[[Mapping[str, str]], Predicate | None]:
    """Return the filter of documents with a code and texts: changed_since, code, q (text)."""
    return lambda query: _all(
        [_changed_since(query), _text(query, (code, *texts)), _equal(query, "code", code)],
    )


def plain_filter(query: Mapping[str, str]) -> Predicate | None:
    """Return the filter of the other lists: changed_since."""
    return _changed_since(query)


def _all(parts: Sequence[Predicate | None]) -> Predicate | None:
    wanted = [part for part in parts if part is not None]
    return (lambda row: all(part(row) for part in wanted)) if wanted else None


def _changed_since(query: Mapping[str, str]) -> Predicate | None:
    since = CHANGED_SINCE.of(query)
    return None if since is None else lambda row: row.updated_at >= since


def _text(query: Mapping[str, str], fields: Sequence[str]) -> Predicate | None:
    wanted = query.get("q", "").casefold().split()
    if not wanted:
        return None

    def accept(row: StoredDocument) -> bool:
        searched = " ".join(str(row.body.get(field) or "") for field in fields).casefold()
        return all(word in searched for word in wanted)

    return accept


def _equal(query: Mapping[str, str], parameter: str, field: str) -> Predicate | None:
    wanted = query.get(parameter)
    if wanted is None:
        return None
    folded = wanted.strip().casefold()
    return lambda row: str(row.body.get(field) or "").strip().casefold() == folded


def in_warehouse(documents: CatalogStore, tenant: str, query: Mapping[str, str]) -> Narrowing | None:
    """Return what keeps the items of the warehouse that a query names: by their filter, else by where they lie.

    `CreateWarehouseItemFilter` gives items their filter, whatever their stock; without it their stock rows decide.
    """
    wanted = query.get("warehouse")
    if wanted is None:
        return None

    def narrow(rows: Sequence[StoredDocument]) -> Sequence[StoredDocument]:
        unfiltered = [row.key for row in rows if "Warehouse" not in (row.body.get("filters") or {})]
        stock = documents.batch(tenant, "stock", unfiltered) if unfiltered else {}
        return [row for row in rows if _lies_in(stock.get(row.key, row), wanted)]

    return narrow


def _warehouse(query: Mapping[str, str]) -> Predicate | None:
    wanted = query.get("warehouse")
    return None if wanted is None else lambda row: _lies_in(row, wanted)


def _lies_in(row: StoredDocument, warehouse: str) -> bool:
    """Tell whether an item's filter or the rows of its stock name a warehouse."""
    folded = warehouse.strip().casefold()
    kept = (entry.get("code") for entry in row.body.get("warehouses") or ())
    named = (row.body.get("filters") or {}).get("Warehouse", ())
    return any(str(code).casefold() == folded for code in (*named, *kept))
