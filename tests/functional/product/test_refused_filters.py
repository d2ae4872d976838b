"""Exact refuses the filters of streams one by one: everything is read and served all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakes.product import running_sandbox
from functional.product.company import MANY_CALLS, Company, unlinked_company

PLANNING = {"item_rule": "purchase", "supplier_links": True, "bills_of_material": True, "webhooks": False}
SETTINGS = {"Languages": "DE", "SyncCustomerNotes": True, "FreeSortField": "SalesVatCode"}
STREAM_FILTERS = {
    "Divisions.Code": "division",
    "Items.Modified": "item_texts:DE",
    "Items.ID": "standard_prices",
    "CommunicationNotes.Modified": "notes",
    "GoodsReceipts.Modified": "goods_receipts",
    "GoodsReceiptLines.Modified": "goods_receipt_lines",
}
"""Property that a stream filters on -> the stream, which reads the whole set where Exact does not take the filter."""

OTHER_FILTERS = {
    "SupplierItem.Item": "supplier_items",
    "SupplierItem.Supplier": "supplier_items",
    "GLAccounts.Code": "accounts",
    "Addresses.Account": "addresses",
    "Contacts.Account": "contacts",
    "PurchaseOrderLines.PurchaseOrderID": "purchase_orders",
}
"""Other properties that Exact may not take in a filter -> a stream that reads the entity by another one."""


@pytest.fixture(scope="module")
def sandboxed() -> Iterator[Company]:
    small = ("--items", "40", "--customers", "12", "--orders", "12")
    with running_sandbox(*small, *MANY_CALLS) as sandbox, unlinked_company(sandbox) as found:
        yield found


def served(company: Company, name: str, refused: list[str]) -> tuple[dict[str, Any], set[str]]:
    """Link a tenant of its own while Exact refuses filters; return what is served, and the streams read as a whole."""
    company.sandbox.control("PUT", "/switches", {"refused_filters": refused})
    company.tenant = name
    try:
        wanted = {"id": name, "name": "Acme", "country": "nl", "administration": "De Groothandel B.V."}
        company.ok("POST", "/v1/tenants", {**wanted, "options": PLANNING})
        company.ok("PUT", f"/v1/tenants/{name}/settings", SETTINGS)
        assert company.authorize()[0] == 302
        company.work()
        status = company.ok("GET", "/v1/status")
        checkpoints = company.box.sync.engine.checkpoints.of_tenant(name)
        unfiltered = {each.stream for each in checkpoints if each.unfiltered_until is not None}
        found = {
            "documents": company.everything_served(),
            "counts": {each["family"]: each["counts"] for each in status["families"]},
            "complete": {each["family"]: each["complete"] for each in status["families"]},
            "streams": {each["name"]: each["error_code"] for each in status["streams"]},
        }
        return found, unfiltered
    finally:
        company.ok("DELETE", f"/v1/tenants/{name}")
        company.sandbox.control("PUT", "/switches", {"refused_filters": []})


@pytest.fixture(scope="module")
def unrefused(sandboxed: Company) -> dict[str, Any]:
    """What is served where Exact takes every filter."""
    found, unfiltered = served(sandboxed, "plain", [])
    assert unfiltered == set()
    assert found["complete"] == dict.fromkeys(found["complete"], True)
    return found


@pytest.mark.parametrize("refused", STREAM_FILTERS)
def test_a_stream_whose_filter_is_refused_is_read_as_a_whole(
    sandboxed: Company, unrefused: dict[str, Any], refused: str
) -> None:
    found, unfiltered = served(sandboxed, "refused", [refused])
    assert STREAM_FILTERS[refused] in unfiltered
    assert found == unrefused


@pytest.mark.parametrize("refused", OTHER_FILTERS)
def test_a_stream_does_not_need_a_filter_that_may_be_refused(
    sandboxed: Company, unrefused: dict[str, Any], refused: str
) -> None:
    assert OTHER_FILTERS[refused] in unrefused["streams"]
    assert served(sandboxed, "refused", [refused]) == (unrefused, set())
