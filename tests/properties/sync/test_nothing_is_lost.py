"""Whatever dies or stalls at whatever step: nothing is lost, doubled or resurrected.

A model of an administration changes rows, deletes them, moves them, commits late. Workers run, die before or after any
single operation on the tables, or stall there for longer than their lease while another worker does the same work. In
the end the stored rows, the documents and the copy of somebody who only followed the feed are what Exact has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from exact_connector.documents import bodies
from exact_connector.sync.stores import records
from exact_connector.sync.streams.catalogue import BASE
from fakes.crashing import Crash
from fakes.examples import examples
from properties.sync.crashing import CrashingDatabase
from unit.sync.engine_model import Connector, Follower
from unit.sync.sync_model import TENANT, Ground, guid, wanted_rows

ITEMS = "sync/Logistics/Items"
PRICES = "sync/Logistics/SalesItemPrices"
STOCK = "sync/Inventory/StockPositions"
CONTACTS = "sync/CRM/Contacts"
UNITS = "logistics/Units"
PATHS = (ITEMS, PRICES, STOCK, CONTACTS)
STREAMS = ("items", "sales_prices", "stock", "contacts", "units", "deleted")

numbers = st.integers(0, 3)
steps = st.integers(1, 60)


class Synchronisation(RuleBasedStateMachine):
    """The administration, its changes, and workers that fail."""

    def __init__(self) -> None:
        super().__init__()
        ground = Ground()
        ground.feed.page_size = 2
        self.crashing = CrashingDatabase(ground.database)
        ground.database = self.crashing
        ground.__post_init__()
        self.connector = Connector(ground)
        self.feed = ground.feed
        self.clock = ground.clock
        self.follower = Follower(self.connector)
        self.alive: dict[str, list[str]] = {path: [] for path in PATHS}
        self.born = 0
        self.limits = pytest.MonkeyPatch()
        self.limits.setattr(bodies, "PIECE", 500)
        self.limits.setattr(records, "PACK_BYTES", 500)

    @initialize(loaded=st.booleans())
    def begin(self, loaded: bool) -> None:
        self.feed.put(UNITS, guid(1, 9), Code="pc")
        for _ in range(3):
            self.new_item()
        self.connector.engine.plan(TENANT)
        if loaded:
            self.run_all()

    # -- what happens in Exact ----------------------------------------------------------------------------------------

    @rule()
    def new_item(self) -> None:
        key = self._new(ITEMS)
        self.feed.put(ITEMS, key, Code=f"A{self.born}", Description="new")

    @rule(item=numbers, price=st.integers(1, 9))
    def new_price(self, item: int, price: int) -> None:
        self.feed.put(PRICES, self._new(PRICES), Item=self._item(item), Price=price)

    @rule(item=numbers, stock=st.integers(1, 9))
    def new_stock(self, item: int, stock: int) -> None:
        self.feed.put(STOCK, self._new(STOCK), ItemId=self._item(item), CurrentStock=stock)

    @rule(account=numbers)
    def new_contact(self, account: int) -> None:
        self.feed.put(CONTACTS, self._new(CONTACTS), Account=guid(account, 7))

    @rule(path=st.sampled_from(PATHS), number=numbers, value=st.integers(0, 5))
    def change(self, path: str, number: int, value: int) -> None:
        if self.alive[path]:
            key = self.alive[path][number % len(self.alive[path])]
            self.feed.put(path, key, **self._values(path, value))

    @rule(item=numbers, size=st.integers(1, 3))
    def enlarge(self, item: int, size: int) -> None:
        """An item gets a text that is larger than a row of the tables may be here."""
        if self.alive[ITEMS]:
            self.born += 1
            text = "".join(hashlib.sha256(f"{self.born} {part}".encode()).hexdigest() for part in range(20 * size))
            self.feed.put(ITEMS, self._item(item), Description=text)

    @rule(path=st.sampled_from(PATHS), number=numbers, value=st.integers(0, 5))
    def change_late(self, path: str, number: int, value: int) -> None:
        if self.alive[path]:
            key = self.alive[path][number % len(self.alive[path])]
            self.feed.put_late(path, key, **self._values(path, value))

    @rule(one=numbers, other=numbers)
    def swap_codes(self, one: int, other: int) -> None:
        first, second = self._item(one), self._item(other)
        rows = self.feed.tables.get(ITEMS, {})
        hidden = {key for path, key in self.feed.hidden if path == ITEMS}
        if first in rows and second in rows and not hidden & {first, second}:
            codes = rows[first]["Code"], rows[second]["Code"]
            self.feed.put(ITEMS, first, Code=codes[1])
            self.feed.put(ITEMS, second, Code=codes[0])

    @rule(price=numbers, item=numbers)
    def move_price(self, price: int, item: int) -> None:
        """A sales price becomes that of another item."""
        if self.alive[PRICES]:
            self.feed.put(PRICES, self.alive[PRICES][price % len(self.alive[PRICES])], Item=self._item(item))

    @rule(one=numbers, other=numbers)
    def take_code(self, one: int, other: int) -> None:
        """Two items bear one code for a while."""
        first, second = self._item(one), self._item(other)
        rows = self.feed.tables.get(ITEMS, {})
        if first in rows and second in rows:
            self.feed.put(ITEMS, first, Code=rows[second]["Code"])

    @rule()
    def commit_late(self) -> None:
        self.feed.show()

    @rule(path=st.sampled_from(PATHS), number=numbers)
    def delete(self, path: str, number: int) -> None:
        if self.alive[path]:
            self.feed.delete(path, self.alive[path].pop(number % len(self.alive[path])))

    @rule(count=st.integers(0, 2))
    def change_units(self, count: int) -> None:
        self.feed.tables[UNITS] = {}
        for number in range(count):
            self.feed.put(UNITS, guid(number, 9), Code=f"u{number}")

    # -- what the workers do ------------------------------------------------------------------------------------------

    @rule(stream=st.sampled_from(STREAMS))
    def run(self, stream: str) -> None:
        self.connector.again(stream)

    @rule()
    def run_all(self) -> None:
        self.connector.again()

    @rule(stream=st.sampled_from(STREAMS), at=steps, late=st.booleans())
    def die(self, stream: str, at: int, late: bool) -> None:
        self._interrupted(stream, at, late=late, then=self.crashing.crash)

    @rule(stream=st.sampled_from(STREAMS), other=st.sampled_from(STREAMS), at=steps, late=st.booleans())
    def stall(self, stream: str, other: str, at: int, late: bool) -> None:
        rival = self.connector.process("rival")

        def meanwhile() -> None:
            self.clock.advance(100)
            rival.make_due(TENANT, [other])
            self.connector.message(other, engine=rival)

        self._interrupted(stream, at, late=late, then=meanwhile)

    @rule(stream=st.sampled_from(STREAMS), path=st.sampled_from(PATHS), number=numbers, at=steps)
    def deleted_meanwhile(self, stream: str, path: str, number: int, at: int) -> None:
        rival = self.connector.process("rival")

        def meanwhile() -> None:
            self.delete(path, number)
            rival.make_due(TENANT, ["deleted"])
            self.connector.message("deleted", engine=rival)

        self._interrupted(stream, at, late=True, then=meanwhile)

    @rule(stream=st.sampled_from(("items", "sales_prices", "contacts")))
    def load_fully(self, stream: str) -> None:
        self.connector.engine.request(TENANT, stream, "full")
        self.connector.message(stream)

    @rule(at=steps, late=st.booleans(), name=st.sampled_from(("red", "green")))
    def change_settings(self, at: int, late: bool, name: str) -> None:
        self.connector.settings(name)
        self.crashing.arm(at, late=late, then=self.crashing.crash)
        with suppress(Crash):
            self.connector.engine.plan(TENANT)
            self.connector.message("projection:items")
        self._wake()

    @rule()
    def follow(self) -> None:
        self.follower.follow()

    # -- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def the_feed_has_no_gaps(self) -> None:
        assert self.follower.seen == sorted(set(self.follower.seen))

    def teardown(self) -> None:
        try:
            self._end()
        finally:
            self.limits.undo()

    def _end(self) -> None:
        self.crashing.revive()
        self.feed.show()
        for _ in range(3):
            self.clock.advance(1_000)
            self.connector.again("deleted", *sorted(BASE))
            self.connector.message("projection:items")
        self._check()

    def _check(self) -> None:
        ground = self.connector.ground
        for path, family, kind in (
            (ITEMS, "items", "item"),
            (PRICES, "items", "sales_price"),
            (STOCK, "items", "stock"),
            (CONTACTS, "customers", "contact"),
            (UNITS, "reference", "unit"),
        ):
            assert ground.stored(family, kind) == wanted_rows(self.feed.rows(path)), kind
        assert self.connector.documents() == self.connector.expected()
        self.follower.follow()
        assert self.follower.copy == self.connector.documents()
        assert self.connector.check().healthy, self.connector.check()
        head = ground.database["catalog"].get(_head())
        assert head is not None
        assert head.get("count_item", 0) == len(self.connector.documents())
        lists = [row for row in self.crashing.real["sync"].all_rows() if row["pk"] == f"affected#{TENANT}"]
        assert [row["sk"] for row in lists if row["family"] == "items"] == []
        pieces = [row for row in self.crashing.real["catalog"].all_rows() if str(row["pk"]).startswith("piece#")]
        large = [row for row in self.crashing.real["catalog"].all_rows() if "pieces" in row]
        assert len(pieces) == sum(int(str(row["pieces"])) - 1 for row in large)

    def _interrupted(self, stream: str, at: int, *, late: bool, then: Callable[[], None]) -> None:
        self.connector.engine.make_due(TENANT, [stream])
        self.crashing.arm(at, late=late, then=then)
        with suppress(Crash):
            self.connector.message(stream)
        self._wake()

    def _wake(self) -> None:
        self.crashing.revive()
        self.clock.advance(100)

    def _new(self, path: str) -> str:
        self.born += 1
        key = guid(self.born, PATHS.index(path))
        self.alive[path].append(key)
        return key

    def _item(self, number: int) -> str:
        items = self.alive[ITEMS]
        return items[number % len(items)] if items else guid(9_999)

    def _values(self, path: str, value: int) -> dict[str, Any]:
        if path == CONTACTS:
            return {"Account": guid(value, 7)}
        return {"Description": f"text {value}", "Price": value, "CurrentStock": value}


def _head() -> Any:
    from exact_connector.documents.feed import head_key

    return head_key(TENANT)


TestSynchronisation = Synchronisation.TestCase
TestSynchronisation.settings = examples(150, stateful_step_count=25)


def test_an_item_whose_code_two_items_bore_for_a_moment_is_served() -> None:
    machine = Synchronisation()
    machine.begin(loaded=True)
    machine.swap_codes(0, 1)
    machine.die("items", 12, late=True)
    machine.change_units(0)
    machine.deleted_meanwhile("units", PRICES, 3, 15)
    machine.run("stock")
    machine.teardown()
