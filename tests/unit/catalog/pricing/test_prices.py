"""Standard prices, tiers, agreements and what is computed from them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.items import project_item
from exact_connector.catalog.pricing import prices
from exact_connector.settings import Settings
from unit.catalog.rows import CUSTOMER, ITEM_ID, context, documents, item, item_document, owner_rows, sales_price


def shown(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(price["currency"], price["price"]) for price in found]


def test_the_configured_currency_is_the_base_currency() -> None:
    rows = [sales_price("10"), sales_price("12", Currency="USD")]
    found = item_document(Settings(CurrencyCodeIso="EUR"), sales_price=rows)
    assert (found["sales_price"], found["currency"]) == ("10", "EUR")
    found = item_document(Settings(CurrencyCodeIso="USD"), sales_price=rows)
    assert (found["sales_price"], found["currency"]) == ("12", "USD")


def test_without_a_configured_currency_the_administration_decides() -> None:
    reference = {"division": [{"Currency": "GBP"}]}
    found = item_document(sales_price=[sales_price("10"), sales_price("8", Currency="GBP")], reference=reference)
    assert (found["sales_price"], found["currency"]) == ("8", "GBP")


def test_other_currencies_come_along_when_asked_for() -> None:
    rows = [sales_price("12", Currency="USD"), sales_price("10"), sales_price("9", Currency="GBP")]
    assert shown(item_document(Settings(), sales_price=rows)["prices"]) == [("EUR", "10")]
    found = item_document(Settings(VariantCurrency=True), sales_price=rows)
    assert shown(found["prices"]) == [("EUR", "10"), ("GBP", "9"), ("USD", "12")]
    assert found["sales_price"] == "10"


def test_a_price_object_tells_everything_about_the_price() -> None:
    row = sales_price("10.500", StartDate="2025-01-01", EndDate="2025-12-31")
    assert item_document(row=item(SalesVatCode="4"), sales_price=[row])["prices"] == [
        {
            "item_code": "A",
            "price_list_code": "",
            "currency": "EUR",
            "unit": "pc",
            "price": "10.5",
            "discount_percentage": None,
            "valid_from": "2025-01-01",
            "valid_to": "2025-12-31",
            "vat_included": True,
        }
    ]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [pytest.param("box ", "box", id="unit of the price"), pytest.param(None, "pc", id="unit of the item")],
)
def test_a_price_tells_its_unit(unit: str | None, expected: str) -> None:
    [price] = item_document(sales_price=[sales_price("10", Unit=unit)])["prices"]
    assert price["unit"] == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param("2025-06-10", None, "10", id="from today"),
        pytest.param("2025-06-11", None, None, id="from tomorrow"),
        pytest.param(None, "2025-06-10", "10", id="until today"),
        pytest.param(None, "2025-06-09", None, id="until yesterday"),
        pytest.param(None, None, "10", id="always"),
    ],
)
def test_only_a_price_that_holds_today_counts(start: str | None, end: str | None, expected: str | None) -> None:
    found = item_document(sales_price=[sales_price("10", StartDate=start, EndDate=end)])
    assert found["sales_price"] == expected


@pytest.mark.parametrize(
    ("kinds", "row", "expected"),
    [
        pytest.param({"standard_price": [{"StandardSalesPrice": Decimal("7.5")}]}, {}, "7.5", id="read by itself"),
        pytest.param({}, {"StandardSalesPrice": Decimal("7.5")}, "7.5", id="on the item"),
        pytest.param({}, {}, None, id="unknown"),
        pytest.param(
            {"sales_price": [sales_price("10")], "standard_price": [{"StandardSalesPrice": Decimal("7.5")}]},
            {},
            "10",
            id="a price row beats it",
        ),
        pytest.param(
            {
                "sales_price": [sales_price("9", Quantity=Decimal(24))],
                "standard_price": [{"StandardSalesPrice": Decimal("7.5")}],
            },
            {},
            "9",
            id="a price row for many beats it too",
        ),
        pytest.param({"sales_price": [sales_price("9", Quantity=Decimal(24))]}, {}, "9", id="only a price for many"),
        pytest.param(
            {
                "sales_price": [sales_price("9", StartDate="2020-01-01", EndDate="2025-06-09")],
                "standard_price": [{"StandardSalesPrice": Decimal("7.5")}],
            },
            {},
            "7.5",
            id="it beats a price that has ended",
        ),
        pytest.param(
            {"sales_price": [sales_price("0")], "standard_price": [{"StandardSalesPrice": Decimal("7.5")}]},
            {},
            "0",
            id="a price of zero is a price",
        ),
    ],
)
def test_the_standard_sales_price_of_the_item_is_the_fallback(
    kinds: dict[str, Any], row: dict[str, Any], expected: str | None
) -> None:
    assert item_document(row=item(**row), **kinds)["sales_price"] == expected


def test_a_row_without_a_price_is_no_price() -> None:
    assert item_document(sales_price=[{**sales_price("1"), "Price": None}])["prices"] == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [sales_price("1", Quantity=Decimal(1)), sales_price("2", Quantity=Decimal(0))], "2", id="lowest quantity"
        ),
        pytest.param(
            [sales_price("1", StartDate="2024-01-01"), sales_price("2", StartDate="2025-01-01")], "2", id="latest start"
        ),
        pytest.param([sales_price("1", StartDate=None), sales_price("2")], "2", id="a start beats none"),
        pytest.param([sales_price("1", ID="b"), sales_price("2", ID="a")], "2", id="smallest identifier"),
    ],
)
def test_one_of_several_prices_is_chosen_by_a_fixed_order(rows: list[dict[str, Any]], expected: str) -> None:
    assert item_document(sales_price=rows)["sales_price"] == expected
    assert item_document(sales_price=rows[::-1])["sales_price"] == expected


UNITS = [
    sales_price("100.00", Unit="box", StartDate="2024-01-01"),
    sales_price("10.00", Unit="PC ", StartDate="2023-01-01"),
]


def test_the_price_can_be_bound_to_the_items_unit() -> None:
    assert item_document(Settings(), sales_price=UNITS)["sales_price"] == "100"
    assert item_document(Settings(GetPriceBasedOnItemUnit=True), sales_price=UNITS)["sales_price"] == "10"


def test_without_a_price_in_the_items_unit_the_standard_sales_price_counts() -> None:
    found = item_document(
        Settings(GetPriceBasedOnItemUnit=True),
        sales_price=UNITS[:1],
        standard_price=[{"StandardSalesPrice": Decimal("8")}],
    )
    assert found["sales_price"] == "8"
    assert item_document(Settings(GetPriceBasedOnItemUnit=True), sales_price=UNITS[:1])["sales_price"] is None


@pytest.mark.parametrize(
    ("code", "price", "expected"),
    [
        pytest.param("2", "10.00", "12.10", id="without VAT"),
        pytest.param("4", "12.10", "12.10", id="with VAT"),
        pytest.param("4", "12.105", "12.11", id="with VAT rounded"),
        pytest.param("0", "10.00", "10.00", id="no percentage"),
    ],
)
def test_the_price_including_vat_can_be_a_free_field(code: str, price: str, expected: str) -> None:
    row = item(SalesVatCode=code)
    found = item_document(Settings(UseSalesPriceInclVatAsFreeField=True), row, sales_price=[sales_price(price)])
    assert found["free_fields"] == {"SalesPriceInclVat": expected}
    assert item_document(Settings(), row, sales_price=[sales_price(price)])["free_fields"] == {}


@pytest.mark.parametrize("code", [pytest.param(None, id="none"), pytest.param("99", id="unknown")])
def test_without_a_known_vat_code_there_is_no_price_including_vat(code: str | None) -> None:
    rows = owner_rows(item(SalesVatCode=code), sales_price=[sales_price("10")])
    found = project_item(rows, context(Settings(UseSalesPriceInclVatAsFreeField=True)))[0]
    assert found.document is not None
    assert found.document["free_fields"] == {}
    assert [warning.code for warning in found.warnings] == ["VAT_CODE_UNKNOWN"]


def test_the_free_field_with_vat_can_be_renamed() -> None:
    settings = Settings(UseSalesPriceInclVatAsFreeField=True, FreeFieldsRenaming='{"SalesPriceInclVat":"Consumer"}')
    assert item_document(settings, sales_price=[sales_price("10")])["free_fields"] == {"Consumer": "12.10"}


def test_the_vat_of_an_item_is_shown_as_a_percentage() -> None:
    found = item_document(row=item(SalesVatCode="2  "))
    assert (found["vat_code"], found["vat_percentage"], found["vat_included"]) == ("2", "21", False)


TIERS = [
    sales_price("10"),
    sales_price("9", Quantity=Decimal(24)),
    sales_price("8.5", Quantity=Decimal(24), StartDate="2025-01-01"),
    sales_price("8", Quantity=Decimal(6), Currency="USD"),
]


def test_standard_tiers_are_delivered_when_switched_on() -> None:
    found = item_document(Settings(EnableOfflineTierPrices=True), sales_price=TIERS)["tier_prices"]
    assert [(tier["min_quantity"], tier["price"]) for tier in found] == [("24", "8.5")]
    assert item_document(Settings(), sales_price=TIERS)["tier_prices"] == []


def test_tiers_in_other_currencies_follow_the_prices() -> None:
    settings = Settings(EnableOfflineTierPrices=True, VariantCurrency=True)
    found = item_document(settings, sales_price=TIERS)["tier_prices"]
    assert shown(found) == [("EUR", "8.5"), ("USD", "8")]


def test_a_price_agreement_is_a_document_of_its_customer() -> None:
    rows = [
        sales_price("10"),
        sales_price("9", Account=CUSTOMER.upper()),
        sales_price("8", Account=CUSTOMER, Quantity=Decimal(10)),
    ]
    found = documents(Settings(), sales_price=rows)
    agreement = found[f"agreement:A/{CUSTOMER}"]
    assert (agreement["customer_id"], agreement["item_id"]) == (CUSTOMER, ITEM_ID)
    assert [(price["price"], price["customer_id"]) for price in agreement["prices"]] == [("9", CUSTOMER)]
    assert agreement["tier_prices"] == []
    assert found["item:A"]["sales_price"] == "10"
    found = documents(Settings(EnableOfflineTierPrices=True), sales_price=rows)
    assert [tier["min_quantity"] for tier in found[f"agreement:A/{CUSTOMER}"]["tier_prices"]] == ["10"]


def test_an_agreement_that_does_not_hold_today_is_not_delivered() -> None:
    rows = [sales_price("9", Account=CUSTOMER, EndDate="2025-06-09")]
    assert f"agreement:A/{CUSTOMER}" not in documents(sales_price=rows)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([sales_price("1", StartDate="2025-07-01")], date(2025, 7, 1), id="starts later"),
        pytest.param([sales_price("1", EndDate="2025-06-30")], date(2025, 7, 1), id="ends later"),
        pytest.param([sales_price("1", EndDate="2025-06-01")], None, id="ended"),
        pytest.param([sales_price("1")], None, id="holds for good"),
        pytest.param(
            [sales_price("1", EndDate="2025-06-30"), sales_price("2", StartDate="2025-06-20", Account=CUSTOMER)],
            date(2025, 6, 20),
            id="the first of several",
        ),
    ],
)
def test_an_item_says_when_its_prices_change(rows: list[dict[str, Any]], expected: date | None) -> None:
    assert project_item(owner_rows(sales_price=rows), context())[0].changes_on == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([sales_price("1")], False, id="has a price"),
        pytest.param([sales_price("1", Currency="USD")], True, id="only in another currency"),
        pytest.param([sales_price("1", EndDate="2025-01-01")], True, id="only an old price"),
        pytest.param([sales_price("1", Account=CUSTOMER)], True, id="only an agreement"),
        pytest.param([], True, id="no price"),
    ],
)
def test_it_is_known_which_items_need_their_standard_sales_price(rows: list[dict[str, Any]], expected: bool) -> None:
    assert prices.needs_standard_sales_price(owner_rows(sales_price=rows), context()) is expected
