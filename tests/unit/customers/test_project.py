"""The canonical customer and supplier made from the rows of one account."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from exact_connector.catalog.projection import OwnerRows
from exact_connector.customers.project import project_customer
from unit.customers.customer_rows import (
    TODAY,
    account,
    address,
    contact,
    context_of,
    customer,
    exact_date,
    guid,
    projected,
)


def full_account() -> dict[str, object]:
    return dict(
        account(
            25,
            Name=" Jansen BV ",
            Country="NL ",
            Language="nl",
            Email="info@jansen.example",
            Phone="020-1234567",
            VATNumber="NL001234567B01",
            SalesVATCode="2  ",
            DiscountSales=Decimal("0.055"),
            SalesCurrency="EUR",
            AccountManagerFullName="A. Vos",
            MainContact=guid(100),
            PaymentConditionSales="30",
            PaymentConditionSalesDescription="30 days",
            InvoiceAccount=guid(26).upper(),
            IsReseller=True,
            Blocked=False,
            Created="/Date(1700000000000)/",
            CreditLineSales=1000,
        )
    )


def test_a_customer_carries_the_canonical_fields() -> None:
    document = {name: value for name, value in customer(full_account()).items() if name != "attributes"}
    assert document == {
        "customer_id": guid(25),
        "customer_code": "25",
        "customer_name": "Jansen BV",
        "status": "C",
        "manager": "A. Vos",
        "classification": None,
        "classifications": [],
        "price_list_code": None,
        "discount_percentage": "5.5",
        "currency": "EUR",
        "vat_liable": True,
        "vat_rule": "rate",
        "vat_code": "2",
        "vat_number": "NL001234567B01",
        "country": "NL",
        "language_code": "nl",
        "email": "info@jansen.example",
        "phone": "020-1234567",
        "payment_condition_code": "30",
        "payment_condition": "30 days",
        "invoice_customer_id": guid(26),
        "is_dealer": True,
        "is_blocked": False,
        "custom_fields": {},
        "contact_persons": [],
        "contact_persons_count": 0,
        "contact_persons_url": None,
        "contact_persons_version": None,
        "addresses": [],
        "addresses_count": 0,
        "addresses_url": None,
        "addresses_version": None,
        "logo": None,
    }


def test_a_document_can_be_written_as_json() -> None:
    document = customer(
        full_account(),
        contact=(contact(StartDate=exact_date(TODAY)),),
        address=(address(FreeNumberField_01=Decimal("1.50")),),
    )
    assert json.loads(json.dumps(document)) == document


def test_the_stored_payment_condition_names_the_condition() -> None:
    context = context_of(reference={"payment_condition": ({"Code": "30", "Description": "Net 30"},)})
    assert customer(full_account(), context)["payment_condition"] == "Net 30"


def test_the_order_of_rows_does_not_matter() -> None:
    contacts = [contact(100), contact(101, FullName="Contact 100"), contact(102, IsMainContact=True)]
    addresses = [address(200, Type=1), address(201), address(202, Main=True)]
    first = customer(account(), contact=contacts, address=addresses)
    second = customer(account(), contact=contacts[::-1], address=addresses[::-1])
    assert first == second
    assert [person["contact_person_id"] for person in first["contact_persons"]] == [guid(102), guid(100), guid(101)]
    assert [place["address_id"] for place in first["addresses"]] == [guid(200), guid(202), guid(201)]


def test_rows_that_are_alike_keep_the_order_of_their_ids() -> None:
    contacts = [contact(number, FullName="Same") for number in (101, 103, 102)]
    addresses = [address(number) for number in (203, 201, 202)]
    found = customer(account(), contact=contacts, address=addresses)
    assert [person["contact_person_id"] for person in found["contact_persons"]] == [guid(101), guid(102), guid(103)]
    assert [place["address_id"] for place in found["addresses"]] == [guid(201), guid(202), guid(203)]


def test_an_account_that_is_gone_leaves_no_document() -> None:
    found = project_customer(OwnerRows(guid(1), {"contact": (contact(),)}), context_of())
    assert [(projection.kind, projection.key, projection.document) for projection in found] == [
        ("customer", guid(1), None),
        ("supplier", guid(1), None),
    ]


def test_a_customer_that_is_no_supplier_has_no_supplier_document() -> None:
    assert projected(account(), kind="supplier").document is None


def test_a_supplier_has_a_document_of_its_own() -> None:
    row = account(
        7,
        Status=None,
        IsSupplier=True,
        PurchaseLeadDays=14,
        PurchaseCurrency="USD",
        DiscountPurchase=Decimal("0.02"),
        CodeAtSupplier="A77",
        PaymentConditionPurchase="14",
    )
    context = context_of(reference={"payment_condition": ({"Code": "14 ", "Description": "Net 14"},)})
    supplier = projected(row, context, kind="supplier", contact=(contact(),)).document
    assert supplier is not None
    wanted = {
        "supplier_id": guid(7),
        "supplier_code": "7",
        "supplier_name": "Account 7",
        "our_code_at_supplier": "A77",
        "lead_time_days": 14,
        "currency": "USD",
        "discount_percentage": "2",
        "payment_condition_code": "14",
        "payment_condition": "Net 14",
    }
    assert {name: supplier[name] for name in wanted} == wanted
    assert supplier["contact_persons"][0]["contact_person_id"] == guid(100)
    assert projected(row, context).document is None


def test_an_account_can_be_customer_and_supplier_at_once() -> None:
    row = account(IsSupplier=True)
    assert projected(row).document is not None
    assert projected(row, kind="supplier").document is not None


def test_a_supplier_leaves_the_day_after_its_end_date() -> None:
    row = account(Status=None, IsSupplier=True, EndDate=exact_date(TODAY))
    assert projected(row, kind="supplier").document is not None
    assert projected(row, kind="supplier").changes_on == date(2025, 6, 11)
    assert projected(row, context_of(today=date(2025, 6, 11)), kind="supplier").document is None


def test_only_active_contacts_are_delivered() -> None:
    contacts = (
        contact(101, EndDate=exact_date(date(2025, 6, 9))),
        contact(102, EndDate=exact_date(TODAY)),
        contact(103, StartDate=exact_date(date(2025, 6, 11))),
        contact(104, StartDate=exact_date(TODAY)),
        contact(105),
    )
    found = customer(account(), contact=contacts)["contact_persons"]
    assert [person["contact_person_id"] for person in found] == [guid(102), guid(104), guid(105)]


def test_the_document_changes_when_a_contact_starts_or_ends() -> None:
    contacts = (
        contact(101, EndDate=exact_date(date(2025, 6, 30))),
        contact(102, StartDate=exact_date(date(2025, 6, 20))),
        contact(103, EndDate=exact_date(date(2025, 6, 1))),
    )
    assert projected(account(), contact=contacts).changes_on == date(2025, 6, 20)
    assert projected(account(), contact=contacts[::2]).changes_on == date(2025, 7, 1)
    assert projected(account(), contact=contacts[2:]).changes_on is None


def test_a_contact_person_carries_the_canonical_fields() -> None:
    row = contact(
        100,
        FullName=None,
        FirstName="Eva",
        LastName="Vos",
        BusinessEmail="eva@example.test",
        Mobile="06-1",
        IsMainContact=False,
    )
    person = customer(account(MainContact=guid(100)), contact=(row,))["contact_persons"][0]
    del person["attributes"]
    assert person == {
        "contact_person_id": guid(100),
        "full_name": "Eva Vos",
        "first_name": "Eva",
        "last_name": "Vos",
        "email": "eva@example.test",
        "phone": "06-1",
        "is_main": True,
        "custom_fields": {},
    }


def test_an_address_carries_the_canonical_fields() -> None:
    row = address(
        200,
        Type=3,
        Main=True,
        AddressLine1="Dorpsstraat 12 A",
        AddressLine2="",
        Postcode="1234 AB",
        City="Utrecht",
        Country="NL ",
        Contact=guid(100),
    )
    place = customer(account(), address=(row,))["addresses"][0]
    del place["attributes"]
    assert place == {
        "address_id": guid(200),
        "type": 3,
        "type_name": "invoice",
        "is_main": True,
        "address_line1": "Dorpsstraat 12 A",
        "address_line2": None,
        "address_line3": None,
        "postcode": "1234 AB",
        "city": "Utrecht",
        "country": "NL",
        "contact_person_id": guid(100),
        "custom_fields": {},
    }


@pytest.mark.parametrize(("value", "name"), [(1, "visit"), (2, "postal"), (3, "invoice"), (4, "delivery"), (9, None)])
def test_the_use_of_an_address_is_told_in_words(value: int, name: str | None) -> None:
    place = customer(account(), address=(address(Type=value),))["addresses"][0]
    assert (place["type"], place["type_name"]) == (value, name)


def test_a_logo_is_served_where_it_is_stored() -> None:
    row = account(LogoFileName="jansen.png", LogoUrl="https://exact.example/logo.png")
    stored = {
        "file_name": "jansen.png",
        "url": "/v1/assets/1",
        "thumbnails": {},
        "content_type": "image/png",
        "sha256": "a",
    }
    rows = OwnerRows(guid(1), {"account": (row,), "logo": (stored,)})
    found = project_customer(rows, context_of())[0].document
    assert found is not None
    assert found["logo"] == stored
    assert "logo_url" not in found["attributes"]


def test_a_logo_that_is_not_stored_yet_has_no_address() -> None:
    found = customer(account(LogoFileName="jansen.png"))["logo"]
    assert (found["file_name"], found["url"]) == ("jansen.png", None)


def test_the_placeholder_of_exact_is_no_logo() -> None:
    row = account(LogoFileName="x.png", LogoUrl="https://exact.example/docs/images/placeholder_account_myeol.png")
    assert customer(row)["logo"] is None
