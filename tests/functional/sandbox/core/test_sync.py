"""The sync addresses, sync/Deleted and the read functions."""

from __future__ import annotations

import pytest

from functional.sandbox.core.small_world import DIVISION, ITEMS, Connected, guid


def table(exact: Connected, name: str):  # type: ignore[no-untyped-def]
    return exact.running.sandbox.world.divisions[DIVISION].table(name)


def versions(exact: Connected, after: int = 1) -> list[tuple[str, int]]:
    rows = exact.results(f"sync/Logistics/Items?$filter=Timestamp gt {after}L&$select=Code,Timestamp")
    return [(row["Code"], int(row["Timestamp"])) for row in rows]


def test_sync_gives_up_to_a_thousand_rows_in_the_order_of_their_versions(exact: Connected) -> None:
    found = versions(exact)
    assert len(found) == ITEMS
    assert [version for _, version in found] == sorted(version for _, version in found)


def test_a_change_brings_only_that_row_again_with_a_higher_version(exact: Connected) -> None:
    last = max(version for _, version in versions(exact))
    table(exact, "Items").update(guid(1, 5), {"Description": "Nieuw"})
    changed = versions(exact, last)
    assert [code for code, _ in changed] == ["A0005"]
    assert changed[0][1] > last


def test_several_changes_of_a_row_collapse_into_its_last_state(exact: Connected) -> None:
    last = max(version for _, version in versions(exact))
    for text in ("een", "twee"):
        table(exact, "Items").update(guid(1, 5), {"Description": text})
    rows = exact.results(f"sync/Logistics/Items?$filter=Timestamp gt {last}L&$select=Description")
    assert [row["Description"] for row in rows] == ["twee"]


def test_a_timestamp_beyond_int32_needs_its_suffix(exact: Connected) -> None:
    assert exact.get("sync/Logistics/Items?$filter=Timestamp gt 20000000000").status_code == 400
    assert exact.get("sync/Logistics/Items?$filter=Timestamp gt 20000000000L").status_code == 200


@pytest.mark.parametrize("condition", ["Code eq 'A0001'", "Modified gt datetime'2026-01-01T00:00:00'"])
def test_sync_filters_on_nothing_but_the_timestamp(exact: Connected, condition: str) -> None:
    assert exact.get(f"sync/Logistics/Items?$filter={condition}").status_code == 400


@pytest.mark.parametrize("field", ["StandardSalesPrice", "IsBatchNumberItem"])
def test_fields_that_the_sync_twin_lacks_cannot_be_selected(exact: Connected, field: str) -> None:
    assert exact.get(f"sync/Logistics/Items?$filter=Timestamp gt 1L&$select={field}").status_code == 400


def test_a_deletion_is_told_by_sync_deleted(exact: Connected) -> None:
    table(exact, "Items").delete(guid(1, 5))
    table(exact, "Accounts").delete(guid(2, 5))
    rows = exact.results("sync/Deleted?$filter=Timestamp gt 1L and EntityType eq 9")
    assert [(row["EntityType"], row["EntityKey"]) for row in rows] == [(9, guid(1, 5))]
    assert len(exact.results("sync/Deleted?$filter=Timestamp gt 1L")) == 2
    assert exact.get("sync/Deleted?$filter=EntityKey eq guid'" + guid(1, 5) + "'").status_code == 400


def test_a_late_commit_appears_below_the_cursor_within_its_bound(exact: Connected) -> None:
    division = exact.running.sandbox.world.divisions[DIVISION]
    with division.transaction(late_s=3):
        division.table("Items").update(guid(1, 5), {"Description": "laat"})
    division.table("Items").update(guid(1, 6), {"Description": "op tijd"})
    cursor = max(version for _, version in versions(exact))
    assert versions(exact, cursor) == []
    exact.running.clock.advance(3)
    assert versions(exact, cursor) == []
    assert [code for code, version in versions(exact, cursor - 2) if version < cursor] == ["A0005"]


