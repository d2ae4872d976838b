"""One small company whose settings the tests switch; each test leaves the defaults behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from fakes.product import SandboxProcess
from functional.catalog.shop import DIVISION, Shop, linked_shop
from functional.settings.served import Served, everything


@dataclass(frozen=True)
class Company:
    """The shop, what was read from Exact to fill it, and what it serves with all defaults."""

    shop: Shop
    first_calls: dict[str, int]
    defaults: Served


@pytest.fixture(scope="session")
def company() -> Iterator[Company]:
    """A linked and synchronised company with all defaults."""
    with linked_shop(prepare=_prepare) as shop:
        yield Company(shop, shop.calls(), everything(shop))


def _prepare(sandbox: SandboxProcess) -> None:
    _package_sizes_in_texts(sandbox)
    _a_price_for_every_item(sandbox)


def _a_price_for_every_item(sandbox: SandboxProcess) -> None:
    """Give every item a price in its unit in two currencies, so that no item's own standard price is asked for."""
    rows = sandbox.control("GET", f"/records/{DIVISION}/SalesItemPrices?_limit=1000")["records"]
    model = next(row for row in rows if row["Currency"] == "EUR" and not row.get("Account") and row["Quantity"] <= 1)
    today = datetime.now(UTC).date().isoformat()
    priced = {
        (row["Item"], row["Currency"], row["Unit"])
        for row in rows
        if not row.get("Account") and row["Price"] and _holds(row, today)
    }
    for item in sandbox.control("GET", f"/records/{DIVISION}/Items?_limit=1000")["records"]:
        for currency in ("EUR", "USD"):
            if (item["ID"], currency, item["Unit"]) not in priced:
                more = {"Item": item["ID"], "Unit": item["Unit"], "Currency": currency, "StartDate": "2020-01-01"}
                sandbox.control("POST", f"/records/{DIVISION}/SalesItemPrices", {**model, "ID": str(uuid4()), **more})


def _holds(row: dict[str, Any], today: str) -> bool:
    return str(row["StartDate"])[:10] <= today and not (row.get("EndDate") and str(row["EndDate"])[:10] < today)


def _package_sizes_in_texts(sandbox: SandboxProcess) -> None:
    """Give three items extra descriptions that hold a package size."""
    rows = sandbox.control("GET", f"/records/{DIVISION}/Items?_limit=400")["records"]
    sold = [row for row in rows if row["IsSalesItem"]][:3]
    for row, text in zip(sold, ("12", "8|Blue|large", "Blue|24|large"), strict=True):
        sandbox.control("PATCH", f"/records/{DIVISION}/Items/{row['ID']}", {"ExtraDescription": text})
