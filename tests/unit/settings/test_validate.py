"""Validation of a settings document: types, values, hints, conflicts and warnings."""

from __future__ import annotations

from typing import Any

import pytest

from exact_connector.settings import Settings
from exact_connector.settings.catalogue import ENTRIES
from exact_connector.settings.problems import Code
from exact_connector.settings.validate import MAX_COUNT, Validated, validate

BOOL_KEYS = [entry.key for entry in ENTRIES if entry.type_name == "bool"]
TEXT_KEYS = [entry.key for entry in ENTRIES if entry.type_name == "string"]
GUID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


def accepted(document: object) -> Settings:
    outcome = validate(document)
    assert outcome.settings is not None, outcome.problems
    return outcome.settings


def problems(outcome: Validated) -> list[tuple[str, str]]:
    return [(problem.key, problem.code.value) for problem in outcome.problems]


def warnings(document: dict[str, Any]) -> list[tuple[str, str]]:
    outcome = validate(document)
    assert outcome.settings is not None, outcome.problems
    return [(problem.key, problem.code.value) for problem in outcome.warnings]


def test_an_empty_document_is_all_defaults_without_findings() -> None:
    assert validate({}) == Validated(Settings(), (), ())


@pytest.mark.parametrize("document", [None, [], "x", 1, True, 1.5], ids=repr)
def test_a_document_that_is_no_object_is_refused(document: object) -> None:
    assert problems(validate(document)) == [("", "CONFIG_INVALID_TYPE")]


@pytest.mark.parametrize("key", BOOL_KEYS)
def test_a_switch_takes_booleans_and_their_texts(key: str) -> None:
    for value in (True, "true", "TRUE", "True", "1", " true "):
        assert getattr(accepted({key: value}), key) is True
    for value in (False, "false", "FALSE", "0", " 0"):
        assert getattr(accepted({key: value}), key) is False


@pytest.mark.parametrize("key", BOOL_KEYS)
def test_a_switch_refuses_everything_else(key: str) -> None:
    refused: list[object] = [1, 0, 1.0, "yes", "", "ja", None, [], {}]
    for value in refused:
        assert problems(validate({key: value})) == [(key, "CONFIG_INVALID_TYPE")]


@pytest.mark.parametrize("key", TEXT_KEYS)
def test_a_text_setting_refuses_what_is_no_text(key: str) -> None:
    for value in (1, True, 1.5, None, [], ["1"], {"a": 1}):
        assert problems(validate({key: value})) == [(key, "CONFIG_INVALID_TYPE")]


@pytest.mark.parametrize("key", TEXT_KEYS)
def test_an_empty_text_is_the_default(key: str) -> None:
    assert accepted({key: ""}) == Settings()


@pytest.mark.parametrize("key", [key for key in TEXT_KEYS if key != "SplitCharacterForExtraItemDescription"])
def test_a_text_of_white_space_is_the_default(key: str) -> None:
    assert accepted({key: " \t "}) == Settings()


@pytest.mark.parametrize(
    ("value", "stored"), [(0, 0), (20, 20), ("20", 20), (" 7 ", 7), (20.0, 20), (MAX_COUNT, MAX_COUNT)]
)
def test_the_number_of_orders_takes_integers_and_digits(value: object, stored: int) -> None:
    assert accepted({"OrderSelectTop": value}).OrderSelectTop == stored


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, "CONFIG_INVALID_VALUE"),
        ("-1", "CONFIG_INVALID_VALUE"),
        (1.5, "CONFIG_INVALID_VALUE"),
        ("1.5", "CONFIG_INVALID_VALUE"),
        ("twenty", "CONFIG_INVALID_VALUE"),
        ("", "CONFIG_INVALID_VALUE"),
        ("²", "CONFIG_INVALID_VALUE"),
        (float("nan"), "CONFIG_INVALID_VALUE"),
        (float("inf"), "CONFIG_INVALID_VALUE"),
        (1e300, "CONFIG_INVALID_VALUE"),
        (10**5000, "CONFIG_INVALID_VALUE"),
        ("9" * 5000, "CONFIG_INVALID_VALUE"),
        (MAX_COUNT + 1, "CONFIG_INVALID_VALUE"),
        (True, "CONFIG_INVALID_TYPE"),
        (None, "CONFIG_INVALID_TYPE"),
        ([], "CONFIG_INVALID_TYPE"),
    ],
    ids=lambda value: str(value)[:20] if not isinstance(value, int) or value < 10**20 else "huge",
)
def test_the_number_of_orders_refuses_everything_else(value: object, code: str) -> None:
    assert problems(validate({"OrderSelectTop": value})) == [("OrderSelectTop", code)]


