"""Rows whose owner Exact lets change lie with their new owner alone, and both owners' documents are looked at again."""

from __future__ import annotations

import pytest

from exact_connector.sync.stores.affected import AffectedKeys
from exact_connector.sync.streams.catalogue import STREAMS, Mode, Stream
from unit.sync.sync_model import TENANT, Ground, guid

FIXED = {
    "stock": "a stock position is worked out for its item",
    "item_warehouses": "Item may not be changed",
    "planning_details": "worked out, and read as a whole set",
    "assembly_materials": "read as a whole set",
    "bank_accounts": "read as a whole set",
    "sales_invoices": "a line stays in its invoice, whose key this is",
    "goods_delivery_lines": "EntryID may not be changed",
    "purchase_orders": "a line stays in its order, whose key this is",
    "goods_receipt_lines": "lines of receipts may not be changed",
}
"""Rows with an owner that cannot move, or that are read whole each time, after which the comparison finds them."""

OWNED = {
    each.name: each
    for each in STREAMS.values()
    if each.owner and not each.row_is_owner and each.mode is not Mode.LOOKUP
}
MOVING = {name: each for name, each in OWNED.items() if name not in FIXED}
WHOLE = {name: each for name, each in OWNED.items() if each.mode is Mode.FULL}
A, B, C, ROW = guid(1), guid(2), guid(3), guid(7, 3)


@pytest.fixture
def ground() -> Ground:
    return Ground()


def put(ground: Ground, stream: Stream, owner: str | None) -> None:
    """The row has this owner from now on."""
    ground.clock.advance(3_600)
    changed = ground.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    ground.feed.put(stream.path, ROW, **{stream.owner: owner, "Modified": changed})


def run(ground: Ground, stream: Stream) -> set[str]:
    """Run the stream; return the owners that are looked at again."""
    ground.run(stream.name)
    lists = AffectedKeys(ground.stores.sync)
    touched: set[str] = set()
    for family, _ in stream.targets:
        found = lists.ready(TENANT, family)
        touched.update(owner for each in found for owner in each.owners)
        lists.finish(found)
    return touched


def owner_of(ground: Ground, family: str, kind: str) -> list[str]:
    owners = (owner for bucket in range(64) for owner in ground.extractor.records.bucket(TENANT, family, bucket))
    return [each.owner for each in owners if each.rows.get(kind)]


def test_every_stream_says_whether_its_rows_may_move() -> None:
    assert {name for name, each in OWNED.items() if each.owner_moves} == MOVING.keys()


@pytest.mark.parametrize("stream", MOVING.values(), ids=MOVING)
def test_a_row_that_moves_leaves_its_owner(ground: Ground, stream: Stream) -> None:
    ground.plan(stream.name)
    put(ground, stream, A)
    run(ground, stream)
    for before, after in ((A, B), (B, C), (C, A)):
        put(ground, stream, after)
        assert run(ground, stream) >= {before, after}
        assert owner_of(ground, stream.family, stream.kind) == [after]


@pytest.mark.parametrize("stream", MOVING.values(), ids=MOVING)
def test_a_row_that_has_no_owner_any_more_leaves_it(ground: Ground, stream: Stream) -> None:
    ground.plan(stream.name)
    put(ground, stream, A)
    run(ground, stream)
    put(ground, stream, None)
    assert A in run(ground, stream)
    assert owner_of(ground, stream.family, stream.kind) == []
    put(ground, stream, A)
    assert A in run(ground, stream)
    assert owner_of(ground, stream.family, stream.kind) == [A]


def test_a_discount_moves_between_an_item_and_an_item_group(ground: Ground) -> None:
    stream = STREAMS["volume_discounts"]
    ground.plan(stream.name)
    for owner in (A, None, B):
        put(ground, stream, owner)
        run(ground, stream)
        assert owner_of(ground, "items", "volume_discount") == ([] if owner is None else [owner])
        assert owner_of(ground, "reference", "group_discount") == (["group_discount"] if owner is None else [])


@pytest.mark.parametrize("stream", WHOLE.values(), ids=WHOLE)
def test_a_row_of_a_whole_set_that_moves_lies_with_its_new_owner_after_the_load(ground: Ground, stream: Stream) -> None:
    ground.plan(stream.name)
    put(ground, stream, A)
    run(ground, stream)
    put(ground, stream, B)
    assert run(ground, stream) == {A, B}
    assert owner_of(ground, stream.family, stream.kind) == [B]


@pytest.mark.parametrize("stream", MOVING.values(), ids=MOVING)
def test_a_row_that_moves_while_everything_is_read_lies_with_its_new_owner(ground: Ground, stream: Stream) -> None:
    ground.feed.page_size = 1
    ground.plan(stream.name)
    put(ground, stream, A)
    ground.feed.put(stream.path, guid(8, 3), **{stream.owner: C, "Modified": "2026-03-02T10:30:00"})

    def moves(_path: str) -> None:
        if len(ground.feed.calls) == 2:
            put(ground, stream, B)

    ground.feed.before_fetch = moves
    run(ground, stream)
    ground.feed.before_fetch = None
    run(ground, stream)
    assert sorted(owner_of(ground, stream.family, stream.kind)) == [B, C]
