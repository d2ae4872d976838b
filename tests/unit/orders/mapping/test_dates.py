"""Dates of header and lines, and the dates that live stock gives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from exact_connector.catalog.stock import Receipt, StockLevels
from exact_connector.orders.mapping.dates import instruction_date
from exact_connector.orders.mapping.stock_dates import falls_short, stock_demand
from exact_connector.orders.model.references import StockPosition
from unit.orders.mapping.order_cases import ITEMS, codes_of, guid, header_of, item, line, lines_of, order, references

CREATED = "2025-06-10T08:00:00+02:00"
WISH: dict[str, Any] = {"UseDateAsDeliveryDate": True}
GUARD: dict[str, Any] = {"OnlySetDeliveryDateForUnchangedOrderDate": True}

HEADERS: list[Any] = [
    pytest.param({}, {}, "2025-06-10", None, id="no date at all"),
    pytest.param({"order_date": "2025-06-20"}, {}, "2025-06-20", None, id="an order date"),
    pytest.param({"order_date": "2025-06-20"}, WISH, "2025-06-10", "2025-06-20", id="the order date is the wish"),
    pytest.param({}, WISH, "2025-06-10", "2025-06-10", id="no date is a wish for today"),
    pytest.param(
        {"order_date": "2025-06-20", "delivery_date": "2025-06-25"},
        WISH,
        "2025-06-10",
        "2025-06-25",
        id="an explicit delivery date wins over the wish",
    ),
    pytest.param(
        {"order_date": "2025-06-20", "delivery_date": "2025-06-25"},
        {},
        "2025-06-20",
        "2025-06-25",
        id="an explicit delivery date is always sent",
    ),
    pytest.param(
        {"order_date": "2025-06-20", "created_at": CREATED},
        WISH | GUARD,
        "2025-06-20",
        None,
        id="guarded: a changed date is no wish",
    ),
    pytest.param(
        {"order_date": "2025-06-20", "created_at": CREATED, "delivery_date": "2025-06-25"},
        WISH | GUARD,
        "2025-06-20",
        "2025-06-25",
        id="guarded: explicit dates are still sent",
    ),
    pytest.param(
        {"order_date": "2025-06-10", "created_at": CREATED},
        WISH | GUARD,
        "2025-06-10",
        "2025-06-10",
        id="guarded: an unchanged date is a wish",
    ),
    pytest.param(
        {"order_date": "2025-06-20"},
        WISH | GUARD,
        "2025-06-10",
        "2025-06-20",
        id="guarded: without a moment of creation nothing changed",
    ),
    pytest.param(
        {"order_date": "2025-06-11", "created_at": "2025-06-10T22:30:00Z"},
        WISH | GUARD,
        "2025-06-10",
        "2025-06-11",
        id="guarded: after midnight in Amsterdam it is the next day",
    ),
    pytest.param(
        {"created_at": "2025-06-01T08:00:00Z"},
        WISH | GUARD,
        "2025-06-10",
        "2025-06-10",
        id="guarded: a date that nobody chose did not change",
    ),
]


@pytest.mark.parametrize(("posted", "settings", "ordered", "delivery"), HEADERS)
def test_header_dates(posted: dict[str, Any], settings: dict[str, Any], ordered: str, delivery: str | None) -> None:
    header = header_of(order(**posted), **settings)

    assert (header["OrderDate"], header.get("DeliveryDate")) == (ordered, delivery)


def test_a_quotation_has_its_own_name_for_its_date() -> None:
    header = header_of(order("quotation", order_date="2025-06-20"), **WISH)

    assert (header["QuotationDate"], header["DeliveryDate"]) == ("2025-06-10", "2025-06-20")


def test_an_invoice_has_an_order_date_alone() -> None:
    header = header_of(order("invoice", order_date="2025-06-20", delivery_date="2025-06-25"), **WISH)

    assert header["OrderDate"] == "2025-06-10"
    assert "DeliveryDate" not in header


def test_a_return_comes_back_on_its_order_date_whatever_the_settings() -> None:
    assert header_of(order("return", order_date="2025-06-20"), **WISH)["ReturnDate"] == "2025-06-20"
    assert header_of(order("return"), **WISH)["ReturnDate"] == "2025-06-10"


INSTRUCTIONS: list[Any] = [
    pytest.param("2025-06-20", date(2025, 6, 20), id="ISO"),
    pytest.param("20-06-2025", date(2025, 6, 20), id="Dutch with hyphens"),
    pytest.param("20/06/2025", date(2025, 6, 20), id="Dutch with slashes"),
    pytest.param("  20-06-2025 ", date(2025, 6, 20), id="blanks around"),
    pytest.param("31-02-2025", None, id="a day that does not exist"),
    pytest.param("20-06/2025", None, id="mixed marks"),
    pytest.param("20-6-2025", None, id="one digit"),
    pytest.param("before 20-06-2025", None, id="more than a date"),
    pytest.param("20.06.2025", None, id="points"),
    pytest.param("٢٠-٠٦-٢٠٢٥", None, id="other digits"),
    pytest.param("", None, id="empty"),
    pytest.param(None, None, id="none"),
]


@pytest.mark.parametrize(("instruction", "expected"), INSTRUCTIONS)
def test_an_instruction_is_a_date_only_when_it_is_nothing_else(instruction: str | None, expected: date | None) -> None:
    assert instruction_date(instruction) == expected


LINE_DATES: list[Any] = [
    pytest.param({"instruction": "20-06-2025"}, {}, "2025-06-20", None, id="a date instruction is the date"),
    pytest.param(
        {"instruction": "20-06-2025"},
        {"DisableInstructionAsOrderLineDeliveryDate": True},
        None,
        "20-06-2025",
        id="switched off it is a note",
    ),
    pytest.param({"instruction": "gift wrap"}, {}, None, "gift wrap", id="text is a note"),
    pytest.param({"instruction": "31-02-2025"}, {}, None, "31-02-2025", id="an impossible date is a note"),
    pytest.param(
        {"instruction": "20-06-2025", "delivery_date": "2025-06-18"},
        {},
        "2025-06-18",
        "20-06-2025",
        id="the line's own date wins and the instruction stays a note",
    ),
    pytest.param(
        {"instruction": "20-06-2025", "package_size": "6"},
        {"StorePackageSizeInInstructionLine": True},
        "2025-06-20",
        "Package size: 6",
        id="a consumed instruction leaves the package line",
    ),
    pytest.param({}, {}, None, None, id="nothing"),
]


@pytest.mark.parametrize(("posted", "settings", "day", "notes"), LINE_DATES)
def test_date_and_notes_of_an_order_line(
    posted: dict[str, Any], settings: dict[str, Any], day: str | None, notes: str | None
) -> None:
    (found,) = lines_of(order(lines=[line(**posted)]), **settings)

    assert (found.get("DeliveryDate"), found.get("Notes")) == (day, notes)


@pytest.mark.parametrize("kind", ["quotation", "invoice"])
def test_documents_without_line_dates_keep_a_date_instruction_as_note(kind: str) -> None:
    posted = order(kind, lines=[line(instruction="20-06-2025", delivery_date="2025-06-18")])
    (found,) = lines_of(posted)

    assert "DeliveryDate" not in found
    assert found["Notes"] == "20-06-2025"
    assert codes_of(posted) == ["LINE_DATE_NOT_SENT"]


def position(shelf: int, out: int = 0, *receipts: tuple[date, int]) -> StockPosition:
    levels = StockLevels(Decimal(shelf), Decimal(out), Decimal(0))
    return StockPosition(levels, tuple(Receipt(on, Decimal(quantity)) for on, quantity in receipts))


JULY = date(2025, 7, 1)
STOCK: dict[str, Any] = {"CheckStockAndSetDeliveryDateOnOrderLine": True}


def stock_days(
    quantities: list[str], stock: StockPosition, settings: dict[str, Any] | None = None, **posted: Any
) -> Any:
    lines = [line(quantity=quantity) for quantity in quantities]
    found = lines_of(order(lines=lines, **posted), references(stock={guid(1): stock}), **STOCK, **(settings or {}))
    return [one.get("DeliveryDate") for one in found]


def test_lines_consume_stock_in_posting_order_and_wait_for_receipts() -> None:
    assert stock_days(["5", "3"], position(10, 4, (JULY, 20))) == ["2025-06-10", "2025-07-01"]


STOCKED: list[Any] = [
    pytest.param(position(10, 4), ["6"], {}, ["2025-06-10"], id="just enough"),
    pytest.param(position(0, 0, (JULY, 4), (date(2025, 8, 1), 6)), ["10"], {}, ["2025-08-01"], id="receipts add up"),
    pytest.param(position(0, 0, (JULY, 4)), ["5"], {}, [None], id="never enough"),
    pytest.param(
        position(0, 0, (JULY, 4)),
        ["4"],
        {"delivery_date": "2025-07-15"},
        ["2025-07-15"],
        id="never before the requested date",
    ),
    pytest.param(position(9), ["4"], {"order_date": "2025-06-20"}, ["2025-06-20"], id="requested is the order date"),
    pytest.param(position(-3, 0, (JULY, 4)), ["1"], {}, ["2025-07-01"], id="an oversold shelf"),
    pytest.param(position(1), ["-1", "1"], {}, [None, "2025-06-10"], id="a trade-in asks for nothing"),
]


@pytest.mark.parametrize(("stock", "quantities", "posted", "days"), STOCKED)
def test_delivery_dates_from_stock(
    stock: StockPosition, quantities: list[str], posted: dict[str, Any], days: list[str | None]
) -> None:
    assert stock_days(quantities, stock, **posted) == days


def test_a_line_that_nothing_covers_is_told() -> None:
    assert codes_of(order(), references(stock={guid(1): position(0)}), **STOCK) == ["NO_EXPECTED_STOCK"]
    assert codes_of(order(), references(stock={guid(1): position(1)}), **STOCK) == []


def test_an_explicit_date_stands_but_still_consumes_stock() -> None:
    lines = [line(quantity="5", delivery_date="2025-06-30"), line(quantity="3")]
    found = lines_of(order(lines=lines), references(stock={guid(1): position(6, 0, (JULY, 9))}), **STOCK)

    assert [one["DeliveryDate"] for one in found] == ["2025-06-30", "2025-07-01"]


def test_items_without_stock_are_passed_over() -> None:
    service = references(items={"A": item(is_stock_item=False)}, stock={})

    assert "DeliveryDate" not in lines_of(order(), service, **STOCK)[0]
    assert codes_of(order(), service, **STOCK) == []


def test_a_guarded_order_gets_no_dates_from_stock() -> None:
    posted: dict[str, Any] = {"order_date": "2025-06-20", "created_at": CREATED}

    assert stock_days(["1"], position(5), GUARD, **posted) == [None]
    assert stock_days(["1"], position(5), **posted) == ["2025-06-20"]


def test_sorting_comes_before_the_stock_check() -> None:
    lines = [line(item_code="10", quantity="3"), line(item_code="9", quantity="3")]
    same = references(items={"9": item("9", 1), "10": item("10", 1)}, stock={guid(1): position(3, 0, (JULY, 9))})
    found = lines_of(order(lines=lines), same, **STOCK, SortOrderLinesByItemCodeNumeric=True)

    assert [one["Description"] for one in found] == ["Item 9", "Item 10"]
    assert [one["DeliveryDate"] for one in found] == ["2025-06-10", "2025-07-01"]


@pytest.mark.parametrize("kind", ["quotation", "invoice"])
def test_only_orders_look_at_stock(kind: str) -> None:
    assert "DeliveryDate" not in lines_of(order(kind), references(stock=None), **STOCK)[0]


def test_receipts_are_read_only_for_items_that_fall_short() -> None:
    lines = [line(quantity="2"), line(quantity="2"), line(item_code="B", quantity="1"), line(quantity="-9")]
    demand = stock_demand(order(lines=lines), ITEMS)

    assert demand == {guid(1): Decimal(4), guid(2): Decimal(1)}
    assert falls_short(demand, {guid(1): position(3), guid(2): position(1)}) == {guid(1)}
    assert falls_short(demand, {guid(1): position(4)}) == {guid(2)}


def test_live_stock_counts_in_the_warehouses_of_the_order() -> None:
    rows = [
        {"WarehouseCode": "1", "CurrentStock": 10, "PlannedStockOut": 4, "PlannedStockIn": 0},
        {"WarehouseCode": "2 ", "CurrentStock": 5, "PlannedStockOut": 0, "PlannedStockIn": 0},
    ]
    plans = [
        {"WarehouseCode": "1", "PlanningType": 140, "PlannedQuantity": 20, "PlannedDate": "2025-07-01T00:00:00"},
        {"WarehouseCode": "2", "PlanningType": 140, "PlannedQuantity": 9, "PlannedDate": "2025-07-01T00:00:00"},
        {"WarehouseCode": "1", "PlanningType": 120, "PlannedQuantity": 9, "PlannedDate": "2025-07-01T00:00:00"},
        {"WarehouseCode": "1", "PlanningType": 140, "PlannedQuantity": 9, "PlannedDate": "2025-06-09T00:00:00"},
    ]
    one = StockPosition.of_rows(rows, plans, ("1",), date(2025, 6, 10))
    everywhere = StockPosition.of_rows(rows, plans, (), date(2025, 6, 10))

    assert one == StockPosition(StockLevels(Decimal(10), Decimal(4), Decimal(0)), (Receipt(JULY, Decimal(20)),))
    assert everywhere == StockPosition(StockLevels(Decimal(15), Decimal(4), Decimal(0)), (Receipt(JULY, Decimal(29)),))