NORMALISED = [
    ("Applicationkey", "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", GUID),
    ("Applicationkey", f" {GUID} ", GUID),
    ("CurrencyCodeIso", " eur ", "EUR"),
    ("Languages", "nl;de", "NL;DE"),
    ("Languages", "nl; fr-be ;;NL", "NL;FR-BE"),
    ("DefaultCountryForVatLiability", "be", "BE"),
    ("DefaultCountryForVatLiability", "UK", "GB"),
    ("VatLiableCode", " 2 ; 4;;2", "2;4"),
    ("ExcludePriceList", "INTERN; old;Old", "INTERN;old"),
    ("WarehouseForStock", "1;2;", "1;2"),
    ("VatCodeBasedOnCountryCode", "de = D19; FR=F20;", "DE=D19;FR=F20"),
    ("VatCodeBasedOnCountryCode", "uk=U20;EL=G24", "GB=U20;GR=G24"),
    ("AccountClassificationProperty", "classification2", "Classification2"),
    ("AccountClassificationPropertyForCustomerManager", "CLASSIFICATION8", "Classification8"),
    ("SplitCharacterForExtraItemDescription", " ", " "),
    ("SplitCharacterForExtraItemDescription", "\t", "\t"),
    ("SplitCharacterForExtraItemDescription", r"\t", r"\t"),
    ("SplitCharacterForExtraItemDescription", "|", "|"),
    ("PurchasePackeSizeIndex", "07", "07"),
    ("UseItemExtraDescriptionForItemField", " Description2 ", "Description2"),
    ("UseItemNotesForItemField", "My_Field1", "My_Field1"),
    ("FreeSortField", " Merk van het artikel ", "Merk van het artikel"),
    ("FreeFieldsRenaming", ' {"FreeTextField_01":"Brand"} ', '{"FreeTextField_01":"Brand"}'),
    ("WarehouseForOrder", " 1 ", "1"),
    ("PriceList2Id", " DEALER ", "DEALER"),
]


@pytest.mark.parametrize(
    ("key", "value", "stored"), NORMALISED, ids=[f"{row[0]}-{row[1].strip()!r}" for row in NORMALISED]
)
def test_a_text_is_stored_in_its_normal_form(key: str, value: str, stored: str) -> None:
    assert getattr(accepted({key: value}), key) == stored


