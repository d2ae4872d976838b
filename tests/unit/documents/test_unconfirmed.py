"""What was written to Exact is served at once and marked, until a synchronisation shows it or has read Exact since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from exact_connector.clock import to_text
from exact_connector.documents.bodies import partition, to_body
from exact_connector.documents.by_code import CUSTOMER_CODE, Lookups
from exact_connector.documents.store import CatalogStore
from exact_connector.documents.unconfirmed import KEPT_FOR, UnconfirmedDocuments, Written
from exact_connector.storage.table import Row
from fakes.clocks import ManualClock
from fakes.tables import MemoryDatabase


class Shelf:
    """Served customers of one tenant, and what was written of them."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.memory = MemoryDatabase()
        self.read_since: datetime | None = None
        self.unconfirmed = UnconfirmedDocuments(self.memory["orders"], self.clock, lambda tenant: self.read_since)
        self.store = CatalogStore(self.memory["catalog"], self.unconfirmed)

    def synchronise(self, key: str, **fields: Any) -> None:
        body = to_body({"customer_id": key, **fields})
        place: Row = {"pk": partition("acme", "customer"), "sk": key, "updated_at": to_text(self.clock.now())}
        self.memory["catalog"].put({**place, "body": body.pieces[0], "hash": body.hash})

    def create(self, key: str, **fields: Any) -> None:
        body = {"customer_id": key, **fields}
        self.unconfirmed.keep("acme", [Written("customer", key, self.clock.now(), created=body)])

    def edit(self, key: str, **fields: Any) -> None:
        self.unconfirmed.keep("acme", [Written("customer", key, self.clock.now(), changed=fields)])

    def one(self, key: str) -> dict[str, Any] | None:
        found = self.store.get("acme", "customer", key)
        return None if found is None else found.body

    def listed(self, limit: int) -> list[list[str]]:
        pages, cursor = [], None
        while True:
            page = self.store.list("acme", "customer", cursor=cursor, limit=limit)
            pages.append([document.key for document in page.documents])
            cursor = page.cursor
            if cursor is None:
                return pages

    def kept(self) -> int:
        return len(self.memory["orders"].all_rows())


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_created_document_is_served_at_once_and_marked(shelf: Shelf) -> None:
    shelf.create("c", name="Vos")
    assert shelf.one("c") == {"customer_id": "c", "name": "Vos", "unconfirmed": True}


def test_the_synchronised_document_replaces_a_created_one(shelf: Shelf) -> None:
    shelf.create("c", name="Vos")
    shelf.synchronise("c", name="VOS")
    assert shelf.one("c") == {"customer_id": "c", "name": "VOS"}
    assert shelf.kept() == 0


def test_an_edit_is_served_over_the_synchronised_document_until_that_shows_it(shelf: Shelf) -> None:
    shelf.synchronise("c", name="Vos", phone="1")
    shelf.edit("c", phone="2")
    assert shelf.one("c") == {"customer_id": "c", "name": "Vos", "phone": "2", "unconfirmed": True}
    shelf.synchronise("c", name="Vos bv", phone="1")
    assert shelf.one("c") == {"customer_id": "c", "name": "Vos bv", "phone": "2", "unconfirmed": True}
    shelf.synchronise("c", name="Vos bv", phone="2")
    assert shelf.one("c") == {"customer_id": "c", "name": "Vos bv", "phone": "2"}
    assert shelf.kept() == 0


def test_an_edited_address_is_confirmed_whatever_else_changes_in_it(shelf: Shelf) -> None:
    shelf.synchronise(
        "c", addresses=[{"address_id": "a", "city": "Ede", "seen": 1}, {"address_id": "b", "city": "Oss"}]
    )
    shelf.edit("c", addresses={"a": {"city": "Epe"}})
    shelf.edit("c", addresses={"b": {"city": "Olst"}})
    found = shelf.one("c")
    assert found is not None
    assert [address["city"] for address in found["addresses"]] == ["Epe", "Olst"]
    shelf.synchronise(
        "c", addresses=[{"address_id": "a", "city": "Epe", "seen": 2}, {"address_id": "b", "city": "Olst"}]
    )
    assert shelf.one("c") == {
        "customer_id": "c",
        "addresses": [{"address_id": "a", "city": "Epe", "seen": 2}, {"address_id": "b", "city": "Olst"}],
    }


