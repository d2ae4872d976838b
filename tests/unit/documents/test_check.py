"""The check of served documents against what their owners have names each kind of fault."""

from __future__ import annotations

import pytest

from exact_connector.documents.bodies import partition
from exact_connector.documents.check import Difference
from exact_connector.storage.table import Key
from properties.documents.test_large import noise
from unit.documents.shelf import TENANT, Shelf, keys


@pytest.fixture
def shelf() -> Shelf:
    found = Shelf()
    found.say(("x", keys("AB")), ("y", keys("BC")))
    return found


def test_a_whole_catalogue_is_healthy_and_counted(shelf: Shelf) -> None:
    report = shelf.check()
    assert report.healthy
    counts = report.kinds["item"]
    assert (counts.owned, counts.served, counts.waiting, counts.counted) == (4, 3, 1, 3)


def test_a_document_that_went_is_missing(shelf: Shelf) -> None:
    shelf.stores.catalog.delete(Key(partition(TENANT, "item"), "C"))
    assert shelf.check().differences == (Difference("item", "C", "y", "missing"),)
    assert not shelf.check().healthy


def test_a_document_with_other_content_differs(shelf: Shelf) -> None:
    shelf.stores.catalog.update(Key(partition(TENANT, "item"), "A"), set={"hash": "other"})
    assert shelf.check().differences == (Difference("item", "A", "x", "differs"),)


def test_a_document_without_owner_is_unowned(shelf: Shelf) -> None:
    row = shelf.stores.catalog.get(Key(partition(TENANT, "item"), "A"))
    assert row is not None
    shelf.stores.catalog.put({**row, "sk": "Q"})
    assert shelf.check().differences == (Difference("item", "Q", "x", "unowned"),)


def test_a_claim_that_went_is_missing(shelf: Shelf) -> None:
    (claim,) = shelf.rows("claim#")
    shelf.stores.catalog.delete(Key(str(claim["pk"]), str(claim["sk"])))
    assert shelf.check().differences == (Difference("item", "B", "y", "missing"),)


def test_a_key_that_the_wrong_owner_has_is_named(shelf: Shelf) -> None:
    row = shelf.stores.catalog.get(Key(partition(TENANT, "item"), "C"))
    assert row is not None
    shelf.stores.catalog.put({**row, "sk": "A"})  # as a writer without claims would leave it
    assert set(shelf.check().differences) == {
        Difference("item", "A", "x", "missing"),
        Difference("item", "A", "y", "unowned"),
    }


def test_a_large_document_that_lacks_a_piece_is_missing(shelf: Shelf) -> None:
    shelf.say(("z", {"D": noise(1_000_000)}))
    piece = shelf.rows("piece#")[0]
    shelf.stores.catalog.delete(Key(str(piece["pk"]), str(piece["sk"])))
    assert shelf.check().differences == (Difference("item", "D", "z", "missing"),)


def test_the_count_of_the_status_is_compared(shelf: Shelf) -> None:
    shelf.stores.catalog.update(Key(f"head#{TENANT}", "head"), add={"count_item": 1})
    report = shelf.check()
    assert report.differences == ()
    assert not report.healthy


def test_differences_are_named_up_to_a_limit_and_all_counted(shelf: Shelf) -> None:
    shelf.say(("x", {f"A/{number:04d}": 1 for number in range(300)}))
    for number in range(300):
        shelf.stores.catalog.delete(Key(partition(TENANT, "item"), f"A/{number:04d}"))
    report = shelf.check()
    assert (report.faults, len(report.differences)) == (300, 100)
