"""Accounts with thousands of people and addresses: the first hundred in the document, all in documents of their own."""

from __future__ import annotations

import pytest

from exact_connector.catalog.projection import OwnerRows, Projection
from exact_connector.customers.nested import ADDRESS, CONTACT_PERSON, EMBEDDED
from exact_connector.customers.project import project_customer
from exact_connector.fields import Row
from unit.customers.customer_rows import account, address, contact, context_of, customer, guid

MANY = 3 * EMBEDDED


def projections(
    row: Row, addresses: tuple[Row, ...] = (), contacts: tuple[Row, ...] = ()
) -> dict[tuple[str, str], Projection]:
    rows = OwnerRows(str(row["ID"]), {"account": (row,), "address": addresses, "contact": contacts})
    return {(each.kind, each.key): each for each in project_customer(rows, context_of())}


def places(count: int) -> tuple[Row, ...]:
    return tuple(address(200 + number) for number in range(count))


@pytest.mark.parametrize("count", [0, 1, EMBEDDED])
def test_up_to_a_hundred_stand_in_the_document_alone(count: int) -> None:
    found = customer(account(), address=places(count))
    assert (found["addresses_count"], len(found["addresses"])) == (count, count)
    assert (found["addresses_url"], found["addresses_version"]) == (None, None)
    assert len(projections(account(), places(count))) == 2


def test_of_more_the_document_holds_the_first_hundred_and_says_where_all_are() -> None:
    main = address(999, Type=1, Main=True)
    found = customer(account(7), address=(*places(MANY), main))
    assert (found["addresses_count"], len(found["addresses"])) == (MANY + 1, EMBEDDED)
    assert found["addresses"][0]["address_id"] == guid(999)
    assert found["addresses_url"] == f"/v1/customers/{guid(7)}/addresses"
    assert found["contact_persons_url"] is None


def test_all_of_them_have_documents_of_their_own_under_the_account() -> None:
    people = tuple(contact(100_000 + number) for number in range(EMBEDDED + 1))
    found = projections(account(), places(MANY), people)
    kinds = [kind for kind, _ in found]
    assert (kinds.count(ADDRESS), kinds.count(CONTACT_PERSON)) == (MANY, EMBEDDED + 1)
    one = found[ADDRESS, f"{guid(1)}/{guid(250)}"].document
    assert one is not None
    assert one["address_id"] == guid(250)


def test_a_change_of_any_of_them_changes_the_document() -> None:
    before = customer(account(), address=places(MANY))
    after = customer(account(), address=(*places(MANY - 1), address(200 + MANY - 1, City="Delft")))
    assert before["addresses"] == after["addresses"]
    assert before["addresses_version"] != after["addresses_version"]


def test_an_account_that_is_both_has_each_of_them_once() -> None:
    found = projections(account(IsSupplier=True), places(MANY))
    assert sum(kind == ADDRESS for kind, _ in found) == MANY
    supplier = found["supplier", guid(1)].document
    assert supplier is not None
    assert supplier["addresses_url"] == f"/v1/suppliers/{guid(1)}/addresses"


def test_who_is_neither_has_none() -> None:
    found = projections(account(Status="N"), places(MANY))
    assert {kind for kind, _ in found} == {"customer", "supplier"}
