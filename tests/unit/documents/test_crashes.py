"""A writer dies at any operation, before or after it: what is stored is true, and the next one ends it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from exact_connector.documents import bodies, owned
from fakes.crashing import Crash
from fakes.tables import MemoryDatabase
from properties.documents.test_large import noise
from properties.sync.crashing import CrashingDatabase
from unit.documents.shelf import TENANT, Documents, Shelf

MANY = {f"A/{number:03d}": number for number in range(150)}
LARGE = {"A": noise(3_000), "B": noise(2_000)}
OTHER = {"A": noise(2_500), "C": noise(4_000)}


@pytest.fixture(autouse=True)
def small_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of tables are small here, so that little fills several."""
    monkeypatch.setattr(bodies, "PIECE", 700)
    monkeypatch.setattr(owned, "LISTED", 20)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([("x", MANY)], [("x", {f"A/{number:03d}": number + 1 for number in range(100, 200)})]),
        ([("x", LARGE), ("y", OTHER)], [("x", OTHER), ("y", LARGE)]),
        ([("y", LARGE)], [("x", LARGE), ("y", {})]),
        ([("x", {"A": 1}), ("y", {"B": 1}), ("z", {"C": 1})], [("x", {"B": 1}), ("y", {"C": 1}), ("z", {"A": 1})]),
    ],
    ids=["many documents", "large ones exchanged", "one taken over", "codes in a ring"],
)
def test_a_writer_may_die_at_any_step(
    before: list[tuple[str, Documents]], after: list[tuple[str, Documents]], late: bool
) -> None:
    at, steps = 0, 1
    while at < steps:
        at += 1
        database = CrashingDatabase(MemoryDatabase())
        shelf = Shelf(database, real=database.real)
        shelf.say(*before)
        database.arm(at, late=late)
        with suppress(Crash):
            shelf.say(*after)
        steps = max(steps, database.count if database.at is not None else at + 1)
        database.revive()
        assert shelf.check().healthy, (at, shelf.check())
        shelf.say(*after)
        assert shelf.served() == shelf.expected()
        assert shelf.check().healthy, (at, shelf.check())
        assert [entry.seq for entry in shelf.feed.read(TENANT, limit=10_000).entries] == list(
            range(1, shelf.feed.head(TENANT) + 1)
        )
        pieces = sum(int(str(row["pieces"])) - 1 for row in shelf.rows("doc#", "claim#") if "pieces" in row)
        assert len(shelf.rows("piece#")) == pieces
    assert steps > 3
