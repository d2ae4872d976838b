"""Settings take effect without a call to Exact; a removed tenant leaves nothing and disturbs nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functional.product.company import Company

# Belongs to the application and the administration, not to a tenant: what was counted, never what was read.
SHARED = ("budget#",)
LEVELS = ("shelf", "to_be_delivered", "to_be_received")


@pytest.fixture
def usual(company: Company) -> Company:
    """The company with the settings of a new tenant."""
    company.tenant = "acme"
    company.ok("PUT", "/v1/tenants/acme/settings", {})
    company.work()
    return company


def set_and_work(company: Company, **values: Any) -> None:
    """Change settings, let the workers do what follows, and prove that Exact was not asked."""
    company.forget_calls()
    company.ok("PATCH", "/v1/tenants/acme/settings", values)
    company.work()
    assert company.calls() == {}


def test_a_code_that_exact_does_not_have_is_saved_and_named_in_the_answer(usual: Company) -> None:
    values = {"WarehouseForOrder": "99", "ShippingMethodCode": "NOPE", "WarehouseForStock": "1", "GetProspects": True}
    saved = usual.ok("PATCH", "/v1/tenants/acme/settings", values)
    assert saved["settings"]["WarehouseForOrder"] == "99"
    assert [(each["key"], each["code"]) for each in saved["warnings"]] == [
        ("ShippingMethodCode", "CONFIG_REFERENCE_NOT_FOUND"),
        ("WarehouseForOrder", "CONFIG_REFERENCE_NOT_FOUND"),
    ]
    usual.forget_calls()
    again = usual.ok("PATCH", "/v1/tenants/acme/settings", {"GetSuspects": True})
    assert (again["warnings"], usual.calls()) == ([], {})


def test_a_code_that_cannot_be_looked_up_is_saved_and_named_in_the_answer(usual: Company) -> None:
    usual.tenant = "unlinked"
    usual.ok("POST", "/v1/tenants", {"id": "unlinked", "name": "U", "country": "nl", "division_code": 123456})
    saved = usual.ok("PATCH", "/v1/tenants/unlinked/settings", {"WarehouseForOrder": "1"})
    usual.ok("DELETE", "/v1/tenants/unlinked")
    assert [(each["key"], each["code"]) for each in saved["warnings"]] == [("WarehouseForOrder", "CONFIG_NOT_CHECKED")]


def test_a_setting_that_adds_items_does_so_without_a_call_to_exact(usual: Company) -> None:
    before, head = {each["item_code"] for each in usual.served("/v1/items")}, usual.head
    set_and_work(usual, IncludeNonSalesItems=True)
    after = {each["item_code"] for each in usual.served("/v1/items")}
    assert after == {row["Code"].strip() for row in usual.exact_rows("Items")}
    assert after > before
    told = {each["key"] for each in usual.changes(head) if each["kind"] == "item" and each["op"] == "upsert"}
    assert told == after - before


def test_a_setting_that_removes_items_tells_their_deletion(usual: Company) -> None:
    before, head = {each["item_code"] for each in usual.served("/v1/items")}, usual.head
    set_and_work(usual, PassWebShopItem=True)
    after = {each["item_code"] for each in usual.served("/v1/items")}
    web = {
        row["Code"].strip() for row in usual.exact_rows("Items") if row["IsSalesItem"] and row.get("IsWebshopItem") == 1
    }
    assert after == web
    told = {each["key"] for each in usual.changes(head) if each["kind"] == "item" and each["op"] == "delete"}
    assert told == before - after


def test_a_setting_that_shapes_customers_changes_customers_only(usual: Company) -> None:
    head = usual.head
    set_and_work(usual, GetProspects=True, GetSuspects=True)
    statuses = {each["status"] for each in usual.served("/v1/customers")}
    assert {"C", "P"} <= statuses
    assert {each["kind"] for each in usual.changes(head)} == {"customer"}


def test_setting_back_gives_back_what_was_served(usual: Company) -> None:
    before = usual.everything_served()
    set_and_work(usual, IncludeNonSalesItems=True, SearchCodeForEanCode=True, GetProspects=True)
    assert usual.everything_served() != before
    set_and_work(usual, IncludeNonSalesItems=False, SearchCodeForEanCode=False, GetProspects=False)
    assert usual.everything_served() == before


def test_a_setting_that_needs_a_list_that_was_never_read_reads_that_list_only(usual: Company) -> None:
    usual.forget_calls()
    usual.ok("PATCH", "/v1/tenants/acme/settings", {"AutoSyncPriceLists": True})
    usual.work()
    calls = usual.calls()
    assert "sales/SalesPriceLists" in calls
    assert not calls.keys() & {"sync/Logistics/Items", "sync/CRM/Accounts", "sync/Inventory/StockPositions"}
    lists = {row["Code"].strip() for row in usual.exact_rows("SalesPriceLists")}
    assert {each["code"] for each in usual.served("/v1/price-lists")} == lists


@pytest.mark.parametrize(
    ("values", "key"),
    [
        pytest.param({"CheckIfItemIsActive": "perhaps"}, "CheckIfItemIsActive", id="wrong type"),
        pytest.param({"NoSuchSetting": True}, "NoSuchSetting", id="unknown"),
        pytest.param({"CurrencyCodeIso": "euro"}, "CurrencyCodeIso", id="wrong value"),
    ],
)
def test_a_wrong_setting_is_refused_and_changes_nothing(usual: Company, values: dict[str, Any], key: str) -> None:
    before = (usual.rows(), usual.parameters())
    status, found, _ = usual.call("PATCH", "/v1/tenants/acme/settings", values)
    assert status == 422
    assert [(each["key"], each["pointer"]) for each in found["errors"]] == [(key, f"/{key}")]
    assert all(each["code"].startswith("CONFIG_") and each["message"] for each in found["errors"])
    assert (usual.rows(), usual.parameters()) == before


def test_a_changed_option_projects_again_without_a_call(usual: Company) -> None:
    before = usual.served("/v1/stock")
    usual.forget_calls()
    usual.ok("PATCH", "/v1/tenants/acme", {"options": {"stock_warehouse": "all"}})
    usual.work()
    assert usual.calls() == {}
    planned = [each for each in usual.served("/v1/stock") if each["planning"]]
    assert len(planned) > 50
    for stock in planned:
        assert {name: stock["planning"][name] for name in LEVELS} == {name: stock[name] for name in LEVELS}
    usual.ok("PATCH", "/v1/tenants/acme", {"options": {"stock_warehouse": "1"}})
    usual.work()
    assert usual.served("/v1/stock") == before


def test_a_removed_tenant_leaves_no_row_and_no_parameter_and_the_other_keeps_everything(usual: Company) -> None:
    kept, calls_of_acme = usual.everything_served(), usual.ok("GET", "/v1/tenants/acme")
    usual.tenant = "leaver"
    assert usual.link()[0] == 302
    usual.work()
    usual.ok("PATCH", "/v1/tenants/leaver/settings", {"AutoSyncPriceLists": True, "Languages": "nl;de"})
    usual.ok("POST", "/v1/tenants/leaver/keys", {"label": "k", "scopes": ["catalog:read"]})
    usual.work()
    _order(usual)
    assert _rows_of(usual, "leaver")

    removed = usual.ok("DELETE", "/v1/tenants/leaver")["removed"]
    assert removed["orders"] == 1
    assert _rows_of(usual, "leaver") == []
    assert [name for name in usual.parameters() if "leaver" in name] == []
    assert [key for key in usual.box.platform.blobs.objects if "leaver" in key] == []  # type: ignore[attr-defined]
    assert usual.call("GET", "/v1/tenants/leaver")[0] == 404

    usual.tenant = "acme"
    assert usual.everything_served() == kept
    assert usual.ok("GET", "/v1/tenants/acme") == calls_of_acme


def test_messages_and_buttons_of_a_removed_tenant_do_nothing(usual: Company) -> None:
    usual.tenant = "leaver"
    assert usual.link()[0] == 302
    usual.box.sync.engine.dispatch(usual.box.clock.now())
    usual.ok("DELETE", "/v1/tenants/leaver")
    usual.forget_calls()
    usual.work()
    late = {"tenant": "leaver", "division": "123456"}
    usual.box.orders.handle(late, usual.box.clock.now() + timedelta(minutes=5))
    assert _rows_of(usual, "leaver") == []
    assert usual.calls() == {}


def test_a_key_of_a_removed_tenant_opens_nothing(usual: Company) -> None:
    usual.tenant = "leaver"
    usual.ok("POST", "/v1/tenants", {"id": "leaver", "name": "L", "country": "nl", "division_code": 123456})
    key = usual.ok("POST", "/v1/tenants/leaver/keys", {"label": "k", "scopes": ["catalog:read"]})["key"]
    headers = {"authorization": f"Bearer {key}"}
    assert usual.call("GET", "/v1/items", headers=headers)[0] == 200
    usual.ok("DELETE", "/v1/tenants/leaver")
    assert usual.call("GET", "/v1/items", headers=headers)[0] == 401


def _order(company: Company) -> None:
    customer = next(each for each in company.served("/v1/customers") if not each["is_blocked"])
    item = next(each for each in company.served("/v1/items") if each["sales_price"])
    order = {
        "external_id": "of-the-leaver",
        "customer_id": customer["customer_id"],
        "lines": [{"item_code": item["item_code"], "quantity": 1, "unit_price": item["sales_price"]}],
    }
    assert company.call("POST", "/v1/orders", order, headers={"prefer": "wait=20"})[0] == 201


def _rows_of(company: Company, tenant: str) -> list[tuple[str, str, str]]:
    return [
        key
        for key, row in company.rows().items()
        if not key[1].startswith(SHARED) and (tenant in key[1] or tenant in key[2] or row.get("tenant") == tenant)
    ]
