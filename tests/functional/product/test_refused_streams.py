"""A company whose edition or consent lacks a part of Exact: what is there is served, what is missing is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakes.product import running_sandbox
from functional.product.company import MANY_CALLS, Company, unlinked_company

PLANNING = {"item_rule": "purchase", "supplier_links": True, "bills_of_material": True}
NO_RIGHT: dict[str, Any] = {"kind": "status", "status": 403, "body": '{"error": {"message": {"value": "Forbidden"}}}'}
NOT_THERE: dict[str, Any] = {"kind": "status", "status": 404, "body": '{"error": {"message": {"value": "Not found"}}}'}
NO_SCOPE: dict[str, Any] = {"kind": "forbidden", "reason": "Application Scope Violated"}


@pytest.fixture(scope="module")
def sandboxed() -> Iterator[Company]:
    small = ("--items", "30", "--customers", "10", "--orders", "8")
    with running_sandbox(*small, *MANY_CALLS) as sandbox, unlinked_company(sandbox) as found:
        yield found


@pytest.fixture
def company(sandboxed: Company) -> Iterator[Company]:
    """A tenant of its own for each test, not linked yet."""
    sandboxed.tenant = "acme"
    yield sandboxed
    sandboxed.sandbox.control("DELETE", "/faults")
    sandboxed.ok("DELETE", "/v1/tenants/acme")


def families(company: Company) -> dict[str, dict[str, Any]]:
    return {each["family"]: each for each in company.ok("GET", "/v1/status")["families"]}


def refuse(company: Company, rule: dict[str, Any], address: str) -> None:
    company.sandbox.control("POST", "/faults", {**rule, "match": address + "$"})


@pytest.mark.parametrize(
    ("name", "address", "rule", "family", "code"),
    [
        pytest.param(
            "supplier_items", "sync/Logistics/SupplierItem", NO_RIGHT, "items", "ACCESS_DENIED", id="small edition"
        ),
        pytest.param(
            "bill_of_material_versions",
            "sync/Manufacturing/BillOfMaterialVersions",
            NOT_THERE,
            "items",
            "NOT_FOUND",
            id="no manufacturing",
        ),
        pytest.param(
            "classifications", "crm/AccountClassifications", NO_SCOPE, "customers", "SCOPE_MISSING", id="no scope"
        ),
        pytest.param(
            "payment_conditions",
            "cashflow/PaymentConditions",
            NO_SCOPE,
            "customers",
            "SCOPE_MISSING",
            id="no cash flow",
        ),
        pytest.param(
            "goods_receipts", "purchaseorder/GoodsReceipts", NO_RIGHT, "documents", "ACCESS_DENIED", id="goods"
        ),
        pytest.param("deleted", "sync/Deleted", NO_RIGHT, "items", "ACCESS_DENIED", id="deletions"),
    ],
)
def test_the_rest_is_served_at_once_and_the_missing_part_after_a_new_consent(
    company: Company, name: str, address: str, rule: dict[str, Any], family: str, code: str
) -> None:
    refuse(company, rule, address)
    assert company.link(options=PLANNING)[0] == 302
    company.work()
    found = families(company)
    assert {each["served"] for each in found.values()} == {True}
    assert found["items"]["counts"]["item"] > 0
    assert found["customers"]["counts"]["customer"] > 0
    assert found["documents"]["counts"]["purchase_order"] > 0
    assert (found[family]["complete"], found[family]["light"]) == (False, "orange")
    (line,) = found[family]["refused"]
    assert (line["stream"], line["endpoint"], line["code"]) == (name, address, code)
    assert line["reason"]
    assert line["since"] < line["next_try"]
    company.sandbox.control("DELETE", "/faults")
    assert company.authorize()[0] == 302
    company.work()
    found = families(company)
    assert {each["complete"] for each in found.values()} == {True}
    assert [each["refused"] for each in found.values()] == [[]] * len(found)


def test_an_endpoint_that_rests_after_many_refusals_is_read_after_a_new_consent(company: Company) -> None:
    refuse(company, NO_RIGHT, "sync/Logistics/SupplierItem")
    assert company.link(options=PLANNING)[0] == 302
    for _ in range(7):
        company.synchronise(families=["items"])
    rests = [each for each in company.ok("GET", "/v1/tenants/acme/status")["endpoints"] if each["rests"]]
    assert [each["endpoint"] for each in rests] == ["sync/Logistics/SupplierItem"]
    company.sandbox.control("DELETE", "/faults")
    assert company.authorize()[0] == 302
    company.work()
    found = families(company)["items"]
    assert (found["complete"], found["refused"], found["counts"]["supplier_product"] > 0) == (True, [], True)


def test_without_the_right_to_read_items_the_customers_are_served_and_the_items_say_why(company: Company) -> None:
    refuse(company, NO_RIGHT, "sync/Logistics/Items")
    assert company.link()[0] == 302
    company.work()
    found = families(company)
    assert (found["items"]["served"], found["items"]["light"]) == (False, "orange")
    assert "sync/Logistics/Items" in found["items"]["reason"]
    assert (found["customers"]["served"], found["customers"]["complete"]) == (True, True)
