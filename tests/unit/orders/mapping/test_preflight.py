"""Checks before Exact is called: each fault with its place, a stable code and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.errors import InvalidInput
from exact_connector.orders.mapping.preflight import Preflight, check_order
from exact_connector.orders.model.references import ResolvedReferences
from unit.orders.mapping.order_cases import (
    CUSTOMER,
    CUSTOMER_CARD,
    ITEMS,
    TODAY,
    item,
    line,
    order,
    references,
    settings_of,
)

STORED = ResolvedReferences(customer=CUSTOMER_CARD, items=ITEMS)


def check(posted: Any, known: ResolvedReferences = STORED, **settings: Any) -> Preflight:
    return check_order(posted, settings_of(**settings), known, TODAY)


def faults(posted: Any, known: ResolvedReferences = STORED, **settings: Any) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in check(posted, known, **settings).faults]


def with_item(**values: Any) -> ResolvedReferences:
    return replace(STORED, items={"A": item(**values)})


@pytest.mark.parametrize("kind", ["order", "quotation", "invoice", "return"])
def test_a_good_order_passes_with_the_catalogue_alone(kind: str) -> None:
    sales: dict[str, Any] = {} if kind == "return" else {"delivery_method_code": "X", "currency": "EUR"}
    posted = order(kind, warehouse_code="X", contact_person_id=CUSTOMER, **sales)

    assert check(posted, ContactPersonToBackoffice=True, WarehouseForOrder="X") == Preflight((), ())


def test_addresses_and_contacts_that_were_not_looked_up_are_left_to_the_mapping() -> None:
    place = {"street": "Kade 7", "city": "Utrecht"}
    posted = order(
        alternative_delivery_address=place,
        alternative_invoice_address=place,
        alternative_contact_person={"last_name": "Vos"},
    )

    assert check(posted, CreateInvoiceAddress=True, CreateAndLinkAlternativeContactPerson=True) == Preflight((), ())


def test_an_unknown_customer_hides_no_other_fault() -> None:
    unknown = replace(STORED, customer=None)

    assert faults(order(lines=[line(item_code="NONE"), line(quantity=0)], customer_code="7"), unknown) == [
        ("/customer_id", "ORDER_REFERENCE_NOT_FOUND"),
        ("/lines/0/item_code", "ORDER_REFERENCE_NOT_FOUND"),
        ("/lines/1/quantity", "QUANTITY_INVALID"),
    ]


def test_a_blocked_customer_is_told_how_to_go_on() -> None:
    blocked = replace(STORED, customer=replace(CUSTOMER_CARD, is_blocked=True))
    by_code = order(customer_id=None, customer_code="25")

    assert faults(order(), blocked) == [("/customer_id", "CUSTOMER_BLOCKED")]
    assert faults(by_code, blocked) == [("/customer_code", "CUSTOMER_BLOCKED")]
    assert faults(order("return"), blocked) == []


CODES: list[Any] = [
    pytest.param("25", "25", {}, [], id="the same"),
    pytest.param("26", "25", {}, [("/customer_code", "ORDER_VALIDATION")], id="another"),
    pytest.param("25", "P-25", {"AddPrefixForProspectsAndSuspects": True}, [], id="bare for a prospect"),
    pytest.param("p-25", "25", {"AddPrefixForProspectsAndSuspects": True}, [], id="prefixed for a customer by now"),
    pytest.param("P-25", "25", {}, [("/customer_code", "ORDER_VALIDATION")], id="no prefixes here"),
]


@pytest.mark.parametrize(("given", "known", "settings", "expected"), CODES)
def test_id_and_code_of_the_customer_have_to_agree(
    given: str, known: str, settings: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    stored = replace(STORED, customer=replace(CUSTOMER_CARD, code=known))

    assert faults(order(customer_code=given), stored, **settings) == expected


ITEM_FAULTS: list[Any] = [
    pytest.param({"end_date": date(2025, 6, 9)}, {}, [("/lines/0/item_code", "ITEM_NOT_ACTIVE")], id="ended yesterday"),
    pytest.param({"end_date": date(2025, 6, 10)}, {}, [], id="ends today"),
    pytest.param(
        {"start_date": date(2025, 6, 11)}, {}, [("/lines/0/item_code", "ITEM_NOT_ACTIVE")], id="from tomorrow"
    ),
    pytest.param({"start_date": date(2025, 6, 10)}, {}, [], id="from today"),
    pytest.param({"is_sales_item": False}, {}, [], id="not for sale, which Exact judges"),
    pytest.param({"is_sales_item": False}, {"IncludeNonSalesItems": True}, [], id="not for sale and delivered"),
    pytest.param({"end_date": date(2025, 6, 9), "is_delivered": False}, {}, [], id="left out by its dates"),
]


@pytest.mark.parametrize(("values", "settings", "expected"), ITEM_FAULTS)
@pytest.mark.parametrize("kind", ["order", "quotation", "invoice"])
def test_items_have_to_be_active_while_exact_judges_what_is_not_for_sale_or_not_delivered(
    kind: str, values: dict[str, Any], settings: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert faults(order(kind), with_item(**values), **settings) == expected


@pytest.mark.parametrize(
    ("values", "code"),
    [
        pytest.param({"is_sales_item": False}, "ITEM_NOT_SOLD", id="not for sale"),
        pytest.param({"end_date": date(2025, 6, 9), "is_delivered": False}, "ITEM_NOT_ACTIVE", id="left out"),
    ],
)
def test_what_exact_may_refuse_is_a_warning(values: dict[str, Any], code: str) -> None:
    (warning,) = check(order(), with_item(**values)).warnings

    assert warning.code == code
    assert warning.message.startswith("line 1: item A")


def test_what_was_delivered_may_come_back_whatever_became_of_the_item() -> None:
    assert faults(order("return"), with_item(end_date=date(2025, 6, 9), is_sales_item=False)) == []


QUANTITIES: list[Any] = [
    pytest.param("order", "0", False, True, id="zero on an order"),
    pytest.param("return", "0", False, True, id="zero on a return"),
    pytest.param("order", "-1", False, False, id="a trade-in"),
    pytest.param("invoice", "-1", False, False, id="a credit on an invoice"),
    pytest.param("quotation", "-1", False, True, id="negative on a quotation"),
    pytest.param("return", "-1", False, False, id="either sign on a return"),
    pytest.param("order", "1.5", False, True, id="half a piece"),
    pytest.param("order", "1.5", True, False, id="half a metre"),
    pytest.param("order", "1.5", None, False, id="not known whether fractions are sold"),
    pytest.param("order", "2.0", False, False, id="a whole number with decimals"),
]


@pytest.mark.parametrize(("kind", "quantity", "fractions", "refused"), QUANTITIES)
def test_quantities(kind: str, quantity: str, fractions: bool | None, refused: bool) -> None:
    found = faults(order(kind, lines=[line(quantity=quantity)]), with_item(fractions_allowed=fractions))

    assert found == ([("/lines/0/quantity", "QUANTITY_INVALID")] if refused else [])


def test_a_quantity_in_another_unit_than_the_items_is_refused() -> None:
    posted = order(lines=[line(unit_code="box"), line(unit_code="PC")])

    assert faults(posted) == [("/lines/0/unit_code", "UNIT_INVALID")]


PACKAGES: list[Any] = [
    pytest.param("12", "6", [], id="two packages"),
    pytest.param("-12", "6", [], id="two packages back"),
    pytest.param("13", "6", ["PACKAGE_SIZE"], id="a broken package"),
    pytest.param("2.5", "1", ["PACKAGE_SIZE"], id="part of one"),
    pytest.param("13", None, [], id="no package size"),
]


@pytest.mark.parametrize(
    ("quantity", "size", "offer"),
    [("13", "6", "12 or 18"), ("2", "6", "6 would"), ("-13", "6", "-18 or -12"), ("2.5", "1", "2 or 3")],
)
def test_a_broken_package_is_told_with_the_quantities_next_to_it(quantity: str, size: str, offer: str) -> None:
    posted = order(lines=[line(quantity=quantity)])
    (warning,) = check(posted, with_item(package_size=Decimal(size), fractions_allowed=True)).warnings

    assert f"is not a multiple of package size {size}; {offer}" in warning.message


@pytest.mark.parametrize(("quantity", "size", "expected"), PACKAGES)
def test_a_broken_package_is_a_warning(quantity: str, size: str | None, expected: list[str]) -> None:
    known = with_item(package_size=None if size is None else Decimal(size))
    found = check(order(lines=[line(quantity=quantity)]), known)

    assert ([warning.code for warning in found.warnings], found.faults) == (expected, ())


PRICED = [line(quantity="3", unit_price="3.333", discount_percentage="10"), line(quantity="-1", unit_price="1")]
TOTALS: list[Any] = [
    pytest.param("8.00", {}, False, id="rounded to cents"),
    pytest.param("7.9991", {}, False, id="exact"),
    pytest.param("8.02", {}, False, id="each line rounded"),
    pytest.param("8.05", {}, True, id="too much"),
    pytest.param("7.60", {"discount_percentage": "5"}, False, id="after the header discount"),
    pytest.param("8.00", {"discount_percentage": "5"}, True, id="before the header discount"),
    pytest.param(
        "3000", {"lines": [line(quantity="1000", unit_price="2.9997")]}, False, id="net prices in cents, many pieces"
    ),
    pytest.param("2999.70", {"lines": [line(quantity="1000", unit_price="2.9997")]}, False, id="many pieces, exact"),
    pytest.param("2999", {"lines": [line(quantity="1000", unit_price="2.9997")]}, True, id="many pieces, neither"),
    pytest.param("99", {"lines": [*PRICED, line(unit_price=None)]}, False, id="not judged without all prices"),
]


@pytest.mark.parametrize(("total", "posted", "refused"), TOTALS)
def test_the_clients_own_total_has_to_agree(total: str, posted: dict[str, Any], refused: bool) -> None:
    found = faults(order(**{"lines": PRICED, "total": total, **posted}))

    assert found == ([("/total", "ORDER_TOTAL_MISMATCH")] if refused else [])


def test_the_total_counts_tier_prices_without_their_discount_when_so_sent() -> None:
    tier = order(lines=[line(unit_price="9", discount_percentage="10", price_source="tier")], total="9")

    assert faults(tier, SkipDiscountForStafflItems=True) == []
    assert faults(tier) == [("/total", "ORDER_TOTAL_MISMATCH")]


def test_a_return_has_no_total_to_check() -> None:
    assert faults(order("return", total="99")) == []


def test_what_the_mapping_would_refuse_is_found_as_far_as_it_is_known() -> None:
    posted = order(
        your_reference="x" * 41, warehouse_code="X", delivery_method_code="X", lines=[line(item_code="NONE")]
    )
    with_codes = replace(STORED, warehouses=references().warehouses)

    assert faults(posted, with_codes) == [
        ("/lines/0/item_code", "ORDER_REFERENCE_NOT_FOUND"),
        ("/warehouse_code", "ORDER_REFERENCE_NOT_FOUND"),
        ("/your_reference", "ORDER_VALIDATION"),
    ]


def test_faults_are_raised_together_with_a_message_that_starts_with_the_first() -> None:
    found = check(order(your_reference="x" * 41, lines=[line(quantity="0")]))

    with pytest.raises(InvalidInput, match=r"the order cannot be sent: is zero; .* \(and 1 more\)") as raised:
        found.raise_faults()
    assert (raised.value.code, raised.value.faults) == ("ORDER_VALIDATION", found.faults)
    check(order()).raise_faults()


def test_one_kind_of_fault_gives_the_error_its_code() -> None:
    with pytest.raises(InvalidInput) as raised:
        check(order(lines=[line(item_code="X"), line(item_code="Y")])).raise_faults()

    assert raised.value.code == "ORDER_REFERENCE_NOT_FOUND"