def test_an_order_header_of_the_sync_stream_has_its_row_id_and_no_lines(exact: Connected) -> None:
    row = exact.results("sync/SalesOrder/SalesOrderHeaders?$filter=Timestamp gt 1L")[0]
    assert (row["OrderID"], row["ID"]) == (guid(3, 1), guid(5, 1))
    assert "SalesOrderLines" not in row


# --- read functions -----------------------------------------------------------------------------------------


def test_the_stock_of_one_item_over_all_warehouses(exact: Connected) -> None:
    row = exact.results(f"read/logistics/StockPosition?itemId=guid'{guid(1, 4)}'")[0]
    assert (row["ItemId"], row["InStock"], row["PlanningIn"]) == (guid(1, 4), 6.0, 2.0)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("read/logistics/StockPosition", id="no item"),
        pytest.param("read/logistics/StockPosition?itemId='x'", id="item of another type"),
        pytest.param(f"read/logistics/ItemExtraField?itemId=guid'{guid(1, 4)}'", id="no moment"),
        pytest.param("read/sync/Sync/SyncTimestamp?modified=datetime'2026-01-01'", id="no end point"),
        pytest.param(
            "read/sync/Sync/SyncTimestamp?modified=datetime'2026-01-01'&endPoint='Items'", id="items have none"
        ),
    ],
)
def test_a_read_function_wants_its_parameters(exact: Connected, path: str) -> None:
    assert exact.get(path).status_code == 400


def test_the_general_price_of_an_item_with_and_without_vat(exact: Connected) -> None:
    table(exact, "Items").update(guid(1, 4), {"SalesVatCode": "2  "})
    table(exact, "SalesItemPrices").load(
        [{"ID": guid(11, 1), "Item": guid(1, 4), "Price": 100.0, "Currency": "EUR", "Quantity": 1.0}]
    )
    row = exact.results(f"read/logistics/SalesItemPrice?itemId=guid'{guid(1, 4)}'")[0]
    assert (row["PriceExcludingVAT"], row["PriceIncludingVAT"], row["CurrencyCode"]) == (100.0, 121.0, "EUR")


def test_a_start_cursor_for_a_date(exact: Connected) -> None:
    table(exact, "SalesOrders").update(guid(3, 2), {"Description": "gewijzigd"})
    version = int(table(exact, "SalesOrders").get(guid(3, 2))["Timestamp"])
    path = "read/sync/Sync/SyncTimestamp?modified=datetime'2026-06-16'&endPoint='SalesOrderHeaders'"
    row = exact.results(path + "&$select=API,TimestampAsBigInt")[0]
    assert int(row["TimeStampAsBigInt"]) == version


@pytest.mark.parametrize("condition", ["Timestamp eq null", "1L lt Timestamp", "not (Timestamp gt 1L)"])
def test_unusual_conditions_on_the_timestamp_are_answered(exact: Connected, condition: str) -> None:
    found = exact.results(f"sync/Logistics/Items?$filter={condition}&$select=Code")
    assert len(found) == (ITEMS if condition.startswith("1L") else 0)


def test_a_row_is_also_found_under_the_address_that_it_tells(exact: Connected) -> None:
    row = exact.results("sync/CRM/Accounts?$filter=Timestamp gt 1L&$select=ID,BankAccounts&$top=2")[1]
    address = row["__metadata"]["uri"]
    assert exact.get(f"{address}?$select=ID").json()["d"]["ID"] == row["ID"]
    table(exact, "BankAccounts").load([{"ID": guid(13, 1), "Account": row["ID"], "BankAccount": "NL00"}])
    assert [each["BankAccount"] for each in exact.results(row["BankAccounts"]["__deferred"]["uri"])] == ["NL00"]
    table(exact, "Accounts").update(row["ID"], {"Name": "Anders"})
    assert exact.get(address).status_code == 404
    assert exact.get(f"sync/CRM/Accounts(guid'{row['ID']}')").status_code == 400
