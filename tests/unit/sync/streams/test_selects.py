"""The fields that streams select exist at the endpoint: one unknown name would refuse the whole call."""

from __future__ import annotations

import pytest

from exact_connector.exact.http.query import Query
from exact_connector.sync.extraction import runs
from exact_connector.sync.stores.checkpoints import Checkpoint
from exact_connector.sync.streams.catalogue import STREAMS, Mode, Stream, stream
from exact_sandbox.protocol.schema import load_schema

ALL = [*STREAMS.values(), stream("item_texts:DE")]
ENDPOINTS = load_schema().endpoints


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_a_stream_selects_only_fields_of_its_endpoint(each: Stream) -> None:
    assert set(each.select) - set(ENDPOINTS[each.path].fields) == set()


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_a_stream_selects_what_it_is_read_by(each: Stream) -> None:
    mark = {Mode.SYNC: {"Timestamp"}, Mode.DELETED: {"Timestamp"}, Mode.MODIFIED: {"Modified"}}.get(each.mode, set())
    own = {each.row_id, each.owner} - {""} if each.mode not in (Mode.DELETED, Mode.LOOKUP) else set()
    assert (mark | own) - set(each.select) == set()


@pytest.mark.parametrize("each", [each for each in ALL if each.select], ids=lambda each: each.name)
def test_the_address_of_a_stream_is_short_enough(each: Stream) -> None:
    query: Query = runs.query(Checkpoint("t", each.name, since=1_772_000_000_000, division=1234567), each)
    assert len(query.url("https://start.exactonline.co.uk", 1234567)) < 4_500


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_pages_of_1000_rows_are_used_wherever_exact_has_them(name: str) -> None:
    found = ENDPOINTS[STREAMS[name].path]
    assert found.mode in ("sync", "bulk") or found.entity.sync_path is None
