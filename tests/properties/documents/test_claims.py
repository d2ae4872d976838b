"""Several owners claim one key: the lowest ID is served, the others wait, and nothing gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exact_connector.storage.table import Key
from fakes.examples import examples
from unit.documents.shelf import TENANT, Shelf, keys

X, Y, Z = "x", "y", "z"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def whole(shelf: Shelf) -> None:
    """Everything is as the owners say, and every count agrees."""
    assert shelf.served() == shelf.expected()
    assert shelf.check().healthy, shelf.check()


@pytest.mark.parametrize("order", [(X, Y), (Y, X)], ids=["the lowest first", "the lowest last"])
def test_of_two_owners_the_lowest_id_is_served_whoever_came_first(shelf: Shelf, order: tuple[str, str]) -> None:
    for owner in order:
        shelf.say((owner, {"A": owner}))
    assert shelf.served() == {"A": (X, X)}
    whole(shelf)


def test_the_next_claim_is_served_when_the_first_owner_leaves(shelf: Shelf) -> None:
    for owner in (Z, Y, X):
        shelf.say((owner, keys("A")))
    shelf.say((X, {}))
    assert shelf.served() == {"A": (Y, 1)}
    shelf.say((Z, {}))
    whole(shelf)
    shelf.say((Y, {}))
    assert shelf.served() == {}
    assert shelf.rows("doc#", "claim#", "made#") == []
    whole(shelf)


def test_half_of_a_swap_hides_nothing_for_good(shelf: Shelf) -> None:
    shelf.say((X, keys("A")), (Y, keys("B")))
    shelf.say((X, keys("B")))
    assert shelf.served() == {"B": (X, 1)}
    shelf.say((Y, {"B": 1}))  # nothing of it changed: it is not written again
    shelf.say((X, keys("A")))
    assert shelf.served() == {"A": (X, 1), "B": (Y, 1)}
    whole(shelf)


def test_readers_hear_which_document_a_key_shows(shelf: Shelf) -> None:
    shelf.say((X, keys("A")), (Y, keys("B")))
    seen = len(shelf.ops())
    shelf.say((Y, keys("AB")))  # waits behind X under A
    assert shelf.ops()[seen:] == []
    shelf.say((X, keys("C")))  # leaves A, where Y is served now
    assert shelf.ops()[seen:] == [("upsert", "C"), ("upsert", "A")]
    shelf.say((Y, keys("B")))
    assert shelf.ops()[-1] == ("delete", "A")
    shelf.say((X, keys("B")))  # takes B over from Y, and leaves C
    assert shelf.ops()[-2:] == [("upsert", "B"), ("delete", "C")]
    whole(shelf)


def test_codes_that_are_exchanged_in_one_batch_are_never_deleted_for_readers(shelf: Shelf) -> None:
    shelf.say((X, keys("A")), (Y, keys("B")), (Z, keys("C")))
    seen = len(shelf.ops())
    shelf.say((X, keys("B")), (Y, keys("C")), (Z, keys("A")))
    assert {op for op, _ in shelf.ops()[seen:]} == {"upsert"}
    whole(shelf)


def test_a_document_that_waits_is_brought_up_to_date_without_a_word(shelf: Shelf) -> None:
    shelf.say((X, {"A": 1}), (Y, {"A": 1}))
    seen = len(shelf.ops())
    shelf.say((Y, {"A": 2}))
    assert shelf.ops()[seen:] == []
    shelf.say((X, {}))
    assert shelf.served() == {"A": (Y, 2)}
    whole(shelf)


def test_an_entry_and_the_document_it_speaks_of_bear_one_number(shelf: Shelf) -> None:
    shelf.say((X, keys("A")), (Y, keys("A")))
    shelf.say((X, {}))
    found = shelf.catalog.get(TENANT, "item", "A")
    assert found is not None
    assert found.seq == shelf.feed.head(TENANT)
    assert found.updated_at == shelf.now


def test_many_owners_may_share_one_key(shelf: Shelf) -> None:
    owners = [f"{number:03d}" for number in range(60)]
    shelf.say(*((owner, keys("A")) for owner in reversed(owners)))
    for owner in owners[:59]:
        assert shelf.served()["A"][0] == owner
        shelf.say((owner, {}))
    whole(shelf)


def test_two_writers_of_a_first_load_settle_a_key_between_them(shelf: Shelf) -> None:
    """Each writes a part; the second one does not know what the first has taken up meanwhile."""
    parts = [Key("parts#acme#items", f"{number:02d}") for number in range(2)]
    one, other = (shelf.writer(announce=False, head=part) for part in parts)
    shelf.say((Y, keys("AB")), writer=one)
    shelf.say((X, keys("BC")), writer=other)
    other.flush(shelf.now)
    one.flush(shelf.now)
    assert shelf.served() == shelf.expected()
    counts = [int(str((shelf.stores.catalog.get(part) or {}).get("count_item"))) for part in parts]
    assert sum(counts) == 3


SAYINGS = st.lists(
    st.lists(
        st.tuples(st.sampled_from("wxyz"), st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 1))),
        min_size=1,
        max_size=4,
        unique_by=lambda saying: saying[0],
    ),
    max_size=12,
)


@examples(200)
@given(SAYINGS)
def test_whatever_owners_say_the_lowest_is_served_and_a_follower_has_the_same(
    batches: list[list[tuple[str, dict[str, int]]]],
) -> None:
    shelf, copy, since = Shelf(), dict[str, tuple[str, int]](), 0
    for batch in batches:
        shelf.say(*batch)
        assert shelf.served() == shelf.expected()
        for entry in shelf.feed.read(TENANT, since=since, limit=1_000).entries:
            assert entry.seq == since + 1
            since = entry.seq
            if entry.op == "delete":
                del copy[entry.key]
            elif entry.key in shelf.served():
                copy[entry.key] = shelf.served()[entry.key]
        assert copy == shelf.served()
    whole(shelf)
