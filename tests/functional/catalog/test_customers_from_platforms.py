"""Customers that a platform creates and edits, through the routes and into the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from exact_connector.documents.unconfirmed import partition
from exact_connector.storage.table import clear
from functional.catalog.shop import Shop


@pytest.fixture(autouse=True)
def _no_faults_stay(shop: Shop) -> Iterator[None]:
    yield
    shop.sandbox.control("DELETE", "/faults")
    shop.settings({})


def accounts(shop: Shop, name: str) -> list[dict[str, Any]]:
    return [row for row in shop.exact_rows("Accounts") if row["Name"] == name]


def post(shop: Shop, body: dict[str, Any], **headers: str) -> tuple[int, Any, dict[str, str]]:
    return shop.call("POST", "/v1/customers", body, headers=headers)


def test_a_new_customer_is_in_exact_at_once_and_served_after_the_next_synchronisation(shop: Shop) -> None:
    body = {
        "external_id": "N-1",
        "name": "Bakkerij Vos",
        "country": "BE",
        "email": "vos@example.com",
        "street": "Dorpsstraat",
        "house_number": 7,
        "postcode": "2000",
        "city": "Antwerpen",
        "language_code": "nl",
    }
    status, made, headers = post(shop, body)
    assert (status, made["state"]) == (201, "CREATED")
    assert headers["Location"] == f"/v1/customers/{made['customer_id']}"
    (account,) = accounts(shop, "Bakkerij Vos")
    assert account["ID"] == made["customer_id"]
    assert (account["Status"], account["Email"], account["AddressLine1"]) == ("C", "vos@example.com", "Dorpsstraat 7")

    shop.work()
    served = shop.ok("GET", headers["Location"])
    assert (served["customer_name"], served["customer_code"]) == ("Bakkerij Vos", made["customer_code"])
    assert [each["city"] for each in served["addresses"]] == ["Antwerpen"]


def test_a_customer_of_the_uk_is_in_exact_under_gb_and_one_of_no_country_nowhere(shop: Shop) -> None:
    assert post(shop, {"external_id": "N-UK", "name": "Veld Test", "country": "UK"})[0] == 201
    assert post(shop, {"external_id": "N-UK", "name": " Veld Test", "country": "GB"})[2]["Idempotent-Replay"] == "true"
    status, found, _ = post(shop, {"external_id": "N-XX", "name": "Veld Test", "country": "XX"})
    assert (status, [fault["pointer"] for fault in found["errors"]]) == (422, ["/country"])
    assert [account["Country"].strip() for account in accounts(shop, "Veld Test")] == ["GB"]


def test_a_created_customer_is_served_at_once_and_usable_by_the_next_order(shop: Shop) -> None:
    body = {"external_id": "N-9", "name": "Direct", "country": "NL", "email": "d@example.com", "city": "Ede"}
    _, made, headers = post(shop, body)
    served = shop.ok("GET", headers["Location"])
    assert (served["customer_name"], served["email"], served["unconfirmed"]) == ("Direct", "d@example.com", True)
    assert shop.ok("GET", f"/v1/customers/{made['customer_code']}")["customer_id"] == made["customer_id"]
    listed = shop.ok("GET", "/v1/customers", query={"limit": "1000"})["customers"]
    assert [each["customer_id"] for each in listed].count(made["customer_id"]) == 1
    item = next(each for each in shop.ok("GET", "/v1/items")["items"] if each["sales_price"])
    order = {
        "external_id": "N-9",
        "customer_code": made["customer_code"],
        "lines": [{"item_code": item["item_code"], "quantity": 1, "unit_price": item["sales_price"]}],
    }
    status, found, _ = shop.call("POST", "/v1/orders", order, headers={"prefer": "wait=20"})
    assert (status, found["state"]) == (201, "SUBMITTED"), found

    shop.work()
    confirmed = shop.ok("GET", headers["Location"])
    assert "unconfirmed" not in confirmed
    assert confirmed["customer_name"] == "Direct"


def test_a_customer_whose_creator_was_interrupted_is_served_when_it_is_posted_again(shop: Shop) -> None:
    body = {"external_id": "N-10", "name": "Onderbroken"}
    _, made, headers = post(shop, body)
    for kind in ("customer", "_customer_code"):
        clear(shop.box.memory["orders"], partition(shop.tenant, kind))
    assert shop.call("GET", headers["Location"])[0] == 404
    assert post(shop, body)[0] == 201
    assert shop.ok("GET", headers["Location"])["customer_id"] == made["customer_id"]


def test_an_edit_is_served_at_once_until_a_synchronisation_confirms_it(shop: Shop) -> None:
    _, made, _ = post(shop, {"name": "Meteen", "external_id": "E-9", "phone": "1", "street": "Kade 1", "city": "Ede"})
    shop.work()
    place = f"/v1/customers/{made['customer_id']}"
    shop.ok("PATCH", place, {"phone": "2", "street": "Kade 2"})
    served = shop.ok("GET", place)
    assert (served["phone"], served["unconfirmed"]) == ("2", True)
    assert [each["address_line1"] for each in served["addresses"]] == ["Kade 2"]

    shop.work()
    confirmed = shop.ok("GET", place)
    assert (confirmed["phone"], "unconfirmed" in confirmed) == ("2", False)
    assert [each["address_line1"] for each in confirmed["addresses"]] == ["Kade 2"]


def test_an_edit_that_is_repeated_after_an_interruption_is_served_at_once(shop: Shop) -> None:
    _, made, _ = post(shop, {"name": "Nog eens", "external_id": "E-10", "phone": "1"})
    shop.work()
    place = f"/v1/customers/{made['customer_id']}"
    shop.ok("PATCH", place, {"phone": "2"})
    clear(shop.box.memory["orders"], partition(shop.tenant, "customer"))
    assert shop.ok("GET", place)["phone"] == "1"
    assert shop.ok("PATCH", place, {"phone": "2"})["written"] == []
    assert shop.ok("GET", place)["phone"] == "2"


def test_the_same_customer_sent_twice_is_made_once(shop: Shop) -> None:
    body = {"name": "Twee keer"}
    first = post(shop, body, **{"idempotency-key": "twice"})
    second = post(shop, body, **{"idempotency-key": "twice"})
    assert (first[0], second[0]) == (201, 201)
    assert second[1]["customer_id"] == first[1]["customer_id"]
    assert second[2]["Idempotent-Replay"] == "true"
    assert len(accounts(shop, "Twee keer")) == 1


def test_a_key_used_for_another_customer_is_refused(shop: Shop) -> None:
    post(shop, {"name": "Eerste", "external_id": "K-1"})
    status, problem, _ = post(shop, {"name": "Tweede", "external_id": "K-1"})
    assert (status, problem["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert accounts(shop, "Tweede") == []


def test_a_customer_without_any_key_is_refused(shop: Shop) -> None:
    status, problem, _ = post(shop, {"name": "Zonder"})
    assert (status, problem["errors"][0]["code"]) == (422, "IDEMPOTENCY_KEY_MISSING")


def test_every_wrong_field_is_named(shop: Shop) -> None:
    status, problem, _ = post(shop, {"external_id": "W-1", "name": " ", "country": "Atlantis", "colour": "red"})
    assert status == 422
    assert {each["pointer"] for each in problem["errors"]} == {"/name", "/country", "/colour"}


def test_an_answer_that_was_lost_after_the_commit_is_found_again_and_nothing_is_made_twice(shop: Shop) -> None:
    fault = {"kind": "drop", "method": "POST", "match": "crm/Accounts$", "count": 1}
    shop.sandbox.control("POST", "/faults", fault)
    status, made, _ = post(shop, {"name": "Verloren antwoord", "external_id": "L-1"})
    assert (status, made["attempts"]) == (201, 1)
    (account,) = accounts(shop, "Verloren antwoord")
    assert made["customer_id"] == account["ID"]


def test_a_request_that_never_arrived_waits_for_the_grace_period_and_does_not_go_out_blindly(shop: Shop) -> None:
    shop.sandbox.control("POST", "/faults", {"kind": "reset", "method": "POST", "match": "crm/Accounts$", "count": 1})
    status, waiting, headers = post(shop, {"name": "Nooit aangekomen", "external_id": "L-2"})
    assert (status, waiting["state"]) == (202, "UNKNOWN")
    assert headers["Location"] == f"/v1/customer-requests/{waiting['request_id']}"
    assert shop.ok("GET", headers["Location"])["waiting_for"] == "looking in Exact whether it arrived"
    assert accounts(shop, "Nooit aangekomen") == []


def test_what_exact_refuses_is_told_in_its_words_and_can_be_sent_again(shop: Shop) -> None:
    refusal = '{"error": {"code": "", "message": {"lang": "", "value": "Niet toegestaan: Relatie"}}}'
    rule = {"kind": "status", "method": "POST", "match": "crm/Accounts$", "count": 1, "status": 500, "body": refusal}
    shop.sandbox.control("POST", "/faults", rule)
    status, refused, headers = post(shop, {"name": "Geweigerd", "external_id": "R-1"})
    assert (status, refused["state"]) == (202, "REJECTED")
    assert "Niet toegestaan" in refused["reasons"][0]["exact_text"]
    status, made, _ = shop.call("POST", f"{headers['Location']}/resend")
    assert (status, made["state"], len(accounts(shop, "Geweigerd"))) == (201, "CREATED", 1)


def test_a_customer_taken_in_without_waiting_is_made_by_the_worker(shop: Shop) -> None:
    status, waiting, headers = post(shop, {"name": "Later", "external_id": "A-1"}, prefer="respond-async")
    assert (status, waiting["state"]) == (202, "RECEIVED")
    assert accounts(shop, "Later") == []
    assert shop.work_on_jobs() >= 1
    assert shop.ok("GET", headers["Location"])["state"] == "CREATED"
    assert len(accounts(shop, "Later")) == 1


def test_vat_dealer_and_ledger_rules_of_the_settings_shape_the_account(shop: Shop) -> None:
    receivable = next(row for row in shop.exact_rows("GLAccounts") if row["Type"] == 20 and not row.get("IsBlocked"))
    codes = [row["Code"].strip() for row in shop.exact_rows("VATCodes") if not row.get("IsBlocked")]
    shop.settings(
        {
            "GLAccountGLARCode": receivable["Code"].strip(),
            "OnlyLoadDealers": True,
            "VatLiableCode": codes[0],
            "SendHouseNumberAndAdditionSeperate": True,
        }
    )
    body = {"name": "Volgens regels", "external_id": "V-1", "country": "NL", "street": "Kade", "house_number": "9"}
    assert post(shop, {**body, "vat_liable": True})[0] == 201
    (account,) = accounts(shop, "Volgens regels")
    assert (account["GLAR"], account["IsReseller"]) == (receivable["ID"], True)
    assert account["SalesVATCode"].strip() == codes[0]
    assert (account["AddressLine1"], account["AddressLine2"]) == ("Kade", "9")


def test_a_setting_that_names_no_ledger_account_of_exact_refuses_the_customer_and_nothing_is_sent(shop: Shop) -> None:
    shop.settings({"GLAccountGLARCode": "999999"})
    _, refused, _ = post(shop, {"name": "Geen grootboek", "external_id": "G-1"})
    assert (refused["state"], refused["reasons"][0]["code"]) == ("REJECTED", "CONFIG_REFERENCE_NOT_FOUND")
    assert accounts(shop, "Geen grootboek") == []


def test_an_edit_writes_only_what_differs_and_comes_back_with_the_next_synchronisation(shop: Shop) -> None:
    _, made, _ = post(shop, {"name": "Wijziging", "external_id": "E-1", "phone": "010 1", "city": "Delft"})
    shop.work()
    edited = shop.ok("PATCH", f"/v1/customers/{made['customer_id']}", {"phone": "010 2", "city": "Delft"})
    assert edited == {"customer_id": made["customer_id"], "written": ["Phone"], "warnings": []}
    (account,) = accounts(shop, "Wijziging")
    assert (account["Phone"], account["City"]) == ("010 2", "Delft")
    shop.work()
    assert shop.ok("GET", f"/v1/customers/{made['customer_id']}")["phone"] == "010 2"


def test_with_updates_of_the_telephone_only_other_fields_stay_in_exact(shop: Shop) -> None:
    _, made, _ = post(shop, {"name": "Alleen telefoon", "external_id": "E-2", "phone": "1", "city": "Delft"})
    shop.settings({"UpdatePhoneOnlyForCustomer": True})
    edited = shop.ok("PATCH", f"/v1/customers/{made['customer_id']}", {"phone": "2", "city": "Gouda"})
    assert (edited["written"], [each["code"] for each in edited["warnings"]]) == (["Phone"], ["FIELD_NOT_SENT"])
    (account,) = accounts(shop, "Alleen telefoon")
    assert (account["Phone"], account["City"]) == ("2", "Delft")


def test_a_customer_may_be_edited_by_its_code(shop: Shop) -> None:
    _, made, _ = post(shop, {"name": "Op code", "external_id": "E-3", "phone": "1"})
    shop.work()
    code = shop.ok("GET", f"/v1/customers/{made['customer_id']}")["customer_code"]
    edited = shop.ok("PATCH", f"/v1/customers/{code}", {"phone": "2"})
    assert (edited["customer_id"], edited["written"]) == (made["customer_id"], ["Phone"])


def test_an_edit_of_an_unknown_customer_is_not_found(shop: Shop) -> None:
    status, problem, _ = shop.call("PATCH", "/v1/customers/5f0c8a5e-0000-4000-8000-000000000000", {"phone": "1"})
    assert (status, problem["code"]) == (404, "NOT_FOUND")


def test_removing_a_tenants_orders_removes_its_wanted_customers_and_their_keys(shop: Shop) -> None:
    shop.box.administration.delete_tenant_data(shop.tenant)
    left = [key for key in shop.box.memory["orders"]._rows if key.startswith(("customer", "account"))]
    assert all(not shop.box.memory["orders"]._rows[key] for key in left)
