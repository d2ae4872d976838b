"""The one resolved price, the rule that won and the ones that lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.pricing.quote import Buyer, Rule, quote, quote_document
from exact_connector.documents.models.prices import Quote as QuoteDocument
from exact_connector.settings import Settings
from unit.catalog.rows import (
    CUSTOMER,
    TODAY,
    context,
    item,
    lists,
    owner_rows,
    period,
    price_list,
    rate,
    sales_price,
    volume,
)

DEALER = lists("DEALER")
AUTO = Settings(AutoSyncPriceLists=True)
NOBODY = Buyer()
OF_LIST = Buyer(CUSTOMER, "l-DEALER")
STANDARD = [sales_price("10"), sales_price("9", Quantity=Decimal(24))]
LIST = [volume("9.5"), volume("8.5", 24), volume("8", 48)]
AGREED = [sales_price("7", Account=CUSTOMER), sales_price("6", Account=CUSTOMER, Quantity=Decimal(10))]


def ask(
    settings: Settings,
    buyer: Buyer,
    quantity: str = "1",
    *,
    reference: dict[str, Any] | None = None,
    row: dict[str, Any] | None = None,
    currency: str = "",
    **kinds: Any,
) -> QuoteDocument:
    known = context(settings, DEALER if reference is None else reference)
    return quote_document(quote(owner_rows(row, **kinds), known, buyer, Decimal(quantity), currency))


def answer(found: QuoteDocument) -> tuple[str | None, str | None]:
    return found["price"], found["rule"]["rule"] if found["rule"] else None


@pytest.mark.parametrize(
    ("buyer", "quantity", "kinds", "expected"),
    [
        pytest.param(NOBODY, "1", {}, ("10", "standard"), id="standard price"),
        pytest.param(NOBODY, "23", {}, ("10", "standard"), id="tier not reached"),
        pytest.param(NOBODY, "24", {}, ("9", "standard"), id="standard tier"),
        pytest.param(OF_LIST, "1", {"volume_discount": LIST}, ("9.5", "price_list"), id="price list"),
        pytest.param(OF_LIST, "30", {"volume_discount": LIST}, ("8.5", "price_list"), id="tier of the list"),
        pytest.param(OF_LIST, "100", {"volume_discount": LIST}, ("8", "price_list"), id="highest tier reached"),
        pytest.param(OF_LIST, "1", {"volume_discount": LIST[1:]}, ("10", "standard"), id="only tiers not reached"),
        pytest.param(NOBODY, "1", {"volume_discount": LIST}, ("10", "standard"), id="list of somebody else"),
    ],
)
def test_the_price_is_the_best_rule_that_applies(
    buyer: Buyer, quantity: str, kinds: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert answer(ask(AUTO, buyer, quantity, sales_price=STANDARD, **kinds)) == expected


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        pytest.param("1", ("7", "agreement"), id="one piece"),
        pytest.param("10", ("6", "agreement"), id="more pieces"),
        pytest.param("100", ("6", "agreement"), id="many pieces"),
    ],
)
def test_a_price_agreement_beats_lists_and_standard_prices(quantity: str, expected: tuple[str, str]) -> None:
    found = ask(AUTO, OF_LIST, quantity, sales_price=[*STANDARD, *AGREED], volume_discount=LIST)
    assert answer(found) == expected
    assert found["price_source"] == "agreement"


def test_an_agreement_of_another_customer_is_neither_used_nor_shown() -> None:
    other = sales_price("1", Account="99999999-9999-4999-8999-999999999999")
    found = ask(AUTO, OF_LIST, sales_price=[*STANDARD, other])
    assert answer(found) == ("10", "standard")
    assert all(lost["rule"] != "agreement" for lost in found["lost"])


def test_an_agreement_counts_in_any_currency_its_own_first() -> None:
    dollars = sales_price("8", Account=CUSTOMER, Currency="USD")
    found = ask(AUTO, OF_LIST, sales_price=[*STANDARD, dollars])
    assert (*answer(found), found["currency"]) == ("8", "agreement", "USD")
    found = ask(AUTO, OF_LIST, sales_price=[*STANDARD, dollars, *AGREED])
    assert (*answer(found), found["currency"]) == ("7", "agreement", "EUR")


def test_every_rule_that_lost_says_why() -> None:
    rows = [*STANDARD, sales_price("5", StartDate="2026-01-01"), sales_price("4", EndDate="2025-01-01")]
    found = ask(AUTO, OF_LIST, "30", sales_price=rows, volume_discount=LIST)
    reasons = {(lost["rule"], lost["price"]): lost["reason"] for lost in found["lost"]}
    assert reasons == {
        ("price_list", "9.5"): "higher_quantity_reached",
        ("price_list", "8"): "quantity_not_reached",
        ("standard", "9"): "beaten_by_price_list",
        ("standard", "10"): "beaten_by_price_list",
        ("standard", "5"): "not_yet_valid",
        ("standard", "4"): "expired",
    }


def test_a_special_offer_wins_its_quantity_and_says_so() -> None:
    reference = {**DEALER, "price_list_period": [period("DEALER"), {**period("DEALER", Type=2), "ID": "p-special"}]}
    rows = [volume("9"), volume("9.2", period="p-special"), volume("8", 24)]
    found = ask(AUTO, OF_LIST, reference=reference, volume_discount=rows)
    assert found["rule"] is not None
    assert (*answer(found), found["rule"]["special_offer"]) == ("9.2", "price_list", True)
    assert found["lost"][0]["reason"] == "beaten_by_special_offer"
    assert answer(ask(AUTO, OF_LIST, "24", reference=reference, volume_discount=rows)) == ("8", "price_list")


def test_prices_in_another_unit_can_be_left_out() -> None:
    rows = [sales_price("100", Unit="box", StartDate="2024-01-01"), sales_price("10")]
    assert answer(ask(AUTO, NOBODY, sales_price=rows)) == ("100", "standard")
    found = ask(Settings(GetPriceBasedOnItemUnit=True), NOBODY, sales_price=rows)
    assert answer(found) == ("10", "standard")
    assert [lost["reason"] for lost in found["lost"]] == ["other_unit"]


def test_the_date_of_the_question_decides() -> None:
    rows = owner_rows(sales_price=[sales_price("10", EndDate="2025-06-30"), sales_price("11", StartDate="2025-07-01")])
    known = context(AUTO)
    assert answer(quote_document(quote(rows, known, NOBODY, Decimal(1)))) == ("10", "standard")
    later = known.on(TODAY.replace(month=7))
    found = quote_document(quote(rows, later, NOBODY, Decimal(1)))
    assert (*answer(found), found["date"]) == ("11", "standard", "2025-07-10")


@pytest.mark.parametrize(
    ("settings", "buyer", "expected"),
    [
        pytest.param(Settings(), OF_LIST, "not_synced", id="list not delivered"),
        pytest.param(
            Settings(AutoSyncPriceLists=True, ExcludePriceList="DEALER"), OF_LIST, "excluded", id="list excluded"
        ),
        pytest.param(AUTO, Buyer(CUSTOMER, "l-DEALER", "USD"), "currency_mismatch", id="other currency"),
        pytest.param(AUTO, Buyer(CUSTOMER), "no_list", id="no list"),
    ],
)
def test_a_list_that_the_customer_is_not_linked_to_is_not_used(settings: Settings, buyer: Buyer, expected: str) -> None:
    found = ask(settings, buyer, sales_price=STANDARD, volume_discount=LIST)
    assert (*answer(found), found["price_list_reason"]) == ("10", "standard", expected)


def test_the_currency_check_of_lists_can_be_switched_off() -> None:
    buyer = Buyer(CUSTOMER, "l-DEALER", "USD")
    settings = Settings(AutoSyncPriceLists=True, DisableCurrencyPriceListCheck=True)
    found = ask(settings, buyer, volume_discount=LIST)
    assert (*answer(found), found["currency"]) == ("9.5", "price_list", "EUR")


RATES = {**DEALER, "exchange_rate": [rate("USD", "0.80")]}
GENERATE = Settings(AutoSyncPriceLists=True, GenerateCurrencyPriceLists=True)


def test_a_generated_list_gives_converted_prices() -> None:
    found = ask(GENERATE, Buyer(CUSTOMER, "l-DEALER", "USD"), reference=RATES, volume_discount=LIST)
    assert (*answer(found), found["currency"]) == ("11.875", "price_list", "USD")
    assert found["rule"] is not None
    assert found["rule"]["price_list_code"] == "DEALER-USD"


@pytest.mark.parametrize(
    ("settings", "rows", "expected"),
    [
        pytest.param(
            Settings(VariantCurrency=True),
            [sales_price("10"), sales_price("12", Currency="USD")],
            ("12", "standard_in_currency", "USD"),
            id="price in the currency",
        ),
        pytest.param(Settings(VariantCurrency=True), [sales_price("10")], ("10", "standard", "EUR"), id="none in it"),
        pytest.param(
            Settings(),
            [sales_price("10"), sales_price("12", Currency="USD")],
            ("10", "standard", "EUR"),
            id="other currencies not served",
        ),
        pytest.param(GENERATE, [sales_price("10")], ("12.5", "standard_converted", "USD"), id="converted"),
        pytest.param(
            GENERATE,
            [sales_price("10"), sales_price("12", Currency="USD")],
            ("12", "standard_in_currency", "USD"),
            id="a real price beats a converted one",
        ),
        pytest.param(
            GENERATE,
            [sales_price("10"), sales_price("11", Currency="USD", Quantity=Decimal(24))],
            ("12.5", "standard_converted", "USD"),
            id="a real price for many does not where fewer are asked for",
        ),
        pytest.param(
            Settings(VariantCurrency=True),
            [sales_price("10"), sales_price("11", Currency="USD", Quantity=Decimal(24))],
            ("11", "standard_in_currency", "USD"),
            id="a price for many stands in for one that nothing else gives",
        ),
    ],
)
def test_a_customer_gets_the_standard_price_in_his_currency_where_there_is_one(
    settings: Settings, rows: list[dict[str, Any]], expected: tuple[str, str, str]
) -> None:
    found = ask(settings, Buyer(CUSTOMER, currency="USD"), reference=RATES, sales_price=rows)
    assert (*answer(found), found["currency"]) == expected


@pytest.mark.parametrize("read", [(), ({"StandardSalesPrice": Decimal("7.5")},)], ids=["not read", "read"])
def test_a_quote_does_not_hang_on_whether_the_items_own_price_was_ever_read(read: tuple[dict[str, Any], ...]) -> None:
    rows = [sales_price("9", Quantity=Decimal(24))]
    found = ask(Settings(), NOBODY, "3", sales_price=rows, standard_price=read)
    assert answer(found) == ("9", "standard")


GROUPED: dict[str, Any] = {
    "price_list": [price_list("GROUP", entity=2)],
    "price_list_period": [period("GROUP")],
    "group_discount": [
        {"ID": "d1", "PriceListPeriod": "p-GROUP", "ItemGroupCode": "DRK", "Discount": Decimal("0.10")},
        {
            "ID": "d2",
            "PriceListPeriod": "p-GROUP",
            "ItemGroupCode": "DRK",
            "Discount": Decimal("0.25"),
            "Quantity": Decimal(10),
        },
        {"ID": "d3", "PriceListPeriod": "p-GROUP", "ItemGroupCode": "FD", "Discount": Decimal("0.50")},
    ],
}


@pytest.mark.parametrize(
    ("group", "quantity", "expected"),
    [
        pytest.param("DRK", "1", ("9", "item_group_discount"), id="discount of the group"),
        pytest.param("DRK", "10", ("7.5", "item_group_discount"), id="higher discount for more"),
        pytest.param("OTH", "1", ("10", "standard"), id="another group"),
        pytest.param(None, "1", ("10", "standard"), id="no group"),
    ],
)
def test_a_list_of_item_groups_discounts_the_standard_price(
    group: str | None, quantity: str, expected: tuple[str, str]
) -> None:
    buyer = Buyer(CUSTOMER, "l-GROUP")
    found = ask(AUTO, buyer, quantity, reference=GROUPED, row=item(ItemGroupCode=group), sales_price=STANDARD[:1])
    assert answer(found) == expected


@pytest.mark.parametrize(
    ("buyer", "quantity", "expected"),
    [
        pytest.param(NOBODY, "1", "default", id="standard price"),
        pytest.param(NOBODY, "24", "tier", id="standard tier"),
        pytest.param(OF_LIST, "1", "price_list", id="list price"),
        pytest.param(OF_LIST, "24", "tier", id="tier of a list"),
    ],
)
def test_the_source_is_named_as_order_lines_name_it(buyer: Buyer, quantity: str, expected: str) -> None:
    found = ask(AUTO, buyer, quantity, sales_price=STANDARD, volume_discount=LIST)
    assert found["price_source"] == expected


def test_an_item_without_prices_has_no_answer() -> None:
    found = ask(AUTO, OF_LIST)
    assert (found["price"], found["rule"], found["lost"], found["currency"]) == (None, None, [], "EUR")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [pytest.param("box", "box", id="unit of the price"), pytest.param(None, "pc", id="unit of the item")],
)
def test_an_answer_tells_the_unit_of_the_price(unit: str | None, expected: str) -> None:
    assert ask(AUTO, NOBODY, sales_price=[sales_price("10", Unit=unit)])["unit"] == expected


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param({"StartDate": "2025-06-10"}, "10", id="starts today"),
        pytest.param({"EndDate": "2025-06-10"}, "10", id="ends today"),
        pytest.param({"StartDate": "2025-06-11"}, None, id="starts tomorrow"),
        pytest.param({"EndDate": "2025-06-09"}, None, id="ended yesterday"),
    ],
)
def test_a_price_holds_on_its_first_and_its_last_day(dates: dict[str, str], expected: str | None) -> None:
    assert ask(AUTO, NOBODY, sales_price=[sales_price("10", **dates)])["price"] == expected


def test_of_two_discounts_on_a_group_the_smallest_identifier_wins() -> None:
    twins = [
        {"ID": "b", "PriceListPeriod": "p-GROUP", "ItemGroupCode": "DRK", "Discount": Decimal("0.20")},
        {"ID": "a", "PriceListPeriod": "p-GROUP", "ItemGroupCode": "DRK", "Discount": Decimal("0.10")},
    ]
    for given in (twins, twins[::-1]):
        reference = {**GROUPED, "group_discount": given}
        found = ask(
            AUTO, Buyer(CUSTOMER, "l-GROUP"), reference=reference, row=item(ItemGroupCode="DRK"), sales_price=STANDARD
        )
        assert found["price"] == "9"


def test_the_standard_sales_price_of_the_item_answers_when_no_row_does() -> None:
    found = ask(AUTO, NOBODY, standard_price=[{"StandardSalesPrice": Decimal("7.5")}])
    assert answer(found) == ("7.5", "standard")


def test_a_price_for_many_answers_for_one_when_it_is_the_only_price() -> None:
    assert answer(ask(AUTO, NOBODY, sales_price=STANDARD[1:])) == ("9", "standard")


def test_an_answer_tells_its_vat() -> None:
    found = ask(AUTO, NOBODY, row=item(SalesVatCode="4"), sales_price=STANDARD)
    assert (found["vat_percentage"], found["vat_included"], found["unit"]) == ("21", True, "pc")


def test_the_rules_are_ranked_as_documented() -> None:
    assert [rule.name for rule in Rule] == [
        "AGREEMENT",
        "PRICE_LIST",
        "ITEM_GROUP_DISCOUNT",
        "STANDARD_IN_CURRENCY",
        "STANDARD_CONVERTED",
        "STANDARD",
    ]
