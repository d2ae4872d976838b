"""A filter that lets few documents through is answered with them, not with empty pages that lead on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog_api.reading import Found, read_page, time_for_a_scan
from exact_connector.documents.bodies import partition
from exact_connector.documents.store import CatalogStore, StoredDocument
from exact_connector.errors import InvalidInput
from exact_connector.storage.packing import pack
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase

MANY = 9_000


@pytest.fixture(scope="module")
def documents() -> CatalogStore:
    """Return a store with many items, of which the last one alone is blue."""
    table = MemoryDatabase()["catalog"]
    for number in range(MANY):
        key, colour = f"{number:05d}", "blue" if number == MANY - 1 else "red"
        moment = "2026-06-10T08:00:00.000000Z"
        body = {"item_code": key, "colour": colour}
        table.put(
            {
                "pk": partition("acme", "item"),
                "sk": key,
                "body": pack(body),
                "hash": key,
                "updated_at": moment,
                "seq": 0,
            }
        )
    return CatalogStore(table)


def blue(row: StoredDocument) -> bool:
    """Let the blue one through."""
    return bool(row.body["colour"] == "blue")


def page(documents: CatalogStore, accept: Callable[[StoredDocument], bool], **asked: Any) -> Found:
    return read_page(documents, "acme", "item", **{"after": None, "limit": 10, "accept": accept, **asked})


def test_the_only_match_is_on_the_first_page_wherever_it_lies(documents: CatalogStore) -> None:
    found = page(documents, blue)
    assert [row.key for row in found.documents] == [f"{MANY - 1:05d}"]
    assert found.next is None


def test_no_match_is_one_empty_page_that_is_the_last(documents: CatalogStore) -> None:
    assert page(documents, lambda _row: False) == Found([], None)


def test_a_page_with_a_match_ends_after_some_thousand_documents(documents: CatalogStore) -> None:
    found = page(documents, lambda row: row.key in ("00001", f"{MANY - 1:05d}"))
    assert [row.key for row in found.documents] == ["00001"]
    assert found.next is not None
    assert found.next == "03999"


def test_a_page_is_empty_and_leads_on_only_when_the_time_is_up(documents: CatalogStore) -> None:
    clock = ManualClock()
    has_time = time_for_a_scan(clock, 1.0)
    assert has_time()
    clock.sleep(16)
    found = page(documents, blue, has_time=has_time)
    assert (found.documents, found.next) == ([], "00499")
    assert [row.body["colour"] for row in page(documents, blue, after=found.next).documents] == ["blue"]


def test_a_cursor_of_another_list_is_refused(documents: CatalogStore) -> None:
    with pytest.raises(InvalidInput) as caught:
        page(documents, blue, prefix="A1/", after="B2/x")
    assert [fault.pointer for fault in caught.value.faults] == ["?cursor"]
