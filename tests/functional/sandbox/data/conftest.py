"""Fresh small worlds for the tests of the sandbox's data."""

from __future__ import annotations

import pytest

from exact_sandbox.world.store import World
from functional.sandbox.data.worlds import Office, small_world, tiny_world


@pytest.fixture(scope="session")
def shared_world() -> World:
    """Build one world for the tests that only look."""
    return small_world()


@pytest.fixture
def office() -> Office:
    """Build a fresh world and sit down in its big company."""
    return Office(tiny_world())
