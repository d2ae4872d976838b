"""One small company whose settings the tests switch; each test leaves the defaults behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from functional.catalog.shop import DIVISION, Shop, linked_shop
from functional.settings.served import Served, everything
from product import SandboxProcess


@dataclass(frozen=True)
class Company:
    """The shop, what was read from Exact to fill it, and what it serves with all defaults."""

    shop: Shop
    first_calls: dict[str, int]
    defaults: Served


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    """A linked and synchronised company with all defaults."""
    with linked_shop(prepare=_package_sizes_in_texts) as shop:
        yield Company(shop, shop.calls(), everything(shop))


def _package_sizes_in_texts(sandbox: SandboxProcess) -> None:
    """Give three items extra descriptions that hold a package size."""
    rows = sandbox.control("GET", f"/records/{DIVISION}/Items?_limit=400")["records"]
    sold = [row for row in rows if row["IsSalesItem"]][:3]
    for row, text in zip(sold, ("12", "8|Blue|large", "Blue|24|large"), strict=True):
        sandbox.control("PATCH", f"/records/{DIVISION}/Items/{row['ID']}", {"ExtraDescription": text})
