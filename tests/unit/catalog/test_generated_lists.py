"""Price lists that are generated in other currencies from the rates of exchange."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.items import project_item
from exact_connector.catalog.reference import project_reference
from exact_connector.settings import Settings
from unit.catalog.rows import (
    context,
    documents,
    lists,
    owner_rows,
    period,
    price_list,
    rate,
    reference_documents,
    sales_price,
    volume,
)

DEALER = lists("DEALER")
AUTO = Settings(AutoSyncPriceLists=True)

RATES = {**DEALER, "exchange_rate": [rate("USD", "0.80"), rate("USD", "0.90", "2024-01-01")]}
GENERATE = Settings(AutoSyncPriceLists=True, GenerateCurrencyPriceLists=True, EnableOfflineTierPrices=True)


def test_lists_can_be_generated_in_other_currencies() -> None:
    rows: dict[str, Any] = {"volume_discount": [volume("10"), volume("9", 24)], "sales_price": [sales_price("11")]}
    found = documents(GENERATE, reference=RATES, **rows)
    twin = found["price_list_rows:DEALER-USD/A"]
    assert (twin["currency"], twin["prices"][0]["price"], twin["tier_prices"][0]["price"]) == ("USD", "12.5", "11.25")
    assert found["price_list_rows:STANDARD-USD/A"]["prices"][0]["price"] == "13.75"
    without = documents(AUTO, reference=RATES, **rows)
    assert "price_list_rows:DEALER-USD/A" not in without


def test_generated_lists_are_listed_with_their_source() -> None:
    found = reference_documents(GENERATE, RATES)
    twin = found["price_list:DEALER-USD"]
    assert (twin["code"], twin["currency"], twin["generated_from"]) == ("DEALER-USD", "USD", "DEALER")
    assert found["price_list:STANDARD-USD"]["generated_from"] == "STANDARD"
    assert "price_list:DEALER-USD" not in reference_documents(AUTO, RATES)


def test_a_converted_price_has_four_decimals() -> None:
    reference = {**DEALER, "exchange_rate": [rate("USD", "0.3")]}
    found = documents(GENERATE, reference=reference, volume_discount=[volume("10")])
    assert found["price_list_rows:DEALER-USD/A"]["prices"][0]["price"] == "33.3333"


def test_a_real_list_with_the_generated_code_wins() -> None:
    both = {
        "price_list": [price_list("DEALER"), price_list("DEALER-USD", "USD")],
        "price_list_period": [period("DEALER"), period("DEALER-USD")],
        "exchange_rate": [rate("USD", "0.80")],
    }
    rows = [volume("10"), volume("15", period="p-DEALER-USD")]
    found = documents(GENERATE, reference=both, volume_discount=rows)
    assert found["price_list_rows:DEALER-USD/A"]["prices"][0]["price"] == "15"
    assert reference_documents(GENERATE, both)["price_list:DEALER-USD"]["generated_from"] is None


def test_a_real_price_in_the_currency_beats_the_converted_standard_price() -> None:
    rows = [sales_price("10"), sales_price("12.34567", Currency="USD")]
    found = documents(GENERATE, reference=RATES, sales_price=rows)
    assert found["price_list_rows:STANDARD-USD/A"]["prices"][0]["price"] == "12.34567"


def test_a_real_price_in_the_currency_needs_no_standard_price_to_convert() -> None:
    found = documents(GENERATE, reference=RATES, sales_price=[sales_price("12", Currency="USD")])
    assert found["item:A"]["sales_price"] is None
    assert found["price_list_rows:STANDARD-USD/A"]["prices"][0]["price"] == "12"
    assert "price_list_rows:STANDARD-USD/A" not in documents(GENERATE, reference=RATES)


def test_a_discount_is_shown_without_what_binary_floats_leave_behind() -> None:
    row = volume("8.5", Discount=Decimal("0.15000000000000002"))
    found = documents(AUTO, reference=lists("DEALER"), volume_discount=[row])["price_list_rows:DEALER/A"]
    assert found["prices"][0]["discount_percentage"] == "15"


def test_a_real_tier_in_the_currency_beats_the_converted_one() -> None:
    rows = [
        sales_price("10"),
        sales_price("9", Quantity=Decimal(24)),
        sales_price("8", Quantity=Decimal(48)),
        sales_price("11", Quantity=Decimal(24), Currency="USD"),
    ]
    found = documents(GENERATE, reference=RATES, sales_price=rows)["price_list_rows:STANDARD-USD/A"]
    assert [(tier["min_quantity"], tier["price"]) for tier in found["tier_prices"]] == [("24", "11"), ("48", "10")]
    assert found["prices"][0]["price"] == "12.5"


@pytest.mark.parametrize(
    "rates",
    [
        pytest.param([rate("USD", "0")], id="rate is zero"),
        pytest.param([rate("USD", "0.8", "2025-06-11")], id="rate starts tomorrow"),
        pytest.param([rate("USD", "0.8", "2024-01-01"), rate("USD", "0", "2025-01-01")], id="latest rate is zero"),
    ],
)
def test_without_a_usable_rate_no_list_is_generated(rates: list[dict[str, Any]]) -> None:
    reference = {**DEALER, "exchange_rate": rates}
    found = project_reference(context(GENERATE, reference))
    assert "DEALER-USD" not in {entry.key for entry in found}
    assert [warning.code for entry in found for warning in entry.warnings] == ["EXCHANGE_RATE_MISSING"]


def test_a_rate_that_starts_later_is_a_date_on_which_prices_change() -> None:
    reference = {**DEALER, "exchange_rate": [rate("USD", "0.8"), rate("USD", "0.7", "2025-07-01")]}
    found = project_item(owner_rows(volume_discount=[volume("10")]), context(GENERATE, reference))
    assert found[0].changes_on == date(2025, 7, 1)


def test_rates_between_other_currencies_and_lists_in_other_currencies_generate_nothing() -> None:
    reference = {
        "price_list": [price_list("EXPORT", "GBP")],
        "price_list_period": [period("EXPORT")],
        "exchange_rate": [{**rate("USD", "0.8"), "TargetCurrency": "GBP"}, rate("EUR", "1")],
    }
    assert set(reference_documents(GENERATE, reference)) & {"price_list:EXPORT-USD", "price_list:STANDARD-USD"} == set()
