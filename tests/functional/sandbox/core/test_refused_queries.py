"""What Exact says of a query that it refuses: the texts that its clients met, word for word."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from exact_sandbox.protocol.schema import load_schema
from functional.sandbox.core.small_world import Connected, guid

SYNTAX = "Bad Request - Error in query syntax."
NOT_SUPPORTED = "This $filter parameter is not supported for this resource"
SELECT_WANTED = "Please add a $select or a $top=1 statement to the query string."
DEMAND = (
    "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a $filter parameter "
    "with one of the following fields in the url:"
)

ACCOUNT_FIELDS = (
    "Accountant,AccountManager,AddressLine1,AddressLine2,AddressLine3,Blocked,BRIN,BSN,ChamberOfCommerce,City,"
    "Classification1,Classification2,Classification3,Classification4,Classification5,Classification6,Classification7,"
    "Classification8,Classification,Code,CodeAtSupplier,Country,Created,Email,EndDate,EORINumber,Fax,ID,"
    "InvoiceAccount,IsAccountant,IsReseller,IsSales,IsSupplier,MainContact,Modified,Name,Parent,Phone,Postcode,"
    "PriceList,Reseller,RSIN,SearchCode,StartDate,Status,Type,VATNumber"
)


def refusal(exact: Connected, path: str) -> tuple[int, dict[str, object]]:
    answer = exact.get(path)
    return answer.status_code, answer.json()


def error(text: str) -> dict[str, object]:
    return {"error": {"code": "", "message": {"lang": "", "value": text}}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("crm/Accounts", f"{DEMAND}{ACCOUNT_FIELDS}.", id="accounts"),
        pytest.param("bulk/CRM/Accounts?$select=ID", f"{DEMAND}{ACCOUNT_FIELDS}.", id="accounts in bulk"),
        pytest.param(
            "crm/Addresses?$select=ID",
            f"{DEMAND}Account,Contact,Created,ID,Modified,Warehouse.",
            id="an entity without sure marks",
        ),
        pytest.param("crm/Accounts?$filter=", NOT_SUPPORTED, id="empty filter"),
    ],
)
def test_a_listing_without_a_filter_is_refused(exact: Connected, path: str, text: str) -> None:
    assert refusal(exact, path) == (400, error(text))


@pytest.mark.parametrize(
    ("path", "condition", "text"),
    [
        pytest.param(
            "logistics/Items",
            "UnitDescription eq 'Stuk'",
            "Filtering on these fields is not supported: UnitDescription",
            id="one without a mark",
        ),
        pytest.param(
            "bulk/Logistics/Items",
            "UnitType eq 'O' and Code eq 'A0001' and Notes eq 'x'",
            "Filtering on these fields is not supported: Notes,UnitType",
            id="two of three, in bulk",
        ),
        pytest.param("sync/Logistics/Items", "Code eq 'A0001'", NOT_SUPPORTED, id="sync"),
        pytest.param("sync/Logistics/Items", "Timestamp gt 1L and Code eq 'A'", NOT_SUPPORTED, id="sync, beside it"),
        pytest.param("salesorder/SalesOrders", "SalesOrderLines/Quantity gt 1", NOT_SUPPORTED, id="a collection"),
        pytest.param("logistics/Items", "Code eq", SYNTAX, id="no right side"),
        pytest.param("logistics/Items", "Code = 'A0001'", SYNTAX, id="foreign operator"),
        pytest.param("logistics/Items", "(Code eq 'A0001'", SYNTAX, id="open parenthesis"),
        pytest.param("logistics/Items", "Code eq Description", SYNTAX, id="field against field"),
        pytest.param(
            "logistics/Items",
            "ID eq 1",
            "Operator 'eq' incompatible with operand types 'System.Guid' and 'System.Int32' at position 3.",
            id="number for a guid",
        ),
        pytest.param(
            "logistics/Items",
            "EndDate gt '2026-01-01'",
            "Operator 'gt' incompatible with operand types 'System.DateTime' and 'System.String' at position 8.",
            id="text for a date",
        ),
        pytest.param(
            "logistics/Items", "Code", "Expression of type 'System.Boolean' expected at position 0.", id="no condition"
        ),
        pytest.param(
            "logistics/Items",
            "Colour eq 'red'",
            "No property 'Colour' exists in type 'Exact.Web.Api.Models.Item' at position 0.",
            id="unknown property",
        ),
    ],
)
def test_a_filter_is_refused_with(exact: Connected, path: str, condition: str, text: str) -> None:
    select = "OrderID" if "SalesOrders" in path else "ID"
    assert refusal(exact, f"{path}?$filter={quote(condition)}&$select={select}") == (400, error(text))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(
            "crm/Accounts?$filter=Name eq 'x'&$select=Colour",
            "Type 'Exact.Web.Api.Models.Account' does not have a property named 'Colour' "
            "or there is no type with 'Colour' name.",
            id="unknown in select",
        ),
        pytest.param("bulk/CRM/Accounts?$filter=Name eq 'x'", SELECT_WANTED, id="bulk without select"),
        pytest.param("crm/Accounts('x')", SYNTAX, id="a key of another type"),
        pytest.param("read/logistics/StockPosition", SYNTAX, id="a read function without its parameter"),
        pytest.param("crm/Accounts?$filter=Name eq 'x'&$orderby=Name sideways", SYNTAX, id="order"),
        pytest.param(
            f"crm/Accounts(guid'{guid(2, 999)}')", "Resource not found for the segment 'Accounts'.", id="no such key"
        ),
    ],
)
def test_a_query_is_refused_with(exact: Connected, path: str, text: str) -> None:
    status, body = refusal(exact, path)
    assert (status, body) == (404 if "not found" in text else 400, error(text))


SYNC_WITH_STAR = {
    "sync/CRM/Accounts", "sync/CRM/Addresses", "sync/CRM/QuotationHeaders", "sync/CRM/QuotationLines", "sync/Deleted",
    "sync/Documents/DocumentAttachments", "sync/Documents/Documents", "sync/Financial/GLAccounts",
    "sync/Financial/TransactionLines",
    "sync/SalesInvoice/SalesInvoices", "sync/SalesOrder/GoodsDeliveries", "sync/SalesOrder/GoodsDeliveryLines",
    "sync/SalesOrder/SalesOrderHeaders", "sync/SalesOrder/SalesOrderLines",
}  # fmt: skip
"""The sync addresses whose reference page does not speak of `$select=*`."""


@pytest.mark.parametrize("path", sorted(path for path in load_schema().endpoints if path.startswith("sync/")))
def test_a_star_is_refused_where_the_reference_says_so(exact: Connected, path: str) -> None:
    answer = exact.get(f"{path}?$filter=Timestamp gt 1L&$select=*&$top=2")
    if path in SYNC_WITH_STAR:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()) == (400, error(SELECT_WANTED))
