"""Loading everything again: the same documents, nothing lost on the way, and what vanished without a trace is gone."""

from __future__ import annotations

import pytest

from functional.product.company import DIVISION, Company


def test_a_full_load_reads_everything_and_changes_nothing(company: Company) -> None:
    company.synchronise()
    served, head = company.everything_served(), company.head
    company.forget_calls()
    company.synchronise(full=True)
    assert {"sync/Logistics/Items", "sync/CRM/Accounts", "vat/VATCodes"} <= company.calls().keys()
    assert company.everything_served() == served
    assert company.changes(head) == []


def test_what_is_served_stays_there_while_a_full_load_is_under_way(company: Company) -> None:
    served = company.served("/v1/items")
    company.ok("POST", f"/v1/tenants/{company.tenant}/sync/items", {"full": True})
    company.box.sync.engine.run_worker(company.tenant, "items", company.box.clock.now())
    assert company.served("/v1/items") == served
    company.work()
    assert company.served("/v1/items") == served


@pytest.mark.parametrize("mark", ["DivisionMoveDate", "DivisionHRLinkUnlinkDate"])
def test_a_company_whose_row_versions_are_new_is_loaded_again(company: Company, mark: str) -> None:
    row = next(row for row in company.exact_rows("Items") if row["IsSalesItem"] and row["Code"].strip().isdigit())
    code, head = row["Code"].strip(), company.head
    company.sandbox.control("DELETE", f"/records/{DIVISION}/Items/{row['ID']}")
    moment = company.box.clock.now().replace(tzinfo=None, microsecond=0).isoformat()
    company.sandbox.control("PATCH", f"/divisions/{DIVISION}", {mark: moment})
    assert company.sandbox.control("GET", f"/records/{DIVISION}/Items?ID={row['ID']}&_count=1")["count"] == 0
    company.synchronise()
    company.synchronise()
    assert company.one("/v1/items", code) is None
    assert len(company.served("/v1/items")) == len([row for row in company.exact_rows("Items") if row["IsSalesItem"]])
    assert {(each["kind"], each["key"]) for each in company.changes(head)} == {("item", code), ("stock", code)}
