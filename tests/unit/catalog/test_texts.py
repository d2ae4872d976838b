"""The texts, free fields, classes and filters of an item."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exact_connector.settings import Settings
from unit.catalog.rows import exact_date, item, item_document

LABEL = [{"Number": 3, "Description": "Colour", "Value": "Red"}]


def test_the_ean_code_comes_from_the_barcode_or_the_search_code() -> None:
    row = item(Barcode="8712345000011", SearchCode=" 8799999000012 ")
    assert item_document(Settings(), row)["ean_code"] == "8712345000011"
    assert item_document(Settings(SearchCodeForEanCode=True), row)["ean_code"] == "8799999000012"


def test_the_barcode_is_no_fallback_for_an_empty_search_code() -> None:
    assert item_document(Settings(SearchCodeForEanCode=True), item(Barcode="8712345000011"))["ean_code"] is None


@pytest.mark.parametrize(
    ("target", "field", "expected"),
    [
        pytest.param("Description2", "description2", "Blue, 12 pcs", id="second description"),
        pytest.param("description5", "description5", "Blue, 12 pcs", id="fifth description in other capitals"),
        pytest.param("SearchDescription", "search_description", "Blue, 12 pcs", id="search description"),
        pytest.param("Description", "description", "Blue, 12 pcs", id="description itself"),
        pytest.param("ExtraDescription", "free_fields", {"ExtraDescription": "Blue, 12 pcs"}, id="a free field"),
    ],
)
def test_the_extra_description_is_copied_to_its_target(target: str, field: str, expected: Any) -> None:
    row = item(ExtraDescription=" Blue, 12 pcs ")
    assert item_document(Settings(UseItemExtraDescriptionForItemField=target), row)[field] == expected
    assert item_document(Settings(), row)[field] != expected


@pytest.mark.parametrize(
    ("target", "field", "expected"),
    [
        pytest.param("Description2", "description2", None, id="canonical field becomes empty"),
        pytest.param("Description", "description", "Chair", id="description stays"),
        pytest.param("FreeTextField_01", "free_fields", {}, id="free field disappears"),
    ],
)
def test_an_empty_text_clears_its_target_but_never_the_description(target: str, field: str, expected: Any) -> None:
    row = item(ExtraDescription="  ", FreeTextField_01="old")
    assert item_document(Settings(UseItemExtraDescriptionForItemField=target), row)[field] == expected


def test_the_notes_are_copied_to_their_target_with_line_breaks() -> None:
    row = item(Notes="\n garden chair\nteak \n")
    found = item_document(Settings(UseItemNotesForItemField="SearchDescription"), row)
    assert found["search_description"] == "garden chair\nteak"
    assert item_document(Settings(), row)["search_description"] is None


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        pytest.param("Garden chair, teak, 60x60", "Garden chair, teak, 60x60", id="longer text"),
        pytest.param(None, "Chair", id="no longer text"),
        pytest.param("   ", "Chair", id="only spaces"),
    ],
)
def test_the_extra_description_replaces_the_description_when_it_is_filled(extra: str | None, expected: str) -> None:
    row = item(ExtraDescription=extra)
    assert item_document(Settings(ExtraDescriptionOnDescription=True), row)["description"] == expected
    assert item_document(Settings(), row)["description"] == "Chair"


def test_each_language_has_its_own_description() -> None:
    texts: dict[str, Any] = {
        "item_text__NL": [{"Description": "Stoel", "ExtraDescription": "Tuinstoel"}],
        "item_text__DE": [{"Description": "Stuhl"}],
    }
    assert item_document(Settings(Languages="NL;DE"), **texts)["descriptions"] == {"NL": "Stoel", "DE": "Stuhl"}
    assert item_document(Settings(), **texts)["descriptions"] == {}


def test_translations_follow_the_rule_for_extra_descriptions() -> None:
    settings = Settings(Languages="NL;DE", ExtraDescriptionOnDescription=True)
    texts: dict[str, Any] = {
        "item_text__NL": [{"Description": "Stoel", "ExtraDescription": "Tuinstoel"}],
        "item_text__DE": [{"Description": "Stuhl"}],
    }
    assert item_document(settings, **texts)["descriptions"] == {"NL": "Tuinstoel", "DE": "Stuhl"}


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        pytest.param("FreeNumberField_01", {"FreeNumberField_01": Decimal("30.0")}, "30", id="number"),
        pytest.param("FreeNumberField_01", {"FreeNumberField_01": Decimal("0.50")}, "0.5", id="fraction"),
        pytest.param("FreeDateField_02", {"FreeDateField_02": exact_date("2025-03-30")}, "2025-03-30", id="date"),
        pytest.param("FreeBoolField_01", {"FreeBoolField_01": True}, "1", id="flag set"),
        pytest.param("FreeBoolField_01", {"FreeBoolField_01": False}, "0", id="flag not set"),
        pytest.param("class_04", {"Class_04": " RD "}, "RD", id="class in other capitals"),
        pytest.param("Colour", {}, "Red", id="label"),
        pytest.param("FreeTextField_09", {"FreeTextField_09": None}, None, id="empty"),
        pytest.param("No such field", {}, None, id="unknown label"),
        pytest.param("", {"FreeTextField_01": "x"}, None, id="switched off"),
    ],
)
def test_sort_field_and_status_show_the_value_as_text(name: str, values: dict[str, Any], expected: str | None) -> None:
    row = item(**values)
    found = item_document(Settings(FreeSortField=name), row, extra_field=LABEL)
    assert (found["free_sort_field"], found["item_status"]) == (expected, None)
    found = item_document(Settings(ItemFreeFieldNameForItemStatus=name), row, extra_field=LABEL)
    assert (found["free_sort_field"], found["item_status"]) == (None, expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"FreeTextField_03": " Red "}, "Red"), ({"FreeTextField_03": None}, None), ({}, None)],
    ids=["filled", "empty", "absent"],
)
def test_an_item_whose_own_fields_were_not_looked_up_yet_shows_the_property_of_the_label(
    values: dict[str, Any], expected: str | None
) -> None:
    reference = {"extra_field": [{"Number": 3, "Description": "Colour"}, {"Number": 5, "Description": "Colour"}]}
    settings = Settings(FreeSortField="colour", FreeFieldsRenaming='{"Colour": "Shade"}')
    found = item_document(settings, item(**values), reference=reference)
    assert found["free_sort_field"] == expected
    assert found["free_fields"] == ({"Shade": "Red"} if expected else {})


@pytest.mark.parametrize(
    ("number", "name", "value", "expected"),
    [
        pytest.param(12, "FreeNumberField_02", Decimal("2.50"), "2.5", id="number"),
        pytest.param(19, "FreeDateField_01", exact_date("2025-01-01"), "2025-01-01", id="date"),
        pytest.param(24, "FreeBoolField_01", True, "1", id="flag"),
        pytest.param(24, "FreeBoolField_01", False, None, id="flag not set"),
        pytest.param(77, "FreeTextField_01", "x", None, id="unknown number"),
    ],
)
def test_the_number_of_a_label_says_which_property_it_is(
    number: int, name: str, value: Any, expected: str | None
) -> None:
    reference = {"extra_field": [{"Number": number, "Description": "Label"}]}
    found = item_document(Settings(FreeSortField="Label"), item(**{name: value}), reference=reference)
    assert found["free_sort_field"] == expected


def test_the_status_is_the_trimmed_text_of_its_field() -> None:
    row = item(FreeTextField_05=" Phase out ")
    found = item_document(Settings(ItemFreeFieldNameForItemStatus="FreeTextField_05"), row)
    assert found["item_status"] == "Phase out"


def test_free_fields_hold_only_what_is_filled_in_its_own_type() -> None:
    row = item(
        FreeTextField_01=" Acme ",
        FreeTextField_02=" ",
        FreeNumberField_01=Decimal("2.50"),
        FreeNumberField_02=Decimal(0),
        FreeBoolField_01=False,
        FreeDateField_01=exact_date("2025-01-01"),
        FreeDateField_02=None,
    )
    assert item_document(Settings(), row)["free_fields"] == {
        "FreeTextField_01": "Acme",
        "FreeNumberField_01": "2.5",
        "FreeNumberField_02": "0",
        "FreeBoolField_01": False,
        "FreeDateField_01": "2025-01-01",
    }


@pytest.mark.parametrize(
    ("renaming", "expected"),
    [
        pytest.param('{"FreeTextField_01":"Brand"}', {"Brand": "Acme", "FreeTextField_03": "Red"}, id="by name"),
        pytest.param('{"freetextfield_01":"Brand"}', {"Brand": "Acme", "FreeTextField_03": "Red"}, id="other capitals"),
        pytest.param('{"colour":"Colour"}', {"FreeTextField_01": "Acme", "Colour": "Red"}, id="by label"),
        pytest.param(
            '{"FreeTextField_01":"FreeTextField_03","FreeTextField_03":"FreeTextField_01"}',
            {"FreeTextField_01": "Red", "FreeTextField_03": "Acme"},
            id="two change names",
        ),
        pytest.param('{"Weight":"W"}', {"FreeTextField_01": "Acme", "FreeTextField_03": "Red"}, id="not there"),
    ],
)
def test_free_fields_can_be_renamed(renaming: str, expected: dict[str, str]) -> None:
    row = item(FreeTextField_01="Acme", FreeTextField_03="Red")
    assert item_document(Settings(FreeFieldsRenaming=renaming), row, extra_field=LABEL)["free_fields"] == expected


def test_renaming_comes_last_so_other_settings_use_the_old_names() -> None:
    settings = Settings(
        FreeFieldsRenaming='{"FreeTextField_01":"Brand","Info":"Remarks"}',
        FreeSortField="FreeTextField_01",
        UseItemNotesForItemField="Info",
    )
    found = item_document(settings, item(FreeTextField_01="Acme", Notes="teak"))
    assert found["free_fields"] == {"Brand": "Acme", "Remarks": "teak"}
    assert found["free_sort_field"] == "Acme"


def test_a_text_target_is_written_after_the_extra_description_became_the_description() -> None:
    settings = Settings(ExtraDescriptionOnDescription=True, UseItemNotesForItemField="Description")
    row = item(ExtraDescription="Garden chair", Notes="From the notes")
    assert item_document(settings, row)["description"] == "From the notes"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param([{"ItemAssortmentCode": 1, "Code": "RD ", "Description": "Red"}], {"1": "Red"}, id="known"),
        pytest.param([{"ItemAssortmentCode": 2, "Code": "RD", "Description": "Red"}], {"1": "RD"}, id="other class"),
        pytest.param([{"ItemAssortmentCode": 1, "Code": "RD", "Description": " "}], {"1": "RD"}, id="no description"),
        pytest.param([], {"1": "RD"}, id="no properties"),
    ],
)
def test_classes_show_the_description_of_the_assortment(
    properties: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    row, reference = item(Class_01="RD", Class_02=None), {"assortment_property": properties}
    assert item_document(Settings(UseItemAssortmentDescriptions=True), row, reference=reference)["classes"] == expected
    assert item_document(Settings(), row, reference=reference)["classes"] == {"1": "RD"}


def test_the_warehouse_filter_lists_every_linked_warehouse_whatever_its_stock() -> None:
    linked = [{"WarehouseCode": code, "CurrentStock": 0} for code in ("2", "1 ", "2")]
    settings = Settings(CreateWarehouseItemFilter=True, WarehouseForStock="1")
    assert item_document(settings, item_warehouse=linked)["filters"] == {"Warehouse": ["1", "2"]}
    assert item_document(settings)["filters"] == {"Warehouse": []}
    assert item_document(Settings(), item_warehouse=linked)["filters"] == {}


def test_pictures_are_listed_unless_they_come_from_elsewhere() -> None:
    row = item(PictureName="chair.jpg", PictureUrl="https://exact.example/docs/SysImage.aspx?ID=1")
    stored = {"file_name": "chair.jpg", "url": "/v1/assets/1", "content_type": "image/jpeg", "sha256": "ab"}
    [picture] = item_document(Settings(), row, picture=[stored])["pictures"]
    assert picture == {**stored, "thumbnails": {}}
    assert "pictures" not in item_document(Settings(DisablePicturesFromEOL=True), row)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="no picture"),
        pytest.param({"PictureName": "x", "PictureUrl": "https://e/images/placeholder_item.png"}, id="placeholder"),
    ],
)
def test_an_item_without_a_picture_has_an_empty_list(values: dict[str, str]) -> None:
    assert item_document(Settings(), item(**values))["pictures"] == []


def test_a_picture_that_is_not_stored_yet_has_its_name_only() -> None:
    [picture] = item_document(Settings(), item(PictureName="chair.jpg"), picture=[{"file_name": "old.jpg"}])["pictures"]
    assert (picture["file_name"], picture["url"], picture["sha256"]) == ("chair.jpg", None, None)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param([("DRK", "Drinks"), ("FD", "Food")], "Drinks", id="description of one group"),
        pytest.param([("DRK", "Drinks"), ("DR2", "Drinks")], "DRK", id="description of two groups"),
        pytest.param([], "Drinks", id="groups not read"),
    ],
)
def test_the_item_group_can_be_named_by_its_description(groups: list[tuple[str, str]], expected: str) -> None:
    reference = {"item_group": [{"Code": code, "Description": description} for code, description in groups]}
    row = item(ItemGroupCode="DRK", ItemGroupDescription="Drinks ")
    by_description = Settings(GetItemGroupByDescription=True)
    assert item_document(by_description, row, reference=reference)["item_group"] == expected
    assert item_document(Settings(), row, reference=reference)["item_group"] == "DRK"


def test_an_item_without_a_group_has_none() -> None:
    assert item_document(Settings(GetItemGroupByDescription=True))["item_group"] is None
