"""Documents larger than a table row, and owners with thousands of them."""

from __future__ import annotations

import random

import pytest

from exact_connector.catalog.projection import Projection
from exact_connector.documents.bodies import LONGEST
from exact_connector.documents.owned import LISTED, OwnedDocuments, compare
from exact_connector.storage.table import Key, Row
from fakes.tables import MemoryDatabase
from unit.documents.shelf import TENANT, Shelf, keys

CHANCE = random.Random(1)


def noise(size: int) -> str:
    """Text that no compression makes much smaller."""
    return CHANCE.randbytes(size // 2).hex()


def test_a_document_of_megabytes_is_stored_replaced_and_removed() -> None:
    shelf = Shelf()
    for size in (1_200_000, 3_000_000, 900_000, 10):
        shelf.say(("x", {"A": noise(size), "B": "small"}))
        assert shelf.served() == shelf.expected()
        assert set(shelf.catalog.batch(TENANT, "item", "ABC")) == {"A", "B"}
        assert shelf.check().healthy
        largest = max(len(row["body"]) for row in shelf.rows("doc#") if isinstance(row["body"], bytes))
        assert largest < 400_000
    shelf.say(("x", {}))
    assert shelf.rows("doc#", "piece#", "made#") == []


def test_a_large_document_waits_and_is_served_like_any_other() -> None:
    shelf = Shelf()
    shelf.say(("y", {"A": noise(1_000_000)}))
    shelf.say(("x", {"A": noise(1_000_000)}))
    assert shelf.served() == shelf.expected()
    shelf.say(("x", {}))
    assert shelf.served() == shelf.expected()
    assert shelf.check().healthy


def test_a_reader_whose_document_is_replaced_between_its_pieces_gets_the_new_one() -> None:
    shelf = Shelf()
    shelf.say(("x", {"A": noise(1_000_000)}))
    table, read = shelf.stores.catalog, shelf.stores.catalog.batch_get

    def replaced_first(wanted: list[Key]) -> list[Row]:
        table.batch_get = read  # type: ignore[method-assign]
        shelf.say(("x", {"A": noise(1_000_000)}))
        return read(wanted)

    table.batch_get = replaced_first  # type: ignore[method-assign, assignment]
    found = shelf.catalog.get(TENANT, "item", "A")
    assert found is not None
    assert found.body["says"] == shelf.has["x"]["A"]


@pytest.mark.parametrize("text", ["é" * (LONGEST // 2), noise(6_000_000)], ids=["too long", "too large"])
def test_a_document_that_cannot_be_served_is_named_and_stays_as_it_was(text: str) -> None:
    previous = OwnedDocuments("x", ({("item", "A"): "h"},))
    changes = compare(previous, [Projection("item", "A", {"text": text}), Projection("item", "B", {"n": 1})])
    assert list(changes.too_large) == [("item", "A")]
    assert changes.too_large["item", "A"] > LONGEST
    assert (list(changes.puts), changes.deletes) == ([("item", "B")], ())


def test_an_owner_may_have_ten_thousand_documents() -> None:
    shelf = Shelf()
    many = {f"A/{number:05d}{noise(40)}": number for number in range(10_000)}
    shelf.say(("x", many), ("y", keys("B")))
    assert shelf.served() == shelf.expected()
    lists = shelf.rows("made#")
    assert len(lists) == 1 + 10_000 // LISTED
    assert max(len(row["documents"]) for row in lists if isinstance(row["documents"], bytes)) < 20_000
    assert shelf.check().healthy
    seen = shelf.feed.head(TENANT)
    fewer = {key: number for key, number in many.items() if number % 2}
    shelf.say(("x", {**fewer, "new": 1}))
    assert shelf.feed.head(TENANT) == seen + 5_001
    assert shelf.served() == shelf.expected()
    shelf.say(("x", {}))
    assert shelf.rows("made#")[0]["sk"] == "y"
    assert shelf.check().healthy


def test_a_change_of_one_of_ten_thousand_documents_writes_little() -> None:
    database = MemoryDatabase()
    shelf = Shelf(database)
    many = {f"A/{number:05d}": number for number in range(10_000)}
    shelf.say(("x", many))
    sizes: list[int] = []
    transact = database.transact
    database.transact = lambda actions: (sizes.append(len(actions)), transact(actions))[1]  # type: ignore[method-assign, func-returns-value]
    shelf.say(("x", {**many, "A/00700": 0}))
    assert sizes == [5]  # the head, the document, its entry, the first row of the list and the one that names it


def test_each_transaction_leaves_everything_true_also_between_the_documents_of_one_owner() -> None:
    database = MemoryDatabase()
    shelf = Shelf(database)
    transact, states = database.transact, []

    def watched(actions: list[object]) -> None:
        transact(actions)  # type: ignore[arg-type]
        states.append(shelf.check().healthy)

    database.transact = watched  # type: ignore[method-assign, assignment]
    shelf.say(("x", {f"A/{number:03d}": number for number in range(300)}))
    shelf.say(("x", {f"A/{number:03d}": number + 1 for number in range(200, 400)}))
    assert len(states) > 12
    assert all(states)