def test_what_is_new_in_a_list_is_added_until_a_synchronisation_has_it(shelf: Shelf) -> None:
    shelf.synchronise("c", addresses=[{"address_id": "a", "city": "Ede"}], addresses_count=1, addresses_url=None)
    shelf.edit("c", addresses={"b": {"address_id": "b", "city": "Oss"}})
    found = shelf.one("c")
    assert found is not None
    assert ([each["city"] for each in found["addresses"]], found["addresses_count"]) == (["Ede", "Oss"], 2)
    both = [{"address_id": "a", "city": "Ede"}, {"address_id": "b", "city": "Oss", "seen": 1}]
    shelf.synchronise("c", addresses=both, addresses_count=2, addresses_url=None)
    assert shelf.one("c") == {"customer_id": "c", "addresses": both, "addresses_count": 2, "addresses_url": None}


def test_a_list_of_which_a_document_holds_only_the_beginning_is_not_added_to(shelf: Shelf) -> None:
    shelf.synchronise("c", addresses=[{"address_id": "a"}], addresses_count=900, addresses_url="/v1/there")
    shelf.edit("c", addresses={"b": {"address_id": "b"}})
    found = shelf.one("c")
    assert found is not None
    assert (found["addresses"], found["addresses_count"]) == ([{"address_id": "a"}], 900)


def test_a_change_of_something_that_the_list_does_not_hold_adds_nothing(shelf: Shelf) -> None:
    shelf.synchronise("c", addresses=[{"address_id": "a", "city": "Ede"}])
    shelf.edit("c", addresses={"b": {"city": "Oss"}})
    assert shelf.one("c") == {"customer_id": "c", "addresses": [{"address_id": "a", "city": "Ede"}]}


def test_later_edits_come_on_top_of_earlier_ones_and_of_a_creation(shelf: Shelf) -> None:
    shelf.create("c", name="Vos", phone="1")
    shelf.edit("c", phone="2")
    shelf.edit("c", email="e")
    found = shelf.one("c")
    assert found == {"customer_id": "c", "name": "Vos", "phone": "2", "email": "e", "unconfirmed": True}


def test_what_exact_says_since_wins_when_it_was_read_after_the_write(shelf: Shelf) -> None:
    shelf.synchronise("c", phone="1")
    shelf.edit("c", phone="2")
    shelf.read_since = shelf.clock.now()
    assert shelf.one("c") == {"customer_id": "c", "phone": "2", "unconfirmed": True}
    shelf.clock.sleep(1)
    shelf.read_since = shelf.clock.now()
    assert shelf.one("c") == {"customer_id": "c", "phone": "1"}
    assert shelf.kept() == 0


def test_a_created_document_that_exact_does_not_have_since_is_not_served_any_more(shelf: Shelf) -> None:
    shelf.create("c", name="Vos")
    shelf.clock.sleep(1)
    shelf.read_since = shelf.clock.now()
    assert shelf.one("c") is None


def test_nothing_is_served_unconfirmed_for_longer_than_a_day(shelf: Shelf) -> None:
    shelf.create("c", name="Vos")
    shelf.clock.sleep((KEPT_FOR + timedelta(seconds=1)).total_seconds())
    assert shelf.one("c") is None


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_lists_hold_created_documents_in_their_places_each_once(shelf: Shelf, limit: int) -> None:
    for key in ("b", "d", "f"):
        shelf.synchronise(key, name=key)
    for key in ("a", "c", "g", "h"):
        shelf.create(key, name=key)
    shelf.edit("d", name="new")
    pages = shelf.listed(limit)
    assert [key for page in pages for key in page] == ["a", "b", "c", "d", "f", "g", "h"]
    assert all(len(page) <= limit for page in pages)


def test_many_are_found_by_key_with_what_was_written(shelf: Shelf) -> None:
    shelf.synchronise("b", phone="1")
    shelf.edit("b", phone="2")
    shelf.create("a", phone="3")
    found = shelf.store.batch("acme", "customer", ["a", "b", "z"])
    assert {key: row.body["phone"] for key, row in found.items()} == {"a": "3", "b": "2"}


def test_a_created_customer_is_found_by_its_code(shelf: Shelf) -> None:
    shelf.create("c", name="Vos")
    entry = Written(CUSTOMER_CODE, "900", shelf.clock.now(), created={"key": "c"})
    shelf.unconfirmed.keep("acme", [entry])
    found = Lookups(shelf.store).customer("acme", [" 900"])
    assert found is not None
    assert found.key == "c"


def test_the_hash_changes_when_the_document_is_confirmed(shelf: Shelf) -> None:
    shelf.create("c", name="Vos")
    before = shelf.store.get("acme", "customer", "c")
    shelf.synchronise("c", name="Vos")
    after = shelf.store.get("acme", "customer", "c")
    assert before is not None
    assert after is not None
    assert before.hash != after.hash


def test_another_tenant_sees_nothing_of_it(shelf: Shelf) -> None:
    shelf.create("c", name="Vos")
    assert shelf.store.get("other", "customer", "c") is None
    assert shelf.store.list("other", "customer").documents == ()
