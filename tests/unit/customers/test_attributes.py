"""The full attribute maps of accounts, contacts and addresses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exact_connector.catalog.attributes import attribute_name
from exact_connector.customers.attributes import WITHHELD, account_attributes, attribute_names, complete
from exact_connector.settings.mappings import ObjectName
from exact_connector.settings.properties import PROPERTIES_BY_OBJECT
from unit.customers.customer_rows import account, address, contact, customer, guid

NAMES = {
    "ID": "id",
    "AddressLine1": "address_line1",
    "GLAccountSales": "gl_account_sales",
    "SalesVATCode": "sales_vat_code",
    "VATLiability": "vat_liability",
    "IntraStatTransactionA": "intra_stat_transaction_a",
    "EORINumber": "eori_number",
    "FreeTextField_01": "free_text_field_01",
    "LogoThumbnailUrl": "logo_thumbnail_url",
    "PaymentConditionSalesDescription": "payment_condition_sales_description",
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=NAMES)
def test_names_are_normalised(name: str, expected: str) -> None:
    assert attribute_name(name) == expected


@pytest.mark.parametrize("kind", ["Customer", "ContactPerson", "Address"])
def test_no_two_properties_share_an_attribute(kind: ObjectName) -> None:
    names = attribute_names(kind)
    assert len(set(names)) == len(names) == len(set(PROPERTIES_BY_OBJECT[kind].values()) - WITHHELD)


def test_a_complete_customer_alone_has_more_than_150_attributes() -> None:
    document = complete(customer(account(), contact=(contact(),), address=(address(),)))
    assert len(document["attributes"]) > 150
    assert set(document["attributes"]) == set(attribute_names("Customer"))
    assert set(document["contact_persons"][0]["attributes"]) == set(attribute_names("ContactPerson"))
    assert set(document["addresses"][0]["attributes"]) == set(attribute_names("Address"))
    assert document["attributes"]["name"] == "Account 1"
    assert document["attributes"]["website"] is None
    assert document["contact_persons"][0]["attributes"]["full_name"] == "Contact 100"
    assert document["addresses"][0]["attributes"]["type"] == 4


def test_values_are_normalised() -> None:
    found = account_attributes(
        {
            "ID": guid(1).upper(),
            "Code": "                 1",
            "DiscountSales": Decimal("0.055"),
            "CreditLineSales": 1000,
            "Latitude": Decimal("52.10"),
            "IsMailing": 1,
            "IsReseller": False,
            "InvoicingMethod": 2,
            "Created": "/Date(1749513600000)/",
            "StartDate": "/Date(1749513600000)/",
            "Parent": None,
            "MainContact": guid(0),
            "Website": " ",
        }
    )
    assert found == {
        "id": guid(1),
        "code": "1",
        "discount_sales": "5.5",
        "credit_line_sales": "1000",
        "latitude": "52.1",
        "is_mailing": True,
        "is_reseller": False,
        "invoicing_method": 2,
        "created": "2025-06-10T00:00:00.000+02:00",
        "start_date": "2025-06-10",
    }


def test_only_filled_attributes_are_stored() -> None:
    assert account_attributes({"Name": "Jansen", "Website": None, "Unknown": 1}) == {"name": "Jansen"}


def test_personal_numbers_are_withheld() -> None:
    document = customer(
        account(BSN="123456782"), contact=(contact(SocialSecurityNumber="1", IdentificationDocument="2", Gender="V"),)
    )
    assert "bsn" not in document["attributes"]
    assert {"social_security_number", "identification_document"}.isdisjoint(
        document["contact_persons"][0]["attributes"]
    )
    assert document["contact_persons"][0]["attributes"]["gender"] == "V"


def test_addresses_carry_their_free_fields() -> None:
    row = address(
        FreeNumberField_01=2, FreeBoolField_05=True, FreeTextField_02=" x ", FreeDateField_03="/Date(1749513600000)/"
    )
    found = customer(account(), address=(row,))["addresses"][0]["attributes"]
    assert found["free_number_field_01"] == "2"
    assert found["free_bool_field_05"] is True
    assert found["free_text_field_02"] == "x"
    assert found["free_date_field_03"] == "2025-06-10"
