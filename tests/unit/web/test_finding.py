"""Documents found by codes as clients write them, over a table that takes no other keys than DynamoDB does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from catalog_api.finding import Finder
from exact_connector.documents.bodies import partition
from exact_connector.documents.by_code import CUSTOMER_CODE, ITEM_CODE, Lookups
from exact_connector.documents.store import CatalogStore
from exact_connector.storage.packing import pack
from exact_connector.storage.table import Key, Row
from fakes.tables import MemoryTable

DOCUMENTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("item", "ABC", {"item_code": "ABC"}),
    ("item", "klein", {"item_code": "klein"}),
    (ITEM_CODE, "KLEIN", {"key": "klein"}),
    ("stock", "klein", {"item_code": "klein"}),
    ("customer", "0000-1", {"customer_code": "P-25"}),
    (CUSTOMER_CODE, "P-25", {"key": "0000-1"}),
    (CUSTOMER_CODE, "25", {"key": "0000-1"}),
    ("price_list", "Dealer", {"code": "Dealer"}),
)
UNUSABLE = {"empty": "", "blank": " \t ", "endless": "A" * 5000, "wide": "é" * 600, "broken": "\ud800"}


class DynamoLikeTable(MemoryTable):
    """Refuses what DynamoDB refuses in a key: empty text, more than 1,024 bytes, broken Unicode."""

    def get(self, key: Key) -> Row | None:
        """Return a row."""
        _refuse_bad(key)
        return super().get(key)

    def batch_get(self, keys: Sequence[Key]) -> list[Row]:
        """Return rows."""
        for key in keys:
            _refuse_bad(key)
        return super().batch_get(keys)


def _refuse_bad(key: Key) -> None:
    if not 0 < len(key.sk.encode()) <= 1024:
        raise ValueError("ValidationException")


@pytest.fixture
def documents() -> CatalogStore:
    """Return a store with a few documents."""
    table = DynamoLikeTable("catalog", threading.RLock())
    for kind, key, body in DOCUMENTS:
        moment = "2026-06-10T08:00:00.000000Z"
        row: Row = {"pk": partition("acme", kind), "sk": key, "body": pack(body), "hash": key, "updated_at": moment}
        table.put(row)
    return CatalogStore(table)


@pytest.mark.parametrize(
    ("kind", "written", "key"),
    [
        ("item", "ABC", "ABC"),
        ("item", " abc ", "ABC"),
        ("item", "KLEIN", "klein"),
        ("stock", "Klein", "klein"),
        ("stock", "abc", None),
        ("customer", "0000-1", "0000-1"),
        ("customer", "p-25", "0000-1"),
        ("customer", "25", "0000-1"),
        ("customer", "26", None),
        ("price_list", "DEALER ", "Dealer"),
        ("price_list", "DEAL", None),
        ("sale", "x", None),
    ],
)
def test_a_document_is_found_whatever_the_capitals_and_spaces(
    documents: CatalogStore, kind: str, written: str, key: str | None
) -> None:
    found = Finder(documents).one("acme", kind, written)
    assert (None if found is None else found.key) == key


@pytest.mark.parametrize("kind", ["item", "stock", "customer", "supplier", "price_list", "sale"])
@pytest.mark.parametrize("written", UNUSABLE.values(), ids=UNUSABLE)
def test_a_text_that_no_code_can_be_finds_nothing(documents: CatalogStore, kind: str, written: str) -> None:
    assert Finder(documents).one("acme", kind, written) is None
    assert Finder(documents).listed("acme", kind, written, None).documents == []


@pytest.mark.parametrize("written", UNUSABLE.values(), ids=UNUSABLE)
def test_one_unusable_code_does_not_hide_the_others(documents: CatalogStore, written: str) -> None:
    lookups = Lookups(documents)
    assert list(lookups.items("acme", [written, "abc"])) == ["ABC"]
    found = lookups.customer("acme", [written, "25"])
    assert found is not None
    assert found.key == "0000-1"
