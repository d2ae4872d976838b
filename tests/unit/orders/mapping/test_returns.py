"""Returns: every line points at a delivery, newest first, and is credited or delivered again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exact_connector.orders.model.references import DeliveredLine
from unit.orders.mapping.order_cases import delivered, guid, line, lines_of, order, places_of, references


def test_a_return_line_has_item_quantities_credit_and_delivery() -> None:
    assert lines_of(order("return", lines=[line(quantity="2", instruction="broken")])) == [
        {
            "Item": guid(1),
            "PlannedReturnQuantity": Decimal(2),
            "ReceivedQuantity": Decimal(0),
            "CreateCredit": 0,
            "GoodDeliveryLineID": guid(1001),
            "Notes": "broken",
        }
    ]


def test_every_line_is_credited_when_so_set() -> None:
    posted = order("return", lines=[line(), line()])

    assert [one["CreateCredit"] for one in lines_of(posted, AlwaysCreateCreditNoteForReturnOrders=True)] == [1, 1]


def test_the_sign_of_the_quantity_does_not_count() -> None:
    assert lines_of(order("return", lines=[line(quantity="-2")]))[0]["PlannedReturnQuantity"] == 2


FOUND: list[Any] = [
    pytest.param([delivered(1, 5, 1), delivered(2, 5, 2)], "2", None, 2, id="the newest"),
    pytest.param([delivered(1, 5, 1), delivered(2, 1, 2)], "2", None, 1, id="the newest with enough"),
    pytest.param(
        [delivered(1, 5, 2, line_number=1), delivered(2, 5, 2, line_number=3)], "2", None, 2, id="the highest line"
    ),
    pytest.param([delivered(1, 5, 1), delivered(2, 5, 2, item_number=2)], "2", None, 1, id="of that item"),
    pytest.param([delivered(1, 5, 1), delivered(2, 5, 2, order_number="502")], "2", "501", 1, id="of the order named"),
    pytest.param([delivered(1, 5, 1)], "5", None, 1, id="exactly enough"),
    pytest.param([delivered(1, 5, 1)], "5.5", None, None, id="not enough"),
    pytest.param([delivered(1, 5, 1)], "2", "777", None, id="another order"),
    pytest.param([], "2", None, None, id="never delivered"),
]


@pytest.mark.parametrize(("known", "quantity", "number", "expected"), FOUND)
def test_which_delivery_a_return_points_at(
    known: list[DeliveredLine], quantity: str, number: str | None, expected: int | None
) -> None:
    posted = order("return", lines=[line(quantity=quantity)], original_order_number=number)
    deliveries = references(delivered_lines=known)

    if expected is None:
        assert places_of(posted, deliveries) == [("/lines/0", "RETURN_DELIVERY_NOT_FOUND")]
    else:
        assert lines_of(posted, deliveries)[0]["GoodDeliveryLineID"] == guid(expected)


def test_two_lines_share_a_delivery_while_it_covers_both() -> None:
    known = references(delivered_lines=[delivered(1, 9, 1), delivered(2, 5, 2)])
    posted = order("return", lines=[line(quantity="3"), line(quantity="2"), line(quantity="1")])

    assert [one["GoodDeliveryLineID"] for one in lines_of(posted, known)] == [guid(2), guid(2), guid(1)]


def test_each_line_without_a_delivery_is_refused_by_itself() -> None:
    posted = order("return", lines=[line(), line(item_code="B"), line(item_code="C")])

    assert places_of(posted) == [
        ("/lines/1", "RETURN_DELIVERY_NOT_FOUND"),
        ("/lines/2", "RETURN_DELIVERY_NOT_FOUND"),
    ]


def test_a_delivery_line_is_read_from_exacts_row() -> None:
    row = {"ID": guid(5).upper(), "Item": guid(1), "QuantityDelivered": 2.5, "LineNumber": 3, "SalesOrderNumber": 501}

    assert DeliveredLine.of_row(row, delivered_on=None) == DeliveredLine(
        guid(5), guid(1), Decimal("2.5"), None, 3, "501"
    )
