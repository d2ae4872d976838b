"""Settings read into lists, maps and field references."""

from __future__ import annotations

import pytest

from exact_connector.settings import Settings
from exact_connector.settings import parsed as read
from exact_connector.settings.parsed import FieldReference, TextTarget
from exact_connector.settings.properties import FREE_FIELD_PROPERTIES, FREE_FIELDS_BY_NUMBER


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ()), (";;", ()), (" 2 ; 4 ;", ("2", "4")), ("A;a;B", ("A", "B")), ("x", ("x",))],
    ids=repr,
)
def test_a_list_is_split_and_trimmed(text: str, expected: tuple[str, ...]) -> None:
    assert read.codes(text) == expected


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("4", "4  ", True),
        ("                25", "25", True),
        ("d19", "D19", True),
        ("4", "40", False),
        ("", "", False),
        (None, None, False),
        (None, "4", False),
    ],
    ids=repr,
)
def test_codes_are_compared_without_padding_and_capitals(left: str | None, right: str | None, same: bool) -> None:
    assert read.same_code(left, right) is same


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("  ", None),
        ("freenumberfield_01", FieldReference("property", "FreeNumberField_01")),
        ("Class_10", FieldReference("property", "Class_10")),
        ("SEARCHCODE", FieldReference("property", "SearchCode")),
        ("StandardSalesPrice", FieldReference("property", "StandardSalesPrice")),
        ("Notes", FieldReference("property", "Notes")),
        ("FreeTextField_11", FieldReference("label", "FreeTextField_11")),
        ("Picture", FieldReference("label", "Picture")),
        (" Merk ", FieldReference("label", "Merk")),
    ],
    ids=repr,
)
def test_an_item_field_is_a_property_before_it_is_a_label(text: str, expected: FieldReference | None) -> None:
    assert read.item_field(text) == expected


def test_only_the_named_item_fields_are_listed() -> None:
    settings = Settings(FreeSortField="Merk", GetPurchasePackageSizeFromFreeField="freenumberfield_03")
    assert read.field_references(settings) == {
        "FreeSortField": FieldReference("label", "Merk"),
        "GetPurchasePackageSizeFromFreeField": FieldReference("property", "FreeNumberField_03"),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("DESCRIPTION", TextTarget("item", "description")),
        ("Description5", TextTarget("item", "description5")),
        ("searchDescription", TextTarget("item", "search_description")),
        ("Description6", TextTarget("free", "Description6")),
        ("ExtraDescription", TextTarget("free", "ExtraDescription")),
    ],
    ids=repr,
)
def test_the_target_of_a_text_is_a_canonical_or_a_free_field(text: str, expected: TextTarget | None) -> None:
    assert read.text_target(text) == expected


@pytest.mark.parametrize("text", ["FreeTextField_01", "freetextfield_01", " FREETEXTFIELD_01 "])
def test_a_free_field_of_exact_is_the_target_however_it_is_spelt(text: str) -> None:
    assert read.text_target(text) == read.TextTarget("free", "FreeTextField_01")


def test_renamed_properties_come_in_their_exact_spelling() -> None:
    settings = Settings(FreeFieldsRenaming='{"freetextfield_01":"Brand","staffel":"Tiers","Kleur":"Colour"}')
    assert dict(read.renaming(settings)) == {"FreeTextField_01": "Brand", "Staffel": "Tiers", "Kleur": "Colour"}


def test_a_text_that_validation_would_refuse_reads_as_empty() -> None:
    settings = Settings(FreeFieldsRenaming="{", CustomCustomerFieldsMapping="{", VatCodeBasedOnCountryCode="DE")
    assert dict(read.renaming(settings)) == {}
    assert read.custom_fields(settings) == ()
    assert dict(read.vat_code_by_country(settings)) == {}


def test_vat_codes_are_read_per_country() -> None:
    assert dict(read.vat_code_by_country(Settings(VatCodeBasedOnCountryCode="de=D19;FR=F20"))) == {
        "DE": "D19",
        "FR": "F20",
    }


LIST_ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("excluded", "expected"),
    [
        ("DEALER;OLD", True),
        ("dealer", True),
        (f"{{{LIST_ID.upper()}}}", True),
        (LIST_ID, True),
        ("DEAL", False),
        ("", False),
    ],
    ids=repr,
)
def test_a_price_list_is_excluded_by_code_or_guid(excluded: str, expected: bool) -> None:
    settings = Settings(ExcludePriceList=excluded)
    assert read.price_list_excluded(settings, code="Dealer  ", price_list_id=LIST_ID) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("", None), ("|", "|"), (" ", " "), (r"\t", "\t"), ("\\", "\\")], ids=repr
)
def test_the_split_character_may_be_a_tab(text: str, expected: str | None) -> None:
    assert read.split_character(Settings(SplitCharacterForExtraItemDescription=text)) == expected


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("0", 0), ("1", 1), ("07", 7)], ids=repr)
def test_the_package_index_counts_from_zero(text: str, expected: int) -> None:
    assert read.package_index(Settings(PurchasePackeSizeIndex=text)) == expected


@pytest.mark.parametrize(
    ("settings", "delivered", "manager"),
    [
        (Settings(), "Classification1", "Classification1"),
        (Settings(AccountClassificationProperty="Classification3"), "Classification3", "Classification3"),
        (
            Settings(AccountClassificationPropertyForCustomerManager="Classification2"),
            "Classification1",
            "Classification2",
        ),
    ],
    ids=["default", "delivered", "manager"],
)
def test_the_manager_uses_the_delivered_classification_unless_told(
    settings: Settings, delivered: str, manager: str
) -> None:
    assert read.classification_property(settings) == delivered
    assert read.manager_classification_property(settings) == manager


@pytest.mark.parametrize(
    ("prospects", "suspects", "expected"),
    [(False, False, "C"), (True, False, "CP"), (False, True, "CS"), (True, True, "CPS")],
)
def test_prospects_and_suspects_are_chosen_independently(prospects: bool, suspects: bool, expected: str) -> None:
    settings = Settings(GetProspects=prospects, GetSuspects=suspects)
    assert read.customer_statuses(settings) == frozenset(expected)


def test_stock_counts_over_the_named_warehouses() -> None:
    assert read.stock_warehouses(Settings(WarehouseForStock="1;2")) == ("1", "2")
    assert read.stock_warehouses(Settings()) == ()


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "FreeTextField_01"),
        (10, "FreeTextField_10"),
        (11, "FreeNumberField_01"),
        (18, "FreeNumberField_08"),
        (19, "FreeDateField_01"),
        (23, "FreeDateField_05"),
        (24, "FreeBoolField_01"),
        (28, "FreeBoolField_05"),
    ],
)
def test_a_numbered_label_leads_to_its_free_field(number: int, name: str) -> None:
    assert FREE_FIELDS_BY_NUMBER[number] == name
    assert sorted(FREE_FIELDS_BY_NUMBER.values()) == sorted(FREE_FIELD_PROPERTIES)