INVALID = [
    ("Applicationkey", "abc"),
    ("Applicationkey", GUID[:-1]),
    ("Applicationkey", "{" + GUID),
    ("CurrencyCodeIso", "EURO"),
    ("CurrencyCodeIso", "E1R"),
    ("CurrencyCodeIso", "€€€"),
    ("Languages", "dutch"),
    ("Languages", "NL;"[:-1] + ";F"),
    ("Languages", "NL-"),
    ("Languages", "AA;AB;AC;AD;AE;AF;AG;AH;AI;AJ;AK"),
    ("UseItemExtraDescriptionForItemField", "2Description"),
    ("UseItemExtraDescriptionForItemField", "My Field"),
    ("UseItemNotesForItemField", "é"),
    ("UseItemNotesForItemField", "a-b"),
    ("SplitCharacterForExtraItemDescription", ";;"),
    ("SplitCharacterForExtraItemDescription", r"\n"),
    ("SplitCharacterForExtraItemDescription", "  "),
    ("PurchasePackeSizeIndex", "100"),
    ("PurchasePackeSizeIndex", "-1"),
    ("PurchasePackeSizeIndex", "a"),
    ("PurchasePackeSizeIndex", "١"),
    ("AccountClassificationProperty", "Classification9"),
    ("AccountClassificationProperty", "Classification0"),
    ("AccountClassificationProperty", "Classification"),
    ("AccountClassificationPropertyForCustomerManager", "2"),
    ("DefaultCountryForVatLiability", "NLD"),
    ("DefaultCountryForVatLiability", "1"),
    ("ShippingMethodCode", "D" * 5_000),
    ("VatLiableCode", "2;" + "4" * 61),
    ("PriceList2Id", "x" * 61),
    ("FreeSortField", "x" * 101),
    ("DefaultCountryForVatLiability", "XX"),
    ("VatCodeBasedOnCountryCode", "XX=2"),
    ("VatCodeBasedOnCountryCode", "EL=2;GR=3"),
    ("VatCodeBasedOnCountryCode", "DE"),
    ("VatCodeBasedOnCountryCode", "DE="),
    ("VatCodeBasedOnCountryCode", "=D19"),
    ("VatCodeBasedOnCountryCode", "DEU=D19"),
    ("VatCodeBasedOnCountryCode", "DE=D19=2"),
    ("VatCodeBasedOnCountryCode", "DE=D19;de=D20"),
    ("FreeFieldsRenaming", "Brand"),
    ("FreeFieldsRenaming", '["FreeTextField_01"]'),
    ("FreeFieldsRenaming", '{"FreeTextField_01":1}'),
    ("FreeFieldsRenaming", '{"FreeTextField_01":""}'),
    ("FreeFieldsRenaming", '{"FreeTextField_01":" "}'),
    ("FreeFieldsRenaming", '{" ":"Brand"}'),
    ("FreeFieldsRenaming", '{"FreeTextField_01":"Brand","FreeTextField_02":"Brand"}'),
    ("FreeFieldsRenaming", '{"FreeTextField_01":"A","FreeTextField_01":"B"}'),
    ("FreeFieldsRenaming", '{"FreeTextField_01":"FreeTextField_02"}'),
    ("FreeFieldsRenaming", "[" * 100_000),
    ("CustomCustomerFieldsMapping", "{}"),
    ("CustomCustomerFieldsMapping", "[1]"),
    ("CustomCustomerFieldsMapping", "[{}]"),
    ("CustomCustomerFieldsMapping", "nonsense"),
    ("GLAccountSalesCode", "80\x0000"),
    ("ShippingMethodCode", "DHL\ud800"),
]


@pytest.mark.parametrize(("key", "value"), INVALID, ids=[f"{key}-{ascii(value)[:40]}" for key, value in INVALID])
def test_a_text_of_the_wrong_form_is_refused(key: str, value: str) -> None:
    outcome = validate({key: value})
    assert outcome.settings is None
    assert problems(outcome) == [(key, "CONFIG_INVALID_VALUE")]
    assert key in outcome.problems[0].message
    assert len(outcome.problems[0].message) < 400
    outcome.problems[0].message.encode()


def test_ten_languages_are_accepted_and_repetitions_do_not_count() -> None:
    ten = "AA;AB;AC;AD;AE;AF;AG;AH;AI;AJ"
    assert accepted({"Languages": f"{ten};aa"}).Languages == ten


def test_a_wrong_client_id_is_never_repeated_in_the_message() -> None:
    outcome = validate({"Applicationkey": "s3cr3t-pasted-by-mistake"})
    assert "s3cr3t" not in outcome.problems[0].message
    assert "24 characters" in outcome.problems[0].message


