"""What changes in Exact arrives on the next run, and a run without changes changes nothing and costs little."""

from __future__ import annotations

from typing import Any

from functional.product.company import DIVISION, Company, Row


def control(company: Company, method: str, entity: str, key: str, body: object = None) -> Any:
    return company.sandbox.control(method, f"/records/{DIVISION}/{entity}/{key}", body)


def sales_item(company: Company, number: int) -> Row:
    """Return one of the plain items that are served."""
    rows = [row for row in company.exact_rows("Items") if row["IsSalesItem"] and row["Code"].strip().isdigit()]
    return rows[number]


def told(company: Company, since: int) -> set[tuple[str, str, str]]:
    return {(each["kind"], each["key"], each["op"]) for each in company.changes(since)}


def test_a_second_run_changes_nothing_and_makes_at_most_one_call_per_stream(company: Company) -> None:
    company.synchronise()
    head, served = company.head, company.everything_served()
    company.forget_calls()
    company.synchronise()
    calls = company.calls()
    assert company.head == head
    assert company.everything_served() == served
    assert len(calls) == 13
    assert set(calls.values()) == {1}


def test_a_run_of_its_own_accord_changes_nothing_either(company: Company) -> None:
    company.synchronise()
    head = company.head
    for stream in company.ok("GET", f"/v1/tenants/{company.tenant}/status")["streams"]:
        company.box.sync.engine.make_due(company.tenant, [stream["name"]])
    assert company.work() >= 13
    assert company.head == head


def test_a_changed_item_arrives_in_the_feed(company: Company) -> None:
    item, head = sales_item(company, 3), company.head
    control(company, "PATCH", "Items", item["ID"], {"Description": "Nieuwe naam"})
    company.synchronise()
    served = company.one("/v1/items", item["Code"].strip())
    assert ("item", item["Code"].strip(), "upsert") in told(company, head)
    assert served is not None
    assert served["description"] == "Nieuwe naam"


def test_one_change_is_one_entry_in_the_feed(company: Company) -> None:
    company.synchronise()
    item, head = sales_item(company, 4), company.head
    control(company, "PATCH", "Items", item["ID"], {"Description": "Een wijziging"})
    company.synchronise()
    assert told(company, head) == {("item", item["Code"].strip(), "upsert")}


def test_a_row_with_a_new_version_and_the_same_values_gives_no_entry(company: Company) -> None:
    company.synchronise()
    head = company.head
    company.forget_calls()
    control(company, "PATCH", "StockPositions", company.exact_rows("StockPositions")[0]["ID"], {})
    company.synchronise()
    assert company.calls()["sync/Inventory/StockPositions"] == 1
    assert company.changes(head) == []


def test_a_deleted_item_is_a_deletion_in_the_feed_and_no_longer_served(company: Company) -> None:
    item, head = sales_item(company, 6), company.head
    code = item["Code"].strip()
    control(company, "DELETE", "Items", item["ID"])
    company.synchronise()
    assert {("item", code, "delete"), ("stock", code, "delete")} <= told(company, head)
    assert company.one("/v1/items", code) is None
    assert company.one("/v1/stock", code) is None
    assert code not in {each["item_code"] for each in company.served("/v1/items")}


def test_a_deleted_price_leaves_the_item_with_the_standard_price_of_its_card(company: Company) -> None:
    item = sales_item(company, 7)
    for row in company.exact_rows("SalesItemPrices"):
        if row["Item"] == item["ID"]:
            control(company, "DELETE", "SalesItemPrices", row["ID"])
    added = company.sandbox.control(
        "POST",
        f"/records/{DIVISION}/SalesItemPrices",
        {"Item": item["ID"], "ItemCode": item["Code"], "Currency": "EUR", "Price": 77.25, "Quantity": 0,
         "StartDate": "2020-01-01", "Unit": item["Unit"], "DefaultItemUnit": item["Unit"], "NumberOfItemsPerUnit": 1},
    )  # fmt: skip
    company.synchronise()
    code = item["Code"].strip()
    assert (company.one("/v1/items", code) or {})["sales_price"] == "77.25"

    head = company.head
    control(company, "DELETE", "SalesItemPrices", added["ID"])
    company.synchronise()
    found = company.one("/v1/items", code)
    assert found is not None
    assert found["sales_price"] != "77.25"
    assert ("item", code, "upsert") in told(company, head)


