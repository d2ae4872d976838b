"""New and edited customers as Exact gets them."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.catalog.codes import by_code
from exact_connector.customer_requests.create import (
    AccountChange,
    CreationReferences,
    account_changes,
    account_to_create,
    is_created_account,
    ledger_codes,
)
from exact_connector.customer_requests.input import read_customer_edit, read_new_customer
from exact_connector.customers.names import classifications_by_id
from exact_connector.errors import ConfigurationError, InvalidInput
from exact_connector.fields import Row
from unit.customers.customer_rows import VAT_CODES, account, guid, settings_of, vat_code

LEDGER: tuple[Row, ...] = (
    {"ID": guid(61), "Code": "1300", "Type": 20, "IsBlocked": False},
    {"ID": guid(62).upper(), "Code": "8000 ", "Type": 110, "IsBlocked": False},
    {"ID": guid(63), "Code": "1301", "Type": 20, "IsBlocked": True},
)
CODES = (
    *VAT_CODES,
    vat_code("D19", "0.19"),
    vat_code("P1", "0.21", VATTransactionType="P"),
    vat_code("B1", "0", IsBlocked=True),
)
REFERENCES = CreationReferences(by_code(CODES), by_code(LEDGER), "NL ")


def created(customer: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    return account_to_create(
        read_new_customer({"name": "Jansen BV", **(customer or {})}), settings_of(**settings), REFERENCES
    )


def test_a_new_customer_needs_little() -> None:
    assert created() == {"Name": "Jansen BV", "Status": "C", "IsReseller": False}


def test_every_field_has_its_property() -> None:
    customer = {
        "status": "P",
        "country": "NL",
        "vat_number": "NL1",
        "email": "a@b.nl",
        "phone": "020",
        "street": "Dorpsstraat",
        "house_number": "12",
        "house_number_addition": "A",
        "address_line2": "Gate 3",
        "postcode": "1234 AB",
        "city": "Utrecht",
        "language_code": "nl",
        "external_id": "web-1",
    }
    assert created(customer) == {
        "Name": "Jansen BV",
        "Status": "P",
        "IsReseller": False,
        "Country": "NL",
        "VATNumber": "NL1",
        "Email": "a@b.nl",
        "Phone": "020",
        "AddressLine1": "Dorpsstraat 12 A",
        "AddressLine2": "Gate 3",
        "Postcode": "1234 AB",
        "City": "Utrecht",
        "Language": "nl",
    }


def test_greece_goes_by_the_code_that_exact_knows() -> None:
    assert created({"country": "EL"})["Country"] == "GR"
    assert changed({"country": "el"}).body == {"Country": "GR"}


def test_house_number_and_addition_get_lines_of_their_own_when_wanted() -> None:
    place = {"street": "Dorpsstraat", "house_number": "12", "house_number_addition": "A"}
    found = created(place, SendHouseNumberAndAdditionSeperate=True)
    assert (found["AddressLine1"], found["AddressLine2"], found["AddressLine3"]) == ("Dorpsstraat", "12", "A")


def test_new_accounts_are_dealers_while_only_dealers_are_loaded() -> None:
    assert created(OnlyLoadDealers=True)["IsReseller"] is True
    assert created()["IsReseller"] is False


CODES_SET = {"VatLiableCode": "2;4", "NotVatLiableCode": "7", "NotVatLiableCodeOutsideEU": "6"}


@pytest.mark.parametrize(
    ("customer", "settings", "code"),
    [
        ({"vat_liable": True}, CODES_SET, "2"),
        ({"country": "BE", "vat_liable": False}, CODES_SET, "7"),
        ({"country": "CH", "vat_liable": False}, CODES_SET, "6"),
        ({"country": "NL"}, CODES_SET, "2"),
        ({"country": "DE"}, CODES_SET, "7"),
        ({"country": "DE", "vat_liable": True}, CODES_SET | {"VatCodeBasedOnCountryCode": "DE=d19"}, "D19"),
        ({"country": "DE"}, {}, None),
    ],
    ids=["liable", "inside the EU", "outside the EU", "home unsaid", "abroad unsaid", "by country", "not configured"],
)
def test_the_vat_code_follows_liability_and_country(
    customer: dict[str, Any], settings: dict[str, Any], code: str | None
) -> None:
    assert created(customer, **settings).get("SalesVATCode") == code


def test_the_belgian_regime_is_written_for_liable_customers_only() -> None:
    regime = {"VatLiabilityBasedOnVatRegime": True, "VatLiableCode": "2"}
    assert created({"vat_liable": True}, **regime)["VATLiability"] == "L"
    assert created({"vat_liable": True}, **regime)["SalesVATCode"] == "2"
    assert "VATLiability" not in created({"vat_liable": False}, **regime)
    assert "VATLiability" not in created({"vat_liable": True}, VatLiableCode="2")


@pytest.mark.parametrize("code", ["99", "B1", "P1"], ids=["unknown", "blocked", "for purchases"])
def test_a_vat_code_that_cannot_be_used_stops_the_creation(code: str) -> None:
    with pytest.raises(ConfigurationError, match=f"VatLiableCode names VAT code {code}") as caught:
        created({"vat_liable": True}, VatLiableCode=code)
    assert caught.value.code == "CONFIG_REFERENCE_NOT_FOUND"


def test_ledger_accounts_are_sent_by_their_id() -> None:
    found = created(GLAccountGLARCode="1300", GLAccountSalesCode="8000")
    assert (found["GLAR"], found["GLAccountSales"]) == (guid(61), guid(62))
    assert {"GLAR", "GLAccountSales"}.isdisjoint(created())


def test_ledger_accounts_are_looked_up_only_when_a_setting_names_one() -> None:
    assert ledger_codes(settings_of()) == ()
    assert ledger_codes(settings_of(GLAccountGLARCode="1300", GLAccountSalesCode="8000")) == ("1300", "8000")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"GLAccountGLARCode": "9999"}, "CONFIG_REFERENCE_NOT_FOUND"),
        ({"GLAccountGLARCode": "8000"}, "CONFIG_INVALID_VALUE"),
        ({"GLAccountGLARCode": "1301"}, "CONFIG_INVALID_VALUE"),
        ({"GLAccountSalesCode": "9999"}, "CONFIG_REFERENCE_NOT_FOUND"),
        ({"GLAccountSalesCode": "1300"}, "CONFIG_INVALID_VALUE"),
    ],
    ids=[
        "receivable unknown",
        "receivable of the wrong type",
        "receivable blocked",
        "revenue unknown",
        "revenue wrong",
    ],
)
def test_a_ledger_account_that_cannot_be_used_stops_the_creation(settings: dict[str, Any], code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        created(**settings)
    assert caught.value.code == code


STORED = account(
    25,
    Name="Jansen BV",
    Email="old@b.nl",
    Phone="010",
    City="Utrecht",
    AddressLine1="Dorpsstraat 12",
    AddressLine2="Gate 3",
    Classification1=guid(501),
)
CLASSES = classifications_by_id(({"ID": guid(501), "Code": "G", "Description": "Gold"},))


def changed(edit: dict[str, Any], **settings: Any) -> AccountChange:
    return account_changes(read_customer_edit(edit), STORED, settings_of(**settings), CLASSES)


def test_only_what_changed_is_sent() -> None:
    edit = {"name": "Jansen BV", "email": "new@b.nl", "phone": None, "city": " Utrecht "}
    assert changed(edit) == AccountChange({"Email": "new@b.nl", "Phone": None})


def test_an_edit_that_changes_nothing_sends_nothing() -> None:
    assert changed({"name": "Jansen BV", "email": "old@b.nl"}).body == {}


def test_the_classification_behind_the_name_is_not_written_back() -> None:
    assert changed({"name": "Jansen NV (Gold)"}, AccountClassificationOnCustomerName=True).body == {"Name": "Jansen NV"}
    assert changed({"name": "Jansen BV (Gold)"}, AccountClassificationOnCustomerName=True).body == {}
    assert changed({"name": "Jansen NV (Gold)"}).body == {"Name": "Jansen NV (Gold)"}


EVERYTHING = {"name": "New", "email": "new@b.nl", "phone": "020", "street": "Other 1"}
EMAIL, PHONE = {"UpdateEmailOnlyForCustomer": True}, {"UpdatePhoneOnlyForCustomer": True}


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        (EMAIL, {"Email": "new@b.nl"}),
        (PHONE, {"Phone": "020"}),
        (EMAIL | PHONE, {"Email": "new@b.nl", "Phone": "020"}),
        ({}, {"Name": "New", "Email": "new@b.nl", "Phone": "020", "AddressLine1": "Other 1"}),
    ],
    ids=["e-mail only", "telephone only", "both", "everything"],
)
def test_partial_updates_send_only_their_fields(settings: dict[str, Any], body: dict[str, Any]) -> None:
    found = changed(EVERYTHING, **settings)
    assert found.body == body
    assert [warning.code for warning in found.warnings] == (["FIELD_NOT_SENT"] if settings else [])


def test_an_edit_never_touches_vat_ledger_and_dealer() -> None:
    found = changed(
        {"vat_liable": True, "country": "BE", "vat_number": "BE1"},
        OnlyLoadDealers=True,
        VatLiableCode="2",
        VatLiabilityBasedOnVatRegime=True,
        GLAccountGLARCode="1300",
        GLAccountSalesCode="8000",
    )
    assert found.body == {"Country": "BE", "VATNumber": "BE1"}
    assert [warning.code for warning in found.warnings] == ["VAT_NOT_UPDATED"]


def test_an_edited_street_leaves_lines_alone_that_were_not_sent() -> None:
    assert changed({"street": "Other", "house_number": "1"}).body == {"AddressLine1": "Other 1"}
    assert changed({"address_line2": None}).body == {"AddressLine2": None}


def test_an_edited_street_in_separate_lines_replaces_all_three() -> None:
    found = changed({"street": "Other", "house_number": "1"}, SendHouseNumberAndAdditionSeperate=True)
    assert found.body == {"AddressLine1": "Other", "AddressLine2": "1"}
    again = changed({"street": "Other"}, SendHouseNumberAndAdditionSeperate=True)
    assert again.body == {"AddressLine1": "Other", "AddressLine2": None}


@pytest.mark.parametrize(
    ("edit", "separate"),
    [({"house_number": "14"}, False), ({"house_number_addition": "B"}, True), ({"address_line2": "Gate 4"}, True)],
    ids=["number alone", "addition alone", "own line behind the addition"],
)
def test_part_of_an_address_is_refused_when_the_street_is_needed_with_it(edit: dict[str, Any], separate: bool) -> None:
    with pytest.raises(InvalidInput) as caught:
        changed(edit, SendHouseNumberAndAdditionSeperate=separate)
    assert [fault.pointer for fault in caught.value.faults] == [f"/{name}" for name in edit]


def test_a_created_account_is_recognised_by_what_was_sent() -> None:
    body = created({"country": "NL", "email": "a@b.nl", "vat_liable": True}, VatLiableCode="2")
    stored = {**account(31), "Name": "Jansen BV", "Country": "NL ", "Email": "A@b.nl", "SalesVATCode": "2  "}
    assert is_created_account(stored, body)
    assert not is_created_account({**stored, "Email": "other@b.nl"}, body)
    assert not is_created_account({**stored, "Name": "Jansen"}, body)
