"""How values are written: what is never null, what is padded, the numbers, and the types of entities."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from exact_sandbox.world.store import Row, Table
from functional.sandbox.core.small_world import DIVISION, Connected, guid


def table(exact: Connected, name: str) -> Table:
    return exact.running.sandbox.world.divisions[DIVISION].table(name)


def read(exact: Connected, entity: str, path: str, row: Row) -> Row:
    """Store one bare row and read it back by its key."""
    stored = table(exact, entity)
    stored.load([row])
    return dict(exact.get(f"{path}(guid'{row[stored.spec.key]}')").raise_for_status().json()["d"])


ZEROS: dict[str, tuple[str, dict[str, object]]] = {
    "Accounts": ("crm/Accounts", {
        "AutomaticProcessProposedEntry": 0, "Blocked": False, "CanDropShip": False, "CostPaid": 0,
        "CreditLinePurchase": 0, "CreditLineSales": 0, "DiscountPurchase": 0, "DiscountSales": 0, "GlnNumber": "",
        "IgnoreDatevWarningMessage": False, "InvoicingMethod": 0, "IsAccountant": 0, "IsAgency": 0, "IsAnonymised": 0,
        "IsBank": False, "IsCompetitor": 0, "IsMailing": 0, "IsMember": False, "IsPilot": False, "IsPurchase": False,
        "IsReseller": False, "IsSales": False, "IsSupplier": False, "OINNumber": "", "PurchaseLeadDays": 0,
        "RecepientOfCommissions": False, "SeparateInvPerProject": 0, "SeparateInvPerSubscription": 0,
        "ShippingLeadDays": 0,
    }),
    "Contacts": ("crm/Contacts", {
        "AccountIsCustomer": False, "AccountIsSupplier": False, "IsAnonymised": 0, "IsMailingExcluded": False,
        "IsMainContact": False,
    }),
    "Items": ("logistics/Items", {
        **{f"FreeBoolField_0{number}": False for number in range(1, 6)},
        "CopyRemarks": 0, "CostPriceStandard": 0, "IsBatchItem": 0, "IsBatchNumberItem": 0,
        "IsFractionAllowedItem": False, "IsMakeItem": 0, "IsNewContract": 0, "IsOnDemandItem": 0,
        "IsPackageItem": False, "IsPurchaseItem": False, "IsRegistrationCodeItem": 0, "IsSalesItem": False,
        "IsSerialItem": False, "IsStockItem": False, "IsSubcontractedItem": False, "IsTime": 0, "IsWebshopItem": 0,
        "StandardSalesPrice": 0, "Stock": 0,
    }),
    "Journals": ("financial/Journals", {
        "AllowVAT": False, "AllowVariableCurrency": False, "AllowVariableExchangeRate": False, "AutoSave": False,
        "IsBlocked": False, "PaymentServiceProvider": 0,
    }),
    "GLAccounts": ("financial/GLAccounts", {"ExcludeVATListing": 0, "PrivatePercentage": 0}),
    "VATCodes": ("vat/VATCodes", {
        "Charged": False, "ExcludeVATListing": 0, "IntraStat": False, "IsBlocked": False, "Percentage": 0,
        "VatMargin": 0,
    }),
    "Documents": ("documents/Documents", {"InheritShare": False, "SendMethod": 0}),
    "Addresses": ("crm/Addresses", {f"FreeBoolField_0{number}": False for number in range(1, 6)}),
}  # fmt: skip


@pytest.mark.parametrize("entity", ZEROS)
def test_an_empty_record_reads_zeros_and_empty_texts_where_exact_does(exact: Connected, entity: str) -> None:
    path, expected = ZEROS[entity]
    row = read(exact, entity, path, {"ID": guid(30, 1)})
    shown = {name: value for name, value in row.items() if value is not None and not isinstance(value, dict)}
    assert json.dumps(shown, sort_keys=True) == json.dumps({"ID": guid(30, 1), **expected}, sort_keys=True)


POSTED: dict[str, tuple[str, Row, dict[str, object]]] = {
    "Items": ("logistics/Items", {"Code": "P1", "Description": "Nieuw", "IsSalesItem": True, "IsWebshopItem": 1}, {
        "CopyRemarks": 0, "IsBatchItem": 0, "IsBatchNumberItem": 0, "IsMakeItem": 0, "IsNewContract": 0,
        "IsOnDemandItem": 0, "IsRegistrationCodeItem": 0, "IsTime": 0, "IsWebshopItem": 0,
    }),
    "Accounts": ("crm/Accounts", {"Name": "Nieuw", "Status": "C", "IsSales": True}, {
        "CostPaid": 0, "IgnoreDatevWarningMessage": False, "IsAccountant": 0, "IsAgency": 0, "IsAnonymised": 0,
        "IsCompetitor": 0, "IsMailing": 0, "SeparateInvPerProject": 0, "SeparateInvPerSubscription": 0,
    }),
    "Contacts": ("crm/Contacts", {"Account": guid(2, 1), "FirstName": "An", "LastName": "Bos"}, {
        "AccountIsCustomer": False, "IsAnonymised": 0,
    }),
}  # fmt: skip


@pytest.mark.parametrize("entity", POSTED)
def test_a_post_answers_flags_as_zero_and_everything_else_as_null(exact: Connected, entity: str) -> None:
    path, body, flags = POSTED[entity]
    answer = exact.send("POST", path, body)
    row = answer.json()["d"]
    shown = {name: value for name, value in row.items() if value is not None and not isinstance(value, dict)}
    assert (answer.status_code, set(row) > set(shown)) == (201, True)
    assert json.dumps(shown, sort_keys=True) == json.dumps({"ID": row["ID"], **flags}, sort_keys=True)


@pytest.mark.parametrize(
    ("entity", "path", "row", "shown"),
    [
        pytest.param("Accounts", "crm/Accounts", {"Code": "25"}, {"Code": "25".rjust(18)}, id="account code"),
        pytest.param("Contacts", "crm/Contacts", {"Code": "7"}, {"Code": "7".rjust(18)}, id="contact code"),
        pytest.param("Contacts", "crm/Contacts", {"Language": "FR"}, {"Language": "FR        "}, id="language"),
        pytest.param("Accounts", "crm/Accounts", {"Country": "FR"}, {"Country": "FR "}, id="country"),
        pytest.param("VATCodes", "vat/VATCodes", {"Code": "6"}, {"Code": "6  "}, id="VAT code"),
        pytest.param("Items", "logistics/Items", {"Unit": "day"}, {"Unit": "day     "}, id="unit of an item"),
        pytest.param(
            "SalesOrderLines",
            "salesorder/SalesOrderLines",
            {"UnitCode": "day     ", "VATCode": "VN"},
            {"UnitCode": "day", "VATCode": "VN "},
            id="unit of an order line is not padded",
        ),
        pytest.param(
            "Documents", "documents/Documents", {"AccountCode": "2"}, {"AccountCode": "2".rjust(18)}, id="of a document"
        ),
    ],
)
def test_a_text_is_padded(exact: Connected, entity: str, path: str, row: Row, shown: Row) -> None:
    found = read(exact, entity, path, {"ID": guid(30, 2), **row})
    assert {name: found[name] for name in shown} == shown


def test_a_filter_sees_what_a_reader_sees(exact: Connected) -> None:
    table(exact, "Accounts").load([{"ID": guid(30, 3), "Code": "998", "Name": "Zonder vlaggen"}])
    for condition in ("Blocked eq false", "IsAccountant eq 0", f"Code eq '{'998'.rjust(18)}'"):
        wanted = quote(f"Name eq 'Zonder vlaggen' and {condition}")
        assert [row["ID"] for row in exact.results(f"crm/Accounts?$filter={wanted}")] == [guid(30, 3)]
    assert exact.results("crm/Accounts?$filter=Code eq '998'") == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(6.0, "6"), (15.5, "15.5"), (-0.01, "-0.01"), (0.0, "0"), (-0.0, "0"), (1e15, "1000000000000000.0")],
)
def test_a_double_is_written_without_a_point_when_it_is_whole(exact: Connected, value: float, text: str) -> None:
    table(exact, "Items").load([{"ID": guid(30, 4), "Code": "D", "StandardSalesPrice": value}])
    answer = exact.get(f"logistics/Items(guid'{guid(30, 4)}')?$select=StandardSalesPrice")
    assert f'"StandardSalesPrice":{text}}}' in answer.text


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        pytest.param("crm/Accounts?$filter=Name eq 'Klant 1'", "Account", id="accounts"),
        pytest.param("logistics/Items?$filter=Code eq 'A0001'", "Item", id="items"),
        pytest.param("salesorder/SalesOrders?$filter=OrderNumber eq 1", "SalesOrder", id="orders"),
        pytest.param(f"salesorder/SalesOrderLines?$filter=ID eq guid'{guid(4, 1001)}'", "SalesOrderLine", id="lines"),
        pytest.param("vat/VATCodes", "VATCode", id="VAT codes"),
        pytest.param("system/Divisions", "System.Division", id="companies"),
        pytest.param("inventory/Warehouses", "Inventory.Warehouse", id="a younger entity"),
    ],
)
def test_older_entities_have_a_type_without_a_service(exact: Connected, path: str, type_: str) -> None:
    assert exact.results(path)[0]["__metadata"]["type"] == f"Exact.Web.Api.Models.{type_}"


def test_the_signed_in_user(exact: Connected) -> None:
    row = exact.results(f"{exact.running.base}/api/v1/current/Me")[0]
    assert row["__metadata"]["type"] == "Exact.Web.Api.Models.System.Me"
    wanted = {"ServerTime": "2026-06-16T14:00:00", "ServerUtcOffset": 7200, "DivisionCustomerSiretNumber": "",
              "EmployeeID": "00000000-0000-0000-0000-000000000000", "IsOEIMigrationMandatory": False,
              "DivisionCustomerCode": "4711".rjust(18), "Legislation": "1", "Gender": "O",
              "PackageCode": "EOLAPPCENTER", "DivisionCustomerVatNumber": None, "ThumbnailPicture": None}  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert row["PictureUrl"] == f"{exact.running.base}//docs/images/placeholder_contact_myeol.png"


def test_fields_that_came_in_2026_are_there(exact: Connected) -> None:
    account = exact.results("crm/Accounts?$filter=Name eq 'Klant 1'&$select=ClientGroup,ClientGroupDescription")[0]
    order = exact.results("salesorder/SalesOrders?$filter=OrderNumber eq 1&$select=ServicePoint")[0]
    invoices = exact.get("salesinvoice/SalesInvoices?$filter=Status eq 20&$select=InvoiceStatusInformation")
    documents = exact.get(
        "documents/Documents?$filter=Type eq 10&$select=CostcenterCode,CostcenterDescription,CostunitCode,"
        "CostunitDescription"
    )
    assert (account["ClientGroup"], account["ClientGroupDescription"], order["ServicePoint"]) == (None, None, None)
    assert (invoices.status_code, documents.status_code) == (200, 200)


def test_a_later_page_keeps_its_results_even_when_the_rest_fits(exact: Connected) -> None:
    first = exact.get("logistics/Items?$filter=Code gt 'A'&$select=Code&$top=100").json()["d"]
    second = exact.get(first["__next"]).json()["d"]
    assert (len(first["results"]), set(second), len(second["results"])) == (60, {"results"}, 40)


def test_a_placeholder_stands_behind_two_slashes_and_is_served(exact: Connected) -> None:
    row = exact.results("logistics/Items?$filter=Code eq 'A0001'&$select=PictureUrl")[0]
    assert row["PictureUrl"] == f"{exact.running.base}//docs/images/placeholder_item.png"
    answer = exact.running.http.get(row["PictureUrl"], headers={"Authorization": f"Bearer {exact.access}"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
