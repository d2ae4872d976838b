"""Small generated worlds under a clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from exact_sandbox.clock import SandboxClock
from exact_sandbox.protocol import writes
from exact_sandbox.world.generate import COMPANIES, MAIN_DIVISION, build
from exact_sandbox.world.store import Division, Options, Refusal, Row, User, World

NOON = datetime(2026, 6, 15, 10, 0, tzinfo=UTC).timestamp()
SMALL = Options(seed=3, items=400, customers=120, orders=60, born="2026-06-15")


def day(text: str) -> datetime:
    """Return midnight of a day in Dutch wall time, which carries no zone."""
    return datetime.fromisoformat(text)


class Wall:
    """Real time in the hands of a test, in epoch seconds."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def still_clock() -> SandboxClock:
    """Return a clock that stands at noon (Dutch time) on 15 June 2026."""
    return SandboxClock(wall=Wall())


def counter_guids() -> Callable[[], str]:
    """Return a source of Guids that count up."""
    state = {"n": 0}

    def next_guid() -> str:
        state["n"] += 1
        return f"ffffffff-0000-4000-8000-{state['n']:012x}"

    return next_guid


def small_world(**changes: Any) -> World:
    """Return a world with a few hundred items; the arguments change its options."""
    return build(replace(SMALL, **changes), still_clock(), guids=counter_guids())


def tiny_world(**changes: Any) -> World:
    """Return a world of the main company and the one of the Basic edition, quick to build."""
    options = replace(SMALL, **{"items": 150, "customers": 60, "orders": 20, **changes})
    companies = [company for company in COMPANIES if company[0] in (MAIN_DIVISION, 123459)]
    return build(options, still_clock(), guids=counter_guids(), companies=companies)


class Office:
    """One user at work in one company: the requests of the tests in one line each."""

    def __init__(self, world: World, division: int = MAIN_DIVISION, user: User | None = None) -> None:
        self.world = world
        self.division: Division = world.divisions[division]
        self.user = user or world.first_user()

    def rows(self, table: str) -> list[Row]:
        """Return every row of a table."""
        return list(self.division.table(table).rows())

    def post(self, entity: str, body: object, **more: Any) -> Row:
        """Create a record and return its row."""
        return asyncio.run(writes.create(self.world, self.division, entity, body, self.user, **more)).row

    def put(self, entity: str, key: str | int, body: object) -> None:
        """Change a record."""
        asyncio.run(writes.update(self.world, self.division, entity, key, body, self.user))

    def remove(self, entity: str, key: str | int) -> None:
        """Delete a record."""
        asyncio.run(writes.delete(self.world, self.division, entity, key, self.user))

    def refusal(self, entity: str, body: object) -> tuple[int, str]:
        """Return status and text with which a POST is refused."""
        return refused(lambda: self.post(entity, body))

    def customer(self, **wanted: object) -> Row:
        """Return a customer that may order, with these fields."""
        return next(
            row for row in self.rows("Accounts")
            if row.get("Status") == "C" and not row["Blocked"] and "EndDate" not in row
            and all(row.get(name) == value for name, value in wanted.items())
        )  # fmt: skip

    def item(self, **wanted: object) -> Row:
        """Return an active sales item that is kept in stock, with these fields."""
        return next(
            row for row in self.rows("Items")
            if row["IsSalesItem"] and row["IsStockItem"] and "EndDate" not in row and row["Unit"] == "pc      "
            and row["StartDate"] <= self.world.clock.local()
            and all(row.get(name) == value for name, value in wanted.items())
        )  # fmt: skip

    def order(self, *lines: Row, **header: object) -> Row:
        """Post a sales order for a customer in the Netherlands and return its header."""
        body = {"OrderedBy": self.customer(SalesVATCode="4  ")["ID"], "SalesOrderLines": list(lines), **header}
        return self.post("SalesOrders", body)

    def lines(self, order: Row) -> list[Row]:
        """Return the lines of a sales order by number."""
        found = self.division.table("SalesOrderLines").lookup("OrderID", order["OrderID"]) or []
        return sorted(found, key=lambda line: line["LineNumber"])

    def position(self, item: Row, code: str = "1") -> Row:
        """Return the stock position of an item in a warehouse."""
        found = self.division.table("StockPositions").lookup("ItemId", item["ID"]) or []
        return next(row for row in found if row["WarehouseCode"] == code)


def refused(action: Callable[[], object]) -> tuple[int, str]:
    """Return status and text of the refusal that an action meets."""
    try:
        action()
    except Refusal as refusal:
        return refusal.status, refusal.text
    raise AssertionError("the sandbox accepted what Exact refuses")
