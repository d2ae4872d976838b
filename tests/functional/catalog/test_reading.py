"""Lists, single documents, filters, pages, resolved prices: what platforms read through the routes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functional.catalog.shop import Shop
from functional.settings.served import place


@pytest.fixture(autouse=True)
def _defaults_stay(shop: Shop) -> Iterator[None]:
    yield
    shop.settings({})


@pytest.mark.parametrize(
    "path", ["/v1/items", "/v1/customers", "/v1/stock", "/v1/item-groups", "/v1/units", "/v1/vat-codes"]
)
def test_pages_hold_every_document_once_in_order(shop: Shop, path: str) -> None:
    name = path.rsplit("/", 1)[-1].replace("-", "_")
    rows: list[dict[str, Any]] = []
    query: dict[str, str] = {"limit": "7"}
    while True:
        page = shop.ok("GET", path, query=query)
        assert len(page[name]) <= 7
        rows += page[name]
        if page["next"] is None:
            break
        query = {key: values[0] for key, values in parse_qs(urlsplit(page["next"]).query).items()}
    assert rows == shop.every(path)


def test_an_item_is_not_sent_again_to_who_has_it(shop: Shop) -> None:
    code = shop.every("/v1/items")[5]["item_code"]
    status, item, headers = shop.call("GET", f"/v1/items/{code}")
    assert (status, item["item_code"]) == (200, code)
    status, body, _ = shop.call("GET", f"/v1/items/{code}", headers={"if-none-match": headers["ETag"]})
    assert (status, body) == (304, "")


@pytest.mark.parametrize("form", ['"other", {}', "W/{}", '{},"other"', "*"])
def test_an_etag_counts_among_others_and_as_a_weak_one(shop: Shop, form: str) -> None:
    _, _, headers = shop.call("GET", "/v1/items/100101")
    sent = {"if-none-match": form.format(headers["ETag"])}
    assert shop.call("GET", "/v1/items/100101", headers=sent)[0] == 304
    assert shop.call("GET", "/v1/items/100101", headers={"if-none-match": '"other"'})[0] == 200


@pytest.mark.parametrize(
    ("path", "stored", "field"),
    [
        ("/v1/items/{}", "KLEIN-letter", "item_code"),
        ("/v1/stock/{}", "klein-LETTER2", "item_code"),
        ("/v1/items/{}", "AB/12", "item_code"),
        ("/v1/item-groups/{}", "GLAS", "code"),
        ("/v1/price-lists/{}", "DEALER", "code"),
        ("/v1/units/{}", "pc", "code"),
    ],
)
def test_a_document_is_found_whatever_the_capitals_and_spaces_around_its_code(
    shop: Shop, path: str, stored: str, field: str
) -> None:
    shop.settings({"AutoSyncPriceLists": True})
    for written in (stored, stored.upper(), stored.lower(), f" {stored} "):
        assert shop.ok("GET", path.format(place(written)))[field] == stored


def test_a_customer_is_found_by_its_id_or_its_code(shop: Shop) -> None:
    customer = shop.every("/v1/customers")[0]
    for written in (customer["customer_id"].upper(), customer["customer_code"], f" {customer['customer_code']} "):
        assert shop.ok("GET", f"/v1/customers/{place(written)}") == customer


def test_the_rows_of_a_price_list_are_found_whatever_the_capitals_of_its_code(shop: Shop) -> None:
    shop.settings({"AutoSyncPriceLists": True})
    rows = shop.every("/v1/price-lists/DEALER/prices")
    assert rows
    assert shop.every("/v1/price-lists/dealer/prices") == rows


def test_the_full_view_has_an_etag_of_its_own_and_every_attribute(shop: Shop) -> None:
    code = shop.every("/v1/items")[5]["item_code"]
    _, short, headers = shop.call("GET", f"/v1/items/{code}")
    _, full, other = shop.call("GET", f"/v1/items/{code}", query={"view": "full"})
    assert headers["ETag"] != other["ETag"]
    assert "attributes" not in short
    assert len(full["attributes"]) >= 100


def test_the_full_view_of_a_customer_has_more_than_150_attributes(shop: Shop) -> None:
    customer = shop.every("/v1/customers", view="full")[0]
    assert len(customer["attributes"]) >= 100
    parts = [customer["attributes"], *(each["attributes"] for each in customer["contact_persons"])]
    assert sum(len(part) for part in parts) >= 150


def test_a_changed_price_changes_the_etag(shop: Shop) -> None:
    price = next(row for row in shop.exact_rows("SalesItemPrices") if row["ItemCode"] == "100101" and row["Price"])
    _, _, before = shop.call("GET", "/v1/items/100101")
    shop.sandbox.control("PATCH", f"/records/123456/SalesItemPrices/{price['ID']}", {"Price": 77.77})
    shop.ok("POST", f"/v1/tenants/{shop.tenant}/sync/items", {"full": False})
    shop.work()
    _, _, after = shop.call("GET", "/v1/items/100101")
    assert before["ETag"] != after["ETag"]


def test_items_are_found_by_words_group_and_code_whatever_the_capitals(shop: Shop) -> None:
    every = shop.every("/v1/items")
    sample = next(row for row in every if len(row["description"].split()) > 1)
    words = " ".join(sample["description"].split()[:2]).upper()
    assert sample["item_code"] in {row["item_code"] for row in shop.every("/v1/items", q=words)}
    group = sample["item_group"]
    assert shop.every("/v1/items", group=group) == [row for row in every if row["item_group"] == group]
    assert shop.every("/v1/items", code=sample["item_code"].lower()) == [sample]


def test_items_of_a_warehouse_are_found_by_their_stock_while_warehouses_are_no_filters(shop: Shop) -> None:
    stocked = {row["item_code"] for row in shop.every("/v1/stock", warehouse="2")}
    found = {row["item_code"] for row in shop.every("/v1/items", warehouse="2")}
    assert found == stocked
    assert 0 < len(found) < len(shop.every("/v1/items"))
    assert shop.every("/v1/items", warehouse="99") == []
    code = min(found)
    assert [row["item_code"] for row in shop.every("/v1/items", warehouse="2", code=code)] == [code]
    assert shop.every("/v1/items", warehouse="99", code=code) == []


def test_items_of_a_warehouse_are_found_when_warehouses_are_filters(shop: Shop) -> None:
    shop.settings({"CreateWarehouseItemFilter": True})
    every = shop.every("/v1/items")
    found = shop.every("/v1/items", warehouse="2")
    assert found == [row for row in every if "2" in row["filters"]["Warehouse"]]
    assert 0 < len(found) < len(every)


def test_stock_is_found_by_code_and_by_the_warehouse_it_lies_in(shop: Shop) -> None:
    every = shop.every("/v1/stock")
    found = shop.every("/v1/stock", warehouse="2")
    assert found == [row for row in every if "2" in {each["code"] for each in row["warehouses"]}]
    assert 0 < len(found) < len(every)
    assert [row["item_code"] for row in shop.every("/v1/stock", code="klein-letter")] == ["KLEIN-letter"]
    assert shop.every("/v1/stock", code="NOPE") == []


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("/v1/item-groups", "code", "description"),
        ("/v1/units", "code", "description"),
        ("/v1/vat-codes", "code", "description"),
        ("/v1/price-lists", "code", "description"),
        ("/v1/suppliers", "supplier_code", "supplier_name"),
    ],
)
def test_every_list_of_documents_with_codes_is_searched_by_code_and_words(
    shop: Shop, path: str, code: str, words: str
) -> None:
    shop.settings({"AutoSyncPriceLists": True})
    every = shop.every(path)
    sample = every[-1]
    assert shop.every(path, code=str(sample[code]).lower()) == [sample]
    assert sample in shop.every(path, q=str(sample[words]).upper())
    assert shop.every(path, q="no such words anywhere") == []


def test_a_code_is_found_at_once_and_the_other_filters_still_hold(shop: Shop) -> None:
    page = shop.ok("GET", "/v1/items", query={"code": "100101", "limit": "1"})
    assert ([row["item_code"] for row in page["items"]], page["next"]) == (["100101"], None)
    assert shop.every("/v1/items", code="100101", group="NOPE") == []


def test_customers_are_found_by_manager_and_words(shop: Shop) -> None:
    every = shop.every("/v1/customers")
    manager = next(row["manager"] for row in every if row["manager"])
    assert shop.every("/v1/customers", manager=manager) == [row for row in every if row["manager"] == manager]
    code = every[3]["customer_code"]
    assert [row["customer_id"] for row in shop.every("/v1/customers", code=code)] == [every[3]["customer_id"]]


def test_changed_since_holds_what_changed_since(shop: Shop) -> None:
    item = shop.exact_rows("Items", Code="100102")[0]
    before = datetime.now(UTC).isoformat()
    shop.sandbox.control("PATCH", f"/records/123456/Items/{item['ID']}", {"Description": "Nieuwe omschrijving"})
    shop.ok("POST", f"/v1/tenants/{shop.tenant}/sync/items", {"full": False})
    shop.work()
    assert [row["item_code"] for row in shop.every("/v1/items", changed_since=before)] == ["100102"]


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        ("/v1/items", {"changed_since": "yesterday"}, "?changed_since"),
        ("/v1/items", {"view": "wide"}, "?view"),
        ("/v1/changes", {"since": "-1"}, "?since"),
        ("/v1/changes", {"kind": "item,itm"}, "?kind"),
        ("/v1/prices/quote", {}, "?item"),
        ("/v1/prices/quote", {"item": "100101", "quantity": "none"}, "?quantity"),
        ("/v1/prices/quote", {"item": "100101", "quantity": "0"}, "?quantity"),
        ("/v1/prices/quote", {"item": "100101", "quantity": "1_0"}, "?quantity"),
        ("/v1/prices/quote", {"item": "100101", "quantity": "Infinity"}, "?quantity"),
        ("/v1/prices/quote", {"item": "100101", "quantity": "9" * 50}, "?quantity"),
        ("/v1/prices/quote", {"item": "100101", "date": "31-12-2026"}, "?date"),
        ("/v1/prices/quote", {"item": "100101", "date": "20261231"}, "?date"),
        ("/v1/prices/quote", {"item": "100101", "date": "2026-02-30"}, "?date"),
        ("/v1/prices/quote", {"item": "100101", "currency": "EURO"}, "?currency"),
    ],
)
def test_a_wrong_parameter_is_named(shop: Shop, path: str, query: dict[str, str], pointer: str) -> None:
    status, problem, _ = shop.call("GET", path, query=query)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    "path", ["/v1/items/NOPE", "/v1/customers/NOPE", "/v1/price-lists/NOPE/prices", "/v1/customers/NOPE/orders"]
)
def test_what_is_not_there_is_not_found(shop: Shop, path: str) -> None:
    assert shop.call("GET", path)[0] == 404


def test_an_item_without_a_price_row_has_the_standard_price_of_the_item_itself(shop: Shop) -> None:
    prices = shop.exact_rows("SalesItemPrices")
    general = {row["Item"] for row in prices if row["Currency"] == "EUR" and not row.get("Account")}
    without = [row for row in shop.exact_rows("Items") if row["ID"] not in general and row["IsSalesItem"]]
    served = {row["item_id"]: row for row in shop.every("/v1/items")}
    assert without
    for row in without:
        assert Decimal(served[row["ID"]]["sales_price"]) == Decimal(str(row["StandardSalesPrice"]))


def test_a_quote_is_the_standard_price_of_the_item_unless_something_better_holds(shop: Shop) -> None:
    agreed = {row["item_code"] for row in agreements(shop)}
    for item in [row for row in shop.every("/v1/items") if row["sales_price"] and row["item_code"] not in agreed][:20]:
        quote = shop.ok("GET", "/v1/prices/quote", query={"item": item["item_code"]})
        assert Decimal(quote["price"]) == Decimal(item["sales_price"])


def test_a_quote_for_a_customer_is_the_price_agreed_with_it_and_says_which_rule_won(shop: Shop) -> None:
    checked = 0
    for agreement in agreements(shop):
        query = {"item": agreement["item_code"], "customer": agreement["customer_id"]}
        status, quote, _ = shop.call("GET", "/v1/prices/quote", query=query)
        if status == 404 or not agreement["prices"]:
            continue
        checked += 1
        assert quote["rule"]["rule"] == "agreement"
        assert Decimal(quote["price"]) in {Decimal(each["price"]) for each in agreement["prices"]}
    assert checked > 3


def test_a_quantity_may_have_a_decimal_comma_and_a_currency_small_letters(shop: Shop) -> None:
    query = {"item": "100101", "quantity": "2,5", "currency": "eur"}
    quote = shop.ok("GET", "/v1/prices/quote", query=query)
    assert (quote["quantity"], quote["currency"]) == ("2.5", "EUR")


def test_a_quote_for_a_later_day_takes_the_price_that_begins_until_then(shop: Shop) -> None:
    today = datetime.now(UTC).date()
    sold = {row["item_code"] for row in shop.every("/v1/items")}
    checked = 0
    for row in shop.exact_rows("SalesItemPrices"):
        begins, code = str(row["StartDate"])[:10], row["ItemCode"].strip()
        general = row["Currency"] == "EUR" and not row.get("Account") and not row.get("EndDate")
        if not general or row["Quantity"] > 1 or begins <= (today + timedelta(days=2)).isoformat() or code not in sold:
            continue
        now = shop.ok("GET", "/v1/prices/quote", query={"item": code})
        then = shop.ok("GET", "/v1/prices/quote", query={"item": code, "date": begins})
        assert Decimal(then["price"]) == Decimal(str(row["Price"])) != Decimal(now["price"] or 0)
        checked += 1
    assert checked > 0


def agreements(shop: Shop) -> list[dict[str, Any]]:
    found = shop.box.documents.store.list(shop.tenant, "agreement", limit=10_000)
    return [row.body for row in found.documents]
