"""One small company for all tests of what platforms read and write beside orders."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functional.catalog.shop import Shop, linked_shop


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """A linked and synchronised company; tests may add to it but not rely on what others added."""
    with linked_shop() as found:
        yield found
