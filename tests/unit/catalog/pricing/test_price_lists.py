"""Price lists: which are delivered, their rows, special offers, discounts on item groups."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.items import project_item
from exact_connector.catalog.reference import project_reference
from exact_connector.settings import Settings
from unit.catalog.rows import (
    CUSTOMER,
    context,
    documents,
    item,
    item_document,
    lists,
    owner_rows,
    period,
    price_list,
    rate,
    reference_documents,
    sales_price,
    volume,
)

ABC = lists("A", "B", "C")
DEALER = lists("DEALER")
AUTO = Settings(AutoSyncPriceLists=True)
GENERATE = Settings(AutoSyncPriceLists=True, GenerateCurrencyPriceLists=True, EnableOfflineTierPrices=True)


def delivered(settings: Settings) -> dict[str, int | None]:
    found = reference_documents(settings, ABC)
    return {entry["code"]: entry["slot"] for key, entry in found.items() if key.startswith("price_list:") and entry}


def dealer_prices(settings: Settings, *rows: dict[str, Any], **rest: Any) -> dict[str, Any] | None:
    found = documents(settings, volume_discount=rows, reference=rest.pop("reference", DEALER), **rest)
    return found.get("price_list_rows:DEALER/A")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Settings(), {}, id="nothing configured"),
        pytest.param(AUTO, {"A": None, "B": None, "C": None}, id="all lists"),
        pytest.param(Settings(AutoSyncPriceLists=True, ExcludePriceList="b"), {"A": None, "C": None}, id="all but one"),
        pytest.param(
            Settings(AutoSyncPriceLists=True, PriceList2Id="C"), {"A": None, "B": None, "C": None}, id="slots ignored"
        ),
        pytest.param(Settings(PriceList2Id="C"), {"C": 2}, id="slot 2"),
        pytest.param(Settings(PriceList3Id="c"), {"C": 3}, id="slot 3 in other capitals"),
        pytest.param(Settings(PriceList4Id="{L-A}"), {"A": 4}, id="slot 4 by identifier"),
        pytest.param(Settings(PriceList2Id="A", PriceList4Id="l-a"), {"A": 2}, id="twice in its lowest slot"),
        pytest.param(Settings(PriceList2Id="A", ExcludePriceList="A;B"), {}, id="excluded beats the slot"),
        pytest.param(Settings(PriceList2Id="X"), {}, id="unknown list"),
    ],
)
def test_the_settings_decide_which_lists_are_delivered(settings: Settings, expected: dict[str, int | None]) -> None:
    assert delivered(settings) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Settings(PriceList2Id="X"), ["CONFIG_REFERENCE_NOT_FOUND"], id="slot"),
        pytest.param(
            Settings(PriceListCodeForStaffelFreeField="X"), ["CONFIG_REFERENCE_NOT_FOUND"], id="list of the tiers"
        ),
        pytest.param(Settings(PriceList2Id="A", ExcludePriceList="A"), [], id="excluded"),
        pytest.param(Settings(PriceListCodeForStaffelFreeField="A", ExcludePriceList="A"), [], id="excluded tiers"),
        pytest.param(AUTO, [], id="all lists"),
    ],
)
def test_a_list_that_does_not_exist_is_reported_and_stops_nothing(settings: Settings, expected: list[str]) -> None:
    found = project_reference(context(settings, ABC))
    assert [warning.code for entry in found for warning in entry.warnings] == expected
    assert all(entry.keep for entry in found if entry.warnings)


def test_a_list_without_a_code_or_with_a_code_that_is_taken_is_left_out() -> None:
    rows = [price_list("A"), {**price_list("a"), "ID": "l-0"}, {**price_list("X"), "Code": " "}, {"Code": "Y"}]
    found = context(AUTO, {"price_list": rows[::-1]}).price_lists
    assert [(entry.code, entry.list_id) for entry in found.delivered.values()] == [("A", "l-a")]


def test_a_list_has_its_rows_in_documents_of_their_own() -> None:
    found = dealer_prices(AUTO, volume("9.5", Discount=Decimal("0.05")))
    assert found is not None
    assert (found["price_list_code"], found["currency"], found["tier_prices"]) == ("DEALER", "EUR", [])
    assert found["prices"] == [
        {
            "item_code": "A",
            "price_list_code": "DEALER",
            "currency": "EUR",
            "unit": "pc",
            "price": "9.5",
            "discount_percentage": "5",
            "valid_from": None,
            "valid_to": None,
            "vat_included": False,
        }
    ]
    assert dealer_prices(Settings(), volume("9.5")) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"EntryMethod": 2, "NewPrice": Decimal("9.5")}, "9.5", id="price leads"),
        pytest.param(
            {"EntryMethod": 1, "BasePriceAmount": Decimal(10), "Discount": Decimal("0.055"), "NewPrice": Decimal(1)},
            "9.45",
            id="discount leads",
        ),
        pytest.param({"EntryMethod": 1, "BasePriceAmount": Decimal(10), "Discount": None}, "10", id="no discount"),
        pytest.param({"EntryMethod": 1, "BasePriceAmount": None}, None, id="discount without a base price"),
        pytest.param({"EntryMethod": 2, "NewPrice": None}, None, id="no price"),
        pytest.param(
            {"EntryMethod": 1, "BasePriceAmount": Decimal("9.99"), "Discount": Decimal("0.333333")},
            "6.660003",
            id="six decimals",
        ),
    ],
)
def test_the_entry_method_decides_how_the_price_is_found(values: dict[str, Any], expected: str | None) -> None:
    found = dealer_prices(AUTO, {**volume("1"), **values})
    assert (found["prices"][0]["price"] if found else None) == expected


SPECIAL = {**period("DEALER", Type=2), "ID": "p-special"}
OFFERS = {**DEALER, "price_list_period": [period("DEALER"), SPECIAL]}


def test_a_special_offer_beats_the_basic_price_per_quantity() -> None:
    settings = Settings(AutoSyncPriceLists=True, EnableOfflineTierPrices=True)
    rows = [volume("9"), volume("8", 24), volume("7", 48), volume("8.5", 24, period="p-special")]
    found = dealer_prices(settings, *rows, reference=OFFERS)
    assert found is not None
    assert found["prices"][0]["price"] == "9"
    tiers = [(tier["min_quantity"], tier["price"]) for tier in found["tier_prices"]]
    assert tiers == [("24", "8.5"), ("48", "7")]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param({"StartDate": "2025-06-10", "EndDate": "2025-06-10"}, "8", id="only today"),
        pytest.param({"EndDate": "2025-06-09"}, "9", id="offer has passed"),
        pytest.param({"StartDate": "2025-06-11"}, "9", id="offer lies ahead"),
    ],
)
def test_a_special_offer_counts_in_its_period_only(dates: dict[str, str], expected: str) -> None:
    reference = {**DEALER, "price_list_period": [period("DEALER"), {**period("DEALER", **dates), **_special()}]}
    found = dealer_prices(AUTO, volume("9"), volume("8", period="p-special"), reference=reference)
    assert found is not None
    assert found["prices"][0]["price"] == expected


def _special() -> dict[str, Any]:
    return {"ID": "p-special", "Type": 2}


def test_an_item_says_when_a_period_of_its_prices_changes() -> None:
    ahead = {**DEALER, "price_list_period": [period("DEALER", StartDate="2025-07-01", EndDate="2025-07-31")]}
    rows = owner_rows(volume_discount=[volume("9")])
    assert project_item(rows, context(AUTO, ahead))[0].changes_on == date(2025, 7, 1)
    assert project_item(rows, context(AUTO, ahead, today=date(2025, 7, 1)))[0].changes_on == date(2025, 8, 1)
    assert project_item(rows, context(AUTO, ahead, today=date(2025, 8, 1)))[0].changes_on is None


def test_rows_of_unknown_periods_and_excluded_lists_are_left_out() -> None:
    assert dealer_prices(AUTO, volume("9", period="p-gone")) is None
    excluded = Settings(AutoSyncPriceLists=True, ExcludePriceList="DEALER")
    assert dealer_prices(excluded, volume("9")) is None


@pytest.mark.parametrize(
    ("row", "standard", "expected"),
    [
        pytest.param(volume("10.00"), sales_price("10"), False, id="equal"),
        pytest.param(volume("10.01"), sales_price("10"), True, id="other price"),
        pytest.param(volume("10", Unit="box"), sales_price("10"), True, id="other unit"),
        pytest.param(volume("10", Unit=None), sales_price("10", Unit=None), False, id="both in the item's unit"),
        pytest.param(volume("10"), sales_price("10", Currency="USD"), True, id="other currency"),
        pytest.param(
            {**volume("1"), "EntryMethod": 1, "BasePriceAmount": Decimal("10.0000001"), "Discount": Decimal(0)},
            sales_price("10"),
            False,
            id="equal to six decimals",
        ),
    ],
)
def test_a_list_price_equal_to_the_standard_price_is_left_out(
    row: dict[str, Any], standard: dict[str, Any], expected: bool
) -> None:
    assert (dealer_prices(AUTO, row, sales_price=[standard]) is not None) is expected
    keep = Settings(AutoSyncPriceLists=True, DontDeletePriceListPricesSameAsDefaultPrice=True)
    assert dealer_prices(keep, row, sales_price=[standard]) is not None


def test_a_list_price_stays_when_the_standard_price_is_not_known() -> None:
    assert dealer_prices(AUTO, volume("10")) is not None


def test_a_list_price_in_a_currency_whose_standard_price_is_not_delivered_stays() -> None:
    reference = {"price_list": [price_list("DEALER", "USD")], "price_list_period": [period("DEALER")]}
    rows = [sales_price("10"), sales_price("12", Currency="USD")]
    assert dealer_prices(AUTO, volume("12"), sales_price=rows, reference=reference) is not None
    both = Settings(AutoSyncPriceLists=True, VariantCurrency=True)
    assert dealer_prices(both, volume("12"), sales_price=rows, reference=reference) is None


def test_of_two_rows_of_a_list_the_smallest_identifier_wins() -> None:
    rows = [volume("9", ID="b"), volume("8", ID="a"), volume("7", 24, ID="d"), volume("6", 24, ID="c")]
    settings = Settings(AutoSyncPriceLists=True, EnableOfflineTierPrices=True)
    for given in (rows, rows[::-1]):
        found = dealer_prices(settings, *given)
        assert found is not None
        assert (found["prices"][0]["price"], found["tier_prices"][0]["price"]) == ("8", "6")


def test_tiers_are_never_left_out_for_being_equal() -> None:
    settings = Settings(AutoSyncPriceLists=True, EnableOfflineTierPrices=True)
    found = dealer_prices(settings, volume("10"), volume("10", 24), sales_price=[sales_price("10")])
    assert found is not None
    assert (found["prices"], [tier["price"] for tier in found["tier_prices"]]) == ([], ["10"])


def test_tiers_of_lists_are_delivered_only_when_switched_on() -> None:
    rows = [volume("10"), volume("9", 24)]
    found = dealer_prices(AUTO, *rows)
    assert found is not None
    assert found["tier_prices"] == []
    found = dealer_prices(Settings(AutoSyncPriceLists=True, EnableOfflineTierPrices=True), *rows)
    assert found is not None
    assert [(tier["min_quantity"], tier["price"]) for tier in found["tier_prices"]] == [("24", "9")]


def test_list_rows_can_be_bound_to_the_items_unit() -> None:
    settings = Settings(AutoSyncPriceLists=True, GetPriceBasedOnItemUnit=True)
    assert dealer_prices(settings, volume("100", Unit="box")) is None
    found = dealer_prices(settings, volume("100", Unit="box"), volume("10", Unit="PC"))
    assert found is not None
    assert found["prices"][0]["price"] == "10"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(Settings(PriceListCodeForStaffelFreeField="dealer"), "10: 9.50; 50: 8.75", id="by code"),
        pytest.param(Settings(PriceListCodeForStaffelFreeField="l-DEALER"), "10: 9.50; 50: 8.75", id="by identifier"),
        pytest.param(Settings(), None, id="switched off"),
        pytest.param(Settings(PriceListCodeForStaffelFreeField="NONE"), None, id="unknown list"),
        pytest.param(
            Settings(PriceListCodeForStaffelFreeField="DEALER", ExcludePriceList="DEALER"), None, id="excluded list"
        ),
    ],
)
def test_the_tiers_of_one_list_can_be_a_free_field(settings: Settings, expected: str | None) -> None:
    rows = [volume("8.75", 50), volume("9.99"), volume("9.5", 10)]
    found = item_document(settings, volume_discount=rows, reference=DEALER)
    assert found["free_fields"].get("Staffel") == expected


def test_the_text_of_tiers_shows_more_decimals_only_where_needed() -> None:
    settings = Settings(PriceListCodeForStaffelFreeField="DEALER", FreeFieldsRenaming='{"staffel":"Tiers"}')
    rows = [volume("9.125", 10), {**volume("9", 20), "Quantity": Decimal("2.50")}]
    found = item_document(settings, volume_discount=rows, reference=DEALER)
    assert found["free_fields"] == {"Tiers": "2.5: 9.00; 10: 9.125"}


def test_an_item_without_tiers_has_no_text() -> None:
    settings = Settings(PriceListCodeForStaffelFreeField="DEALER")
    assert item_document(settings, volume_discount=[volume("9")], reference=DEALER)["free_fields"] == {}


GROUPED = {
    "price_list": [price_list("GROUP", entity=2)],
    "price_list_period": [period("GROUP"), {**period("GROUP"), "ID": "p-offer", "Type": 2}],
    "item_group": [{"ID": "g1", "Code": "DRK", "Description": "Drinks"}],
    "group_discount": [
        {
            "ID": "d1",
            "PriceListPeriod": "p-GROUP",
            "ItemGroupCode": "DRK ",
            "ItemGroupDescription": "Drinks",
            "EntryMethod": 1,
            "Discount": Decimal("0.10"),
            "Quantity": Decimal(0),
        }
    ],
}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(AUTO, "DRK", id="by code"),
        pytest.param(Settings(AutoSyncPriceLists=True, GetItemGroupByDescription=True), "Drinks", id="by description"),
    ],
)
def test_a_list_can_have_discounts_on_item_groups(settings: Settings, expected: str) -> None:
    [discount] = reference_documents(settings, GROUPED)["price_list:GROUP"]["group_discounts"]
    assert (discount["item_group"], discount["discount_percentage"], discount["min_quantity"]) == (expected, "10", "1")
    row = item(ItemGroupCode="DRK", ItemGroupDescription="Drinks")
    assert item_document(settings, row, reference=GROUPED)["item_group"] == expected


def test_a_special_offer_on_a_group_beats_the_basic_discount() -> None:
    offer = {**GROUPED["group_discount"][0], "ID": "d0", "PriceListPeriod": "p-offer", "Discount": Decimal("0.15")}
    reference = {**GROUPED, "group_discount": [*GROUPED["group_discount"], offer]}
    [discount] = reference_documents(AUTO, reference)["price_list:GROUP"]["group_discounts"]
    assert discount["discount_percentage"] == "15"


@pytest.mark.parametrize(
    ("values", "dates", "expected"),
    [
        pytest.param({}, {}, 1, id="period holds"),
        pytest.param({"PriceListPeriod": "p-unknown"}, {}, 0, id="unknown period"),
        pytest.param({"ItemGroupCode": None}, {}, 0, id="no group"),
        pytest.param({}, {"EndDate": "2025-06-09"}, 0, id="period has ended"),
        pytest.param({}, {"StartDate": "2025-06-11"}, 0, id="period lies ahead"),
    ],
)
def test_only_discounts_of_a_group_in_a_period_that_holds_are_delivered(
    values: dict[str, Any], dates: dict[str, str], expected: int
) -> None:
    reference = {
        **GROUPED,
        "price_list_period": [period("GROUP", **dates)],
        "group_discount": [{**GROUPED["group_discount"][0], **values}],
    }
    found = project_reference(context(AUTO, reference))
    [listed] = [entry for entry in found if entry.kind == "price_list"]
    assert listed.document is not None
    assert len(listed.document["group_discounts"]) == expected


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param({"StartDate": "2025-06-11"}, date(2025, 6, 11), id="lies ahead"),
        pytest.param({"EndDate": "2025-06-10"}, date(2025, 6, 11), id="ends today"),
        pytest.param({"EndDate": "2025-06-09"}, None, id="has ended"),
        pytest.param({}, None, id="holds for good"),
    ],
)
def test_a_list_says_when_one_of_its_periods_changes(dates: dict[str, str], expected: date | None) -> None:
    found = project_reference(context(AUTO, {**GROUPED, "price_list_period": [period("GROUP", **dates)]}))
    assert [entry.changes_on for entry in found if entry.kind == "price_list"] == [expected]


def test_groups_with_one_description_keep_their_codes_and_are_reported() -> None:
    groups = [*GROUPED["item_group"], {"ID": "g2", "Code": "DR2", "Description": "Drinks"}]
    settings = Settings(AutoSyncPriceLists=True, GetItemGroupByDescription=True)
    found = project_reference(context(settings, {**GROUPED, "item_group": groups}))
    shown = {entry.key: entry for entry in found if entry.kind == "item_group"}
    assert [shown[code].document["item_group"] for code in ("DRK", "DR2")] == ["DRK", "DR2"]  # type: ignore[index]
    assert [warning.code for warning in shown["DRK"].warnings] == ["ITEM_GROUP_AMBIGUOUS"]
    [discount] = next(e.document for e in found if e.key == "GROUP")["group_discounts"]  # type: ignore[index]
    assert discount["item_group"] == "DRK"


LINKED = {
    "price_list": [price_list("EXPORT"), price_list("HIDDEN")],
    "price_list_period": [],
    "exchange_rate": [rate("USD", "0.8")],
}


@pytest.mark.parametrize(
    ("settings", "list_id", "currency", "expected"),
    [
        pytest.param(AUTO, "l-EXPORT", "EUR", ("EXPORT", None), id="same currency"),
        pytest.param(AUTO, "l-EXPORT", "USD", (None, "currency_mismatch"), id="other currency"),
        pytest.param(GENERATE, "l-EXPORT", "USD", ("EXPORT-USD", None), id="generated list"),
        pytest.param(GENERATE, "l-EXPORT", "GBP", (None, "currency_mismatch"), id="no rate for the currency"),
        pytest.param(Settings(PriceList2Id="EXPORT"), "l-HIDDEN", "EUR", (None, "not_synced"), id="not delivered"),
        pytest.param(
            Settings(AutoSyncPriceLists=True, ExcludePriceList="HIDDEN"),
            "l-HIDDEN",
            "EUR",
            (None, "excluded"),
            id="excluded",
        ),
        pytest.param(AUTO, None, "EUR", (None, "no_list"), id="customer without a list"),
    ],
)
def test_a_customer_is_linked_to_a_delivered_list_in_his_currency(
    settings: Settings, list_id: str | None, currency: str, expected: tuple[str | None, str | None]
) -> None:
    link = context(settings, LINKED).price_lists.link(list_id, currency, check_currency=True)
    assert (link.code, link.reason) == expected


def test_the_currency_of_a_link_can_be_left_unchecked() -> None:
    book = context(AUTO, LINKED).price_lists
    assert book.link("L-EXPORT", "USD", check_currency=False).code == "EXPORT"


def test_units_and_vat_codes_are_documents() -> None:
    reference = {"unit": [{"ID": "u1", "Code": "pc ", "Description": "Piece", "Active": True, "Main": 1}]}
    found = reference_documents(Settings(), reference)
    assert (found["unit:pc"]["description"], found["unit:pc"]["is_main"]) == ("Piece", True)
    assert (found["vat_code:2"]["percentage"], found["vat_code:4"]["vat_included"]) == ("21", True)


def test_an_agreement_and_a_list_do_not_mix() -> None:
    rows = [sales_price("10"), sales_price("9", Account=CUSTOMER)]
    found = documents(AUTO, sales_price=rows, volume_discount=[volume("9")], reference=DEALER)
    assert found["price_list_rows:DEALER/A"]["prices"][0]["price"] == "9"
    assert found[f"agreement:A/{CUSTOMER}"]["prices"][0]["price_list_code"] == ""