HINTS = [
    ("PurchasePackageSizeIndex", "PurchasePackeSizeIndex"),
    ("purchasepackagesizeindex", "PurchasePackeSizeIndex"),
    ("SkipDiscountForStaffelItems", "SkipDiscountForStafflItems"),
    ("SendHouseNumberAndAdditionSeparate", "SendHouseNumberAndAdditionSeperate"),
    ("ApplicationKey", "Applicationkey"),
    ("passwebshopitem", "PassWebShopItem"),
    (" GetProspects", "GetProspects"),
    ("GetProspect", "GetProspects"),
    ("PriceList1Id", "PriceList"),
    ("WarehouseForOrders", "WarehouseForOrder"),
    ("ClientSecret", "never settings"),
    ("AccessToken", "never settings"),
    ("RefreshToken", "never settings"),
    ("Zebra", "settings schema"),
    ("", "settings schema"),
    ("x" * 100_000, "settings schema"),
]


@pytest.mark.parametrize(("key", "hint"), HINTS, ids=[row[0][:40] or "empty" for row in HINTS])
def test_an_unknown_key_is_refused_with_a_hint(key: str, hint: str) -> None:
    outcome = validate({key: "1"})
    assert problems(outcome) == [(key, "CONFIG_UNKNOWN_SETTING")]
    assert hint in outcome.problems[0].message
    assert len(outcome.problems[0].message) < 400


def test_the_value_of_an_unknown_key_is_never_repeated() -> None:
    assert "hunter2" not in validate({"ClientSecret": "hunter2"}).problems[0].message


def test_a_document_with_far_too_many_keys_gets_one_answer() -> None:
    assert problems(validate({f"k{n}": 1 for n in range(501)})) == [("", "CONFIG_UNKNOWN_SETTING")]


def test_every_fault_of_a_document_is_named_at_once() -> None:
    outcome = validate({"Nope": 1, "GetProspects": "yes", "CurrencyCodeIso": "?", "GetSuspects": True})
    assert outcome.settings is None
    assert problems(outcome) == [
        ("Nope", "CONFIG_UNKNOWN_SETTING"),
        ("GetProspects", "CONFIG_INVALID_TYPE"),
        ("CurrencyCodeIso", "CONFIG_INVALID_VALUE"),
    ]


EXTRA, NOTES = "UseItemExtraDescriptionForItemField", "UseItemNotesForItemField"
CONFLICTS = [
    ("one canonical target", {EXTRA: "Description2", NOTES: "description2"}, NOTES),
    ("one search description", {EXTRA: "SearchDescription", NOTES: "SEARCHDESCRIPTION"}, NOTES),
    ("one free field", {EXTRA: "Remark", NOTES: "remark"}, NOTES),
    ("the staffel text", {EXTRA: "Staffel", "PriceListCodeForStaffelFreeField": "A"}, EXTRA),
    ("the delivery dates", {NOTES: "DeliveryDates", "GetDeliveryDatesOffline": True}, NOTES),
    ("the price with VAT", {NOTES: "salespriceinclvat", "UseSalesPriceInclVatAsFreeField": True}, NOTES),
    ("a new name that a text has", {EXTRA: "Brand", "FreeFieldsRenaming": '{"Merk":"brand"}'}, "FreeFieldsRenaming"),
    (
        "a new name that a setting writes",
        {"GetDeliveryDatesOffline": True, "FreeFieldsRenaming": '{"FreeTextField_01":"DeliveryDates"}'},
        "FreeFieldsRenaming",
    ),
    ("liable and not", {"VatLiableCode": "2;4", "NotVatLiableCode": "7;4"}, "NotVatLiableCode"),
    ("liable and outside", {"VatLiableCode": "a6", "NotVatLiableCodeOutsideEU": "A6"}, "NotVatLiableCodeOutsideEU"),
]


@pytest.mark.parametrize(("document", "key"), [row[1:] for row in CONFLICTS], ids=[row[0] for row in CONFLICTS])
def test_contradicting_settings_are_refused(document: dict[str, Any], key: str) -> None:
    outcome = validate(document)
    assert outcome.settings is None
    assert problems(outcome) == [(key, "CONFIG_CONFLICT")]


