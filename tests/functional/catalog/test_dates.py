"""What the calendar alone changes: nobody touches Exact, a day passes, and what is served follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exact_connector.clock import today
from fakes.product import SandboxProcess, running_sandbox
from functional.catalog.shop import DIVISION, MANY_CALLS, Shop

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
ENDING, STARTING, REPRICED = "100001", "100002", "100004"


class TurnedClock:
    """The machine's clock and some days."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the moment."""
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        """Go on at once."""
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> TurnedClock:
    """The clock of the product; the sandbox's is turned with it."""
    return TurnedClock()


@pytest.fixture
def shop(clock: TurnedClock) -> Iterator[Shop]:
    """A company in which something ends today, and something starts tomorrow."""
    with running_sandbox("--items", "30", "--customers", "10", "--orders", "3", *MANY_CALLS) as sandbox:
        _dated(sandbox, clock)
        found = Shop(sandbox, clock=clock)
        try:
            assert found.link()[0] == 302
            found.settings({"CheckIfItemIsActive": True})
            yield found
        finally:
            found.box.platform.sender.close()  # type: ignore[attr-defined]


def _dated(sandbox: SandboxProcess, clock: TurnedClock) -> None:
    last = today(clock)
    for code, values in (
        (ENDING, {"StartDate": "2020-01-01", "EndDate": last.isoformat()}),
        (STARTING, {"StartDate": (last + DAY).isoformat(), "EndDate": None}),
        (REPRICED, {"StartDate": "2020-01-01", "EndDate": None}),
    ):
        (item,) = _rows(sandbox, "Items", Code=code)
        sandbox.control("PATCH", f"/records/{DIVISION}/Items/{item['ID']}", {"IsSalesItem": True, **values})
    prices = [row for row in _rows(sandbox, "SalesItemPrices") if row["ItemCode"].strip() == REPRICED]
    for row in prices:
        sandbox.control("DELETE", f"/records/{DIVISION}/SalesItemPrices/{row['ID']}")
    model = {**prices[0], "Account": None, "Currency": "EUR", "Quantity": 0.0}
    del model["ID"], model["Timestamp"]
    for price, start, end in ((10, "2020-01-01", last.isoformat()), (11, (last + DAY).isoformat(), None)):
        dates = {"Price": float(price), "StartDate": start, "EndDate": end}
        sandbox.control("POST", f"/records/{DIVISION}/SalesItemPrices", {**model, **dates})
    account = next(row for row in _rows(sandbox, "Accounts") if row.get("Status") == "C" and not row.get("EndDate"))
    sandbox.control("PATCH", f"/records/{DIVISION}/Accounts/{account['ID']}", {"EndDate": last.isoformat()})


def _rows(sandbox: SandboxProcess, entity: str, **match: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in {"_limit": "100000", **match}.items())
    return list(sandbox.control("GET", f"/records/{DIVISION}/{entity}?{query}")["records"])


def test_items_prices_and_customers_follow_the_calendar_when_nothing_changed_in_exact(
    shop: Shop, clock: TurnedClock
) -> None:
    items = {row["item_code"]: row for row in shop.every("/v1/items")}
    assert ENDING in items
    assert STARTING not in items
    assert items[REPRICED]["sales_price"] == "10"
    ending = {
        row["ID"]
        for row in shop.exact_rows("Accounts")
        if row.get("Status") == "C" and str(row.get("EndDate"))[:10] == today(clock).isoformat()
    }
    assert ending & {row["customer_id"] for row in shop.every("/v1/customers")} == ending != set()
    tomorrow = {"item": REPRICED, "date": (today(clock) + DAY).isoformat()}
    assert shop.ok("GET", "/v1/prices/quote", query=tomorrow)["price"] == "11"

    head = shop.ok("GET", "/v1/changes")["head"]
    clock.ahead += DAY
    shop.sandbox.control("PUT", "/clock", {"advance": DAY.total_seconds()})
    shop.work()

    items = {row["item_code"]: row for row in shop.every("/v1/items")}
    assert ENDING not in items
    assert STARTING in items
    assert items[REPRICED]["sales_price"] == "11"
    told = shop.ok("GET", "/v1/changes", query={"since": str(head), "limit": "1000"})["changes"]
    ops = {(each["kind"], each["key"]): each["op"] for each in told}
    assert (ops["item", ENDING], ops["stock", ENDING]) == ("delete", "delete")
    assert (ops["item", STARTING], ops["item", REPRICED]) == ("upsert", "upsert")
    assert {key for (kind, key), op in ops.items() if (kind, op) == ("customer", "delete")} == ending
