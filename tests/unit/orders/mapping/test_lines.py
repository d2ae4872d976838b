"""Lines: items, texts, package size, sorting, cost codes and revenue accounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from unit.orders.mapping.order_cases import (
    codes_of,
    faults_of,
    guid,
    item,
    line,
    lines_of,
    order,
    places_of,
    references,
)

SALES_KINDS = ["order", "quotation", "invoice"]


def test_a_line_of_default_settings_has_item_quantity_description_and_net_price() -> None:
    assert lines_of(order(lines=[line(quantity="2.5")])) == [
        {"Item": guid(1), "Quantity": Decimal("2.5"), "Description": "Item A", "NetPrice": Decimal(10)}
    ]


def test_every_item_that_does_not_exist_is_refused_where_it_stands() -> None:
    posted = order(lines=[line(item_code="NONE"), line(), line(item_code="NADA")])

    assert places_of(posted) == [
        ("/lines/0/item_code", "ORDER_REFERENCE_NOT_FOUND"),
        ("/lines/2/item_code", "ORDER_REFERENCE_NOT_FOUND"),
    ]
    assert "'NONE'" in faults_of(posted)[0].message


def test_item_codes_are_found_whatever_their_capitals() -> None:
    assert lines_of(order(lines=[line(item_code=" a ")]))[0]["Item"] == guid(1)


DESCRIPTIONS: list[Any] = [
    pytest.param({"description": "Chair red"}, True, "Item A", "Chair red", id="the line's text"),
    pytest.param({}, True, "Item A", "Item A", id="else the item's"),
    pytest.param({"description": "Chair red"}, False, "Item A", None, id="switched off"),
    pytest.param({}, True, None, None, id="no text known"),
]


@pytest.mark.parametrize(("posted", "on", "known", "expected"), DESCRIPTIONS)
@pytest.mark.parametrize("kind", SALES_KINDS)
def test_line_descriptions(
    kind: str, posted: dict[str, Any], on: bool, known: str | None, expected: str | None
) -> None:
    items = references(items={"A": item(description=known)})
    (found,) = lines_of(order(kind, lines=[line(**posted)]), items, SetItemDescriptionWhenSendingOrder=on)

    assert found.get("Description") == expected


PACKAGES: list[Any] = [
    pytest.param(
        {"instruction": "gift wrap", "package_size": "6"}, None, "gift wrap\nPackage size: 6", id="after the text"
    ),
    pytest.param({}, "12.50", "Package size: 12.5", id="the item's, without trailing zeros"),
    pytest.param({"package_size": "6"}, "12", "Package size: 6", id="the line's first"),
    pytest.param({"package_size": "1"}, "12", None, id="one piece says nothing"),
    pytest.param({}, None, None, id="none known"),
    pytest.param({"package_size": "0"}, None, None, id="zero"),
    pytest.param({"instruction": "gift wrap"}, "1", "gift wrap", id="the text alone"),
]


@pytest.mark.parametrize(("posted", "of_item", "expected"), PACKAGES)
@pytest.mark.parametrize("kind", SALES_KINDS)
def test_package_size_in_the_notes(
    kind: str, posted: dict[str, Any], of_item: str | None, expected: str | None
) -> None:
    known = references(items={"A": item(package_size=None if of_item is None else Decimal(of_item))})
    (found,) = lines_of(order(kind, lines=[line(**posted)]), known, StorePackageSizeInInstructionLine=True)

    assert found.get("Notes") == expected


def test_package_size_stays_out_of_the_notes_by_default() -> None:
    assert "Notes" not in lines_of(order(lines=[line(package_size="6")]))[0]


def coded(*codes: str) -> dict[str, Any]:
    lines = [line(item_code=code, description=f"{place}") for place, code in enumerate(codes)]
    known = references(items={code: item(code, 1) for code in codes})
    posted = order(lines=lines)
    return {
        "sent": [one["Description"] for one in lines_of(posted, known, SortOrderLinesByItemCodeNumeric=True)],
        "warnings": codes_of(posted, known, SortOrderLinesByItemCodeNumeric=True),
    }


SORTED: list[Any] = [
    pytest.param(("10", "9", "100"), ["1", "0", "2"], [], id="as numbers"),
    pytest.param(("10", "A1"), ["0", "1"], ["SORT_SKIPPED"], id="one code that is no number"),
    pytest.param(("9", "007", "7"), ["1", "2", "0"], [], id="equal numbers keep their sequence"),
    pytest.param(("10", "-9"), ["0", "1"], ["SORT_SKIPPED"], id="a sign is no digit"),
    pytest.param(("10", "²"), ["0", "1"], ["SORT_SKIPPED"], id="other digits"),
]


@pytest.mark.parametrize(("codes", "sequence", "warnings"), SORTED)
def test_lines_are_sorted_by_item_number(codes: tuple[str, ...], sequence: list[str], warnings: list[str]) -> None:
    assert coded(*codes) == {"sent": sequence, "warnings": warnings}


def test_lines_keep_their_sequence_by_default() -> None:
    found = lines_of(order(lines=[line(item_code="10"), line(item_code="9")]))

    assert [one["Description"] for one in found] == ["Item 10", "Item 9"]


def test_faults_of_sorted_lines_point_at_the_place_in_the_order() -> None:
    posted = order(lines=[line(item_code="10", unit_price=None), line(item_code="9")])

    assert places_of(posted, SortOrderLinesByItemCodeNumeric=True, SetUnitPrice=True) == [
        ("/lines/0/unit_price", "ORDER_VALIDATION")
    ]


CENTER: dict[str, Any] = {"CostCenterCodeForOrders": "SALES"}
UNIT: dict[str, Any] = {"CostUnitForOrders": "FAIR25"}
BY_REP: dict[str, Any] = {"CostCenterCodeForOrdersBySalesRep": True, "CostUnitForOrdersBySalesRep": True}
COSTS: list[Any] = [
    pytest.param({}, {}, (None, None), id="none"),
    pytest.param({}, CENTER, ("SALES", None), id="a fixed centre"),
    pytest.param({}, UNIT, (None, "FAIR25"), id="a fixed unit"),
    pytest.param(
        {"cost_center": "NORTH", "cost_unit": "U7"}, CENTER | UNIT, ("SALES", "FAIR25"), id="the rep's only when asked"
    ),
    pytest.param(
        {"cost_center": "north", "cost_unit": "u7"}, BY_REP | CENTER | UNIT, ("NORTH", "U7"), id="the rep's first"
    ),
    pytest.param({"cost_center": "NORTH"}, BY_REP | CENTER | UNIT, ("NORTH", "FAIR25"), id="independent of each other"),
    pytest.param({}, BY_REP | CENTER | UNIT, ("SALES", "FAIR25"), id="a rep without codes"),
    pytest.param({}, BY_REP, (None, None), id="nobody names one"),
]


@pytest.mark.parametrize(("rep", "settings", "expected"), COSTS)
@pytest.mark.parametrize("kind", SALES_KINDS)
def test_cost_codes_stand_on_every_line(
    kind: str, rep: dict[str, str], settings: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    found = lines_of(order(kind, lines=[line(), line(item_code="B")], sales_rep=rep), **settings)

    assert [(one.get("CostCenter"), one.get("CostUnit")) for one in found] == [expected, expected]


WRONG_COSTS: list[Any] = [
    pytest.param({}, {"CostCenterCodeForOrders": "NONE"}, "", id="a fixed centre that does not exist"),
    pytest.param({}, {"CostCenterCodeForOrders": "GONE"}, "", id="a fixed centre that ended"),
    pytest.param({}, {"CostUnitForOrders": "NONE"}, "", id="a fixed unit that does not exist"),
    pytest.param({}, {"CostUnitForOrders": "GONE"}, "", id="a fixed unit that ended"),
    pytest.param(
        {"cost_center": "NONE"}, BY_REP | CENTER, "/sales_rep/cost_center", id="the rep's centre: no fall-back"
    ),
    pytest.param({"cost_unit": "GONE"}, BY_REP | UNIT, "/sales_rep/cost_unit", id="the rep's unit: no fall-back"),
]


@pytest.mark.parametrize(("rep", "settings", "pointer"), WRONG_COSTS)
def test_a_wrong_cost_code_refuses_the_order(rep: dict[str, str], settings: dict[str, Any], pointer: str) -> None:
    assert places_of(order(sales_rep=rep), **settings) == [(pointer, "ORDER_REFERENCE_NOT_FOUND")]


def test_return_lines_have_no_cost_codes() -> None:
    posted = order("return", sales_rep={"cost_center": "NONE"})

    assert not {"CostCenter", "CostUnit"} & lines_of(posted, **CENTER, **UNIT, **BY_REP)[0].keys()
    assert codes_of(posted, **CENTER) == ["CONFIG_IGNORED_SETTING", "FIELD_NOT_SENT"]


def test_the_revenue_account_stands_on_invoice_lines_alone() -> None:
    lines = [line(), line(item_code="B")]
    found = {kind: lines_of(order(kind, lines=lines), GLAccountCodeForOrders="8010") for kind in SALES_KINDS}

    assert [one["GLAccount"] for one in found["invoice"]] == [guid(701), guid(701)]
    assert all("GLAccount" not in one for kind in ("order", "quotation") for one in found[kind])


@pytest.mark.parametrize("code", [pytest.param("9999", id="unknown"), pytest.param("8020", id="blocked")])
def test_a_wrong_revenue_account_refuses_the_invoice(code: str) -> None:
    assert places_of(order("invoice"), GLAccountCodeForOrders=code) == [("", "ORDER_REFERENCE_NOT_FOUND")]
    assert lines_of(order("order"), GLAccountCodeForOrders=code)