@pytest.mark.parametrize(
    "document",
    [
        {EXTRA: "Description2", NOTES: "Description3"},
        {EXTRA: "Staffel"},
        {NOTES: "DeliveryDates", "SyncNextDeliveryDate": True},
        {EXTRA: "Description", "ExtraDescriptionOnDescription": True},
        {EXTRA: "Brand", "FreeFieldsRenaming": '{"Brand":"Make","FreeTextField_01":"Brand"}'},
        {"FreeFieldsRenaming": '{"FreeTextField_01":"FreeTextField_02","FreeTextField_02":"FreeTextField_01"}'},
        {"VatLiableCode": "2", "NotVatLiableCode": "7", "NotVatLiableCodeOutsideEU": "7"},
    ],
    ids=["two targets", "staffel off", "dates off", "long description", "renamed away", "swap", "both not liable"],
)
def test_settings_that_only_seem_to_contradict_are_accepted(document: dict[str, Any]) -> None:
    assert validate(document).problems == ()


IGNORED = [
    ("slot 2", {"AutoSyncPriceLists": True, "PriceList2Id": "A"}, ["PriceList2Id"]),
    (
        "slots 3, 4",
        {"AutoSyncPriceLists": True, "PriceList3Id": "A", "PriceList4Id": "B"},
        ["PriceList3Id", "PriceList4Id"],
    ),
    ("split character", {"SplitCharacterForExtraItemDescription": ";"}, ["SplitCharacterForExtraItemDescription"]),
    ("package index", {"PurchasePackeSizeIndex": "1"}, ["PurchasePackeSizeIndex"]),
    (
        "manager property",
        {"AccountClassificationPropertyForCustomerManager": "Classification2"},
        ["AccountClassificationPropertyForCustomerManager"],
    ),
    ("M3 over M4", {"SetUnitPrice": True, "SetOriginalPriceOnUnitPrice": True}, ["SetUnitPrice"]),
    ("M2 over M4", {"SetUnitPrice": True, "UseDiscountWithoutPriceOnOrder": True}, ["SetUnitPrice"]),
    (
        "M2 over both",
        {"SetUnitPrice": True, "SetOriginalPriceOnUnitPrice": True, "UseDiscountWithoutPriceOnOrder": True},
        ["SetOriginalPriceOnUnitPrice", "SetUnitPrice"],
    ),
    ("back orders of own orders", {"ShowOnlyBackOrderLines": True}, ["ShowOnlyBackOrderLines"]),
    (
        "next dates of own orders",
        {"ShowNextDeliveryDateOnBackOrderLines": True, "SyncNextDeliveryDate": True},
        ["ShowNextDeliveryDateOnBackOrderLines"],
    ),
    (
        "next dates nobody reads",
        {"ShowNextDeliveryDateOnBackOrderLines": True, "OrderHistoryBackoffice": True},
        ["ShowNextDeliveryDateOnBackOrderLines"],
    ),
]


