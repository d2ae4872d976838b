"""One huge owner or row never stops its family: the real projections, over tables that refuse what is too large."""

from __future__ import annotations

import base64
import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from exact_connector.catalog.context import Options
from exact_connector.customers.nested import EMBEDDED
from exact_connector.documents.check import CheckReport, check_documents
from exact_connector.documents.store import CatalogStore
from exact_connector.serving.nested_lists import nested_page
from exact_connector.settings import Settings
from exact_connector.sync.engine import SyncEngine
from exact_connector.sync.projection.families import PROJECTIONS, contexts
from exact_connector.sync.streams.catalogue import BASE
from fakes.ports import MemoryQueue
from unit.sync.engine_model import Tenants
from unit.sync.sync_model import TENANT, Ground, guid

pytestmark = pytest.mark.slow

ITEMS, PRICES = "sync/Logistics/Items", "sync/Logistics/SalesItemPrices"
ACCOUNTS, ADDRESSES, CONTACTS = "sync/CRM/Accounts", "sync/CRM/Addresses", "sync/CRM/Contacts"
SHOP, OTHER = guid(1, 7), guid(2, 7)
CHANCE = random.Random(5)
PICTURE = '<img src="data:image/png;base64,' + base64.b64encode(CHANCE.randbytes(450_000)).decode() + '">'


@dataclass
class Company:
    """A tenant with the product's own projections."""

    ground: Ground = field(default_factory=Ground)

    def __post_init__(self) -> None:
        self.ground.feed.page_size = 1_000
        view = replace(self.ground.view, settings=Settings(), options=Options())
        self.ground.view = view
        stores = self.ground.stores
        self.engine = SyncEngine(
            stores.database,
            stores.sync,
            stores.records,
            stores.catalog,
            lambda _: self.ground.feed,
            Tenants({TENANT: view}),
            PROJECTIONS,
            contexts,
            {name: MemoryQueue() for name in ("items", "customers", "documents")},
            self.ground.events,
            self.ground.clock,
            worker="w1",
            ahead=False,
        )
        self.catalog = CatalogStore(stores.catalog)
        self.put("system/Divisions", "123456", Code=123456, Country="NL", Currency="EUR")
        for number, name in ((1, "Webshop"), (2, "Bakker")):
            self.put(ACCOUNTS, guid(number, 7), Code=str(number), Name=name, Status="C")
        for number in range(3):
            self.put(ITEMS, guid(number), Code=f"A{number}", Description=f"Article {number}", IsSalesItem=True)

    def put(self, path: str, key: str, **values: Any) -> None:
        self.ground.feed.put(path, key, Modified="/Date(1772000000000)/", **values)

    def sync(self) -> None:
        """Run every stream and what follows."""
        self.ground.clock.advance(1_000)
        self.engine.plan(TENANT)
        for name in sorted(BASE):
            self.engine.make_due(TENANT, [name])
            self.engine.run_worker(TENANT, name, self.ground.clock.now() + timedelta(seconds=600))

    def body(self, kind: str, key: str) -> dict[str, Any]:
        found = self.catalog.get(TENANT, kind, key)
        assert found is not None, (kind, key)
        return found.body

    def all_of(self, name: Any, limit: int = 1_000) -> list[dict[str, Any]]:
        """Every row of a list of the shop's account, page by page."""
        account, rows, position = self.catalog.get(TENANT, "customer", SHOP), list[dict[str, Any]](), None
        assert account is not None
        while True:
            page = nested_page(self.catalog, TENANT, account, name, position, limit)
            rows.extend(page.rows)
            position = page.position
            if position is None:
                return rows

    def check(self) -> CheckReport:
        return check_documents(
            self.ground.stores.catalog, TENANT, {family: each.kinds for family, each in PROJECTIONS.items()}
        )

    def live(self) -> bool:
        """Every family is complete and without error."""
        states = {each.family: each for each in self.engine.projector.states.of_tenant(TENANT)}
        return all(states[family].status == "live" and states[family].error_code is None for family in PROJECTIONS)


def street(number: int) -> dict[str, Any]:
    """An address with texts that no compression makes much smaller."""
    return {
        "Type": 4,
        "Main": False,
        "AddressLine1": f"{CHANCE.randbytes(7).hex()}straat {number}",
        "AddressLine2": CHANCE.randbytes(10).hex(),
        "Postcode": f"{number:04d} AB",
        "City": CHANCE.randbytes(5).hex(),
        "Country": "NL ",
        "ContactName": CHANCE.randbytes(7).hex(),
    }


