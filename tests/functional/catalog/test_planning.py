"""What purchase planning reads: bills of material with their components, and sales divided over them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from functional.catalog.shop import Shop, linked_shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def planner() -> Iterator[Shop]:
    """A company whose platform plans purchases."""
    options = {"item_rule": "purchase", "supplier_links": True, "bills_of_material": True}
    with linked_shop(options=options) as found:
        yield found


def test_every_bill_of_a_manufactured_item_holds_the_components_of_its_version(planner: Shop) -> None:
    bills = {row["item_code"]: row for row in planner.every("/v1/bills-of-material")}
    materials = planner.exact_rows("BillOfMaterialMaterials")
    manufactured = [row for row in bills.values() if row["source"] == "manufacturing"]
    assert manufactured
    for bill in manufactured:
        expected = {
            row["PartItemCode"].strip()
            for row in materials
            if row["ItemVersion"] == bill["version_id"] and row.get("Type") != 2
        }
        assert {part["item_code"] for part in bill["components"]} == expected


def test_one_bill_reads_as_in_the_list_and_has_an_etag_that_knows_its_components(planner: Shop) -> None:
    bill = next(row for row in planner.every("/v1/bills-of-material") if row["source"] == "manufacturing")
    status, one, headers = planner.call("GET", f"/v1/bills-of-material/{bill['item_code']}")
    assert (status, one) == (200, bill)
    material = next(
        row for row in planner.exact_rows("BillOfMaterialMaterials") if row["ItemVersion"] == bill["version_id"]
    )
    change = {"Quantity": material["Quantity"] + 1, "QuantityBatch": (material.get("QuantityBatch") or 1) + 1}
    planner.sandbox.control("PATCH", f"/records/123456/BillOfMaterialMaterials/{material['ID']}", change)
    planner.ok("POST", f"/v1/tenants/{planner.tenant}/sync/documents", {"full": False})
    planner.work()
    _, changed, after = planner.call("GET", f"/v1/bills-of-material/{bill['item_code']}")
    assert changed != bill
    assert headers["ETag"] != after["ETag"]


def test_sales_are_divided_over_components_when_asked(planner: Shop) -> None:
    composed = {row["item_code"]: row for row in planner.every("/v1/bills-of-material")}
    plain = planner.every("/v1/sales")
    divided = planner.every("/v1/sales", components="true")
    assert all("components" not in line for sale in plain for line in sale["lines"])
    lines = [line for sale in divided for line in sale["lines"]]
    assert lines
    for line in lines:
        bill = composed.get(line["item_code"])
        assert bool(line["components"]) == bool(bill and bill["components"])


def test_a_divided_line_holds_the_quantities_of_its_bill(planner: Shop) -> None:
    bills = {row["item_code"]: row for row in planner.every("/v1/bills-of-material")}
    bill = next(row for row in bills.values() if row["source"] == "assembly")
    item = planner.exact_rows("Items", Code=bill["item_code"])[0]
    line = planner.exact_rows("SalesOrderLines")[0]
    change = {"Item": item["ID"], "ItemCode": item["Code"], "Quantity": 3}
    planner.sandbox.control("PATCH", f"/records/123456/SalesOrderLines/{line['ID']}", change)
    planner.ok("POST", f"/v1/tenants/{planner.tenant}/sync/documents", {"full": False})
    planner.work()
    sale = planner.ok("GET", f"/v1/sales/{line['OrderID']}", query={"components": "true"})
    (found,) = [each for each in sale["lines"] if each["item_code"] == bill["item_code"]]
    needed = {part["item_code"]: 3 * Decimal(part["quantity_with_waste"]) for part in bill["components"]}
    simple = needed.keys() - bills.keys()
    shown = {part["item_code"]: Decimal(part["quantity_sold"]) for part in found["components"]}
    assert {code: shown[code] for code in simple} == {code: needed[code] for code in simple}
    assert simple