IGNORED += [
    ("prefix without prospects", {"AddPrefixForProspectsAndSuspects": True}, ["AddPrefixForProspectsAndSuspects"]),
    ("currency check without lists", {"DisableCurrencyPriceListCheck": True}, ["DisableCurrencyPriceListCheck"]),
    (
        "equal prices without lists",
        {"DontDeletePriceListPricesSameAsDefaultPrice": True},
        ["DontDeletePriceListPricesSameAsDefaultPrice"],
    ),
    ("exclusion without lists", {"ExcludePriceList": "OLD"}, ["ExcludePriceList"]),
    ("an excluded slot", {"PriceList2Id": "old", "ExcludePriceList": "X;OLD"}, ["PriceList2Id"]),
    (
        "an excluded staffel list",
        {"PriceListCodeForStaffelFreeField": "OLD", "ExcludePriceList": "OLD"},
        ["PriceListCodeForStaffelFreeField"],
    ),
    ("one list in two slots", {"PriceList2Id": "A", "PriceList4Id": "a"}, ["PriceList4Id"]),
    *(
        (f"{key} without a price", {"UseDiscountWithoutPriceOnOrder": True, key: True}, [key])
        for key in ("RoundOrderLinePricesToTwoDecimals", "NetPriceIncludingVat", "NetPriceBasedOnVatLiability")
    ),
    (
        "a guard without automatic dates",
        {"OnlySetDeliveryDateForUnchangedOrderDate": True},
        ["OnlySetDeliveryDateForUnchangedOrderDate"],
    ),
    (
        "a part of a text that is not split",
        {"GetPurchasePackageSizeOnExtraItemDescription": True, "PurchasePackeSizeIndex": "1"},
        ["GetPurchasePackageSizeOnExtraItemDescription"],
    ),
    ("a renamed text that is not written", {"FreeFieldsRenaming": '{"staffel":"Tiers"}'}, ["FreeFieldsRenaming"]),
]


@pytest.mark.parametrize(("document", "keys"), [row[1:] for row in IGNORED], ids=[row[0] for row in IGNORED])
def test_a_setting_without_effect_is_warned_about(document: dict[str, Any], keys: list[str]) -> None:
    assert warnings(document) == [(key, "CONFIG_IGNORED_SETTING") for key in keys]


@pytest.mark.parametrize(
    "document",
    [
        {"PriceList2Id": "A"},
        {"GetPurchasePackageSizeOnExtraItemDescription": True, "SplitCharacterForExtraItemDescription": ";"},
        {
            "AccountClassificationOnCustomerManager": True,
            "AccountClassificationPropertyForCustomerManager": "Classification2",
        },
        {"SetUnitPrice": True},
        {"ShowNextDeliveryDateOnBackOrderLines": True, "OrderHistoryBackoffice": True, "SyncNextDeliveryDate": True},
        {"SearchCodeForEanCode": True, "SearchCodeOnCustomerManager": True},
        {"AddPrefixForProspectsAndSuspects": True, "GetSuspects": True},
        {"AutoSyncPriceLists": True, "ExcludePriceList": "OLD", "DisableCurrencyPriceListCheck": True},
        {"UseCurrencyFromPriceList": True, "ExcludePriceList": "OLD"},
        {"OnlySetDeliveryDateForUnchangedOrderDate": True, "CheckStockAndSetDeliveryDateOnOrderLine": True},
        {"RoundOrderLinePricesToTwoDecimals": True, "NetPriceIncludingVat": True},
        {"GetPurchasePackageSizeOnExtraItemDescription": True, "PurchasePackeSizeIndex": "0"},
        {"FreeFieldsRenaming": '{"Staffel":"Tiers"}', "PriceListCodeForStaffelFreeField": "A"},
    ],
    ids=str,
)
def test_settings_that_work_together_give_no_warning(document: dict[str, Any]) -> None:
    assert warnings(document) == []


def test_a_search_code_with_two_meanings_is_warned_about_and_accepted() -> None:
    document = {"SearchCodeForEanCode": True, "GetPurchasePackageSizeFromSearchCode": True}
    assert {code for _, code in warnings(document)} == {"CONFIG_DOUBLE_USE"}


def test_a_document_that_cannot_be_stored_names_its_largest_keys() -> None:
    outcome = validate({"VatLiableCode": ";".join(str(n) for n in range(3000)), "WarehouseForOrder": "1"})
    assert problems(outcome) == [("VatLiableCode", "CONFIG_TOO_LARGE")]
    assert "8192" in outcome.problems[0].message
    assert "VatLiableCode (" in outcome.problems[0].message


def test_a_problem_is_shown_with_key_code_and_message() -> None:
    shown = validate({"GetProspects": "yes"}).problems[0].as_dict()
    assert shown == {
        "key": "GetProspects",
        "code": Code.INVALID_TYPE,
        "message": "GetProspects is 'yes'; give true or false",
    }
