"""The addresses and contact persons of customers and suppliers page by page, also where they outgrow the document."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from functional.catalog.shop import DIVISION, Shop

ADDED = 120


def pages(shop: Shop, path: str, name: str, limit: int) -> list[list[dict[str, Any]]]:
    """Follow a list to its end."""
    found, link = list[list[dict[str, Any]]](), f"{path}?limit={limit}"
    while link:
        target, _, query = link.partition("?")
        answer = shop.ok("GET", target, query=dict(part.split("=", 1) for part in query.split("&")))
        found.append(answer[name])
        link = answer["next"]
    return found


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["address_id"] for row in rows]


@pytest.mark.parametrize("collection", ["customers", "suppliers"])
@pytest.mark.parametrize("name", ["addresses", "contact_persons"])
def test_a_short_list_is_that_of_the_document(shop: Shop, collection: str, name: str) -> None:
    for account in shop.every(f"/v1/{collection}")[:8]:
        key = account[f"{collection[:-1]}_id"]
        rows = [
            row for page in pages(shop, f"/v1/{collection}/{key}/{name.replace('_', '-')}", name, 1) for row in page
        ]
        by_id = "address_id" if name == "addresses" else "contact_person_id"
        assert rows == sorted(account[name], key=lambda row: str(row[by_id]))
        assert (account[f"{name}_count"], account[f"{name}_url"]) == (len(rows), None)


def test_a_long_list_is_read_page_by_page_and_the_document_says_where(shop: Shop) -> None:
    customer = shop.every("/v1/customers")[2]
    key, before = customer["customer_id"], len(customer["addresses"])
    for number in range(ADDED):
        row = {"ID": str(uuid.uuid4()), "Account": key, "Type": 4, "AddressLine1": f"Laan {number}", "Country": "NL "}
        shop.sandbox.control("POST", f"/records/{DIVISION}/Addresses", row)
    seen = shop.ok("GET", "/v1/changes", query={"limit": "1"})["head"]
    shop.ok("POST", f"/v1/tenants/{shop.tenant}/sync/customers", {})
    shop.work()
    found = shop.ok("GET", f"/v1/customers/{key}")
    assert (found["addresses_count"], len(found["addresses"])) == (before + ADDED, 100)
    every = pages(shop, found["addresses_url"], "addresses", 50)
    assert [len(page) for page in every][:2] == [50, 50]
    rows = [row for page in every for row in page]
    assert len(set(ids(rows))) == before + ADDED
    assert {f"Laan {number}" for number in range(ADDED)} <= {row["address_line1"] for row in rows}
    assert all("attributes" not in row for row in rows)
    changes = shop.ok("GET", "/v1/changes", query={"since": str(seen), "limit": "1000"})["changes"]
    assert {entry["key"] for entry in changes} == {key}
    by_code = pages(shop, f"/v1/customers/{found['customer_code']}/addresses", "addresses", 1_000)
    assert by_code == [rows]


@pytest.mark.parametrize("path", ["/v1/customers/NOPE/addresses", "/v1/suppliers/NOPE/contact-persons"])
def test_the_list_of_an_unknown_account_is_not_found(shop: Shop, path: str) -> None:
    assert shop.call("GET", path)[0] == 404
