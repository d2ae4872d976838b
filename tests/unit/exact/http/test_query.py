"""Addresses of reading calls."""

from __future__ import annotations

import pytest

from exact_connector.errors import ConfigurationError
from exact_connector.exact.http.query import (
    URL_LIMIT,
    Query,
    UrlTooLong,
    either,
    guid_literal,
    in_groups,
    newer_than,
    record_path,
    text_literal,
)

BASE = "https://start.exactonline.nl"
GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        (Query("current/Me", select=["CurrentDivision"]), "current/Me?$select=CurrentDivision"),
        (Query("logistics/Items"), "123456/logistics/Items"),
        (
            Query("sync/Logistics/Items", select=["ID", "Code"], filter=newer_than(17)),
            "123456/sync/Logistics/Items?$filter=Timestamp%20gt%2017L&$select=ID,Code",
        ),
        (
            Query(
                "salesorder/SalesOrders", select=["OrderID", "SalesOrderLines/ID"], expand=["SalesOrderLines"], top=5
            ),
            "123456/salesorder/SalesOrders?$select=OrderID,SalesOrderLines/ID&$expand=SalesOrderLines&$top=5",
        ),
        (Query("crm/Accounts", orderby=["Code", "ID desc"]), "123456/crm/Accounts?$orderby=Code,ID%20desc"),
        (Query("crm/Accounts", inline_count=True), "123456/crm/Accounts?$inlinecount=allpages"),
        (
            Query("read/logistics/StockPosition", params={"itemId": guid_literal(GUID)}),
            f"123456/read/logistics/StockPosition?itemId=guid'{GUID}'",
        ),
        (
            Query("crm/Accounts", filter=f"Name eq {text_literal('O&A #1 + 50%')}"),
            "123456/crm/Accounts?$filter=Name%20eq%20'O%26A%20%231%20%2B%2050%25'",
        ),
    ],
    ids=lambda value: value.path if isinstance(value, Query) else "",
)
def test_a_query_becomes_an_address(query: Query, rest: str) -> None:
    assert query.url(BASE, 123456) == f"{BASE}/api/v1/{rest}"


def test_what_is_no_guid_never_reaches_a_filter() -> None:
    with pytest.raises(ValueError):
        guid_literal("1' or true or ID eq guid'1")


def test_an_address_of_6000_characters_is_the_longest() -> None:
    bare = len(Query("crm/Accounts", filter="").url(BASE, 1)) + len("?$filter=")
    fits = Query("crm/Accounts", filter="x" * (URL_LIMIT - bare))
    assert len(fits.url(BASE, 1)) == URL_LIMIT
    with pytest.raises(UrlTooLong):
        Query("crm/Accounts", filter="x" * (URL_LIMIT - bare + 1)).url(BASE, 1)


def test_many_values_are_split_over_addresses_that_fit() -> None:
    literals = [guid_literal(f"00000000-0000-0000-0000-{number:012d}") for number in range(300)]
    groups = list(in_groups("ID", literals))
    assert " or ".join(groups) == either("ID", literals)
    assert all(len(Query("crm/Accounts", filter=group).url(BASE, 123456)) <= URL_LIMIT for group in groups)
    assert len(groups) < 10


def test_no_values_make_no_filter() -> None:
    assert list(in_groups("ID", [])) == []


def test_a_resource_under_a_division_needs_one() -> None:
    with pytest.raises(ConfigurationError):
        Query("logistics/Items").url(BASE, None)


def test_errors_are_counted_per_resource_without_the_key() -> None:
    assert Query(record_path("crm/Accounts", GUID)).endpoint == "crm/Accounts"
