"""Each way of failing, at one operation on the tables after the other, on small scenes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest

from exact_connector.catalog.projection import OwnerRows
from exact_connector.sync.ports import FamilyProjection
from exact_connector.sync.stores.parts import LoadParts
from exact_connector.sync.streams.catalogue import BASE
from fakes.crashing import Crash
from properties.sync.crashing import CrashingDatabase
from unit.sync.engine_model import REQUIRING, Connector, Follower
from unit.sync.sync_model import TENANT, Ground, guid, wanted_rows

ITEMS = "sync/Logistics/Items"
PRICES = "sync/Logistics/SalesItemPrices"
CONTACTS = "sync/CRM/Contacts"
UNITS = "logistics/Units"
STANDARD = "bulk/Logistics/Items"


UNSHOWN = FamilyProjection(frozenset(), lambda _rows, _context: ())
"""Reference rows that make no documents of their own; those of the items change with them."""


@dataclass
class Scene:
    """A tenant that is loaded, with something new in Exact."""

    connector: Connector
    crashing: CrashingDatabase
    follower: Follower

    def put(self, path: str, number: int, **values: object) -> None:
        self.connector.ground.feed.put(path, guid(number, _KIND[path]), **values)

    def delete(self, path: str, number: int) -> None:
        self.connector.ground.feed.delete(path, guid(number, _KIND[path]))

    def rival(self, *names: str) -> None:
        """Another process does this work now."""
        engine = self.connector.process("rival")
        for name in names:
            engine.make_due(TENANT, [name])
            self.connector.message(name, engine=engine)


pytestmark = pytest.mark.slow

_KIND = {ITEMS: 0, STANDARD: 0, PRICES: 1, CONTACTS: 2, UNITS: 9}


def scene(*, loaded: bool) -> Scene:
    ground = Ground()
    crashing = CrashingDatabase(ground.database)
    ground.database = crashing
    ground.__post_init__()
    connector = Connector(ground, projection=REQUIRING, others={"reference": UNSHOWN})
    made = Scene(connector, crashing, Follower(connector))
    for number in range(4):
        made.put(ITEMS, number, Code=f"A{number}", Description="first")
        made.put(PRICES, number, Item=guid(number), Price=number)
        made.put(STANDARD, number, StandardSalesPrice=100 + number)
    made.put(CONTACTS, 1, Account=guid(5, 7))
    made.put(UNITS, 1, Code="pc")
    connector.engine.plan(TENANT)
    if loaded:
        connector.again()
        made.follower.follow()
    return made


def dispatched(made: Scene) -> None:
    """Let ten minutes pass in which only the dispatcher sends work: no stream is due in that time by itself."""
    connector = made.connector
    made.crashing.revive()
    for _ in range(10):
        connector.ground.clock.advance(60)
        connector.engine.dispatch(connector.ground.clock.now())
        for queue in connector.queues.values():
            while queue.messages:
                _, body = queue.messages.pop(0)
                connector.message(body["stream"])


def projected(made: Scene) -> dict[str, object]:
    """The documents that the stored rows call for."""
    projector, view = made.connector.engine.projector, made.connector.engine.view(TENANT)
    assert view is not None
    context = projector.basis(view, "items").context
    owners = [owner for bucket in range(64) for owner in projector.records.bucket(TENANT, "items", bucket)]
    found = [
        document
        for owner in sorted(owners, key=lambda each: each.owner, reverse=True)
        for document in made.connector.projection.project(OwnerRows(owner.owner, owner.by_kind()), context)
    ]
    return {each.key: each.document for each in found}


def settle(made: Scene) -> None:
    """Let everything run to its end and compare with what Exact has."""
    connector, ground = made.connector, made.connector.ground
    made.crashing.revive()
    for _ in range(2):
        ground.clock.advance(1_000)
        connector.again("deleted", "units", "contacts", "sales_prices", "items", "standard_prices")
        connector.message("projection:items")
    for path, family, kind in (
        (ITEMS, "items", "item"),
        (PRICES, "items", "sales_price"),
        (CONTACTS, "customers", "contact"),
        (UNITS, "reference", "unit"),
    ):
        assert ground.stored(family, kind) == wanted_rows(ground.feed.rows(path)), kind
    assert connector.documents() == connector.expected()
    assert connector.counts() == {"count_item": len(connector.expected())}
    assert connector.check().healthy, connector.check()
    made.follower.follow()
    assert made.follower.copy == connector.documents()
    assert made.follower.seen == list(range(1, connector.feed.head(TENANT) + 1))
    assert LoadParts(ground.stores.catalog).rows(TENANT, "items") == []
    lists = [row for row in made.crashing.real["sync"].all_rows() if row["pk"] == f"affected#{TENANT}"]
    assert [row["sk"] for row in lists if row["family"] in ("items", "standard_prices")] == []


def changed_prices(made: Scene) -> str:
    made.put(PRICES, 1, Price=50)
    made.put(PRICES, 8, Item=guid(2), Price=8)
    made.put(PRICES, 9, Item=guid(3), Price=9)
    return "sales_prices"


def ended_prices(made: Scene) -> str:
    for number in (1, 2):
        made.delete(PRICES, number)
    return "deleted"


def swapped_codes(made: Scene) -> str:
    made.put(ITEMS, 1, Code="A2")
    made.put(ITEMS, 2, Code="A1")
    return "items"


def deletions(made: Scene) -> str:
    made.delete(ITEMS, 1)
    made.delete(PRICES, 2)
    made.delete(CONTACTS, 1)
    return "deleted"


def moved_contact(made: Scene) -> str:
    made.put(CONTACTS, 1, Account=guid(6, 7))
    made.put(CONTACTS, 2, Account=guid(6, 7))
    return "contacts"


def moved_price(made: Scene) -> str:
    made.put(PRICES, 1, Item=guid(2))
    made.put(PRICES, 2, Item=guid(3))
    return "sales_prices"


def full_load(made: Scene) -> str:
    del made.connector.ground.feed.tables[PRICES][guid(3, 1)]
    made.connector.engine.request(TENANT, "sales_prices", "full")
    return "sales_prices"


def replaced_set(made: Scene) -> str:
    made.connector.ground.feed.tables[UNITS] = {}
    made.put(UNITS, 2, Code="box")
    return "units"


def other_settings(made: Scene) -> str:
    made.connector.settings("other")
    made.connector.engine.plan(TENANT)
    return "projection:items"


SCENES = [
    changed_prices,
    ended_prices,
    swapped_codes,
    deletions,
    moved_contact,
    moved_price,
    full_load,
    replaced_set,
    other_settings,
]


EVERY_ONE = 18
"""So many first operations, those of extraction, are tried one by one; of the later ones about as many more."""


def every_step(
    prepare: Callable[[], tuple[Scene, Callable[[], None], Callable[[], None]]],
    then: Callable[[Scene], None] | None = None,
) -> int:
    """Play a scene once for each operation it makes, with the mishap just before it; return how many it makes. ``then``
    looks at what came of it, before everything is run again and compared."""
    made, work, _ = prepare()
    made.crashing.arm(0, late=False, then=lambda: None)
    work()
    total = made.crashing.count
    stride = max(1, total // EVERY_ONE)
    for at in (*range(1, min(EVERY_ONE, total) + 1), *range(EVERY_ONE + 1, total + 1, stride)):
        made, work, happens = prepare()
        made.crashing.arm(at, late=False, then=happens)
        with suppress(Crash):
            work()
        if then is not None:
            then(made)
        settle(made)
    return total


def work_on(made: Scene, name: str) -> Callable[[], None]:
    if not name.startswith("projection:"):
        made.connector.engine.make_due(TENANT, [name])
    return lambda: void(made.connector.message(name))


def void(_: object) -> None:
    """Drop a result."""


@pytest.mark.parametrize("change", SCENES, ids=lambda change: change.__name__)
def test_a_worker_may_die_at_any_step(change: Callable[[Scene], str]) -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made = scene(loaded=True)
        return made, work_on(made, change(made)), made.crashing.crash

    assert every_step(prepare) > 10


@pytest.mark.parametrize("change", [changed_prices, ended_prices, replaced_set], ids=lambda change: change.__name__)
def test_what_a_dead_worker_left_is_taken_up_within_minutes(change: Callable[[Scene], str]) -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made = scene(loaded=True)
        name = change(made)
        return made, work_on(made, name), made.crashing.crash

    def then(made: Scene) -> None:
        dispatched(made)
        assert made.connector.documents() == projected(made)

    assert every_step(prepare, then) > 10


def test_a_worker_may_die_at_any_step_of_a_first_load() -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made = scene(loaded=False)
        made.connector.again(*sorted(BASE - {"items"}))
        return made, work_on(made, "items"), made.crashing.crash

    assert every_step(prepare) > 30


def shared_first_load() -> tuple[Scene, Callable[[], None]]:
    """A first load that is done in parts, before its last stream is read."""
    made = scene(loaded=False)
    for number in range(10, 40):  # three of them have a code that another one has
        made.put(ITEMS, number, Code=f"B{max(13, number)}", Description="many")
    made.connector.share_first_loads()
    made.connector.again(*sorted(BASE - {"items"}))
    return made, work_on(made, "items")


def test_who_leads_a_shared_first_load_may_die_at_any_step() -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made, work = shared_first_load()
        return made, work, made.crashing.crash

    assert every_step(prepare) > 100


def test_a_helper_may_come_at_any_step_of_a_shared_first_load() -> None:
    helped: list[int] = []

    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made, work = shared_first_load()

        def happens() -> None:
            engine = made.connector.process("helper")
            result = made.connector.message("projection:items", engine=engine)
            helped.extend(each.owners for each in result.projections if each.outcome == "helped")

        return made, work, happens

    assert every_step(prepare) > 100
    assert max(helped) > 20
    assert len(set(helped)) > 5


@pytest.mark.parametrize("later", [1, 2, 4, 7, 11])
def test_a_helper_may_die_and_who_leads_stall_at_any_step_of_a_shared_first_load(later: int) -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made, work = shared_first_load()

        def happens() -> None:
            engine = made.connector.process("helper")
            made.crashing.arm(later, late=False, then=made.crashing.crash)
            with suppress(Crash):
                made.connector.message("projection:items", engine=engine)
            made.crashing.revive()
            made.put(ITEMS, 12, Code="B13")
            made.put(ITEMS, 13, Code="B12")
            made.connector.ground.clock.advance(100)
            made.rival("items")

        return made, work, happens

    assert every_step(prepare) > 100


def test_settings_may_change_at_any_step_of_a_shared_first_load() -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made, work = shared_first_load()

        def happens() -> None:
            made.connector.settings("other")
            made.connector.process("other").plan(TENANT)
            made.crashing.crash()

        return made, work, happens

    assert every_step(prepare) > 100


@pytest.mark.parametrize("change", SCENES, ids=lambda change: change.__name__)
def test_a_worker_may_stall_at_any_step_while_another_does_its_work(change: Callable[[Scene], str]) -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made = scene(loaded=True)
        name = change(made)

        def happens() -> None:
            made.connector.ground.clock.advance(100)
            made.put(PRICES, 0, Price=77)
            made.rival("sales_prices", name)

        return made, work_on(made, name), happens

    assert every_step(prepare) > 10


@pytest.mark.parametrize("path", [PRICES, ITEMS], ids=["a price", "an item"])
def test_a_row_may_be_deleted_at_any_step_of_its_being_stored(path: str) -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made = scene(loaded=True)
        made.put(ITEMS, 8, Code="A8")
        made.put(PRICES, 8, Item=guid(2), Price=8)

        def happens() -> None:
            made.delete(path, 8)
            made.rival("deleted")

        return made, work_on(made, "sales_prices" if path == PRICES else "items"), happens

    assert every_step(prepare) > 10


@pytest.mark.parametrize("later", [1, 2, 3, 4, 5])
def test_a_row_may_be_deleted_and_its_worker_die_a_few_steps_later(later: int) -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made = scene(loaded=True)
        made.put(PRICES, 8, Item=guid(2), Price=8)

        def happens() -> None:
            made.delete(PRICES, 8)
            made.rival("deleted")
            made.crashing.arm(later, late=False, then=made.crashing.crash)

        return made, work_on(made, "sales_prices"), happens

    assert every_step(prepare) > 10


def test_a_contact_may_move_at_any_step_of_its_being_stored() -> None:
    def prepare() -> tuple[Scene, Callable[[], None], Callable[[], None]]:
        made = scene(loaded=True)
        made.put(CONTACTS, 1, Account=guid(6, 7))

        def happens() -> None:
            made.put(CONTACTS, 1, Account=guid(5, 7))
            made.connector.ground.clock.advance(100)
            made.rival("contacts")

        return made, work_on(made, "contacts"), happens

    assert every_step(prepare) > 10
