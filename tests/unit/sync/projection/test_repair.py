"""A full load compares the documents with what is really served, whatever was remembered of them, and repairs them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exact_connector.documents.bodies import partition
from exact_connector.documents.feed import head_key
from exact_connector.storage.table import Key
from unit.sync.engine_model import Connector, Follower
from unit.sync.sync_model import TENANT, guid

ITEMS = "sync/Logistics/Items"


@pytest.fixture
def connector() -> Connector:
    connector = Connector()
    for number in range(7):
        connector.ground.feed.put(ITEMS, guid(number), Code=f"A{number}", Description=f"Article {number}")
    connector.load()
    return connector


def row_of(connector: Connector, code: str) -> dict[str, Any]:
    row = connector.ground.stores.catalog.get(Key(partition(TENANT, "item"), code))
    assert row is not None
    return row


def lose(connector: Connector) -> None:
    """A document goes although its owner remembers it."""
    connector.ground.stores.catalog.delete(Key(partition(TENANT, "item"), "A3"))


def change(connector: Connector) -> None:
    """A document says something else than its owner remembers."""
    row = row_of(connector, "A3")
    connector.ground.stores.catalog.put({**row, "body": row_of(connector, "A4")["body"], "hash": "other"})


def misplace(connector: Connector) -> None:
    """A document lies under a key that no item has."""
    connector.ground.stores.catalog.put({**row_of(connector, "A3"), "sk": "Z9"})


def steal(connector: Connector) -> None:
    """A document of another item lies under a key, as a writer without claims would leave it."""
    connector.ground.stores.catalog.put({**row_of(connector, "A4"), "sk": "A3"})


def miscount(connector: Connector) -> None:
    """The status counts one more than there is."""
    connector.ground.stores.catalog.update(head_key(TENANT), add={"count_item": 1})


FAULTS = [lose, change, misplace, steal, miscount]


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("how", ["asked for", "weekly"])
def test_a_full_load_sets_right_what_is_served(connector: Connector, spoil: Any, how: str) -> None:
    follower = Follower(connector)
    follower.follow()
    spoil(connector)
    assert not connector.check().healthy
    if how == "asked for":
        connector.engine.request(TENANT, "items", "full")
    else:
        connector.ground.clock.advance(8 * 86_400)
    connector.again("items")
    assert connector.documents() == connector.expected()
    assert connector.check().healthy, connector.check()
    assert connector.counts() == {"count_item": 7}
    follower.follow()
    assert follower.copy == connector.expected()


def test_documents_are_checked_once_after_each_full_load(connector: Connector) -> None:
    connector.engine.request(TENANT, "items", "full")
    connector.again("items")
    lose(connector)
    connector.again("items")
    assert "A3" not in connector.documents()  # nothing changed, and the check was done before
    connector.engine.request(TENANT, "items", "full")
    connector.again("items")
    assert "A3" in connector.documents()


def test_a_healthy_catalogue_is_only_read_by_a_check(connector: Connector) -> None:
    before = [row for row in connector.ground.database["catalog"].all_rows() if row["pk"] != f"head#{TENANT}"]
    connector.engine.request(TENANT, "items", "full")
    connector.again("items")
    after = [row for row in connector.ground.database["catalog"].all_rows() if row["pk"] != f"head#{TENANT}"]
    assert after == before


def test_a_check_that_runs_out_of_time_goes_on_where_it_was(connector: Connector) -> None:
    for spoil in (misplace, lose, miscount):
        spoil(connector)
    connector.engine.request(TENANT, "items", "full")
    view = connector.engine.view(TENANT)
    assert view is not None
    connector.engine.run_chunk(TENANT, "items", connector.ground.clock.now() + timedelta(minutes=10))
    real, runs = connector.ground.clock.now, 0
    while connector.engine.projector.states.get(TENANT, "items").loads != "items=2":
        calls = iter(range(1_000_000))
        connector.ground.clock.now = lambda calls=calls: real() + timedelta(seconds=next(calls))  # type: ignore[method-assign, misc]
        connector.engine.projector.run(view, "items", real() + timedelta(seconds=50))
        connector.ground.clock.now = real  # type: ignore[method-assign]
        connector.ground.clock.advance(1_000)
        runs += 1
        assert runs < 50
    assert runs > 2
    assert connector.documents() == connector.expected()
    assert connector.check().healthy