def test_an_item_that_is_no_longer_sold_leaves_like_a_deleted_one_and_comes_back(company: Company) -> None:
    item, head = sales_item(company, 8), company.head
    code = item["Code"].strip()
    control(company, "PATCH", "Items", item["ID"], {"IsSalesItem": False})
    company.synchronise()
    assert ("item", code, "delete") in told(company, head)
    assert company.one("/v1/items", code) is None

    head = company.head
    control(company, "PATCH", "Items", item["ID"], {"IsSalesItem": True})
    company.synchronise()
    assert ("item", code, "upsert") in told(company, head)
    assert company.one("/v1/items", code) is not None


def test_changed_stock_arrives(company: Company) -> None:
    company.synchronise()
    head = company.head
    served = {each["item_id"]: each for each in company.served("/v1/stock")}
    position = next(row for row in company.exact_rows("StockPositions") if row["ItemId"] in served)
    code = served[position["ItemId"]]["item_code"]
    control(company, "PATCH", "StockPositions", position["ID"], {"CurrentStock": position["CurrentStock"] + 11})
    company.synchronise()
    assert ("stock", code) in {(kind, key) for kind, key, _ in told(company, head)}
    before, after = served[position["ItemId"]], company.one("/v1/stock", code)
    assert after is not None
    assert float(after["shelf"]) == float(before["shelf"]) + 11


def test_a_renamed_and_a_deleted_customer_arrive(company: Company) -> None:
    served = company.served("/v1/customers")
    renamed, deleted, head = served[0]["customer_id"], served[1]["customer_id"], company.head
    control(company, "PATCH", "Accounts", renamed, {"Name": "Andere naam B.V."})
    control(company, "DELETE", "Accounts", deleted)
    company.synchronise()
    assert {("customer", renamed, "upsert"), ("customer", deleted, "delete")} <= told(company, head)
    assert (company.one("/v1/customers", renamed) or {})["customer_name"] == "Andere naam B.V."
    assert company.one("/v1/customers", deleted) is None


def test_a_deleted_address_leaves_its_customer(company: Company) -> None:
    customer = next(each for each in company.served("/v1/customers") if len(each["addresses"]) > 1)
    gone = customer["addresses"][-1]["address_id"]
    control(company, "DELETE", "Addresses", gone)
    company.synchronise()
    found = company.one("/v1/customers", customer["customer_id"])
    assert found is not None
    assert gone not in {each["address_id"] for each in found["addresses"]}
    assert len(found["addresses"]) == len(customer["addresses"]) - 1


def test_a_deleted_unit_leaves(company: Company) -> None:
    (unit, *_) = [row for row in company.exact_rows("Units") if row["Code"].strip() == "set"]
    head = company.head
    control(company, "DELETE", "Units", unit["ID"])
    company.synchronise()
    assert ("unit", "set", "delete") in told(company, head)


def test_a_follower_that_reads_the_feed_has_what_is_served(company: Company) -> None:
    company.synchronise()
    copy = {each["item_code"]: each for each in company.served("/v1/items")}
    since = company.head
    for number, text in enumerate(["eerste", "tweede", "derde"], start=10):
        control(company, "PATCH", "Items", sales_item(company, number)["ID"], {"Description": text})
    control(company, "DELETE", "Items", sales_item(company, 14)["ID"])
    company.synchronise()
    page = company.ok("GET", "/v1/changes", query={"since": str(since), "kind": "item", "documents": "true"})
    for change in page["changes"]:
        if change["op"] == "upsert":
            copy[change["key"]] = change["document"]
        elif change["op"] == "delete":
            del copy[change["key"]]
    assert copy == {each["item_code"]: each for each in company.served("/v1/items")}
