"""What is served after the first synchronisation is what Exact holds, worked out here from Exact's rows alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from exact_connector.storage.table import Key
from functional.product.company import Company, Row


@pytest.fixture(scope="module")
def today() -> date:
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Amsterdam")).date()


def is_active(row: Row, today: date) -> bool:
    start, end = (row.get(name) for name in ("StartDate", "EndDate"))
    return (not start or str(start)[:10] <= today.isoformat()) and (not end or str(end)[:10] >= today.isoformat())


def sales_items(company: Company) -> dict[str, Row]:
    return {row["Code"].strip(): row for row in company.exact_rows("Items") if row["IsSalesItem"]}


def customers(company: Company, today: date) -> dict[str, Row]:
    rows = company.exact_rows("Accounts")
    return {
        row["ID"]: row
        for row in rows
        if row.get("Status") == "C" and not (row.get("EndDate") and row["EndDate"][:10] < today.isoformat())
    }


def number(value: object) -> Decimal:
    return Decimal(str(value)).normalize()


def test_the_company_holds_rows_that_must_not_be_served(company: Company, today: date) -> None:
    assert len(sales_items(company)) < len(company.exact_rows("Items"))
    assert len(customers(company, today)) < len(company.exact_rows("Accounts"))


def test_every_sales_item_and_nothing_else_is_served(company: Company) -> None:
    assert sorted(row["item_code"] for row in company.served("/v1/items")) == sorted(sales_items(company))


def test_every_customer_and_nothing_else_is_served(company: Company, today: date) -> None:
    assert sorted(row["customer_id"] for row in company.served("/v1/customers")) == sorted(customers(company, today))


def test_the_counts_in_the_status_are_those_of_exact(company: Company, today: date) -> None:
    status = company.ok("GET", "/v1/status")
    counts = {kind: count for family in status["families"] for kind, count in family["counts"].items()}
    expected = {
        "item": len(sales_items(company)),
        "customer": len(customers(company, today)),
        **{
            kind: len(company.exact_rows(entity))
            for kind, entity in {"item_group": "ItemGroups", "unit": "Units", "vat_code": "VATCodes"}.items()
        },
    }
    assert {kind: counts[kind] for kind in expected} == expected


def test_an_item_has_the_texts_and_flags_of_exact(company: Company) -> None:
    exact = sales_items(company)
    for item in company.served("/v1/items"):
        row = exact[item["item_code"]]
        expected = {
            "item_id": row["ID"],
            "description": row["Description"].strip(),
            "unit": row["Unit"].strip(),
            "item_group": row["ItemGroupCode"].strip(),
            "ean_code": row.get("Barcode") or None,
            "is_stock_item": row["IsStockItem"],
            "is_purchase_item": row["IsPurchaseItem"],
            "vat_code": (row.get("SalesVatCode") or "").strip() or None,
        }
        assert {name: item[name] for name in expected} == expected


def test_an_item_has_the_one_active_price_of_exact(company: Company, today: date) -> None:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in company.exact_rows("SalesItemPrices"):
        if not row.get("Account") and row["Currency"].strip() == "EUR" and is_active(row, today):
            found[row["Item"]].append(row)
    served = {item["item_id"]: item for item in company.served("/v1/items")}
    compared = 0
    for item_id, rows in found.items():
        (row, *more) = rows
        plain = row["Unit"] == row["DefaultItemUnit"] and not row.get("Quantity", 0) > 1
        if item_id not in served or more or not plain:
            continue
        compared += 1
        assert number(served[item_id]["sales_price"]) == number(row["Price"])
        assert served[item_id]["currency"] == "EUR"
    assert compared > 50


def test_an_item_has_the_rate_of_its_vat_code(company: Company) -> None:
    rates = {row["Code"].strip(): row for row in company.exact_rows("VATCodes")}
    compared = [item for item in company.served("/v1/items") if item["vat_code"] in rates]
    for item in compared:
        rate = rates[item["vat_code"]]
        assert number(item["vat_percentage"]) == number(Decimal(str(rate["Percentage"])) * 100)
        assert item["vat_included"] is (rate["Type"] == "I")
    assert len(compared) > 50


def test_stock_is_the_sum_over_the_warehouses_of_exact(company: Company) -> None:
    positions: dict[str, list[Row]] = defaultdict(list)
    for row in company.exact_rows("StockPositions"):
        positions[row["ItemId"]].append(row)
    served = company.served("/v1/stock")
    stocked = [each for each in served if each["item_id"] in positions]
    for stock in stocked:
        rows = positions[stock["item_id"]]
        sums = {
            name: sum((number(row[field]) for row in rows), Decimal(0))
            for name, field in (
                ("shelf", "CurrentStock"),
                ("to_be_delivered", "PlanningOut"),
                ("to_be_received", "PlanningIn"),
            )
        }
        assert {name: number(stock[name]) for name in sums} == {name: number(each) for name, each in sums.items()}
        assert stock["warehouse_codes"] == sorted(row["WarehouseCode"].strip() for row in rows)
        assert number(stock["last_available_stock"]) == number(sums["shelf"] - sums["to_be_delivered"])
    assert len(stocked) > 50


def test_a_customer_has_the_fields_of_exact(company: Company, today: date) -> None:
    exact = customers(company, today)
    for customer in company.served("/v1/customers"):
        row = exact[customer["customer_id"]]
        expected = {
            "customer_code": row["Code"].strip(),
            "customer_name": row["Name"].strip(),
            "email": row.get("Email") or None,
            "phone": row.get("Phone") or None,
            "vat_number": row.get("VATNumber") or None,
            "country": row["Country"].strip(),
            "is_blocked": row["Blocked"],
            "is_dealer": row["IsReseller"],
            "payment_condition_code": (row.get("PaymentConditionSales") or "").strip() or None,
        }
        assert {name: customer[name] for name in expected} == expected


def test_a_customer_has_every_address_and_every_active_contact_of_exact(company: Company, today: date) -> None:
    addresses, contacts = defaultdict(set), defaultdict(set)
    for row in company.exact_rows("Addresses"):
        addresses[row["Account"]].add((row["ID"], row["Type"], row.get("City") or None))
    for row in company.exact_rows("Contacts"):
        if not (row.get("EndDate") and row["EndDate"][:10] < today.isoformat()):
            contacts[row["Account"]].add((row["ID"], row["FullName"]))
    for customer in company.served("/v1/customers"):
        served = {(each["address_id"], each["type"], each["city"]) for each in customer["addresses"]}
        assert served == addresses[customer["customer_id"]]
        people = {(each["contact_person_id"], each["full_name"]) for each in customer["contact_persons"]}
        assert people == contacts[customer["customer_id"]]


def test_every_item_is_found_under_its_own_code(company: Company) -> None:
    for item in company.served("/v1/items"):
        found = company.one("/v1/items", item["item_code"])
        assert found is not None, item["item_code"]
        assert found["item_id"] == item["item_id"]


def test_the_first_feed_entries_tell_followers_to_read_everything(company: Company) -> None:
    changes = company.changes(0)
    resets = [each for each in changes if each["op"] == "reset"]
    assert {kind for each in resets for kind in each["kinds"]} >= {"item", "stock", "customer", "unit"}


def test_codes_of_items_are_served_with_every_odd_character(company: Company) -> None:
    odd = [code for code in sales_items(company) if not code.isalnum() or not code.isascii()]
    assert odd
    assert all(company.one("/v1/items", code) is not None for code in odd)


def test_a_check_counts_what_owners_have_and_names_what_is_not_served(company: Company) -> None:
    address = f"/v1/tenants/{company.tenant}/documents/check"
    report = company.ok("POST", address)
    assert (report["healthy"], report["faults"], report["differences"]) == (True, 0, [])
    assert report["kinds"]["item"]["served"] == report["kinds"]["item"]["owned"] > 0

    table = company.box.platform.catalog_table
    row = table.query(f"doc#{company.tenant}#item", limit=1).rows[0]
    table.delete(Key(str(row["pk"]), str(row["sk"])))
    broken = company.ok("POST", address)
    table.put(row)

    assert not broken["healthy"]
    assert [(each["kind"], each["key"], each["fault"]) for each in broken["differences"]] == [
        ("item", row["sk"], "missing")
    ]
