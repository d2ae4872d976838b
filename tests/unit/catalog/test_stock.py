"""Stock in its scope and expected receipts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.context import Options
from exact_connector.catalog.items import project_item
from exact_connector.settings import Settings
from unit.catalog.rows import context, documents, item, item_document, owner_rows, plan, stock

TWO = [stock("1 ", 10, 3), stock("2", 5)]
NEXT = Settings(SyncNextDeliveryDate=True)
OFFLINE = Settings(GetDeliveryDatesOffline=True)


def stock_document(settings: Settings | None = None, row: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    found: dict[str, Any] = documents(settings, row, **rest)["stock:A"]
    return found


def quantities(found: dict[str, Any]) -> tuple[Any, ...]:
    return found["shelf"], found["to_be_delivered"], found["to_be_received"]


@pytest.mark.parametrize(
    ("setting", "expected", "codes"),
    [
        pytest.param("1", ("10", "3", "0"), ["1"], id="one warehouse"),
        pytest.param("", ("15", "3", "0"), ["1", "2"], id="all warehouses"),
        pytest.param("2;1", ("15", "3", "0"), ["2", "1"], id="two warehouses"),
        pytest.param("3", ("0", "0", "0"), ["3"], id="warehouse without rows"),
    ],
)
def test_stock_is_summed_over_the_warehouses_of_the_setting(
    setting: str, expected: tuple[str, ...], codes: list[str]
) -> None:
    found = stock_document(Settings(WarehouseForStock=setting), stock=TWO)
    assert (quantities(found), found["warehouse_codes"]) == (expected, codes)


def test_stock_without_rows_is_zero() -> None:
    found = stock_document()
    assert quantities(found) == ("0", "0", "0")
    assert found["last_available_stock"] == "0"


def test_an_item_that_is_not_stocked_has_no_stock_figures() -> None:
    found = documents(NEXT, item(IsStockItem=False), stock=TWO, planning=[plan("2025-06-20", 5)])
    assert quantities(found["stock:A"]) == (None, None, None)
    assert (found["stock:A"]["warehouses"], found["stock:A"]["planning"]) == ([], None)
    assert (found["item:A"]["last_available_stock"], found["item:A"]["next_delivery_date"]) == (None, None)


def test_the_stock_of_each_warehouse_is_delivered_besides() -> None:
    found = stock_document(Settings(WarehouseForStock="2"), stock=TWO[::-1])
    assert [(entry["code"], entry["shelf"]) for entry in found["warehouses"]] == [("1", "10"), ("2", "5")]


@pytest.mark.parametrize(
    ("warehouse", "shelf"),
    [
        pytest.param("1", "10", id="the default warehouse"),
        pytest.param("2", "5", id="another warehouse"),
        pytest.param("ALL", "15", id="all warehouses"),
        pytest.param("9", "0", id="a warehouse without rows"),
    ],
)
def test_purchase_planning_has_a_warehouse_of_its_own(warehouse: str, shelf: str) -> None:
    settings = Settings(WarehouseForStock="2")
    found = stock_document(settings, stock=TWO, options=Options(stock_warehouse=warehouse))
    assert (found["planning"]["warehouse"], found["planning"]["shelf"], found["shelf"]) == (warehouse, shelf, "5")


def test_rows_of_item_warehouses_count_like_stock_positions() -> None:
    row = {"WarehouseCode": "1", "CurrentStock": Decimal("1.5"), "PlannedStockOut": Decimal(2), "PlannedStockIn": None}
    assert quantities(stock_document(stock=[row])) == ("1.5", "2", "0")


def test_what_can_be_sold_is_the_shelf_less_what_is_to_be_delivered() -> None:
    rows = [stock("1", 10, 4)]
    assert item_document(stock=rows)["last_available_stock"] == "6"
    current = Settings(UseCurrentQuantityAsLastAvailableStock=True)
    assert item_document(current, stock=rows)["last_available_stock"] == "10"
    assert stock_document(current, stock=rows)["last_available_stock"] == "10"


def test_what_can_be_sold_may_be_below_zero() -> None:
    assert item_document(stock=[stock("1", 1, 4)])["last_available_stock"] == "-3"


def test_a_warehouse_that_does_not_exist_leaves_the_delivered_stock_as_it_is() -> None:
    reference = {"warehouse": [{"ID": "w1", "Code": "1"}]}
    known = context(Settings(WarehouseForStock="1;9"), reference)
    item_projection, stock_projection = project_item(owner_rows(stock=TWO), known)
    assert item_projection.document is not None
    assert (stock_projection.keep, stock_projection.document) == (True, None)
    assert [warning.code for warning in stock_projection.warnings] == ["CONFIG_REFERENCE_NOT_FOUND"]
    assert "9" in stock_projection.warnings[0].message


def test_delivered_stock_stays_until_it_is_known_which_warehouses_there_are() -> None:
    known = context(Settings(WarehouseForStock="9"), {"warehouse": ()})
    _, stock_projection = project_item(owner_rows(stock=TWO), known)
    assert (stock_projection.keep, stock_projection.document) == (True, None)
    everywhere = project_item(owner_rows(stock=TWO), context(Settings(), {"warehouse": ()}))[1]
    assert not everywhere.keep


RECEIPTS = [plan("2025-06-01", 1), plan("2025-06-20", 2), plan("2025-07-01", 3)]


def test_the_next_delivery_date_is_the_first_receipt_from_today_on() -> None:
    found = documents(NEXT, planning=RECEIPTS)
    assert found["item:A"]["next_delivery_date"] == "2025-06-20"
    assert found["stock:A"]["next_delivery_date"] == "2025-06-20"


def test_a_receipt_of_today_counts() -> None:
    assert item_document(NEXT, planning=[plan("2025-06-10", 1)])["next_delivery_date"] == "2025-06-10"


def test_without_receipts_the_next_delivery_date_is_empty_and_when_off_it_is_absent() -> None:
    assert item_document(NEXT)["next_delivery_date"] is None
    found = documents(Settings(), planning=RECEIPTS)
    assert "next_delivery_date" not in found["item:A"]
    assert "next_delivery_date" not in found["stock:A"]


@pytest.mark.parametrize("kind", [130, 140, 147, 160, 161])
def test_every_kind_of_receipt_counts(kind: int) -> None:
    assert item_document(NEXT, planning=[plan("2025-06-20", 1, kind=kind)])["next_delivery_date"] == "2025-06-20"


@pytest.mark.parametrize(
    ("row", "scope", "expected"),
    [
        pytest.param(plan("2025-06-20", 1, kind=120), "", None, id="a delivery is no receipt"),
        pytest.param(plan("2025-06-20", 0), "", None, id="no quantity"),
        pytest.param(plan("2025-06-20", -1), "", None, id="quantity below zero"),
        pytest.param(plan("2025-06-20", 1, kind=134), "", None, id="transfer while all warehouses count"),
        pytest.param(plan("2025-06-20", 1, kind=134), "1", "2025-06-20", id="transfer into the scope"),
        pytest.param(plan("2025-06-20", 1, warehouse="2"), "1", None, id="other warehouse"),
        pytest.param(plan("2025-06-20", 1, warehouse="2"), "1;2", "2025-06-20", id="warehouse of the scope"),
    ],
)
def test_only_receipts_of_the_scope_count(row: dict[str, Any], scope: str, expected: str | None) -> None:
    settings = Settings(SyncNextDeliveryDate=True, WarehouseForStock=scope)
    assert item_document(settings, planning=[row])["next_delivery_date"] == expected


DATES = [plan("2025-08-01", 5), plan("2025-07-01", 40), plan("2025-07-01", 60)]


def test_all_delivery_dates_can_be_delivered_with_their_quantities() -> None:
    found = documents(OFFLINE, planning=DATES)
    assert found["item:A"]["free_fields"] == {"DeliveryDates": "2025-07-01: 100; 2025-08-01: 5"}
    assert found["stock:A"]["delivery_dates"] == [
        {"date": "2025-07-01", "quantity": "100"},
        {"date": "2025-08-01", "quantity": "5"},
    ]
    assert "next_delivery_date" not in found["item:A"]


def test_delivery_dates_are_absent_when_switched_off_and_empty_when_there_are_none() -> None:
    off = documents(Settings(), planning=DATES)
    assert (off["item:A"]["free_fields"], "delivery_dates" in off["stock:A"]) == ({}, False)
    none = documents(OFFLINE)
    assert (none["item:A"]["free_fields"], none["stock:A"]["delivery_dates"]) == ({}, [])


def test_the_free_field_with_delivery_dates_can_be_renamed() -> None:
    settings = Settings(GetDeliveryDatesOffline=True, FreeFieldsRenaming='{"DeliveryDates":"Expected"}')
    assert item_document(settings, planning=DATES[:1])["free_fields"] == {"Expected": "2025-08-01: 5"}


def test_an_item_and_its_stock_change_when_a_receipt_has_passed() -> None:
    found = project_item(owner_rows(planning=RECEIPTS), context(NEXT))
    assert [entry.changes_on for entry in found] == [date(2025, 6, 21), date(2025, 6, 21)]
    assert project_item(owner_rows(planning=RECEIPTS), context())[0].changes_on is None
