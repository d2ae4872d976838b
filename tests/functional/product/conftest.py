"""One small company per module, linked and synchronised; tests change it but never rely on each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functional.product.company import Company, linked_company


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """A linked and synchronised company."""
    with linked_company() as found:
        yield found
