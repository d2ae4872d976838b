"""What Exact was recorded to answer to a POST and to the GET behind it: which properties are filled, and with what.

Each case names every property that was not null in the recorded body; what is left out was null. A type stands for a
value that is different each time.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from exact_sandbox.protocol.odata import Selection
from exact_sandbox.protocol.render import Renderer
from exact_sandbox.protocol.schema import load_schema
from exact_sandbox.world.store import Row, World
from functional.sandbox.data.worlds import Office

STAMPS: Row = {"Created": str, "Creator": str, "CreatorFullName": str, "Division": 123456, "Modified": str,
               "Modifier": str, "ModifierFullName": str}  # fmt: skip


@pytest.fixture
def shop(office: Office) -> Office:
    """Sit down as a user who reads English, as the one in the recordings does."""
    english = next(user for user in office.world.users.values() if user.language == "EN")
    return Office(office.world, user=english)


def shown(entity: str, row: Row) -> Row:
    """Return what a reader sees of a row, without links and without what is null."""
    schema = load_schema()
    path = schema[entity].path
    assert path is not None
    text = Renderer(schema.endpoints[path], Selection(), "http://host/api/v1/123456").text(row)
    return {name: value for name, value in json.loads(text).items() if value is not None and name != "__metadata"
            and not isinstance(value, dict)}  # fmt: skip


def like(expected: Row, actual: Row) -> Row:
    """Return the actual values under the names of the expected ones, a type in place of a value where it is wanted."""
    kinds: dict[Any, Any] = {str: str, float: (int, float)}
    return {
        name: expected.get(name) if isinstance(value, kinds.get(expected.get(name), ())) else value
        for name, value in actual.items()
    }


def assert_shown(entity: str, row: Row, expected: Row) -> None:
    actual = shown(entity, row)
    assert like(expected, actual) == expected


def customer(office: Office) -> Row:
    """Make a customer with a contact and an address, as bare as Exact lets it be."""
    account = office.post("Accounts", {"Name": "Winkel", "Status": "C", "City": "Ede"})
    office.post("Contacts", {"Account": account["ID"], "FirstName": "An", "LastName": "Bos"})
    return office.division.table("Accounts").get(account["ID"]) or {}


def item(office: Office) -> Row:
    return office.post("Items", {"Code": "DIENST", "Description": "Diensten", "IsSalesItem": True})


PARTIES: Row = {name: str for role in ("OrderedBy", "DeliverTo", "InvoiceTo")
                for name in (role, f"{role}Name", f"{role}ContactPerson", f"{role}ContactPersonFullName")}  # fmt: skip


def test_a_sales_order(shop: Office) -> None:
    lines = [{"Item": item(shop)["ID"], "Quantity": 1, "NetPrice": 100}]
    order = shop.post("SalesOrders", {"OrderedBy": customer(shop)["ID"], "SalesOrderLines": lines})
    assert_shown("SalesOrders", order, {
        **STAMPS, **PARTIES, "AmountDC": 100, "AmountDiscount": 0, "AmountDiscountExclVat": 0, "AmountFC": 100,
        "AmountFCExclVat": 100, "ApprovalStatus": 1, "ApprovalStatusDescription": "Automatically", "Approved": str,
        "Currency": "EUR", "DeliveryAddress": str, "DeliveryDate": "/Date(1781481600000)/", "DeliveryStatus": 12,
        "DeliveryStatusDescription": "Open", "Discount": 0, "InvoiceStatus": 12, "InvoiceStatusDescription": "Open",
        "OrderDate": "/Date(1781481600000)/", "OrderID": str, "OrderNumber": order["OrderNumber"],
        "PaymentCondition": "30", "PaymentConditionDescription": str, "Status": 12, "StatusDescription": "Open",
        "WarehouseCode": "1", "WarehouseDescription": str, "WarehouseID": str,
    })  # fmt: skip
    assert order["Approved"] == shop.world.clock.local()
    (line,) = shop.lines(order)
    assert_shown("SalesOrderLines", line, {
        "AmountDC": 100, "AmountFC": 100, "DeliveryDate": str, "DeliveryStatus": 12, "Description": "Diensten",
        "Discount": 0, "Division": 123456, "ID": str, "InvoiceStatus": 12, "Item": str, "ItemCode": "DIENST",
        "ItemDescription": "Diensten", "LineNumber": 1, "NetPrice": 100, "OrderID": str,
        "OrderNumber": order["OrderNumber"], "OrderStatus": 12, "Quantity": 1, "QuantityDelivered": 0,
        "QuantityInvoiced": 0, "UnitCode": "pc", "UnitDescription": str, "UnitPrice": 0, "UseDropShipment": 0,
        "VATAmount": 0,
    })  # fmt: skip


INVOICE: Row = {
    **STAMPS, **PARTIES, "AmountDC": 1, "AmountDiscount": 0, "AmountDiscountExclVat": 0, "AmountFC": 1,
    "AmountFCExclVat": 1, "Currency": "EUR", "DeliverToAddress": str, "Discount": 0, "DiscountType": 1,
    "DueDate": "/Date(1726012800000)/", "InvoiceDate": "/Date(1723420800000)/", "InvoiceID": str, "Journal": "70",
    "JournalDescription": str, "OrderDate": "/Date(1723420800000)/", "OrderNumber": float, "PaymentCondition": "30",
    "PaymentConditionDescription": str, "Salesperson": str, "SalespersonFullName": "Sam Second", "Status": 20,
    "StatusDescription": "Open", "Type": 8023, "TypeDescription": "Direct sales invoice", "Warehouse": str,
}  # fmt: skip


def invoice(office: Office, kind: int) -> Row:
    lines = [{"Item": item(office)["ID"], "Quantity": 1, "NetPrice": 1, "GLAccount": revenue(office)}]
    return office.post("SalesInvoices", {
        "OrderedBy": customer(office)["ID"], "Status": 20, "Journal": "70", "Type": kind, "SalesInvoiceLines": lines,
        "InvoiceDate": "2024-08-12", "OrderDate": "2024-08-12"})  # fmt: skip


def revenue(office: Office) -> str:
    return next(str(row["ID"]) for row in office.rows("GLAccounts") if row["Code"] == "8000")


def test_a_direct_invoice_without_warehouse_is_filled_in_and_answered_without_what_comes_later(shop: Office) -> None:
    answer = invoice(shop, 8023)
    assert_shown("SalesInvoices", answer, INVOICE)
    stored = shop.division.table("SalesInvoices").get(answer["InvoiceID"]) or {}
    later = {"VATAmountDC": 0, "VATAmountFC": 0, "StarterSalesInvoiceStatus": 0,
             "StarterSalesInvoiceStatusDescription": "Draft"}  # fmt: skip
    assert_shown("SalesInvoices", stored, {**INVOICE, **later})
    main = next(row["ID"] for row in shop.rows("Warehouses") if row["Main"])
    assert answer["Warehouse"] == main


def test_the_line_of_an_invoice(shop: Office) -> None:
    made = invoice(shop, 8023)
    (line,) = shop.division.table("SalesInvoiceLines").lookup("InvoiceID", made["InvoiceID"]) or []
    assert_shown("SalesInvoiceLines", line, {
        "AmountDC": 1, "AmountFC": 1, "Description": "Diensten", "Discount": 0, "Division": 123456, "GLAccount": str,
        "GLAccountDescription": str, "ID": str, "InvoiceID": str, "Item": str, "ItemCode": "DIENST",
        "ItemDescription": "Diensten", "LineNumber": 1, "NetPrice": 1, "Quantity": 1, "UnitCode": "pc",
        "UnitDescription": str, "UnitPrice": 0, "VATAmountDC": 0, "VATAmountFC": 0,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "dutch", "english"),
    [
        (8020, "Factuur", "Invoice"),
        (8021, "Creditnota", "Credit note"),
        (8023, "Directe verkoopfactuur", "Direct sales invoice"),
        (8024, "Directe creditnota", "Direct credit note"),
    ],
)
def test_an_invoice_has_one_of_four_types(office: Office, shop: Office, kind: int, dutch: str, english: str) -> None:
    made = invoice(shop, kind)
    assert (made["Type"], made["TypeDescription"], "Warehouse" in made) == (kind, english, kind in (8023, 8024))
    office.remove("SalesInvoices", made["InvoiceID"])
    office.remove("Items", next(row["ID"] for row in office.rows("Items") if row["Code"] == "DIENST"))
    assert invoice(office, kind)["TypeDescription"] == dutch


def test_a_processed_invoice_has_its_number_and_is_paid_or_open(shared_world: World) -> None:
    rows = Office(shared_world).rows("SalesInvoices")
    assert {("InvoiceNumber" in row) for row in rows if row["Status"] == 20} == {False}
    processed = [row for row in rows if row["Status"] == 50]
    assert {row["StarterSalesInvoiceStatus"] for row in processed} == {1, 3}
    numbers = [row["InvoiceNumber"] for row in processed]
    assert len(set(numbers)) == len(numbers) > 0
    assert all("IsExtraDuty" not in row for row in rows)


CONTACT: Row = {
    **STAMPS, "Account": str, "AccountIsCustomer": True, "AccountIsSupplier": False, "AccountMainContact": str,
    "AccountName": "Winkel", "BirthName": "Test", "BusinessEmail": "a@x.test", "Country": "NL ", "Email": "a@x.test",
    "FirstName": "Alice", "FullName": "Alice Test", "Gender": "O", "ID": str, "IsAnonymised": 0,
    "IsMailingExcluded": False, "IsMainContact": False, "Language": "NL        ", "LastName": "Test", "Person": str,
    "PictureThumbnailUrl": "http://host//docs/images/placeholder_contact_myeol.png",
    "PictureUrl": "http://host//docs/images/placeholder_contact_myeol.png", "StartDate": str,
}  # fmt: skip


def test_a_second_contact_of_an_account(shop: Office) -> None:
    body = {"Account": customer(shop)["ID"], "FirstName": "Alice", "LastName": "Test", "Email": "a@x.test"}
    contact = shop.post("Contacts", body, representation=True)
    code = f"{contact['HID']:07d}".rjust(18)
    assert_shown("Contacts", contact, {**CONTACT, "HID": contact["HID"], "Code": code})
    assert contact["AccountMainContact"] != contact["ID"]


def test_every_generated_contact_has_a_code_of_its_own(office: Office) -> None:
    codes = [row["Code"] for row in office.rows("Contacts")]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {18}


def test_an_account(shop: Office) -> None:
    body = {"Name": "Winkel", "Status": "C", "IsSales": True, "IsPurchase": False, "Email": "a@x.test",
            "Phone": "+33123456789", "City": "Ede", "Country": "FR"}  # fmt: skip
    account = shop.post("Accounts", body, representation=True)
    zeros = ("CostPaid", "CreditLinePurchase", "CreditLineSales", "DiscountPurchase", "DiscountSales",
             "InvoicingMethod", "AutomaticProcessProposedEntry", "IsAccountant", "IsAgency", "IsAnonymised",
             "IsCompetitor", "IsMailing",
             "PurchaseLeadDays", "SeparateInvPerProject", "SeparateInvPerSubscription", "ShippingLeadDays")  # fmt: skip
    flags = ("Blocked", "CanDropShip", "IgnoreDatevWarningMessage", "IsBank", "IsMember", "IsPilot", "IsReseller",
             "IsSupplier", "RecepientOfCommissions")  # fmt: skip
    picture = "http://host//docs/images/placeholder_account_myeol.png"
    assert_shown("Accounts", account, {
        **STAMPS, **dict.fromkeys(zeros, 0), **dict.fromkeys(flags, False), "City": "Ede", "Code": str,
        "ConsolidationScenario": 6, "Country": "FR ", "CountryName": str, "CustomerSince": str, "Email": "a@x.test",
        "GlnNumber": "", "ID": str, "InvoiceAttachmentType": 1, "IsPurchase": True, "IsSales": True,
        "LogoThumbnailUrl": picture, "LogoUrl": picture, "Name": "Winkel", "OINNumber": "", "Phone": "+33123456789",
        "PurchaseCurrency": "EUR", "PurchaseCurrencyDescription": "Euro", "SalesCurrency": "EUR",
        "SalesCurrencyDescription": "Euro", "SecurityLevel": 10, "Source": 2, "StartDate": str, "Status": "C",
        "StatusSince": str, "Type": "A",
    })  # fmt: skip


def test_an_item(shop: Office) -> None:
    group = shop.rows("ItemGroups")[0]["ID"]
    body = {"Code": "NIEUW", "Description": "Nieuw", "ItemGroup": group, "IsSalesItem": True, "CostPriceStandard": 15.5}
    made = shop.post("Items", body, representation=True)
    zeros = ("CopyRemarks", "IsBatchItem", "IsBatchNumberItem", "IsMakeItem", "IsNewContract", "IsOnDemandItem",
             "IsRegistrationCodeItem", "IsTime", "IsWebshopItem", "StandardSalesPrice", "Stock")  # fmt: skip
    flags = ("IsFractionAllowedItem", "IsPackageItem", "IsPurchaseItem", "IsSerialItem", "IsSubcontractedItem",
             *(f"FreeBoolField_0{number}" for number in range(1, 6)))  # fmt: skip
    picture = "http://host//docs/images/placeholder_item.png"
    assert_shown("Items", made, {
        **STAMPS, **dict.fromkeys(zeros, 0), **dict.fromkeys(flags, False), "Code": "NIEUW", "CostPriceCurrency": "EUR",
        "CostPriceStandard": 15.5, "Description": "Nieuw", "ID": str, "IsSalesItem": True, "IsStockItem": True,
        "ItemGroup": group, "ItemGroupCode": str, "ItemGroupDescription": str, "PictureThumbnailUrl": picture,
        "PictureUrl": picture, "SecurityLevel": 10, "StartDate": str, "StatisticalUnits": 1, "Unit": "pc      ",
        "UnitDescription": str, "UnitType": "O",
    })  # fmt: skip


def test_a_document_about_a_sales_invoice_and_its_file(shop: Office) -> None:
    account = customer(shop)
    document = shop.post("Documents", {"Subject": "Test", "DocumentDate": "2026-06-25", "Account": account["ID"],
                                       "Type": 10})  # fmt: skip
    key = document["ID"]
    view = f"http://host/docs/DocViewContent.aspx?ID={key}&_Division_=123456&Stamp=NL001"
    assert_shown("Documents", document, {
        **STAMPS, "Account": account["ID"], "AccountCode": account["Code"], "AccountName": "Winkel", "Category": str,
        "CategoryDescription": "Klanten", "Currency": "EUR", "DocumentDate": "/Date(1782345600000)/",
        "DocumentViewUrl": view, "HID": document["HID"], "HasEmptyBody": True, "ID": key, "InheritShare": False,
        "SendMethod": 0, "Subject": "Test", "Type": 10, "TypeDescription": "Verkoopfactuur",
    })  # fmt: skip
    file = shop.post("DocumentAttachments", {"Document": key, "FileName": "test.txt", "Attachment": "dGVzdA=="})
    address = f"http://host/docs/SysAttachment.aspx?ID={file['ID']}&_Division_=123456&Stamp=NL001"
    assert_shown("DocumentAttachments", file, {"ID": file["ID"], "Document": key, "FileName": "test.txt",
                                               "FileSize": 4, "Url": address})  # fmt: skip
