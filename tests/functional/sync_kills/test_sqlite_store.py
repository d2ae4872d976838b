"""The shared file behaves as the other carriers of the key-value port do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.sync_kills.sqlite_store import SqliteDatabase, SqliteParameters, SqliteQueue
from unit.aws import test_store as port

# Every test of the port runs here again, with the fixture ``store`` of this module.
globals().update({name: test for name, test in vars(port).items() if name.startswith("test_")})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """A new file."""
    found = SqliteDatabase(tmp_path / "store.db")
    yield found
    found.close()


@pytest.fixture
def store(database: SqliteDatabase) -> port.Store:
    """Two tables of the file and their database."""
    return database["sync"], database["records"], database


def test_parameters_keep_their_versions(database: SqliteDatabase) -> None:
    parameters = SqliteParameters(database)
    assert [parameters.put("name", value, secure=True) for value in ("one", "two")] == [1, 2]
    newest, first = parameters.get("name"), parameters.get("name", version=1)
    assert newest is not None
    assert first is not None
    assert (newest.value, newest.version, first.value) == ("two", 2, "one")
    assert parameters.get("name", version=3) is None


def test_a_message_is_taken_once_and_in_order(database: SqliteDatabase) -> None:
    queue = SqliteQueue("items", database)
    for stream in ("first", "second"):
        queue.send({"stream": stream}, group="acme")
    assert [queue.take(), queue.take(), queue.take()] == [{"stream": "first"}, {"stream": "second"}, None]
