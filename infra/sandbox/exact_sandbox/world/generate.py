"""Build the sandbox's world: users, an application and several companies, the same for the same seed and sizes.

The first company is big and believable; the others are small. Their names differ only in capitals or spaces, as
real lists of administrations do, and one is archived, one blocked, one of the Basic edition.
"""

from __future__ import annotations

import gc
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

from exact_sandbox.admin.routes import replay_division, replay_posted
from exact_sandbox.world.accounts import generate_accounts
from exact_sandbox.world.base import generate_base
from exact_sandbox.world.derived import attach, custom_field_address
from exact_sandbox.world.history import History, generate_history
from exact_sandbox.world.items import (
    generate_bills,
    generate_items,
    generate_price_lists,
    generate_prices,
    generate_suppliers_items,
)
from exact_sandbox.world.journal import Journal
from exact_sandbox.world.kit import Kit, Row, account_code, country_code
from exact_sandbox.world.ledger import Books
from exact_sandbox.world.purchasing import generate_purchasing
from exact_sandbox.world.stock import generate_stock
from exact_sandbox.world.store import App, Clock, Division, Options, User, World

MAIN_DIVISION = 123456

Company = tuple[int, str, str, Row, str]

COMPANIES: tuple[Company, ...] = (
    # code, name, human number, what differs, edition
    (123456, "De Groothandel B.V.", "1", {"IsMainDivision": True}, "premium"),
    (123457, "de groothandel b.v.", "2", {}, "premium"),
    (123458, "De Groothandel  B.V.", "3", {}, "plus"),
    (123459, "Fietsland Nederland", "4", {}, "basic"),
    (123460, "Oud Archief B.V.", "5", {"Status": 2}, "premium"),
    (123461, "In Conversie B.V.", "6", {"BlockingStatus": 1}, "premium"),
    (123462, "Groothandel België", "123457", {"Country": country_code("BE"), "Legislation": "BE"}, "premium"),
)
"""The last company's human number equals another's code: a typed number is tried as a code first."""

LARGE = 20_000
"""From so many items on the company's objects are taken out of garbage collection."""

SMALL = (40, 25, 12)
"""Items, customers and orders of a small company."""


def _users() -> dict[str, User]:
    codes = [company[0] for company in COMPANIES]
    people = [
        User("5a7e0c2e-6c0d-4b7d-9f4e-0a1b2c3d4e5f", "demo@example.test", "demo", "Demi Demo", codes, codes[0],
             person_id="7b1c2d3e-1111-4aaa-8bbb-000000000001", employee_id="7b1c2d3e-1111-4aaa-8bbb-000000000002"),
        User("6b8f1d3f-7d1e-4c8e-8a5f-1b2c3d4e5f60", "second@example.test", "second", "Sam Second", codes[3:4],
             codes[3],
             language="EN", person_id="7b1c2d3e-1111-4aaa-8bbb-000000000003",
             employee_id="7b1c2d3e-1111-4aaa-8bbb-000000000004"),
    ]  # fmt: skip
    return {person.user_name: person for person in people}


def _info(company: Company, kit: Kit) -> Row:
    code, name, hid, differs, _ = company
    return {
        "Code": code, "Description": name, "Hid": hid, "Status": 1, "BlockingStatus": 0, "Currency": "EUR",
        "Country": country_code("NL"), "Legislation": "NL", "IsMainDivision": False, "IsDossierDivision": False,
        "IsHRDivision": False, "IsPracticeDivision": False, "Customer": "0c0ffee0-0000-4000-8000-00000000cafe",
        "CustomerCode": account_code(90210), "CustomerName": "De Groothandel Holding B.V.", "City": "Utrecht",
        "AddressLine1": "Handelskade 1", "Postcode": "3542 AB", "Email": "administratie@groothandel.example.test",
        "Phone": "+31 30 1234567", "VATNumber": "NL001234567B01", "ChamberOfCommerceNumber": "30123456",
        "StartDate": kit.day(-3000), "TemplateCode": "NL_Base", **kit.audit(), **differs,
    }  # fmt: skip


def _born(options: Options, clock: Clock) -> tuple[date, Path | None]:
    path = Path(options.state_dir) / "journal.jsonl" if options.state_dir else None
    head = Journal.head_of(path) if path else None
    if options.born is not None:
        return date.fromisoformat(options.born), path
    return (date.fromisoformat(head["born"]) if head else clock.local().date()), path


def build(
    options: Options,
    clock: Clock,
    *,
    guids: Callable[[], str] = lambda: str(uuid.uuid4()),
    companies: Sequence[Company] = COMPANIES,
) -> World:
    """Return the world of these options. Call `World.restore` before serving when there is a state directory."""
    born, path = _born(options, clock)
    sizes = {name: value for name, value in asdict(options).items() if name in ("seed", "items", "customers", "orders")}
    journal = Journal(path, {**sizes, "born": born.isoformat()})
    world = World(clock=clock, options=options, users=_users(), journal=journal, guid_source=guids)
    app = App(options.client_id, options.client_secret, list(options.redirect_uris), options.webhook_secret)
    world.apps[app.client_id] = app
    world.replayers["division"] = partial(replay_division, world)
    world.replayers["posted"] = partial(replay_posted, world)
    collecting = gc.isenabled()
    gc.disable()  # millions of small live objects: collecting while they are made doubles the time
    try:
        for company in companies:
            main = company[0] == MAIN_DIVISION
            counts = (options.items, options.customers, options.orders) if main else SMALL
            _division(world, company, counts, born)
    finally:
        if collecting:
            gc.enable()
    if options.items >= LARGE:
        gc.freeze()  # a large company stays for good: later collections need not walk it
    return world


def _division(world: World, company: Company, counts: tuple[int, int, int], born: date) -> None:
    user = world.first_user()

    def kit(part: str) -> Kit:
        return Kit(world.options.seed, company[0], part, born, (user.user_id, user.full_name))

    division = Division(world, _info(company, kit("company")), edition=company[4])
    world.divisions[division.code] = division
    houses = (("1", "Hoofdmagazijn"), ("2", "Magazijn Zuid"), ("SHOP", "Showroom"))
    base = generate_base(kit("base"), warehouses=houses[:1] if company[4] == "basic" else houses)
    goods = generate_items(kit("items"), base, counts[0])
    generate_price_lists(kit("price lists"), base, goods)
    relations = generate_accounts(kit("accounts"), base, counts[1])
    if division.edition == "premium":
        for entity, rows in (("Items", goods.rows), ("Accounts", base.tables["Accounts"])):
            for row in rows:
                row["CustomField"] = custom_field_address(division.code, entity, row["ID"])
    generate_prices(kit("prices"), base, goods, relations.customers)
    generate_suppliers_items(kit("suppliers"), base, goods, relations.suppliers)
    generate_bills(kit("bills"), base, goods)
    _load(division, base.tables)
    base.tables = {}
    books = Books(division, kit("ledger"), base)
    history = History(division, kit("history"), base, goods, relations, books)
    generate_history(history, counts[2])
    generate_purchasing(history, max(8, counts[2] // 4))
    generate_stock(kit("stock"), base, goods.rows, history.planned)
    _load(division, base.tables)
    attach(division)


def _load(division: Division, tables: dict[str, list[Row]]) -> None:
    for name, rows in tables.items():
        division.table(name).load(rows)
