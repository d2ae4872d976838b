"""Which items are delivered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.context import Options
from exact_connector.catalog.items import project_item
from exact_connector.errors import ConfigurationError
from exact_connector.settings import Settings
from unit.catalog.rows import CUSTOMER, TODAY, context, dated, documents, item, owner_rows, sales_price

ALL_ON = {
    "PassWebShopItem": True,
    "CheckIfItemIsActive": True,
    "IncludeNonSalesItems": False,
    "FieldUsedToIncludeItemsInSync": "FreeBoolField_01",
}
QUALIFIES = {"IsSalesItem": True, "IsWebshopItem": 1, "FreeBoolField_01": True}


def delivered(settings: Settings, row: dict[str, Any], **rest: Any) -> bool:
    return documents(settings, dated(row), **rest)["item:A"] is not None


def test_a_webshop_only_catalogue_drops_other_items() -> None:
    assert delivered(Settings(PassWebShopItem=True), item(IsWebshopItem=1))
    assert documents(Settings(PassWebShopItem=True), item(IsWebshopItem=0)) == {"item:A": None}
    assert delivered(Settings(), item(IsWebshopItem=0))


def test_an_empty_webshop_flag_counts_as_no() -> None:
    assert not delivered(Settings(PassWebShopItem=True), item(IsWebshopItem=None))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(None, "2025-06-10", True, id="on its last day"),
        pytest.param(None, "2025-06-09", False, id="ended yesterday"),
        pytest.param("2025-06-11", None, False, id="starts tomorrow"),
        pytest.param("2025-06-10", None, True, id="starts today"),
        pytest.param(None, None, True, id="no dates"),
    ],
)
def test_only_active_items_are_delivered_when_dates_are_checked(
    start: str | None, end: str | None, expected: bool
) -> None:
    row = item(StartDate=start, EndDate=end)
    assert delivered(Settings(CheckIfItemIsActive=True), row) is expected
    assert delivered(Settings(), row)


def test_items_that_are_not_sold_come_only_when_asked_for() -> None:
    row = item(IsSalesItem=False)
    assert not delivered(Settings(), row)
    found = documents(Settings(IncludeNonSalesItems=True), row)["item:A"]
    assert found["is_sales_item"] is False


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("FreeBoolField_02", True, True, id="flag set"),
        pytest.param("FreeBoolField_02", False, False, id="flag not set"),
        pytest.param("freeboolfield_02", True, True, id="name in other capitals"),
        pytest.param("FreeBoolField_02", None, False, id="flag empty"),
        pytest.param("FreeNumberField_01", Decimal("0.0"), False, id="number zero"),
        pytest.param("FreeNumberField_01", Decimal(-1), True, id="number below zero"),
        pytest.param("FreeTextField_03", "nee", False, id="text no in Dutch"),
        pytest.param("FreeTextField_03", " N ", False, id="text no in one letter"),
        pytest.param("FreeTextField_03", "false", False, id="text false"),
        pytest.param("FreeTextField_03", "  ", False, id="text of spaces"),
        pytest.param("FreeTextField_03", "web", True, id="any other text"),
        pytest.param("FreeDateField_01", "/Date(1735689600000)/", True, id="date"),
        pytest.param("IsWebshopItem", 1, True, id="byte flag"),
        pytest.param("IsWebshopItem", 0, False, id="byte flag not set"),
    ],
)
def test_a_field_decides_whether_an_item_is_delivered(name: str, value: Any, expected: bool) -> None:
    exact_name = {"freeboolfield_02": "FreeBoolField_02"}.get(name, name)
    row = item(**{exact_name: value})
    assert delivered(Settings(FieldUsedToIncludeItemsInSync=name), row) is expected
    assert delivered(Settings(), row)


def test_a_label_may_name_the_field() -> None:
    settings = Settings(FieldUsedToIncludeItemsInSync="web shop")
    yes = [{"Number": 24, "Description": "Web shop", "Value": "True"}]
    no = [{"Number": 24, "Description": "Web shop", "Value": "False"}]
    assert delivered(settings, item(), extra_field=yes)
    assert not delivered(settings, item(), extra_field=no)


def test_a_label_that_other_items_have_leaves_out_an_item_without_it() -> None:
    reference = {"extra_field": [{"Number": 24, "Description": "Web shop", "Value": "True"}]}
    assert not delivered(Settings(FieldUsedToIncludeItemsInSync="Web shop"), item(), reference=reference)


@pytest.mark.parametrize("included", [True, False])
def test_an_item_whose_own_fields_were_not_looked_up_yet_goes_by_the_property_of_the_label(included: bool) -> None:
    reference = {"extra_field": [{"Number": 24, "Description": "Web shop"}]}
    row = item(FreeBoolField_01=included)
    settings = Settings(FieldUsedToIncludeItemsInSync="Web shop")
    assert delivered(settings, row, reference=reference) is included


def test_a_label_that_the_items_do_not_have_stops_the_items_instead_of_deleting_them() -> None:
    other = [{"Number": 24, "Description": "Web shop", "Value": "True"}]
    with pytest.raises(ConfigurationError, match="FreeBoolFeild_01") as caught:
        documents(Settings(FieldUsedToIncludeItemsInSync="FreeBoolFeild_01"), item(), extra_field=other)
    assert caught.value.code == "CONFIG_INVALID_VALUE"


def test_an_item_whose_labels_were_not_read_yet_stays_as_it_is() -> None:
    rows = owner_rows(sales_price=[sales_price("9", Account=CUSTOMER)])
    found = project_item(rows, context(Settings(FieldUsedToIncludeItemsInSync="Web shop")))
    assert {entry.kind for entry in found} == {"item", "stock", "agreement"}
    assert all(entry.keep for entry in found)
    assert [warning.code for entry in found for warning in entry.warnings] == ["FIELD_LABELS_NOT_READ"]


def test_an_item_that_fails_another_condition_leaves_whatever_its_labels_say() -> None:
    settings = Settings(FieldUsedToIncludeItemsInSync="Web shop")
    assert documents(settings, item(IsSalesItem=False)) == {"item:A": None}
    assert not any(entry.keep for entry in project_item(owner_rows(item(IsSalesItem=False)), context(settings)))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, True, id="all conditions hold"),
        pytest.param({"IsSalesItem": False}, False, id="not sold"),
        pytest.param({"IsWebshopItem": 0}, False, id="not in the web shop"),
        pytest.param({"EndDate": "2025-06-09"}, False, id="no longer active"),
        pytest.param({"FreeBoolField_01": False}, False, id="field says no"),
    ],
)
def test_all_conditions_have_to_hold(changed: dict[str, Any], expected: bool) -> None:
    assert delivered(Settings(**ALL_ON), item(**(QUALIFIES | changed))) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"EndDate": "2025-06-20"}, date(2025, 6, 21), id="leaves the day after its end"),
        pytest.param({"EndDate": "2025-06-10"}, date(2025, 6, 11), id="leaves tomorrow"),
        pytest.param({"StartDate": "2025-07-01"}, date(2025, 7, 1), id="joins on its start"),
        pytest.param({"EndDate": "2025-06-01"}, None, id="gone for good"),
        pytest.param({"StartDate": "2025-01-01"}, None, id="here for good"),
    ],
)
def test_an_item_says_when_its_dates_change_what_is_delivered(row: dict[str, Any], expected: date | None) -> None:
    found = project_item(owner_rows(dated(item(**row))), context(Settings(CheckIfItemIsActive=True)))
    assert found[0].changes_on == expected
    assert project_item(owner_rows(dated(item(**row))), context())[0].changes_on is None


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"IsPurchaseItem": True}, True, id="no end date"),
        pytest.param({"IsPurchaseItem": True, "EndDate": "2025-06-11"}, True, id="ends after today"),
        pytest.param({"IsPurchaseItem": True, "EndDate": "2025-06-10"}, False, id="ends today"),
        pytest.param({"IsPurchaseItem": True, "EndDate": "2025-06-01"}, False, id="ended"),
        pytest.param({"IsPurchaseItem": False}, False, id="not purchased"),
        pytest.param({"IsPurchaseItem": True, "IsSalesItem": False}, True, id="purchased and not sold"),
    ],
)
def test_purchase_planning_takes_purchase_items_that_have_not_ended(row: dict[str, Any], expected: bool) -> None:
    assert delivered(Settings(), item(**row), options=Options(item_rule="purchase")) is expected


def test_a_purchase_item_leaves_on_its_end_date() -> None:
    row = dated(item(IsPurchaseItem=True, EndDate="2025-06-20"))
    found = project_item(owner_rows(row), context(options=Options(item_rule="purchase")))
    assert found[0].changes_on == date(2025, 6, 20)
    assert date(2025, 6, 20) > TODAY


def test_an_item_without_its_row_has_no_documents() -> None:
    rows = owner_rows()
    gone = type(rows)(rows.owner, {"sales_price": [{"ID": "x", "Price": Decimal(1)}]})
    assert project_item(gone, context()) == []
