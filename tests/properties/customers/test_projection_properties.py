"""The documents of an account depend on its rows alone, not on their order, and can always be written as JSON."""

from __future__ import annotations

import json
import random
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from exact_connector.catalog.context import Options, ProjectionContext, build_context
from exact_connector.catalog.projection import OwnerRows
from exact_connector.customers.addresses import address_lines
from exact_connector.customers.names import classifications_by_id, customer_name, name_for_exact
from exact_connector.customers.partial import customer_change
from exact_connector.customers.project import project_customer
from exact_connector.fields import Row
from exact_connector.settings.model import Settings
from exact_connector.settings.properties import PROPERTIES_BY_OBJECT

TODAY = date(2025, 6, 10)
GUIDS = st.integers(0, 9).map(lambda number: f"00000000-0000-0000-0000-{number:012d}")
DATES = st.integers(-40, 40).map(lambda days: f"/Date({(20249 + days) * 86_400_000})/")
VALUES = st.one_of(
    *(st.none(), st.booleans(), st.integers(-5, 99), GUIDS, DATES),
    *(st.text("aC P-(é)2;\n", max_size=6), st.decimals(-2, 2, places=3, allow_nan=False)),
)
CLASSES: tuple[Row, ...] = tuple(
    {"ID": f"00000000-0000-0000-0000-{number:012d}", "Code": f"C{number}", "Description": name}
    for number, name in enumerate(["", "Gold", "Silver (old)", None], start=1)
)


def rows_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    names = sorted(PROPERTIES_BY_OBJECT[kind].values())
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=25)


@st.composite
def owners(draw: st.DrawFn) -> OwnerRows:
    account = {**draw(rows_of("Customer")), "Status": draw(st.sampled_from(["C", "P", "S", "A", None]))}
    contacts = draw(st.lists(rows_of("ContactPerson"), max_size=4))
    places = draw(st.lists(rows_of("Address"), max_size=4))
    notes = draw(
        st.lists(st.fixed_dictionaries({"ID": GUIDS, "Date": DATES, "Status": st.integers(0, 20)}), max_size=4)
    )
    kinds = {"account": [account], "contact": _unique(contacts), "address": _unique(places), "note": _unique(notes)}
    return OwnerRows("00000000-0000-0000-0000-000000000001", kinds)


def _unique(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "ID": f"00000000-0000-0000-0000-{number:012d}"} for number, row in enumerate(rows, start=1)]


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    flags = ("GetProspects", "GetSuspects", "AddPrefixForProspectsAndSuspects", "OnlyLoadDealers", "SyncCustomerNotes")
    names = ("AccountClassificationOnCustomerName", "AccountClassificationOnCustomerManager")
    chosen: dict[str, Any] = {name: draw(st.booleans()) for name in (*flags, *names, "SearchCodeOnCustomerManager")}
    return Settings(**chosen, AccountClassificationProperty=draw(st.sampled_from(["", "Classification2"])))


def context_of(chosen: Settings) -> ProjectionContext:
    division: Row = {"Country": "NL", "Currency": "EUR"}
    return build_context(chosen, Options(), TODAY, {"division": (division,), "classification": CLASSES})


@run_with(deadline=None)
@given(owners(), settings(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_fields_does_not_matter(rows: OwnerRows, chosen: Settings, order: random.Random) -> None:
    shuffled = OwnerRows(rows.owner, {kind: _shuffled(found, order) for kind, found in rows.rows.items()})
    context = context_of(chosen)
    assert project_customer(rows, context) == project_customer(shuffled, context)


def _shuffled(rows: Any, order: random.Random) -> list[Row]:
    found = [dict(order.sample(list(row.items()), len(row))) for row in rows]
    order.shuffle(found)
    return list(found)


@run_with(deadline=None)
@given(owners(), settings())
def test_every_account_has_a_customer_and_a_supplier_answer_in_json(rows: OwnerRows, chosen: Settings) -> None:
    found = project_customer(rows, context_of(chosen))
    assert [projection.kind for projection in found] == ["customer", "supplier"]
    for projection in found:
        assert json.loads(json.dumps(projection.document)) == projection.document
        assert projection.changes_on is None or projection.changes_on > TODAY


@run_with(deadline=None)
@given(owners(), settings())
def test_a_document_stays_the_same_until_the_day_it_names(rows: OwnerRows, chosen: Settings) -> None:
    context = context_of(chosen)
    for projection in project_customer(rows, context):
        last = date.fromordinal((projection.changes_on or date(2025, 12, 31)).toordinal() - 1)
        later = {found.kind: found for found in project_customer(rows, context.on(last))}
        assert later[projection.kind].document == projection.document


@run_with(deadline=None)
@given(st.text(max_size=20).map(str.strip).filter(bool), st.sampled_from([row["ID"] for row in CLASSES]))
def test_a_delivered_name_is_written_back_as_it_was(name: str, classification: str) -> None:
    known = classifications_by_id(CLASSES)
    chosen = Settings(AccountClassificationOnCustomerName=True)
    row: Row = {"Name": name, "Classification1": classification}
    assert name_for_exact(customer_name(row, chosen, known), row, chosen, known) == name


PARTS = st.none() | st.text("ab 1\t", max_size=6)


@run_with(deadline=None)
@given(PARTS, PARTS, PARTS, PARTS, PARTS, st.booleans())
def test_no_part_of_an_address_is_lost(
    street: str | None, number: str | None, addition: str | None, line2: str | None, line3: str | None, separate: bool
) -> None:
    lines = address_lines(
        street=street, house_number=number, addition=addition, line2=line2, line3=line3, separate=separate
    )
    written = [word for line in (lines.line1, lines.line2, lines.line3) for word in (line or "").split()]
    assert written == [word for part in (street, number, addition, line2, line3) for word in (part or "").split()]


DOCUMENTS = st.none() | st.fixed_dictionaries(
    {"customer_id": st.just("c1"), "customer_name": st.sampled_from("ab"), "email": st.sampled_from(["x", None])},
    optional={"phone": st.sampled_from("12")},
)


@run_with(deadline=None)
@given(DOCUMENTS, DOCUMENTS, st.booleans(), st.booleans(), st.booleans())
def test_partial_changes_bring_a_reader_the_fields_that_count(
    before: dict[str, Any] | None, after: dict[str, Any] | None, email: bool, phone: bool, same: bool
) -> None:
    after = before if same else after
    chosen = Settings(UpdateEmailOnlyForCustomer=email, UpdatePhoneOnlyForCustomer=phone)
    change = customer_change(before, after, chosen)
    if before == after:
        assert change is None
    if change is not None and change.op == "partial":
        assert before is not None
        assert after is not None
        assert change.fields is not None
        assert set(change.fields) <= {"customer_id", "partial", "email", "phone"}
        assert all(change.fields[name] == after.get(name) for name in set(change.fields) - {"partial"})


def test_the_strategies_reach_delivered_and_withheld_customers() -> None:
    rows: dict[str, Any] = {"account": [{"Status": "C", "DiscountSales": Decimal("0.1")}]}
    assert project_customer(OwnerRows("a", rows), context_of(Settings()))[0].document is not None
