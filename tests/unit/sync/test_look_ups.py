"""Look-ups of single owners in a first load: they begin when the owners are there, and only labels are waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exact_connector.documents.models.sync import FamilyState
from exact_connector.exact.http.query import Query
from exact_connector.sync.control import SyncControl
from exact_connector.sync.extraction.lookup_run import FIRST_CALLS
from exact_connector.sync.streams.catalogue import wanted
from unit.sync.engine_model import ITEM_KINDS, Connector
from unit.sync.sync_model import TENANT, FeedPage, guid

ITEMS = "sync/Logistics/Items"
FIELDS = "read/logistics/ItemExtraField"
COUNT = FIRST_CALLS + 5


@pytest.fixture
def connector() -> Connector:
    """More items with free values than the first look-ups take, whose labels the settings need."""
    connector = Connector()
    feed = connector.ground.feed
    feed.page_size = 1_000
    for number in range(COUNT):
        feed.put(ITEMS, guid(number), Code=f"A{number}", FreeTextField_01="red")
    original = feed.fetch

    def fetch(query: Query, cursor: str | None = None) -> FeedPage:
        if query.path != FIELDS:
            return original(query, cursor)
        feed.calls.append(query.path)
        return FeedPage([{"Number": 1, "Description": "Colour", "Value": "red"}], None, 1)

    feed.fetch = fetch  # type: ignore[method-assign]
    connector.tenants.views[TENANT] = replace(connector.ground.view, streams=frozenset({"extra_fields"}))
    connector.engine.plan(TENANT)
    return connector


def items(connector: Connector) -> FamilyState:
    found = SyncControl(connector.engine, {"items": ITEM_KINDS}, connector.ground.clock).status(TENANT)
    return next(each for each in found["families"] if each["family"] == "items")


def load_without_look_ups(connector: Connector) -> None:
    for each in wanted(()):
        connector.message(each.name)


def test_nothing_is_looked_up_before_the_items_are_there(connector: Connector) -> None:
    connector.message("extra_fields")
    assert FIELDS not in connector.ground.feed.calls
    assert connector.ground.checkpoint("extra_fields").first_loaded is False
    load_without_look_ups(connector)
    assert connector.ground.checkpoint("extra_fields").due_at == connector.ground.clock.now()


def test_documents_wait_for_the_labels_and_are_complete_after_the_last_look_up(connector: Connector) -> None:
    load_without_look_ups(connector)
    assert (items(connector)["served"], items(connector)["complete"]) == (False, False)
    connector.message("extra_fields")
    assert connector.ground.feed.calls.count(FIELDS) == FIRST_CALLS
    assert (items(connector)["served"], items(connector)["complete"]) == (True, False)
    connector.message("extra_fields")
    assert connector.ground.feed.calls.count(FIELDS) == COUNT
    assert (items(connector)["served"], items(connector)["complete"]) == (True, True)


def test_settings_that_need_labels_later_are_complete_after_the_look_ups(connector: Connector) -> None:
    connector.tenants.views[TENANT] = replace(connector.ground.view, streams=frozenset())
    connector.engine.plan(TENANT)
    load_without_look_ups(connector)
    assert items(connector)["complete"] is True
    connector.tenants.views[TENANT] = replace(connector.ground.view, streams=frozenset({"extra_fields"}))
    connector.engine.plan(TENANT)
    assert items(connector)["complete"] is False
    connector.message("extra_fields")
    connector.message("extra_fields")
    connector.message("projection:items")
    assert items(connector)["complete"] is True
