"""The price list of a customer: delivered or not, excluded, and in which currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.context import ProjectionContext
from exact_connector.fields import Row
from unit.customers.customer_rows import TODAY, account, context_of, exact_date, guid, projected, settings_of

EXPORT, DEALER = guid(301), guid(302)
LISTS: tuple[Row, ...] = (
    {"ID": EXPORT.upper(), "Code": "EXPORT", "Currency": "EUR"},
    {"ID": DEALER, "Code": "DEALER", "Currency": "USD"},
)
RATE: Row = {
    "ID": guid(400),
    "SourceCurrency": "USD",
    "TargetCurrency": "EUR",
    "Rate": Decimal("0.80"),
    "StartDate": exact_date(TODAY),
}
AUTO: dict[str, Any] = {"AutoSyncPriceLists": True}


def run(**settings: Any) -> ProjectionContext:
    return context_of(settings_of(**settings), reference={"price_list": LISTS, "exchange_rate": (RATE,)})


EURO: dict[str, Any] = {"PriceList": EXPORT, "SalesCurrency": "EUR"}
DOLLAR: dict[str, Any] = {"PriceList": EXPORT, "SalesCurrency": "USD"}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str | None, list[str]]] = {
    "no list": ({"PriceList": None}, AUTO, None, []),
    "no list and no check": ({"PriceList": None}, AUTO | {"DisableCurrencyPriceListCheck": True}, None, []),
    "same currency": (EURO, AUTO, "EXPORT", []),
    "customer without a currency buys in the base currency": ({"PriceList": EXPORT}, AUTO, "EXPORT", []),
    "lists are not delivered": (EURO, {}, None, ["PRICE_LIST_NOT_SYNCED"]),
    "another list is delivered": (EURO, {"PriceList2Id": "DEALER"}, None, ["PRICE_LIST_NOT_SYNCED"]),
    "this list is delivered": (EURO, {"PriceList3Id": "export"}, "EXPORT", []),
    "list that Exact does not have": ({"PriceList": guid(9)}, AUTO, None, ["PRICE_LIST_NOT_SYNCED"]),
    "excluded list": (EURO, AUTO | {"ExcludePriceList": "INTERN;EXPORT"}, None, []),
    "excluded by its ID": (EURO, AUTO | {"ExcludePriceList": EXPORT}, None, []),
    "other currency": (DOLLAR, AUTO, None, ["PRICE_LIST_CURRENCY_MISMATCH"]),
    "other currency without the check": (DOLLAR, AUTO | {"DisableCurrencyPriceListCheck": True}, "EXPORT", []),
    "other currency with a generated list": (DOLLAR, AUTO | {"GenerateCurrencyPriceLists": True}, "EXPORT-USD", []),
    "other currency without a rate": (
        {"PriceList": EXPORT, "SalesCurrency": "GBP"},
        AUTO | {"GenerateCurrencyPriceLists": True},
        None,
        ["PRICE_LIST_CURRENCY_MISMATCH"],
    ),
    "no check wins over generated lists": (
        DOLLAR,
        AUTO | {"GenerateCurrencyPriceLists": True, "DisableCurrencyPriceListCheck": True},
        "EXPORT",
        [],
    ),
}


@pytest.mark.parametrize(("row", "settings", "code", "warnings"), CASES.values(), ids=CASES)
def test_a_customer_is_linked_to_a_delivered_list_in_its_currency(
    row: dict[str, Any], settings: dict[str, Any], code: str | None, warnings: list[str]
) -> None:
    found = projected(account(**row), run(**settings))
    assert found.document is not None
    assert found.document["price_list_code"] == code
    assert [warning.code for warning in found.warnings] == warnings


def test_the_mismatch_names_both_currencies() -> None:
    found = projected(account(**DOLLAR), run(**AUTO))
    assert "EXPORT is in EUR, the customer buys in USD" in found.warnings[0].message


def test_the_base_currency_is_the_setting_when_there_is_one() -> None:
    found = projected(account(PriceList=DEALER), run(**AUTO, CurrencyCodeIso="USD"))
    assert found.document is not None
    assert (found.document["price_list_code"], found.document["currency"]) == ("DEALER", "USD")


def test_the_link_is_looked_at_again_when_the_next_exchange_rate_starts() -> None:
    rates = (RATE, {**RATE, "ID": guid(401), "StartDate": exact_date(date(2025, 7, 1))})
    settings = settings_of(**AUTO, GenerateCurrencyPriceLists=True)
    context = context_of(settings, reference={"price_list": LISTS, "exchange_rate": rates})
    assert projected(account(**DOLLAR), context).changes_on == date(2025, 7, 1)
    assert projected(account(), context).changes_on is None