def addresses(company: Company, count: int) -> None:
    for number in range(count):
        company.put(ADDRESSES, guid(number, 3), Account=SHOP, **street(number))


def contacts(company: Company, count: int) -> None:
    for number in range(count):
        name = CHANCE.randbytes(20).hex()
        company.put(CONTACTS, guid(number, 5), Account=SHOP, FullName=name, Email=f"{name}@example.test")


@pytest.mark.parametrize(
    ("fill", "name", "count", "first"),
    [
        (addresses, "addresses", 10_000, True),
        (addresses, "addresses", 4_000, False),
        (contacts, "contact_persons", 4_000, True),
    ],
    ids=["addresses in the first load", "addresses later", "contacts in the first load"],
)
def test_an_account_of_thousands_is_served_and_stops_nobody(fill: Any, name: str, count: int, first: bool) -> None:
    company = Company()
    if not first:
        company.sync()
    fill(company, count)
    company.put(ACCOUNTS, OTHER, Name="Bakker Jansen")
    company.sync()
    assert company.live()
    shop = company.body("customer", SHOP)
    assert (shop[f"{name}_count"], len(shop[name])) == (count, EMBEDDED)
    ids = [row["address_id" if name == "addresses" else "contact_person_id"] for row in company.all_of(name)]
    assert ids == sorted(set(ids))
    assert len(ids) == count
    assert company.body("customer", OTHER)["customer_name"] == "Bakker Jansen"
    assert company.check().healthy


def test_addresses_of_a_large_account_come_change_and_go_one_by_one() -> None:
    company = Company()
    addresses(company, 300)
    company.sync()
    version = company.body("customer", SHOP)["addresses_version"]
    company.put(ADDRESSES, guid(17, 3), City="Delft")
    company.put(ADDRESSES, guid(300, 3), Account=SHOP, **street(300))
    company.ground.feed.delete(ADDRESSES, guid(5, 3))
    company.sync()
    rows = {row["address_id"]: row for row in company.all_of("addresses", limit=70)}
    assert len(rows) == 300
    assert rows[guid(17, 3)]["city"] == "Delft"
    assert guid(5, 3) not in rows
    assert company.body("customer", SHOP)["addresses_version"] != version
    for number in range(100, 300):
        company.ground.feed.delete(ADDRESSES, guid(number, 3))
    company.sync()
    shop = company.body("customer", SHOP)
    assert (shop["addresses_count"], shop["addresses_url"]) == (100, None)
    assert [row["address_id"] for row in company.all_of("addresses", limit=33)] == sorted(
        row["address_id"] for row in shop["addresses"]
    )
    assert company.catalog.list(TENANT, "_address").documents == ()
    assert company.check().healthy


@pytest.mark.parametrize("first", [True, False], ids=["during the first load", "later"])
def test_an_item_with_a_picture_in_its_notes_is_served_and_stops_nobody(first: bool) -> None:
    company = Company()
    if not first:
        company.sync()
    company.put(ITEMS, guid(1), Notes=PICTURE)
    company.put(ITEMS, guid(2), Description="Changed")
    company.sync()
    assert company.live()
    assert company.body("item", "A1")["attributes"]["notes"] == PICTURE
    assert company.body("item", "A2")["description"] == "Changed"
    assert company.check().healthy
    company.put(ITEMS, guid(1), Notes=None)
    company.sync()
    assert "notes" not in company.body("item", "A1")["attributes"]
    pieces = [row for row in company.ground.database["catalog"].all_rows() if str(row["pk"]).startswith("piece#")]
    assert pieces == []


@pytest.mark.parametrize(("count", "first"), [(2_000, True), (10_000, False)], ids=["in the first load", "later"])
def test_an_item_with_thousands_of_customer_prices_is_served(count: int, first: bool) -> None:
    company = Company()
    if not first:
        company.sync()
    for number in range(count):
        company.put(
            PRICES,
            guid(number, 1),
            Item=guid(1),
            Account=guid(number, 8),
            Price=number + 1,
            Quantity=1,
            Currency="EUR",
            StartDate="/Date(1735689600000)/",
        )
    company.put(ITEMS, guid(2), Description="Changed")
    company.sync()
    assert company.live()
    found, cursor = 0, None
    while True:
        page = company.catalog.list(TENANT, "agreement", prefix="A1/", cursor=cursor, limit=1_000)
        found += len(page.documents)
        cursor = page.cursor
        if cursor is None:
            break
    assert found == count
    assert company.body("item", "A2")["description"] == "Changed"
    assert company.check().healthy
