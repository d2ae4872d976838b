"""Price fields of a line: modes and their order, VAT, tiers, rounding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.orders.mapping.prices import is_tier, line_amounts
from exact_connector.orders.mapping.vat_prices import vat_factor
from exact_connector.orders.model.references import AGREEMENT, Tier
from unit.orders.mapping.order_cases import (
    codes_of,
    guid,
    item,
    line,
    lines_of,
    order,
    places_of,
    references,
    settings_of,
)

PRICE_FIELDS = ("UnitPrice", "NetPrice", "Discount", "Pricelist")
BY_LIST: dict[str, Any] = {"DeterminePriceListOnOrderLineWhenPriceOrDiscountIsNotChanged": True}
DISCOUNT: dict[str, Any] = {"UseDiscountWithoutPriceOnOrder": True}
ORIGINAL: dict[str, Any] = {"SetOriginalPriceOnUnitPrice": True}
UNIT: dict[str, Any] = {"SetUnitPrice": True}
CENTS: dict[str, Any] = {"RoundOrderLinePricesToTwoDecimals": True}
SKIP: dict[str, Any] = {"SkipDiscountForStafflItems": True}
UNCHANGED: dict[str, Any] = {"original_price": "10", "original_discount_percentage": "0", "price_list_code": "DEALER"}


def sent(line_values: dict[str, Any], kind: str = "order", known: Any = None, **settings: Any) -> dict[str, Any]:
    posted = order(kind, lines=[line(**line_values)])
    (found,) = lines_of(posted, known or references(), **settings)
    return {name: found[name] for name in PRICE_FIELDS if name in found}


def numbers(**values: str) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items()}


MODES: list[Any] = [
    pytest.param({"discount_percentage": "10"}, {}, numbers(NetPrice="9"), id="M5 net price"),
    pytest.param(
        {"net_price": "8", "discount_percentage": "10"}, {}, numbers(NetPrice="8"), id="M5 the client's own net"
    ),
    pytest.param({"unit_price": "0"}, {}, numbers(NetPrice="0"), id="M5 a price of zero is a price"),
    pytest.param({"unit_price": None}, {}, {}, id="M5 without a price Exact prices the line"),
    pytest.param(
        {"unit_price": None, "discount_percentage": "5"},
        {},
        numbers(Discount="0.05"),
        id="M5 a discount without a price is not lost",
    ),
    pytest.param({"discount_percentage": "10"}, UNIT, numbers(UnitPrice="10", Discount="0.1"), id="M4"),
    pytest.param({}, UNIT, numbers(UnitPrice="10", Discount="0"), id="M4 sends a discount of zero"),
    pytest.param(
        {"net_price": "9"}, UNIT, numbers(UnitPrice="10", Discount="0.1"), id="M4 a net price implies a discount"
    ),
    pytest.param({"net_price": "11"}, UNIT, numbers(NetPrice="11"), id="M4 cannot say a surcharge"),
    pytest.param(
        {"unit_price": "0", "net_price": "1"}, UNIT, numbers(NetPrice="1"), id="M4 nothing to take a share of"
    ),
    pytest.param(
        {"original_price": "12", "discount_percentage": "10"}, ORIGINAL, numbers(UnitPrice="12", NetPrice="9"), id="M3"
    ),
    pytest.param({"discount_percentage": "10"}, ORIGINAL, numbers(UnitPrice="10", NetPrice="9"), id="M3 no original"),
    pytest.param({"discount_percentage": "5"}, DISCOUNT, numbers(Discount="0.05"), id="M2"),
    pytest.param({}, DISCOUNT, numbers(Discount="0"), id="M2 sends a discount of zero"),
    pytest.param({"original_price": "12"}, ORIGINAL | UNIT, numbers(UnitPrice="12", NetPrice="10"), id="M3 beats M4"),
    pytest.param({"original_price": "12"}, DISCOUNT | ORIGINAL | UNIT, numbers(Discount="0"), id="M2 beats M3 and M4"),
    pytest.param(UNCHANGED, BY_LIST, {"Pricelist": guid(901)}, id="M1"),
    pytest.param(UNCHANGED, BY_LIST | DISCOUNT | ORIGINAL | UNIT, {"Pricelist": guid(901)}, id="M1 beats all"),
    pytest.param(UNCHANGED | {"unit_price": "9"}, BY_LIST, numbers(NetPrice="9"), id="M1 not for a changed price"),
    pytest.param(
        UNCHANGED | {"discount_percentage": "5"}, BY_LIST, numbers(NetPrice="9.5"), id="M1 not for a changed discount"
    ),
    pytest.param(UNCHANGED | {"net_price": "8"}, BY_LIST, numbers(NetPrice="8"), id="M1 not for another net price"),
    pytest.param(
        UNCHANGED | {"original_price": None}, BY_LIST, numbers(NetPrice="10"), id="M1 needs the original price"
    ),
    pytest.param(
        UNCHANGED | {"original_discount_percentage": None},
        BY_LIST,
        numbers(NetPrice="10"),
        id="M1 needs the original discount",
    ),
    pytest.param(UNCHANGED | {"price_source": "tier"}, BY_LIST, numbers(NetPrice="10"), id="M1 not for tiers"),
    pytest.param(
        UNCHANGED | {"price_list_code": "DEALER-USD"},
        BY_LIST | DISCOUNT,
        numbers(Discount="0"),
        id="M1 not for generated lists: the next mode",
    ),
    pytest.param(
        UNCHANGED | {"price_list_code": None}, BY_LIST, numbers(NetPrice="10"), id="M1 not without any price list"
    ),
]


@pytest.mark.parametrize(("line_values", "settings", "expected"), MODES)
@pytest.mark.parametrize("kind", ["order", "invoice"])
def test_the_first_price_mode_that_holds_is_sent(
    kind: str, line_values: dict[str, Any], settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert sent(line_values, kind, **settings) == expected


def test_quotation_lines_have_no_price_list_and_take_the_next_mode() -> None:
    assert sent(UNCHANGED, "quotation", **BY_LIST) == numbers(NetPrice="10")
    assert sent(UNCHANGED, "quotation", **BY_LIST, **UNIT) == numbers(UnitPrice="10", Discount="0")
    assert codes_of(order("quotation"), **BY_LIST) == ["CONFIG_IGNORED_SETTING"]


def test_return_lines_carry_no_prices() -> None:
    assert sent({"discount_percentage": "10"}, "return", **UNIT) == {}


LISTS: list[Any] = [
    pytest.param("DEALER", "EXPORT", "EXPORT", guid(901), id="the line's first"),
    pytest.param(None, "EXPORT", "DEALER", guid(902), id="then the order's"),
    pytest.param(None, None, "dealer", guid(901), id="then the customer's"),
]


@pytest.mark.parametrize(("own", "orders", "customers", "expected"), LISTS)
def test_the_nearest_price_list_counts(own: str | None, orders: str | None, customers: str, expected: str) -> None:
    posted = order(lines=[line(**UNCHANGED | {"price_list_code": own})], price_list_code=orders)
    (found,) = lines_of(posted, references(customer={"price_list_code": customers}), **BY_LIST)

    assert found["Pricelist"] == expected


def test_a_price_list_that_does_not_exist_is_refused_where_it_is_named() -> None:
    missing = UNCHANGED | {"price_list_code": "NONE"}

    assert places_of(order(lines=[line(), line(**missing)]), **BY_LIST) == [
        ("/lines/1/price_list_code", "ORDER_REFERENCE_NOT_FOUND")
    ]
    assert places_of(order(price_list_code="NONE"), **BY_LIST) == [("/price_list_code", "ORDER_REFERENCE_NOT_FOUND")]
    assert sent(
        UNCHANGED | {"price_list_code": None}, known=references(customer={"price_list_code": "NONE"}), **BY_LIST
    )


def test_the_unit_price_mode_needs_a_unit_price() -> None:
    posted = order(lines=[line(), line(unit_price=None, net_price="9")])

    assert places_of(posted, **UNIT) == [("/lines/1/unit_price", "ORDER_VALIDATION")]
    assert sent({"unit_price": None, "net_price": "9"}, **UNIT, **ORIGINAL) == numbers(NetPrice="9")


def test_a_net_price_that_contradicts_what_is_sent_is_refused() -> None:
    contradicting = order(lines=[line(discount_percentage="10", net_price="8")])

    assert places_of(contradicting, **UNIT) == [("/lines/0/net_price", "ORDER_VALIDATION")]
    assert sent({"discount_percentage": "10", "net_price": "9.005"}, **UNIT) == numbers(UnitPrice="10", Discount="0.1")


OVERRIDES: list[Any] = [
    pytest.param({"original_price": "12"}, ["PRICE_OVERRIDE_NOT_SENT"], id="the rep changed the price"),
    pytest.param(
        {"net_price": "9", "discount_percentage": "5"}, ["PRICE_OVERRIDE_NOT_SENT"], id="a net price of its own"
    ),
    pytest.param({"net_price": "11"}, ["PRICE_OVERRIDE_NOT_SENT"], id="a surcharge"),
    pytest.param({"original_price": "10"}, [], id="unchanged"),
    pytest.param({"net_price": "9", "discount_percentage": "10"}, [], id="the net price says the same"),
    pytest.param({}, [], id="no original"),
]


@pytest.mark.parametrize(("line_values", "expected"), OVERRIDES)
def test_a_price_that_is_not_sent_is_told(line_values: dict[str, Any], expected: list[str]) -> None:
    assert codes_of(order(lines=[line(**line_values)]), **DISCOUNT) == expected


INCLUDED, EXCLUDED = item(vat_included=True), item(vat_included=False)
INCL: dict[str, Any] = {"NetPriceIncludingVat": True}
LIABILITY: dict[str, Any] = {"NetPriceBasedOnVatLiability": True}
VAT: list[Any] = [
    pytest.param({}, True, "10", "12.1", id="FF liable"),
    pytest.param({}, False, "10", "12.1", id="FF not liable"),
    pytest.param(INCL, True, "12.1", "12.1", id="TF liable"),
    pytest.param(INCL, False, "12.1", "12.1", id="TF not liable"),
    pytest.param(LIABILITY, True, "10", "12.1", id="FT liable"),
    pytest.param(LIABILITY, False, "10", "10", id="FT not liable"),
    pytest.param(INCL | LIABILITY, True, "12.1", "12.1", id="TT liable"),
    pytest.param(INCL | LIABILITY, False, "10", "10", id="TT not liable"),
]


@pytest.mark.parametrize(("settings", "liable", "of_excluded", "of_included"), VAT)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_vat_in_prices_follows_the_matrix(
    kind: str, settings: dict[str, Any], liable: bool, of_excluded: str, of_included: str
) -> None:
    items = {"A": EXCLUDED, "B": replace(INCLUDED, code="B", item_id=guid(2))}
    known = references(items=items, customer={"vat_liable": liable})
    posted = order(kind, lines=[line(), line(item_code="B", unit_price="12.10")])
    first, second = lines_of(posted, known, **settings)

    assert (first["NetPrice"], second["NetPrice"]) == (Decimal(of_excluded), Decimal(of_included))


def test_vat_applies_to_unit_prices_too_and_never_to_discounts() -> None:
    found = sent({"original_price": "12", "discount_percentage": "10"}, **ORIGINAL, **INCL)

    assert found == numbers(UnitPrice="14.52", NetPrice="10.89")
    assert sent({"discount_percentage": "10"}, **UNIT, **INCL) == numbers(UnitPrice="12.1", Discount="0.1")


def test_an_unknown_vat_code_leaves_the_price_and_is_told() -> None:
    unknown = references(items={"A": item(vat_percentage=None)})

    assert sent({}, known=unknown, **INCL) == numbers(NetPrice="10")
    assert codes_of(order(), unknown, **INCL) == ["VAT_CODE_UNKNOWN"]
    assert codes_of(order(), unknown, **LIABILITY) == ["VAT_CODE_UNKNOWN"]
    assert codes_of(order(), unknown) == []
    assert codes_of(order(), unknown, **INCL, **DISCOUNT) == []


def test_a_rate_of_zero_changes_nothing() -> None:
    assert vat_factor(item(vat_percentage=Decimal(0)), settings_of(**INCL), liable=True) == (Decimal(1), Decimal(1))


ROUNDED: list[Any] = [
    pytest.param({"unit_price": "10.005"}, CENTS, numbers(NetPrice="10.01"), id="half a cent goes up"),
    pytest.param({"unit_price": "-10.005"}, CENTS, numbers(NetPrice="-10.01"), id="half a cent goes away from zero"),
    pytest.param(
        {"unit_price": "3.333", "discount_percentage": "10"}, CENTS, numbers(NetPrice="3.00"), id="after the discount"
    ),
    pytest.param({"unit_price": "10.0000005"}, {}, numbers(NetPrice="10.000001"), id="six decimals else"),
    pytest.param({"unit_price": "1"}, CENTS | INCL, numbers(NetPrice="1.21"), id="after VAT"),
    pytest.param(
        {"unit_price": "3.333", "discount_percentage": "12.345"},
        CENTS | UNIT,
        numbers(UnitPrice="3.33", Discount="0.12345"),
        id="discounts are not rounded",
    ),
]


@pytest.mark.parametrize(("line_values", "settings", "expected"), ROUNDED)
def test_prices_are_rounded_as_the_last_step(
    line_values: dict[str, Any], settings: dict[str, Any], expected: dict[str, Decimal]
) -> None:
    assert sent(line_values, **settings) == expected


TIERS: list[Any] = [
    pytest.param({"price_source": "tier"}, SKIP, "9", id="a tier takes no discount"),
    pytest.param({"price_source": "tier"}, {}, "8.1", id="unless the setting is off"),
    pytest.param({"price_source": "price_list"}, SKIP, "8.1", id="other prices keep their discount"),
    pytest.param({"price_source": "tier", "net_price": "8"}, SKIP, "9", id="the client's net price is discarded"),
    pytest.param(
        {"price_source": "tier", "unit_price": None, "net_price": "8"}, SKIP, "8", id="a net price alone stays"
    ),
]


@pytest.mark.parametrize(("line_values", "settings", "net"), TIERS)
def test_the_tier_rule(line_values: dict[str, Any], settings: dict[str, Any], net: str) -> None:
    found = sent({"unit_price": "9", "discount_percentage": "10", **line_values}, **settings)

    assert found == numbers(NetPrice=net)


def test_the_tier_rule_goes_before_the_price_mode_and_spares_the_header_discount() -> None:
    tier = line(unit_price="9", discount_percentage="10", price_source="tier")
    posted = order(lines=[tier], discount_percentage="5")

    assert sent(tier, **SKIP, **UNIT) == numbers(UnitPrice="9", Discount="0")
    assert sent(tier, **SKIP, **DISCOUNT) == numbers(Discount="0")
    assert lines_of(posted, **SKIP)[0]["NetPrice"] == 9


TIERED = item(
    tiers={
        "DEALER": (Tier(Decimal(24), Decimal(9)), Tier(Decimal(48), Decimal(8))),
        "": (Tier(Decimal(100), Decimal(7)),),
        AGREEMENT: (Tier(Decimal(10), Decimal("6.5")),),
    }
)
GUESSED: list[Any] = [
    pytest.param("24", "9", "DEALER", True, id="the tier that was reached"),
    pytest.param("23", "9", "DEALER", False, id="a tier that was not reached"),
    pytest.param("48", "9", "DEALER", False, id="a lower tier than the one reached"),
    pytest.param("48", "8", "dealer", True, id="codes without regard to capitals"),
    pytest.param("24", "9", None, False, id="another list's tier"),
    pytest.param("100", "7", None, True, id="a standard tier"),
    pytest.param("10", "6.5", "DEALER", True, id="the customer's agreement"),
    pytest.param("-24", "9", "DEALER", True, id="a trade-in"),
    pytest.param("24", "9.5", "DEALER", False, id="another price"),
]


@pytest.mark.parametrize(("quantity", "unit_price", "list_code", "expected"), GUESSED)
def test_without_a_source_the_delivered_tiers_tell(
    quantity: str, unit_price: str, list_code: str | None, expected: bool
) -> None:
    (posted,) = order(lines=[line(quantity=quantity, unit_price=unit_price)]).lines

    assert is_tier(posted, TIERED, list_code) is expected


def test_a_source_that_the_client_gives_is_believed() -> None:
    manual, tier = order(
        lines=[line(quantity="24", unit_price="9", price_source="manual"), line(unit_price="1", price_source="tier")]
    ).lines

    assert not is_tier(manual, TIERED, "DEALER")
    assert is_tier(tier, TIERED, "DEALER")


def test_the_net_price_follows_from_unit_price_and_discount() -> None:
    (posted,) = order(lines=[line(unit_price="3.333", discount_percentage="10")]).lines

    assert line_amounts(posted).net == Decimal("2.9997")
