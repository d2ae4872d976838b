"""The references of an order as they come out of the stored catalogue: projected documents fit the mapping."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from exact_connector.catalog.codes import code_key
from exact_connector.catalog.context import Options, build_context
from exact_connector.catalog.items import project_item
from exact_connector.catalog.projection import Document, OwnerRows
from exact_connector.catalog.reference import project_reference
from exact_connector.customers.project import project_customer
from exact_connector.orders.model.references import (
    AGREEMENT,
    KnownAddress,
    KnownContact,
    KnownPriceList,
    OrderCustomer,
    OrderItem,
    ResolvedReferences,
    Tier,
)
from unit.orders.mapping.order_cases import TODAY, guid, lines_of, order, settings_of

ITEM_ROW = {
    "ID": guid(1).upper(),
    "Code": "A",
    "Description": "Chair",
    "Unit": "pc      ",
    "SalesVatCode": "2  ",
    "IsSalesItem": True,
    "IsStockItem": True,
    "IsPurchaseItem": False,
    "IsFractionAllowedItem": False,
    "StartDate": "/Date(1735689600000)/",
    "EndDate": None,
    "SearchCode": "6",
}
LIST_ROW: dict[str, Any] = {"ID": guid(5), "Code": "DEALER", "Description": "Dealers", "Currency": "EUR", "Entity": 1}
PERIOD: dict[str, Any] = {"ID": guid(6), "PriceList": guid(5), "Type": 1, "StartDate": None, "EndDate": None}
VAT: dict[str, Any] = {
    "ID": guid(7),
    "Code": "2  ",
    "Percentage": Decimal("0.21"),
    "Type": "I",
    "VATTransactionType": "S",
}
ACCOUNT = {
    "ID": guid(100),
    "Code": "25".rjust(18),
    "Name": "Jansen",
    "Status": "C",
    "Country": "BE ",
    "PriceList": guid(5),
    "InvoiceAccount": guid(101),
    "SalesVATCode": "2  ",
    "Blocked": True,
}


def price(quantity: int, amount: str, number: int, **values: Any) -> dict[str, Any]:
    return {"ID": guid(number), "Quantity": Decimal(quantity), "Price": Decimal(amount), "Currency": "EUR", **values}


def documents(**settings: Any) -> dict[str, list[Document]]:
    context = build_context(
        settings_of(AutoSyncPriceLists=True, EnableOfflineTierPrices=True, **settings),
        options=Options(),
        today=TODAY,
        reference={
            "division": [{"Currency": "EUR", "Country": "NL "}],
            "vat_code": [VAT],
            "price_list": [LIST_ROW],
            "price_list_period": [PERIOD],
        },
    )
    volume = {
        "ID": guid(9),
        "PriceListPeriod": guid(6),
        "Quantity": Decimal(24),
        "NewPrice": Decimal(9),
        "EntryMethod": 2,
    }
    rows = {
        "item": [ITEM_ROW],
        "sales_price": [
            price(1, "10", 20),
            price(100, "7", 21),
            price(10, "6.5", 22, Account=guid(100)),
        ],
        "volume_discount": [volume],
    }
    contact = {"ID": guid(11).upper(), "FullName": "Eva Vos", "Email": "eva@example.nl"}
    address = {
        "ID": guid(21),
        "Type": 4,
        "Main": True,
        "AddressLine1": "Dorpsstraat 12",
        "Postcode": "3511 AB",
        "City": "Utrecht",
        "Country": "NL ",
        "Contact": guid(11),
    }
    account_rows = OwnerRows(guid(100), {"account": [ACCOUNT], "contact": [contact], "address": [address]})
    projections = [
        *project_item(OwnerRows(guid(1), rows), context),
        *project_customer(account_rows, context),
        *project_reference(context),
    ]
    found: dict[str, list[Document]] = {}
    for projection in projections:
        if projection.document is not None:
            found.setdefault(projection.kind, []).append(projection.document)
    return found


def test_an_item_document_holds_what_order_lines_need() -> None:
    stored = documents(GetPurchasePackageSizeFromSearchCode=True)
    found = OrderItem.of_documents(stored["item"][0], stored["price_list_rows"], stored["agreement"][0])

    assert (found.item_id, found.code, found.description, found.unit) == (guid(1), "A", "Chair", "pc")
    assert (found.vat_percentage, found.vat_included, found.package_size) == (Decimal(21), True, Decimal(6))
    assert (found.is_sales_item, found.is_stock_item, found.is_purchase_item) == (True, True, False)
    assert (found.fractions_allowed, found.start_date, found.end_date) == (False, date(2025, 1, 1), None)
    assert found.tiers == {
        "": (Tier(Decimal(100), Decimal(7)),),
        "DEALER": (Tier(Decimal(24), Decimal(9)),),
        AGREEMENT: (Tier(Decimal(10), Decimal("6.5")),),
    }


def test_a_customer_document_holds_what_order_headers_need() -> None:
    (document,) = documents()["customer"]

    assert OrderCustomer.of_document(document) == OrderCustomer(
        guid(100),
        "25",
        vat_liable=True,
        country="BE",
        price_list_code="DEALER",
        invoice_customer_id=guid(101),
        is_blocked=True,
    )
    assert [KnownContact.of_document(person) for person in document["contact_persons"]] == [
        KnownContact(guid(11), "Eva Vos", "eva@example.nl")
    ]
    assert [KnownAddress.of_document(place) for place in document["addresses"]] == [
        KnownAddress(guid(21), 4, True, ("Dorpsstraat 12", None, None), "3511 AB", "Utrecht", "NL", guid(11))
    ]


def test_rows_and_documents_of_addresses_and_contacts_say_the_same() -> None:
    (document,) = documents()["customer"]
    address = {
        "ID": guid(21),
        "Type": 4,
        "Main": True,
        "AddressLine1": "Dorpsstraat 12 ",
        "Postcode": "3511 AB",
        "City": "Utrecht",
        "Country": "NL ",
        "Contact": guid(11),
    }

    assert KnownAddress.of_row(address) == KnownAddress.of_document(document["addresses"][0])
    contact = {"ID": guid(11), "FirstName": "Eva", "LastName": "Vos", "BusinessEmail": "eva@example.nl"}
    assert KnownContact.of_row(contact) == KnownContact.of_document(document["contact_persons"][0])


def test_an_order_is_planned_from_stored_documents() -> None:
    stored = documents()
    lists = [KnownPriceList.of_document(document) for document in stored["price_list"]]
    found = ResolvedReferences(
        customer=OrderCustomer.of_document(stored["customer"][0]),
        items={code_key(document["item_code"]): OrderItem.of_documents(document) for document in stored["item"]},
        price_lists={code_key(entry.code): entry for entry in lists},
    )
    unchanged = {
        "item_code": "A",
        "quantity": 2,
        "unit_price": "10",
        "original_price": "10",
        "original_discount_percentage": 0,
    }
    (line,) = lines_of(
        order(lines=[unchanged]), found, DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged=True
    )

    assert line == {"Item": guid(1), "Quantity": Decimal(2), "Description": "Chair", "Pricelist": guid(5)}
